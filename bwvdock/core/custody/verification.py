"""What does the verification of a journal come to? Problems, remarks and what could not be read."""

from __future__ import annotations

from dataclasses import dataclass, field

from bwvdock.errors import BwvdockError


@dataclass(frozen=True, kw_only=True, slots=True)
class Problem:
    """A problem that verification found. `code` is from the closed list in docs/reference/journal.md."""

    code: str
    message: str
    entry: int | None = None
    clip: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Remark:
    """What a reader of the journal should know, and what shows no alteration by itself."""

    message: str
    entry: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Verification:
    """The result of recomputing the journal. `checkpoints` counts the signed checkpoints that it agrees with.

    `since` is the first entry that was read. `errors` say what could not be read, or is of another version of
    bwvdock: nothing is known of that.
    """

    entries: int
    root: str
    problems: tuple[Problem, ...] = field(default=())
    checkpoints: int = 0
    remarks: tuple[Remark, ...] = ()
    since: int = 0
    errors: tuple[BwvdockError, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether everything was read, and no problem was found."""
        return not self.problems and not self.errors
