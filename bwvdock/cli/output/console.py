"""How do results get onto the terminal: tables, times, sizes, colours and JSON?

Everything that a command prints goes through here. On a terminal a table fits the width; anywhere else
nothing is broken or left out, so that a pipe gets all of it.
"""

from __future__ import annotations

import json
import os
import re
import sys
from argparse import Namespace
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TextIO

from bwvdock.cli.moments import use_zone
from bwvdock.cli.output.terminal import draw
from bwvdock.config.settings import Config, default_path, load
from bwvdock.core.visible_text import visible, visible_json
from bwvdock.units import format_size

_LEAST_WIDTH = 20  # of a column whose texts are broken, before others are left out instead
_PIECES = re.compile(
    r"(?:\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\S*|[^\s/]{1,64}/?|[^\s])\s*"  # a time, a word, a name of a path
)
_NOTHING = frozenset({"", "-"})
BOLD, RED, GREEN, YELLOW = "1", "31", "32", "33"


def configuration(arguments: Namespace) -> Config:
    """Load the configuration that the arguments name; times are shown and read in its zone.

    Raises:
        ConfigError: it is wrong.
    """
    from pathlib import Path  # noqa: PLC0415 - config has imported it already

    config = load(Path(arguments.config) if arguments.config else default_path())
    use_zone(config.zone)
    return config


def say(message: str) -> None:
    """Print a message for a person on standard error, broken at blanks where that is a terminal."""
    most = _columns(sys.stderr)
    for line in message.split("\n"):
        print(wrapped(line, most, indent=0), file=sys.stderr)


def print_line(line: str, *, indent: int = 0) -> None:
    """Print a line on standard output, broken at blanks and indented then where that is a terminal."""
    print(wrapped(visible(line), width(), indent=indent))


def print_json(document: object) -> None:
    """Print one JSON document."""
    print(visible_json(json.dumps(document, indent=2, ensure_ascii=False)))


def print_json_array(items: Iterable[object]) -> None:
    """Print an array item by item, so that only one item at a time is in memory."""
    first = True
    for item in items:
        print("[" if first else ",", visible_json(json.dumps(item, ensure_ascii=False)), sep="\n")
        first = False
    print("[]" if first else "]")


def coloured() -> bool:
    """Return whether standard output takes colours."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def width() -> int | None:
    """Return the terminal's width, or None where standard output is not a terminal."""
    return _columns(sys.stdout)


def height() -> int | None:
    """Return how many lines the terminal has, or None where standard output is not a terminal."""
    return _terminal(sys.stdout).lines or 24 if sys.stdout.isatty() else None


def _columns(stream: TextIO) -> int | None:
    return _terminal(stream).columns or 80 if stream.isatty() else None


def _terminal(stream: TextIO) -> os.terminal_size:
    try:
        return os.get_terminal_size(stream.fileno())
    except OSError:
        return os.terminal_size((80, 24))


def paint(text: str, colour: str, *, on: bool) -> str:
    """Return the text in a colour, or as it is."""
    shown = visible(text)
    return f"\x1b[{colour}m{shown}\x1b[0m" if on and colour else shown


def camera_time(text: str) -> str:
    """Return the time of a camera's own clock as the camera gave it."""
    return text[:19].replace("T", " ")


def size(count: int | None) -> str:
    """Return a size as a person reads it, "-" where it is unknown."""
    return "-" if count is None else format_size(count)


def cells(text: str) -> int:
    """Return how many columns of a terminal a text takes."""
    if text.isascii():
        return len(text)
    import unicodedata  # noqa: PLC0415 - a large table, for few names

    wide = sum(unicodedata.east_asian_width(c) in "WF" for c in text)
    return len(text) + wide - sum(unicodedata.combining(c) != 0 for c in text)


def fit(text: str, most: int) -> str:
    """Shorten a text to `most` columns, with an ellipsis."""
    if cells(text) <= most:
        return text
    while text and cells(text) > most - 1:
        text = text[:-1]
    return text + "…"


def wrapped(line: str, most: int | None, *, indent: int) -> str:
    """Return a line broken at blanks to fit `most` columns, if given; no id or hash is ever broken."""
    if most is None or cells(line) <= most:
        return line
    import textwrap  # noqa: PLC0415 - needed for long lines on a terminal only

    start = " " * (len(line) - len(line.lstrip()))
    return textwrap.fill(
        line.strip(),
        most,
        initial_indent=start,
        subsequent_indent=" " * indent,
        break_long_words=False,
        break_on_hyphens=False,
    )


def table(
    head: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    right: Iterable[str] = (),
    wrap: Iterable[str] | Mapping[str, int] = (),
    drop: Sequence[str] = (),
    fits: int | None = None,
    colour: Callable[[Sequence[str], int], str] = lambda _row, _column: "",
    colours: bool = False,
) -> list[str]:
    """Return the lines of an aligned table; a last one names what was left out though it holds something.

    Nothing in it is cut. Where the table is too wide, the texts in the columns of `wrap` are broken over
    several lines; then columns are left out in the order of `drop`, those with nothing in them before the
    others. Any other column stays on one line: half an id or half a time is worse than a line that wraps.

    Args:
        head: the headings.
        rows: a text for each heading.
        right: the headings whose columns are aligned to the right.
        wrap: the headings whose columns may be narrowed; where they come with widths, each keeps that much
            while there is a column that may be left out.
        drop: the headings whose columns may be left out, in that order.
        fits: the width to fit, or None for any width.
        colour: returns the colour of a cell, from its row and its column.
        colours: whether to use colours.
    """
    rows = [[visible(text) for text in row] for row in rows]
    widths = {i: max(cells(row[i]) for row in (head, *rows)) for i in range(len(head))}
    if fits is not None:
        widths = _fitting(widths, head, rows, wrap=wrap, drop=drop, most=fits)
    to_right = {head.index(name) for name in right}
    lines = []
    for number, row in enumerate((head, *rows)):
        broken = {i: _broken(row[i], most) for i, most in widths.items()}
        for line in range(max(map(len, broken.values()))):
            shown = []
            for i, most in widths.items():
                text = broken[i][line] if line < len(broken[i]) else ""
                blank = " " * (most - cells(text))
                painted = paint(text, BOLD if number == 0 else colour(row, i), on=colours and bool(text))
                shown.append(blank + painted if i in to_right else painted + blank)
            lines.append("  ".join(shown).rstrip())
    left = [
        head[i] for i in range(len(head)) if i not in widths and any(row[i] not in _NOTHING for row in rows)
    ]
    if left:
        lines.append(wrapped(f"Not shown in {fits} columns: {', '.join(left)}.", fits, indent=2))
    return lines


def _fitting(
    natural: Mapping[int, int],
    head: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    wrap: Iterable[str] | Mapping[str, int],
    drop: Sequence[str],
    most: int,
) -> dict[int, int]:
    """Return the widths of the columns that are shown, by their numbers."""
    may_wrap = [head.index(name) for name in wrap if name in head]
    needed = {i: _widest_piece(row[i] for row in (head, *rows)) for i in may_wrap}
    least = {
        i: max(needed[i], min(natural[i], wrap[head[i]] if isinstance(wrap, Mapping) else _LEAST_WIDTH))
        for i in needed
    }
    may_go = [head.index(name) for name in drop if name in head]
    may_go.sort(key=lambda i: any(row[i] not in _NOTHING for row in rows))
    shown = dict(natural)
    while (wide := _excess(shown, most)) > 0 and may_go:
        if wide <= sum(shown[i] - least[i] for i in least.keys() & shown.keys()):
            break
        del shown[may_go.pop(0)]
    for floor in (least, needed):
        while _excess(shown, most) > 0 and (
            wide_ones := [i for i in floor.keys() & shown.keys() if shown[i] > floor[i]]
        ):
            shown[max(wide_ones, key=lambda i: (shown[i], i))] -= 1
    return shown


def _pieces(text: str) -> list[str]:
    """Return the pieces of a text that stay whole, each with the blank that follows it."""
    return _PIECES.findall(text)


def _widest_piece(texts: Iterable[str]) -> int:
    return max((cells(piece.rstrip()) for text in texts for piece in _pieces(text)), default=0)


def _broken(text: str, most: int) -> list[str]:
    """Return the lines of a text in a column that is so wide: broken at blanks, and after slashes."""
    if cells(text) <= most:
        return [text]
    lines = [""]
    for piece in _pieces(text):
        if lines[-1] and cells(lines[-1] + piece.rstrip()) > most:
            lines.append("")
        lines[-1] += piece
    return [line.rstrip() for line in lines]


def _excess(widths: Mapping[int, int], most: int) -> int:
    return sum(widths.values()) + 2 * (len(widths) - 1) - most


def print_table(head: Sequence[str], rows: Sequence[Sequence[str]], **layout: Any) -> None:  # noqa: ANN401
    """Print a table that fits the terminal, or whole where standard output is not a terminal."""
    for line in table(head, rows, fits=width(), colours=coloured(), **layout):
        draw(sys.stdout, f"{line}\n")
