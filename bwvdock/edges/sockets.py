"""Which sockets on this machine may be the control socket of a running daemon?"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from pathlib import Path

_TABLE = Path("/proc/net/unix")
_LISTENS = "00010000"  # of the column Flags: __SO_ACCEPTCON
_FLAGS, _PATH = 3, 7


def listening(name: str, *, owners: Collection[int], table: Path = _TABLE) -> Iterator[Path]:
    """Return the paths of the sockets of a name that somebody listens at.

    Args:
        name: of the file, without its folder.
        owners: the users whose sockets are wanted: anybody could listen at one and answer.
        table: where the kernel lists sockets (unix(7), /proc/net/unix); none is found without it.
    """
    try:
        lines = table.read_text(encoding="utf-8", errors="surrogateescape").split("\n")[1:]
    except OSError:
        return
    for line in lines:
        columns = line.split(maxsplit=_PATH)
        if len(columns) <= _PATH or columns[_FLAGS] != _LISTENS:
            continue
        path = Path(columns[_PATH])
        if path.name == name and path.is_absolute() and _owner(path) in owners:
            yield path


def _owner(path: Path) -> int | None:
    try:
        return os.lstat(path).st_uid
    except OSError:
        return None
