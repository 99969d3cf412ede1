"""How does the directory vault stand on a real disk? The rest of its contract is in tests/contracts."""

from __future__ import annotations

import os
import re
import shutil
import stat
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from bwvdock.core.clips.clip import Clip
from bwvdock.core.clips.identity import ID_BYTES, make_id
from bwvdock.core.clips.retention import DisposalPermit
from bwvdock.core.facts import ClipQuarantined
from bwvdock.core.media.part_names import part_name
from bwvdock.edges.destinations.directory import DirectoryDestination, day_of
from bwvdock.edges.identity_file import MARK
from bwvdock.edges.spool import FileSpool
from bwvdock.errors import DestinationError, DestinationUnavailableError, DurabilityError
from bwvdock.stages.verify import verify
from tests.edges.test_durable import odd_one
from tests.fakes.footage import footage
from tests.fakes.spooled import flip_bit, spooled_clip
from tests.fakes.transfer import UNLIMITED
from tests.places import another_filesystem
from tests.unprivileged import unprivileged

CONTENT = footage(70_000)


@dataclass
class ConfiguredDock:
    base: Path
    spool: FileSpool

    def vault(self, path: Path | None = None) -> DirectoryDestination:
        vault = path or self.base / "vault"
        return DirectoryDestination(vault, name="vault", spool=self.spool, marks=self.base / "vaults")

    def spooled_clip(self, number: int = 1, content: bytes = CONTENT) -> Clip:
        return spooled_clip(self.spool, content, number=number)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[ConfiguredDock]:
    spool = FileSpool(tmp_path / "spool", min_free=0)
    yield ConfiguredDock(tmp_path, spool)
    spool.close()


@pytest.mark.parametrize(
    "unix_ms,day", [(0, "1970/01/01"), (1_777_507_199_999, "2026/04/29"), (1_777_507_200_000, "2026/04/30")]
)
def test_the_day_stands_in_the_id(unix_ms: int, day: str) -> None:
    assert day_of(make_id(unix_ms, bytes(ID_BYTES))) == day


def test_on_one_file_system_the_vault_shares_the_spools_file(house: ConfiguredDock) -> None:
    clip = house.spooled_clip()
    name = house.vault().store(clip, UNLIMITED)
    assert name == f"2026/04/30/{part_name(clip, 0)}"
    stored = (house.base / "vault" / name).stat()
    assert stored.st_ino == (house.base / "spool" / part_name(clip, 0)).stat().st_ino
    assert stat.S_IMODE(stored.st_mode) == 0o440


def test_on_another_file_system_it_is_a_copy_of_its_own(house: ConfiguredDock, elsewhere: Path) -> None:
    clip, vault = house.spooled_clip(), house.vault(elsewhere / "vault")
    stored = elsewhere / "vault" / vault.store(clip, UNLIMITED)
    assert stored.read_bytes() == CONTENT
    assert stat.S_IMODE(stored.stat().st_mode) == 0o440
    assert vault.prove(clip, UNLIMITED).sha256 == clip.sha256
    assert [path.name for path in stored.parent.iterdir()] == [stored.name]


def test_a_spool_that_rotted_is_not_copied(house: ConfiguredDock, elsewhere: Path) -> None:
    clip = house.spooled_clip()
    path = house.base / "spool" / part_name(clip, 0)
    path.chmod(0o600)
    path.write_bytes(bytes(len(CONTENT)))
    with pytest.raises(DurabilityError):
        house.vault(elsewhere / "vault").store(clip, UNLIMITED)
    assert list((elsewhere / "vault/2026/04/30").iterdir()) == []


def test_what_a_cut_copy_left_is_no_obstacle(house: ConfiguredDock, elsewhere: Path) -> None:
    clip, vault = house.spooled_clip(), house.vault(elsewhere / "vault")
    day = elsewhere / "vault/2026/04/30"
    day.mkdir(parents=True)
    (day / f".{part_name(clip, 0)}.part").write_bytes(b"torn")
    vault.store(clip, UNLIMITED)
    assert vault.prove(clip, UNLIMITED).sha256 == clip.sha256
    assert [path.name for path in day.iterdir()] == [part_name(clip, 0)]


def test_nothing_that_a_cut_left_read_only_is_an_obstacle_to_the_daemon() -> None:
    """Parts and documents are read-only before they have their names; the daemon is not root."""
    with (
        another_filesystem(Path(tempfile.gettempdir())) as elsewhere,
        unprivileged(also=elsewhere) as base,
    ):
        house = ConfiguredDock(base, FileSpool(base / "spool", min_free=0))
        clip, vault = house.spooled_clip(), house.vault(elsewhere / "vault")
        vault.store(found := house.spooled_clip(2), UNLIMITED)  # the vault is known from now on
        name, day = part_name(clip, 0), elsewhere / "vault" / day_of(found.id)
        for left in (f".{name}.part", f"{name}.custody.json.part", f"{clip.id}.tombstone.json.part"):
            (day / left).write_bytes(b"torn")
            (day / left).chmod(0o440)
        vault.store(clip, UNLIMITED)
        assert vault.prove(clip, UNLIMITED).sha256 == clip.sha256
        vault.describe(clip, b"document", UNLIMITED)
        vault.dispose(clip, DisposalPermit(clip=clip.id, place="vault", reason="not evidence"))
        left_over = {f"{clip.id}.tombstone.json", part_name(found, 0)}
        assert {path.name for path in day.iterdir()} == left_over
        house.spool.close()


def test_a_bit_that_rots_is_found_by_the_proof(house: ConfiguredDock, elsewhere: Path) -> None:
    clip, vault = house.spooled_clip(), house.vault(elsewhere / "vault")
    path = elsewhere / "vault" / vault.store(clip, UNLIMITED)
    flip_bit(path, len(CONTENT) - 1)
    assert vault.prove(clip, UNLIMITED).sha256 != clip.sha256


# --- the vault that is not there ------------------------------------------------------------------


def test_the_first_use_marks_the_vault_and_remembers_it(house: ConfiguredDock) -> None:
    house.vault().probe()
    mark = (house.base / "vault" / MARK).read_text()
    assert re.fullmatch(r"[0-9a-f]{32}\n", mark)
    assert (house.base / "vaults" / "vault").read_text() == mark
    house.vault().probe()
    assert (house.base / "vault" / MARK).read_text() == mark


def test_a_new_dock_adopts_a_vault_that_is_marked_already(house: ConfiguredDock) -> None:
    (house.base / "vault").mkdir()
    (house.base / "vault" / MARK).write_text("a" * 32 + "\n")
    house.vault().probe()
    assert (house.base / "vaults" / "vault").read_text() == "a" * 32 + "\n"


def test_an_unmounted_share_is_never_filled(house: ConfiguredDock) -> None:
    clip = house.spooled_clip()
    house.vault().store(clip, UNLIMITED)
    shutil.rmtree(house.base / "vault")
    (house.base / "vault").mkdir()  # the bare mount point
    with pytest.raises(DestinationUnavailableError, match="its mark is missing") as caught:
        house.vault().store(clip, UNLIMITED)
    assert "Mount the vault" in caught.value.remedy
    assert list((house.base / "vault").iterdir()) == []


def test_a_vault_that_vanished_is_not_made_again(house: ConfiguredDock) -> None:
    house.vault().probe()
    shutil.rmtree(house.base / "vault")
    with pytest.raises(DestinationUnavailableError):
        house.vault().probe()
    assert not (house.base / "vault").exists()


def test_another_vault_in_its_place_is_not_taken_for_it(house: ConfiguredDock) -> None:
    house.vault().probe()
    (house.base / "vault" / MARK).write_text("b" * 32 + "\n")
    with pytest.raises(DestinationUnavailableError, match="another vault"):
        house.vault().probe()


def test_only_the_last_directory_of_the_path_is_ever_made(house: ConfiguredDock) -> None:
    with pytest.raises(DestinationUnavailableError):
        house.vault(house.base / "mnt" / "share" / "vault").probe()
    assert not (house.base / "mnt").exists()


def test_a_symbolic_link_in_an_objects_place_is_not_followed(house: ConfiguredDock) -> None:
    clip, vault = house.spooled_clip(), house.vault()
    day = house.base / "vault/2026/04/30"
    day.mkdir(parents=True)
    (day / part_name(clip, 0)).symlink_to(house.base / "spool" / part_name(clip, 0))
    with pytest.raises(DestinationError) as caught:
        vault.prove(clip, UNLIMITED)
    assert not caught.value.retryable


@pytest.mark.needs_root
@pytest.mark.skipif(os.geteuid() != 0, reason="mounting needs root")
@pytest.mark.parametrize("option,remedy", [("size=64k", "Free space"), ("ro", "read-write")])
def test_a_full_or_read_only_vault_says_what_to_do(house: ConfiguredDock, option: str, remedy: str) -> None:
    clip, vault = house.spooled_clip(), house.vault(house.base / "vault")
    (house.base / "vault").mkdir()
    (house.base / "vault" / MARK).write_text("a" * 32)
    vault.probe()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(house.base / "vault")], check=False
    )
    if mounted.returncode:
        pytest.skip("nothing can be mounted here")
    try:
        (house.base / "vault" / MARK).write_text("a" * 32)
        subprocess.run(["mount", "-o", f"remount,{option}", str(house.base / "vault")], check=True)
        with pytest.raises(DestinationUnavailableError) as caught:
            vault.store(clip, UNLIMITED)
        assert remedy in caught.value.remedy
        assert not list((house.base / "vault").rglob("*.mp4"))
    finally:
        subprocess.run(["umount", str(house.base / "vault")], check=True)


def test_uploaders_that_come_together_set_a_new_vault_up_once(house: ConfiguredDock) -> None:
    """Each of them tripped over the others' half-made mark once, and the vault rested for minutes."""
    vault = house.vault()
    clips = [house.spooled_clip(n) for n in range(8)]
    together = threading.Barrier(len(clips))

    def store(clip: Clip) -> str:
        together.wait()
        return vault.store(clip, UNLIMITED)

    with ThreadPoolExecutor(len(clips)) as uploaders:
        assert len(set(uploaders.map(store, clips))) == len(clips)
    for clip in clips:
        assert vault.prove(clip, UNLIMITED).sha256 == clip.sha256


def test_of_a_copy_that_is_wrong_it_is_said_whether_the_docks_own_is_as_well(
    house: ConfiguredDock, elsewhere: Path
) -> None:
    clip, vault = house.spooled_clip(), house.vault(elsewhere / "vault")
    stored = elsewhere / "vault" / vault.store(clip, UNLIMITED)
    flip_bit(stored, 5)
    fact = verify(clip, vault, UNLIMITED)
    assert isinstance(fact, ClipQuarantined)
    assert "the copy at destination vault (2026/04/30/" in fact.reason
    assert "the dock's copy" in fact.reason
    assert "still matches" in fact.reason
    flip_bit(house.base / "spool" / part_name(clip, 0), 5)
    fact = verify(clip, vault, UNLIMITED)
    assert isinstance(fact, ClipQuarantined)
    assert "in the spool) no longer matches the hash taken at ingest" in fact.reason


# --- marks that are something else ----------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["FIFO", "folder", "link"])
@pytest.mark.parametrize("where", ["vaults/vault", f"vault/{MARK}"])
def test_what_is_in_the_place_of_a_mark_is_named_and_hangs_nobody(
    house: ConfiguredDock, where: str, kind: str
) -> None:
    clip, mark = house.spooled_clip(), house.base / where
    house.vault().store(clip, UNLIMITED)
    odd_one(mark, kind)
    held = os.open(mark, os.O_RDWR | os.O_NONBLOCK) if kind == "FIFO" else -1
    for call in (house.vault().probe, lambda: house.vault().store(clip, UNLIMITED)):
        with pytest.raises(DestinationError) as caught:
            call()
        assert caught.value.remedy
    if where.startswith("vaults"):
        with pytest.raises(DestinationUnavailableError, match="the mark by which this dock knows it"):
            house.vault().is_made()
    if held >= 0:
        os.close(held)
