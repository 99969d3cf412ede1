"""Does `bwvdock status` put daemon and journal together, and say which of them is missing?"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from bwvdock.core.media.sightings import Transport
from bwvdock.edges.control import ControlServer
from bwvdock.operators.daemon_client import answering
from bwvdock.operators.requests import Request
from bwvdock.operators.requests import Status as StatusRequest
from bwvdock.status.values import CameraState, Live, LiveCamera, LiveDestination, SpoolUse, live_to_json
from tests.cli.docks import Dock

ROOT = Path(__file__).resolve().parents[2]
Capture = pytest.CaptureFixture[str]
LIVE = Live(
    started_at="2026-03-01T05:00:00.000Z",
    cameras=(
        LiveCamera(
            serial="CAM-17", bay="1-2.3", transport=Transport.MASS_STORAGE, state=CameraState.SAFE_TO_REMOVE
        ),
    ),
    destinations=(LiveDestination(name="vault", kind="directory", reachable=True),),
    spool=SpoolUse(bytes=10, free_bytes=2**30),
)


def daemon(dock: Dock, answer: Mapping[str, Any]) -> ControlServer:
    def tell(request: Request, _actor: str) -> Mapping[str, Any]:
        assert request == StatusRequest()
        return answer

    dock.config.run_dir.mkdir(exist_ok=True)
    return ControlServer(dock.config.control_socket, answering(tell))


def test_without_a_daemon_the_journal_still_tells(dock: Dock, capsys: Capture) -> None:
    assert dock.run("status", "--json") == 3
    found = json.loads(capsys.readouterr().out)
    assert found["dock"]["running"] is False
    assert (found["clips"]["verified"], found["clips"]["quarantined"]) == (1, 1)
    assert found["destinations"][0]["last_receipt_at"]
    assert found["spool"]["bytes"] == 36000
    assert {"daemon-not-running", "clips-quarantined", "clips-unassigned"} == {
        a["code"] for a in found["alerts"]
    }
    assert dock.run("status") == 3
    assert "NOT RUNNING" in capsys.readouterr().out.splitlines()[0]


def test_without_daemon_and_journal(empty_dock: Dock, capsys: Capture) -> None:
    assert empty_dock.run("status", "--json") == 3
    assert json.loads(capsys.readouterr().out)["journal"]["entries"] == 0


def test_with_a_daemon(dock: Dock, capsys: Capture) -> None:
    with daemon(dock, live_to_json(LIVE)):
        code = dock.run("status", "--json")
        found = json.loads(capsys.readouterr().out)
        assert dock.run("status") == code
    assert code == 1, "a clip is in quarantine"
    assert found["dock"]["running"] is True
    assert found["cameras"][0]["state"] == "safe-to-remove"
    assert found["spool"] == {"bytes": 10, "free_bytes": 2**30}
    assert "SAFE TO REMOVE" in capsys.readouterr().out


def test_all_well(empty_dock: Dock, capsys: Capture) -> None:
    empty_dock.record()
    with daemon(empty_dock, live_to_json(LIVE)):
        assert empty_dock.run("status") == 0
    assert ": running. 1 camera docked" in capsys.readouterr().out


def test_a_daemon_of_another_version_is_told(dock: Dock, capsys: Capture) -> None:
    with daemon(dock, {"something": "else"}):
        assert dock.run("status") == 3
    assert "different version" in capsys.readouterr().out


@pytest.mark.slow
def test_watching_shows_it_until_it_is_interrupted(dock: Dock) -> None:
    # A shell starts what runs in its background with SIGINT ignored, and that is inherited.
    hears = ["env", "--default-signal=INT"]
    process = subprocess.Popen(
        [*hears, sys.executable, "-m", "bwvdock", "status", "--watch", "--config", str(dock.config.file)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout
    while not process.stdout.readline().startswith(b"Journal"):
        assert process.poll() is None
    process.send_signal(signal.SIGINT)
    _, complaint = process.communicate(timeout=60)
    assert (process.returncode, complaint) == (130, b"")


def test_watching_is_for_people(dock: Dock, capsys: Capture) -> None:
    assert dock.run("status", "--watch", "--json") == 2
    assert capsys.readouterr().out == ""
