"""Does the report on absence ask about no number that is there, whatever the recordings' times say?"""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest

from bwvdock.core.facts import CameraAttached, CameraDetached, ClipFound, Fact, SourceFile
from tests.cli.docks import Dock

Capture = pytest.CaptureFixture[str]


def asked(dock: Dock, capsys: Capture, recorded: Mapping[str, int]) -> list[str]:
    """Return what numbers are asked about after a docking that found these names, with these times."""
    docking = "01hq00000000000dk7"
    facts: list[Fact] = [CameraAttached(docking=docking, camera="CAM-9", bay="1", transport="mass-storage")]
    for place, (name, second) in enumerate(recorded.items()):
        file = SourceFile(path=f"DCIM/{name}", size=1, mtime_ns=second * 10**9, fingerprint="")
        facts.append(ClipFound(clip=f"01hqz{place:013}", docking=docking, camera="CAM-9", files=(file,)))
    facts.append(CameraDetached(docking=docking, reason="removed", residual=0, complete=True))
    dock.record(*facts)
    capsys.readouterr()
    assert dock.run("report", "absence", "--json") == 0
    rows = json.loads(capsys.readouterr().out)
    return [row["detail"] for row in rows if row["what"] == "numbers"]


SHUFFLED = (7, 1, 12, 3, 9, 13, 2, 11, 5, 4, 10, 6, 8)


def test_equal_times_leave_no_gap(dock: Dock, capsys: Capture) -> None:
    assert asked(dock, capsys, {f"VID_{n:04}.MP4": 1_780_000_000 for n in SHUFFLED}) == []


def test_one_clock_that_was_not_set_leaves_no_gap(dock: Dock, capsys: Capture) -> None:
    times = {f"VID_{n:04}.MP4": 1_780_000_000 + n for n in range(1, 9)} | {"VID_0004.MP4": 0}
    assert asked(dock, capsys, times) == []


def test_stills_and_clips_that_share_a_counter_leave_no_gap(dock: Dock, capsys: Capture) -> None:
    kinds = ("IMG_{:04}.JPG", "VID_{:04}.MP4", "VID_{:04}.MP4")
    times = {kinds[n % 3].format(n): 1_780_000_000 + n for n in range(1, 14)}
    assert asked(dock, capsys, times) == []


def test_a_number_that_is_missing_is_asked_about_whatever_the_times_say(dock: Dock, capsys: Capture) -> None:
    names = {f"VID_{n:04}.MP4": 1_780_000_000 for n in SHUFFLED if n != 6}
    assert asked(dock, capsys, names) == ["1 between VID_0005.MP4 and VID_0007.MP4 never seen"]
