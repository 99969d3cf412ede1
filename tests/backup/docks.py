"""Docks that are backed up, and what is found in the backups."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bwvdock.backup.check import Checked, check
from bwvdock.backup.make import Made, Wanted, make
from bwvdock.config.settings import load
from tests.cli.docks import Dock

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def quiet(_path: str, _count: int) -> None:
    """Show nothing."""


def backed_up(dock: Dock, above: Path, *, footage: bool = True, later: int = 0) -> Made:
    """Return a backup, made so many seconds after noon."""
    above.mkdir(exist_ok=True)
    wanted = Wanted(config=dock.config, above=above, footage=footage, now=NOON + timedelta(seconds=later))
    return make(wanted, quiet)


def checked(folder: Path) -> Checked:
    return check(folder, quiet)


def files_of(folder: Path, *, beside: bool = False) -> dict[str, bytes]:
    """Return every file below a folder and its content; what SQLite has beside journals if asked for."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and (beside or not path.name.endswith(("-wal", "-shm")))
    }


def dock_at(state: Path, *, dock: str = "LEW-03") -> Dock:
    """Return the dock of a state directory."""
    file = state.with_suffix(".toml")
    file.write_text(f'[dock]\nid = "{dock}"\nsite = "Lewisham"\nstate_dir = "{state}"\n')
    return Dock(config=load(file))


def kinds(dock: Dock) -> Sequence[str]:
    """Return the kinds of all entries, in order."""
    with dock.reader() as reader:
        rows = reader.report(lambda db: db.execute("SELECT kind FROM entry ORDER BY seq"))
        return [str(kind) for (kind,) in rows]


def last(dock: Dock) -> dict[str, object]:
    """Return what the last entry of a journal says."""
    with dock.reader() as reader:
        query = "SELECT leaf FROM entry ORDER BY seq DESC LIMIT 1"
        [(leaf,)] = reader.report(lambda db: db.execute(query))
    data: dict[str, object] = json.loads(leaf)["data"]
    return data


def alerts(dock: Dock, capsys: pytest.CaptureFixture[str]) -> dict[str, str]:
    """Return the alerts of `bwvdock status`: each code with its message."""
    capsys.readouterr()
    dock.run("status", "--json")
    return {alert["code"]: alert["message"] for alert in json.loads(capsys.readouterr().out)["alerts"]}
