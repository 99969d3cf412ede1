"""What does every place promise that bwvdock disposes of footage in? Run on vault, spool and their fakes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from bwvdock.core.clips.clip import Clip
from bwvdock.core.clips.retention import DisposalPermit
from bwvdock.core.clips.states import SPOOL
from bwvdock.core.ports import GracefulKeeper, Keeper
from bwvdock.edges.destinations.directory import DirectoryDestination
from bwvdock.edges.spool import FileSpool
from bwvdock.errors import DestinationError, DestinationUnavailableError
from tests.fakes.destination import FakeVault
from tests.fakes.disk import FakeDisk
from tests.fakes.footage import footage
from tests.fakes.spool import FakeSpool
from tests.fakes.spooled import spooled_clip
from tests.fakes.transfer import UNLIMITED

CONTENT = (footage(70_000), b"sidecar")


@dataclass
class Dock:
    """A spool and a vault, both of which hold two clips."""

    spool: FileSpool
    vault: DirectoryDestination
    clips: list[Clip]


@pytest.fixture
def dock(tmp_path: Path) -> Iterator[Dock]:
    spool = FileSpool(tmp_path / "spool", min_free=0)
    clips = [spooled_clip(spool, *CONTENT, number=number) for number in (1, 2)]
    vault = DirectoryDestination(tmp_path / "vault", name="vault", spool=spool, marks=tmp_path / "marks")
    for clip in clips:
        vault.store(clip, UNLIMITED)
        vault.describe(clip, b"{}", UNLIMITED)
    yield Dock(spool, vault, clips)
    spool.close()


def permit(clip: Clip, place: str) -> DisposalPermit:
    return DisposalPermit(clip=clip.id, place=place, reason="not evidence")


@dataclass
class Place:
    """A keeper that holds two clips, and where it has them."""

    keeper: Keeper
    name: str
    names: Callable[[], Iterable[str]]
    clips: list[Clip]

    def permit(self, clip: Clip) -> DisposalPermit:
        return permit(clip, self.name)

    def files(self, clip: Clip) -> list[str]:
        return sorted(name for name in self.names() if name.startswith(clip.id) and "tombstone" not in name)


@pytest.fixture(params=["spool", "vault", "fake spool", "fake vault"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    if request.param.startswith("fake"):
        return fake_place(request.param)
    dock: Dock = request.getfixturevalue("dock")
    keeper, name = (dock.spool, SPOOL) if request.param == "spool" else (dock.vault, "vault")
    return Place(
        keeper, name, lambda: (path.name for path in (tmp_path / request.param).rglob("*")), dock.clips
    )


def fake_place(kind: str) -> Place:
    spool = FakeSpool(FakeDisk())
    clips = [spooled_clip(spool, *CONTENT, number=number) for number in (1, 2)]
    if kind == "fake spool":
        return Place(spool, SPOOL, lambda: spool.disk.names, clips)
    vault = FakeVault(spool.content)
    for clip in clips:
        vault.store(clip, UNLIMITED)
        vault.describe(clip, b"{}", UNLIMITED)
    return Place(vault, "vault", lambda: [*vault.objects, *vault.documents], clips)


def test_what_is_disposed_of_is_gone_and_nothing_else(place: Place) -> None:
    gone, kept = place.clips
    before = place.files(kept)
    assert len(place.files(gone)) >= 2
    place.keeper.dispose(gone, place.permit(gone))
    assert place.files(gone) == []
    assert place.files(kept) == before


def test_disposing_again_is_no_error(place: Place) -> None:
    clip = place.clips[0]
    for _ in range(2):
        place.keeper.dispose(clip, place.permit(clip))
    assert place.files(clip) == []


def graceful(place: Place) -> GracefulKeeper:
    if place.name == SPOOL:
        pytest.skip("nothing is moved aside in the spool")
    assert isinstance(place.keeper, GracefulKeeper)
    return place.keeper


def test_what_is_moved_aside_comes_back_as_it_was(place: Place) -> None:
    keeper, (clip, kept) = graceful(place), place.clips
    before, others = place.files(clip), place.files(kept)
    for _ in range(2):
        keeper.withdraw(clip, place.permit(clip))
    for _ in range(2):
        keeper.restore(clip)
    assert place.files(clip) == before
    assert place.files(kept) == others


def test_what_is_moved_aside_is_disposed_of_too(place: Place) -> None:
    keeper, (clip, kept) = graceful(place), place.clips
    others = place.files(kept)
    keeper.withdraw(clip, place.permit(clip))
    place.keeper.dispose(clip, place.permit(clip))
    assert place.files(clip) == []
    assert place.files(kept) == others
    with pytest.raises(DestinationError):
        keeper.restore(clip)


def test_nothing_is_moved_aside_by_the_permit_of_another_clip(place: Place) -> None:
    keeper, (clip, other) = graceful(place), place.clips
    before = place.files(clip)
    with pytest.raises(RuntimeError, match="does not cover"):
        keeper.withdraw(clip, place.permit(other))
    assert place.files(clip) == before


def test_a_copy_that_was_moved_aside_still_proves_what_it_is(dock: Dock) -> None:
    clip = dock.clips[0]
    dock.vault.withdraw(clip, permit(clip, "vault"))
    assert dock.vault.prove(clip, UNLIMITED).sha256 == clip.sha256


def test_the_permit_of_another_clip_or_place_opens_nothing(place: Place) -> None:
    clip, other = place.clips
    elsewhere = DisposalPermit(clip=clip.id, place="elsewhere", reason="r")
    for wrong in (place.permit(other), elsewhere):
        before = place.files(clip)
        with pytest.raises(RuntimeError, match="does not cover"):
            place.keeper.dispose(clip, wrong)
        assert place.files(clip) == before


def test_a_vault_keeps_a_tombstone_with_the_digests(dock: Dock, tmp_path: Path) -> None:
    clip = dock.clips[0]
    dock.vault.dispose(clip, permit(clip, "vault"))
    [stone] = (tmp_path / "vault").rglob("*.tombstone.json")
    said = json.loads(stone.read_text(encoding="utf-8"))
    assert said["clip"] == clip.id
    assert [part["sha256"] for part in said["parts"]] == [part.sha256 for part in clip.parts]
    assert said["disposed"] == "not evidence"


def test_what_leaves_the_spool_stays_in_the_vault(dock: Dock) -> None:
    """They may share one file: taking the one name away must leave the other."""
    clip = dock.clips[0]
    dock.spool.dispose(clip, permit(clip, SPOOL))
    assert dock.vault.prove(clip, UNLIMITED).sha256 == clip.sha256


def test_a_vault_that_is_not_there_keeps_what_it_has(dock: Dock, tmp_path: Path) -> None:
    (tmp_path / "vault").rename(tmp_path / "unmounted")
    with pytest.raises(DestinationUnavailableError):
        dock.vault.dispose(dock.clips[0], permit(dock.clips[0], "vault"))
    assert len(list((tmp_path / "unmounted").rglob("*.mp4"))) == len(dock.clips)
