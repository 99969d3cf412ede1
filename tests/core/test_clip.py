"""A clip is the fold of its facts."""

from __future__ import annotations

import pytest

from bwvdock.core import facts as f
from bwvdock.core.clip import apply, fold
from bwvdock.core.lifecycle import ClipState, IllegalFactError

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
