"""What does a person do in an editor? Write what the page shows: into a configuration, a drop-in, a secret.

Of the standard library alone: in the virtual dock it is the editor of sudoedit and systemctl edit.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

SHOWN = Path("/run/typed-from-the-page")
_SECRET = "a-secret\n"  # noqa: S105 - of nobody
_BELOW = "Anything between here and the comment below"  # where systemctl edit wants it
_TABLE = re.compile(r"\s*\[([\w.-]+)\]\s*(?:#.*)?")
_KEY = re.compile(r"\s*([\w-]+)\s*=")


def with_toml(file: str, shown: str) -> str:
    """Return a configuration with what is shown: a key in its table, or a table that is new at the end."""
    lines = file.splitlines()
    table, new = "", [""]
    for line in shown.splitlines():
        if found := _TABLE.fullmatch(line):
            table = found[1]
        key = _KEY.match(line)
        place = _place(lines, table) if table else None
        if place is None:
            new.append(line)
        elif key:
            _set(lines, place, key[1], line)
    return "\n".join([*lines, *(new if len(new) > 1 else [])]) + "\n"


def _place(lines: list[str], table: str) -> int | None:
    heads = (
        number for number, line in enumerate(lines) if (found := _TABLE.fullmatch(line)) and found[1] == table
    )
    return next(heads, None)


def _set(lines: list[str], head: int, key: str, line: str) -> None:
    for number in range(head + 1, len(lines)):
        if lines[number].lstrip().startswith("["):
            break
        found = _KEY.match(lines[number])
        if found and found[1] == key:
            lines[number] = line
            return
    lines.insert(head + 1, line)


def edited(name: str, file: str, shown: str) -> str:
    """Return a file as it is after somebody has written what the page shows."""
    if name.endswith(".toml"):
        return with_toml(file, shown)
    head, comment, rest = file.partition(_BELOW)
    if comment:
        first, _, others = rest.partition("\n")
        return f"{head}{comment}{first}\n{shown}{others}"
    return _SECRET


if __name__ == "__main__":
    path = Path(sys.argv[-1])
    path.write_text(edited(path.name, path.read_text(encoding="utf-8"), SHOWN.read_text(encoding="utf-8")))
