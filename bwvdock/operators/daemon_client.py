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
from bwvdock.operators.checkout.requests import MarkOwnClip, ShowOwnClips, Tap
from bwvdock.operators.requests import Consult, Query, Request, Screen, decode_claim, encode

ORDER_SECONDS = 30.0  # the daemon itself says after 25 that its journal does not answer

SCREEN_USER = "bwvdock-screen"
READER_USER = "bwvdock-badge-reader"
"""Two users who are in the operators' group because that opens the socket, and may do next to nothing there.

They are two: who shows clips to browsers must not be able to say that a badge was shown.
"""

_OF_BADGES = (ShowOwnClips, MarkOwnClip)
_THEIRS: Mapping[str, tuple[type, ...]] = {SCREEN_USER: (Screen, *_OF_BADGES), READER_USER: (Tap,)}

Answer = Callable[[Request, str], Json]
"""A function that answers a request; its second argument is the actor, "uid:name"."""


VeiledAnswer = Callable[[Request, str, Veil], Json]
"""The same for somebody who may not see every clip; the third says which."""

VeilOf = Callable[[Peer], Veil | None]
"""Returns what hides clips from a process; None: nothing does."""

Require = Callable[[Request | Query, Peer], None]
"""Raises a UsageError where a process may not ask this."""


def require_nothing(_request: Request | Query, _peer: Peer) -> None:
    """Do nothing: everybody may ask everything."""


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
    require: Require = require_nothing,
) -> Handle:
    """Return what the control socket calls with each line: the request is decoded, then answered.

    What is not a request is a UsageError, which goes back to who asked.

    Args:
        answer: carries out what the dock is asked.
        queries: answers what its journal is asked; None where there is none.
        veil_of: returns which clips a process may not see; None: it may see all.
        veiled: carries out what somebody asks who may not see all; without it such a one may ask nothing.
        require: refuses what a process may not ask.
    """

    def handle(line: bytes, peer: Peer) -> Json | Parts:
        request, claim = decode_claim(line)
        require(request, peer)
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


def require_theirs(
    request: Request | Query, peer: Peer, *, runs: Callable[[Peer, str], bool] = runs_as
) -> None:
    """Refuse to the users of the screen and of the badge reader all but what is theirs, and that to others.

    Root and the daemon's own user may ask everything.

    Args:
        request: what is asked.
        peer: who asks.
        runs: whether a process is that of the user with a name.

    Raises:
        UsageError: it is not for them to ask.
    """
    if peer.uid in {0, os.geteuid()}:
        return
    own = next((kinds for user, kinds in _THEIRS.items() if runs(peer, user)), None)
    if own is not None and not isinstance(request, own):
        raise UsageError(
            "The users of the screen and of the badge reader may ask what is theirs, and nothing else.",
            remedy="Use a login of the group bwvdock-operators",
        )
    if own is None and isinstance(request, (Tap, *_OF_BADGES)):
        raise UsageError("The dock takes this from its screen and its badge reader alone.")


def claimed_login(environ: Mapping[str, str] = os.environ) -> int | None:
    """Return who logged in and runs this command: as the kernel knows, else as sudo says, else None."""
    known = this_process().login
    if known is not None:
        return known
    claim = environ.get("SUDO_UID", "")
    return int(claim) if claim.isascii() and claim.isdecimal() and len(claim) <= 10 else None
