"""What does an order lead to, and what must be known to decide it?"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from bwvdock.core.clips.classes.veil import Veil
from bwvdock.core.clips.clip import Clip
from bwvdock.core.clips.holds.rows import HoldRow, RequestRow
from bwvdock.core.clips.names import UnknownName
from bwvdock.core.clips.roster import Assignment
from bwvdock.core.custody.records import CameraRow, DockingSheet, Enrolment, Part, RecordedClip
from bwvdock.core.events.event import Event
from bwvdock.core.facts import Fact
from bwvdock.core.plain_json import plain
from bwvdock.errors import UsageError
from bwvdock.operators.audit.disclosure import HandOverReader
from bwvdock.units import format_count

T = TypeVar("T")
LONGEST_NAME = 200
_MOST_MISTAKES = 1000  # that are named
LONGEST_REASON = 1000


class DecisionJournal(Protocol):
    """The part of the journal's writer that deciding needs."""

    def enrolment(self, serial: str) -> Enrolment:
        """Return what operators decided about a serial."""
        ...

    def clip(self, clip: str, /) -> Clip | None:
        """Return one clip."""
        ...


class DecisionReader(Protocol):
    """The part of the journal's reader that deciding needs."""

    def cameras(self) -> Iterable[CameraRow]:
        """Return every camera that was enrolled, revoked or docked here."""
        ...

    def resolve_clip(self, prefix: str, /) -> str:
        """Return the id of the one clip whose id begins so; UsageError if there is none, or several."""
        ...

    def assignments(self, camera: str, /) -> Sequence[Assignment]:
        """Return the assignments of a camera, in the order in which they were recorded."""
        ...

    def recorded_clips(self, camera: str, /, *, since: str) -> Iterable[RecordedClip]:
        """Return the acquired clips that a camera recorded at a time or later."""
        ...


class EventReader(Protocol):
    """The part of the journal's reader that deciding about events needs."""

    def event(self, event: str, /) -> Event | None:
        """Return what is known of an event from dispatch, None if nothing is."""
        ...


class ErasureReader(DecisionReader, EventReader, HandOverReader, Protocol):
    """The part of the journal's reader that deciding about erasures needs."""

    def values_of_clip(self, clip: str, /) -> Sequence[tuple[str, str]]:
        """Return (field, commitment) of the values that only a clip's entries have."""
        ...

    def values_saying(self, field: str, value: str, after: str, /) -> Part[tuple[str, str]]:
        """Return (field, commitment) of a camera, officer, case or "actor", and of each text with it."""
        ...

    def cameras_of(self, officer: str, /) -> Sequence[str]:
        """Return the cameras that were ever assigned to an officer."""
        ...

    def finished_clips(self, before: str, most: int, after: str, /) -> Part[str]:
        """Return clips acquired before a time whose values may be erased and are not yet."""
        ...

    def unfinished_clip(self, field: str, value: str, /) -> str:
        """Return one clip for which such a value is still needed; "" for none."""
        ...

    def open_dockings(self) -> Sequence[DockingSheet]:
        """Return the dockings that have not ended."""
        ...


class OrderReader(ErasureReader, Protocol):
    """The part of the journal's reader that deciding about all orders needs."""

    def hold(self, prefix: str, /) -> HoldRow:
        """Return the one hold whose id begins so; UsageError if there is none, or several."""
        ...

    def request(self, prefix: str, /) -> RequestRow:
        """Return the one request whose id begins so; UsageError if there is none, or several."""
        ...

    def holds(self) -> Sequence[HoldRow]:
        """Return every standing hold."""
        ...

    def requests(self) -> Sequence[RequestRow]:
        """Return every request."""
        ...

    def unknown_names(self, named: Mapping[str, str], /) -> Sequence[UnknownName]:
        """Return which of these names, by what each is that of (`Named`), the journal does not have."""
        ...

    @property
    def veil(self) -> Veil | None:
        """What is hidden from the person who orders; None: nothing is."""
        ...

    def hides_of_hold(self, hold: str, /) -> bool:
        """Return whether a hold keeps a clip that the person who orders may not see."""
        ...

    def has_bay(self, bay: str, /) -> bool:
        """Return whether a camera was ever docked in a bay of this name."""
        ...


class Checker(Protocol):
    """The part of the spool that deciding needs."""

    def check(self, clip: Clip) -> None:
        """Read the clip's parts back; DurabilityError if one is missing or altered."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Decision:
    """What to record (nothing if the order changes nothing), and the message for the operator.

    `sums` are the counts, by name, of an order over many rows. `after` is where the next part of such an
    order begins, "" if it is complete. `ids` are those of what it made, by what it is. `unknown` are the
    names in an order for a hold that nothing here has; None for any other order.
    """

    facts: tuple[Fact, ...]
    message: str
    sums: Mapping[str, int] = field(default_factory=dict)
    after: str = ""
    ids: Mapping[str, str] = field(default_factory=dict)
    unknown: Sequence[UnknownName] | None = None

    def answer(self) -> dict[str, Any]:
        """Return the answer to the operator, once the facts are recorded: it names each kind of fact once."""
        kinds = list(dict.fromkeys(fact.kind for fact in self.facts))
        more: dict[str, Any] = {"after": self.after} if self.after else {}
        more |= {} if self.unknown is None else {"unknown": plain(self.unknown)}
        return {"message": self.message, "recorded": kinds, **self.sums, **self.ids, **more}


def printable(text: str, what: str, *, longest: int = LONGEST_NAME, remedy: str = "") -> str:
    """Return a text in the form in which it is recorded, without surrounding blanks.

    Raises:
        UsageError: it is empty, too long, or contains unprintable characters.
    """
    bare = text.strip()
    if not bare or len(bare) > longest or not bare.isprintable():
        raise UsageError(
            f"The {what} is empty, longer than {longest} characters, or contains unprintable characters.",
            remedy=remedy,
        )
    return bare


def noted(mistakes: list[str], read: Callable[[], T], otherwise: T) -> T:
    """Return what is read of a row, or `otherwise` where it is wrong: why is then one of the mistakes."""
    try:
        return read()
    except UsageError as error:
        mistakes.append(error.message)
        return otherwise


def named_mistakes(mistakes: Sequence[str]) -> str:
    """Return the mistakes of a list as lines, the first of them where there are very many."""
    shown = list(mistakes[:_MOST_MISTAKES])
    if len(mistakes) > len(shown):
        shown.append(f"and {len(mistakes) - len(shown):,} more")
    return "\n".join(f"  {mistake}" for mistake in shown)


def require_no_mistakes(mistakes: Sequence[str]) -> None:
    """Refuse a list if one of its rows cannot be recorded.

    Raises:
        UsageError: there are mistakes; it names the first of them.
    """
    if mistakes:
        rows = len({mistake.partition(":")[0] for mistake in mistakes})
        raise UsageError(
            f"{format_count(rows, 'row')} cannot be recorded, so none was:\n{named_mistakes(mistakes)}",
            remedy="Correct the list, then import it again.",
        )
