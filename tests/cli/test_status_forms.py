"""Do the short form and the plugin form of `bwvdock status` keep their exit codes, whatever is wrong?"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bwvdock.cli import main
from tests.cli.docks import Dock

Capture = pytest.CaptureFixture[str]


def test_the_short_form_is_one_line_and_has_the_exit_code_of_status(dock: Dock, capsys: Capture) -> None:
    assert dock.run("status") == (code := dock.run("status", "--short")) == 3
    line = capsys.readouterr().out.splitlines()[-1]
    assert code == 3
    assert " NOT RUNNING, ERROR " in line
    assert "cameras not known" in line


def test_a_dock_that_does_not_run_is_critical(dock: Dock, capsys: Capture) -> None:
    assert dock.run("status", "--nagios") == 2
    assert capsys.readouterr().out.startswith("BWVDOCK CRITICAL - ")


@pytest.mark.parametrize(
    "arguments",
    [
        ("--nagios", "--no-such-option"),
        ("--nagios", "--json"),
        ("--nagios", "--short"),
        ("--nagios", "more"),
        ("--nagios", "--config", "/nowhere/at/all.toml"),
        ("--nagios", "--config", os.devnull),
    ],
)
def test_what_is_wrong_with_the_command_is_unknown(arguments: tuple[str, ...], capsys: Capture) -> None:
    assert main(["status", *arguments]) == 3
    shown = capsys.readouterr()
    assert shown.out.startswith("BWVDOCK UNKNOWN - ")
    assert "\n  -> " in shown.out


def test_a_state_directory_that_may_not_be_read_is_not_ok(tmp_path: Path, capsys: Capture) -> None:
    file = tmp_path / "bwvdock.toml"
    state = tmp_path / "state"
    state.write_text("no directory")
    file.write_text(f'[dock]\nid = "LEW-03"\nstate_dir = "{state}"\n')
    assert main(["status", "--nagios", "--config", str(file)]) in {2, 3}
    assert "BWVDOCK OK" not in capsys.readouterr().out


@pytest.mark.parametrize("form", ["--short", "--watch"])
def test_one_form_at_a_time(form: str, dock: Dock, capsys: Capture) -> None:
    assert dock.run("status", form, "--json") == 2
    assert capsys.readouterr().out == ""
