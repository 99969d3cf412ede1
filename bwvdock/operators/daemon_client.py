"""How does a request travel to the running daemon and its answer back?"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

from bwvdock.core.clips.classes.veil import Veil
from bwvdock.edges.control import Handle, Json, Parts, exchange, exchange_parts
from bwvdock.edges.peer import Peer, actor_of, runs_as, this_process
from bwvdock.errors import NoAnswerError, UsageError
from bwvdock.operators.checkout.requests import Tap
from bwvdock.operators.requests import Consult, Query, Request, Screen, decode, decode_claim, encode

ORDER_SECONDS = 30.0  # the daemon itself says after 25 that its journal does not answer

SCREEN_USER = "bwvdock-screen"
"""The user of the screen, which is in the operators' group because that opens the socket."""

Answer = Callable[[Request, str], Json]
"""A function that answers a request; its second argument is the actor, "uid:name"."""


VeiledAnswer = Callable[[Request, str, Veil], Json]
"""The same for somebody who may not see every clip; the third says which."""

VeilOf = Callable[[Peer], Veil | None]
"""Returns what hides clips from a process; None: nothing does."""


class JournalAnswers(Protocol):
    """What must be known of queries.py, which commands that only ask need not load."""

    def answer(self, query: Query, peer: Peer, /) -> Parts:
        """Answer a question about the journal."""
        ...

    def consulted(self, peer: Peer, consultation: Consult, /) -> None:
        """Remember that a process had its consultation of something recorded."""
        ...


def ask(path: Path, request: Request, timeout: float = 30.0) -> dict[str, Any]:
    """Return the daemon's answer to a request.

    Args:
        path: the control socket.
        request: what is asked.
        timeout: seconds for the whole exchange.

    Raises:
        NoAnswerError: there was no answer in time.
        NotRunningError: no daemon could be asked.
        BwvdockError: the error that the daemon answered with, of the same class.
    """
    return exchange(path, encode(request, claim=claimed_login()), timeout)


def ask_journal(path: Path, query: Query, timeout: float = 600.0) -> list[Any]:
    """Return what the daemon answers to a question, in at most `timeout` seconds.

    Raises:
        NotRunningError: nobody answers there, or not in time.
        BwvdockError: the daemon's own answer, of the kind that it raised.
    """
    return ask_partly(path, query, timeout)[0]


def ask_partly(path: Path, query: Query, timeout: float = 600.0) -> tuple[list[Any], bool]:
    """Return the same, and whether it may lack clips that this process may not see.

    Raises:
        NotRunningError: nobody answers there, or not in time.
        BwvdockError: the daemon's own answer, of the kind that it raised.
    """
    values, said = exchange_parts(path, encode(query), timeout)
    return values, said.get("partial") is True


def order(path: Path, request: Request, timeout: float = ORDER_SECONDS) -> dict[str, Any]:
    """Return the daemon's answer to an order, which it may carry out later where it does not answer.

    Args:
        path: the control socket.
        request: what is ordered.
        timeout: seconds for the whole exchange.

    Raises:
        NoAnswerError: there was no answer in time.
        NotRunningError: no daemon could be asked.
        BwvdockError: the error that the daemon answered with, of the same class.
    """
    try:
        return ask(path, request, timeout)
    except NoAnswerError as silent:
        raise NoAnswerError(
            f"{silent.message} Your order may still be carried out.",
            remedy=f"bwvdock status; {silent.remedy}",
        ) from None


def answering(
    answer: Answer,
    queries: JournalAnswers | None = None,
    *,
    veil_of: VeilOf = lambda _: None,
    veiled: VeiledAnswer | None = None,
) -> Handle:
    """Return what the control socket calls with each line: the request is decoded, then answered.

    What is not a request is a UsageError, which goes back to who asked.

    Args:
        answer: carries out what the dock is asked.
        queries: answers what its journal is asked; None where there is none.
        veil_of: returns which clips a process may not see; None: it may see all.
        veiled: carries out what somebody asks who may not see all; without it such a one may ask nothing.
    """

    def handle(line: bytes, peer: Peer) -> Json | Parts:
        request, claim = decode_claim(line)
        if isinstance(request, Query):
            if queries is None:
                raise UsageError("Nothing can be asked of a journal here.")
            return queries.answer(request, peer)
        veil, actor = veil_of(peer), actor_of(peer, claimed=claim)
        if veil is None:
            answered = answer(request, actor)
        elif veiled is None:
            raise UsageError("You may ask nothing here.")
        else:
            answered = veiled(request, actor, veil)
        if queries is not None and isinstance(request, Consult):
            queries.consulted(peer, request)
        return answered

    return handle


def for_a_screen_alone(handle: Handle, *, is_screen: Callable[[Peer], bool] | None = None) -> Handle:
    """Return a handle that takes from the user of the screen what a screen asks, and nothing else.

    Args:
        handle: answers what others ask.
        is_screen: whether a process is that user's.
    """
    limited = is_screen or (lambda peer: runs_as(peer, SCREEN_USER))

    def handle_for(line: bytes, peer: Peer) -> Json | Parts:
        if limited(peer) and not isinstance(decode(line), Screen | Tap):
            raise UsageError(
                "The user of the screen may ask what a screen shows, report badges, and nothing else.",
                remedy="Use a login of the group bwvdock-operators",
            )
        return handle(line, peer)

    return handle_for


def claimed_login(environ: Mapping[str, str] = os.environ) -> int | None:
    """Return who logged in and runs this command: as the kernel knows, else as sudo says, else None."""
    known = this_process().login
    if known is not None:
        return known
    claim = environ.get("SUDO_UID", "")
    return int(claim) if claim.isascii() and claim.isdecimal() and len(claim) <= 10 else None
