"""How has the emulated computer a TPM? One swtpm process while the power is on, and what it keeps."""

from __future__ import annotations

import subprocess
import threading
import time
from pathlib import Path

from tests.vm.image import VirtualDockError, need_tools

TIMEOUT = 30.0  # seconds
POLL = 0.05  # seconds


class Tpm:
    """A TPM 2.0 that keeps its keys in a folder over power cuts; with another folder it is another chip."""

    def __init__(self, folder: Path) -> None:
        need_tools("swtpm", "setpriv")
        self.folder = folder
        self._process: subprocess.Popen[bytes] | None = None

    def power_on(self, socket: Path) -> None:
        """Have it listen on a socket.

        Raises:
            VirtualDockError: it did not begin to.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        socket.unlink(missing_ok=True)
        command = ["setpriv", "--pdeathsig", "KILL", "swtpm", "socket", "--tpm2", "--terminate"]
        command += ["--tpmstate", f"dir={self.folder}", "--ctrl", f"type=unixio,path={socket}"]
        with socket.with_name("swtpm.log").open("ab") as log:
            self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        pause, deadline = threading.Event(), time.monotonic() + TIMEOUT
        while not socket.exists():
            if self._process.poll() is not None or time.monotonic() > deadline:
                said = socket.with_name("swtpm.log").read_text(errors="replace")[-2000:]
                raise VirtualDockError(f"swtpm did not start:\n{said}")
            pause.wait(POLL)

    def power_off(self) -> None:
        """End it; what it was told to keep is in its folder."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


def arguments(socket: Path) -> list[str]:
    """Return what QEMU is told of a TPM that listens there."""
    chip = ["-tpmdev", "emulator,id=tpm0,chardev=tpm", "-device", "tpm-crb,tpmdev=tpm0"]
    return ["-chardev", f"socket,id=tpm,path={socket}", *chip]
