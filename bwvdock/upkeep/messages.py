"""What do the threads report that dispose of copies, read a doubtful one again, or look what there is?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bwvdock.core.custody.witnessing import Contradiction
from bwvdock.core.facts import ClipMatched, ClipQuarantined, VerifiedAgain
from bwvdock.edges.journal.events.pairing import Found
from bwvdock.edges.journal.read.due_footage import DueFootage
from bwvdock.edges.journal.read.reports import Absence
from bwvdock.errors import BwvdockError
from bwvdock.upkeep.health.messages import HealthRead


@dataclass(frozen=True, kw_only=True, slots=True)
class Proven:
    """The other copies of a clip are proven `again`; or `wrong` says which is not; `error`: not now."""

    clip: str
    place: str
    error: BwvdockError | None = None
    wrong: ClipQuarantined | None = None
    again: Sequence[VerifiedAgain] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Disposed:
    """A copy was disposed of, or not; then `error` says why. `aside_until`: it was moved aside until then."""

    clip: str
    place: str
    error: BwvdockError | None
    aside_until: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Restored:
    """A copy that was moved aside is back and was read, or not; then `error` says why."""

    clip: str
    place: str
    error: BwvdockError | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class CopyRead:
    """The spool's copy of a clip was read back, or not; then `error` says why.

    NotAsAcquiredError: the copy is bad. Any other error says nothing of it.
    """

    clip: str
    error: BwvdockError | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class AbsencesRead:
    """What has been missing for so many days, as the journal says; or `error` says why that is not known."""

    days: int
    absent: Sequence[Absence] = ()
    error: BwvdockError | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class SpoolCounted:
    """How many bytes the spool holds; None if `error` prevented counting them."""

    bytes: int | None = None
    error: BwvdockError | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class FitnessChecked:
    """The installation was checked, or not; then `error` says why.

    The others are the ids of the checks that found errors or warnings, and of those that could not look.
    """

    errors: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    unseen: tuple[str, ...] = ()
    error: BwvdockError | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class DueRead:
    """What falls due, as the journal says; or `error` says why that is not known."""

    found: DueFootage | None = None
    error: BwvdockError | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ClipsFound:
    """Which clips are to be compared with events was found out, or not; then `error` says why."""

    found: Found | None = None
    error: BwvdockError | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ClipsCompared:
    """Some clips were compared with events, or not; `facts` are the matches that are not recorded yet."""

    facts: tuple[ClipMatched, ...] = ()
    error: BwvdockError | None = None


OfMatching = ClipsFound | ClipsCompared
"""What a worker found that compares clips with events."""

OfSurvey = AbsencesRead | SpoolCounted | FitnessChecked | DueRead | HealthRead | ClipsFound | ClipsCompared
"""What a worker found that looked what there is."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CheckpointSigned:
    """A checkpoint was signed by a key (a C2SP verifier key), or not; then `error` says why.

    `proven_from` is the size that the signer had signed last, `key_before` the key with which the dock knew
    the checkpoints to be signed until then, "" for none.
    `contradiction` is what the signer shows against the journal, where that is why it does not sign.
    """

    size: int = 0
    root: bytes = b""
    note: str = ""
    key: str = ""
    key_before: str = ""
    proven_from: int = 0
    contradiction: Contradiction | None = None
    error: BwvdockError | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class NoteStored:
    """Checkpoints of up to `size` entries are at a destination, or not; then `error` says why.

    `confirmed` is the size of the largest there that enough witnesses have confirmed.
    """

    destination: str
    size: int = 0
    confirmed: int = 0
    error: BwvdockError | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class CheckpointStamped:
    """The checkpoint of a size was stamped with the time: `token` is the answer; or `error` says why not."""

    size: int = 0
    token: bytes = b""
    error: BwvdockError | None = None
