"""Does an order reach the daemon, and get done without one where that is safe?"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from bwvdock.edges.control import ControlServer
from bwvdock.edges.system import hold_dock
from bwvdock.errors import UsageError
from bwvdock.operators.daemon_client import answering
from bwvdock.operators.requests import Enrol, Request
from tests.cli.docks import QUARANTINED, VERIFIED, Dock
from tests.places import code_for_all

Capture = pytest.CaptureFixture[str]
ROOT = Path(__file__).resolve().parents[2]
_NOBODY = 65534


def test_a_running_daemon_is_asked_and_nothing_else_is_touched(empty_dock: Dock, capsys: Capture) -> None:
    asked = []

    def tell(request: Request, _actor: str) -> Mapping[str, Any]:
        asked.append(request)
        return {"message": "Camera CAM-17 is enrolled."}

    empty_dock.config.run_dir.mkdir()
    with ControlServer(empty_dock.config.control_socket, answering(tell)):
        assert empty_dock.run("cameras", "enrol", "CAM-17", "--model", "Fox") == 0
    assert asked == [Enrol(serial="CAM-17", model="Fox")]
    assert capsys.readouterr().out == "Camera CAM-17 is enrolled.\n"
    assert not empty_dock.config.journal.exists()


def test_what_the_daemon_refuses_is_refused(empty_dock: Dock, capsys: Capture) -> None:
    def refuse(_request: Request, _actor: str) -> Mapping[str, Any]:
        raise UsageError("No such clip.", remedy="bwvdock clips list")

    empty_dock.config.run_dir.mkdir()
    with ControlServer(empty_dock.config.control_socket, answering(refuse)):
        assert empty_dock.run("clips", "retry", "x", "--json") == 2
    said = capsys.readouterr()
    assert (said.out, said.err) == ("", "bwvdock: No such clip.\n  bwvdock clips list\n")


def test_cameras_can_be_enrolled_before_the_first_start(empty_dock: Dock, capsys: Capture) -> None:
    assert empty_dock.run("cameras", "enrol", "CAM-17", "--json") == 0
    assert json.loads(capsys.readouterr().out)["recorded"] == ["camera_enrolled"]
    with empty_dock.reader() as reader:
        assert reader.enrolment("CAM-17").enrolled
    assert empty_dock.run("cameras", "revoke", "CAM-17", "--reason", "lost") == 0
    with empty_dock.reader() as reader:
        assert reader.enrolment("CAM-17").revoked == "lost"


def test_the_state_directory_is_made_where_there_is_none(empty_dock: Dock) -> None:
    empty_dock.config.state_dir.rmdir()
    assert empty_dock.run("cameras", "enrol", "CAM-17") == 0
    assert empty_dock.config.journal.exists()


def test_a_quarantined_clip_is_retried_from_what_the_spool_really_holds(dock: Dock, capsys: Capture) -> None:
    assert dock.run("clips", "retry", QUARANTINED) == 0
    assert dock.kinds()[-1] == "clip_retried"
    assert "matches the hash taken at ingest" in capsys.readouterr().out


def test_a_quarantined_clip_with_a_torn_copy_is_recalled(dock: Dock, capsys: Capture) -> None:
    path = dock.spooled(QUARANTINED)
    path.unlink()
    path.write_bytes(b"torn")
    assert dock.run("clips", "retry", QUARANTINED) == 0
    assert dock.kinds()[-1] == "clip_recalled"
    assert "copied again" in capsys.readouterr().out


def test_a_clip_that_is_well_is_left_alone(dock: Dock, capsys: Capture) -> None:
    assert dock.run("clips", "retry", VERIFIED) == 2
    assert "not in quarantine" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["pause", "resume"])
def test_pausing_needs_a_daemon(dock: Dock, capsys: Capture, command: str) -> None:
    assert dock.run(command) == 3
    assert "systemctl status bwvdock" in capsys.readouterr().err


def test_a_daemon_that_holds_the_dock_and_is_silent_is_not_gone_round(dock: Dock, capsys: Capture) -> None:
    with hold_dock(dock.config.state_dir):
        assert dock.run("cameras", "enrol", "CAM-18") == 3
    assert capsys.readouterr().err.startswith("bwvdock: The daemon ")
    with dock.reader() as reader:
        assert not reader.enrolment("CAM-18").enrolled


@pytest.mark.needs_root
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can act for another user")
@pytest.mark.parametrize("command", ["cameras enrol CAM-17", "init"])
def test_what_root_does_belongs_to_the_docks_own_user(open_path: Path, command: str) -> None:
    state = open_path / "state"
    state.mkdir()
    os.chown(state, _NOBODY, _NOBODY)
    file = open_path / "bwvdock.toml"
    file.write_text(f'[dock]\nid = "LEW-03"\nstate_dir = "{state}"\n')
    done = subprocess.run(
        [sys.executable, "-m", "bwvdock", *command.split(), "--config", str(file)],
        cwd=open_path,
        env=code_for_all(open_path),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    made = {path.name: path.stat().st_uid for path in state.iterdir()}
    assert "journal.sqlite3" in made
    assert set(made.values()) == {_NOBODY}
