"""Texts that a stranger would choose, and how to see that one of them got its way."""

from __future__ import annotations

import csv
import io
import shlex
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any

from bwvdock.core.visible_text import is_unseen

FORGED = "FORGED SAFE TO REMOVE"
HOSTILE: dict[str, str] = {
    "escape": f"\x1b[2J\x1b[H{FORGED}\x1b[0m",
    "colour": f"\x1b[32m{FORGED}\x1b[0m",
    "title": "\x1b]0;owned\x07\x1b\\",
    "c1": f"\x9b2J\x9b1;1H{FORGED}\x90\x9c",
    "bidi": "CAM\u202e71-\u2066\u2069\u200f\u061c",
    "invisible": "CAM\u200b\u2060\ufeff-17\U000e0041",
    "newline": f"CAM\n{FORGED}\r\n{FORGED}\r{FORGED}\u2028{FORGED}\x0b\x0c\x85{FORGED}",
    "backspace": "CAM-17\x08\x08\x7f",
    "shell": "CAM-17;curl${IFS}x|sh `id` $(id) ' \" && >x",
    "formula": "=cmd|' /C calc'!A0",
    "formula_later": "\t=cmd|' /C calc'!A0",
    "percent": "%s %n {0} {dock}",
    "markup": "<script>alert(1)</script>",
    "long": "\x9bx" * 1_500,  # longer than any line that is shown, and once escaped than any that is written
}
HOSTILE_AT_ONCE: dict[str, str] = {
    "newline": HOSTILE["newline"],
    "formula": HOSTILE["formula"],
    "all": "".join(HOSTILE.values()),
}
HALF = "CAM\ud800\udce9-17"  # lone surrogates: no file and no database holds them
NUL = "CAM\x00-17"


def assert_seen(text: str) -> None:
    """See that a text, as printed, has nothing that a terminal acts on and no line that it did not choose."""
    unseen = sorted(hex(ord(c)) for c in set(text) - {"\n"} if is_unseen(c))
    assert not unseen
    assert not [line for line in text.split("\n") if line.lstrip().startswith(FORGED)]


def assert_plain_cells(text: str) -> None:
    """See that a CSV's cells are no formulas, and have their rows to themselves."""
    before = csv.field_size_limit(10**7)
    try:
        rows = list(csv.reader(io.StringIO(text)))
    finally:
        csv.field_size_limit(before)
    for row in rows:
        assert not [cell for cell in row if cell.lstrip()[:1] in {"=", "+", "-", "@"} and cell != "-"]


def assert_safe_to_type(line: str, serial: str) -> None:
    """See that a command line which is offered for typing has the serial as one word."""
    assert serial in shlex.split(line)


def texts_of(value: Any) -> Iterator[str]:  # noqa: ANN401 - of whatever a port's values are made
    """Return every text within a value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, bytes):
        return
    elif isinstance(value, dict):
        for key, one in value.items():
            yield from texts_of(key)
            yield from texts_of(one)
    elif isinstance(value, tuple | list | set | frozenset):
        for one in value:
            yield from texts_of(one)
    elif is_dataclass(value):
        for field in fields(value):
            yield from texts_of(getattr(value, field.name))
