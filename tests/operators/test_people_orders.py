"""Does what people say of clips and cameras become the facts that it means, whenever it is said?"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bwvdock.core.facts import (
    CameraAssigned,
    ClipAttributed,
    ClipDated,
    ClipDisposed,
    ClipFlagged,
    ClipHeld,
    ClipUnflagged,
    ClipUnheld,
    DisposalIntended,
    Fact,
)
from bwvdock.edges.journal import verify_journal
from bwvdock.edges.journal.read.reader import JournalReader
from bwvdock.errors import UsageError
from bwvdock.operators.orders import Order, decide
from bwvdock.operators.requests import Assign, Flag, Hold, Unflag, Unhold, decode
from tests.fakes.camera import FakeVolume, camera_with
from tests.fakes.station import SERIAL, Station

pytestmark = pytest.mark.slow

ACTOR = "1000:ann"


class Desk:
    """A station that is given orders as the daemon gives them."""

    def __init__(self, root: Path) -> None:
        self.station = Station(root)
        self.station.enrol()
        self.path = root / "journal.sqlite3"

    def give(self, order: Order) -> tuple[Fact, ...]:
        with JournalReader(self.path) as reader:
            decision = decide(
                order,
                journal=self.station.journal,
                reader=reader,
                spool=self.station.spool,
                paused=False,
                actor=ACTOR,
            )
        assert decision.message.endswith(".")
        self.message = decision.message
        self.station.ledger.record(decision.facts)
        return decision.facts

    def refusal(self, order: Order) -> UsageError:
        before = self.station.journal.size()
        with pytest.raises(UsageError) as caught:
            self.give(order)
        assert self.station.journal.size() == before
        return caught.value

    def dock(self, *names: str) -> list[str]:
        """Dock a camera with these clips; give their ids."""
        before = len(self.station.facts)
        self.station.visit(card(*names))
        found = [fact for fact in self.station.facts[before:] if fact.kind == "clip_found"]
        return [getattr(fact, "clip", "") for fact in found]

    def officer(self, clip: str) -> str:
        known = self.station.journal.clip(clip)
        assert known
        return known.officer

    def recorded(self, clip: str) -> str:
        with JournalReader(self.path) as reader:
            row = reader.clip_row(clip)
        assert row
        return row.recorded_at


def card(*names: str) -> FakeVolume:
    return camera_with({f"DCIM/100TEST/{name}.MP4": name.encode() * 100 for name in names})


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(tmp_path)
    yield desk
    desk.station.journal.close()
    assert verify_journal(desk.path).problems == ()


def row(
    officer: str, begins: str, ends: str = "", *, line: str = "", camera: str = SERIAL
) -> tuple[str, ...]:
    return line, camera, officer, begins, ends


def said(*rows: tuple[str, ...], correct: bool = False) -> Assign:
    return Assign(rows=rows, correct=correct)


ALWAYS = "2000-01-01T00:00:00.000Z"

# --- whose clip it is ---------------------------------------------------------------------------------


def test_a_clip_is_the_officers_who_held_the_camera_from_its_first_moment_on(desk: Desk) -> None:
    desk.give(said(row("4411", ALWAYS)))
    [clip] = desk.dock("A")
    kinds = [entry.kind for entry in desk.station.facts]
    assert kinds.index("clip_attributed") < kinds.index("clip_uploaded")
    assert desk.officer(clip) == "4411"


def test_unknown_is_unassigned_and_never_guessed(desk: Desk) -> None:
    desk.give(said(row("4411", ALWAYS, camera="ANOTHER")))
    [clip] = desk.dock("A")
    assert desk.officer(clip) == ""
    assert [f for f in desk.station.facts if isinstance(f, ClipAttributed)] == [
        ClipAttributed(clip=clip, officer="")
    ]
    with JournalReader(desk.path) as reader:
        assert reader.summary().unassigned == 1


def test_a_camera_that_is_not_known_here_is_assigned_and_said_to_be_unknown(desk: Desk) -> None:
    assert desk.give(said(row("4411", ALWAYS, camera="TYPO-9999")))
    assert "TYPO-9999 is not known here yet" in desk.message
    assert desk.give(said(row("4411", ALWAYS)))
    assert "not known" not in desk.message


def test_a_late_assignment_is_a_new_entry_for_each_clip_that_it_changes(desk: Desk) -> None:
    clips = desk.dock("A", "B")
    facts = desk.give(said(row("4411", ALWAYS)))
    assert facts[1:] == tuple(ClipAttributed(clip=clip, officer="4411") for clip in clips)
    assert "2 clips" in desk.message
    assert desk.give(said(row("4411", ALWAYS))) == ()
    with JournalReader(desk.path) as reader:
        history = [e.data["officer"] for e in reader.history(clips[0]) if e.kind == "clip_attributed"]
        assert reader.summary().unassigned == 0
    assert history == ["", "4411"]


def test_an_assignment_that_ends_before_the_recording_changes_nothing_of_it(desk: Desk) -> None:
    [clip] = desk.dock("A")
    facts = desk.give(said(row("4411", ALWAYS, desk.recorded(clip))))
    assert [fact.kind for fact in facts] == ["camera_assigned"]
    assert desk.officer(clip) == ""


def test_a_better_date_finds_another_officer(desk: Desk) -> None:
    desk.give(said(row("4411", ALWAYS, "2001-01-01T00:00:00.000Z"), row("5512", "2001-01-01T00:00:00.000Z")))
    [clip] = desk.dock("A")
    assert desk.officer(clip) == "5512"
    corrected = "2000-06-01T12:00:00.000Z"
    dated = ClipDated(
        clip=clip,
        raw=ALWAYS,
        recorded_at=corrected,
        uncertainty_ms=0,
        basis="a better clock",
        retain_until="2000-07-02T12:00:00.000Z",
    )
    desk.station.ledger.record([dated])
    assert desk.officer(clip) == "4411"
    before = desk.station.journal.size()
    desk.station.ledger.record([dated])  # the same date finds nobody new
    assert desk.station.journal.size() == before + 1


def test_a_restart_forgets_no_assignment(desk: Desk) -> None:
    desk.give(said(row("4411", ALWAYS)))
    desk.station.restart()
    [clip] = desk.dock("A")
    assert desk.officer(clip) == "4411"


# --- assignments ----------------------------------------------------------------------------------------

SIX, TEN, TWO = (f"2026-03-01T{hour:02}:00:00.000Z" for hour in (6, 10, 14))


def test_handing_a_camera_on_ends_the_one_before(desk: Desk) -> None:
    assert desk.give(said(row("4411", SIX))) == (
        CameraAssigned(camera=SERIAL, officer="4411", valid_from=SIX, valid_to="", actor=ACTOR),
    )
    assert len(desk.give(said(row("5512", TEN)))) == 1
    assert desk.station.ledger.officer_of(SERIAL, "2026-03-01T09:59:59.999Z") == "4411"
    assert desk.station.ledger.officer_of(SERIAL, TEN) == "5512"


def test_a_contradiction_is_refused_and_a_correction_is_not(desk: Desk) -> None:
    desk.give(said(row("4411", SIX, TWO)))
    refused = desk.refusal(said(row("5512", TEN)))
    for told in (SERIAL, "4411", "5512", SIX, TWO, TEN):
        assert told in refused.message
    assert "--correct" in refused.remedy
    assert len(desk.give(said(row("5512", TEN, TWO), correct=True))) == 1
    assert desk.station.ledger.officer_of(SERIAL, TEN) == "5512"


def test_of_a_file_with_a_bad_row_nothing_is_recorded_and_every_one_is_named(desk: Desk) -> None:
    refused = desk.refusal(
        said(
            row("4411", SIX, TWO, line="2"),
            row("5512", TEN, "", line="3"),
            row("", SIX, line="4"),
            row("5512", "yesterday", line="5"),
            row("5512", TWO, SIX, line="6"),
            row("5512", "2026-03-01T06:00:00", line="7"),
            ("8", SERIAL),
        )
    )
    for line in range(3, 9):
        assert f"line {line}: " in refused.message or (line == 8 and "a row has" in refused.message)
    assert "line 2" not in refused.message


def test_the_same_roster_again_changes_nothing(desk: Desk) -> None:
    rows = [
        row("4411", SIX, line="2"),
        row("5512", TEN, line="3"),
        row("4411", TWO, line="4"),
        row("6613", SIX, TEN, line="5", camera="CAM-9"),
    ]
    assert len(desk.give(said(*rows))) == 4
    assert desk.give(said(*rows)) == ()
    assert desk.give(said(*reversed(rows))) == ()


# --- marks --------------------------------------------------------------------------------------------

WHY = "burglary in Lee High Road"


def flag(*clips: str, case: str = "") -> Flag:
    return Flag(clips=clips, reason=WHY, case=case)


def test_flagging_and_holding_is_said_once_and_undone_once(desk: Desk) -> None:
    [clip] = desk.dock("A")
    steps: list[tuple[Callable[[], Order], Fact]] = [
        (lambda: flag(clip), ClipFlagged(clip=clip, reason=WHY, case="", actor=ACTOR)),
        (lambda: flag(clip, case="C-7"), ClipFlagged(clip=clip, reason=WHY, case="C-7", actor=ACTOR)),
        (lambda: Hold(clips=(clip,), reason=WHY), ClipHeld(clip=clip, reason=WHY, actor=ACTOR)),
        (lambda: Unflag(clips=(clip,), reason=WHY), ClipUnflagged(clip=clip, reason=WHY, actor=ACTOR)),
        (lambda: Unhold(clips=(clip,), reason=WHY), ClipUnheld(clip=clip, reason=WHY, actor=ACTOR)),
    ]
    for order, fact in steps:
        assert desk.give(order()) == (fact,)
        assert desk.give(order()) == ()
        assert "nothing changed" in desk.message


def test_flagging_again_without_a_case_keeps_the_case(desk: Desk) -> None:
    [clip] = desk.dock("A")
    desk.give(flag(clip, case="C-7"))
    assert desk.give(flag(clip)) == ()
    known = desk.station.journal.clip(clip)
    assert known
    assert (known.evidential, known.case, known.retain_until) == (True, "C-7", "")


def test_what_the_camera_had_marked_can_be_unflagged(desk: Desk) -> None:
    desk.station.plug(camera_with({"Normal/A.MP4": b"a" * 100, "Event/B.MP4": b"b" * 100}))
    desk.station.turn()
    marked, plain = (getattr(f, "clip", "") for f in desk.station.facts if f.kind == "clip_found")
    assert desk.give(Unflag(clips=(plain,), reason=WHY)) == ()
    assert "nothing changed" in desk.message
    assert len(desk.give(flag(marked))) == 1  # a person's word is more than the camera's
    assert len(desk.give(Unflag(clips=(marked,), reason=WHY))) == 1
    known = desk.station.journal.clip(marked)
    assert known
    assert (known.marked, known.evidential) == (True, False)


def test_several_clips_are_marked_together_or_not_at_all(desk: Desk) -> None:
    one, two, three = desk.dock("A", "B", "C")
    desk.give(flag(two))
    assert [getattr(f, "clip", "") for f in desk.give(flag(one, two, three, one))] == [one, three]
    assert "2 clips" in desk.message
    assert "1 clip was" in desk.message
    refused = desk.refusal(Hold(clips=(one, "zz"), reason=WHY))
    assert "zz" in refused.message
    known = desk.station.journal.clip(one)
    assert known
    assert not known.held


@pytest.mark.few(2)
@pytest.mark.parametrize("reason", ["", "  ", "\x1b[2J", "x" * 2000])
def test_a_reason_must_be_one(desk: Desk, reason: str) -> None:
    [clip] = desk.dock("A")
    assert "reason" in desk.refusal(Hold(clips=(clip,), reason=reason)).message


def test_a_mark_makes_the_custody_document_go_out_again(desk: Desk) -> None:
    [clip] = desk.dock("A")
    described = [f for f in desk.station.facts if f.kind == "clip_described"]
    desk.give(flag(clip))
    desk.station.turn()
    assert len([f for f in desk.station.facts if f.kind == "clip_described"]) == len(described) + 1


def test_what_is_gone_already_is_said(desk: Desk) -> None:
    [clip] = desk.dock("A")
    desk.station.ledger.record([ClipDisposed(clip=clip, place="vault", sha256="00")])
    desk.give(flag(clip))
    assert "vault" in desk.message


def test_what_was_announced_to_go_may_be_gone_and_that_is_said(desk: Desk) -> None:
    """The power may have failed between the act and its entry."""
    [clip] = desk.dock("A")
    desk.station.ledger.record([DisposalIntended(clip=clip, place="spool", reason="over")])
    desk.give(Hold(clips=(clip,), reason="inquiry"))
    assert "Disposal had begun at spool" in desk.message


# --- what cannot be -------------------------------------------------------------------------------------


@pytest.mark.parametrize("year", ["0206", "1999", "2200", "2300", "9999"])
def test_nobody_held_a_camera_in_a_year_that_cannot_be(desk: Desk, year: str) -> None:
    refused = desk.refusal(said(row("1", f"{year}-03-01T06:00:00.000Z", line="7")))
    assert "2000 to 2199" in refused.message
    desk.refusal(said(row("1", SIX, f"{year}-03-01T06:00:00.000Z")))


@pytest.mark.parametrize(
    "rows,words",
    [
        ([[]], "a row has"),
        ([["7", SERIAL, "1", "0206-03-01T06:00:00+00:00", ""]], "line 7: '0206-03-01T06:00:00"),
        ([["", SERIAL, "1", "2300-03-01T06:00:00Z", ""]], "2000 to 2199"),
        ([["", SERIAL, "1", "2026-03-01T06:00:00Z", "soon"]], "'soon' is not an ISO 8601 time"),
        ([["", SERIAL, "1", "2026-03-01T06:00:00", ""]], "UTC offset"),
    ],
)
def test_an_order_with_such_a_row_is_refused_where_it_is_decoded(rows: list[list[str]], words: str) -> None:
    with pytest.raises(UsageError, match=re.escape(words)):
        decode(json.dumps({"request": "assign", "rows": rows}).encode())
