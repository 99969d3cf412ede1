"""How is the running emulator commanded? QMP, the QEMU Machine Protocol: JSON lines on a Unix socket.

Specification: QEMU documentation, "QEMU Machine Protocol Specification" (docs/interop/qmp-spec).
"""

import json
import socket
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.vm.image import VirtualDockError

Message = dict[str, Any]


class QmpError(VirtualDockError):
    """The emulator refused a command; `kind` is its error class, as in `DeviceNotFound`."""

    def __init__(self, command: str, error: Message) -> None:
        super().__init__(f"QEMU refused {command}: {error.get('desc')}")
        self.kind = str(error.get("class"))


def connect(path: Path) -> socket.socket:
    """A connection to a Unix socket. Raises OSError: nobody is there, or not yet."""
    connection = socket.socket(socket.AF_UNIX)
    try:
        connection.connect(str(path))
    except OSError:
        connection.close()
        raise
    return connection


class Qmp:
    """One connection. Events that arrive meanwhile are kept until somebody waits for them."""

    def __init__(self, path: Path) -> None:
        self._socket = connect(path)
        self._pending = b""
        self._events: deque[Message] = deque(maxlen=1000)
        self._next(time.monotonic() + 30)  # the greeting
        self.command("qmp_capabilities")

    def close(self) -> None:
        self._socket.close()

    def command(self, name: str, /, **arguments: object) -> Any:  # noqa: ANN401 - as various as QMP itself
        """Sends one command, returns what it returns. An underscore in an argument's name means a hyphen.

        Raises:
            QmpError: refused.
            VirtualDockError: the emulator is gone, or silent for 60 s.
        """
        named = {key.replace("_", "-"): value for key, value in arguments.items()}
        self._socket.sendall(json.dumps({"execute": name, "arguments": named}).encode() + b"\n")
        deadline = time.monotonic() + 60
        while True:
            message = self._next(deadline)
            if "event" in message:
                self._events.append(message)
            elif "error" in message:
                raise QmpError(name, message["error"])
            else:
                return message["return"]

    def wait_event(self, name: str, matches: Callable[[Message], bool], timeout: float) -> Message:
        """The first event of that name whose data match, past or still to come; it is used up.

        Raises:
            VirtualDockError: none within `timeout` seconds.
        """
        deadline = time.monotonic() + timeout
        while True:
            for event in self._events:
                if event["event"] == name and matches(event.get("data", {})):
                    self._events.remove(event)
                    return event
            self._events.append(self._next(deadline))

    def _next(self, deadline: float) -> Message:
        while b"\n" not in self._pending:
            self._socket.settimeout(max(0.01, deadline - time.monotonic()))
            try:
                data = self._socket.recv(65536)
            except TimeoutError as late:
                raise VirtualDockError("QEMU did not answer over QMP in time") from late
            except OSError as broken:
                raise VirtualDockError("QEMU is gone") from broken
            if not data:
                raise VirtualDockError("QEMU is gone")
            self._pending += data
        line, self._pending = self._pending.split(b"\n", 1)
        message: Message = json.loads(line)
        return message
