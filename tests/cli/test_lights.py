"""Do lights that nobody sets any more say nothing that may be taken for advice?"""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import pytest

from bwvdock.cli.parser import parse
from tests.architecture.tree import ROOT
from tests.cli.docks import Dock, new_dock

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def dock(tmp_path: Path) -> Dock:
    return new_dock(tmp_path)


def switched_by(dock: Dock, ends: int = 0) -> Path:
    """Have a command switch the lights of a dock; return the file with what it was told."""
    told, program = dock.config.file.parent / "told", dock.config.file.parent / "dock-light"
    program.write_text(f'#!/bin/sh\necho "$@" >>{shlex.quote(str(told))}\nexit {ends}\n')
    program.chmod(0o755)
    with dock.config.file.open("a", encoding="utf-8") as config:
        config.write(f'[light]\nexec = ["{program}"]\n')
    return told


@pytest.mark.slow
def test_they_are_reset_without_a_daemon(dock: Dock, capsys: Capture) -> None:
    told = switched_by(dock)
    assert dock.run("lights", "reset") == 0
    assert told.read_text() == "all not-known\n"
    assert capsys.readouterr().out == "The lights are reset.\n"
    assert dock.run("lights", "reset", "--json") == 0
    assert json.loads(capsys.readouterr().out) == [{"light": "exec", "ok": True, "reason": ""}]


@pytest.mark.slow
def test_that_it_failed_is_said_and_is_the_exit_code(dock: Dock, capsys: Capture) -> None:
    told = switched_by(dock, ends=3)
    assert dock.run("lights", "reset") == 1
    assert told.read_text() == "all not-known\n"
    said = capsys.readouterr()
    assert (said.out, "The lights of exec were not reset: " in said.err) == ("", True)
    assert dock.run("lights", "reset", "--json") == 1
    [one] = json.loads(capsys.readouterr().out)
    assert (one["light"], one["ok"], one["reason"] != "") == ("exec", False, True)


def test_where_there_are_none_nothing_is_done(dock: Dock, capsys: Capture) -> None:
    assert dock.run("lights", "reset") == 0
    assert capsys.readouterr().out == "No lights are configured.\n"


def test_systemd_does_it_whenever_the_daemon_has_ended() -> None:
    """A failure of it is no failure of the unit."""
    unit = (ROOT / "systemd/bwvdock.service").read_text(encoding="utf-8").splitlines()
    [line] = [line for line in unit if line.startswith("ExecStopPost=")]
    shell, option, command = shlex.split(line.removeprefix("ExecStopPost=-"))
    program, *words, quiet = command.split()
    arguments = parse(words)
    assert (shell, option, program) == ("/bin/sh", "-c", "/usr/bin/bwvdock")
    assert (arguments.COMMAND, arguments.VERB) == ("lights", "reset")
    assert quiet == ">/dev/null", "a dock without lights says nothing of them whenever it stops"
