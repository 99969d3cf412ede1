"""Does every answer say what it was seen in, is every gap said, and does no answer say more than was seen?"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bwvdock.cli.audit.assessment.findings import FINDINGS
from bwvdock.cli.audit.assessment.values import Known
from bwvdock.core.custody.checkpoints import StoredCheckpoint
from bwvdock.core.facts import (
    CameraDetached,
    ClipAttributed,
    ClipDated,
    ClipFlagged,
    ClipMatched,
    DestinationAssessed,
    DockChecked,
    EventMatch,
    EventRecorded,
    Fact,
    FootageConsulted,
    FootageExported,
    HoldOpened,
    JournalVerified,
    SampleDrawn,
    SentOfficer,
    VerificationFailed,
    VerifiedAgain,
)
from bwvdock.core.moments import iso
from bwvdock.edges.journal import open_journal
from tests.cli.audit.pages import read_page
from tests.cli.docks import CAMERA, QUARANTINED, VERIFIED, Dock, new_dock, used_dock
from tests.edges.journal import stories as tell
from tests.edges.journal.read.audit import worlds
from tests.edges.journal.read.audit.worlds import ASKED
from tests.fakes.clock import FakeClock
from tests.names import names_in

Capture = pytest.CaptureFixture[str]
ACTOR = "0:root"
SOON = iso(worlds.FIRST + timedelta(days=3))
COUNTY = """
[[destination]]
name = "vault"
kind = "directory"
path = "{vault}"

[[destination]]
name = "county"
kind = "tus"
url = "http://evidence.example.org:8080/files/"
"""


@pytest.fixture
def dock(tmp_path: Path) -> Dock:
    return used_dock(tmp_path)


def assessed(dock: Dock, capsys: Capture) -> dict[str, Any]:
    capsys.readouterr()
    assert dock.run("report", "self-assessment", "--json") == 0
    document: dict[str, Any] = json.loads(capsys.readouterr().out)
    return document


def answers(dock: Dock, capsys: Capture) -> dict[str, dict[str, str]]:
    return {row["id"]: row for row in assessed(dock, capsys)["answers"]}


def test_twelve_principles_and_every_finding_are_answered_with_where_it_was_seen(
    dock: Dock, capsys: Capture
) -> None:
    rows = answers(dock, capsys)
    assert [name for name in rows if name.startswith("P")] == [f"P{n}" for n in range(1, 13)]
    assert len(rows) == 12 + 14
    for row in rows.values():
        assert row["finding"] in {"seen", "gap", "not seen here"}
        assert row["seen_in"] or row["finding"] == "not seen here"
        assert row["answer"].endswith(".")
        assert row["source"]
        assert row["question"].endswith("?")


def verified(*, problems: int = 0) -> JournalVerified:
    told: dict[str, Any] = {"root": "ab" * 32, "codes": (), "errors": 0, "seconds": 1}
    return JournalVerified(entries=1, since=0, copies=1, documents=1, problems=problems, **told)


def drawn() -> SampleDrawn:
    told: dict[str, Any] = {"since": SOON, "until": SOON, "root": "ab" * 32, "reason": "r", "actor": ACTOR}
    return SampleDrawn(per="unit", wanted=1, size=1, population=1, clips=(VERIFIED,), **told)


def dated(uncertainty_ms: int, *clips: str) -> list[Fact]:
    told: dict[str, Any] = {"raw": SOON, "recorded_at": SOON, "basis": "b", "retain_until": SOON}
    return [ClipDated(clip=clip, uncertainty_ms=uncertainty_ms, **told) for clip in clips]


def consulted() -> FootageConsulted:
    return FootageConsulted(
        command="clips show", subject=VERIFIED, reason="r", actor=ACTOR, clips=(VERIFIED,)
    )


def flagged() -> ClipFlagged:
    return ClipFlagged(clip=VERIFIED, reason="r", case="", actor=ACTOR)


def checked(*errors: str, warnings: tuple[str, ...] = ()) -> DockChecked:
    return DockChecked(fit=not errors, errors=errors, warnings=warnings, unseen=())


def again() -> VerifiedAgain:
    return VerifiedAgain(
        clip=VERIFIED, destination="vault", object="o", version="", sha256="ab" * 32, method="read-back"
    )


def lost() -> VerificationFailed:
    return VerificationFailed(clip=VERIFIED, destination="vault", object="o", finding="missing", words="404")


def called() -> EventRecorded:
    sent = SentOfficer(officer="4411", dispatched=SOON, cleared=SOON)
    return EventRecorded(event="E-1", officers=(sent,), units=(), actor=ACTOR)


def matched(basis: str = "certain") -> ClipMatched:
    match = EventMatch(event="E-1", basis=basis, role="officer", overlap_ms=1, uncertainty_ms=0)
    return ClipMatched(clip=VERIFIED, events=(match,))


def held() -> HoldOpened:
    return HoldOpened(hold="h-1", officer="4411", reason="r", actor=ACTOR)


def exported() -> FootageExported:
    return FootageExported(clips=(VERIFIED,), tagmanifest_sha256="ab" * 32, reason="r", actor=ACTOR)


ATTRIBUTED: list[Fact] = [ClipAttributed(clip=clip, officer="4411") for clip in (VERIFIED, QUARANTINED)]


@pytest.mark.few(12)
@pytest.mark.parametrize(
    "question,facts,finding,words",
    [
        ("P4", [], "gap", "0 of 2 (0.0%)"),
        ("P4", ATTRIBUTED, "seen", "2 of 2 (100.0%)"),
        ("P6", [], "gap", "2 clips have no date of disposal"),
        ("P6", dated(0, VERIFIED, QUARANTINED), "seen", "kept for 31 days"),
        ("P9", [], "gap", "not recorded a check"),
        ("P9", [checked("clock")], "gap", "errors: clock"),
        ("P9", [checked(warnings=("disk",))], "gap", "warnings: disk"),
        ("P9", [checked()], "seen", "errors: none"),
        ("P10", [], "gap", "No verification"),
        ("P10", [verified()], "gap", "No witness"),
        ("P11", [], "gap", "1 were seen on a camera and not copied"),
        ("A1", [], "gap", "No copy was proven again"),
        ("A1", [again()], "seen", "last proven again"),
        ("A1", [again(), lost()], "gap", "not made good: 1."),
        ("A2", [], "gap", "Required stores: vault."),
        ("A3", [flagged()], "gap", "1 of 2 (50.0%)"),
        ("A3", [called(), matched()], "gap", "1 of 2 (50.0%)"),
        ("A3", [called(), matched("possible")], "gap", "0 of 2 (0.0%)"),
        ("A3", [], "gap", "kept for 31 days, and disposed of after notice of 7 days."),
        ("A5", [], "seen", "p95"),
        ("A6", [], "gap", "no events from dispatch"),
        ("A6", [called(), matched()], "gap", "1 of 2 (50.0%)"),
        ("A6", [called(), matched("possible")], "gap", "0 of 2 (0.0%)"),
        ("A7", ATTRIBUTED, "seen", "With an officer: 2 of 2"),
        ("A8", [consulted(), *dated(0, VERIFIED)], "gap", "1 clips"),
        ("A8", dated(0, VERIFIED), "seen", "0 clips"),
        ("A9", [held()], "seen", "open: 1."),
        ("A12", [], "gap", "drawn for a review: 0"),
        ("A12", [drawn()], "seen", "drawn for a review: 1"),
        ("A13", [], "seen", "its rights were not looked at"),
        ("A14", [consulted()], "seen", "Consultations: 1"),
        ("A14", [exported()], "gap", "More was exported"),
    ],
)
def test_what_is_missing_is_a_gap_and_what_was_done_is_seen(
    dock: Dock, capsys: Capture, question: str, facts: list[Fact], finding: str, words: str
) -> None:
    dock.record(*facts, later=1000)
    row = answers(dock, capsys)[question]
    assert row["finding"] == finding
    assert words in row["answer"]


@pytest.mark.slow
def test_a_journal_that_a_witness_confirmed_is_said_to_be_with_the_problems_that_were_found(
    dock: Dock, capsys: Capture
) -> None:
    dock.record(verified())
    with open_journal(dock.config.journal, FakeClock()) as journal:
        kept = StoredCheckpoint(size=1, root=b"\1" * 32, note="n", made_at=SOON)
        journal.keep_checkpoint(kept)
        journal.keep_cosignature(1, "hq.example+0123abcd+key", "line")
    assert answers(dock, capsys)["P10"]["finding"] == "seen"
    assert "hq.example" in answers(dock, capsys)["P10"]["answer"]
    dock.record(verified(problems=2), later=2000)
    row = answers(dock, capsys)["P10"]
    assert (row["finding"], "2 problems" in row["answer"]) == ("gap", True)


def test_what_later_areas_of_the_journal_know_is_said(dock: Dock, capsys: Capture) -> None:
    """Of standing holds, and of copies that were found missing: where the journal has them."""
    dock.record(again())
    with dock.reader() as reader:
        seen = reader.observations(ASKED, now=worlds.FIRST)
    questions = {question.id: question for question in FINDINGS}

    def answer(question: str, *, holds: int | None = None, lost: int | None = None) -> tuple[str, str]:
        more = replace(seen, open_holds=holds, lost_copies=lost)
        given = questions[question].answer(Known(config=dock.config, seen=more))
        return given.finding, given.words

    assert answer("A9", holds=None)[0] == "gap"
    assert answer("A9", holds=0)[0] == "seen"
    assert "open: 3." in answer("A9", holds=3)[1]
    assert answer("A1", lost=0)[0] == "seen"
    assert answer("A1", lost=2)[0] == "gap"
    assert "not made good: 2." in answer("A1", lost=2)[1]


def test_a_docking_that_left_something_is_a_gap(dock: Dock, capsys: Capture) -> None:
    docking = "01hq00000000000dk9"
    gone = CameraDetached(docking=docking, reason="removed", residual=1, complete=False)
    dock.record(*tell.attached(docking, camera=CAMERA), gone, later=1000)
    row = answers(dock, capsys)["A10"]
    assert (row["finding"], "1 of 2" in row["answer"]) == ("gap", True)


@pytest.mark.slow
def test_it_says_where_each_copy_lies_and_who_may_open_it(tmp_path: Path, capsys: Capture) -> None:
    """DESC, 2022: who had access to copies in another country was not known."""
    dock = new_dock(tmp_path, COUNTY.format(vault=tmp_path / "state" / "vault"))
    clip = worlds.Plan(number=0, camera="CAM-1", recorded=worlds.FIRST, size=1, dated="known")
    clips = [replace(clip, number=n, proven=(("vault", 1), ("county", 2))) for n in range(3)]
    clips[0] = replace(clips[0], gone=("spool", "vault"))
    docking = worlds.Docking(number=1, camera="CAM-1", at=worlds.FIRST, safe_after=0, clips=clips)
    worlds.record(worlds.World(dockings=[docking], assigned=[]), dock.config.journal)
    assessment = DestinationAssessed(destination="county", method="read-back", words="w", object_lock=True)
    with tell.journal_at(
        dock.config.journal, tell.SteadyClock(born=worlds.FIRST + timedelta(days=60))
    ) as journal:
        journal.append([assessment])
    spool, vault, county = assessed(dock, capsys)["places"]
    assert (spool["destination"], vault["destination"], county["destination"]) == ("spool", "vault", "county")
    assert vault["place"] == f"folder {tmp_path / 'state' / 'vault'}"
    assert (vault["receipts"], vault["left"], county["receipts"], county["left"]) == (3, 2, 3, 3)
    assert county["place"] == "server http://evidence.example.org:8080 (not encrypted on the way)"
    assert county["opened_by"].startswith("not seen")
    row = answers(dock, capsys)["A13"]
    assert row["finding"] == "gap"
    assert "Objects are locked" in row["answer"]


def test_copies_in_a_store_that_is_configured_no_more_are_not_forgotten(
    tmp_path: Path, capsys: Capture
) -> None:
    dock = new_dock(tmp_path)
    clip = worlds.Plan(
        number=0,
        camera="CAM-1",
        recorded=worlds.FIRST,
        size=1,
        dated="known",
        proven=(("vault", 1), ("county", 2)),
    )
    docking = worlds.Docking(number=1, camera="CAM-1", at=worlds.FIRST, safe_after=0, clips=[clip])
    worlds.record(worlds.World(dockings=[docking], assigned=[]), dock.config.journal)
    *_, county = assessed(dock, capsys)["places"]
    assert (county["destination"], county["opened_by"], county["left"]) == ("county", "not known", 1)
    assert answers(dock, capsys)["A13"]["finding"] == "gap"


@pytest.mark.slow
def test_text_and_page_have_every_answer_and_no_name_of_anybody(dock: Dock, capsys: Capture) -> None:
    dock.record(*ATTRIBUTED, consulted())
    rows = answers(dock, capsys)
    assert dock.run("report", "self-assessment") == 0
    text = capsys.readouterr().out
    assert max(map(len, text.splitlines())) <= 80 or str(dock.config.spool) in text
    assert dock.run("report", "self-assessment", "--format", "html") == 0
    page = read_page(capsys.readouterr().out)
    principles, findings, places = page.tables
    assert [row[0] for row in (*principles.rows, *findings.rows)] == list(rows)
    assert len(places.rows) == 2
    for said in (text, page.text, json.dumps(rows)):
        assert names_in(said, ["4411"]) == []
        assert CAMERA not in said
    flat = " ".join(text.split())
    for row in rows.values():
        assert " ".join(row["answer"].split()) in flat
    gaps = sum(row["finding"] == "gap" for row in rows.values())
    assert f"{gaps} gap" in text


def test_a_dock_that_has_seen_nothing_answers_too(tmp_path: Path, capsys: Capture) -> None:
    dock = new_dock(tmp_path)
    dock.record(tell.started())
    rows = answers(dock, capsys)
    assert rows["A3"]["finding"] == rows["A7"]["finding"] == rows["P11"]["finding"] == "not seen here"


@pytest.mark.slow
@given(random=st.randoms(use_true_random=False))
def test_whatever_has_happened_every_question_has_an_answer(
    random: Random, tmp_path_factory: pytest.TempPathFactory
) -> None:
    dock = new_dock(tmp_path_factory.mktemp("dock"))
    worlds.record(worlds.drawn(random), dock.config.journal)
    assert (
        dock.run("report", "self-assessment", "--format", "html", "--to", str(dock.config.file.parent / "a"))
        == 0
    )
    read_page((dock.config.file.parent / "a").read_text())
