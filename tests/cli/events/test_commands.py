"""What do people get who import events, list them and look at one?"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bwvdock.core.facts import (
    ClipAttributed,
    ClipMatched,
    EventMatch,
    EventRecorded,
)
from bwvdock.edges.journal import JournalReader, verify_journal
from tests.cli.docks import CAMERA, VERIFIED, Dock
from tests.cli.test_consultation import WHY, daemon, words

Capture = pytest.CaptureFixture[str]
CALLS = """event,officer,unit,dispatched,cleared,category
EV1,4411,,2023-11-14T22:00Z,2023-11-14T22:40Z,burglary
EV1,4412,,2023-11-14T22:10Z,2023-11-14T22:40Z,
EV2,,Team 7,2023-11-15T09:00Z,,"=HYPERLINK(x)"
"""


@pytest.fixture
def calls(dock: Dock, tmp_path: Path, capsys: Capture) -> Dock:
    """Return a dock that was told of two events, of which one clip may be footage."""
    file = tmp_path / "calls.csv"
    file.write_text(CALLS.replace('"=HYPERLINK(x)"', "assault"))
    assert dock.run("events", "import", str(file)) == 0
    assert "2 events recorded." in capsys.readouterr().out
    match = EventMatch(event="EV1", basis="certain", role="officer", overlap_ms=60_000, uncertainty_ms=1000)
    dock.record(ClipAttributed(clip=VERIFIED, officer="4411"), ClipMatched(clip=VERIFIED, events=(match,)))
    return dock


def printed(capsys: Capture) -> Any:  # noqa: ANN401 - JSON
    return json.loads(capsys.readouterr().out)


def test_what_is_imported_is_in_the_journal_and_no_entry_names_anybody(calls: Dock) -> None:
    with JournalReader(calls.config.journal) as reader:
        leaves = reader.report(lambda db: db.execute("SELECT kind, leaf FROM entry").fetchall())
    events = [leaf for kind, leaf in leaves if kind == EventRecorded.kind]
    assert len(events) == 2
    for value in ("EV1", "4411", "Team 7", "burglary"):
        assert not any(f'"{value}"' in leaf for _, leaf in leaves)
    assert verify_journal(calls.config.journal).problems == ()


def test_the_same_list_again_changes_nothing(calls: Dock, tmp_path: Path, capsys: Capture) -> None:
    assert calls.run("events", "import", str(tmp_path / "calls.csv"), "--json") == 0
    answer = printed(capsys)
    assert (answer["recorded"], answer["same"], answer["not_cleared"]) == ([], 2, 1)


def test_a_wrong_row_leaves_nothing_recorded(dock: Dock, tmp_path: Path, capsys: Capture) -> None:
    file = tmp_path / "calls.csv"
    file.write_text(f"{CALLS}EV3,=1+2,,2023-11-15T09:00Z,,\n")
    assert dock.run("events", "import", str(file)) == 2
    assert "line 5: the officer begins with '='" in capsys.readouterr().err
    dock.record()
    assert dock.run("events", "list") == 0
    assert "No events have been imported here yet." in capsys.readouterr().err


@pytest.mark.slow
def test_a_list_names_nobody_who_was_sent_without_a_reason(calls: Dock, capsys: Capture) -> None:
    with daemon(calls) as desk:
        assert calls.run("events", "list") == 0
        shown = capsys.readouterr().out
        assert words(shown) >= {"EV1", "EV2", "burglary", "assault"}
        assert not words(shown) & {"4411", "4412"}
        assert "2 officers" in shown
        assert calls.run("events", "list", *WHY) == 0
        assert words(capsys.readouterr().out) >= {"4411", "4412"}
        assert calls.run("events", "list", "--officer", "4411") == 2
        assert "--reason" in capsys.readouterr().err
    assert [(fact.command, fact.subject) for fact in desk.said] == [("events list", "events")]


@pytest.mark.few(4)
@pytest.mark.parametrize(
    "options, found",
    [
        ([], ["EV2", "EV1"]),
        (["--without-footage"], ["EV2"]),
        (["--since", "2023-11-15"], ["EV2"]),
        (["--until", "2023-11-14"], ["EV1"]),
        (["--officer", "4412", *WHY], ["EV1"]),
        (["--officer", "9", *WHY], []),
        (["--unit", "Team 7", *WHY], ["EV2"]),
        (["--unit", "Team 7", "--until", "2023-11-14", *WHY], []),
    ],
)
def test_events_are_found(calls: Dock, capsys: Capture, options: list[str], found: list[str]) -> None:
    with daemon(calls):
        assert calls.run("events", "list", "--json", *options) == 0
    assert [one["event"] for one in printed(capsys)] == found


@pytest.mark.slow
def test_an_event_is_shown_with_who_was_sent_and_its_clips(calls: Dock, capsys: Capture) -> None:
    with daemon(calls):
        assert calls.run("events", "show", "EV1", *WHY) == 0
        shown = capsys.readouterr().out
        assert words(shown) >= {"EV1", "burglary", "4411", "4412", VERIFIED, "certain"}
        assert calls.run("events", "show", "EV1", "--json") == 0
        told = printed(capsys)
        assert {one["who"] for one in told["sent"]} == {None}
        assert [(clip["clip"], clip["officer"], clip["camera"]) for clip in told["clips"]] == [
            (VERIFIED, None, CAMERA)
        ]
        assert calls.run("events", "show", "EV2") == 0
        assert "Another dock may have footage of it." in capsys.readouterr().out
        assert calls.run("events", "show", "EV9") == 2
        assert "No event EV9 was ever imported here. Did you mean EV1?" in capsys.readouterr().err


def test_a_match_that_ends_is_no_match(calls: Dock, capsys: Capture) -> None:
    calls.record(ClipMatched(clip=VERIFIED, events=()), later=1000)
    assert calls.run("events", "list", "--without-footage", "--json") == 0
    assert [one["event"] for one in printed(capsys)] == ["EV2", "EV1"]
    assert verify_journal(calls.config.journal).problems == ()


@pytest.mark.slow
def test_an_event_is_erased_unless_a_clip_of_it_is_needed(calls: Dock, capsys: Capture) -> None:
    basis = ("--basis", "DPA 2018 s.47")
    assert calls.run("custody", "erase-values", "--event", "EV1", *basis) == 2
    assert f"Clip {VERIFIED} of event EV1 is not finished with" in capsys.readouterr().err
    assert calls.run("custody", "erase-values", "--event", "EV2", *basis) == 0
    capsys.readouterr()
    assert calls.run("events", "list", "--json") == 0
    assert [one["event"] for one in printed(capsys)] == ["", "EV1"]
    assert calls.run("events", "show", "EV2") == 2
    assert verify_journal(calls.config.journal).problems == ()
