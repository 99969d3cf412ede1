"""What of MTP is asked of a real device, and not by way of the daemon: footage beyond 4 GiB, and erasing?

The package's own modules are run in the guest, on a camera that is not enrolled: the daemon does not hold it.
"""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from tests.vm.cameras import MIB
from tests.vm.mtp_cameras import Emulated, digests, docked
from tests.vm.station import Station
from tests.vm.test_mtp import clips_of
from tests.vm.test_straight import make_tree

LARGE = 4096 * MIB + MIB - 12  # with its header it ends at a packet, and at a read
MARKED = (0, 2048 * MIB - 7, 4096 * MIB - 20, LARGE - 1000)  # the rest is zeros
OPEN = """
import hashlib, json, pathlib, sys
from bwvdock.core.clips.lifecycle import ClipState
from bwvdock.core.facts import SourceFile
from bwvdock.core.clips.permit import permit_erase
from bwvdock.core.clips.proof import Receipt
from bwvdock.edges.cameras.mtp.camera import MtpCamera, libusb
from bwvdock.errors import BwvdockError
serials = pathlib.Path("/sys/bus/usb/devices").glob("*/serial")
place = next(file.parent for file in serials if file.read_text().strip() == sys.argv[1])
bus, number = (int((place / name).read_text()) for name in ("busnum", "devnum"))
with MtpCamera(libusb(), bus, number) as camera:
    (volume,) = camera.volumes()
    files = {file.path: file for file in volume.list()}
"""
# Compared with zeros and not hashed: the emulated processor takes longer for a digest than for the transfer.
READ_LARGE = """
    (file,) = files.values()
    count, found, buffer, zeros = 0, {}, bytearray(1 << 20), bytes(1 << 20)
    view = memoryview(buffer)
    with volume.open(file) as source:
        while got := source.readinto(view):
            if buffer[:got] != zeros[:got]:
                found[count] = hashlib.sha256(view[:got]).hexdigest()
            count += got
    print(json.dumps([file.size, count, found]))
"""
ERASE = """
    path, sha256 = sys.argv[2:]
    receipt = Receipt(destination="vault", object="x", version="", sha256=sha256, method="read-back")
    file = files[path]
    source = SourceFile(
        path=path, size=file.size, mtime_ns=file.mtime_ns, fingerprint="", volume=volume.name)
    permit = permit_erase(
        clip="clip", state=ClipState.VERIFIED, taken=[(source, sha256)], required=["vault"],
        receipts={"vault": receipt}, reread=None, reread_required=False, held=False,
        recorded={}, witnessed=None)
    try:
        (erasure,) = volume.erase(permit)
        refused = erasure.reason
    except BwvdockError as error:
        refused = error.message
    print(json.dumps([refused, sorted(file.path for file in volume.list())]))
"""


def ask(station: Station, script: str, *arguments: str) -> Any:  # noqa: ANN401 - JSON
    station.dock.push("/root/ask.py", script.encode())
    words = " ".join(arguments)
    command = f"PYTHONPATH=/usr/lib/bwvdock /usr/bin/python3 /root/ask.py {words}"
    return json.loads(station.dock.run(command, timeout=600).stdout)


@pytest.mark.extra
def test_four_gigabytes_and_more_are_read_to_the_byte(station: Station, workshop: Path) -> None:
    folder = workshop / "large"
    folder.mkdir()
    with (folder / "LARGE.MP4").open("wb") as file:  # sparse, but where a count of 32 bits would turn over
        file.truncate(LARGE)
        for at in MARKED:
            file.seek(at)
            file.write(hashlib.sha512(str(at).encode()).digest()[:40])
    with docked(station, Emulated(serial="LARGE", folder=folder, bay=35)):
        station.wait_for_state("LARGE", "refused")
        probed = station.run("cameras probe LARGE").stdout
        assert "Once it is admitted, take 1 clip from store-00010001" in probed
        assert "GetPartialObject" in probed
        size, count, found = ask(station, OPEN + READ_LARGE, "LARGE")
    assert (size, count) == (LARGE, LARGE)
    assert {int(at): digest for at, digest in found.items()} == marked_reads(folder / "LARGE.MP4")
    (folder / "LARGE.MP4").unlink()


def marked_reads(path: Path) -> dict[int, str]:
    """Offset -> SHA-256 of each MiB of a file that is not all zeros."""
    begins = {at // MIB * MIB for mark in MARKED for at in (mark, mark + 39)}
    with path.open("rb") as file:
        digests_of_reads = {}
        for begin in sorted(begins):
            file.seek(begin)
            digests_of_reads[begin] = hashlib.sha256(file.read(MIB)).hexdigest()
    return digests_of_reads


def test_what_is_verified_can_be_erased_and_nothing_else_goes(station: Station, workshop: Path) -> None:
    clips = clips_of((100_000, 16_884, 70_000), "BWC_{:04}.MP4", seed=51)
    folder = make_tree(workshop / "erase", clips)
    station.enrol("ERASE")
    with docked(station, Emulated(serial="ERASE", folder=folder, bay=36)):
        station.wait_until_stored("ERASE", 3)
    stored = {clip["path"]: clip["sha256"] for clip in station.prove_stored("ERASE", digests(clips))}
    station.run("cameras revoke ERASE --reason 'to be erased by hand'")
    gone, *left = sorted(clips)
    for writable, wanted in ((False, sorted(clips)), (True, left)):
        with docked(station, Emulated(serial="ERASE", folder=folder, bay=36, writable=writable)):
            station.wait_for_state("ERASE", "refused")
            refused, listed = ask(station, OPEN + ERASE, "ERASE", gone, stored[gone])
        assert bool(refused) is not writable, refused
        assert listed == wanted
        assert sorted(str(f.relative_to(folder)) for f in folder.rglob("*") if f.is_file()) == wanted
    station.prove_custody()
