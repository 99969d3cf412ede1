"""Is a disk called encrypted only where all below it was seen to be, and plain only where it is?"""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bwvdock.edges.disk_encryption import Encrypted, disk_encryption

ENCRYPTS = ("CRYPT-LUKS2-0123-a", "CRYPT-LUKS1-0123-a", "CRYPT-PLAIN-a", "CRYPT-BITLK-1-a")
ONLY_MAPS = ("LVM-abc", "mpath-3600", "part1-mpath-3600", "CRYPT-VERITY-1-a", "CRYPT-INTEGRITY-a")
UNKNOWN = ("", "mine", "CRYPT-SUBDEV-1-a", "CRYPT-NEW-1")
TABLE = "22 1 {device} / / rw - {kind} {source} rw\n"


@dataclass
class Block:
    """A block device. `uuid`: of a mapping, None for what is none; a `disk` has hardware behind it."""

    uuid: str | None = None
    below: list[Block] = field(default_factory=list)
    partition: bool = False
    disk: bool = False


class Sysfs:
    """A folder with block devices, as the kernel lists them: by links."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._numbers = itertools.count(1)
        for folder in ("dev/block", "class/block", "fs/btrfs"):
            (root / folder).mkdir(parents=True)

    def add(self, block: Block, *, name: str = "") -> str:
        """Adds a device with all that it is made of; returns its number."""
        number = next(self._numbers)
        self._build(block, name or f"b{number}", number)
        return f"8:{number}"

    def _build(self, block: Block, name: str, number: int) -> Path:
        home = self.root / "devices" / name
        if block.partition:  # of the first and only device below, in whose folder it is
            child = next(self._numbers)
            home = self._build(block.below[0], f"b{child}", child) / name
        home.mkdir(parents=True)
        (self.root / "dev/block" / f"8:{number}").symlink_to(home)
        (self.root / "class/block" / name).symlink_to(home)
        (home / "slaves").mkdir()
        if block.partition:
            (home / "partition").write_text("1\n")
        if block.disk:
            (home / "device").mkdir()
        if block.uuid is not None:
            (home / "dm").mkdir()
            (home / "dm/uuid").write_text(f"{block.uuid}\n")
            (home / "dm/name").write_text(f"map-{name}\n")
        for child_block in [] if block.partition else block.below:
            child = next(self._numbers)
            (home / "slaves" / f"b{child}").symlink_to(self._build(child_block, f"b{child}", child))
        return home


def seen(sysfs: Sysfs, device: str, *, kind: str = "ext4", source: str = "/dev/x") -> Encrypted:
    table = TABLE.format(device=device, kind=kind, source=source)
    return disk_encryption("/var/lib/bwvdock/spool", table=table, sys=sysfs.root).state


@pytest.fixture
def sysfs(tmp_path: Path) -> Sysfs:
    return Sysfs(tmp_path / "sys")


def blocks() -> st.SearchStrategy[Block]:
    leaves = st.sampled_from(
        [Block(disk=True), Block(disk=True), Block(), Block(uuid=""), Block(uuid="LVM-x")]
    )

    def made_of(below: st.SearchStrategy[Block]) -> st.SearchStrategy[Block]:
        some = st.lists(below, min_size=1, max_size=3)
        uuids = st.sampled_from([None, *ENCRYPTS, *ONLY_MAPS, *UNKNOWN])
        return st.one_of(
            st.builds(Block, uuid=uuids, below=some),
            st.builds(Block, below=st.lists(below, min_size=1, max_size=1), partition=st.just(value=True)),
        )

    return st.recursive(leaves, made_of, max_leaves=5)


def ways(block: Block) -> Iterator[list[Block]]:
    """Every way from a device down to what is below it."""
    if not block.below:
        yield [block]
    for lower in block.below:
        yield from ([block, *way] for way in ways(lower))


def is_covered(way: list[Block]) -> bool:
    return any(block.uuid in ENCRYPTS for block in way)


def is_plain(way: list[Block]) -> bool:
    """Whether a disk is at its end, and nothing on it can encrypt."""
    return way[-1].disk and not any(block.uuid in (*ENCRYPTS, *UNKNOWN) for block in way)


@pytest.mark.slow
@given(blocks())
def test_of_any_devices_it_says_what_all_ways_down_have_in_common(block: Block) -> None:
    with tempfile.TemporaryDirectory() as folder:
        sysfs = Sysfs(Path(folder, "sys"))
        said = seen(sysfs, sysfs.add(block))
    down = list(ways(block))
    assert (said is Encrypted.YES) == all(map(is_covered, down))
    if said is Encrypted.NO:
        assert any(way[-1].disk and not is_covered(way) for way in down)
    if not any(b.uuid in UNKNOWN for way in down for b in way):
        assert (said is Encrypted.NO) == any(map(is_plain, down))


LUKS = Block(uuid=ENCRYPTS[0], below=[Block(partition=True, below=[Block(disk=True)])])
PLAIN = Block(partition=True, below=[Block(disk=True)])


def test_what_lies_on_luks_is_encrypted_and_what_is_beside_it_is_not(sysfs: Sysfs) -> None:
    assert seen(sysfs, sysfs.add(Block(uuid="LVM-a", below=[LUKS]))) is Encrypted.YES
    assert seen(sysfs, sysfs.add(Block(uuid="LVM-a", below=[LUKS, PLAIN]))) is Encrypted.NO


def test_a_mapping_of_an_unknown_kind_is_neither(sysfs: Sysfs) -> None:
    assert seen(sysfs, sysfs.add(Block(uuid="", below=[PLAIN]))) is Encrypted.UNSEEN
    assert seen(sysfs, sysfs.add(Block(uuid="", below=[LUKS]))) is Encrypted.YES


def test_what_is_only_being_encrypted_is_not_yet(sysfs: Sysfs) -> None:
    part = Block(uuid="CRYPT-SUBDEV-1-a", below=[PLAIN])
    number = sysfs.add(Block(uuid=ENCRYPTS[0], below=[part]))
    name = next((sysfs.root / "dev/block" / number / "slaves").iterdir())
    (name / "dm/name").write_text("state-hotzone-forward\n")
    assert seen(sysfs, number) is Encrypted.UNSEEN


def test_btrfs_is_as_encrypted_as_all_its_disks(sysfs: Sysfs) -> None:
    for block, name in ((LUKS, "dm-0"), (LUKS, "dm-1"), (PLAIN, "sdz1")):
        sysfs.add(block, name=name)
    for fsid, names in (("one", ("dm-0",)), ("two", ("dm-1", "sdz1"))):
        devices = sysfs.root / "fs/btrfs" / fsid / "devices"
        devices.mkdir(parents=True)
        for name in names:
            (devices / name).symlink_to(sysfs.root / "class/block" / name)
    for source, state in (
        ("/dev/dm-0", Encrypted.YES),
        ("/dev/mapper/map-dm-0", Encrypted.YES),
        ("/dev/mapper/map-dm-1", Encrypted.NO),
        ("/dev/sdz1", Encrypted.NO),
        ("/dev/disk/by-label/unknown", Encrypted.UNSEEN),
    ):
        assert seen(sysfs, "0:41", kind="btrfs", source=source) is state, source


@pytest.mark.parametrize("kind", ["tmpfs", "overlay", "zfs", "nfs4", "fuse.sshfs", "a-new-one"])
def test_a_file_system_that_shows_no_disk_is_neither_and_is_named(sysfs: Sysfs, kind: str) -> None:
    said = disk_encryption("/x", table=TABLE.format(device="0:40", kind=kind, source="x"), sys=sysfs.root)
    assert said.state is Encrypted.UNSEEN
    assert kind in said.why


def test_where_nothing_can_be_read_nothing_is_claimed(tmp_path: Path) -> None:
    assert disk_encryption("/x", table="", sys=tmp_path).state is Encrypted.UNSEEN
    gone = disk_encryption("/x", table=TABLE.format(device="8:1", kind="ext4", source="x"), sys=tmp_path)
    assert gone.state is Encrypted.UNSEEN
