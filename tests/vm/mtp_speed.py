"""How fast is an object had from an MTP camera, beside libmtp's tools and gphoto2? Prints Markdown tables.

    .venv/bin/python -m tests.vm.mtp_speed [others] [sizes]

No test: run by hand, for docs/reference/mtp.md. All fetch the same two objects into memory, in the same
guest, from the same camera; what is counted is the time that the large one takes longer than the small
one, the best of three runs. Then the same for reads and windows of other sizes than ours are. Where other
work on the machine takes longer than the transfer, the large object may come no later than the small one:
then there is no speed to be said.
"""

import hashlib
import math
import shlex
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from tests.vm.cameras import MIB
from tests.vm.dock import VirtualDock
from tests.vm.mtp_cameras import MtpDevice
from tests.vm.peers import TOOLS, dock_with_tools, emulated, make_clip, plugged, responder, say
from tests.vm.test_mtp_volume import OPEN

SMALL, LARGE = 100_003, 128 * MIB
RUNS = 3
PATIENCE = 120  # seconds
OURS = (
    """
from bwvdock.edges.cameras.mtp import reading, recovery, session, transfer, transport
import sys
READ, WINDOW = int(sys.argv[2]), int(sys.argv[3])
for module in (reading, recovery, session, transfer, transport):
    module.READ_BYTES = READ
if WINDOW:
    reading.WINDOW_BYTES = WINDOW
"""
    + OPEN
    + """
    (file,) = files.values()
    source, target = volume.open(file, offset=min(WINDOW, 1)), open("/dev/shm/got", "wb", buffering=0)
    with source, target:
        buffer = memoryview(bytearray(1 << 22))
        while got := source.readinto(buffer):
            target.write(buffer[:got])
"""
)
READS = (16 * 1024, 64 * 1024, 256 * 1024, MIB, 4 * MIB)
WINDOWS = (MIB, 4 * MIB, 16 * MIB, 64 * MIB, 256 * MIB)


def ours(read: int = MIB, window: int = 0) -> str:
    return f"PYTHONPATH=/usr/lib/bwvdock /usr/bin/python3 /root/speed.py PEER {read} {window}"


def seconds(dock: VirtualDock, command: str, truths: set[str]) -> float:
    """How long a command takes in the guest; 0 where it did not fetch the object right."""
    timed = f"{{ s=$(date +%s%N); {command} >/root/said 2>&1; echo $(( $(date +%s%N) - s )); }}"
    result = dock.run(
        f"rm -f /dev/shm/got; timeout -k 5 {PATIENCE} bash -c {shlex.quote(timed)}",
        timeout=PATIENCE + 60,
        check=False,
    )
    found = dock.run("sha256sum </dev/shm/got; rm -f /dev/shm/got", check=False, timeout=300).stdout.split()
    return int(result.stdout or 0) / 1e9 if truths & {*found[:1]} else 0.0


def rates(
    dock: VirtualDock, camera_of: Callable[[Path], MtpDevice], commands: dict[str, str], folder: Path
) -> dict[str, float]:
    """MB/s of each command, by its name; 0 where it did not fetch an object right, inf if it took no time."""
    best: dict[tuple[str, int], float] = {}
    for size in (SMALL, LARGE):
        clip = folder / "DCIM/100BWCAM/BWC_0001.MP4"
        whole = make_clip(clip, size, filler=False)
        truths = {whole, hashlib.sha256(clip.read_bytes()[1:]).hexdigest()}  # windows are read from byte 1 on
        camera = camera_of(folder)
        for name, command in commands.items():
            taken: list[float] = []
            while len(taken) < RUNS and best.get((name, SMALL), 1.0) and 0.0 not in taken:
                with plugged(dock, camera):
                    taken.append(seconds(dock, command, truths))
            best[name, size] = min(taken, default=0.0)
    return {name: rate(best[name, SMALL], best[name, LARGE]) for name in commands}


def rate(small: float, large: float) -> float:
    if not (small and large):
        return 0.0
    return (LARGE - SMALL) / 1e6 / (large - small) if large > small else math.inf


def shown(rate: float, beside: float) -> str:
    if not rate:
        return "not right"
    if math.isinf(rate):
        return "no later than the small one"
    ratio = f" ({rate / beside:.2f})" if beside and not math.isinf(beside) else ""
    return f"{rate:.0f} MB/s{ratio}"


def main() -> None:
    fetched = {name: command.replace("/root/got", "/dev/shm/got") for name, command in TOOLS.items()}
    fetched["bwvdock"] = ours()
    with tempfile.TemporaryDirectory() as home, dock_with_tools(Path(home)) as dock:
        dock.push("/root/speed.py", OURS.encode())
        folder = Path(home, "camera")
        cameras: dict[str, Callable[[Path], MtpDevice]] = {
            "usb-mtp": emulated,
            "uMTP-Responder": lambda folder: responder(dock, folder),
        }
        wanted = sys.argv[1:] or ["others", "sizes"]
        if "others" in wanted:
            say("camera", *fetched)
            say(*["---"] * (1 + len(fetched)))
            for device, camera_of in cameras.items():
                found = rates(dock, camera_of, fetched, folder)
                say(device, *(shown(found[name], found["bwvdock"]) for name in fetched))
        if "sizes" in wanted:
            tried = {f"reads of {n // 1024} KiB": ours(n) for n in READS}
            tried |= {f"windows of {n // MIB} MiB": ours(MIB, n) for n in WINDOWS}
            for device, camera_of in cameras.items():
                found = rates(dock, camera_of, tried, folder)
                for name, speed in found.items():
                    say(device, name, shown(speed, found["reads of 1024 KiB"]))


if __name__ == "__main__":
    main()
