"""How does a report become CSV that is harmless in a spreadsheet?"""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterable, Mapping, Sequence

from bwvdock.core.visible_text import visible


def print_csv(names: Sequence[str], documents: Iterable[Mapping[str, object]]) -> None:
    """Print a heading and a line for each document, with these of its values."""
    writer = csv.DictWriter(sys.stdout, names, lineterminator="\n", extrasaction="ignore")
    writer.writeheader()
    writer.writerows({name: harmless(document[name]) for name in names} for document in documents)


def harmless(value: object) -> object:
    """Quote a text that a spreadsheet would take for a formula, and make all of it visible."""
    if isinstance(value, list | tuple):
        value = " ".join(map(str, value))
    if not isinstance(value, str):
        return value
    shown = visible(value)
    return f"'{shown}" if shown.lstrip()[:1] in {"=", "+", "-", "@"} else shown
