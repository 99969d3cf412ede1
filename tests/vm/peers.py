"""What do libmtp's tools and gphoto2 make of the same clips that bwvdock is given? Prints a Markdown table.

    .venv/bin/python -m tests.vm.peers

No test: run by hand, for docs/reference/mtp.md. Each tool fetches each clip in a process of its own, from a
camera that was freshly plugged in, so that what one does to the camera harms no other. The clip is then
compared with what was put on the camera.
"""

import random
import shlex
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from tests.vm.cameras import MIB, file_sha256
from tests.vm.dock import VirtualDock
from tests.vm.image import base_image, overlay
from tests.vm.install import built_deb, install_deb
from tests.vm.mtp_cameras import Emulated, MtpDevice, Responder, fill_card
from tests.vm.test_mtp_volume import LARGE, OPEN

SIZES = {"ordinary": 100_003, "500 bytes": 500, "16,884 bytes": 16_884, "1 MiB - 12": MIB - 12}
TOO_LARGE = {"4 GiB + 1 MiB - 12": LARGE}  # for 32 bits, and for the guest to hold it twice
PATIENCE = 240  # seconds, for one clip
OURS = (
    OPEN
    + """
    (file,) = files.values()
    with volume.open(file) as source, open("/root/got", "wb") as target:
        buffer = memoryview(bytearray(1 << 20))
        while got := source.readinto(buffer):
            target.write(buffer[:got])
"""
)
# The number under which the tool itself knows the only clip there is.
NUMBER = "$(mtp-files 2>/dev/null | awk '/File ID/ { print $3; exit }')"
TOOLS = {
    "bwvdock": "PYTHONPATH=/usr/lib/bwvdock /usr/bin/python3 /root/ours.py PEER",
    "mtp-getfile (libmtp 1.1.20)": f"mtp-getfile {NUMBER} /root/got",
    "gphoto2 2.5.28": "gphoto2 --quiet --force-overwrite --filename /root/got --get-all-files",
}


def outcome(dock: VirtualDock, command: str, truth: str, size: int) -> str:
    """Runs a tool in the guest, and says in a few words what came of it."""
    dock.run("rm -f /root/got")
    result = dock.run(
        f"timeout -k 5 {PATIENCE} sh -c {shlex.quote(command)} >/root/said 2>&1",
        timeout=PATIENCE + 60,
        check=False,
    )
    found = dock.run("stat -c %s /root/got && sha256sum </root/got", check=False, timeout=200)
    words = found.stdout.split()
    hung = " and hangs" if result.rc in {124, 137} else ""
    if found.rc != 0:
        said = dock.run("grep -m 1 -i 'error [^*]' /root/said", check=False).stdout.strip(" *\n")
        return f"nothing{hung}, exit status {result.rc} {said[:80]}"
    if words[1] == truth:
        return f"right{hung}"
    told = "exit status 0" if result.rc == 0 else f"exit status {result.rc}"
    return f"**wrong**{hung}: {int(words[0]) - size:+,} bytes, {told}"


def make_clip(path: Path, size: int) -> str:
    """Writes a clip, and gives its SHA-256; a large one is mostly zeros."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.write(random.Random(size).randbytes(min(size, MIB)))
        file.truncate(size)
    return file_sha256(path)


def say(*cells: str) -> None:
    sys.stdout.write(f"| {' | '.join(cells)} |\n")
    sys.stdout.flush()


def table(
    dock: VirtualDock, folder: Path, device: str, plug: Callable[[Path], MtpDevice], sizes: dict[str, int]
) -> None:
    say(device, *TOOLS)
    say(*["---"] * (1 + len(TOOLS)))
    for name, size in sizes.items():
        clip = folder / "DCIM" / "100BWCAM" / "BWC_0001.MP4"
        truth = make_clip(clip, size)
        row = []
        for command in TOOLS.values():
            camera = plug(folder)
            camera.plug(dock)
            dock.wait_until("grep -qx PEER /sys/bus/usb/devices/*/serial && udevadm settle")
            row.append(outcome(dock, command, truth, size))
            camera.tear_out(dock)
            dock.wait_until("! grep -qx PEER /sys/bus/usb/devices/*/serial")
        say(name, *row)


def emulated(folder: Path) -> Emulated:
    return Emulated(serial="PEER", folder=folder)


def responder(dock: VirtualDock, folder: Path) -> Responder:
    files = {str(f.relative_to(folder)): f.read_bytes() for f in folder.rglob("*") if f.is_file()}
    fill_card(dock, files)
    return Responder(serial="PEER")


def main() -> None:
    base = base_image()
    with tempfile.TemporaryDirectory() as home:
        disk = overlay(base.disk, Path(home, "disk.qcow2"), backing_format=base.disk_format)
        dock = VirtualDock(base, disk)
        try:
            dock.start()
            install_deb(dock, built_deb())
            dock.run("systemctl stop bwvdock")  # the camera is for one program at a time
            dock.push("/root/ours.py", OURS.encode())
            folder = Path(home, "camera")
            table(dock, folder, "usb-mtp", emulated, SIZES)
            table(dock, folder, "uMTP-Responder", lambda folder: responder(dock, folder), SIZES)
            table(dock, folder, "usb-mtp", emulated, TOO_LARGE)
        finally:
            dock.remove()


if __name__ == "__main__":
    main()
