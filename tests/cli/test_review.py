"""Does `clips review` record who looked at footage and what it is? Does `clips list` find the rest?"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bwvdock.config.settings import load
from bwvdock.core.clips.classes.given import classify
from bwvdock.core.facts import BY_EVENT, ClipClassified, ClipDated, DisposalNoticed
from tests.cli.docks import LEFT, QUARANTINED, VERIFIED, Dock
from tests.cli.test_consultation import WHY, daemon
from tests.fakes.hostile import HOSTILE, assert_seen

Capture = pytest.CaptureFixture[str]
CLASSES = """
[retention]
unreviewed = "not-looked-at"
[[retention.class]]
name = "not-looked-at"
until = "reviewed"
ceiling_days = 400
[[retention.class]]
name = "use-of-force"
days = 365
[[retention.class]]
name = "traffic"
days = 14
"""


@pytest.fixture
def classed(dock: Dock) -> Dock:
    """The used dock, whose configuration has classes and whose verified clip has a date."""
    file = dock.config.file
    file.write_text(file.read_text() + CLASSES)
    dock.record(
        ClipDated(
            clip=VERIFIED,
            raw="2026-03-01T09:00:00.000Z",
            recorded_at="2026-03-01T09:00:00.000Z",
            uncertainty_ms=0,
            basis="b",
            retain_until="2027-04-05T09:00:00.000Z",
            kept_from="2026-03-01T09:00:00.000Z",
        )
    )
    return replace(dock, config=load(file))


def listed(dock: Dock, capsys: Capture, *filters: str) -> list[dict[str, Any]]:
    capsys.readouterr()
    assert dock.run("clips", "list", "--json", *filters) == 0
    found: list[dict[str, Any]] = json.loads(capsys.readouterr().out)
    return found


def ids(dock: Dock, capsys: Capture, *filters: str) -> list[str]:
    return sorted(clip["id"] for clip in listed(dock, capsys, *filters))


@pytest.mark.slow
def test_a_class_is_an_entry_with_who_and_why_and_says_until_when(classed: Dock, capsys: Capture) -> None:
    assert classed.run("clips", "review", VERIFIED, "--class", "use-of-force", "--reason", "the arrest") == 0
    said = capsys.readouterr().out
    assert said.startswith(f"Clip {VERIFIED} was reviewed: class use-of-force. It is kept until 2027-03-01")
    assert ", not 2027-04-05" in said
    with daemon(classed):
        assert classed.run("clips", "show", VERIFIED, "--json", *WHY) == 0
    shown = json.loads(capsys.readouterr().out)
    assert (shown["class"], shown["classes"], shown["reviewed"]) == ("use-of-force", ["use-of-force"], True)
    assert shown["retain_until"] == "2027-03-01T09:00:00.000Z"
    entry = next(e for e in shown["history"] if e["kind"] == ClipClassified.kind)
    assert (entry["data"]["basis"], entry["data"]["reason"]) == ("person", "the arrest")
    assert entry["data"]["actor"].partition(":")[0].isdigit()
    assert classed.run("clips", "show", VERIFIED) == 0
    told = capsys.readouterr().out
    assert "class use-of-force, kept for 365 days from its recording at least" in told
    assert "the arrest" not in told


@pytest.mark.slow
def test_what_nobody_reviewed_is_found_and_so_is_a_class(classed: Dock, capsys: Capture) -> None:
    assert ids(classed, capsys, "--unreviewed") == [VERIFIED, QUARANTINED, LEFT]
    assert classed.run("clips", "review", VERIFIED) == 0
    assert classed.run("clips", "review", QUARANTINED, "--class", "traffic") == 0
    assert classed.run("clips", "flag", LEFT, "--evidence", "--reason", "assault") == 0
    assert ids(classed, capsys, "--unreviewed") == []
    assert ids(classed, capsys, "--class", "traffic") == [QUARANTINED]
    assert ids(classed, capsys, "--class", "traf") == []
    assert ids(classed, capsys, "--class", "use-of-force") == []


def test_a_matched_event_reviews_as_a_person_does(classed: Dock, capsys: Capture) -> None:
    of = classed.config.retention.named("traffic")
    assert of is not None
    classed.record(classify(VERIFIED, of, basis=BY_EVENT))
    assert ids(classed, capsys, "--unreviewed") == [QUARANTINED, LEFT]
    assert classed.run("clips", "show", VERIFIED) == 0
    assert "by a matched event: class traffic" in capsys.readouterr().out


@pytest.mark.slow
def test_the_longest_wins_until_somebody_says_instead_and_why(classed: Dock, capsys: Capture) -> None:
    for name in ("use-of-force", "traffic"):
        assert classed.run("clips", "review", VERIFIED, "--class", name) == 0
    assert listed(classed, capsys, "--class", "traffic")[0]["classes"] == ["use-of-force", "traffic"]
    assert classed.run("clips", "review", VERIFIED, "--class", "traffic", "--instead") == 2
    assert "needs a reason" in capsys.readouterr().err
    assert (
        classed.run("clips", "review", VERIFIED, "--class", "traffic", "--instead", "--reason", "wrong clip")
        == 0
    )
    [clip] = listed(classed, capsys, "--class", "traffic")
    assert (clip["class"], clip["retain_until"]) == ("traffic", "2026-03-15T09:00:00.000Z")


def test_twice_changes_nothing(classed: Dock, capsys: Capture) -> None:
    for _ in range(2):
        assert classed.run("clips", "review", VERIFIED, "--class", "traffic") == 0
    assert "was already reviewed: class traffic; nothing changed" in capsys.readouterr().out
    with classed.reader() as reader:
        assert [entry.kind for entry in reader.history(VERIFIED)].count(ClipClassified.kind) == 1


@pytest.mark.slow
def test_a_class_that_is_not_one_is_refused_with_those_that_are(classed: Dock, capsys: Capture) -> None:
    for wrong in ("use-of-farce", "not-looked-at"):
        assert classed.run("clips", "review", VERIFIED, "--class", wrong) == 2
        assert "Classes: use-of-force, traffic" in capsys.readouterr().err
    assert classed.run("clips", "review", "01hqnothing") == 2
    assert classed.run("clips", "review", VERIFIED, "--reason", HOSTILE["escape"]) == 2
    assert_seen(capsys.readouterr().err)
    assert ids(classed, capsys, "--unreviewed") == [VERIFIED, QUARANTINED, LEFT]


def test_several_are_one_order(classed: Dock, capsys: Capture) -> None:
    assert classed.run("clips", "review", VERIFIED, QUARANTINED, VERIFIED, "--class", "traffic") == 0
    assert capsys.readouterr().out == "2 clips were reviewed: class traffic.\n"


@pytest.mark.slow
def test_a_class_that_was_taken_out_of_the_configuration_shortens_nothing(
    classed: Dock, capsys: Capture
) -> None:
    assert classed.run("clips", "review", VERIFIED, "--class", "use-of-force") == 0
    file: Path = classed.config.file
    file.write_text(file.read_text().replace("days = 365", "days = 2"))
    [clip] = listed(classed, capsys, "--class", "use-of-force")
    assert clip["retain_until"] == "2027-03-01T09:00:00.000Z"
    assert classed.run("clips", "review", VERIFIED, "--class", "use-of-force") == 0
    assert "nothing changed" in capsys.readouterr().out
    file.write_text(file.read_text().partition("[retention]")[0])
    assert listed(classed, capsys, "--class", "use-of-force") == [clip]


def retention(dock: Dock, capsys: Capture, *more: str) -> list[dict[str, Any]]:
    capsys.readouterr()
    assert dock.run("report", "retention", "--json", *more) == 0
    found: list[dict[str, Any]] = json.loads(capsys.readouterr().out)
    return found


@pytest.mark.slow
def test_the_report_of_retention_says_the_class_the_review_and_the_notice(
    classed: Dock, capsys: Capture
) -> None:
    due = "2027-04-05T09:00:00.000Z"
    notice = DisposalNoticed(clip=VERIFIED, at="2027-03-29T09:00:00.000Z", due=due, days=7)
    classed.record(notice)
    [row] = [row for row in retention(classed, capsys) if row["clip"] == VERIFIED]
    assert (row["classes"], row["reviewed"], row["noticed"]) == ("", False, notice.at)
    for name in ("use-of-force", "traffic"):
        assert classed.run("clips", "review", VERIFIED, "--class", name) == 0
    [row] = retention(classed, capsys, "--class", "traffic")
    assert (row["clip"], row["classes"], row["reviewed"]) == (VERIFIED, "use-of-force, traffic", True)
    assert row["noticed"] == "", "it was of another date"
    assert [row["clip"] for row in retention(classed, capsys, "--class", "")] == [QUARANTINED]
    assert classed.run("report", "retention") == 0
    assert "CLASSES" in capsys.readouterr().out
