"""How does a request travel to the running daemon and its answer back?"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from bwvdock.edges.control import Handle, Json, exchange
from bwvdock.operators.requests import Request, decode, encode

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
    return exchange(path, encode(request), timeout)


def answering(answer: Answer) -> Handle:
    """Return what the control socket calls with each line: the request is decoded, then answered.

    What is not a request is a UsageError, which goes back to who asked.
    """
    return lambda line, actor: answer(decode(line), actor)
