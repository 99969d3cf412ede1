"""Does a dry run say what would go, what would not and why, and change nothing?"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bwvdock.core.facts import (
    ClipDated,
    ClipDisposed,
    ClipFlagged,
    ClipHeld,
    DisposalIntended,
    DisposalNoticed,
)
from tests.cli.docks import QUARANTINED, VERIFIED, Dock, used_dock

Capture = pytest.CaptureFixture[str]
MARCH = "2026-03-01T00:00:00.000Z"
FAR = "2026-04-01"


@pytest.fixture
def dock(tmp_path: Path) -> Dock:
    here = used_dock(tmp_path)
    notice = DisposalNoticed(clip=VERIFIED, at="2026-02-20T00:00:00.000Z", due=MARCH, days=7)
    here.record(dated(VERIFIED), dated(QUARANTINED), notice)
    return here


def dated(clip: str, until: str = MARCH) -> ClipDated:
    return ClipDated(clip=clip, raw=MARCH, recorded_at=MARCH, uncertainty_ms=0, basis="b", retain_until=until)


def dry(dock: Dock, capsys: Capture, *more: str) -> dict[str, dict[str, Any]]:
    capsys.readouterr()
    assert dock.run("dispose", "--dry-run", "--json", *more) == 0
    return {row["clip"]: row for row in json.loads(capsys.readouterr().out)}


def test_what_is_due_goes_and_what_is_in_doubt_does_not(dock: Dock, capsys: Capture) -> None:
    rows = dry(dock, capsys, "--at", FAR)
    assert rows[VERIFIED]["goes"]
    assert rows[VERIFIED]["places"] == ["spool", "vault"]
    assert (rows[QUARANTINED]["goes"], rows[QUARANTINED]["why"]) == (False, "unproven")


def test_nothing_goes_before_its_time(dock: Dock, capsys: Capture) -> None:
    assert dry(dock, capsys, "--at", "2026-02-01") == {}


@pytest.mark.parametrize(
    "said,why",
    [
        (ClipHeld(clip=VERIFIED, reason="r", actor="1:a"), "held"),
        (ClipFlagged(clip=VERIFIED, reason="r", case="", actor="1:a"), "evidence"),
        (dated(VERIFIED, until=""), "undated"),
    ],
)
def test_why_not(dock: Dock, capsys: Capture, said: Any, why: str) -> None:  # noqa: ANN401 - facts
    dock.record(said)
    row = dry(dock, capsys, "--at", FAR)[VERIFIED]
    assert (row["goes"], row["why"]) == (False, why)


def test_what_nobody_reviewed_waits_for_its_notice_and_later_would_have_had_it(
    dock: Dock, capsys: Capture
) -> None:
    dock.record(dated(VERIFIED, until="2026-03-02T00:00:00.000Z"))  # not the date that notice was given for
    row = dry(dock, capsys, "--at", FAR)[VERIFIED]
    assert (row["goes"], row["why"]) == (False, "no notice")
    assert dry(dock, capsys, "--at", "2999-01-01")[VERIFIED]["goes"]


def test_what_is_gone_in_one_place_is_due_in_the_other(dock: Dock, capsys: Capture) -> None:
    dock.record(DisposalIntended(clip=VERIFIED, place="spool", reason="r"))
    dock.record(ClipDisposed(clip=VERIFIED, place="spool", sha256="00"))
    assert dry(dock, capsys, "--at", FAR)[VERIFIED]["places"] == ["vault"]


def test_a_person_reads_it_too_and_nothing_was_changed(dock: Dock, capsys: Capture) -> None:
    before = dock.spooled(VERIFIED).read_bytes()
    assert dock.run("dispose", "--dry-run", "--at", FAR) == 0
    shown = capsys.readouterr().out
    assert "WOULD GO" in shown
    assert "unproven" in shown
    assert dock.spooled(VERIFIED).read_bytes() == before


def test_only_a_dry_run_can_be_of_another_time(dock: Dock) -> None:
    assert dock.run("dispose", "--at", FAR) == 2


def test_without_a_daemon_nothing_is_disposed_of(dock: Dock) -> None:
    assert dock.run("dispose") == 3
    assert dock.spooled(VERIFIED).exists()
