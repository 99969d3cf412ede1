"""`bwvdock feed test`: does an evidence system take what the dock sends it?"""

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
from bwvdock.feeds.from_config import FEED_TEST, send_test
from bwvdock.operators.daemon_client import ask_journal
from bwvdock.operators.requests import Query

_SECONDS = 900.0  # one that hangs takes a minute, one after the other


def test(arguments: Namespace) -> int:
    """Send a request without entries, and print what happened at each evidence system."""
    config = working_configuration(arguments)
    found = _sent(config, arguments.feed)
    if arguments.json:
        print_json(found)
    else:
        for one in found:
            how = "took the test" if one["ok"] else "did not take the test"
            print(visible(f"{one['feed']} {how}: {one['answer']}"))
            if one["remedy"]:
                say(visible(f"  {one['remedy']}"))
    return int(not all(one["ok"] for one in found))


def _sent(config: Config, feed: str) -> list[dict[str, Any]]:
    """Have the daemon send it, with its rights and its secrets; where none runs, send it from here."""
    try:
        return ask_journal(
            config.control_socket, Query(what=FEED_TEST, arguments=(("feed", feed),)), _SECONDS
        )
    except NotRunningError:
        say("bwvdock: no daemon runs, so the test is sent by this command")
        with as_owner_of(config.state_dir) if config.state_dir.is_dir() else nullcontext():
            return send_test(config, SystemClock(), feed)
