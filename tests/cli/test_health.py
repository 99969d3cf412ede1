"""Does `cameras health` show which cameras are to be set aside, and why, as a sergeant needs it?"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bwvdock.cli.output.console import cells
from bwvdock.edges.control import ControlServer
from bwvdock.operators.daemon_client import answering
from bwvdock.operators.queries import Queries
from bwvdock.operators.requests import Request
from tests.cli.docks import Dock, new_dock
from tests.cli.terminals import typed
from tests.edges.journal.read.health.docked import Docks

Capture = pytest.CaptureFixture[str]
NOT_KNOWN = "By the last dockings at this dock, ten at the most; what other docks saw is not known here."


@pytest.fixture
def dock(tmp_path: Path) -> Dock:
    """Return a dock at which one camera was always read, one never well, and one hardly seen."""
    made = new_dock(tmp_path)
    with Docks(made.config.journal) as docks:
        for _ in range(3):
            docks.dock("CAM-GOOD", clock_ms=1000, battery=31)
            docks.dock("CAM-BAD", unreadable=2)
            docks.next_day()
        docks.dock("CAM-NEW")
    return made


@pytest.mark.slow
def test_the_worst_comes_first_with_its_reason(dock: Dock, capsys: Capture) -> None:
    assert dock.run("cameras", "health") == 0
    head, *rows = capsys.readouterr().out.splitlines()
    assert [row.split()[0] for row in rows[:3]] == ["CAM-BAD", "CAM-NEW", "CAM-GOOD"]
    assert "set aside" in rows[0]
    assert "6 files could not be read, at 3 of its last 3 dockings" in rows[0]
    assert "not enough seen" in rows[1]
    assert "BATTERY  BATTERY AT DOCKING" in head
    assert "31 %" in rows[2]
    assert rows[-2:] == ["3 cameras: 1 set aside, 1 not enough seen, 1 good.", NOT_KNOWN]


@pytest.mark.slow
def test_one_camera_with_all_that_was_seen_of_it(dock: Dock, capsys: Capture) -> None:
    assert dock.run("cameras", "health", "CAM-GOOD") == 0
    shown = capsys.readouterr().out
    assert shown.startswith("Camera CAM-GOOD (X100): GOOD\nSeen: 3 dockings from 2026-03-01 ")
    assert "\nSpeed: 9.5 MiB/s at the last dockings; " not in shown  # nothing was seen before these
    assert "\nSpeed: 9.5 MiB/s at the last dockings\n" in shown
    assert "\nClock: +1.0 s beside the dock's, +0.0 s a day\n" in shown
    assert "\nBattery when it was docked, as the camera said, the latest first: 31 %, 31 %, 31 %\n" in shown
    assert "\nBattery: " not in shown
    assert shown.endswith(f"{NOT_KNOWN}\n")


def test_json_has_figures_and_codes(dock: Dock, capsys: Capture) -> None:
    assert dock.run("cameras", "health", "--json") == 0
    printed = capsys.readouterr()
    bad, new, good = json.loads(printed.out)
    assert (bad["serial"], bad["verdict"], bad["unreadable"], bad["battery"]) == (
        "CAM-BAD",
        "set aside",
        6,
        None,
    )
    [reason] = bad["reasons"]
    assert (reason["cause"], reason["verdict"], reason["dockings"]) == ("unreadable", "set aside", 3)
    assert (good["battery_at_docking"], len(good["batteries"])) == (31, 3)
    assert good["batteries"][0]["percent"] == 31
    assert (bad["battery_at_docking"], bad["batteries"]) == (None, [])
    assert (new["verdict"], good["verdict"], good["reasons"]) == ("not enough seen", "good", [])
    assert printed.err == ""


@pytest.mark.slow
def test_how_charged_a_docked_camera_is_comes_from_the_daemon(dock: Dock, capsys: Capture) -> None:
    said = {
        "cameras": [
            {"serial": "CAM-GOOD", "battery": 83, "state": "safe-to-remove"},
            {"serial": "CAM-GOOD", "battery": 12, "state": "refused"},
            {"serial": "CAM-BAD"},
            {"serial": "X", "battery": "?"},
        ]
    }

    def carry_out(_: Request, __: str) -> dict[str, object]:
        return dict(said)

    dock.config.run_dir.mkdir(parents=True, exist_ok=True)
    with ControlServer(dock.config.control_socket, answering(carry_out, Queries(dock.config.journal))):
        assert dock.run("cameras", "health", "--json") == 0
        batteries = {one["serial"]: one["battery"] for one in json.loads(capsys.readouterr().out)}
        assert dock.run("cameras", "health", "CAM-GOOD") == 0
    assert batteries == {"CAM-GOOD": 83, "CAM-BAD": None, "CAM-NEW": None}
    assert "\nBattery: 83 %, as the camera says\n" in capsys.readouterr().out


@pytest.mark.slow
def test_a_camera_that_was_never_read_here_is_an_error_and_no_camera_at_all_is_none(
    dock: Dock, tmp_path: Path, capsys: Capture
) -> None:
    assert dock.run("cameras", "health", "CAM-ELSEWHERE") == 2
    assert "No docking of camera CAM-ELSEWHERE is known here" in capsys.readouterr().err
    (tmp_path / "new").mkdir()
    empty = new_dock(tmp_path / "new")
    with Docks(empty.config.journal):
        pass
    assert empty.run("cameras", "health") == 0
    assert "No camera has been docked here yet." in capsys.readouterr().err


@pytest.mark.slow
@pytest.mark.parametrize("columns", [80, 120])
def test_it_fits_a_terminal_with_verdict_and_reason(dock: Dock, columns: int) -> None:
    ended, lines = typed(["cameras", "health", "--config", str(dock.config.file)], columns)
    assert ended == 0
    assert all(cells(line) <= columns for line in lines)
    words = " ".join(" ".join(lines).split())
    assert "VERDICT" in words
    assert "WHY" in words
    assert "set aside" in words
    assert "could not be read, at 3 of" in words
