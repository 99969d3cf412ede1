"""Is a volume mounted only if it is proven to be read-only, unused and the right one?"""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from bwvdock.mounter.mount import Caller, mount, probe
from bwvdock.mounter.refusal import Refusal, RefusalCode
from tests.mounter.machine import VFAT, Machine, machine_with_card, open_descriptors

PEER = Caller(pid=1, uid=993, gid=992)


@pytest.fixture(name="machine")
def _machine(tmp_path: Path) -> Machine:
    machine = machine_with_card(tmp_path)
    machine.plug("sda2", dev="8:2", disk="sda")
    machine.plug("sdb", dev="8:16", diskseq=18)
    return machine


def refused(machine: Machine, device: str = "sda1") -> RefusalCode:
    """Return the code of the refusal, having seen that it left nothing open."""
    before = open_descriptors()
    with pytest.raises(Refusal) as caught:
        mount({"device": device}, PEER, machine.system())
    assert open_descriptors() == before
    return caught.value.code


def test_a_partition_is_mounted_for_the_peer_and_described(machine: Machine) -> None:
    before = open_descriptors()
    about, root = mount({"device": "sda1"}, PEER, machine.system())
    assert root is not None
    assert os.fstat(root).st_ino == machine.root.stat().st_ino
    os.close(root)
    assert open_descriptors() == before
    assert about == {
        "device": "sda1",
        "dev": "8:1",
        "diskseq": 17,
        "fs": "vfat",
        "label": "BODYCAM",
        "read_only": True,
    }
    [(filesystem, source, options)] = machine.kernel.mounts
    assert (filesystem, source) == ("vfat", "/dev/sda1")
    assert {("uid", "993"), ("gid", "992")} <= set(options)


def test_partition_and_disk_refuse_writes_before_anything_is_mounted(machine: Machine) -> None:
    machine.kernel.fails = {"mount": OSError(errno.EIO, "Input/output error")}
    assert refused(machine) is RefusalCode.IO_ERROR
    assert machine.kernel.blocks["sda1"].read_only
    assert machine.kernel.blocks["sda"].read_only


@pytest.mark.parametrize("name", ["sda", "sdb"])
def test_a_whole_disk_is_mounted_if_a_file_system_stands_on_it(machine: Machine, name: str) -> None:
    if name == "sda":
        assert refused(machine, "sda") is RefusalCode.NOT_A_FILESYSTEM
    else:
        about, root = mount({"device": name}, PEER, machine.system())
        assert root is not None
        os.close(root)
        assert (about["device"], about["dev"], about["diskseq"]) == ("sdb", "8:16", 18)


def test_both_partitions_of_a_card_are_mounted(machine: Machine) -> None:
    for name in ("sda1", "sda2"):
        about, root = mount({"device": name}, PEER, machine.system())
        assert root is not None
        os.close(root)
        machine.kernel.blocks[name].in_use = True  # by the mount that was just made
        assert about["device"] == name


def test_a_volume_is_not_mounted_a_second_time_while_it_is_held(machine: Machine) -> None:
    _, root = mount({"device": "sda1"}, PEER, machine.system())
    assert root is not None
    os.close(root)
    machine.kernel.blocks[
        "sda1"
    ].in_use = True  # by the mount that was just made; the disk is read-only by now
    assert refused(machine) is RefusalCode.BUSY


@pytest.mark.parametrize("user", ["sda1", "sda", "sda2"])
def test_what_anybody_uses_is_neither_mounted_nor_set_read_only(machine: Machine, user: str) -> None:
    machine.kernel.blocks[user].in_use = True
    assert refused(machine) is RefusalCode.BUSY
    assert not any(block.read_only for block in machine.kernel.blocks.values())


@pytest.mark.parametrize("name", ["sda", "sda1"])
def test_a_device_that_stays_writable_is_not_mounted(machine: Machine, name: str) -> None:
    machine.kernel.blocks[name].stays_writable = True
    if name == "sda1":  # the disk's own mark covers it; take that away too
        machine.kernel.blocks["sda"].stays_writable = True
    assert refused(machine) is RefusalCode.NOT_READ_ONLY
    assert machine.kernel.mounts == []


@pytest.mark.parametrize("lie,code", [("writable", RefusalCode.NOT_READ_ONLY), ("another", RefusalCode.GONE)])
def test_a_kernel_that_lies_about_the_mount_is_found_out(
    machine: Machine, lie: str, code: RefusalCode
) -> None:
    machine.kernel.lies = frozenset({lie})
    assert refused(machine) is code


@pytest.mark.slow
def test_a_card_that_was_changed_meanwhile_is_gone(machine: Machine) -> None:
    machine.kernel.diskseqs["sda"] = 16  # what was opened; sysfs says 17 by now
    assert refused(machine) is RefusalCode.GONE


def test_a_device_number_that_was_dealt_out_anew_is_gone(machine: Machine) -> None:
    machine.kernel.blocks["sda1"].dev = "8:33"
    assert refused(machine) is RefusalCode.GONE


@pytest.mark.parametrize(
    "call,number,code",
    [
        ("open", errno.ENXIO, RefusalCode.GONE),
        ("open", errno.ENOMEDIUM, RefusalCode.NO_MEDIUM),
        ("open", errno.EIO, RefusalCode.IO_ERROR),
        ("open", errno.EACCES, RefusalCode.MOUNT_FAILED),
        ("open", errno.EPERM, RefusalCode.NOT_PERMITTED),
        ("set_read_only", errno.EACCES, RefusalCode.MOUNT_FAILED),
        ("mount", errno.EINVAL, RefusalCode.NOT_A_FILESYSTEM),
        ("mount", errno.EUCLEAN, RefusalCode.NOT_A_FILESYSTEM),
        ("mount", errno.EIO, RefusalCode.IO_ERROR),
        ("mount", errno.EBUSY, RefusalCode.BUSY),
        ("mount", errno.ENOMEM, RefusalCode.MOUNT_FAILED),
    ],
)
def test_what_the_kernel_says_becomes_a_code(
    machine: Machine, call: str, number: int, code: RefusalCode
) -> None:
    machine.kernel.fails = {call: OSError(number, os.strerror(number))}
    assert refused(machine) is code


def test_the_file_systems_own_words_reach_the_person(machine: Machine) -> None:
    machine.kernel.blocks["sda1"].holds = "garbage"
    with pytest.raises(Refusal, match="bogus number of reserved sectors"):
        mount({"device": "sda1"}, PEER, machine.system())


def test_a_volume_of_garbage_is_no_file_system(machine: Machine) -> None:
    machine.tag("8:1", {"BWVDOCK_CAMERA": "1"})
    assert refused(machine) is RefusalCode.NOT_A_FILESYSTEM


@pytest.mark.parametrize("filesystem", ["ext4", "xfs", "ntfs", "crypto_LUKS", "\x1b[2J", "vfat,exec"])
def test_a_file_system_that_is_not_allowed_is_not_even_opened(machine: Machine, filesystem: str) -> None:
    machine.kernel.fails = {"open": OSError(errno.EIO, "opened after all")}
    machine.tag("8:1", {**VFAT, "ID_FS_TYPE": filesystem})
    with pytest.raises(Refusal) as caught:
        mount({"device": "sda1"}, PEER, machine.system())
    assert caught.value.code is RefusalCode.FILESYSTEM_NOT_ALLOWED
    assert str(caught.value).isprintable()


def test_a_file_system_that_the_operator_allows_is_mounted(machine: Machine) -> None:
    machine.config.write_text('filesystems = ["ext4"]')
    machine.tag("8:1", {**VFAT, "ID_FS_TYPE": "ext4"})
    machine.kernel.blocks["sda1"].holds = "ext4"
    _, root = mount({"device": "sda1"}, PEER, machine.system())
    assert root is not None
    os.close(root)
    assert machine.kernel.mounts == [("ext4", "/dev/sda1", (("noload", None),))]


def test_a_wrong_configuration_mounts_nothing(machine: Machine) -> None:
    machine.config.write_text('filesystems = ["vfaz"]')
    assert refused(machine) is RefusalCode.MISCONFIGURED


def test_a_probe_names_the_medium_that_gave_a_block_even_while_it_is_mounted(machine: Machine) -> None:
    machine.kernel.blocks["sda1"].in_use = True
    before = open_descriptors()
    about, fd = probe({"device": "sda1"}, PEER, machine.system())
    assert (about, fd) == ({"device": "sda1", "dev": "8:1", "diskseq": 17}, None)
    assert open_descriptors() == before


@pytest.mark.parametrize(
    "call,number,code",
    [
        ("open", errno.ENXIO, RefusalCode.GONE),
        ("open", errno.ENOMEDIUM, RefusalCode.NO_MEDIUM),
        ("read", errno.EIO, RefusalCode.IO_ERROR),
        ("read", errno.ENODEV, RefusalCode.GONE),
    ],
)
def test_a_probe_that_gets_no_block_is_refused(
    machine: Machine, call: str, number: int, code: RefusalCode
) -> None:
    machine.kernel.fails = {call: OSError(number, os.strerror(number))}
    before = open_descriptors()
    with pytest.raises(Refusal) as caught:
        probe({"device": "sda1"}, PEER, machine.system())
    assert caught.value.code is code
    assert open_descriptors() == before


def test_what_is_no_camera_is_not_probed_either(machine: Machine) -> None:
    machine.tag("8:1", {"ID_FS_TYPE": "vfat"})
    with pytest.raises(Refusal) as caught:
        probe({"device": "sda1"}, PEER, machine.system())
    assert caught.value.code is RefusalCode.NOT_TAGGED
