"""Has a real daemon take in the folders of a configuration, and times it.

    python -m benchmarks.taking_in CONFIG CAMERAS CLIPS

The daemon is ended when so many clips were verified. Printed: `seconds`, from when it was ready until the
last of so many cameras was safe to remove, without the time for which a folder must not change before it is
read; `first`, likewise until the first; `proven`, likewise until the last clip was verified; `cpu` and
`cpu_safe`, its processor time from when it was ready until the last clip was verified, and until the last
camera was safe; `peak_mib`.
"""

from __future__ import annotations

import re
import subprocess
import sys
import threading
from datetime import datetime

from benchmarks.dock import _cpu_seconds, _peak_mib, as_the_service
from bwvdock.edges.cameras.folder import SETTLE_MS

_LINE = re.compile(r"time=(\S+) level=\w+ event=(\w+)")
_GIVEN_UP = 300.0  # seconds


def main(config: str, cameras: str, clips: str) -> None:
    """Start it, wait, and print."""
    command = [sys.executable, "-m", "bwvdock", "run", "--config", config]
    times: dict[str, list[datetime]] = {"ready": [], "camera_settled": [], "clip_verified": []}
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=as_the_service()) as daemon:
        impatient = threading.Timer(_GIVEN_UP, daemon.kill)
        impatient.start()
        assert daemon.stderr is not None
        cpu, safe_cpu, said = 0.0, 0.0, []
        for line in daemon.stderr:
            said.append(line)
            found = _LINE.match(line)
            if not found or (event := found[2]) not in times:
                continue
            times[event].append(datetime.fromisoformat(found[1]))
            if event == "ready":
                cpu = _cpu_seconds(daemon.pid)
            if event == "camera_settled" and len(times[event]) == int(cameras):
                safe_cpu = _cpu_seconds(daemon.pid) - cpu
            safe, proven = len(times["camera_settled"]), len(times["clip_verified"])
            if safe >= int(cameras) and proven >= int(clips):
                break
        else:
            sys.exit("".join(said[-20:]))
        cpu, peak = _cpu_seconds(daemon.pid) - cpu, _peak_mib(daemon.pid)
        impatient.cancel()
        daemon.terminate()
        for _ in daemon.stderr:
            pass
    began = times["ready"][0].timestamp() + SETTLE_MS / 1000
    settled = [moment.timestamp() - began for moment in times["camera_settled"]]
    proven_at = times["clip_verified"][-1].timestamp() - began
    print(f"first={settled[0]}\nseconds={settled[int(cameras) - 1]}\nproven={proven_at}")
    print(f"cpu={cpu}\ncpu_safe={safe_cpu}\npeak_mib={peak}")


if __name__ == "__main__":
    main(*sys.argv[1:])
