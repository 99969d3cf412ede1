"""How does a request travel to the running daemon and its answer back?"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from bwvdock.edges.control import Handle, Json, exchange
from bwvdock.edges.peer import Peer, actor_of, this_process
from bwvdock.operators.requests import Request, decode_claim, encode

Answer = Callable[[Request, str], Json]
"""Answers a request; the second argument is the actor, "uid:name"."""


def ask(path: Path, request: Request, timeout: float = 30.0) -> dict[str, Any]:
    """Return the daemon's answer to a request.

    Args:
        path: the control socket.
        request: what is asked.
        timeout: seconds for the whole of it.

    Raises:
        NotRunningError: nobody answers there, or not in time.
        BwvdockError: the daemon's own answer, of the kind that it raised.
    """
    return exchange(path, encode(request, claim=claimed_login()), timeout)


def answering(answer: Answer) -> Handle:
    """Return what the control socket calls with each line: the request is decoded, then answered.

    What is not a request is a UsageError, which goes back to who asked.
    """

    def handle(line: bytes, peer: Peer) -> Json:
        request, claim = decode_claim(line)
        return answer(request, actor_of(peer, claimed=claim))

    return handle


def claimed_login(environ: Mapping[str, str] = os.environ) -> int | None:
    """Return who logged in and runs this command: as the kernel knows, else as sudo says, else None."""
    known = this_process().login
    if known is not None:
        return known
    claim = environ.get("SUDO_UID", "")
    return int(claim) if claim.isascii() and claim.isdecimal() and len(claim) <= 10 else None
