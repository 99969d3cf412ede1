"""What somebody who may write to a dock's disk can do to its journal and to the files beside it."""

from __future__ import annotations

import json
import os
import signal
import socket
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from tests.cli.docks import Dock

ENDINGS = (0, 1, 4)
_SECONDS = 120
_BESIDE = ("", "-wal", "-shm", "-journal")


class TooLongError(BaseException):
    """It did not end; nothing that catches exceptions catches this one."""


@contextmanager
def in_time() -> Iterator[None]:
    """Raise if what is inside takes very long: a pipe that is waited for never ends."""

    def ring(number: int, frame: FrameType | None) -> None:
        raise TooLongError

    before = signal.signal(signal.SIGALRM, ring)
    signal.alarm(_SECONDS)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def verified(dock: Dock, capsys: pytest.CaptureFixture[str]) -> tuple[int, dict[str, Any]]:
    """Return how `custody verify` ends, the same in words and in JSON, and what it found."""
    with in_time():
        in_words = dock.run("custody", "verify")
        words = capsys.readouterr()
        code = dock.run("custody", "verify", "--json")
        shown = capsys.readouterr()
    assert code == in_words
    assert code in ENDINGS
    assert "Traceback" not in words.err + shown.err
    found: dict[str, Any] = json.loads(shown.out) if shown.out else {}
    assert (code == 4) == bool(found.get("problems"))
    assert (code == 0) == bool(found.get("ok"))
    assert ("Journal consistent" in words.out) <= (code != 4)
    return code, found


def lay(journal: Path, content: bytes) -> None:
    """Put a journal back as it was, and remove what SQLite has beside it."""
    for suffix in _BESIDE:
        with suppress(FileNotFoundError):
            Path(f"{journal}{suffix}").unlink()
    journal.write_bytes(content)


def rows(journal: Path) -> dict[str, list[tuple[Any, ...]]] | None:
    """Return all rows of all tables and the schema; None where SQLite cannot read them, or finds damage."""
    answer: dict[str, list[tuple[Any, ...]]] = {}
    try:
        with closing(sqlite3.connect(f"file:{journal}?mode=ro", uri=True)) as db:
            if db.execute("PRAGMA integrity_check").fetchall() != [("ok",)]:
                return None
            schema = db.execute("SELECT type, name, tbl_name, sql FROM sqlite_schema").fetchall()
            answer["sqlite_schema"] = sorted(schema, key=repr)
            for kind, name, _, _ in schema:
                if kind == "table":
                    answer[name] = sorted(db.execute(f'SELECT * FROM "{name}"'), key=repr)  # noqa: S608 - a table
            pragmas = ("application_id", "user_version")
            answer["pragmas"] = [db.execute(f"PRAGMA {pragma}").fetchone() for pragma in pragmas]
    except (sqlite3.Error, UnicodeDecodeError):
        return None
    return answer


def loosened(db: sqlite3.Connection) -> list[tuple[str, str]]:
    """Remove the schema's constraints, so that any column takes any value; return the tables' own texts."""
    kept = db.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'table'").fetchall()
    db.execute("PRAGMA writable_schema = ON")
    for name, made in kept:
        columns = [row[1] for row in db.execute(f"PRAGMA table_info({name})")]
        keys = [row[1] for row in db.execute(f"PRAGMA table_info({name})") if row[5]]
        without = ") WITHOUT ROWID" if "WITHOUT ROWID" in made else ")"
        rowid = not without.endswith("ROWID") and len(keys) == 1
        told = ", ".join(f"{c} INTEGER PRIMARY KEY" if rowid and c in keys else c for c in columns)
        key = "" if rowid or not keys else f", PRIMARY KEY ({', '.join(keys)})"
        loose = f"CREATE TABLE {name} ({told}{key}{without}"
        db.execute("UPDATE sqlite_schema SET sql = ? WHERE type = 'table' AND name = ?", (loose, name))
    return kept


def change(journal: Path, *statements: tuple[str, tuple[object, ...]]) -> None:
    """Carry out statements past triggers, types and constraints, none of which shows afterwards.

    What SQLite refuses of them is left out.
    """
    with closing(sqlite3.connect(journal, isolation_level=None)) as db:
        triggers = db.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'").fetchall()
        for name, _ in triggers:
            db.execute(f"DROP TRIGGER {name}")
        kept = loosened(db)
    with closing(sqlite3.connect(journal, isolation_level=None)) as db:
        for statement, values in statements:
            with suppress(sqlite3.Error):
                db.execute(statement, values)
        db.execute("PRAGMA writable_schema = ON")
        for name, made in kept:
            db.execute("UPDATE sqlite_schema SET sql = ? WHERE type = 'table' AND name = ?", (made, name))
    with closing(sqlite3.connect(journal, isolation_level=None)) as db:
        for _, made in triggers:
            with suppress(sqlite3.Error):  # of a table that is gone
                db.execute(made)


# --- what may be in a file's place -----------------------------------------------------------------


def _pipe(path: Path) -> None:
    os.mkfifo(path)


def _directory(path: Path) -> None:
    path.mkdir()
    (path / "x").write_bytes(b"x")


def _dangling(path: Path) -> None:
    path.symlink_to(path.with_name("not-there"))


def _loop(path: Path) -> None:
    path.symlink_to(path)


def _zeros(path: Path) -> None:
    path.symlink_to("/dev/zero")


def _socket(path: Path) -> None:
    here = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:  # the name of a socket is short
        with closing(socket.socket(socket.AF_UNIX)) as made:
            made.bind(f"/proc/self/fd/{here}/{path.name}")
    finally:
        os.close(here)


def _huge(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(2**42)


def _bytes(content: bytes) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        path.write_bytes(content)

    return write


PLACES: dict[str, Callable[[Path], None]] = {
    "nothing": lambda path: None,
    "a pipe": _pipe,
    "a directory": _directory,
    "a link to nothing": _dangling,
    "a link to itself": _loop,
    "a link to a device": _zeros,
    "a socket": _socket,
    "a file with holes": _huge,
    "an empty file": _bytes(b""),
    "garbage": _bytes(bytes(range(256)) * 64),
    "nested brackets": _bytes(b"[" * 100_000),
    "a number": _bytes(b"9" * 5000),
    "infinity": _bytes(
        b'{"journal": null, "files": null, "unaccounted": {"at": "", "places": [["", Infinity]]}}'
    ),
}
"""What is put in a file's place, by what it is called."""


def replace(path: Path, make: Callable[[Path], None]) -> None:
    """Put something else in the place of a file or a directory; what was there is kept beside it."""
    if path.exists():
        path.rename(path.with_name(f"kept-{path.name}"))
    path.parent.mkdir(parents=True, exist_ok=True)
    make(path)
