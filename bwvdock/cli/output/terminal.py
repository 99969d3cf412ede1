"""What reaches the terminal: text that can be seen, and of control sequences our own alone.

Whatever a command prints goes through here, help and error messages too, so that nothing which came from a
camera, a store or a file can move the cursor, colour a word or turn the direction of writing around. What is
painted or drawn on purpose says so (`draw`), and its words were made visible before.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TextIO

from bwvdock.core.visible_text import visible


class Terminal:
    """A stream on which every character can be seen."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Write a text; give its length, as streams do."""
        self.draw("\n".join(visible(line) for line in text.split("\n")))
        return len(text)

    def draw(self, text: str) -> None:
        """Write a text with control sequences of our own, in characters that the stream has."""
        encoding = getattr(self._stream, "encoding", None) or "utf-8"
        self._stream.write(text.encode(encoding, "backslashreplace").decode(encoding))

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - all else is the stream's
        return getattr(self._stream, name)


def draw(stream: TextIO, text: str) -> None:
    """Write a text with control sequences of our own to a stream."""
    if isinstance(stream, Terminal):
        stream.draw(text)
    else:
        stream.write(text)


@contextmanager
def safe_streams() -> Iterator[None]:
    """Replace the standard streams by safe ones inside the `with` block."""
    before = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = (
        stream if isinstance(stream, Terminal) else Terminal(stream) for stream in before
    )
    try:
        yield
    finally:
        sys.stdout, sys.stderr = before


class StatusLine:
    """A line on standard error that is overwritten; nothing where standard error is not a terminal."""

    def __init__(self) -> None:
        """Find out whether there is a terminal; nothing is shown yet."""
        self._on = sys.stderr.isatty()

    def show(self, text: str) -> None:
        """Show a line in place of the previous one; "" clears it."""
        if self._on:
            draw(sys.stderr, "\r\x1b[K")
            print(text, end="", file=sys.stderr, flush=True)
