"""How does the harness act inside the guest? This program answers its requests on a serial port.

It runs in the guest (virtio-serial, `/dev/virtio-ports/vm.agent`) and is standard library only. A request is
one line of JSON, `{"id", "op", ...}`; its answer bears the same id. Answers come in the order in which the
work ends: each request has a thread of its own, so that a copy which hangs does not keep the harness from
looking why.

    ping                                    -> {"boot_id"}
    run   argv, stdin (base64), timeout (s) -> {"rc", "stdout", "stderr", "timed_out"}   (both outputs base64)
    bwvdock  argv, user, timeout (s)        -> the same, of a command of the installed bwvdock (commands.py)
    put   path, data (base64), append, mode -> {}
    get   path, offset, length (bytes)      -> {"data"}

Whatever goes wrong is answered too: {"error": text}.
"""

import base64
import json
import os
import signal
import subprocess
import threading
import tty
from collections.abc import Callable
from pathlib import Path
from typing import Any

PORT = "/dev/virtio-ports/vm.agent"
LAUNCHER, LIBRARY = Path("/usr/bin/bwvdock"), Path("/usr/lib/bwvdock/bwvdock")
COMMANDS = Path(__file__).parent / "commands.py"
Message = dict[str, Any]


def ping(_: Message) -> Message:
    return {"boot_id": Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()}


def run(request: Message) -> Message:
    """A process group of its own, so that a timeout ends all that the command started."""
    process = subprocess.Popen(
        request["argv"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    timed_out = False
    try:
        out, err = process.communicate(base64.b64decode(request["stdin"]), request["timeout"])
    except subprocess.TimeoutExpired:
        timed_out = True
        os.killpg(process.pid, signal.SIGKILL)
        out, err = process.communicate()
    return {"rc": process.returncode, "stdout": encoded(out), "stderr": encoded(err), "timed_out": timed_out}


class Commands:
    """The process that runs commands of bwvdock; another one after the package was installed again."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._installed: list[tuple[int, int]] = []
        self._one_at_a_time = threading.Lock()

    def run(self, request: Message) -> Message:
        with self._one_at_a_time:
            process = self._of_what_is_installed()
            if process.stdin is None or process.stdout is None:
                raise RuntimeError("it has no pipes")
            timer = threading.Timer(request["timeout"], os.killpg, (process.pid, signal.SIGKILL))
            timer.start()
            order = {"argv": request["argv"], "user": request["user"]}
            process.stdin.write(json.dumps(order).encode() + b"\n")
            process.stdin.flush()
            line = process.stdout.readline()
            timer.cancel()
        if not line:
            return {"rc": -signal.SIGKILL, "stdout": "", "stderr": "", "timed_out": True}
        return {**json.loads(line), "timed_out": False}

    def _of_what_is_installed(self) -> "subprocess.Popen[bytes]":
        facts = [file.stat() for file in (LAUNCHER, LIBRARY)]
        installed = [(fact.st_ino, fact.st_ctime_ns) for fact in facts]
        if self._process is None or self._process.poll() is not None or installed != self._installed:
            if self._process is not None:
                self._process.kill()
                self._process.wait()
            # The options are those of the launcher's first line.
            command = [*LAUNCHER.read_text().partition("\n")[0].removeprefix("#!").split(), str(COMMANDS)]
            self._process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
            )
            self._installed = installed
        return self._process


def put(request: Message) -> Message:
    flags = os.O_WRONLY | os.O_CREAT | (os.O_APPEND if request["append"] else os.O_TRUNC)
    fd = os.open(request["path"], flags, request["mode"])
    with os.fdopen(fd, "wb") as file:
        file.write(base64.b64decode(request["data"]))
    return {}


def get(request: Message) -> Message:
    with Path(request["path"]).open("rb") as file:
        file.seek(request["offset"])
        return {"data": encoded(file.read(request["length"]))}


OPERATIONS: dict[str, Callable[[Message], Message]] = {
    "ping": ping,
    "run": run,
    "bwvdock": Commands().run,
    "put": put,
    "get": get,
}


def encoded(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


class Port:
    """The serial port, shared by the threads that answer."""

    def __init__(self, fd: int) -> None:
        self.fd = fd
        self._one_at_a_time = threading.Lock()

    def answer(self, line: bytes) -> None:
        request: Message = {}
        try:
            request = json.loads(line)
            reply = OPERATIONS[request["op"]](request)
        except Exception as problem:  # noqa: BLE001 - the harness must hear of it, whatever it is
            reply = {"error": f"{type(problem).__name__}: {problem}"}
        data = json.dumps({"id": request.get("id"), **reply}).encode("ascii") + b"\n"
        with self._one_at_a_time:
            while data:
                data = data[os.write(self.fd, data) :]


def serve() -> None:
    fd = os.open(PORT, os.O_RDWR | os.O_NOCTTY)
    if os.isatty(fd):
        tty.setraw(fd)
    port, nobody = Port(fd), threading.Event()
    parts: list[bytes] = []  # of the line that is being received: joined once, for lines are megabytes long
    while True:
        data = os.read(fd, 1 << 20)
        if not data:  # nobody at the other end just now; reading does not block then
            nobody.wait(0.1)
            continue
        first, *others = data.split(b"\n")
        parts.append(first)
        for other in others:
            line, parts = b"".join(parts), [other]
            if line.strip():
                threading.Thread(target=port.answer, args=(line,), daemon=True).start()


if __name__ == "__main__":
    serve()
