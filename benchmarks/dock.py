"""How long do `bwvdock status` and the daemon's start take on a dock with 100,000 clips, and what memory?"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.measure import Contender, median, race, table
from bwvdock.core.clips.identity import ID_BYTES, make_id
from bwvdock.core.facts import (
    AcquiredPart,
    CameraAttached,
    CameraAuthorised,
    ClipAcquired,
    ClipFound,
    ClipUploaded,
    ClipVerified,
    Fact,
    SourceFile,
)
from bwvdock.core.ports import ClockState
from bwvdock.edges.journal import open_journal

CLIPS = 100_000
_BATCH = 500
_STARTS = 5
_DAEMON_GOAL_MIB = 60
_CONFIG = """[dock]
id = "BENCH"
state_dir = "{state}"
[spool]
min_free = "1 MiB"
"""


class _Clock:
    """A clock for a history that never took place; each entry is a millisecond later."""

    def __init__(self) -> None:
        self._ms = 0

    def now(self) -> datetime:
        return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(milliseconds=self.boottime_ms())

    def boottime_ms(self) -> int:
        self._ms += 1
        return self._ms

    def boot_id(self) -> str:
        return "00000000-0000-4000-8000-000000000000"

    def synchronised(self) -> bool:
        return True

    def state(self) -> ClockState:
        return ClockState(source="", error_ms=-1, most_ms=-1)


def full_journal(memory: Path, disk: Path) -> str:  # noqa: ARG001 - every section is given both
    """Measure a dock with a long history; give its section of the document."""
    config = _dock(disk / "dock")
    python = sys.executable
    costs = race(
        [
            Contender(
                name="`python3 -c 'import sqlite3'`",
                command=[python, "-c", "import sqlite3"],
                prepare=lambda: None,
            ),
            Contender(name="`bwvdock status`", command=_status(config), prepare=lambda: None),
        ],
        rounds=15,
        budget=60,
    )
    plain, status = (median([c.seconds for c in costs[name]]) for name in costs)
    starts = [_ready(config) for _ in range(_STARTS)]
    ready = median([seconds for seconds, *_ in starts])
    peak = max(mib for _, mib, _ in starts)
    rows = [
        ["`bwvdock status`", f"{status * 1000:.0f} ms", f"{status / plain:.1f} times", "under 5 times"],
        ["start to READY=1", f"{ready:.2f} s", "", "under 1 s"],
        ["daemon's peak memory, idle", f"{peak:.0f} MiB", "", f"{_DAEMON_GOAL_MIB} MiB"],
    ]
    head = ["", "median", f"beside `python3 -c 'import sqlite3'` ({plain * 1000:.0f} ms)", "to reach"]
    return f"## A dock with {CLIPS:,} clips in its journal\n\n{table(head, rows)}"


def _status(config: Path) -> list[str]:
    # As the package starts it: isolated, without site. The daemon does not run here, so `status`
    # ends with 3, which to the race would be a failure.
    root = Path(__file__).resolve().parents[1]
    code = f"import sys; sys.path.insert(0, {str(root)!r}); from bwvdock.cli import main; main(sys.argv[1:])"
    return [sys.executable, "-IS", "-c", code, "status", "--config", str(config)]


def _dock(root: Path) -> Path:
    state = root / "state"
    state.mkdir(parents=True)
    config = root / "bwvdock.toml"
    config.write_text(_CONFIG.format(state=state), encoding="utf-8")
    print(f"  making a journal of {CLIPS:,} clips", flush=True)
    with open_journal(state / "journal.sqlite3", _Clock()) as journal:
        journal.append(
            [
                CameraAttached(docking="d", camera="BENCH-CAMERA", bay="1-1", transport="mass-storage"),
                CameraAuthorised(docking="d", rule="enrolled"),
            ]
        )
        for first in range(0, CLIPS, _BATCH):
            journal.append([f for n in range(first, first + _BATCH) for f in _history(n)])
    return config


def _history(number: int) -> list[Fact]:
    clip = make_id(1_767_225_600_000 + number, number.to_bytes(ID_BYTES, "big"))
    digest = f"{number:064x}"
    file = SourceFile(path=f"DCIM/100/{number}.MP4", size=1000, mtime_ns=number, fingerprint=digest)
    part = AcquiredPart(size=1000, sha256=digest, pieces=(digest,), read_bytes=1000)
    return [
        ClipFound(clip=clip, docking="d", camera="BENCH-CAMERA", files=(file,)),
        ClipAcquired(clip=clip, docking="d", parts=(part,)),
        ClipUploaded(clip=clip, destination="vault", object=clip),
        ClipVerified(
            clip=clip, destination="vault", object=clip, version="", sha256=digest, method="read-back"
        ),
    ]


def _ready(config: Path) -> tuple[float, float, float]:
    """Start the daemon; return the seconds until it is ready, and by then its peak MiB and CPU seconds."""
    with _notify_socket(config.parent / "notify") as (address, notices):
        began = time.monotonic()
        daemon = subprocess.Popen(
            [sys.executable, "-m", "bwvdock", "run", "--config", str(config)],
            env=as_the_service() | {"NOTIFY_SOCKET": address},
            stderr=subprocess.DEVNULL,
        )
        while b"READY=1" not in notices.recv(4096):
            pass
        seconds = time.monotonic() - began
        peak, cpu = _peak_mib(daemon.pid), _cpu_seconds(daemon.pid)
        daemon.send_signal(signal.SIGTERM)
        daemon.wait(timeout=10)
    return seconds, peak, cpu


@contextmanager
def _notify_socket(path: Path) -> Iterator[tuple[str, socket.socket]]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notices:
        path.unlink(missing_ok=True)
        notices.bind(str(path))
        notices.settimeout(60)
        yield str(path), notices


def as_the_service() -> dict[str, str]:
    """Return the environment that the package's service gives the daemon: its heaps decide on its memory.

    Its bytecode is kept, as the package has it: a daemon that compiles itself holds more.
    """
    unit = Path(__file__).parents[1] / "systemd" / "bwvdock.service"
    lines = unit.read_text(encoding="utf-8").splitlines()
    given = [line.removeprefix("Environment=") for line in lines if line.startswith("Environment=")]
    ours = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return ours | dict(pair.split("=", 1) for line in given for pair in line.split())


def _peak_mib(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


def _cpu_seconds(pid: int) -> float:
    user, system = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")
