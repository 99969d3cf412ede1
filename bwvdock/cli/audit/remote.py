"""How does a command ask the daemon what an audit asks of a journal (operators/audit/queries.py)?"""

from __future__ import annotations

from typing import Protocol, TypeVar

from bwvdock.config.time_zone import SystemZone
from bwvdock.edges.journal.read.audit.figures import Figure
from bwvdock.edges.journal.read.audit.handed import Disclosure
from bwvdock.edges.journal.read.audit.scope import Asked
from bwvdock.edges.journal.read.reports import Period
from bwvdock.operators.audit.queries import written_asked
from bwvdock.operators.queries import written

T = TypeVar("T")


class RemoteAudits(Protocol):
    """The part of the remote reader that asks it."""

    def _all(self, kind: type[T], what: str, **arguments: str) -> list[T]:
        """Ask the daemon; return its answer's values."""
        ...

    def figures(self, asked: Asked) -> list[Figure]:
        """Return how much was recorded, is kept, was disposed of and handed over."""
        return self._all(Figure, "figures", **_texts(asked))

    def disclosures(self, span: Period, *, clip: str = "") -> list[Disclosure]:
        """Return what was handed to whom within a span."""
        more = {"clip": clip} if clip else {}
        return self._all(Disclosure, "disclosures", **dict(written(span)), **more)


def _texts(asked: Asked) -> dict[str, str]:
    return dict(written_asked(asked, zone="" if isinstance(asked.zone, SystemZone) else str(asked.zone)))
