"""What do libmtp's tools and gphoto2 make of the same clips that bwvdock is given? Prints a Markdown table.

    .venv/bin/python -m tests.vm.peers [small] [stores] [large]

No test: run by hand, for docs/reference/mtp.md. Each tool fetches each clip in a process of its own, from a
camera that was freshly plugged in, so that what one does to the camera harms no other. The clip is then
compared with what was put on the camera. The last rows are for a camera with two stores, and for clips
beyond 32 bits, which pass through a pipe: the guest could not hold them.
"""

import random
import shlex
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.vm.cameras import MIB, file_sha256
from tests.vm.dock import VirtualDock
from tests.vm.guest_agent import Result
from tests.vm.image import base_image, overlay
from tests.vm.install import built_deb, install_deb
from tests.vm.mtp_cameras import Emulated, MtpDevice, Responder, fill_card
from tests.vm.test_mtp_volume import LARGE, OPEN

SIZES = {"ordinary": 100_003, "500 bytes": 500, "16,884 bytes": 16_884, "1 MiB - 12": MIB - 12}
TOO_LARGE = {"4 GiB + 1 MiB - 12": LARGE}
PATIENCE = 120  # seconds, for one clip
MORE_PATIENCE = 1800  # for one beyond 32 bits: where much else runs, 420 were not enough for any tool
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
PIPED = {**TOOLS, "gphoto2 2.5.28": "gphoto2 --quiet --stdout --get-all-files >/root/got"}
NAMES = {
    "bwvdock": "PYTHONPATH=/usr/lib/bwvdock /usr/bin/python3 /root/names.py PEER",
    "mtp-getfile (libmtp 1.1.20)": "mtp-files | sed -n 's/^ *Filename: //p'",
    "gphoto2 2.5.28": "gphoto2 --quiet --list-files",
}
LIST = OPEN.split("    (volume,)")[0] + (
    "    for volume in camera.volumes():\n        for file in volume.list():\n            print(file.path)\n"
)
# Counts and hashes what comes through the pipe, until every writer has closed it.
COUNT = """import hashlib, sys
digest, count = hashlib.sha256(), 0
with open("/root/got", "rb", buffering=0) as pipe:
    while data := pipe.read(1 << 20):
        digest.update(data)
        count += len(data)
print(count, digest.hexdigest())
"""


def outcome(dock: VirtualDock, command: str, truth: str, size: int) -> str:
    """Runs a tool in the guest, and says in a few words what came of it."""
    dock.run("rm -f /root/got")
    result = fetch(dock, command, PATIENCE)
    found = dock.run("stat -c %s /root/got && sha256sum </root/got", check=False, timeout=200)
    return told(dock, result, found.stdout.split(), truth, size)


def piped(dock: VirtualDock, command: str, truth: str, size: int) -> str:
    """The same, of what is too large to be held."""
    dock.run("rm -f /root/got && mkfifo /root/got")
    counting = dock.begin("python3 /root/count.py", timeout=MORE_PATIENCE + 120)
    result = fetch(dock, f"exec 9>/root/got; {command}", MORE_PATIENCE)
    return told(dock, result, counting.result().stdout.split(), truth, size)


def fetch(dock: VirtualDock, command: str, patience: int) -> Result:
    return dock.run(
        f"timeout -k 5 {patience} sh -c {shlex.quote(command)} 2>/root/said",
        timeout=patience + 60,
        check=False,
    )


def told(dock: VirtualDock, result: Result, words: list[str], truth: str, size: int) -> str:
    hung = " and hangs" if result.rc in {124, 137} else ""
    if not words or words[0] == "0":
        said = dock.run("grep -m 1 -i 'error [^*]' /root/said", check=False).stdout.strip(" *\n")
        return f"**nothing**{hung}, exit status {result.rc} {said[:80]}"
    if words[1] == truth:
        return f"right{hung}"
    status = "exit status 0" if result.rc == 0 else f"exit status {result.rc}"
    if hung:
        return f"{int(words[0]):,} bytes when it was stopped"
    return f"**wrong**: {int(words[0]) - size:+,} bytes, {status}"


def make_clip(path: Path, size: int, *, filler: bool = True) -> str:
    """Writes a clip, and gives its SHA-256; a large one is mostly zeros, if it may be filler."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.write(random.Random(size).randbytes(min(size, MIB) if filler else size))
        file.truncate(size)
    return file_sha256(path)


def say(*cells: str) -> None:
    sys.stdout.write(f"| {' | '.join(cells)} |\n")
    sys.stdout.flush()


@contextmanager
def plugged(dock: VirtualDock, camera: MtpDevice) -> Iterator[None]:
    camera.plug(dock)
    try:
        dock.wait_until("grep -qx PEER /sys/bus/usb/devices/*/serial && udevadm settle")
        yield
    finally:
        camera.tear_out(dock)
        dock.wait_until("! grep -qx PEER /sys/bus/usb/devices/*/serial")


def rows(
    dock: VirtualDock,
    folder: Path,
    device: str,
    plug: Callable[[Path], MtpDevice],
    sizes: dict[str, int],
) -> None:
    run, tools = (piped, PIPED) if sizes is TOO_LARGE else (outcome, TOOLS)
    for name, size in sizes.items():
        truth = make_clip(folder / "DCIM" / "100BWCAM" / "BWC_0001.MP4", size)
        row = []
        for command in tools.values():
            with plugged(dock, plug(folder)):
                row.append(run(dock, command, truth, size))
        say(name, device, *row)


def two_stores(dock: VirtualDock) -> None:
    """What each tool lists of a camera with two stores that hold a clip each, of one name and one folder."""
    fill_card(dock, {"DCIM/100BWCAM/BWC_0001.MP4": b"one"}, second={"DCIM/100BWCAM/BWC_0001.MP4": b"two"})
    row = []
    for command in NAMES.values():
        with plugged(dock, Responder(serial="PEER", second=True)):
            said = dock.run(f"timeout -k 5 {PATIENCE} sh -c {shlex.quote(command)}", timeout=200, check=False)
        row.append(f"{said.stdout.count('BWC_0001.MP4')} clips")
    say("a clip in each of two stores", "uMTP", *row)


def emulated(folder: Path) -> Emulated:
    return Emulated(serial="PEER", folder=folder)


def responder(dock: VirtualDock, folder: Path) -> Responder:
    files = {str(f.relative_to(folder)): f.read_bytes() for f in folder.rglob("*") if f.is_file()}
    fill_card(dock, files)
    return Responder(serial="PEER")


@contextmanager
def dock_with_tools(home: Path) -> Iterator[VirtualDock]:
    """A running dock with bwvdock and the others' tools, and the daemon stopped."""
    deb = built_deb()  # first of all: a machine takes a minute to start
    base = base_image()
    dock = VirtualDock(base, overlay(base.disk, home / "disk.qcow2", backing_format=base.disk_format))
    try:
        dock.start()
        install_deb(dock, deb)
        dock.run("systemctl stop bwvdock")  # the camera is for one program at a time
        yield dock
    finally:
        dock.remove()


def main() -> None:
    with tempfile.TemporaryDirectory() as home, dock_with_tools(Path(home)) as dock:
        for name, script in (("ours", OURS), ("names", LIST), ("count", COUNT)):
            dock.push(f"/root/{name}.py", script.encode())
        folder = Path(home, "camera")
        say("Clip", "Camera", *TOOLS)
        say(*["---"] * (2 + len(TOOLS)))
        wanted = sys.argv[1:] or ["small", "stores", "large"]
        if "small" in wanted:
            rows(dock, folder, "usb-mtp", emulated, SIZES)
            rows(dock, folder, "uMTP", lambda folder: responder(dock, folder), SIZES)
        if "stores" in wanted:
            two_stores(dock)
        if "large" in wanted:
            rows(dock, folder, "usb-mtp", emulated, TOO_LARGE)


if __name__ == "__main__":
    main()
