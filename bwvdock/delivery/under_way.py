"""What is known of a job of a destination's threads, and which jobs give way to a hurried clip?"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from bwvdock.core.clips.plan import Step
from bwvdock.delivery.rate_limit import Transfer

_HANGS_MS = 300_000  # longer than a disk takes to sync what was written
WORTH_BYTES = 64 * 1024 * 1024  # that an upload has still to send; less is sooner sent than begun again


@dataclass(kw_only=True, slots=True)
class UnderWay:
    """A submitted job.

    `successes` is the queue's count when it was submitted; `begun_at` when a thread took it, "" before that;
    `noted`: its progress was counted. `passed` is how many bytes had passed when it was last seen to move, at
    `moved_ms`.
    """

    transfer: Transfer
    successes: int
    step: Step
    begun_at: str = ""
    noted: bool = False
    passed: int = -1
    moved_ms: int = 0

    def hangs(self, now: int) -> bool:
        """Return whether not a byte has passed for minutes."""
        if self.transfer.passed != self.passed:
            self.passed, self.moved_ms = self.transfer.passed, now
        return now - self.moved_ms > _HANGS_MS

    @property
    def left(self) -> int:
        """Bytes of an upload that the destination does not hold yet."""
        return max(0, self.transfer.size - self.transfer.held) if self.step is Step.UPLOAD else 0


def make_way(under_way: Mapping[str, UnderWay], hurried: Collection[str], *, threads: int) -> None:
    """Have others give way to hurried clips that wait for a thread.

    What no thread has taken yet is not begun. Where no thread is free, the upload that has most to send stops
    between two pieces, unless that is little: what the destination holds of it is kept.
    """
    if not any(clip in hurried and not job.begun_at for clip, job in under_way.items()):
        return
    others = [job for clip, job in under_way.items() if clip not in hurried]
    for job in others:
        if not job.begun_at:
            job.transfer.gives_way.set()
    running = [job for job in under_way.values() if job.begun_at]
    if len(running) < threads or any(job.begun_at and job.transfer.gives_way.is_set() for job in others):
        return
    longest = max((job for job in others if job.begun_at), key=lambda job: job.left, default=None)
    if longest is not None and longest.left >= WORTH_BYTES:
        longest.transfer.gives_way.set()


def gives_way(under_way: Mapping[str, UnderWay]) -> bool:
    """Return whether a job that no thread has taken yet gives way, and is not back yet."""
    return any(not job.begun_at and job.transfer.gives_way.is_set() for job in under_way.values())


@dataclass(frozen=True, kw_only=True, slots=True)
class Traffic:
    """Running transfers: clips, their bytes, how many of these were sent and are held, bytes per second."""

    clips: int
    size: int
    sent: int
    held: int
    rate: int
