"""Is what was read compared, and is gone only what a new listing does not show?"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace

import pytest

from bwvdock.core.clips.clip import Clip
from bwvdock.core.clips.lifecycle import ClipState
from bwvdock.core.clips.permit import ErasePermit, permit_erase
from bwvdock.core.clips.proof import ProofMethod, Receipt
from bwvdock.core.facts import AcquiredPart, ClipQuarantined, ClipReleased, SourceFile
from bwvdock.core.ports.erasing import EraseOutcome, Erasure
from bwvdock.errors import CameraGoneError, HaltedError, UnreadableError
from bwvdock.stages.release import Permitted, difference, release, reread
from tests.fakes.camera import FakeVolume, KeepingVolume, camera_with
from tests.fakes.taken import taken

A, GPS, FOREIGN = "DCIM/A.MP4", "DCIM/A.GPS", "settings.ini"
FILES = {A: b"footage" * 300_000, GPS: b"$GPRMC", FOREIGN: b"volume=3"}


def never() -> None:
    """Heed nothing."""


def halted() -> None:
    raise HaltedError("told to stop")


def clip_on(volume: FakeVolume, *paths: str, clip_id: str = "c1") -> Clip:
    files = taken(volume, *paths)
    digests = [hashlib.sha256(volume.files[path].data).hexdigest() for path in paths]
    parts = tuple(AcquiredPart(size=f.size, sha256=d, pieces=()) for f, d in zip(files, digests, strict=True))
    return Clip(
        id=clip_id,
        state=ClipState.RELEASING,
        camera="BWV-1",
        docking="d",
        files=files,
        marked=False,
        parts=parts,
    )


def permit_for(clip: Clip) -> ErasePermit:
    proof = Receipt(
        destination="vault", object="o", version="", sha256=clip.sha256, method=ProofMethod.READ_BACK
    )
    permit = permit_erase(
        clip=clip.id,
        state=clip.state,
        taken=[(file, part.sha256) for file, part in zip(clip.files, clip.parts, strict=True)],
        required=["vault"],
        receipts={"vault": proof},
        reread=None,
        reread_required=False,
        held=False,
        recorded={},
        witnessed=None,
    )
    assert permit is not None
    return permit


@pytest.fixture(name="volume")
def _volume() -> FakeVolume:
    return camera_with(FILES)


def test_a_second_read_gives_what_was_taken(volume: FakeVolume) -> None:
    clip = clip_on(volume, A, GPS)
    found = reread(clip, volume, never)
    assert found == tuple(part.sha256 for part in clip.parts)
    assert difference(clip, found) is None


@pytest.mark.parametrize("path,named", [(A, "footage"), (GPS, "sidecar 1")])
def test_other_bytes_are_said_to_be_so_and_named_without_the_name(
    volume: FakeVolume, path: str, named: str
) -> None:
    clip = clip_on(volume, A, GPS)
    volume.files[path].data = b"!" + volume.files[path].data[1:]
    doubt = difference(clip, reread(clip, volume, never))
    assert doubt is not None
    assert named in doubt.reason
    assert "DCIM" not in doubt.reason


def test_what_is_not_there_any_more_is_no_difference(volume: FakeVolume) -> None:
    clip = clip_on(volume, A, GPS)
    del volume.files[GPS]
    assert reread(clip, volume, never)[1] is None
    assert difference(clip, reread(clip, volume, never)) is None


def test_a_second_read_says_what_kept_it_from_reading(volume: FakeVolume) -> None:
    clip = clip_on(volume, A)
    with pytest.raises(HaltedError):
        reread(clip, volume, halted)
    volume.files[A].bad_at = 1_000_000
    with pytest.raises(UnreadableError):
        reread(clip, volume, never)
    volume.yank()
    with pytest.raises(CameraGoneError):
        reread(clip, volume, never)


def test_what_is_released_is_gone_and_nothing_else(volume: FakeVolume) -> None:
    clip = clip_on(volume, A, GPS)
    facts = release([Permitted(clip=clip, permit=permit_for(clip))], volume, never)
    assert facts == (ClipReleased(clip="c1", kept=False),)
    assert set(volume.files) == {FOREIGN}


@pytest.mark.parametrize(
    "other_than",
    [
        lambda clip: replace(clip, id="c2"),
        lambda clip: replace(clip, state=ClipState.VERIFIED),
        lambda clip: replace(clip, parts=()),
    ],
)
def test_a_permit_for_another_clip_erases_nothing(
    volume: FakeVolume, other_than: Callable[[Clip], Clip]
) -> None:
    clip = clip_on(volume, A, GPS)
    other = other_than(clip)
    with pytest.raises(RuntimeError):
        release([Permitted(clip=other, permit=permit_for(clip))], volume, never)
    assert set(volume.files) == set(FILES)


def test_told_to_stop_it_erases_nothing_more(volume: FakeVolume) -> None:
    clip = clip_on(volume, A, GPS)
    with pytest.raises(HaltedError):
        release([Permitted(clip=clip, permit=permit_for(clip))], volume, halted)
    assert set(volume.files) == set(FILES)


class SilentVolume(FakeVolume):
    """Tells nothing of what it erased."""

    def erase(self, permit: ErasePermit) -> list[Erasure]:
        return []


class RefusingVolume(FakeVolume):
    """Erases all but the footage."""

    def _erase(self, file: SourceFile) -> Erasure:
        if file.path == A:
            return Erasure(outcome=EraseOutcome.REFUSED, reason="it has other bytes")
        del self.files[file.path]
        return Erasure(outcome=EraseOutcome.ERASED)


@pytest.mark.parametrize("liar", [KeepingVolume, SilentVolume, RefusingVolume])
def test_what_is_not_seen_to_be_gone_is_not_called_released(liar: type[FakeVolume]) -> None:
    volume = liar(files=camera_with(FILES).files)
    clip = clip_on(volume, A, GPS)
    (fact,) = release([Permitted(clip=clip, permit=permit_for(clip))], volume, never)
    assert isinstance(fact, ClipQuarantined)
    assert fact.reason.startswith("erasing it from the camera: ")


def test_a_listing_that_was_not_proven_counts_for_nothing(volume: FakeVolume) -> None:
    clip = clip_on(volume, A, GPS)
    volume.yank_while_listing = True
    with pytest.raises(CameraGoneError):
        release([Permitted(clip=clip, permit=permit_for(clip))], volume, never)
