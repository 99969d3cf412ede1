"""What does a dock cost in which nothing happens, and does it hold more after ten thousand dockings?"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.dock import _cpu_seconds, _notify_socket, as_the_service
from benchmarks.measure import measure, table

_FOLDERS = (0, 16)
_REST, _SECONDS = 15.0, 180.0  # until it has come to rest; then it is watched for so long
_DOCKINGS = 10_000
_CONFIG = """[dock]
id = "BENCH"
state_dir = "{state}"
run_dir = "{state}"
[spool]
min_free = "1 MiB"
[admission]
mode = "any"
"""


def idle(memory: Path, disk: Path) -> str:
    """Measure; give the section of the document."""
    head = ["folders that are treated as cameras", "threads", "wake-ups a second", "CPU seconds in an hour"]
    rows = [_at_rest(disk / f"idle-{folders}", folders) for folders in _FOLDERS]
    text = f"A real daemon, watched for {_SECONDS:.0f} s; each time that one of its threads waits counts."
    return f"## A dock at rest\n\n{text}\n\n{table(head, rows)}\n\n{_after_dockings(memory)}"


def _at_rest(home: Path, folders: int) -> list[str]:
    (home / "state").mkdir(parents=True)
    config = home / "bwvdock.toml"
    text = _CONFIG.format(state=home / "state")
    for number in range(folders):
        folder = home / f"camera-{number}"
        folder.mkdir()
        text += f'[[source]]\nkind = "folder"\npath = "{folder}"\nserial = "{folder.name}"\n'
    config.write_text(text, encoding="utf-8")
    with _daemon(config) as daemon:
        time.sleep(_REST)
        waits, cpu, began = _waits(daemon.pid), _cpu_seconds(daemon.pid), time.monotonic()
        time.sleep(_SECONDS)
        took = time.monotonic() - began
        waits, cpu = _waits(daemon.pid) - waits, _cpu_seconds(daemon.pid) - cpu
        threads = len(os.listdir(f"/proc/{daemon.pid}/task"))
    return [f"{folders}", f"{threads}", f"{waits / took:.1f}", f"{cpu / took * 3600:.0f}"]


@contextmanager
def _daemon(config: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Start a daemon, wait until it is ready, and end it."""
    with _notify_socket(config.parent / "notify") as (address, notices):
        daemon = subprocess.Popen(
            [sys.executable, "-m", "bwvdock", "run", "--config", str(config)],
            env=as_the_service() | {"NOTIFY_SOCKET": address},
            stderr=subprocess.DEVNULL,
        )
        while b"READY=1" not in notices.recv(4096):
            pass
    try:
        yield daemon
    finally:
        daemon.send_signal(signal.SIGTERM)
        daemon.wait(timeout=10)


def _waits(pid: int) -> int:
    """Return how often the process's threads have waited so far."""
    found = 0
    for task in os.listdir(f"/proc/{pid}/task"):
        status = Path(f"/proc/{pid}/task/{task}/status").read_text(encoding="ascii").split()
        found += int(status[status.index("voluntary_ctxt_switches:") + 1])
    return found


def _after_dockings(memory: Path) -> str:
    home = memory / "dockings"
    (home / "state").mkdir(parents=True)
    config = home / "bwvdock.toml"
    config.write_text(_CONFIG.format(state=home / "state"), encoding="utf-8")
    told = measure([sys.executable, "-m", "benchmarks.dockings", str(config), str(_DOCKINGS)]).told
    after = {int(name.removeprefix("after_")): mib for name, mib in told.items() if name.startswith("after_")}
    head = ["after so many dockings", *(f"{dockings:,}" for dockings in after)]
    rows = [["memory, MiB", *(f"{mib:.1f}" for mib in after.values())]]
    text = (
        f"The same dock, in memory, with one camera after the other: {_DOCKINGS:,} dockings of one clip each."
    )
    return f"{text}\n\n{table(head, rows)}"
