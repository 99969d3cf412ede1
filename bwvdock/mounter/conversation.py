"""How is a request received, checked and answered?"""

from __future__ import annotations

import json
import logging
import os
import socket
import struct
import time
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from bwvdock.mounter.erase import erase
from bwvdock.mounter.mount import Answer, Caller, Request, System, mount, probe
from bwvdock.mounter.refusal import Refusal, RefusalCode

MAX_REQUEST_BYTES = 65536
PATIENCE_SECONDS = 5.0  # with a client that connects and says nothing
WORKERS = 16  # conversations at once: a card that answers slowly must not hold up its neighbours
PENDING_OF_ONE = 64  # conversations of one user that run or wait: more than a dock has bays
_BACK_OFF_SECONDS = 0.1  # without descriptors, until a conversation has ended

_LOG = logging.getLogger("bwvdock-mounter")

Operation = Callable[[Request, Caller, System], Answer]
OPERATIONS: Mapping[str, Operation] = {"mount": mount, "probe": probe, "erase": erase}


@dataclass(frozen=True, kw_only=True, slots=True)
class Desk:
    """Whom this process serves, and with what."""

    system: System
    allowed_uids: frozenset[int]


def serve(listener: socket.socket, desk: Desk, *, idle_seconds: float) -> None:
    """Answer every connection that may be answered; return when nobody connected for so long.

    A user who may not send requests is refused before anything is read, as is one with too many connections.
    """
    listener.settimeout(idle_seconds)
    under_way: dict[Future[None], int] = {}  # with the user who asks
    with ThreadPoolExecutor(WORKERS) as pool:
        while True:
            try:
                connection, _ = listener.accept()
            except TimeoutError:
                if not under_way:
                    return
            except OSError as error:
                # Who connects waits in the kernel; a descriptor comes free when a conversation ends.
                _LOG.warning("nobody is let in for a moment: %s", error)
                wait(under_way, timeout=_BACK_OFF_SECONDS, return_when=FIRST_COMPLETED)
                time.sleep(0 if under_way else _BACK_OFF_SECONDS)
            else:
                _let_in(connection, desk, pool, under_way)
            under_way = {work: uid for work, uid in under_way.items() if not work.done()}


def _let_in(
    connection: socket.socket, desk: Desk, pool: ThreadPoolExecutor, under_way: dict[Future[None], int]
) -> None:
    """Have a conversation held, or send the client away; this never waits."""
    try:
        peer = _peer(connection)
        if peer.uid in desk.allowed_uids and Counter(under_way.values())[peer.uid] < PENDING_OF_ONE:
            under_way[pool.submit(converse, connection, desk)] = peer.uid
            return
        _send_away(connection, peer, desk)
    except (OSError, RuntimeError) as error:  # it left, or there are no more threads
        _LOG.warning("somebody is not let in: %s", error)
    _close(connection)


def _send_away(connection: socket.socket, peer: Caller, desk: Desk) -> None:
    if peer.uid in desk.allowed_uids:
        refusal = Refusal(RefusalCode.CROWDED, f"user {peer.uid} asks too much at once")
    else:
        refusal = _stranger(peer)
    connection.settimeout(0)
    connection.send(json.dumps(_refused(refusal.code, str(refusal), peer)).encode())


def converse(connection: socket.socket, desk: Desk) -> None:
    """Take one request from a connection, answer it, and close the connection."""
    try:
        connection.settimeout(PATIENCE_SECONDS)
        peer = _peer(connection)
        try:
            # One byte more than allowed shows that there was more. Descriptors that come along are dropped.
            request = connection.recv(MAX_REQUEST_BYTES + 1)
            if request:
                _reply(connection, *answer(request, peer, desk))
        except OSError as error:  # TimeoutError too
            _LOG.warning("pid %d sent no request: %s", peer.pid, error)
    finally:
        _close(connection)


def _close(connection: socket.socket) -> None:
    """Close a connection so that the client reads the answer.

    While anything that the client sent is unread, the kernel gives "connection reset" in the answer's place.
    """
    with connection, suppress(OSError):
        connection.settimeout(0)
        connection.shutdown(socket.SHUT_RD)  # nothing more comes in
        while connection.recv(1):
            pass


def answer(request: bytes, peer: Caller, desk: Desk) -> Answer:
    """Judge and perform one request. Never raises; the descriptor, if any, is the caller's to close."""
    try:
        about, fd = _perform(request, peer, desk)
    except Refusal as refusal:
        code, message = refusal.code, str(refusal)
    except Exception:  # noqa: BLE001 - our bug is reported to this client, and others are still served
        _LOG.exception("unforeseen")
        code, message = RefusalCode.INTERNAL, "unexpected error in the mounter"
    else:
        _LOG.info("pid %d, user %d: granted: %s", peer.pid, peer.uid, about)
        return {"ok": True, **about}, fd
    return _refused(code, message, peer), None


def _refused(code: RefusalCode, message: str, peer: Caller) -> dict[str, object]:
    _LOG.warning("pid %d, user %d: %s: %s", peer.pid, peer.uid, code.name.lower(), message)
    return {"ok": False, "code": code.name.lower(), "message": message, "remedy": code.value}


def _stranger(peer: Caller) -> Refusal:
    return Refusal(RefusalCode.NOT_ALLOWED, f"user {peer.uid} may not ask for anything")


def _perform(request: bytes, peer: Caller, desk: Desk) -> Answer:
    if peer.uid not in desk.allowed_uids:
        raise _stranger(peer)
    said = _parse(request)
    return OPERATIONS[said["op"]](said, peer, desk.system)


def _parse(request: bytes) -> Request:
    if len(request) > MAX_REQUEST_BYTES:
        raise Refusal(RefusalCode.BAD_REQUEST, f"a request may have at most {MAX_REQUEST_BYTES} bytes")
    try:
        said: Any = json.loads(request)
    except (ValueError, RecursionError) as error:
        raise Refusal(RefusalCode.BAD_REQUEST, "the request is not JSON") from error
    match said:
        case {"op": "mount" | "probe", "device": str(), **others} if not others:
            return dict(said)
        case {"op": "erase", "device": str(), **_others}:
            return dict(said)
    raise Refusal(
        RefusalCode.BAD_REQUEST, 'a request is {"op": "mount", "device": NAME}, or "probe", or "erase"'
    )


def _reply(connection: socket.socket, about: Mapping[str, object], fd: int | None) -> None:
    """Send the answer; then it is the client alone who holds the volume: if he is gone, so is the mount."""
    try:
        socket.send_fds(connection, [json.dumps(about).encode()], [] if fd is None else [fd])
    finally:
        if fd is not None:
            os.close(fd)


def _peer(connection: socket.socket) -> Caller:
    credentials = struct.Struct("iII")  # struct ucred
    raw = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, credentials.size)
    pid, uid, gid = credentials.unpack(raw)
    return Caller(pid=pid, uid=uid, gid=gid)
