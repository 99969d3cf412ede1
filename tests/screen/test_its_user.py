"""Are the users of screen and reader, in the operators' group, answered anything but what is theirs?"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, get_args

import pytest

from bwvdock.edges.control import ControlServer
from bwvdock.edges.peer import Peer, runs_as
from bwvdock.errors import UsageError
from bwvdock.operators.checkout.requests import MarkOwnClip, ShowOwnClips, Tap
from bwvdock.operators.daemon_client import READER_USER, SCREEN_USER, answering, require_theirs
from bwvdock.operators.queries import QUERIES, Queries
from bwvdock.operators.requests import Request, Screen, encode
from tests.cli.docks import VERIFIED, Dock
from tests.extent import drawn
from tests.operators.test_restricted import ATTACKER, OPERATORS, as_root, asked_as, dock, naming

__all__ = ["dock"]


THEIRS: Mapping[str, Mapping[type[Request], Mapping[str, str]]] = {
    SCREEN_USER: {
        Screen: {},
        ShowOwnClips: {"token": "t"},
        MarkOwnClip: {"token": "t", "clip": VERIFIED, "act": "evidence", "reason": "r", "case": ""},
    },
    READER_USER: {Tap: {"badge": "1001"}},
}


def as_if(name: str, uid: int) -> Any:  # noqa: ANN401 - what is required of a process
    """Return what is required where a user's number is that of the screen, or of the reader."""
    return partial(require_theirs, runs=lambda peer, user: (peer.uid, user) == (uid, name))


@as_root
@pytest.mark.slow
@pytest.mark.parametrize("user", sorted(THEIRS))
def test_each_of_the_two_users_is_answered_what_is_theirs_and_nothing_else(dock: Dock, user: str) -> None:
    """Whatever it claims to be: every order and every question, raw, from a process of its own."""
    asked: list[Request] = []

    def answer(request: Request, _actor: str) -> Mapping[str, Any]:
        asked.append(request)
        return {}

    limited = answering(answer, Queries(dock.config.journal), require=as_if(user, 65534))
    lines = [{"request": kind.name} for kind in get_args(Request) if kind not in THEIRS[user]]
    lines += [json.loads(encode(order)) for order in naming(VERIFIED)]
    lines += [{"request": "query", "what": what, "arguments": []} for what in sorted(QUERIES)]
    foreign = [
        {"request": kind.name, **given}
        for of, kinds in THEIRS.items()
        if of != user
        for kind, given in kinds.items()
    ]
    folder = Path("/tmp") / f"bwvdock-screen-{os.getpid()}"
    folder.mkdir()
    try:
        with ControlServer(folder / "s", limited):
            folder.chmod(0o755)
            os.chown(folder / "s", 0, OPERATORS)
            for line in [*drawn(lines, 12, of="lines"), *foreign]:
                for claim in ({}, {"login_uid": 0}):
                    assert '"ok": false' in asked_as(folder / "s", {**line, **claim}), line
            assert asked == []
            for kind, given in THEIRS[user].items():
                assert '"ok": true' in asked_as(folder / "s", {"request": kind.name, **given})
            assert [type(one) for one in asked] == [*THEIRS[user]]
    finally:
        folder.rmdir()


def test_every_line_but_theirs_is_refused_and_theirs_to_all_others(dock: Dock) -> None:
    def answer(_request: Request, _actor: str) -> Mapping[str, Any]:
        raise AssertionError("it was answered")

    operator = replace(ATTACKER, uid=1001)
    for user in (SCREEN_USER, READER_USER):
        limited = answering(answer, require=as_if(user, ATTACKER.uid))
        for order in naming(VERIFIED):
            with pytest.raises(UsageError):
                limited(encode(order), ATTACKER)
            with pytest.raises(AssertionError):
                limited(encode(order), operator)
        for token in ("", "0" * 64):
            with pytest.raises(UsageError, match="alone"):
                limited(encode(ShowOwnClips(token=token)), operator)
        with pytest.raises(UsageError, match="alone"):
            limited(encode(Tap(badge="1001")), operator)
        with pytest.raises(UsageError, match="alone"):
            limited(encode(MarkOwnClip(token="", clip=VERIFIED, act="evidence")), operator)
        with pytest.raises(AssertionError):
            limited(encode(Tap(badge="1001")), replace(ATTACKER, uid=0))
    assert not runs_as(ATTACKER, SCREEN_USER)
    assert runs_as(Peer(pid=1, uid=0), "root")
