"""How is a text laid out in the cells of a terminal: visible, cut to a width, folded at its end?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from rich.cells import cell_len, chop_cells, set_cell_size
from rich.text import Text

from bwvdock.cli.output.console import wrapped
from bwvdock.core.visible_text import visible
from bwvdock.status.values import CameraState

SAFE = "bold reverse green"
_ROOM_FOR_A_MARK = 3  # cells: the mark, and any one character
GRAVE, MILD, QUIET, STRONG = "bold red", "yellow", "dim", "bold"


@dataclass(frozen=True, kw_only=True, slots=True)
class Glyphs:
    """The characters that a terminal has for what is drawn."""

    encoding: str
    full: str
    empty: str
    more: str
    shapes: dict[CameraState, str]
    unknown: str = "?"

    def seen(self, text: str) -> str:
        """Return a text in characters that can be seen and that the terminal has."""
        return visible(text).encode(self.encoding, "backslashreplace").decode(self.encoding)

    def cut(self, text: str, width: int) -> str:
        """Return a text in just so many cells: filled up with blanks, or cut with a mark at its end."""
        shown = self.seen(text)
        if cell_len(shown) <= width:
            return set_cell_size(shown, width)
        return set_cell_size(shown, max(0, width - 1)) + self.more if width else ""

    def end_of(self, text: str, width: int) -> str:
        """Return a text in just so many cells; of one that is too long its end: serials differ there."""
        shown = self.seen(text)
        if cell_len(shown) <= width:
            return set_cell_size(shown, width)
        while shown and cell_len(shown) > width - 1:
            shown = shown[1:]
        return set_cell_size(f"{self.more}{shown}", max(0, width))

    def folded(self, line: str, width: int, *, indent: int) -> Iterator[str]:
        """Return a line broken at blanks; a word that is longer than a line is folded: nothing is lost.

        Only a character that is wider than the whole terminal is left out.
        """
        mark = self.more if width >= _ROOM_FOR_A_MARK else ""  # no text from elsewhere begins a line
        for folded in wrapped(self.seen(line), width, indent=indent).split("\n"):
            part = folded
            while cell_len(part) > width:
                piece = chop_cells(part, width)[0] or part[0]
                yield set_cell_size(piece, min(width, cell_len(piece)))
                part = f"{mark}{part[len(piece) :]}"
            yield part


_UNICODE = Glyphs(
    encoding="utf-8",
    full="█",
    empty="░",
    more="…",
    shapes={
        CameraState.ATTACHED: "·",
        CameraState.WAITING: "○",
        CameraState.COPYING: "►",
        CameraState.SAFE_TO_REMOVE: "■",
        CameraState.REFUSED: "X",
        CameraState.FAILED: "X",
    },
)


def glyphs_for(encoding: str | None) -> Glyphs:
    """Return the glyphs for the encoding of a terminal: plain characters where it has no others."""
    try:
        "█░…·○►■".encode(encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        plain = dict(zip(CameraState, ".X~>#X", strict=True))
        return Glyphs(encoding="ascii", full="#", empty=".", more="~", shapes=plain)
    return _UNICODE if (encoding or "").lower().replace("-", "") == "utf8" else _of(encoding or "ascii")


def _of(encoding: str) -> Glyphs:
    known = _UNICODE
    return Glyphs(
        encoding=encoding, full=known.full, empty=known.empty, more=known.more, shapes=dict(known.shapes)
    )


def styled(text: str, style: str = "") -> Text:
    """Return a text that is drawn as it is: nothing in it is markup, and it is never wrapped."""
    return Text(text, style=style, no_wrap=True, end="")
