"""Is the screen's user, who is in the operators' group, answered anything but what a screen shows?"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import pytest

from bwvdock.edges.control import ControlServer
from bwvdock.edges.peer import Peer, runs_as
from bwvdock.errors import UsageError
from bwvdock.operators.checkout.requests import Tap
from bwvdock.operators.daemon_client import SCREEN_USER, answering, for_a_screen_alone
from bwvdock.operators.queries import QUERIES, Queries
from bwvdock.operators.requests import Request, Screen, encode
from tests.cli.docks import VERIFIED, Dock
from tests.extent import drawn
from tests.operators.test_restricted import ATTACKER, OPERATORS, as_root, asked_as, dock, naming

__all__ = ["dock"]


@as_root
@pytest.mark.slow
def test_the_screens_user_is_answered_what_a_screen_shows_and_nothing_else(
    dock: Dock, tmp_path: Path
) -> None:
    """Whatever it claims to be: every order and every question, raw, from a process of its own."""
    asked: list[Request] = []

    def answer(request: Request, _actor: str) -> Mapping[str, Any]:
        asked.append(request)
        return {}

    limited = for_a_screen_alone(
        answering(answer, Queries(dock.config.journal)), is_screen=lambda peer: peer.uid == 65534
    )
    lines = [{"request": kind.name} for kind in get_args(Request) if kind not in {Screen, Tap}]
    lines += [json.loads(encode(order)) for order in naming(VERIFIED)]
    lines += [{"request": "query", "what": what, "arguments": []} for what in sorted(QUERIES)]
    folder = Path("/tmp") / f"bwvdock-screen-{os.getpid()}"
    folder.mkdir()
    try:
        with ControlServer(folder / "s", limited):
            folder.chmod(0o755)
            os.chown(folder / "s", 0, OPERATORS)
            for line in drawn(lines, 12, of="lines"):
                for claim in ({}, {"login_uid": 0}):
                    assert '"ok": false' in asked_as(folder / "s", {**line, **claim}), line
            assert asked == []
            assert '"ok": true' in asked_as(folder / "s", {"request": "screen"})
            assert '"ok": true' in asked_as(folder / "s", {"request": "tap", "badge": "1001"})
            assert asked == [Screen(), Tap(badge="1001")]
    finally:
        folder.rmdir()


def test_of_the_screens_user_every_line_but_one_is_refused(dock: Dock) -> None:
    def answer(_request: Request, _actor: str) -> Mapping[str, Any]:
        raise AssertionError("it was answered")

    limited = for_a_screen_alone(answering(answer), is_screen=lambda peer: peer.uid == ATTACKER.uid)
    for order in naming(VERIFIED):
        with pytest.raises(UsageError):
            limited(encode(order), ATTACKER)
        with pytest.raises(AssertionError):
            limited(encode(order), replace(ATTACKER, uid=1001))
    assert not runs_as(ATTACKER, SCREEN_USER)
    assert runs_as(Peer(pid=1, uid=0), "root")
