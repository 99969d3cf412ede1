"""What does an earlier version leave when it is replaced in mid-copy? Makes a file of fixtures/state/.

    git worktree add ../earlier fac8d50 && (cd ../earlier && make deb)
    .venv/bin/python -m tests.vm.earlier ../earlier/dist/bwvdock_0.1.0_amd64.deb

Its package is installed in a virtual dock. It takes one camera, then a long clip of another, which is slow.
In the middle it is stopped, as an upgrade stops it, and its state directory is kept. The result is committed:
an upgrade is tried from what that version wrote, without building it again.
"""

import io
import sys
import tarfile
import tempfile
from pathlib import Path

from tests.vm.cameras import MIB, CameraImage, make_vfat
from tests.vm.dock import VirtualDock
from tests.vm.image import CACHE, base_image, overlay
from tests.vm.install import install_deb
from tests.vm.saved import booted
from tests.vm.station import CONFIG, STATE, Station
from tests.vm.test_straight import make_tree
from tests.vm.test_torn import read_on

KEPT = Path(__file__).parents[2] / "fixtures" / "state" / "version-0.1-copying.tar.gz"
DOCK, DONE, LONG = "LEW-04", "SN-EARLIER-DONE", "SN-EARLIER-LONG"
SIZE = 56 * MIB  # of the long clip
TAKEN = 20 * MIB  # of it, at the least, when it was stopped


def done(folder: Path) -> CameraImage:
    """Return the camera that the earlier version was done with."""
    clips = {f"DCIM/100BWCAM/BWC_{n:04}.MP4": b"clip %d " % n * 1000 for n in range(3)}
    return make_vfat(
        folder / "done.img", make_tree(folder / "done", clips), size=34 * MIB, volume_id="0D0E0001"
    )


def long(folder: Path) -> CameraImage:
    """Return the one that it was copying. Its clip packs well, and no two 64 KiB of it are alike."""
    clip = b"".join(b"%08x" % n * 8192 for n in range(SIZE >> 16))
    tree = make_tree(folder / "long", {"DCIM/100BWCAM/BWC_0001.MP4": clip})
    return make_vfat(folder / "long.img", tree, size=80 * MIB, volume_id="0D0E0002")


def leave(station: Station, folder: Path) -> None:
    """Have the installed version come to the middle of a copy, and stop it."""
    station.dock.run(
        f"sed -i 's/^id = .*/id = \"{DOCK}\"/' {CONFIG} && systemctl restart bwvdock", timeout=300
    )
    station.wait(lambda: station.daemon() != 0, what="it is there")
    for serial in (DONE, LONG):
        station.enrol(serial)
    with station.docked(DONE, done(folder)):
        station.wait_until_stored(DONE, 3)
    with station.docked(LONG, long(folder), bay=2, bytes_per_second=4 * MIB) as name:
        read_on(station, name, 4 * MIB + TAKEN)
        station.systemctl("stop")
        station.dock.unplug(name)


def main(deb: Path) -> None:
    """Make the archive anew."""
    start = booted(base_image())
    with tempfile.TemporaryDirectory(dir=CACHE.parent) as folder:
        disk = overlay(start.disk, Path(folder, "disk.qcow2"), backing_format=start.disk_format)
        dock = VirtualDock(start, disk)
        try:
            dock.start()
            install_deb(dock, deb)
            leave(Station(dock), Path(folder))
            dock.run(f"cd {STATE} && tar --numeric-owner --sparse -czf /root/state.tar.gz .", timeout=300)
            KEPT.write_bytes(dock.pull("/root/state.tar.gz"))
        finally:
            dock.remove()
    with tarfile.open(fileobj=io.BytesIO(KEPT.read_bytes())) as archive:
        archive.list()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
