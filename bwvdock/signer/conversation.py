"""How is a request received, checked and answered?

One conversation after the other: a signature takes less than a millisecond, and the daemon is the only
client.
"""

from __future__ import annotations

import base64
import json
import logging
import socket
import struct
from collections.abc import Callable, Collection, Mapping
from contextlib import closing, suppress
from typing import Any

from bwvdock.errors import BwvdockError, SignerRefusedError
from bwvdock.signer.notary import Notary

MAX_REQUEST_BYTES = 16384
"""A proof has at most 63 hashes (2,835 bytes), and our checkpoint at most some 200."""
PATIENCE_SECONDS = 2.0  # with a client that connects and says nothing
_BUG = "This is a bug in bwvdock; report it with `journalctl -u bwvdock -u bwvdock-signer`."

_LOG = logging.getLogger("bwvdock-signer")

Answer = Mapping[str, object]
OpenNotary = Callable[[], Notary]
"""A function that reads the key and returns what signs with it; called once for each request."""


def serve(
    listener: socket.socket, open_notary: OpenNotary, allowed: Collection[int], *, idle_seconds: float
) -> None:
    """Answer every connection, one after the other; return when nobody connected for so long."""
    listener.settimeout(idle_seconds)
    while True:
        try:
            connection, _ = listener.accept()
        except TimeoutError:
            return
        converse(connection, open_notary, allowed)


def converse(connection: socket.socket, open_notary: OpenNotary, allowed: Collection[int]) -> None:
    """Take one request from a connection, answer it, and close the connection."""
    with closing(connection):
        try:
            connection.settimeout(PATIENCE_SECONDS)
            uid = _user_of(connection)
            if uid not in allowed:
                connection.send(_encoded(_refusal("not_allowed", f"user {uid} may not ask for anything")))
            # One byte more than allowed shows that there was more.
            elif request := connection.recv(MAX_REQUEST_BYTES + 1):
                connection.send(_encoded(answer(request, open_notary)))
        except OSError as error:  # TimeoutError too
            _LOG.warning("a request was not answered: %s", error)
        _drain(connection)


def _drain(connection: socket.socket) -> None:
    """Take what the client sent and nobody read: until then the kernel gives it an error for an answer."""
    with suppress(OSError):
        connection.settimeout(0)
        connection.shutdown(socket.SHUT_RD)  # nothing more comes in
        while connection.recv(1):
            pass


def answer(request: bytes, open_notary: OpenNotary) -> Answer:
    """Judge and answer one request. Never raises."""
    try:
        return {"ok": True, **_perform(_parsed(request), open_notary())}
    except SignerRefusedError as error:
        return _refusal("refused", error.message, error.remedy, size=error.size, note=error.note)
    except BwvdockError as error:
        return _refusal("unavailable", error.message, error.remedy)
    except Exception:  # noqa: BLE001 - our bug is reported to this client, and the next is still served
        _LOG.exception("unforeseen")
        return _refusal("internal", "unexpected error in the signer")


def _perform(said: Mapping[str, Any], notary: Notary) -> Answer:
    if said["op"] == "key":
        return {"key": base64.b64encode(notary.public).decode("ascii")}
    note = notary.sign(said["submission"].encode())
    origin, size, *_ = note.split("\n")
    _LOG.info("signed: %s with %s entries", origin, size)
    return {"note": note}


def _parsed(request: bytes) -> Mapping[str, Any]:
    if len(request) > MAX_REQUEST_BYTES:
        raise SignerRefusedError(f"A request may have at most {MAX_REQUEST_BYTES} bytes.", remedy=_BUG)
    try:
        said = json.loads(request)
    except (ValueError, RecursionError) as error:
        raise SignerRefusedError("The request is not JSON.", remedy=_BUG) from error
    match said:
        case {"op": "key", **others} if not others:
            return {"op": "key"}
        case {"op": "sign", "submission": str(), **others} if not others:
            return dict(said)
    raise SignerRefusedError("The request is neither for the key nor for a signature.", remedy=_BUG)


def _refusal(
    code: str, message: str, remedy: str = _BUG, *, size: int | None = None, note: str = ""
) -> Answer:
    _LOG.warning("%s: %s", code, message)
    return {"ok": False, "code": code, "message": message, "remedy": remedy, "size": size, "note": note}


def _encoded(said: Answer) -> bytes:
    return json.dumps(said).encode()


def _user_of(connection: socket.socket) -> int:
    credentials = struct.Struct("iII")  # struct ucred: pid, uid, gid
    raw = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, credentials.size)
    return int(credentials.unpack(raw)[1])
