"""How does an operator's command reach the running daemon?

Over a Unix socket in the run directory, open to root and the operators' group: one line of JSON asks, one
line answers, and the connection ends. The kernel says who asks (peer.py).

    {"request": "enrol", "serial": "CAM-17", "model": ""}
    {"ok": true, "result": {...}}   or   {"ok": false, "error": "UsageError", "message": ..., "remedy": ...}

An answer without end has lines {"ok": true, "part": [...]} before its last.

Left out here: which requests there are and what they mean (bwvdock/operators/).
"""

from __future__ import annotations

import json
import os
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from bwvdock import errors
from bwvdock.core.plain_json import object_of
from bwvdock.edges.peer import Peer, peer_of
from bwvdock.errors import BwvdockError, NoAnswerError, NotRunningError, SilentError, UsageError
from bwvdock.units import format_size

REQUEST_BYTES = 16 * 1024 * 1024  # a roster of 100,000 rows
REPLY_BYTES = 16 * 1024 * 1024
CLIENT_SECONDS = 5.0
CLIENTS_OF_ONE = 8  # connections that one user may have at once
CLIENTS_AT_ONCE = 64  # of all users; root and the daemon's own user are answered beyond that
_BUSY = "Busy"
_BACK_OFF = (0.05, 1.0)  # seconds before the next attempt: the first time, and at the most
_LONGEST_ADDRESS = 100  # sun_path holds 108 bytes

Json = Mapping[str, Any]
Parts = Generator[list[Any], None, Json | None]
"""An answer without end, a piece at a time; what it returns is said of all of it, in its last line."""

Handle = Callable[[bytes, Peer], Json | Parts]
"""Answers the line of a request; the second argument is who connected. A BwvdockError goes back."""

Trouble = Callable[[str, BaseException], None]
"""A function: (what went wrong, exception) of an error that the server survives."""


def _say_nothing(_what: str, _error: BaseException) -> None:
    return


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
    """Read up to a newline, and not beyond what has come with it.

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
    """Answers requests on a socket until it is closed, whatever its clients do.

    One that dawdles keeps nobody else waiting, one user's many keep no other user's out, and neither a lack
    of descriptors or threads nor a mistake of ours ends the listening.
    """

    def __init__(
        self,
        path: Path,
        handle: Handle,
        *,
        client_seconds: float = CLIENT_SECONDS,
        trouble: Trouble = _say_nothing,
    ) -> None:
        self._path = path
        self._handle = handle
        self._client_seconds = client_seconds
        self._trouble = trouble
        self._held: Counter[int] = Counter()
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._socket = self._listen()
        self._thread = threading.Thread(target=self._accept, name="control", daemon=True)

    def _listen(self) -> socket.socket:
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            self._path.unlink(missing_ok=True)  # the holder of the dock may: an existing one is stale
            with _address(self._path) as address:
                listener.bind(address)
            self._path.chmod(0o660)  # before listen(): until then nobody can connect
            listener.listen(CLIENTS_AT_ONCE)
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
        self._closing.set()
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
        pause = _BACK_OFF[0]
        while not self._closing.is_set():
            try:
                connection, _ = self._socket.accept()
            except OSError as error:
                if self._closing.is_set():
                    return
                if pause == _BACK_OFF[0]:
                    self._trouble("The control socket takes nobody for a while", error)
                self._closing.wait(pause)
                pause = min(2 * pause, _BACK_OFF[1])
                continue
            pause = _BACK_OFF[0]
            self._admit(connection)

    def _admit(self, connection: socket.socket) -> None:
        """Have a client answered in a thread of its own, or send it away at once: this never waits."""
        try:
            peer = peer_of(connection)
            if not self._take_place(peer.uid):
                _send_away(connection)
                return
        except OSError:  # it left already
            connection.close()
            return
        try:
            threading.Thread(
                target=self._serve, args=(connection, peer), name="control-client", daemon=True
            ).start()
        except RuntimeError as error:  # no more threads
            self._trouble("A command cannot be answered", error)
            self._free_place(peer.uid)
            _send_away(connection)

    def _take_place(self, uid: int) -> bool:
        with self._lock:
            others_wait = self._held.total() >= CLIENTS_AT_ONCE and uid not in {0, os.geteuid()}
            if others_wait or self._held[uid] >= CLIENTS_OF_ONE:
                return False
            self._held[uid] += 1
            return True

    def _free_place(self, uid: int) -> None:
        with self._lock:
            self._held[uid] -= 1
            self._held += Counter()  # forgets who has none any more

    def _serve(self, connection: socket.socket, peer: Peer) -> None:
        try:
            with connection, suppress(OSError):
                for line in self._reply(connection, peer):
                    connection.settimeout(self._client_seconds)
                    connection.sendall(line)
        finally:
            self._free_place(peer.uid)

    def _reply(self, connection: socket.socket, peer: Peer) -> Iterator[bytes]:
        try:
            try:
                line = _read_line(connection, REQUEST_BYTES, time.monotonic() + self._client_seconds)
            except ValueError:
                raise UsageError(
                    f"The request is too long: at most {format_size(REQUEST_BYTES)} are taken. Nothing was "
                    "recorded.",
                    remedy="Enter it in parts, for example a roster in several files.",
                ) from None
            answer = self._handle(line, peer)
            if isinstance(answer, Mapping):
                yield _line({"ok": True, "result": answer})
                return
            yield from _in_parts(answer)
        except BwvdockError as error:
            yield _line(_failure(type(error).__name__, error.message, error.remedy))
        except OSError:
            raise  # it is the client who does not talk
        except Exception as error:  # noqa: BLE001 - an order never ends the dock: it is told, and logged
            self._trouble("A request met something that bwvdock was not written for", error)
            remedy = "See journalctl -u bwvdock, and report it with what it says there"
            yield _line(_failure("BwvdockError", "The daemon could not answer: a mistake in it.", remedy))


def _in_parts(answer: Parts) -> Iterator[bytes]:
    while True:
        try:
            part = next(answer)
        except StopIteration as end:
            yield _line({"ok": True, "result": end.value or {}})
            return
        yield _line({"ok": True, "part": part})


def _failure(kind: str, message: str, remedy: str) -> Json:
    return {"ok": False, "error": kind, "message": message, "remedy": remedy}


def _line(document: Json) -> bytes:
    return json.dumps(document).encode() + b"\n"


def _send_away(connection: socket.socket) -> None:
    """Close a connection, with the answer that the daemon is busy if the client still listens."""
    with connection, suppress(OSError):
        connection.settimeout(0)
        connection.send(_line(_failure(_BUSY, "Too many commands are being answered.", "")))


def exchange(path: Path, line: bytes, timeout: float = 30.0) -> dict[str, Any]:
    """Send one line to the daemon and return its answer.

    Args:
        path: the control socket.
        line: the request, with the newline that ends it.
        timeout: seconds for the whole of it.

    Raises:
        NoAnswerError: there was no answer in time.
        NotRunningError: no daemon could be asked.
        BwvdockError: the error that the daemon answered with, of the same class.
    """
    return _exchange(path, line, timeout)[1]


def exchange_parts(path: Path, line: bytes, timeout: float = 600.0) -> tuple[list[Any], dict[str, Any]]:
    """Send one line to the daemon; return all parts of its answer, joined, and what it says of all of it.

    Raises:
        NotRunningError: as `exchange` does.
        BwvdockError: likewise.
    """
    return _exchange(path, line, timeout)


def _exchange(path: Path, line: bytes, timeout: float) -> tuple[list[Any], dict[str, Any]]:
    deadline, pause = time.monotonic() + timeout, _BACK_OFF[0]
    while True:
        answer = _ask_once(path, line, deadline)
        if answer is not None:
            return answer[0], _result(answer[1])
        if time.monotonic() + pause >= deadline:
            raise SilentError(
                "The daemon has too many commands to answer, perhaps of yours.",
                remedy="systemctl status bwvdock",
            )
        time.sleep(pause)
        pause = min(2 * pause, _BACK_OFF[1])


def _ask_once(path: Path, line: bytes, deadline: float) -> tuple[list[Any], dict[str, Any]] | None:
    """Return the parts of the daemon's answer and its last line, None if it is too busy for the request."""
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection, _address(path) as address:
            connection.settimeout(max(0.001, deadline - time.monotonic()))
            connection.connect(address)
            with suppress(BrokenPipeError):  # what it said before it hung up is there to be read
                connection.sendall(line)
            parts, answer = _read_answer(connection, deadline)
    except PermissionError:
        raise UsageError(
            f"You may not use the control socket {path}.",
            remedy="Use sudo, or join the operators: sudo adduser $USER bwvdock-operators; then log in again",
        ) from None
    except TimeoutError:
        raise NoAnswerError("The daemon does not answer.", remedy="systemctl status bwvdock") from None
    except BlockingIOError:  # as many wait to be taken as may
        return None
    except (FileNotFoundError, ConnectionError, NotADirectoryError):
        raise _silence("is not running") from None
    except OSError as error:
        raise NotRunningError(
            f"The daemon cannot be asked: {error.strerror}.", remedy="systemctl status bwvdock"
        ) from error
    return None if answer.get("error") == _BUSY else (parts, answer)


def _read_answer(connection: socket.socket, deadline: float) -> tuple[list[Any], dict[str, Any]]:
    parts: list[Any] = []
    with connection.makefile("rb") as file:
        while True:
            connection.settimeout(max(0.001, deadline - time.monotonic()))
            answer = _document(file.readline(REPLY_BYTES))
            if answer.get("ok") is not True or not isinstance(answer.get("part"), list):
                return parts, answer
            parts += answer["part"]


def _silence(what: str) -> NotRunningError:
    return NotRunningError(f"The daemon {what}.", remedy="systemctl status bwvdock")


def _document(answer: bytes) -> dict[str, Any]:
    try:
        return object_of(answer)
    except ValueError:
        raise _silence("stopped in the middle of its answer") from None


def _result(document: Json) -> dict[str, Any]:
    match document:
        case {"ok": True, "result": dict(result)}:
            return result
        case {"ok": False, "error": str(kind), "message": str(message), "remedy": str(remedy)}:
            error = getattr(errors, kind, BwvdockError)
            if not (isinstance(error, type) and issubclass(error, BwvdockError)):
                error = BwvdockError
            raise error(message, remedy=remedy)
    raise _silence("stopped in the middle of its answer")
