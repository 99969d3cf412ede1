"""A clip is the fold of its facts."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bwvdock.core import facts as f
from bwvdock.core.clips.clip import Clip
from bwvdock.core.clips.history import apply, fold
from bwvdock.core.clips.lifecycle import ClipState, IllegalFactError

FILE = f.SourceFile(path="DCIM/100TEST/A.MP4", size=10, mtime_ns=5, fingerprint="ff")
FOUND = f.ClipFound(clip="c", docking="d1", camera="BWV-1", files=(FILE,), notes=("odd name",))
PART = f.AcquiredPart(size=10, sha256="ab" * 32, pieces=("ab" * 32,))
ACQUIRED = f.ClipAcquired(clip="c", docking="d2", parts=(PART,), notes=("cut short",))
UPLOADED = f.ClipUploaded(clip="c", destination="vault", object="o")
VERIFIED = f.ClipVerified(
    clip="c", destination="vault", object="o", version="", sha256="ab" * 32, method="read-back"
)


def test_a_whole_history_makes_a_verified_clip() -> None:
    """Two dockings, one clip; notes add up; digest and receipt are there."""
    clip = fold([FOUND, f.CopyIntended(clip="c", docking="d1"), ACQUIRED, UPLOADED, VERIFIED])
    assert clip is not None
    assert clip.state is ClipState.VERIFIED
    assert (clip.camera, clip.docking, clip.size) == ("BWV-1", "d2", 10)
    assert clip.notes == ("odd name", "cut short")
    assert clip.sha256 == "ab" * 32
    assert clip.receipts["vault"].sha256 == clip.sha256


def test_a_recalled_clip_forgets_what_was_wrong_and_what_was_held() -> None:
    """It is copied again from its camera, from nothing."""
    clip = fold(
        [
            FOUND,
            ACQUIRED,
            f.ClipQuarantined(clip="c", reason="rot"),
            f.ClipRecalled(clip="c", actor="0:root"),
        ]
    )
    assert clip is not None
    assert (clip.state, clip.parts, clip.quarantine) == (ClipState.FOUND, (), "")


def test_a_retried_clip_keeps_its_copy_and_is_brought_to_its_destinations_again() -> None:
    """The spool's copy is whole; what the store had is asked anew."""
    clip = fold(
        [
            FOUND,
            ACQUIRED,
            UPLOADED,
            f.ClipQuarantined(clip="c", reason="conflict"),
            f.ClipRetried(clip="c", actor="0:root"),
        ]
    )
    assert clip is not None
    assert (clip.state, clip.parts, clip.uploaded) == (ClipState.ACQUIRED, (PART,), {})


PROVEN: list[f.ClipFact] = [FOUND, ACQUIRED, UPLOADED, replace(VERIFIED, awaiting=("archive",))]
ROT = f.ClipQuarantined(clip="c", reason="rot", place="archive")
RECALLED = f.ClipRecalled(clip="c", actor="")


@pytest.mark.parametrize("again", [RECALLED, f.ClipRetried(clip="c", actor="0:root")], ids=lambda f: f.kind)
def test_what_a_store_proved_outlives_a_doubt_about_another_copy(again: f.ClipFact) -> None:
    """Its copy is there, whatever became of the spool's."""
    clip = fold([*PROVEN, ROT, again])
    assert clip is not None
    assert list(clip.receipts) == list(clip.uploaded) == ["vault"]
    assert clip.earlier == {"vault"}, "it is proven again before the camera's copy is erased"
    if again is RECALLED:
        clip = apply(clip, ACQUIRED)
        assert list(clip.receipts) == ["vault"]
    assert clip.is_proven("vault")
    uploaded = replace(UPLOADED, destination="archive"), replace(VERIFIED, destination="archive")
    clip = apply(apply(clip, uploaded[0]), uploaded[1])
    assert clip.state is ClipState.VERIFIED
    assert clip.earlier == {"vault"}
    assert apply(clip, VERIFIED).earlier == frozenset()


@pytest.mark.parametrize("place", ["vault", ""])
def test_a_proof_that_is_itself_in_doubt_is_forgotten(place: str) -> None:
    """Entries of earlier versions do not say which copy was meant, so that it may be any."""
    clip = fold([*PROVEN, replace(ROT, place=place)])
    assert clip is not None
    assert list(clip.receipts) == ["vault"], "what was proven once is still told"
    assert clip.is_proven("vault") is not bool(place)
    clip = apply(clip, RECALLED)
    assert (clip.receipts, clip.uploaded, clip.earlier) == ({}, {}, frozenset())


def test_a_proof_of_other_bytes_proves_nothing_of_a_new_copy() -> None:
    other = replace(ACQUIRED, parts=(replace(PART, sha256="cd" * 32),))
    clip = fold([*PROVEN, ROT, RECALLED, other])
    assert clip is not None
    assert (clip.receipts, clip.uploaded, clip.former) == ({}, {}, ())


@pytest.mark.parametrize("gone", [True, False])
def test_a_copy_that_was_disposed_of_or_is_about_to_be_is_none(*, gone: bool) -> None:
    verified: list[f.ClipFact] = [FOUND, ACQUIRED, UPLOADED, VERIFIED]
    intended = f.DisposalIntended(clip="c", place="vault", reason="over")
    disposed = [f.ClipDisposed(clip="c", place="vault", sha256="ab" * 32)][: int(gone)]
    clip = fold([*verified, intended, *disposed, ROT, RECALLED])
    assert clip is not None
    assert clip.receipts == {}


def test_a_fact_of_one_clip_cannot_be_applied_to_another() -> None:
    """Our bug, so it raises."""
    clip = apply(None, FOUND)
    with pytest.raises(IllegalFactError):
        apply(clip, f.CopyIntended(clip="other", docking="d1"))


def test_nothing_that_is_known_of_a_clip_changes_when_a_fact_is_refused() -> None:
    """Values are frozen; the clip stays what it was."""
    clip = apply(None, FOUND)
    with pytest.raises(IllegalFactError):
        apply(clip, VERIFIED)
    assert clip == apply(None, FOUND)


# --- custody documents -----------------------------------------------------------------------------

OWED = replace(VERIFIED, owes_document=True)
DESCRIBED = f.ClipDescribed(clip="c", destination="vault", object="o.custody.json", sha256="cd" * 32)
FLAGGED = f.ClipFlagged(clip="c", reason="seen", case="K/1", actor="0:root")


def told(*facts: f.ClipFact) -> Clip:
    clip = fold([FOUND, ACQUIRED, UPLOADED, *facts])
    assert clip is not None
    return clip


def test_a_verified_copy_is_owed_its_document_until_it_is_there() -> None:
    assert told(OWED).owes_document("vault")
    described = told(OWED, DESCRIBED)
    assert not described.owes_document("vault")
    assert described.described == {"vault": "cd" * 32}


def test_what_was_verified_before_there_were_documents_is_owed_none() -> None:
    """An older journal opens with nothing more to do."""
    assert told(VERIFIED).owing == frozenset()


@pytest.mark.parametrize(
    "fact",
    [
        FLAGGED,
        f.ClipUnflagged(clip="c", reason="no", actor="0:root"),
        f.ClipHeld(clip="c", reason="inquiry", actor="0:root"),
        f.ClipUnheld(clip="c", reason="over", actor="0:root"),
        f.ClipAttributed(clip="c", officer="PC-1"),
        f.ClipDated(clip="c", raw="", recorded_at="", uncertainty_ms=0, basis="docking", retain_until=""),
    ],
    ids=lambda fact: str(fact.kind),
)
def test_what_is_learnt_later_has_the_document_go_out_again(fact: f.ClipFact) -> None:
    clip = told(OWED, DESCRIBED, fact)
    assert clip.owes_document("vault")
    assert clip.described == {}
    newer = replace(DESCRIBED, revision=1)
    assert not told(OWED, DESCRIBED, fact, newer).owing
    assert told(VERIFIED, fact).owes_document("vault"), "one of before there were documents, too"


def test_a_document_that_was_overtaken_on_its_way_does_not_count() -> None:
    clip = told(OWED, FLAGGED, DESCRIBED)
    assert clip.owes_document("vault")
    assert clip.described == {}


def test_another_store_s_receipt_leaves_a_document_as_it_is() -> None:
    elsewhere = replace(UPLOADED, destination="cloud"), replace(OWED, destination="cloud")
    clip = told(OWED, DESCRIBED, *elsewhere)
    assert clip.owing == {"cloud"}
    assert clip.described == {"vault": "cd" * 32}


def test_a_copy_proven_anew_is_owed_a_document_anew() -> None:
    clip = told(OWED, DESCRIBED, OWED)
    assert clip.owes_document("vault")
    assert clip.described == {}


def test_a_clip_led_out_of_quarantine_owes_nothing_before_it_is_served_again() -> None:
    doubt = f.ClipQuarantined(clip="c", reason="rot")
    assert not told(OWED, doubt).owes_document("vault"), "nothing moves until a person leads it out"
    retried = told(OWED, doubt, f.ClipRetried(clip="c", actor="0:root"))
    assert retried.owing == frozenset()


def test_a_retired_clip_s_document_follows_what_is_learnt_of_it() -> None:
    kept = f.ClipReleased(clip="c", kept=True), f.ClipRetired(clip="c")
    assert told(OWED, DESCRIBED, *kept, FLAGGED).owes_document("vault")
    gone = f.ClipDisposed(clip="c", place="vault", sha256="ab" * 32)
    assert told(OWED, DESCRIBED, *kept, gone, FLAGGED).owing == frozenset(), "there is nothing beside which"
