"""A server that nobody here wrote, as a process on loopback with a disk of its own. Nothing waits blindly.

`make servers` installs what is started here into build/servers: an environment of its own, so that no
server's libraries can disturb ours.
"""

from __future__ import annotations

import atexit
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
HOME = ROOT / "build/servers"
HOST = "127.0.0.1"

_PATIENCE = (
    60.0  # seconds until a server that does not answer has failed; a machine under load, never a measure
)
_LOOK = 0.05  # seconds between two looks


class ServerError(RuntimeError):
    """A server did not start, or ended by itself; its log says why."""


def free_port() -> int:
    """Return a port that nothing listens on.

    From below the range that the kernel hands to outgoing connections: a killed server finds its port free
    again, however many connections came and went meanwhile.
    """
    first = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text(encoding="ascii").split()[0])
    for port in random.sample(range(10240, max(first, 20480)), 200):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError:
                continue
            return port
    raise ServerError("no free port on loopback")


def at_port(url: str, port: int) -> str:
    """Return the same URL at another port of this machine."""
    return urlsplit(url)._replace(netloc=f"{HOST}:{port}").geturl()


def installed(name: str) -> Path:
    """Return a program of the servers' environment."""
    program = HOME / "venv/bin" / name
    if not program.exists():
        raise ServerError(f"{name} is not installed: type `make servers`")
    return program


def _listening(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(_LOOK)
        return probe.connect_ex((HOST, port)) == 0


class _Guardian:
    """A process that outlives this one, for as long as it takes to end what this one has started."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process = subprocess.Popen(
            [sys.executable, HERE / "guardian.py"],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            text=True,
            start_new_session=True,
        )
        atexit.register(self._end)

    def tell(self, line: str) -> None:
        assert self._process.stdin is not None
        with self._lock:
            self._process.stdin.write(f"{line}\n")
            self._process.stdin.flush()

    def _end(self) -> None:
        self._process.communicate()


@cache
def _guardian() -> _Guardian:
    return _Guardian()


def own_folder(name: str) -> Path:
    """Make a folder that is gone when this process is, however it ends."""
    folder = tempfile.mkdtemp(prefix=f"bwvdock-{name}-")
    _guardian().tell(folder)
    return Path(folder)


class Process:
    """One started program, with what it says in a file."""

    def __init__(self, command: Sequence[str | Path], log: Path, environment: dict[str, str]) -> None:
        self.command = [str(word) for word in command]
        self._log = log
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                self.command,
                env={"PATH": os.environ["PATH"], "HOME": str(log.parent), "LANG": "C.UTF-8", **environment},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=log.parent,
                start_new_session=True,
            )
        _guardian().tell(f"+{self.pid}")

    @property
    def pid(self) -> int:
        """The leader's process id; it leads its own group."""
        return self._process.pid

    def running(self) -> bool:
        """Whether it still runs."""
        return self._process.poll() is None

    def wait_until(self, ready: Callable[[], bool]) -> None:
        """Look again and again until it is ready; ServerError if it ends first or takes too long."""
        for _ in range(int(_PATIENCE / _LOOK)):
            if ready():
                return
            try:
                self._process.wait(_LOOK)
            except subprocess.TimeoutExpired:
                continue
            break
        said = self._log.read_text(encoding="utf-8", errors="replace")[-4000:]
        raise ServerError(f"{' '.join(self.command)[:300]}: exit code {self._process.poll()}\n{said}")

    def signal(self, number: signal.Signals) -> None:
        """Send it and all that it started a signal, if it is still there."""
        if self.running():
            os.killpg(self.pid, number)

    def ends_within(self, seconds: float) -> bool:
        """Wait until it has ended by itself, at most so long."""
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def end(self) -> None:
        """SIGKILL, as a power cut would; returns when it is gone. A frozen one dies as well."""
        self.signal(signal.SIGKILL)
        self._process.wait(_PATIENCE)
        _guardian().tell(f"-{self.pid}")


class Server:
    """A server with its disk: start, kill, start again on the same disk and port. A context manager.

    A subclass says how it is started (`_launch`) and where it keeps what it was given (`pieces`).
    """

    def __init__(self) -> None:
        self.folder = own_folder(type(self).__name__.lower())
        self.port = free_port()
        self.processes: list[Process] = []

    @property
    def url(self) -> str:
        """Where clients find it: a tus endpoint, or the root of an S3 service."""
        return f"http://{HOST}:{self.port}"

    @property
    def log(self) -> str:
        """All that its processes have said, over all starts."""
        texts = [
            path.read_text(encoding="utf-8", errors="replace") for path in sorted(self.folder.glob("*.log"))
        ]
        return "\n".join(texts)

    def start(self) -> None:
        """Start it and wait until it answers; ServerError if it does not."""
        self._launch()

    def kill(self) -> None:
        """Kill all its processes at once, in mid-sentence (SIGKILL)."""
        for process in self.processes:
            process.end()
        self.processes = []

    def revive(self) -> None:
        """Start it again if a process of it has ended by itself: real servers do, and say so in `log`."""
        if not all(process.running() for process in self.processes):
            self.kill()
            self.start()

    def freeze(self) -> None:
        """Stop it: its sockets stay open, the kernel goes on accepting, nobody answers (SIGSTOP)."""
        for process in self.processes:
            process.signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on (SIGCONT)."""
        for process in self.processes:
            process.signal(signal.SIGCONT)

    def _launch(self) -> None:
        raise TypeError(f"{type(self).__name__} does not say how it is started")

    def _spawn(
        self, name: str, command: Sequence[str | Path], environment: dict[str, str] | None = None
    ) -> Process:
        process = Process(command, self.folder / f"{name}.log", environment or {})
        self.processes.append(process)
        return process

    @staticmethod
    def _await(process: Process, port: int) -> None:
        process.wait_until(lambda: _listening(port))

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self._leave()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._leave()

    def _leave(self) -> None:
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)
