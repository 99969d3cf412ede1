"""Does every command of the how-to do what it says there, in its order?

Each block is typed into a shell. Paths are those of a dock in a temporary folder; `sudo` runs what it is
given, and what only a machine has (systemctl, chown to the service's user) is away. tests/vm/test_backup.py
types them on a dock.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from bwvdock.edges.journal.origin import origin_of, predecessor_of
from tests.architecture.tree import ROOT
from tests.backup.docks import dock_at, kinds
from tests.cli.docks import Dock, new_dock, used_dock

PAGE = (ROOT / "docs/how-to/back-up-and-move-a-dock.md").read_text(encoding="utf-8")
EXAMPLE = "LEW-03-20260301T120000Z"
AWAY = ("systemctl", "chown")


def commands(heading: str) -> list[str]:
    """Return the commands below a heading, in order."""
    section = PAGE.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    prose = re.sub(r"```.*?```", "", section, flags=re.DOTALL)
    return [line.strip() for line in prose.splitlines() if re.match(r" {4,7}(sudo|bwvdock) ", line)]


class Machine:
    """A shell in which the commands are typed."""

    def __init__(self, folder: Path, dock: Dock, backups: Path) -> None:
        self._dock = dock
        self._backups = backups
        self._bin = folder / "bin"
        self._bin.mkdir()
        run = f'exec {sys.executable} -m bwvdock "$@"'
        self._program("bwvdock", f"export BWVDOCK_CONFIG={dock.config.file}; {run}")
        self._program("sudo", 'exec "$@"')
        for name in AWAY:
            self._program(name, "exit 0")

    def _program(self, name: str, script: str) -> None:
        path = self._bin / name
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)

    def type(self, command: str) -> subprocess.CompletedProcess[str]:
        """Type a command, with this machine's places."""
        taken = sorted(path.name for path in self._backups.glob("LEW-03-*Z"))
        places = {
            EXAMPLE: taken[-1] if taken else EXAMPLE,
            "/mnt/backups/LEW-03": str(self._backups),
            "/var/lib/bwvdock": str(self._dock.config.state_dir),
            "/etc/bwvdock/": f"{self._dock.config.file.parent}/",
        }
        for name, place in places.items():
            command = command.replace(name, place)
        environment = {**os.environ, "PATH": f"{self._bin}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT)}
        return subprocess.run(
            ["sh", "-c", command], env=environment, capture_output=True, text=True, check=False, timeout=120
        )

    def follow(self, *steps: str) -> str:
        """Type commands, each of which succeeds; return what they printed."""
        said = ""
        for step in steps:
            ended = self.type(step)
            assert ended.returncode == 0, f"{step}: {ended.stdout}{ended.stderr}"
            said += ended.stdout
        return said


@pytest.fixture
def old(tmp_path: Path) -> Machine:
    folder = tmp_path / "old"
    folder.mkdir()
    return Machine(folder, used_dock(folder), tmp_path / "backups")


def new_machine(tmp_path: Path) -> tuple[Machine, Dock]:
    folder = tmp_path / "new"
    folder.mkdir()
    dock = new_dock(folder)
    return Machine(folder, dock, tmp_path / "backups"), dock_at(dock.config.state_dir)


def place_of_configuration(command: str) -> bool:
    """Return whether a command puts the configuration back, which names other places here."""
    return "/etc/bwvdock.toml /etc/bwvdock/" in command


@pytest.mark.slow
def test_a_backup_is_made_checked_and_put_back_after_the_disk_died(old: Machine, tmp_path: Path) -> None:
    made = old.follow(*commands("Back up")[:2])
    assert "Backup of dock LEW-03" in made
    assert "WHOLE" in old.follow(*commands("Check backups"))
    new, dock = new_machine(tmp_path)
    *steps, copy, own = commands("The disk is dead")
    steps = [step for step in steps if not place_of_configuration(step)]
    assert [step.split()[1] for step in steps] == ["systemctl", *["bwvdock"] * 3, "systemctl"]
    new.follow(*steps)
    before = predecessor_of(dock.config.journal)
    assert before is not None
    assert kinds(dock)[:2] == ["journal_succeeded", "camera_enrolled"]

    copied = tmp_path / "copied"
    copied.mkdir()
    another, other = Machine(copied, new_dock(copied), tmp_path / "backups"), copied / "state"
    another.follow(copy, own)
    assert another.type("sudo bwvdock custody succeed --reason R").returncode == 0
    assert predecessor_of(other / "journal.sqlite3") == before


@pytest.mark.slow
def test_footage_comes_along_if_it_is_asked_for(old: Machine, tmp_path: Path) -> None:
    said = old.follow(commands("Back up")[0], commands("Back up")[2])
    assert "Footage" in said


@pytest.mark.slow
def test_a_dock_moves_to_a_new_pc(old: Machine, tmp_path: Path) -> None:
    (tmp_path / "backups").mkdir()
    steps = [step for step in commands("Move to a new PC") if not place_of_configuration(step)]
    *steps, given_up = steps
    old.follow(*steps[:2])
    new, dock = new_machine(tmp_path)
    said = new.follow(*steps[2:])
    assert "Journal consistent." in said
    assert new.type("bwvdock cameras enrol CAM-18").returncode == 0
    assert kinds(dock)[-3:] == ["backup_made", "journal_taken_up", "camera_enrolled"]
    assert origin_of(dock.config.journal) == origin_of(tmp_path / "old/state/journal.sqlite3")
    assert old.type("bwvdock cameras enrol CAM-18").returncode == 1
    old.follow(given_up)
    assert old.type("bwvdock cameras enrol CAM-18").returncode == 0


@pytest.mark.slow
def test_a_dock_is_retired(old: Machine, tmp_path: Path) -> None:
    (tmp_path / "backups").mkdir()
    revoke, status, *steps = commands("Retire a dock")
    old.follow(revoke)
    assert "Waiting   nothing" in old.type(status).stdout
    assert "WHOLE" in old.follow(*steps)


def test_no_command_of_the_page_is_left_out() -> None:
    headings = ("Back up", "Check backups", "The disk is dead", "Move to a new PC", "Retire a dock")
    typed = [command for heading in headings for command in commands(heading)]
    shown = re.findall(r"^ {4,7}((?:sudo|bwvdock) .*)$", PAGE, flags=re.MULTILINE)
    assert typed == shown
    assert len(typed) == 29  # the four of the timer are typed in the virtual dock alone
