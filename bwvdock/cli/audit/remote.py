"""How does a command ask the daemon what an audit asks of a journal (operators/audit/queries.py)?"""

from __future__ import annotations

from datetime import datetime
from typing import Protocol, TypeVar

from bwvdock.config.time_zone import SystemZone
from bwvdock.edges.journal.read.audit.coverage import Coverage
from bwvdock.edges.journal.read.audit.figures import Figure
from bwvdock.edges.journal.read.audit.handed import Disclosure
from bwvdock.edges.journal.read.audit.observations import Observations
from bwvdock.edges.journal.read.audit.sample import Candidate, Per, Seed
from bwvdock.edges.journal.read.audit.scope import Asked
from bwvdock.edges.journal.read.audit.timeliness import Timeliness
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

    def timeliness(self, asked: Asked) -> list[Timeliness]:
        """Return how long it takes until footage is docked, safe and proven."""
        return self._all(Timeliness, "timeliness", **_texts(asked))

    def coverage(self, asked: Asked) -> list[Coverage]:
        """Return for how much footage officer, case, event and a review are known."""
        return self._all(Coverage, "coverage", **_texts(asked))

    def seed(self, until: str) -> Seed:
        """Return the first checkpoint that was signed at a time or later."""
        return self._all(Seed, "seed", until=until)[0]

    def sample(
        self, asked: Asked, seed: Seed, *, per: Per, wanted: int, whole: bool = False
    ) -> list[Candidate]:
        """Return the clips that are drawn for a review."""
        more = {"per": per.value, "wanted": str(wanted), **({"whole": "yes"} if whole else {})}
        return self._all(Candidate, "sample", **_texts(asked), **_seeded(seed), **more)

    def came_later(self, asked: Asked, seed: Seed) -> int:
        """Return how many clips of a period came too late to be drawn."""
        return self._all(int, "came-later", **_texts(asked), **_seeded(seed))[0]

    def earlier_draws(self, since: str, until: str) -> list[int]:
        """Return the entries of draws from periods that overlap this one."""
        return self._all(int, "earlier-draws", since=since, until=until)

    def observations(self, asked: Asked, *, now: datetime) -> Observations:
        """Return what a self-assessment can be answered from."""
        return self._all(Observations, "observations", **_texts(asked), now=now.isoformat())[0]

    def disclosures(self, span: Period, *, clip: str = "") -> list[Disclosure]:
        """Return what was handed to whom within a span."""
        more = {"clip": clip} if clip else {}
        return self._all(Disclosure, "disclosures", **dict(written(span)), **more)


def _seeded(seed: Seed) -> dict[str, str]:
    return {"root": seed.root, "made_at": seed.made_at}


def _texts(asked: Asked) -> dict[str, str]:
    return dict(written_asked(asked, zone="" if isinstance(asked.zone, SystemZone) else str(asked.zone)))
