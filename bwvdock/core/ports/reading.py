"""The port of a store whose copies can be looked at later, and read whole."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from bwvdock.core.clips.clip import Clip
from bwvdock.core.ports.store import Destination, TransferControl

Take = Callable[[memoryview], object]
"""Is called with each block of what is read, in order; it is valid until the call returns."""


@dataclass(frozen=True, kw_only=True, slots=True)
class FoundPart:
    """One part of a clip as a store has it now.

    `object` and `version` are where, `size` how many bytes it has, `words` the store's own words. `given`:
    all of it was read and passed on. It is not where the size is another, or the store gives nothing back.
    """

    object: str
    size: int
    version: str = ""
    words: str = ""
    given: bool = True


class ReadableStore(Destination, Protocol):
    """A destination that is asked for what it has, long after it proved it. Called from several threads."""

    def parts_there(self, clip: Clip) -> Sequence[int]:
        """Return the numbers of the clip's parts whose place there is known; nothing is asked of the store.

        Part 0, the footage, is one of them. A tus server names its uploads, and the journal has the footage's
        name alone.
        """
        ...

    def read_part(self, clip: Clip, number: int, transfer: TransferControl, take: Take) -> FoundPart | None:
        """Read a part whole, from the store itself; None: the store is in order, and does not have it.

        What it remembers of its receipt is not asked for: a digest that was computed then says nothing of
        now.

        Raises:
            DestinationUnavailableError: not now; nothing was found out, whatever `take` was given.
            DestinationError: what is there cannot be read, and is not what was stored.
            HaltedError: it was asked to stop.
        """
        ...
