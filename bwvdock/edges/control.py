"""How does an operator's command reach the running daemon?

Over a Unix socket in the run directory, open to root and the group bwvdock: one line of JSON asks, one
line answers, and the connection ends. The kernel says who asks (SO_PEERCRED, see unix(7)).

    {"request": "enrol", "serial": "CAM-17", "model": ""}
    {"ok": true, "result": {...}}   or   {"ok": false, "error": "UsageError", "message": ..., "remedy": ...}

Left out here: which requests there are and what they mean (bwvdock/operators/).
"""

from __future__ import annotations

import json
import os
import pwd
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from bwvdock import errors
from bwvdock.errors import BwvdockError, NotRunningError, UsageError

REQUEST_BYTES = 16 * 1024 * 1024  # a roster of 100,000 rows
REPLY_BYTES = 16 * 1024 * 1024
CLIENT_SECONDS = 5.0
_CLIENTS_AT_ONCE = 16
_PEERCRED = struct.Struct("3i")  # pid, uid, gid: struct ucred
_LONGEST_ADDRESS = 100  # sun_path holds 108 bytes


Json = Mapping[str, Any]
Handle = Callable[[bytes, str], Json]
"""A function: (line of a request, actor "uid:name") -> answer. A BwvdockError is sent back."""


@contextmanager
def _address(path: Path) -> Iterator[str]:
    """Return a socket's address; a long path is reached through its folder, held open."""
    if len(os.fsencode(path)) <= _LONGEST_ADDRESS:
        yield str(path)
        return
    folder = os.open(path.parent, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)


def _read_line(connection: socket.socket, limit: int, deadline: float) -> bytes:
    """Read up to a newline.

    Raises:
        TimeoutError: it did not come in time.
        ValueError: it is longer than `limit`.
    """
    line = bytearray()
    while not line.endswith(b"\n"):
        connection.settimeout(max(0.001, deadline - time.monotonic()))
        part = connection.recv(65536)
        if not part:
            break
        line += part
        if len(line) > limit:
            raise ValueError("too long")
        if time.monotonic() > deadline:
            raise TimeoutError
    return bytes(line)


class ControlServer:
    """Answers requests on a socket until it is closed; a slow client does not delay the others."""

    def __init__(self, path: Path, handle: Handle, *, client_seconds: float = CLIENT_SECONDS) -> None:
        self._path = path
        self._handle = handle
        self._client_seconds = client_seconds
        self._places = threading.BoundedSemaphore(_CLIENTS_AT_ONCE)
        self._socket = self._listen()
        self._thread = threading.Thread(target=self._accept, name="control", daemon=True)

    def _listen(self) -> socket.socket:
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            self._path.unlink(missing_ok=True)  # the holder of the dock may: an existing one is stale
            with _address(self._path) as address:
                listener.bind(address)
            self._path.chmod(0o660)  # before listen(): until then nobody can connect
            listener.listen(_CLIENTS_AT_ONCE)
        except OSError as error:
            listener.close()
            raise errors.StorageError(
                f"The control socket {self._path} cannot be created: {error.strerror}.",
                remedy=f"Let the daemon's user write to {self._path.parent}, or set run_dir under [dock].",
            ) from error
        return listener

    def start(self) -> Self:
        """Start to answer; return itself."""
        self._thread.start()
        return self

    def close(self) -> None:
        """Stop answering; running requests are still answered."""
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)  # wakes accept()
        if self._thread.is_alive():
            self._thread.join()
        self._socket.close()
        with suppress(OSError):
            self._path.unlink(missing_ok=True)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return  # closed
            self._places.acquire()
            threading.Thread(
                target=self._serve, args=(connection,), name="control-client", daemon=True
            ).start()

    def _serve(self, connection: socket.socket) -> None:
        try:
            with connection, suppress(OSError):
                reply = self._reply(connection)
                connection.settimeout(self._client_seconds)
                connection.sendall(json.dumps(reply).encode() + b"\n")
        finally:
            self._places.release()

    def _reply(self, connection: socket.socket) -> Json:
        try:
            line = _read_line(connection, REQUEST_BYTES, time.monotonic() + self._client_seconds)
            return {"ok": True, "result": self._handle(line, _actor(connection))}
        except BwvdockError as error:
            return {
                "ok": False,
                "error": type(error).__name__,
                "message": error.message,
                "remedy": error.remedy,
            }
        except ValueError:
            return {"ok": False, "error": "UsageError", "message": "The request is too long.", "remedy": ""}


def _actor(connection: socket.socket) -> str:
    _, uid, _ = _PEERCRED.unpack(connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _PEERCRED.size))
    return actor_of(uid)


def actor_of(uid: int) -> str:
    """Return the actor: "1000:ann", or "1000:" for a user without a name."""
    try:
        return f"{uid}:{pwd.getpwuid(uid).pw_name}"
    except KeyError:
        return f"{uid}:"


def exchange(path: Path, line: bytes, timeout: float = 30.0) -> dict[str, Any]:
    """Send one line to the daemon and return its answer.

    Args:
        path: the control socket.
        line: the request, with the newline that ends it.
        timeout: seconds for the whole of it.

    Raises:
        NotRunningError: there was no answer in time.
        BwvdockError: the error that the daemon answered with, of the same class.
    """
    deadline = time.monotonic() + timeout
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection, _address(path) as address:
            connection.settimeout(timeout)
            connection.connect(address)
            connection.sendall(line)
            answer = _read_line(connection, REPLY_BYTES, deadline)
    except PermissionError:
        raise UsageError(
            f"You may not use the control socket {path}.",
            remedy="Use sudo, or join the group bwvdock: adduser NAME bwvdock",
        ) from None
    except TimeoutError:
        raise _silence("does not answer") from None
    except (FileNotFoundError, ConnectionError, NotADirectoryError):
        raise _silence("is not running") from None
    return _result(answer)


def _silence(what: str) -> NotRunningError:
    return NotRunningError(f"The daemon {what}.", remedy="systemctl status bwvdock")


def _result(answer: bytes) -> dict[str, Any]:
    try:
        document = json.loads(answer)
        if document["ok"]:
            return dict(document["result"])
        kind, message, remedy = document["error"], document["message"], document["remedy"]
    except (ValueError, KeyError, TypeError):
        raise _silence("stopped in the middle of its answer") from None
    error = getattr(errors, str(kind), BwvdockError)
    if not (isinstance(error, type) and issubclass(error, BwvdockError)):
        error = BwvdockError
    raise error(message, remedy=remedy)
