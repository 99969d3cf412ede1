"""Does exactly what was named go, from exactly the medium that was read, and is nothing left writable?"""

from __future__ import annotations

import errno
import hashlib
import io
import json
import logging
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from bwvdock.mounter.erase import FINGERPRINT_BYTES, MAX_FILES, erase
from bwvdock.mounter.mount import Caller
from bwvdock.mounter.refusal import Refusal, RefusalCode
from tests.mounter.machine import VFAT, Machine, machine_with_card, no_descriptor_left

PEER = Caller(pid=1, uid=993, gid=992)
CLIP, THUMB, OTHER = "DCIM/BWC_0001.MP4", "DCIM/BWC_0001.THM", "DCIM/BWC_0002.MP4"
MTIME = 1_773_483_300_000_000_000
LONG = bytes(range(256)) * 1024


@pytest.fixture(name="machine")
def _machine(tmp_path: Path) -> Machine:
    machine = machine_with_card(tmp_path)
    machine.plug("sda2", dev="8:2", disk="sda")
    machine.dock_config.write_text('[release]\nerase = "after-verified"\n')
    for path in (CLIP, THUMB, OTHER):
        put(machine, path, path.encode() + LONG)
    return machine


@pytest.fixture(autouse=True)
def _nothing_left_open_or_writable(machine: Machine) -> Iterator[None]:
    with no_descriptor_left():
        yield
    if machine.kernel.writable_mounts:
        assert machine.kernel.blocks["sda"].read_only
        assert machine.kernel.blocks["sda1"].read_only


def put(machine: Machine, path: str, data: bytes, *, mtime_ns: int = MTIME) -> None:
    file = machine.root / path
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(data)
    os.utime(file, ns=(mtime_ns, mtime_ns))


def standing(machine: Machine) -> set[str]:
    return {str(p.relative_to(machine.root)) for p in machine.root.rglob("*") if not p.is_dir()}


def named(path: str, data: bytes | None = None) -> dict[str, object]:
    data = path.encode() + LONG if data is None else data
    ends = (
        data if len(data) <= 2 * FINGERPRINT_BYTES else data[:FINGERPRINT_BYTES] + data[-FINGERPRINT_BYTES:]
    )
    file = {"size": len(data), "mtime_ns": MTIME, "fingerprint": hashlib.sha256(ends).hexdigest()}
    return {"path": path, **file}


def order(*files: object, **changed: object) -> dict[str, Any]:
    return {"op": "erase", "device": "sda1", "dev": "8:1", "diskseq": 17, "files": [*files], **changed}


def outcomes(machine: Machine, *files: object) -> list[str]:
    about, fd = erase(order(*files), PEER, machine.system())
    assert fd is None
    said = about["files"]
    assert isinstance(said, list)
    return [outcome["outcome"] for outcome in said]


def refusal(machine: Machine, request: Mapping[str, Any]) -> RefusalCode:
    """Return the code of a refusal that touched nothing."""
    before = standing(machine)
    with pytest.raises(Refusal) as caught:
        erase(request, PEER, machine.system())
    assert standing(machine) == before
    return caught.value.code


def test_what_is_named_goes_and_nothing_else(machine: Machine) -> None:
    assert outcomes(machine, named(THUMB), named(CLIP)) == ["erased", "erased"]
    assert standing(machine) == {OTHER}
    assert (machine.kernel.writable_mounts, machine.kernel.synced) == (1, 1)


def test_an_emptied_folder_stays(machine: Machine) -> None:
    outcomes(machine, named(THUMB), named(CLIP), named(OTHER))
    assert (machine.root / "DCIM").is_dir()


def test_what_is_gone_already_is_told_apart(machine: Machine) -> None:
    os.unlink(machine.root / CLIP)
    assert outcomes(machine, named(CLIP), named("NONE/BWC.MP4"), named(THUMB)) == [
        *("already_gone", "already_gone", "erased"),
    ]


def test_the_mount_for_erasing_is_let_into_by_nobody_else(machine: Machine) -> None:
    outcomes(machine, named(CLIP))
    (_, _, writable), (_, _, afterwards) = machine.kernel.mounts
    for options in (writable, afterwards):
        assert ("uid", str(os.geteuid())) in options
    assert ("dmask", "0077") in writable
    assert ("tz", "UTC") in writable


@pytest.mark.few(5)
@pytest.mark.parametrize(
    "change",
    [
        {"size": 1},
        {"mtime_ns": MTIME + 1},
        {"mtime_ns": MTIME + 2_000_000_000},
        {"fingerprint": hashlib.sha256(b"other").hexdigest()},
        {"fingerprint": ""},
        {"path": "DCIM"},
        {"path": OTHER},
        {"path": "link.MP4"},
        {"path": "linked/BWC_0001.MP4"},
        {"path": "pipe"},
    ],
)
def test_what_is_not_to_the_bit_what_was_named_stays(machine: Machine, change: dict[str, object]) -> None:
    (machine.root / "link.MP4").symlink_to(CLIP)
    (machine.root / "linked").symlink_to("DCIM")
    os.mkfifo(machine.root / "pipe")
    before = standing(machine)
    assert outcomes(machine, {**named(CLIP), **change}) == ["refused"]
    assert standing(machine) == before


@pytest.mark.parametrize("where", [0, FINGERPRINT_BYTES - 1, -1, -FINGERPRINT_BYTES])
def test_other_bytes_at_either_end_are_seen(machine: Machine, where: int) -> None:
    data = bytearray(CLIP.encode() + LONG)
    data[where] ^= 1
    put(machine, CLIP, bytes(data))
    assert outcomes(machine, named(CLIP)) == ["refused"]
    assert CLIP in standing(machine)


@pytest.mark.parametrize("size", [0, 1, 2 * FINGERPRINT_BYTES])
def test_a_short_file_is_compared_whole(machine: Machine, size: int) -> None:
    put(machine, CLIP, LONG[:size])
    assert outcomes(machine, named(CLIP, LONG[:size])) == ["erased"]


def test_a_name_that_is_no_text_is_found(machine: Machine) -> None:
    raw = b"DCIM/\xff\xfe.MP4"
    path = os.path.join(os.fsencode(machine.root), raw)
    with open(path, "wb") as file:
        file.write(LONG)
    os.utime(path, ns=(MTIME, MTIME))
    asked = json.loads(json.dumps(named(raw.decode("utf-8", "surrogateescape"), LONG)))
    assert outcomes(machine, asked) == ["erased"]
    assert not os.path.exists(path)


@pytest.mark.parametrize(
    "path", ["/etc/passwd", "../etc/passwd", "DCIM/../../x", "DCIM//x", "./x", "", "a\0b", "\ud800", "DCIM/"]
)
def test_a_path_that_leads_elsewhere_is_no_request(machine: Machine, path: str) -> None:
    assert refusal(machine, order(named(CLIP), {**named(CLIP), "path": path})) is RefusalCode.BAD_REQUEST
    assert machine.kernel.mounts == []


@pytest.mark.parametrize(
    "request_",
    [
        order(),
        order(*[named(CLIP)] * (MAX_FILES + 1)),
        order(named(CLIP), recursive=True),
        order({**named(CLIP), "force": True}),
        order({"path": CLIP}),
        order(CLIP),
        order(named(CLIP), diskseq="17"),
        {"op": "erase", "device": "sda1"},
    ],
)
def test_what_is_no_request_touches_nothing(machine: Machine, request_: dict[str, Any]) -> None:
    assert refusal(machine, request_) is RefusalCode.BAD_REQUEST
    assert machine.kernel.mounts == []


@pytest.mark.parametrize("text", ["", '[release]\nerase = "never"\n', "[release]\nerase = true\n"])
def test_root_did_not_say_so(machine: Machine, text: str) -> None:
    machine.dock_config.write_text(text)
    assert refusal(machine, order(named(CLIP))) is RefusalCode.ERASING_OFF
    assert machine.kernel.mounts == []


def test_a_configuration_with_a_byte_order_mark_is_read_as_the_daemon_reads_it(machine: Machine) -> None:
    machine.dock_config.write_text(machine.dock_config.read_text(), encoding="utf-8-sig")
    assert len(outcomes(machine, named(CLIP))) == 1


def test_a_configuration_that_others_may_write_says_nothing(machine: Machine) -> None:
    machine.dock_config.chmod(0o664)
    assert refusal(machine, order(named(CLIP))) is RefusalCode.MISCONFIGURED
    machine.dock_config.unlink()
    assert refusal(machine, order(named(CLIP))) is RefusalCode.ERASING_OFF


@pytest.mark.parametrize("change", [{"diskseq": 16}, {"dev": "8:2"}])
def test_a_camera_that_was_swapped_on_its_port_keeps_everything(
    machine: Machine, change: dict[str, object]
) -> None:
    assert refusal(machine, order(named(CLIP), **change)) is RefusalCode.GONE
    assert machine.kernel.writable_mounts == 0


@pytest.mark.parametrize("user", ["sda1", "sda"])
def test_what_anybody_holds_is_not_written_to(machine: Machine, user: str) -> None:
    """The daemon's own view of it, too: it must have let go."""
    machine.kernel.blocks[user].in_use = True
    assert refusal(machine, order(named(CLIP))) is RefusalCode.BUSY
    assert machine.kernel.writable_mounts == 0


def test_another_partition_that_we_hold_stays_read_only_meanwhile(machine: Machine) -> None:
    for name in ("sda", "sda2"):
        machine.kernel.blocks[name].read_only = True
    machine.kernel.blocks["sda2"].in_use = True
    assert outcomes(machine, named(CLIP)) == ["erased"]
    assert machine.kernel.blocks["sda2"].read_only


def test_a_device_without_our_tag_is_never_written_to(machine: Machine) -> None:
    machine.tag("8:1", {"ID_FS_TYPE": "vfat"})
    assert refusal(machine, order(named(CLIP))) is RefusalCode.NOT_TAGGED


def test_a_file_system_that_is_not_allowed_is_not_written_to(machine: Machine) -> None:
    machine.tag("8:1", {**VFAT, "ID_FS_TYPE": "ext4"})
    assert refusal(machine, order(named(CLIP))) is RefusalCode.FILESYSTEM_NOT_ALLOWED


@pytest.mark.parametrize("name", ["sda", "sda1"])
def test_a_card_whose_switch_forbids_it_is_left_alone(machine: Machine, name: str) -> None:
    machine.kernel.blocks[name].protected = True
    assert refusal(machine, order(named(CLIP))) is RefusalCode.NOT_WRITABLE
    assert machine.kernel.writable_mounts == 0


def test_a_file_system_that_stays_read_only_is_left_alone(machine: Machine) -> None:
    machine.kernel.lies = frozenset({"stays read-only"})
    assert refusal(machine, order(named(CLIP))) is RefusalCode.NOT_WRITABLE


def test_a_file_that_takes_the_name_at_the_last_moment_stays(machine: Machine) -> None:
    machine.kernel.lies = frozenset({"swaps"})
    assert outcomes(machine, named(CLIP)) == ["refused"]
    assert CLIP in standing(machine)


def test_a_card_that_keeps_what_it_said_was_erased_is_found_out(machine: Machine) -> None:
    machine.kernel.lies = frozenset({"keeps"})
    about, _ = erase(order(named(THUMB), named(CLIP)), PEER, machine.system())
    assert (
        about["files"]
        == [{"outcome": "refused", "reason": "the card accepted the order to erase it, but still has it"}] * 2
    )


@pytest.mark.parametrize("call", ["mount writable", "open_below", "sync"])
@pytest.mark.parametrize("number,code", [(errno.EIO, RefusalCode.IO_ERROR), (errno.ENODEV, RefusalCode.GONE)])
def test_a_camera_that_leaves_meanwhile_is_said_to_be_gone(
    machine: Machine, call: str, number: int, code: RefusalCode
) -> None:
    machine.kernel.fails = {call: OSError(number, os.strerror(number))}
    with pytest.raises(Refusal) as caught:
        erase(order(named(CLIP)), PEER, machine.system())
    assert caught.value.code is code


def test_the_log_keeps_what_was_erased_and_no_name(machine: Machine) -> None:
    log, logger = io.StringIO(), logging.getLogger("bwvdock-mounter")
    handler, level = logging.StreamHandler(log), logger.level
    logger.addHandler(handler)
    logger.setLevel("INFO")
    try:
        outcomes(machine, named(CLIP))
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)
    assert f"erased {str(named(CLIP)['fingerprint'])[:16]}" in log.getvalue()
    assert "BWC_0001" not in log.getvalue()
