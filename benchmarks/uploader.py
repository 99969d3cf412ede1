"""Has a real daemon bring what stands in a dock's spool to its store, and times it.

    python -m benchmarks.uploader CONFIG CLIPS [--only-acquire | --only-upload]

The daemon is ended when so many clips have their custody document there, are acquired, or are uploaded.
Printed: `seconds`, from when it was ready until the last clip had been brought there; `tried_out`, until it
had tried the store out; `proven`, until the last clip was verified; `described`, until the last custody
document was there; `rss_low` and `rss_high`, its memory meanwhile, and `peak_mib`.
"""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from pathlib import Path

from benchmarks.dock import as_the_service

_EVENTS = (
    "ready",
    "destination_assessed",
    "clip_acquired",
    "clip_uploaded",
    "clip_verified",
    "clip_described",
)
_LAST = {("--only-acquire",): "clip_acquired", ("--only-upload",): "clip_uploaded"}
_LOOK = 0.1  # seconds between two looks at its memory


class Memory:
    """What a process holds, seen again and again until it is told to stop."""

    def __init__(self, pid: int) -> None:
        self._status = Path(f"/proc/{pid}/status")
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self.seen: list[float] = []
        self.peak = 0.0

    def begin(self) -> None:
        """Look from now on."""
        self._thread.start()

    def end(self) -> None:
        """Look no more."""
        self._stop.set()
        self._thread.join()
        self.peak = self._mib("VmHWM:")

    def _watch(self) -> None:
        while not self._stop.wait(_LOOK):
            self.seen.append(self._mib("VmRSS:"))

    def _mib(self, field: str) -> float:
        words = self._status.read_text(encoding="ascii").split()
        return int(words[words.index(field) + 1]) / 1024


def main(config: str, clips: str, *options: str) -> None:
    """Start it, wait, and print."""
    last = _LAST.get(options, "clip_described")
    command = [sys.executable, "-m", "bwvdock", "run", "--config", config]
    times: dict[str, list[float]] = {name: [] for name in _EVENTS}
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=as_the_service()) as daemon:
        memory = Memory(daemon.pid)
        assert daemon.stderr is not None
        said = []
        for line in daemon.stderr:
            said.append(line)
            event = line.partition(" event=")[2].split(maxsplit=1)
            if event and event[0] in times:
                times[event[0]].append(time.monotonic())
                if event[0] == "ready":
                    memory.begin()
                if len(times[last]) == int(clips):
                    break
        else:
            sys.exit("".join(said[-20:]))
        memory.end()
        daemon.terminate()
        for _ in daemon.stderr:
            pass
    began = times["ready"][0]
    if times["clip_uploaded"]:
        print(f"seconds={times['clip_uploaded'][-1] - began}")
        if times["destination_assessed"]:
            print(f"tried_out={times['destination_assessed'][0] - began}")
        for name, event in (("proven", "clip_verified"), ("described", "clip_described")):
            if times[event]:
                print(f"{name}={times[event][-1] - began}")
        print(f"rss_low={min(memory.seen)}\nrss_high={max(memory.seen)}\npeak_mib={memory.peak}")


if __name__ == "__main__":
    main(*sys.argv[1:])
