"""What comes next is a function of the clip and the situation, and of nothing else."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bwvdock.core.clips.classes.given import classify
from bwvdock.core.clips.classes.rules import RetentionClass
from bwvdock.core.clips.clip import Clip
from bwvdock.core.clips.history import apply
from bwvdock.core.clips.lifecycle import ClipState
from bwvdock.core.clips.plan import Due, Situation, Step, Target, awaiting, fair_order, next_step
from bwvdock.core.clips.proof import ProofMethod, Receipt
from bwvdock.core.facts import BY_UNIT, ClipDated, SourceFile
from bwvdock.core.moments import iso_of_ns

VAULT = Target(name="vault", required=True)
MIRROR = Target(name="mirror", required=False)


def a_clip(
    name: str = "c1",
    *,
    camera: str = "BWV-1",
    state: ClipState = ClipState.FOUND,
    mtime: int = 1,
    marked: bool = False,
) -> Clip:
    """Make a clip with one file of a hundred bytes."""
    file = SourceFile(path=f"DCIM/{name}.MP4", size=100, mtime_ns=mtime, fingerprint="ab")
    return Clip(id=name, state=state, camera=camera, docking="d", files=(file,), marked=marked)


def a_receipt(destination: str) -> Receipt:
    """Make a receipt of a destination."""
    return Receipt(destination=destination, object="o", version="", sha256="ab", method=ProofMethod.READ_BACK)


HERE = Situation(targets=(VAULT,))
ACQUIRED = a_clip(state=ClipState.ACQUIRED)


def test_a_clip_is_uploaded_then_verified_at_each_destination() -> None:
    """The walk, asked again at each stop."""
    clip = a_clip(state=ClipState.ACQUIRED)
    assert next_step(clip, VAULT, HERE) is Step.UPLOAD
    there = replace(clip, state=ClipState.UPLOADED, uploaded={"vault": "o"})
    assert next_step(there, VAULT, HERE) is Step.VERIFY
    proven = replace(there, state=ClipState.VERIFIED, receipts={"vault": a_receipt("vault")})
    assert next_step(proven, VAULT, HERE) is None


def test_a_document_is_brought_where_it_is_owed_and_not_refused() -> None:
    """After the proof, and for as long as the clip is remembered."""
    for state in (ClipState.VERIFIED, ClipState.RELEASED, ClipState.RETIRED):
        held = replace(a_clip(state=state), uploaded={"vault": "o"}, receipts={"vault": a_receipt("vault")})
        owing = replace(held, owing=frozenset({"vault"}))
        assert next_step(owing, VAULT, HERE) is Step.DESCRIBE
        assert next_step(owing, MIRROR, HERE) is not Step.DESCRIBE
        assert next_step(replace(owing, refused={"vault": "no documents"}), VAULT, HERE) is None
        assert next_step(held, VAULT, HERE) is None


def test_destinations_are_asked_for_one_by_one() -> None:
    """What one holds says nothing of what another is owed."""
    both = Situation(targets=(VAULT, MIRROR))
    clip = replace(a_clip(state=ClipState.UPLOADED), uploaded={"vault": "o"})
    assert next_step(clip, VAULT, both) is Step.VERIFY
    assert next_step(clip, MIRROR, both) is Step.UPLOAD


def test_a_parked_clip_has_no_step_now() -> None:
    assert next_step(ACQUIRED, VAULT, replace(HERE, parked={"c1"})) is None
    assert next_step(ACQUIRED, VAULT, HERE) is Step.UPLOAD


def test_where_nothing_proves_a_copy_nothing_is_verified() -> None:
    """It is brought there all the same."""
    unproven = replace(HERE, proves=False)
    assert next_step(ACQUIRED, VAULT, unproven) is Step.UPLOAD
    there = replace(ACQUIRED, state=ClipState.UPLOADED, uploaded={"vault": "o"})
    assert next_step(there, VAULT, unproven) is None


def test_a_destination_that_refused_a_clip_is_not_offered_it_again_and_the_others_are() -> None:
    """Until an operator orders it, which empties `refused`."""
    refused = replace(ACQUIRED, refused={"vault": "too large"})
    both = Situation(targets=(VAULT, MIRROR))
    assert next_step(refused, VAULT, both) is None
    assert next_step(refused, MIRROR, both) is Step.UPLOAD


def test_a_verified_clip_still_owes_itself_to_an_optional_destination() -> None:
    """Safe is not the same as served."""
    clip = replace(
        a_clip(state=ClipState.VERIFIED), uploaded={"vault": "o"}, receipts={"vault": a_receipt("vault")}
    )
    both = replace(HERE, targets=(VAULT, MIRROR))
    assert next_step(clip, MIRROR, both) is Step.UPLOAD


def test_a_clip_does_not_wait_for_ever_for_a_destination_that_was_taken_away() -> None:
    """Every one that is still required holds it: asking one of them again moves it."""
    held = replace(ACQUIRED, uploaded={"vault": "o"}, receipts={"vault": a_receipt("vault")})
    assert next_step(held, VAULT, HERE) is Step.UPLOAD
    assert next_step(held, VAULT, Situation(targets=(VAULT, Target(name="b", required=True)))) is None
    uploaded = replace(held, state=ClipState.UPLOADED)
    assert next_step(uploaded, VAULT, HERE) is Step.VERIFY


@pytest.mark.parametrize(
    "state",
    [
        ClipState.FOUND,
        ClipState.QUARANTINED,
        ClipState.RELEASING,
        ClipState.RELEASED,
        ClipState.RETIRED,
    ],
)
def test_nothing_is_done_with_a_clip_that_is_out_of_these_rooms(state: ClipState) -> None:
    """A quarantined clip waits for a person."""
    assert next_step(a_clip(state=state), VAULT, HERE) is None


def test_awaiting_names_the_required_destinations_that_are_still_missing() -> None:
    """Optional ones are never waited for."""
    other = Target(name="other", required=True)
    targets = (VAULT, MIRROR, other)
    assert awaiting(a_clip(), (), targets=targets, just_served="vault") == ("other",)
    assert awaiting(a_clip(), {"vault"}, targets=targets, just_served="other") == ()


def test_marked_clips_go_first_then_the_oldest_and_cameras_take_turns() -> None:
    """Camera A's many clips do not stand before camera B's one."""
    clips = [
        a_clip("a1", camera="A", mtime=1),
        a_clip("a2", camera="A", mtime=2),
        a_clip("a3", camera="A", mtime=3),
        a_clip("b9", camera="B", mtime=9),
        a_clip("b8", camera="B", mtime=8, marked=True),
    ]
    assert [c.id for c in fair_order(reversed(clips))] == ["b8", "a1", "b9", "a2", "a3"]


DAY_NS = 86_400 * 10**9
DUE = Due(now_ns=100 * DAY_NS, non_evidential_days=31)


def test_what_is_due_goes_before_the_rest_and_behind_what_is_marked() -> None:
    """Kept for 31 days: what is more than 24 days old has less than a week left."""
    clips = [
        a_clip("old", camera="A", mtime=75 * DAY_NS),
        a_clip("older", camera="A", mtime=50 * DAY_NS),
        a_clip("marked", camera="B", mtime=99 * DAY_NS, marked=True),
        a_clip("young", camera="B", mtime=76 * DAY_NS),
        a_clip("younger", camera="A", mtime=98 * DAY_NS),
    ]
    assert [c.id for c in fair_order(clips, due=DUE)] == ["marked", "older", "old", "young", "younger"]
    assert [c.id for c in fair_order(clips)] == ["marked", "older", "young", "old", "younger"]


def test_a_class_s_priority_goes_before_what_is_due_and_after_what_is_marked() -> None:
    def of(clip: Clip, number: int) -> Clip:
        given = RetentionClass(name=f"p{number}", days=31, priority=number)
        return apply(clip, classify(clip.id, given, basis=BY_UNIT))

    clips = [
        a_clip("due", camera="A", mtime=50 * DAY_NS),
        of(a_clip("low", camera="A", mtime=98 * DAY_NS), 1),
        of(a_clip("high", camera="B", mtime=99 * DAY_NS), 9),
        a_clip("marked", camera="B", mtime=99 * DAY_NS, marked=True),
        of(a_clip("none", camera="B", mtime=97 * DAY_NS), 0),
    ]
    assert [c.id for c in fair_order(clips, due=DUE)] == ["marked", "high", "low", "due", "none"]


@given(
    st.lists(
        st.tuples(st.sampled_from("ABC"), st.integers(0, 200), st.booleans()), max_size=30, unique_by=repr
    )
)
def test_whatever_the_clips_each_stands_in_the_line_once_and_no_camera_waits_for_anothers_all(
    drawn: list[tuple[str, int, bool]],
) -> None:
    """Within a group, between two clips of one camera stands at most one of each other camera."""
    clips = [
        a_clip(f"c{n}", camera=camera, mtime=day * DAY_NS, marked=marked)
        for n, (camera, day, marked) in enumerate(drawn)
    ]
    order = fair_order(clips, due=DUE)
    assert sorted(c.id for c in order) == sorted(c.id for c in clips)
    groups = [0 if c.marked else 1 if DUE(c) else 2 for c in order]
    assert groups == sorted(groups)
    for group in (0, 1, 2):
        cameras = [c.camera for c, g in zip(order, groups, strict=True) if g == group]
        rounds = [cameras[:n].count(camera) for n, camera in enumerate(cameras)]
        assert rounds == sorted(rounds)


def test_what_a_person_hurries_goes_before_evidence() -> None:
    clips = [a_clip("marked", mtime=1, marked=True), a_clip("old", mtime=1), a_clip("young", mtime=9)]
    hurried = [replace(clip, hurried=clip.id != "old") for clip in clips]
    assert [c.id for c in fair_order(clips)] == ["marked", "old", "young"]
    assert [c.id for c in fair_order(hurried)] == ["marked", "young", "old"]
    assert fair_order([clips[0], hurried[2]])[0].id == "young"


@pytest.mark.parametrize("days,due", [(-40, True), (6, True), (7, False), (31, False)])
def test_a_clip_s_own_date_counts_before_its_camera_s_clock(days: int, due: bool) -> None:
    """The camera's clock stands in 1970; the clip was dated since."""
    until = iso_of_ns((100 + days) * DAY_NS)
    dated = ClipDated(clip="c1", raw="", recorded_at="", uncertainty_ms=0, basis="", retain_until=until)
    assert DUE(replace(a_clip(), dated=dated)) is due


@pytest.mark.parametrize(
    "marked,flagged,first", [(True, None, True), (False, True, True), (True, False, False)]
)
def test_what_a_person_says_is_evidence_goes_first(marked: bool, flagged: bool | None, first: bool) -> None:
    """And what a person says is none does not, though its camera marked it."""
    clip = replace(a_clip("late", mtime=99 * DAY_NS, marked=marked), flagged=flagged)
    other = a_clip("early", mtime=98 * DAY_NS)
    assert (fair_order([other, clip])[0] is clip) is first
