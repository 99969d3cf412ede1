"""What did the last `custody verify` find?

A small file beside the journal, for `status` to show. It proves nothing: the journal and the files do.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bwvdock.edges import durable

if TYPE_CHECKING:  # `bwvdock status` reads this file, and starts fast
    from bwvdock.core.custody.records import Problem

NAME = "last-verification.json"
_MOST_BYTES = 65536
_MOST_TEXT = 400


@dataclass(frozen=True, kw_only=True, slots=True)
class LastCheck:
    """How many problems a check found, the first of them, and when (ISO 8601, UTC)."""

    at: str
    problems: int
    first: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class LastVerification:
    """The last check of the journal, and of the files; None for one that was never made."""

    journal: LastCheck | None = None
    files: LastCheck | None = None


def read_last(state_dir: Path) -> LastVerification:
    """Return what the last verification found; nothing where there was none that can be read."""
    with suppress(OSError, ValueError, KeyError, TypeError, RecursionError):
        fd = os.open(state_dir / NAME, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
        with open(fd, "rb") as file:
            document = json.loads(file.read(_MOST_BYTES))
        return LastVerification(journal=_read(document["journal"]), files=_read(document["files"]))
    return LastVerification()


def remember(
    state_dir: Path, *, at: str, journal: Sequence[Problem], files: Sequence[Problem] | None
) -> None:
    """Record what a verification found, durably.

    Args:
        state_dir: where the journal is.
        at: when it ended (ISO 8601, UTC).
        journal: the problems of the journal.
        files: those of the files; None if they were not looked at: what was found before is kept then.

    Raises:
        OSError: it cannot be written.
        DurabilityError: the disk did not keep it.
    """
    last = LastVerification(
        journal=_check(at, journal), files=read_last(state_dir).files if files is None else _check(at, files)
    )
    directory = durable.open_directory(str(state_dir))
    try:
        durable.replace(directory, NAME, json.dumps(asdict(last)).encode(), mode=0o600)
    finally:
        os.close(directory)


def _check(at: str, problems: Sequence[Problem]) -> LastCheck:
    first = f"{problems[0].code}: {problems[0].message}"[:_MOST_TEXT] if problems else ""
    return LastCheck(at=at, problems=len(problems), first=first)


def _read(found: object) -> LastCheck | None:
    match found:
        case {"at": str(at), "problems": int(problems), "first": str(first)}:
            return LastCheck(at=at, problems=problems, first=first)
    return None
