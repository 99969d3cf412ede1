"""`bwvdock notify test`: does a message reach those who are notified of alerts?"""

from __future__ import annotations

from argparse import Namespace
from contextlib import nullcontext
from typing import Any

from bwvdock.cli.configuration import working_configuration
from bwvdock.cli.output.console import print_json, say
from bwvdock.config.settings import Config
from bwvdock.core.visible_text import visible
from bwvdock.edges.rights import as_owner_of
from bwvdock.edges.system import SystemClock
from bwvdock.errors import NotRunningError
from bwvdock.notify.values import NOTIFY_TEST
from bwvdock.operators.daemon_client import ask_journal
from bwvdock.operators.requests import Query

_SECONDS = 900.0  # a target that hangs takes minutes, one after the other


def test(arguments: Namespace) -> int:
    """Send a test message, and print what happened at each target."""
    config = working_configuration(arguments)
    found = _sent(config, arguments.target)
    if arguments.json:
        print_json(found)
    else:
        for one in found:
            how = "took the test message" if one["ok"] else "did not take the test message"
            print(visible(f"{one['target']} ({one['kind']}) {how}: {one['answer']}"))
            if one["remedy"]:
                say(visible(f"  {one['remedy']}"))
    return int(not all(one["ok"] for one in found))


def _sent(config: Config, target: str) -> list[dict[str, Any]]:
    """Have the daemon send it, with its rights and its secrets; where none runs, send it from here."""
    try:
        return ask_journal(
            config.control_socket, Query(what=NOTIFY_TEST, arguments=(("target", target),)), _SECONDS
        )
    except NotRunningError:
        from bwvdock.notify.from_config import send_test  # noqa: PLC0415 - the daemon's libraries

        say("bwvdock: no daemon runs, so the message is sent by this command")
        with as_owner_of(config.state_dir) if config.state_dir.is_dir() else nullcontext():
            return send_test(config, SystemClock(), target)
