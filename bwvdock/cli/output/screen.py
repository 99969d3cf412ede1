"""How do results get onto the screen: tables, times, sizes, colours and JSON?

Everything that a command prints goes through here. On a terminal a table fits its width; anywhere else
nothing is shortened, so that a pipe gets all of it.
"""

from __future__ import annotations

import json
import os
import sys
from argparse import Namespace
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any

from bwvdock.cli.output.surface import draw
from bwvdock.config.settings import Config, default_path, load
from bwvdock.core.visible import visible, visible_json
from bwvdock.units import format_size

_LEAST_WIDTH = 8
BOLD, RED, GREEN, YELLOW = "1", "31", "32", "33"


def configuration(arguments: Namespace) -> Config:
    """Load the configuration that the arguments name.

    Raises:
        ConfigError: it is wrong.
    """
    from pathlib import Path  # noqa: PLC0415 - config has imported it already

    return load(Path(arguments.config) if arguments.config else default_path())


def say(message: str) -> None:
    """Print a message for a person on standard error."""
    print(message, file=sys.stderr)


def print_json(document: object) -> None:
    """Print one JSON document."""
    print(visible_json(json.dumps(document, indent=2, ensure_ascii=False)))


def print_json_array(items: Iterable[object]) -> None:
    """Print an array, item by item: however long it is, one item is in memory."""
    first = True
    for item in items:
        print("[" if first else ",", visible_json(json.dumps(item, ensure_ascii=False)), sep="\n")
        first = False
    print("[]" if first else "]")


def coloured() -> bool:
    """Return whether standard output takes colours."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def width() -> int | None:
    """Return the terminal's width, None where standard output is none."""
    return _columns() if sys.stdout.isatty() else None


def _columns() -> int:
    try:
        return os.get_terminal_size(sys.stdout.fileno()).columns or 80
    except OSError:
        return 80


def paint(text: str, colour: str, *, on: bool) -> str:
    """Return the text in a colour, or as it is."""
    shown = visible(text)
    return f"\x1b[{colour}m{shown}\x1b[0m" if on and colour else shown


def when(text: str | None) -> str:
    """Show a moment of the dock's clock to a person: local, to the second, with its zone."""
    if not text:
        return "-"
    moment = datetime.fromisoformat(text)
    with suppress(OverflowError):  # in the first or last hours of all years, there may be no local time
        moment = moment.astimezone()
    return moment.strftime("%Y-%m-%d %H:%M:%S %Z")


def camera_time(text: str) -> str:
    """Show a time of a camera's own clock: as the camera has it, in no zone that we could know."""
    return text[:19].replace("T", " ")


def size(count: int | None) -> str:
    """Show a size to a person, "-" where it is not known."""
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


def table(
    head: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    right: Iterable[str] = (),
    fits: int | None = None,
    colour: Callable[[Sequence[str], int], str] = lambda _row, _column: "",
    colours: bool = False,
) -> list[str]:
    """Lay out an aligned table.

    Args:
        head: the headings.
        rows: a text for each heading.
        right: the headings whose columns are aligned to the right.
        fits: the width to fit by shortening the widest column, None not to.
        colour: gives the colour of a row's cell.
        colours: whether to paint at all.
    """
    rows = [[visible(text) for text in row] for row in rows]
    widths = [max(cells(row[i]) for row in (head, *rows)) for i in range(len(head))]
    if fits:
        _squeeze(widths, fits - 2 * (len(head) - 1))
    to_right = {head.index(name) for name in right}
    lines = []
    for number, row in enumerate((head, *rows)):
        shown = []
        for i, text in enumerate(row):
            short = fit(text, widths[i])
            blank = " " * (widths[i] - cells(short))
            tone = BOLD if number == 0 else colour(row, i)
            painted = paint(short, tone, on=colours)
            shown.append(blank + painted if i in to_right else painted + blank)
        lines.append("  ".join(shown).rstrip())
    return lines


def _squeeze(widths: list[int], most: int) -> None:
    while sum(widths) > most and max(widths) > _LEAST_WIDTH:
        widths[widths.index(max(widths))] -= 1


def print_table(head: Sequence[str], rows: Sequence[Sequence[str]], **layout: Any) -> None:  # noqa: ANN401
    """Print a table to fit where it goes."""
    for line in table(head, rows, fits=width(), colours=coloured(), **layout):
        draw(sys.stdout, f"{line}\n")
