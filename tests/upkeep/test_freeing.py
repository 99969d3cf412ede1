"""Does an operator's order make room in the spool, of what is proven, and of nothing else?"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest

from bwvdock.core.clips.classes.routing import Stores
from bwvdock.core.clips.clip import Clip
from bwvdock.core.clips.lifecycle import ClipState
from bwvdock.core.clips.proof import ProofMethod, Receipt
from bwvdock.core.clips.retention import due_date, obstacle_to_freeing, permit_disposal
from bwvdock.core.clips.states import SPOOL
from bwvdock.core.facts import (
    ClipDisposed,
    ClipFlagged,
    ClipFound,
    ClipHeld,
    ClipQuarantined,
    ClipUnflagged,
    ClipUnheld,
    DisposalIntended,
    SourceFile,
    VerifiedAgain,
)
from bwvdock.core.facts.clip import AcquiredPart
from bwvdock.core.moments import iso
from bwvdock.edges.journal.verify.verify import verify_journal
from bwvdock.errors import DestinationUnavailableError
from bwvdock.upkeep.messages import Disposed, Proven
from tests.extent import combined
from tests.fakes.camera import camera_with
from tests.fakes.station import Station
from tests.upkeep.test_disposal import LATER, Absent, Rounds, files, only_clip

pytestmark = pytest.mark.slow

DIGEST, OTHER = "a" * 64, "b" * 64
EVER = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def station(tmp_path: Path) -> Station:
    """A dock that holds one clip, verified, whose camera is gone."""
    here = Station(tmp_path)
    here.enrol()
    here.visit(camera_with({"DCIM/100TEST/A.MP4": b"footage", "DCIM/100TEST/A.GPS": b"here"}))
    return here


def free(rounds: Rounds, *, crash: bool = False) -> None:
    """`crash`: before the first copy that was taken away is recorded as gone."""
    rounds.disposal.free()
    while rounds.told and not (crash and isinstance(rounds.told[0], Disposed)):
        rounds.disposal.hear(rounds.told.popleft())
        rounds.disposal.free_more()


def test_the_spool_s_copy_goes_and_the_vault_s_stays_until_its_date(station: Station) -> None:
    rounds = Rounds(station)
    free(rounds)
    clip = only_clip(station)
    assert clip.state is ClipState.RETIRED
    assert clip.disposed == {SPOOL}
    assert [name for name in files(station) if name.startswith(clip.id) and name.endswith(".mp4")] != []
    assert not list((station.root / "spool").glob(f"{clip.id}*"))
    [announced] = [fact for fact in station.facts if isinstance(fact, DisposalIntended)]
    assert (announced.early, announced.stay, announced.reason) == (
        True,
        ("vault",),
        "proven in vault (read-back)",
    )

    rounds()
    assert only_clip(station).disposed == {SPOOL}, "its date has not come"
    station.clock.pass_ms(LATER)
    rounds()
    assert only_clip(station).disposed == {SPOOL, "vault"}
    entries = station.kinds()
    rounds()
    assert station.kinds() == entries, "nothing is left to dispose of"
    [again] = [fact for fact in station.facts if isinstance(fact, VerifiedAgain)]
    assert (again.clip, again.destination, again.method) == (clip.id, "vault", "read-back")
    assert again.sha256 == clip.sha256
    assert entries.index("verified_again") < entries.index("clip_disposed")
    assert verify_journal(station.root / "journal.sqlite3").ok


def test_a_copy_that_cannot_go_is_proven_again_and_again_and_that_is_one_entry(station: Station) -> None:
    stuck = Absent()
    rounds = Rounds(station, spool=stuck)
    free(rounds)
    for _ in range(3):
        rounds()
    assert stuck.asked == 4
    assert station.kinds().count("verified_again") == 1


@pytest.mark.parametrize("kind", ["held", "evidence"])
def test_what_is_held_or_evidence_stays(station: Station, kind: str) -> None:
    clip, before = only_clip(station).id, files(station)
    held = ClipHeld(clip=clip, reason="inquiry", actor="1000:sgt")
    flagged = ClipFlagged(clip=clip, reason="inquiry", case="", actor="1000:sgt")
    station.ledger.record([held if kind == "held" else flagged])
    free(Rounds(station))
    assert files(station) == before


def test_by_an_unset_clock_too_but_not_while_paused(station: Station) -> None:
    """No date decides it."""
    station.clock.is_synchronised = False
    rounds = Rounds(station)
    rounds.disposal.paused = True
    free(rounds)
    assert only_clip(station).disposed == set()
    rounds.disposal.paused = False
    free(rounds)
    assert only_clip(station).disposed == {SPOOL}


@pytest.mark.parametrize("synchronised", [True, False])
def test_a_cut_between_the_taking_away_and_its_entry_is_made_good(
    station: Station, *, synchronised: bool
) -> None:
    free(Rounds(station), crash=True)
    assert "clip_disposed" not in station.kinds()
    station.restart()
    station.clock.is_synchronised = synchronised
    again = Rounds(station)
    again()
    assert not again.disposal.waits
    assert only_clip(station).disposed == {SPOOL}
    assert station.kinds().count("disposal_intended") == 1


def test_a_hold_that_comes_after_a_cut_saves_what_is_left(station: Station) -> None:
    free(Rounds(station), crash=True)
    station.restart()
    clip = only_clip(station).id
    station.ledger.record([ClipHeld(clip=clip, reason="inquiry", actor="1000:sgt")])
    Rounds(station)()
    assert only_clip(station).disposed == set()
    station.ledger.record([ClipUnheld(clip=clip, reason="over", actor="1000:sgt")])
    Rounds(station)()
    assert only_clip(station).disposed == {SPOOL}


@pytest.mark.slow
def test_more_clips_than_one_part_go_part_by_part(station: Station) -> None:
    station.visit(camera_with({f"DCIM/100TEST/C{n:03}.MP4": b"clip %d" % n for n in range(140)}))
    free(Rounds(station))
    gone = [fact for fact in station.facts if isinstance(fact, ClipDisposed)]
    assert len(gone) == 141
    assert {fact.place for fact in gone} == {SPOOL}


def test_a_camera_docked_again_is_known_although_the_spool_is_free(station: Station) -> None:
    card = {"DCIM/100TEST/A.MP4": b"footage", "DCIM/100TEST/A.GPS": b"here"}
    free(Rounds(station))
    station.visit(camera_with(card))
    assert station.kinds().count("clip_found") == 1


# --- the rule: every combination -------------------------------------------------------------------

FILE = SourceFile(path="A.MP4", size=1, mtime_ns=0, fingerprint="")
PART = AcquiredPart(size=1, sha256=DIGEST, pieces=(DIGEST,), read_bytes=1)


def receipt(name: str, digest: str) -> Receipt:
    return Receipt(destination=name, object="o", version="", sha256=digest, method=ProofMethod.STORE_COMPUTED)


@pytest.mark.few(2)
@pytest.mark.parametrize("bad", ["altered", "cut short", "gone", "replaced by a folder", "a sidecar altered"])
def test_the_only_good_copy_stays_where_the_vault_s_went_bad_after_its_proof(
    station: Station, bad: str
) -> None:
    """What a store proved once says nothing of what happened to its copy since."""
    clip = only_clip(station)
    suffix = "1.gps" if bad == "a sidecar altered" else "0.mp4"
    [there] = (station.root / "vault").rglob(f"{clip.id}.{suffix}")
    match bad:
        case "cut short":
            there.unlink()
            there.write_bytes(b"foot")
        case "gone":
            there.unlink()
        case "replaced by a folder":
            there.unlink()
            there.mkdir()
        case _:
            content = there.read_bytes()
            there.unlink()  # it may be the spool's own file under another name
            there.write_bytes(content[::-1])
    rounds = Rounds(station)
    free(rounds)
    after = only_clip(station)
    assert SPOOL not in after.disposed
    assert list((station.root / "spool").glob(f"{clip.id}.0*"))
    assert after.state is ClipState.QUARANTINED or rounds.disposal.errors
    rounds()
    assert SPOOL not in only_clip(station).disposed, "nor in any round after it"


def test_the_copy_stays_while_a_required_store_cannot_be_asked(station: Station) -> None:
    (station.root / "vault").rename(station.root / "away")
    rounds = Rounds(station)
    free(rounds)
    assert only_clip(station).state is ClipState.VERIFIED
    assert rounds.disposal.errors.keys() == {SPOOL}
    (station.root / "away").rename(station.root / "vault")
    free(rounds)
    rounds()
    assert only_clip(station).disposed == {SPOOL}


def test_an_operator_may_still_hold_a_clip_whose_copies_are_being_proven(station: Station) -> None:
    """That may take as long as reading them back, and nothing has been taken away yet."""
    rounds = Rounds(station)
    rounds.disposal.free()
    [proven] = rounds.told
    assert isinstance(proven, Proven)
    hold = ClipHeld(clip=only_clip(station).id, reason="inquiry", actor="1000:sgt")
    rounds.disposal.require_free([hold])
    station.ledger.record([hold])
    rounds.disposal.hear(proven)
    assert only_clip(station).disposed == set()
    assert not rounds.disposal.waiting()


def test_a_clip_that_went_to_quarantine_meanwhile_stays_there(station: Station) -> None:
    rounds, clip = Rounds(station), only_clip(station).id
    rounds.disposal.free()
    found = ClipQuarantined(clip=clip, reason="its camera gave other bytes")
    station.ledger.record([found])
    rounds.disposal.hear(Proven(clip=clip, place=SPOOL, wrong=replace(found, reason="altered")))
    assert station.kinds().count("clip_quarantined") == 1
    assert only_clip(station).disposed == set()


def test_what_is_past_its_date_does_not_wait_for_a_store_that_cannot_be_asked(station: Station) -> None:
    rounds = Rounds(station)
    rounds.disposal.free()
    freed = only_clip(station).id
    station.visit(camera_with({"DCIM/100TEST/B.MP4": b"other footage"}))
    with_date = next(f.clip for f in station.facts if isinstance(f, ClipFound) and f.clip != freed)
    rounds.disposal._places[SPOOL].line.append(with_date)  # noqa: SLF001 - as a round puts it there
    rounds.told.clear()
    station.clock.pass_ms(LATER)
    away = DestinationUnavailableError("the store is away", remedy="wait")
    rounds.disposal.hear(Proven(clip=freed, place=SPOOL, error=away))
    assert [message.clip for message in rounds.told] == [with_date]


@combined(
    state=tuple(ClipState),
    vault=("", DIGEST, OTHER),
    cloud=("", DIGEST, OTHER),
    held=(False, True),
    evidential=(False, True),
    gone=((), ("vault",), ("cloud",)),
)
def test_only_what_every_required_store_proves_by_a_copy_that_exists(
    state: ClipState, vault: str, cloud: str, gone: tuple[str, ...], *, held: bool, evidential: bool
) -> None:
    clip = Clip(
        id="c",
        state=state,
        camera="CAM",
        docking="d",
        files=(FILE,),
        marked=evidential,
        parts=(PART,),
        own_hold=held,
    )
    digests = {"vault": vault, "cloud": cloud}
    clip = replace(
        clip,
        receipts={name: receipt(name, digest) for name, digest in digests.items() if digest},
        disposed=frozenset(gone),
    )
    may = (
        state in {ClipState.VERIFIED, ClipState.RELEASED, ClipState.RETIRED}
        and (vault, cloud) == (DIGEST, DIGEST)
        and not (held or evidential or gone)
    )
    stores = Stores(required=["vault", "cloud"], configured=["vault", "cloud"])
    assert (obstacle_to_freeing(clip, stores=stores) is None) is may
    early = partial(permit_disposal, clip, now=EVER, clock_trusted=False, early=True)
    for place in (SPOOL, "vault"):
        assert (early(place=place, stores=stores) is not None) is (may and place == SPOOL)
    assert early(place=SPOOL, stores=replace(stores, required=[])) is None


def test_clips_that_are_freed_do_not_stand_before_those_that_are_due(station: Station) -> None:
    """The journal's thread is given them page by page: each of them once, whatever their dates are."""
    first = only_clip(station).id
    station.ledger.record([ClipFlagged(clip=first, reason="assault", case="", actor="1000:sgt")])
    station.visit(camera_with({"DCIM/100TEST/B.MP4": b"later"}))
    free(Rounds(station), crash=True)
    station.ledger.record([ClipUnflagged(clip=first, reason="over", actor="1000:sgt")])
    station.clock.pass_ms(2 * LATER)
    seen, after = list[str](), ("", "")
    while page := station.journal.due(iso(station.clock.now()), most=1, after=after):
        after = (due_date(page[-1]), page[-1].id)
        seen += [clip.id for clip in page]
    assert len(seen) == 2
    assert seen[-1] == first, "what is freed comes first"


@pytest.mark.slow
def test_what_is_due_is_said_to_wait_for_the_clock_in_every_round(station: Station) -> None:
    """Also in the one after exactly as many clips as are looked at together."""
    station.visit(camera_with({f"DCIM/100TEST/C{n:03}.MP4": b"clip %d" % n for n in range(63)}))
    station.clock.pass_ms(LATER)
    station.clock.is_synchronised = False
    rounds = Rounds(station)
    for _ in range(3):
        rounds()
        assert rounds.disposal.waits
