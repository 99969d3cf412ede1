"""The lock on the dock, the clocks, and what systemd is told."""

from __future__ import annotations

import contextlib
import ctypes
import os
import socket
import stat
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bwvdock.edges.rights import as_owner_of
from bwvdock.edges.system import Supervisor, SystemClock, hold_dock
from bwvdock.errors import AlreadyRunningError, StorageError, UsageError

if TYPE_CHECKING:
    from pyfakefs.fake_filesystem import FakeFilesystem

_NOBODY = 65534

_HOLD = """
import sys
import tempfile
from pathlib import Path
from bwvdock.edges.system import hold_dock
with hold_dock(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.mark.slow
def test_a_dock_is_held_by_one_process_and_let_go_when_that_is_killed(tmp_path: Path) -> None:
    """The second is told who holds it; SIGKILL leaves no stale lock."""
    first = subprocess.Popen(
        [sys.executable, "-c", _HOLD, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with first:
        assert first.stdout is not None
        assert first.stdout.readline() == "held\n"
        with pytest.raises(AlreadyRunningError, match=f"pid {first.pid}"), hold_dock(tmp_path):
            pass
        first.kill()
        first.wait()
    with hold_dock(tmp_path):
        assert (tmp_path / "lock").read_text() == f"{os.getpid()}\n"


def test_a_state_directory_that_is_not_there_is_an_error_with_a_remedy(tmp_path: Path) -> None:
    """Not a traceback."""
    with pytest.raises(StorageError) as caught, hold_dock(tmp_path / "missing"):
        pass
    assert "findmnt" in caught.value.remedy


@pytest.mark.parametrize("kind", ["link", "dangling", "hard link", "fifo", "directory", "socket"])
def test_what_somebody_put_in_the_locks_place_is_not_touched(tmp_path: Path, kind: str) -> None:
    state, victim = tmp_path / "state", tmp_path / "victim"
    state.mkdir()
    victim.write_text("precious")
    victim.chmod(0o600)
    lock = state / "lock"
    with socket.socket(socket.AF_UNIX) as bound:
        match kind:
            case "link":
                lock.symlink_to(victim)
            case "dangling":
                lock.symlink_to(tmp_path / "made")
            case "hard link":
                lock.hardlink_to(victim)
            case "fifo":
                os.mkfifo(lock)
            case "directory":
                lock.mkdir()
            case _:
                bound.bind(str(lock))
        with pytest.raises(StorageError, match="not a plain file") as caught, hold_dock(state):
            pass
    assert "ls -l" in caught.value.remedy
    assert victim.read_text() == "precious"
    assert victim.stat().st_uid == os.geteuid()
    assert not (tmp_path / "made").exists()


def test_what_a_running_dock_wrote_stays_while_another_is_refused(tmp_path: Path) -> None:
    with hold_dock(tmp_path):
        for _ in range(2):
            with pytest.raises(AlreadyRunningError), hold_dock(tmp_path):
                pass
        assert (tmp_path / "lock").read_text() == f"{os.getpid()}\n"


def test_the_lock_is_the_docks_own_alone(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        with hold_dock(tmp_path):
            assert stat.S_IMODE((tmp_path / "lock").stat().st_mode) == 0o600
    finally:
        os.umask(before)


@pytest.mark.needs_root
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be refused for being root")
def test_root_runs_no_dock_of_another_user() -> None:
    with tempfile.TemporaryDirectory() as folder:
        state = Path(folder)
        os.chown(state, _NOBODY, _NOBODY)
        with pytest.raises(UsageError, match="another user") as caught, hold_dock(state):
            pass
        assert "sudo -u nobody bwvdock run" in caught.value.remedy
        assert list(state.iterdir()) == []
        with as_owner_of(state), hold_dock(state):
            assert (state / "lock").stat().st_uid == _NOBODY
    assert os.geteuid() == 0


def test_the_clocks_are_the_kernel_s() -> None:
    """Each is compared with another way of asking."""
    clock = SystemClock()
    assert abs((clock.now() - datetime.now(UTC)).total_seconds()) < 60
    uptime = float(Path("/proc/uptime").read_text().split()[0])
    assert abs(clock.boottime_ms() / 1000 - uptime) < 60
    assert clock.boot_id() == Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    assert clock.synchronised() in {True, False}


def test_systemd_hears_each_sign(tmp_path: Path) -> None:
    """One datagram each, on the socket it named."""
    address = str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(address)
        supervisor = Supervisor(address)
        supervisor.alive()
        supervisor.ready()
        supervisor.status("2 docked")
        supervisor.alive()
        supervisor.stopping()
        heard = [systemd.recv(200).decode() for _ in range(5)]
    starting = "WATCHDOG=1\nEXTEND_TIMEOUT_USEC=60000000"
    assert heard == [starting, "READY=1", "STATUS=2 docked", "WATCHDOG=1", "STOPPING=1"]


def test_a_systemd_that_hears_nothing_holds_nothing_up(tmp_path: Path) -> None:
    """Its queue is full: the sign of life that does not fit is left unsaid."""
    address = str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as deaf:
        deaf.bind(address)
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as filler, contextlib.suppress(BlockingIOError):
            filler.setblocking(False)
            while True:
                filler.sendto(b"x", address)
        Supervisor(address).alive()
        Supervisor(str(tmp_path / "nobody")).alive()


def test_where_no_systemd_listens_nothing_is_sent(tmp_path: Path) -> None:
    """A terminal, a container: silence, not an error; a socket that nobody named hears nothing."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as bystander:
        bystander.bind(str(tmp_path / "notify"))
        Supervisor("").ready()
        with pytest.raises(BlockingIOError):
            bystander.recv(200, socket.MSG_DONTWAIT)


def test_how_well_the_clock_is_kept_is_the_kernel_s_word() -> None:
    """Compared with another way of asking: the structure as the C library lays it out."""
    clock = SystemClock()
    state = clock.state()
    raw = (ctypes.c_long * 26)()
    kept = 0 <= ctypes.CDLL(None).adjtimex(ctypes.byref(raw)) < 5
    assert (state.error_ms == -1) is not kept
    if kept:
        # It grows by half a millisecond a second while nobody corrects it.
        assert abs(state.most_ms * 1000 - raw[3]) < 100_000
        assert abs(state.error_ms * 1000 - raw[4]) < 100_000


@pytest.mark.slow
@pytest.mark.parametrize(
    "traces,service",
    [
        ([], ""),
        (["/run/ntpd.pid"], "ntpd"),
        (["/run/systemd/timesync/synchronized"], "systemd-timesyncd"),
        (["/run/chrony/chronyd.sock", "/run/ntpd.pid"], "chrony"),
    ],
)
def test_a_time_service_is_named_by_its_traces(fs: FakeFilesystem, traces: list[str], service: str) -> None:
    """The first whose trace stands in /run; none is "", never a guess."""
    fs.add_real_file("/proc/sys/kernel/random/boot_id")
    for trace in traces:
        fs.create_file(trace)
    assert SystemClock().state().source == service
