"""What does the journal say about the failed attempts of uploads? One sum at their end, or each hour.

An upload that succeeds at its first attempt has no sum. Attempts to have a copy proven, and to store a
custody document, are counted like those to upload.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterator
from dataclasses import dataclass, field

from bwvdock.core.clips.plan import Step
from bwvdock.core.facts import UploadAttempts
from bwvdock.core.moments import iso
from bwvdock.core.ports import Clock
from bwvdock.errors import (
    AccessDeniedError,
    BwvdockError,
    DestinationRefusedError,
    DestinationUnavailableError,
    DurabilityError,
    HaltedError,
    ObjectConflictError,
    UnexpectedError,
)

_HOUR_MS = 3_600_000
SUCCEEDED, FAILED, PENDING = "succeeded", "failed", "pending"
_KINDS: tuple[tuple[type[BwvdockError], str], ...] = (
    (HaltedError, "halted by the dock"),
    (AccessDeniedError, "credentials rejected"),
    (DestinationUnavailableError, "unavailable"),
    (DestinationRefusedError, "refused"),
    (ObjectConflictError, "other content under its name"),
    (DurabilityError, "not kept as sent"),
    (UnexpectedError, "unexpected error"),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Attempt:
    """One attempt that has ended; `error` says why it failed.

    `sent` bytes went to the destination, which held `before` of the clip when it began and `held` at its end.
    """

    step: Step
    begun_at: str
    sent: int = 0
    before: int = 0
    held: int = 0
    error: BwvdockError | None = None


@dataclass(kw_only=True, slots=True)
class _Sum:
    began_ms: int
    before: int
    held: int
    attempts: int = 0
    first_at: str = ""
    last_at: str = ""
    causes: Counter[str] = field(default_factory=Counter)
    last_reason: str = ""
    sent: int = 0

    def add(self, attempt: Attempt, *, at: str) -> None:
        self.attempts += 1
        self.first_at, self.last_at = self.first_at or attempt.begun_at, at
        self.sent += attempt.sent
        self.held = max(self.held, attempt.held)
        if attempt.error is not None:
            self.causes[f"{attempt.step} {_kind(attempt.error)}"] += 1
            self.last_reason = attempt.error.message

    def fact(self, clip: str, destination: str, *, outcome: str) -> UploadAttempts:
        return UploadAttempts(
            clip=clip,
            destination=destination,
            attempts=self.attempts,
            first_at=self.first_at,
            last_at=self.last_at,
            causes=tuple(f"{cause}: {count}" for cause, count in sorted(self.causes.items())),
            last_reason=self.last_reason,
            bytes_passed=self.sent,
            bytes_again=max(0, self.sent - max(0, self.held - self.before)),
            outcome=outcome,
        )


class AttemptSums:
    """The sums of one destination. Owned by the thread that owns the ledger."""

    def __init__(self, destination: str, clock: Clock) -> None:
        """Start without an attempt."""
        self._destination = destination
        self._clock = clock
        self._sums: dict[str, _Sum] = {}

    def add(self, clip: str, attempt: Attempt) -> None:
        """Count an attempt that failed or was halted."""
        now = self._clock.boottime_ms()
        known = self._sums.setdefault(clip, _Sum(began_ms=now, before=attempt.before, held=attempt.before))
        known.add(attempt, at=iso(self._clock.now()))

    def end(self, clip: str, attempt: Attempt) -> UploadAttempts | None:
        """Return the sum to record when an attempt ended its step for good; None if it was the first."""
        known = self._sums.pop(clip, None)
        if known is None:
            return None
        known.add(attempt, at=iso(self._clock.now()))
        outcome = SUCCEEDED if attempt.error is None else FAILED
        return known.fact(clip, self._destination, outcome=outcome)

    def due(self) -> Iterator[UploadAttempts]:
        """Return the sums to record because an hour has passed, and begin them anew."""
        now = self._clock.boottime_ms()
        for clip, known in list(self._sums.items()):
            if now - known.began_ms >= _HOUR_MS:
                yield from self._so_far(clip, known)
                self._sums[clip] = _Sum(began_ms=now, before=known.held, held=known.held)

    def all(self) -> Iterator[UploadAttempts]:
        """Return every sum, because the dock stops."""
        for clip, known in self._sums.items():
            yield from self._so_far(clip, known)
        self._sums.clear()

    def keep(self, clips: Container[str]) -> Iterator[UploadAttempts]:
        """Return the sums of clips that are not among these, and are not attempted any more."""
        for clip in [clip for clip in self._sums if clip not in clips]:
            yield from self._so_far(clip, self._sums.pop(clip))

    def _so_far(self, clip: str, known: _Sum) -> Iterator[UploadAttempts]:
        if known.attempts:
            yield known.fact(clip, self._destination, outcome=PENDING)


def _kind(error: BwvdockError) -> str:
    return next((name for kind, name in _KINDS if isinstance(error, kind)), type(error).__name__)
