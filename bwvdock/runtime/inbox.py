"""Where do messages wait for the thread that owns the journal?"""

from __future__ import annotations

from typing import Protocol


class Inbox(Protocol):
    """A queue with one reader. The daemon's is `queue.SimpleQueue`."""

    def put(self, message: object, /) -> None:
        """Add a message; from any thread."""
        ...

    def get(self, *, timeout: float) -> object:
        """Return the oldest message, and wait up to `timeout` seconds for one.

        Raises:
            queue.Empty: none came.
        """
        ...

    def get_nowait(self) -> object:
        """Return the oldest message.

        Raises:
            queue.Empty: there is none.
        """
        ...

    def empty(self) -> bool:
        """Return whether there is no message now."""
        ...
