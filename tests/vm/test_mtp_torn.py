"""What becomes of a clip when an MTP camera is torn out, lies, or its host dies, in the midst of it?"""

import random
import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bwvdock.core.ports import PIECE_BYTES
from tests.vm.cameras import MIB
from tests.vm.mtp_cameras import Emulated, MtpDevice, Responder, digests, docked, fill_card, tear_out
from tests.vm.station import Station
from tests.vm.test_straight import make_tree

CLIP = "DCIM/100BWCAM/BWC_0001.MP4"
SIZE = 28 * MIB + 500  # the header and the last packet fill a packet of 512
MOMENT = 20 * MIB  # behind the first piece that is proven, and well before the end

# Waits until a process has written so many bytes, and starts no program that would take its processor time.
UNTIL_WRITTEN = """until ((written > $2)); do
read -t 0.1 <> <(:)
while read -r name count; do [[ $name != wchar: ]] || written=$count; done </proc/$1/io || exit 1
done"""


def written(station: Station) -> int:
    """How many bytes the daemon has written since it started: to its spool, but for a few."""
    return int(station.dock.run(f"awk '/^wchar/ {{ print $2 }}' /proc/{station.daemon()}/io").stdout or "0")


@contextmanager
def in_mid_copy(station: Station, camera: MtpDevice) -> Iterator[None]:
    """Docks a camera, and is there when MOMENT bytes of it were written; the daemon is slow meanwhile."""
    station.dock.run("systemctl set-property --runtime bwvdock CPUQuota=20%")
    try:
        pid, before = station.daemon(), written(station)
        camera.plug(station.dock)
        station.dock.run(f"bash -c {shlex.quote(UNTIL_WRITTEN)} - {pid} {before + MOMENT}", timeout=240)
        yield
    finally:
        station.dock.run("systemctl set-property --runtime bwvdock CPUQuota=")


def footage_of(seed: int) -> dict[str, bytes]:
    return {CLIP: random.Random(seed).randbytes(SIZE)}


@pytest.mark.parametrize("kind", [pytest.param("emulated", marks=pytest.mark.extra), "responder"])
def test_torn_out_it_goes_on_where_it_was(station: Station, workshop: Path, kind: str) -> None:
    """The responder has GetPartialObject64, QEMU's camera GetPartialObject."""
    serial, clip = f"TORN-{kind.upper()}", footage_of(41)
    camera: MtpDevice = Responder(serial=serial)
    if kind == "emulated":
        camera = Emulated(serial=serial, folder=make_tree(workshop / serial, clip), bay=32)
    else:
        fill_card(station.dock, clip)
    station.enrol(serial)
    with in_mid_copy(station, camera):
        tear_out(station, camera)
    sheet = station.dockings(serial)[0]
    assert (sheet["complete"], sheet["copied"], sheet["residual"]) == (False, 0, 1)
    with docked(station, camera):
        station.wait_until_stored(serial, 1)
    (stored,) = station.prove_stored(serial, digests(clip))
    (acquired,) = station.history(stored["id"], "clip_acquired")
    (copy,) = acquired["parts"]
    assert copy["resumed_at"] >= PIECE_BYTES
    assert copy["resumed_at"] + copy["read_bytes"] == SIZE
    operation = "GetPartialObject64" if kind == "responder" else "GetPartialObject"
    assert f"resumed at byte {copy['resumed_at']} by {operation}" in acquired["notes"]
    station.prove_custody()


def test_a_host_that_died_in_mid_transfer_starts_again(station: Station, workshop: Path) -> None:
    serial, clip = "HOST-DIED", footage_of(42)
    camera = Emulated(serial=serial, folder=make_tree(workshop / serial, clip), bay=33)
    station.enrol(serial)
    with in_mid_copy(station, camera):
        before = station.daemon()
        station.note_memory()
        station.systemctl("kill --signal=KILL --kill-who=main")
    try:
        station.wait_until_stored(serial, 1)
        assert station.daemon() not in {0, before}
    finally:
        tear_out(station, camera)
    (stored,) = station.prove_stored(serial, digests(clip))
    assert len(station.history(stored["id"], "copy_intended")) == 2
    assert station.dockings(serial)[0]["complete"] is True
    station.prove_custody()


@pytest.mark.extra
def test_a_clip_that_is_cut_under_our_hands_is_not_taken(station: Station, workshop: Path) -> None:
    """QEMU's camera then sends zeros, as many as were promised, and says 0x2007 at the end."""
    serial, clip = "CUT-SHORT", footage_of(43)
    folder = make_tree(workshop / serial, clip)
    camera = Emulated(serial=serial, folder=folder, bay=34)
    station.enrol(serial)
    with in_mid_copy(station, camera):
        station.systemctl("kill --signal=STOP --kill-who=main")
        with (folder / CLIP).open("r+b") as file:
            file.truncate(MOMENT // 2)
        station.systemctl("kill --signal=CONT --kill-who=main")
    station.wait(lambda: "0x2007" in station.log_text(), what="the daemon says that the clip does not count")
    tear_out(station, camera)
    (found,) = station.clips(serial)
    assert found["state"] == "found"
    assert station.history(found["id"], "clip_acquired") == []
    sheet = station.dockings(serial)[0]
    assert (sheet["seen"], sheet["copied"], sheet["unreadable"]) == (1, 0, 1)
    # In a folder of its own: QEMU watches the first one, and was seen to crash when that was filled again.
    whole = Emulated(serial=serial, folder=make_tree(workshop / f"{serial}-whole", clip), bay=34)
    with docked(station, whole):
        station.wait_until_stored(serial, 1)
    station.prove_stored(serial, digests(clip))
    station.prove_custody()
