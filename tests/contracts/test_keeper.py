"""What does every place promise that bwvdock disposes of footage in? Run on vault and spool."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from bwvdock.core.clip import Clip
from bwvdock.core.ports import Keeper
from bwvdock.core.retention import SPOOL, DisposalPermit
from bwvdock.edges.destinations.directory import DirectoryDestination
from bwvdock.edges.spool import FileSpool
from bwvdock.errors import DestinationUnavailableError
from bwvdock.passage import FREE_PASSAGE
from tests.fakes.footage import footage
from tests.fakes.spooled import spooled_clip

CONTENT = (footage(70_000), b"sidecar")


@dataclass
class Place:
    """A keeper that holds two clips, and how to look at what it holds of one."""

    keeper: Keeper
    name: str
    clips: list[Clip]
    files: Callable[[Clip], list[str]]

    def permit(self, clip: Clip) -> DisposalPermit:
        return DisposalPermit(clip=clip.id, place=self.name, reason="not evidence")


@pytest.fixture(params=["spool", "vault"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    spool = FileSpool(tmp_path / "spool", min_free=0)
    clips = [spooled_clip(spool, *CONTENT, number=number) for number in (1, 2)]
    vault = DirectoryDestination(tmp_path / "vault", name="vault", spool=spool, marks=tmp_path / "marks")
    for clip in clips:
        vault.store(clip, FREE_PASSAGE)
        vault.describe(clip, b"{}", FREE_PASSAGE)
    where = tmp_path / request.param

    def files(clip: Clip) -> list[str]:
        found = sorted(path.name for path in where.rglob(f"{clip.id}*"))
        return [name for name in found if "tombstone" not in name]

    keeper: Keeper = spool if request.param == "spool" else vault
    name = SPOOL if request.param == "spool" else "vault"
    yield Place(keeper, name, clips, files)
    spool.close()


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


def test_the_permit_of_another_clip_or_place_opens_nothing(place: Place) -> None:
    clip, other = place.clips
    elsewhere = DisposalPermit(clip=clip.id, place="elsewhere", reason="r")
    for wrong in (place.permit(other), elsewhere):
        before = place.files(clip)
        with pytest.raises(RuntimeError, match="does not open"):
            place.keeper.dispose(clip, wrong)
        assert place.files(clip) == before


def test_a_vault_keeps_a_tombstone_with_the_digests(tmp_path: Path) -> None:
    spool = FileSpool(tmp_path / "spool", min_free=0)
    clip = spooled_clip(spool, *CONTENT, number=1)
    vault = DirectoryDestination(tmp_path / "vault", name="vault", spool=spool, marks=tmp_path / "marks")
    vault.store(clip, FREE_PASSAGE)
    vault.dispose(clip, DisposalPermit(clip=clip.id, place="vault", reason="not evidence"))
    [stone] = (tmp_path / "vault").rglob("*.tombstone.json")
    said = json.loads(stone.read_text(encoding="utf-8"))
    assert said["clip"] == clip.id
    assert [part["sha256"] for part in said["parts"]] == [part.sha256 for part in clip.parts]
    assert said["disposed"] == "not evidence"
    spool.close()


def test_what_leaves_the_spool_stays_in_the_vault(tmp_path: Path) -> None:
    """They may share one file: taking the one name away must leave the other."""
    spool = FileSpool(tmp_path / "spool", min_free=0)
    clip = spooled_clip(spool, *CONTENT, number=1)
    vault = DirectoryDestination(tmp_path / "vault", name="vault", spool=spool, marks=tmp_path / "marks")
    vault.store(clip, FREE_PASSAGE)
    spool.dispose(clip, DisposalPermit(clip=clip.id, place=SPOOL, reason="not evidence"))
    assert vault.prove(clip, FREE_PASSAGE).sha256 == clip.sha256
    spool.close()


def test_a_vault_that_is_not_there_keeps_what_it_has(tmp_path: Path) -> None:
    spool = FileSpool(tmp_path / "spool", min_free=0)
    clip = spooled_clip(spool, *CONTENT, number=1)
    vault = DirectoryDestination(tmp_path / "vault", name="vault", spool=spool, marks=tmp_path / "marks")
    vault.store(clip, FREE_PASSAGE)
    (tmp_path / "vault").rename(tmp_path / "unmounted")
    with pytest.raises(DestinationUnavailableError):
        vault.dispose(clip, DisposalPermit(clip=clip.id, place="vault", reason="not evidence"))
    assert list((tmp_path / "unmounted").rglob("*.mp4"))
    spool.close()
