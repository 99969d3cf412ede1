"""What becomes of a clip of which somebody says that it is not its officer's?"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from bwvdock.core.facts import AttributionDisputed, AttributionUpheld, ClipAttributed, ClipDated
from bwvdock.core.moments import iso
from bwvdock.edges.journal import verify_journal
from bwvdock.edges.journal.read.reader import JournalReader
from bwvdock.errors import UsageError
from bwvdock.operators.attribution.requests import Dispute, Uphold
from bwvdock.operators.holds.requests import OpenHold
from bwvdock.operators.requests import Hold
from tests.operators.test_people_orders import ACTOR, ALWAYS, Desk, row, said

pytestmark = pytest.mark.slow

WHY = "'I was on leave'"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(tmp_path)
    yield desk
    desk.station.journal.close()
    assert verify_journal(desk.path).problems == ()


def taken(desk: Desk, *names: str) -> list[str]:
    """Dock a camera of officer 4411 with these clips; return their ids."""
    desk.give(said(row("4411", ALWAYS)))
    return desk.dock(*names)


def test_a_disputed_clip_is_nobodys_and_all_else_of_it_is_as_before(desk: Desk) -> None:
    one, other = taken(desk, "A", "B")
    before = desk.station.journal.clip(one)
    assert desk.give(Dispute(clips=(one,), reason=WHY)) == (
        AttributionDisputed(clip=one, officer="4411", reason=WHY, actor=ACTOR),
    )
    after = desk.station.journal.clip(one)
    assert before is not None
    assert after is not None
    assert (after.officer, after.disputed) == ("", True)
    same = ("state", "retain_until", "evidential", "held", "classes", "receipts", "disposal_intended")
    assert [getattr(after, name) for name in same] == [getattr(before, name) for name in same]
    assert desk.officer(other) == "4411"
    with JournalReader(desk.path) as reader:
        assert reader.summary().unassigned == 1
        assert [clip.disputed for clip in reader.recorded_clips(after.camera, since=ALWAYS)] == [True, False]
    assert desk.give(Dispute(clips=(one,))) == ()


def test_only_a_change_of_the_roster_at_that_time_attributes_it_again(desk: Desk) -> None:
    [clip] = taken(desk, "A")
    desk.give(Dispute(clips=(clip,)))
    at = desk.recorded(clip)
    assert desk.give(said(row("4411", ALWAYS))) == ()
    earlier, later = "2001-01-01T00:00:00.000Z", iso(desk.station.clock.now() + timedelta(days=900))
    for rows in (row("4412", earlier, "2001-02-01T00:00:00.000Z"), row("4413", later)):
        desk.give(said(rows, correct=True))
        assert desk.officer(clip) == ""
    [_, attributed] = desk.give(said(row("4412", at, later), correct=True))
    assert attributed == ClipAttributed(clip=clip, officer="4412")
    known = desk.station.journal.clip(clip)
    assert known is not None
    assert not known.disputed


def test_a_person_decides_that_the_roster_is_right(desk: Desk) -> None:
    clips = taken(desk, "A", "B")
    desk.give(Dispute(clips=(clips[0],)))
    assert desk.give(Uphold(clips=tuple(clips), reason="asked Sgt 77")) == (
        AttributionUpheld(clip=clips[0], officer="4411", reason="asked Sgt 77", actor=ACTOR),
    )
    assert [desk.officer(clip) for clip in clips] == ["4411", "4411"]
    assert desk.give(Uphold(clips=tuple(clips), reason="again")) == ()


def test_another_date_and_another_copy_do_not_undo_it(desk: Desk) -> None:
    [clip] = taken(desk, "A")
    desk.give(Dispute(clips=(clip,)))
    at = desk.recorded(clip)
    dated = ClipDated(clip=clip, raw=at, recorded_at=at, uncertainty_ms=5, basis="b", retain_until="")
    desk.station.ledger.record([dated])
    assert desk.officer(clip) == ""
    long_ago = "2001-01-01T00:00:00.000Z"
    desk.give(said(row("4400", "2000-06-01T00:00:00.000Z", "2001-06-01T00:00:00.000Z"), correct=True))
    desk.station.ledger.record(
        [ClipDated(clip=clip, raw=at, recorded_at=long_ago, uncertainty_ms=5, basis="b", retain_until="")]
    )
    assert desk.officer(clip) == "4400"


def test_what_cannot_be_disputed_or_decided_is_refused_with_why(desk: Desk) -> None:
    [clip] = desk.dock("A")
    assert "attributed to nobody" in desk.refusal(Dispute(clips=(clip,))).message
    assert "reason" in desk.refusal(Uphold(clips=(clip,), reason=" ")).message
    for order in (Dispute(clips=()), Uphold(clips=(), reason="r")):
        assert "No clip" in desk.refusal(order).message
    with pytest.raises(UsageError):
        desk.give(Dispute(clips=("ffffffff",)))
    assert desk.give(Uphold(clips=(clip,), reason="r")) == ()


def test_a_hold_for_the_officer_keeps_it_whether_it_came_before_or_after(desk: Desk) -> None:
    before, after = taken(desk, "A", "B")
    desk.give(Dispute(clips=(after,)))
    desk.give(OpenHold(reason="inquiry", officer="4411"))
    desk.station.ledger.go_on_holding()
    desk.give(Dispute(clips=(before,)))
    for clip in (before, after):
        known = desk.station.ledger.clip(clip)
        assert known is not None
        assert desk.station.ledger.kept(known).held, (
            "who had it is not known: it may be what the hold asks for"
        )


def test_whatever_is_ordered_nothing_is_disposed_of_earlier(desk: Desk) -> None:
    """Drawn: after any orders, a clip's date and holds are those that it has without its disputes."""
    drawn = random.Random(f"{ACTOR}")
    clips = taken(desk, "A", "B", "C")
    for _ in range(20):
        clip = drawn.choice(clips)
        before = desk.station.journal.clip(clip)
        orders = (Dispute(clips=(clip,)), Uphold(clips=(clip,), reason="r"), Hold(clips=(clip,), reason="r"))
        desk.give(drawn.choice(orders))
        after = desk.station.journal.clip(clip)
        assert before is not None
        assert after is not None
        assert after.retain_until >= before.retain_until
        assert after.held >= before.held
        assert after.evidential == before.evidential
