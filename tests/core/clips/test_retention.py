"""What may be disposed of, and what never."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bwvdock.core.clips.classes.given import classify
from bwvdock.core.clips.classes.routing import Stores
from bwvdock.core.clips.classes.rules import RetentionClass
from bwvdock.core.clips.clip import Clip
from bwvdock.core.clips.history import apply
from bwvdock.core.clips.proof import ProofMethod, Receipt
from bwvdock.core.clips.retention import (
    DisposalPermit,
    Obstacle,
    in_danger,
    obstacle,
    obstacle_to_freeing,
    permit_disposal,
    proofs,
)
from bwvdock.core.clips.states import ClipState
from bwvdock.core.facts import (
    BY_PERSON,
    ClipAcquired,
    ClipDated,
    ClipFlagged,
    ClipHeld,
    ClipUnflagged,
    ClipUnheld,
)
from tests.fakes.footage import footage, found_clip, part_of

UNTIL = datetime(2026, 5, 31, 6, 0, tzinfo=UTC)
LATER = UNTIL + timedelta(seconds=1)
VAULT = Stores(required=["vault"], configured=["vault"])
BOTH = Stores(required=["vault", "cloud"], configured=["vault", "cloud"])
NONE = Stores(required=[], configured=["vault"])


def receipt(clip: Clip, name: str = "vault", *, sha256: str = "") -> Receipt:
    return Receipt(
        destination=name, object="o", version="", sha256=sha256 or clip.sha256, method=ProofMethod.READ_BACK
    )


def proven_clip(state: ClipState = ClipState.VERIFIED) -> Clip:
    content = footage(1000)
    clip = found_clip(1, [("a.mp4", len(content))])
    clip = apply(clip, ClipAcquired(clip=clip.id, docking="d", parts=(part_of(content),)))
    dated = ClipDated(
        clip=clip.id,
        raw="",
        recorded_at="",
        uncertainty_ms=0,
        basis="",
        retain_until=UNTIL.isoformat(),
    )
    clip = apply(clip, dated)
    return replace(clip, state=state, receipts={"vault": receipt(clip)})


def permit(clip: Clip, *, now: datetime = LATER, trusted: bool = True) -> DisposalPermit | None:
    return permit_disposal(clip, place="vault", stores=VAULT, now=now, clock_trusted=trusted)


@pytest.mark.parametrize("state", [ClipState.VERIFIED, ClipState.RELEASED, ClipState.RETIRED])
def test_what_is_due_and_proven_may_go(state: ClipState) -> None:
    given_permit = permit(proven_clip(state))
    assert given_permit is not None
    assert given_permit.place == "vault"


def test_not_a_second_before_its_time() -> None:
    assert permit(proven_clip(), now=UNTIL) is None


def test_not_by_a_clock_that_nobody_set() -> None:
    assert permit(proven_clip(), trusted=False) is None


def test_not_while_it_is_held_and_again_when_it_is_not() -> None:
    clip = proven_clip()
    held = apply(clip, ClipHeld(clip=clip.id, reason="r", actor="a"))
    assert permit(held) is None
    assert permit(apply(held, ClipUnheld(clip=clip.id, reason="r", actor="a"))) is not None


def test_not_while_it_is_evidence_whoever_said_so() -> None:
    clip = proven_clip()
    flagged = apply(clip, ClipFlagged(clip=clip.id, reason="r", case="", actor="a"))
    assert permit(flagged) is None
    marked = replace(clip, marked=True)
    assert permit(marked) is None
    unflagged = apply(marked, ClipUnflagged(clip=clip.id, reason="r", actor="a"))
    assert permit(unflagged) is not None


def test_not_before_every_required_store_has_proven_its_copy() -> None:
    clip = proven_clip()
    assert (
        permit_disposal(
            clip,
            place="spool",
            stores=BOTH,
            now=LATER,
            clock_trusted=True,
        )
        is None
    )
    assert permit_disposal(clip, place="spool", stores=NONE, now=LATER, clock_trusted=True) is None
    other = replace(clip, receipts={"vault": receipt(clip, sha256="00" * 32)})
    assert permit(other) is None


@pytest.mark.parametrize(
    "state", sorted(set(ClipState) - {ClipState.VERIFIED, ClipState.RELEASED, ClipState.RETIRED})
)
def test_not_in_any_other_state(state: ClipState) -> None:
    assert permit(proven_clip(state)) is None


EVERY_CASE = list(
    itertools.product(
        ClipState, [True, False], [None, True, False], [True, False], [True, False], [-1, 0, 1], [True, False]
    )
)


def test_no_evidence_and_nothing_held_or_unproven_ever_goes() -> None:
    """Every combination there is: chance would rarely hit the one that matters."""
    for state, marked, flagged, held, proven, late, trusted in EVERY_CASE:
        judge(state, marked, flagged, held, proven, late, trusted)


def judge(
    state: ClipState, marked: bool, flagged: bool | None, held: bool, proven: bool, late: int, trusted: bool
) -> None:
    clip = replace(proven_clip(state), marked=marked, flagged=flagged, own_hold=held)
    if not proven:
        clip = replace(clip, receipts={})
    given_permit = permit(clip, now=UNTIL + timedelta(days=late), trusted=trusted)
    evidence = marked if flagged is None else flagged
    may_go = state in {ClipState.VERIFIED, ClipState.RELEASED, ClipState.RETIRED}
    assert (given_permit is not None) is (
        may_go and proven and trusted and late > 0 and not held and not evidence
    )


def test_footage_that_no_store_holds_is_in_danger_days_before_its_limit() -> None:
    clip = replace(proven_clip(ClipState.ACQUIRED), receipts={})
    week = timedelta(days=7)
    assert in_danger(clip, now=UNTIL - timedelta(days=6), within=week)
    assert not in_danger(clip, now=UNTIL - timedelta(days=8), within=week)
    assert not in_danger(proven_clip(), now=LATER, within=week)
    assert not in_danger(replace(clip, marked=True), now=LATER, within=week)


# --- what speaks for erasing a camera ---------------------------------------------------------------------


def disposed_of(clip: Clip) -> Clip:
    return replace(clip, disposed=frozenset({"vault"}))


def test_a_copy_that_stands_speaks_for_erasing_at_any_time() -> None:
    assert set(proofs(proven_clip(), stores=VAULT, now=UNTIL, clock_trusted=False)) == {"vault"}


def test_one_that_was_disposed_of_speaks_for_it_once_its_time_is_over() -> None:
    """The camera is no place where footage outlives its time."""
    assert set(proofs(disposed_of(proven_clip()), stores=VAULT, now=LATER, clock_trusted=True)) == {"vault"}


@pytest.mark.parametrize(
    "clip,now,trusted",
    [
        (proven_clip(), UNTIL, True),
        (proven_clip(), LATER, False),
        (apply(proven_clip(), ClipHeld(clip=proven_clip().id, reason="r", actor="a")), LATER, True),
        (
            apply(proven_clip(), ClipFlagged(clip=proven_clip().id, reason="r", case="", actor="a")),
            LATER,
            True,
        ),
    ],
)
def test_otherwise_it_speaks_for_nothing(clip: Clip, now: datetime, *, trusted: bool) -> None:
    """Too early, by a doubtful clock, held, or flagged as evidence since: the camera's is the last one."""
    assert proofs(disposed_of(clip), stores=VAULT, now=now, clock_trusted=trusted) == {}


def test_what_a_class_sends_to_a_store_that_is_not_configured_stays() -> None:
    """Its receipt is from before: nobody can ask that store any more, and a person has to decide."""
    of = RetentionClass(name="firearms", days=31, destinations=("vault",))
    clip = proven_clip()
    assert clip.dated is not None
    clip = apply(clip, replace(clip.dated, kept_from=(UNTIL - timedelta(days=31)).isoformat()))
    clip = apply(clip, classify(clip.id, of, basis=BY_PERSON))
    for configured, why in ((("cloud",), Obstacle.UNPROVEN), (("cloud", "vault"), None)):
        stores = Stores(required=["cloud"], configured=configured)
        assert obstacle(clip, stores=stores, now=LATER, clock_trusted=True) is why
        assert obstacle_to_freeing(clip, stores=stores) is why
        assert bool(proofs(clip, stores=stores, now=LATER, clock_trusted=True)) is (why is None)
