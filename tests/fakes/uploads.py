"""A transfer that watches an upload, and may stop it."""

from __future__ import annotations

from dataclasses import dataclass, field

from bwvdock.errors import HaltedError


@dataclass
class Watched:
    """A transfer that counts, and stops when `halt_at` bytes have gone."""

    halt_at: int | None = None
    taken: int = 0
    held: list[int] = field(default_factory=list)

    def take(self, count: int) -> None:
        """Let so many more pass."""
        if self.halt_at is not None and self.taken + count > self.halt_at:
            raise HaltedError("told to stop")
        self.taken += count

    def reached(self, held: int) -> None:
        """Remember it."""
        self.held.append(held)
