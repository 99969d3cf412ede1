"""When is a clip that failed at a destination tried there again?

It depends on whose fault the failure is, which nobody says; so it is concluded from what else was seen:

- The store rejected the dock's credentials, or asks it to wait: the store's. The whole queue backs off.
- The store has more of the clip than before: the connection's. This clip backs off, the others do not.
- Nothing moved, and other clips got through meanwhile: the clip's. It backs off, and after eight such
  failures in a row it is parked: tried once an hour.
- Nothing moved for any clip: unknown. The queue backs off as if it were the store's, and others are tried
  before this clip: if they get through, it was the clip's.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from bwvdock.delivery.backoff import Backoff, asked_for
from bwvdock.errors import AccessDeniedError, BwvdockError, DestinationError, DurabilityError

_STRIKES = 8  # failures of one clip without progress, while others succeeded
_PARKED_S = 3600.0


class Blame(Enum):
    """Whose fault a failure is."""

    STORE = auto()
    CONNECTION = auto()
    CLIP = auto()
    UNKNOWN = auto()


def blame_for(error: BwvdockError, *, moved: bool, others_got_through: bool) -> Blame:
    """Return whose fault a failure is.

    Args:
        error: what the job raised; not permanent.
        moved: whether the store took some of the clip before.
        others_got_through: whether it took anything of other clips since this one was last tried.
    """
    if isinstance(error, AccessDeniedError) or asked_for(error) > 0:
        return Blame.STORE
    if moved:
        return Blame.CONNECTION
    return Blame.CLIP if others_got_through else Blame.UNKNOWN


def is_permanent(error: BwvdockError) -> bool:
    """Return whether trying the same clip at the same destination again is useless."""
    return isinstance(error, DestinationError | DurabilityError) and not error.retryable


@dataclass(kw_only=True, slots=True)
class Attempts:
    """The failures of one clip at one destination, since it last succeeded there.

    Attributes:
        backoff: how long it waits.
        held: the most bytes that the destination ever had of it.
        successes: the queue's count of successes at the last failure; None before the first.
        strikes: how many failures in a row were its own fault.
        behind: whether others are tried before it.
        parked: whether it is tried once an hour only.
        why: the error of the last strike.
    """

    backoff: Backoff
    held: int = 0
    successes: int | None = None
    strikes: int = 0
    behind: bool = False
    parked: bool = False
    why: str = ""

    def forgive(self) -> None:
        """Forget all failures: the clip makes progress."""
        self.strikes, self.behind, self.parked = 0, False, False
        self.backoff.clear()

    def strike(self, error: BwvdockError) -> bool:
        """Back off after a failure that is the clip's own; return whether that parks it just now."""
        was_parked = self.parked
        self.strikes += 1
        self.parked, self.why = self.strikes >= _STRIKES, error.message
        self.backoff.fail(error, at_least=_PARKED_S if self.parked else 0)
        return self.parked and not was_parked
