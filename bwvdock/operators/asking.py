"""How does a request travel to the running daemon and its answer back?"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from bwvdock.edges.control import Handle, Json, exchange
from bwvdock.operators.requests import Request, decode, encode

Answer = Callable[[Request, str], Json]
"""A function that answers a request; its second argument is the actor, "uid:name"."""


def ask(path: Path, request: Request, timeout: float = 30.0) -> dict[str, Any]:
    """Return the daemon's answer to a request.

    Args:
        path: the control socket.
        request: what is asked.
        timeout: seconds for the whole exchange.

    Raises:
        NotRunningError: there was no answer in time.
        BwvdockError: the error that the daemon answered with, of the same class.
    """
    return exchange(path, encode(request), timeout)


def answering(answer: Answer) -> Handle:
    """Return the function that the control socket calls with each line: it decodes the request and answers.

    A line that is not a request raises a UsageError, which is sent back to the caller.
    """
    return lambda line, actor: answer(decode(line), actor)
