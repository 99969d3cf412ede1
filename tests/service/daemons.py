"""A `bwvdock run` of its own, spoken to as systemd and an operator would. Nothing here sleeps."""

from __future__ import annotations

import io
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

from bwvdock.cli import main

ROOT = Path(__file__).resolve().parents[2]
_PATIENCE = 120.0  # seconds; a machine under load, never a measure of anything
_ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT), "NO_COLOR": "1"}


def bwvdock(*words: str, config: Path) -> subprocess.CompletedProcess[str]:
    """Type a command, here in this process: another one takes longer to start than most commands take."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = main([*words, "--config", str(config)])
    return subprocess.CompletedProcess(words, code, out.getvalue(), err.getvalue())


def process(*words: str, config: Path) -> subprocess.CompletedProcess[str]:
    """Type a command in a process of its own: a daemon that is to end by itself, or what may hang."""
    return subprocess.run(
        [sys.executable, "-m", "bwvdock", *words, "--config", str(config)],
        env=_ENVIRONMENT,
        capture_output=True,
        text=True,
        check=False,
        timeout=_PATIENCE,
    )


def configure(folder: Path, *, camera: Path | None = None, more: str = "") -> Path:
    """Write a configuration, with a folder that stands for a camera if one is given."""
    source = f'[[source]]\nkind = "folder"\npath = "{camera}"\nserial = "BWV-00017"\n' if camera else ""
    spool = "" if "[spool]" in more else '[spool]\nmin_free = "1 MiB"\n'
    file = folder / "bwvdock.toml"
    dock = f'[dock]\nid = "TEST-01"\nstate_dir = "{folder / "state"}"\n'
    file.write_text(dock + source + spool + more, encoding="utf-8")
    return file


class Daemon:
    """A running daemon."""

    def __init__(self, config: Path, notify: socket.socket, log: Path) -> None:
        self.config = config
        self._notify = notify
        self._log = log
        with log.open("wb") as stderr:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "bwvdock", "run", "--config", str(config)],
                env={**_ENVIRONMENT, "NOTIFY_SOCKET": str(notify.getsockname())},
                stderr=stderr,
            )

    def wait_for(self, word: str) -> None:
        """Wait until it tells systemd that; TimeoutError if it says nothing for long."""
        while word not in self._notify.recv(4096).decode().split("\n"):
            pass

    def wait_for_event(self, event: str, count: int = 1) -> None:
        """Wait until its log has that event so many times. Its signs of life give the rhythm."""
        while sum(f"event={event} " in line for line in self.log()) < count:
            assert self.process.poll() is None, "\n".join(self.log())
            self._notify.recv(4096)

    def log(self) -> list[str]:
        """Return the lines of its log so far."""
        return [f"{line} " for line in self._log.read_text(encoding="utf-8").splitlines()]

    def status(self) -> dict[str, Any]:
        """Ask it how it is."""
        document: dict[str, Any] = json.loads(bwvdock("status", "--json", config=self.config).stdout)
        return document

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal."""
        self.process.send_signal(number)


@contextmanager
def daemon(config: Path, *, until: str = "READY=1") -> Iterator[Daemon]:
    """Start a daemon and wait until it says so; it is ended, if it has not ended by then."""
    with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
        notify.bind(f"{folder}/notify")
        notify.settimeout(_PATIENCE)
        running = Daemon(config, notify, Path(folder, "log"))
        try:
            running.wait_for(until)
            yield running
        finally:
            running.process.terminate()
            running.process.wait(_PATIENCE)
