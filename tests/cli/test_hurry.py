"""Does `clips hurry` record who put a clip before others, and say what follows from it?"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from bwvdock.core.facts import AcquiredPart, ClipAcquired, ClipDisposed, ClipHurried, DisposalIntended
from tests.cli.docks import DOCKING, LEFT, QUARANTINED, VERIFIED, Dock
from tests.cli.test_consultation import WHY, daemon
from tests.fakes.hostile import HOSTILE, assert_seen

Capture = pytest.CaptureFixture[str]
PART = AcquiredPart(size=500, sha256="0" * 64, pieces=("0" * 64,), read_bytes=500)


def hurried(dock: Dock) -> list[str]:
    with dock.reader() as reader:
        return [clip.id for clip in map(reader.clip, (VERIFIED, QUARANTINED, LEFT)) if clip and clip.hurried]


def shown(dock: Dock, capsys: Capture, clip: str, *more: str) -> Mapping[str, Any]:
    capsys.readouterr()
    assert dock.run("clips", "show", clip, "--json", *more) == 0
    found: Mapping[str, Any] = json.loads(capsys.readouterr().out)
    return found


@pytest.mark.slow
def test_who_asked_and_why_is_an_entry_and_both_are_shown_with_a_reason_alone(
    dock: Dock, capsys: Capture
) -> None:
    dock.record(ClipAcquired(clip=LEFT, docking=DOCKING, parts=(PART,)))
    assert not shown(dock, capsys, LEFT)["hurried"]
    assert dock.run("clips", "hurry", LEFT, "--reason", "the custody clock runs") == 0
    assert capsys.readouterr().out == f"Clip {LEFT} now goes before all others to every destination.\n"
    assert hurried(dock) == [LEFT]
    told = shown(dock, capsys, LEFT)
    assert told["hurried"]
    assert "custody clock" not in json.dumps(told)
    with daemon(dock):
        entry = next(e for e in shown(dock, capsys, LEFT, *WHY)["history"] if e["kind"] == "clip_hurried")
        assert entry["data"]["reason"] == "the custody clock runs"
        assert entry["data"]["actor"].partition(":")[0].isdigit()
        assert dock.run("clips", "show", LEFT, *WHY) == 0
    assert "put before all others by" in capsys.readouterr().out


def test_no_reason_need_be_given_and_twice_changes_nothing(dock: Dock, capsys: Capture) -> None:
    dock.record(ClipAcquired(clip=LEFT, docking=DOCKING, parts=(PART,)))
    for _ in range(2):
        assert dock.run("clips", "hurry", LEFT) == 0
    assert "already went before all others; nothing changed" in capsys.readouterr().out
    with dock.reader() as reader:
        assert [entry.kind for entry in reader.history(LEFT)].count(ClipHurried.kind) == 1


def test_one_that_is_still_on_its_camera_is_copied_first(dock: Dock, capsys: Capture) -> None:
    assert dock.run("clips", "hurry", LEFT) == 0
    assert "still on camera CAM-17: it is copied before others" in capsys.readouterr().out
    assert hurried(dock) == [LEFT]


def test_of_one_that_is_proven_nothing_is_recorded(dock: Dock, capsys: Capture) -> None:
    assert dock.run("clips", "hurry", VERIFIED) == 0
    assert "verified: its copies had been proven. Nothing changed." in capsys.readouterr().out
    assert hurried(dock) == []


def test_of_one_whose_copies_were_disposed_of_no_copy_is_claimed(dock: Dock, capsys: Capture) -> None:
    for place in ("spool", "vault"):
        dock.record(
            DisposalIntended(clip=VERIFIED, place=place, reason="past retention"),
            ClipDisposed(clip=VERIFIED, place=place, sha256="0" * 64),
        )
    assert dock.run("clips", "hurry", VERIFIED) == 0
    assert "what was in spool, vault has been disposed of since. Nothing" in capsys.readouterr().out
    assert hurried(dock) == []


@pytest.mark.slow
def test_one_on_hold_is_hurried_and_stays_on_hold(dock: Dock, capsys: Capture) -> None:
    dock.record(ClipAcquired(clip=LEFT, docking=DOCKING, parts=(PART,)))
    assert dock.run("clips", "hold", LEFT, "--reason", "inquiry 12/26") == 0
    capsys.readouterr()
    assert dock.run("clips", "hurry", LEFT) == 0
    assert "now goes before all others" in capsys.readouterr().out
    told = shown(dock, capsys, LEFT)
    assert (told["hurried"], told["held"]) == (True, True)


def test_one_that_cannot_be_hurried_stops_it_all(dock: Dock, capsys: Capture) -> None:
    for wrong in (QUARANTINED, "01hqnothing"):
        assert dock.run("clips", "hurry", LEFT, wrong) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert f"bwvdock clips retry {QUARANTINED}" in said.err
    assert hurried(dock) == []


def test_several_are_one_order(dock: Dock, capsys: Capture) -> None:
    assert dock.run("clips", "hurry", LEFT, VERIFIED, LEFT) == 0
    said = capsys.readouterr().out
    assert said == "1 clip now goes before all others. 1 clip had been proven already.\n"


def test_a_reason_that_cannot_be_seen_is_not_recorded(dock: Dock, capsys: Capture) -> None:
    assert dock.run("clips", "hurry", LEFT, "--reason", HOSTILE["escape"]) == 2
    assert_seen(capsys.readouterr().err)
    assert hurried(dock) == []
