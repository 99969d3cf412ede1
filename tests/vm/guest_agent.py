"""How does a test act inside the guest? The host's end of guest/agent.py, which describes the protocol."""

import base64
import itertools
import json
import shlex
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.vm.image import VirtualDockError
from tests.vm.qmp import connect

Message = dict[str, Any]
CHUNK = 1 << 20  # bytes of a file in one message


class GuestGoneError(VirtualDockError):
    """The guest does not answer, or is no longer there."""


class CommandFailedError(VirtualDockError):
    """A command in the guest ended otherwise than with 0, or not in time."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Result:
    """What a command in the guest did. `rc` is negative where a signal ended it, as in subprocess."""

    rc: int
    stdout: str
    stderr: str
    timed_out: bool = False


class GuestAgent:
    """One connection to the guest. Not for use from several threads; to do two things at once use `begin`."""

    def __init__(self, path: Path) -> None:
        self._socket = connect(path)
        self._ids = itertools.count(1)
        self._parts: list[bytes] = []  # of the line that is being received: lines may be megabytes long
        self._answers: dict[int, Message] = {}

    def close(self) -> None:
        self._socket.close()

    def ping(self, timeout: float) -> str:
        """The id of the guest's present boot. Waits up to `timeout` seconds for a guest that is starting."""
        return str(self._answer(self._ask(op="ping"), timeout)["boot_id"])

    def begin(self, command: str, *, stdin: bytes = b"", timeout: float = 180) -> "Running":
        """Starts a shell command and does not wait for it."""
        argv = ["/bin/sh", "-c", command]
        request = self._ask(op="run", argv=argv, stdin=base64.b64encode(stdin).decode(), timeout=timeout)
        return Running(self, request, command, timeout)

    def run(self, command: str, *, stdin: bytes = b"", timeout: float = 180, check: bool = True) -> Result:
        """Runs a shell command and waits for its end.

        What it leaves behind, running, must have closed stdout and stderr.

        Raises:
            CommandFailedError: `check`, and it did not end with 0, or took longer than `timeout` seconds.
            GuestGoneError: the guest does not answer.
        """
        return self.begin(command, stdin=stdin, timeout=timeout).result(check=check)

    def bwvdock(
        self, arguments: str, *, user: str = "root", timeout: float = 180, check: bool = True
    ) -> Result:
        """As `run`, of a command of the installed bwvdock, its modules in memory: see guest/commands.py."""
        argv = shlex.split(arguments)
        request = self._ask(op="bwvdock", argv=argv, user=user, timeout=timeout)
        return Running(self, request, f"bwvdock {arguments}", timeout).result(check=check)

    def push(self, path: str, data: bytes, *, mode: int = 0o644) -> None:
        """Writes a file in the guest (not flushed to its disk)."""
        for offset in range(0, max(1, len(data)), CHUNK):
            chunk = base64.b64encode(data[offset : offset + CHUNK]).decode()
            self._answer(self._ask(op="put", path=path, data=chunk, append=offset > 0, mode=mode), 60)

    def pull(self, path: str) -> bytes:
        """Reads a file of the guest."""
        data = bytearray()
        while True:
            answer = self._answer(self._ask(op="get", path=path, offset=len(data), length=CHUNK), 60)
            chunk = base64.b64decode(answer["data"])
            data += chunk
            if len(chunk) < CHUNK:
                return bytes(data)

    def wait_for(self, request: int, timeout: float) -> Message:
        return self._answer(request, timeout)

    def _ask(self, **request: object) -> int:
        number = next(self._ids)
        try:
            self._socket.settimeout(60)
            self._socket.sendall(json.dumps({"id": number, **request}).encode() + b"\n")
        except OSError as broken:
            raise GuestGoneError("The guest is gone: its command port is closed") from broken
        return number

    def _answer(self, request: int, timeout: float) -> Message:
        deadline = time.monotonic() + timeout
        while request not in self._answers:
            self._receive(deadline)
        answer = self._answers.pop(request)
        if "error" in answer:
            raise CommandFailedError(f"The guest could not do it: {answer['error']}")
        return answer

    def _receive(self, deadline: float) -> None:
        self._socket.settimeout(max(0.01, deadline - time.monotonic()))
        try:
            data = self._socket.recv(1 << 20)
        except TimeoutError as late:
            raise GuestGoneError("The guest did not answer in time; its console says why") from late
        except OSError as broken:
            raise GuestGoneError("The guest is gone: its command port is closed") from broken
        if not data:
            raise GuestGoneError("The guest is gone: its command port is closed")
        first, *others = data.split(b"\n")
        self._parts.append(first)
        for other in others:
            answer: Message = json.loads(b"".join(self._parts))
            self._answers[answer["id"]] = answer
            self._parts = [other]


@dataclass(frozen=True, slots=True)
class Running:
    """A command that was begun in the guest."""

    agent: GuestAgent
    request: int
    command: str
    timeout: float

    def result(self, *, check: bool = True) -> Result:
        """Waits for its end. Raises as `GuestAgent.run`."""
        answer = self.agent.wait_for(self.request, self.timeout + 30)
        result = Result(
            rc=answer["rc"],
            stdout=base64.b64decode(answer["stdout"]).decode(errors="surrogateescape"),
            stderr=base64.b64decode(answer["stderr"]).decode(errors="surrogateescape"),
            timed_out=answer["timed_out"],
        )
        if check and (result.rc != 0 or result.timed_out):
            how = f"took longer than {self.timeout} s" if result.timed_out else f"ended with {result.rc}"
            said = (result.stdout[-2000:] + result.stderr[-2000:]).strip()
            raise CommandFailedError(f"In the guest, {shlex.quote(self.command)} {how}:\n{said}")
        return result
