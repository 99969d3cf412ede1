"""How is the daemon asked to ask its stores, and when is it done?"""

from __future__ import annotations

import sys
import time

from bwvdock.cli.output.console import say
from bwvdock.config.settings import Config
from bwvdock.operators.daemon_client import ask, order
from bwvdock.operators.requests import AskCopies, Status
from bwvdock.units import format_count

_SECONDS = 0.5  # between two questions how far it is


def ask_now(config: Config, destination: str) -> str:
    """Have the daemon ask stores for all that they have proven; return when it began, once it is done.

    Only the daemon has the secrets with which a store is asked, and what a store is found to have is an
    entry. Stopping this command stops nothing: the daemon continues.

    Raises:
        NotRunningError: no daemon could be asked.
        UsageError: there is no such store, or no store is asked now.
    """
    began = str(order(config.control_socket, AskCopies(destination=destination))["began"])
    say("bwvdock: the stores are asked for every copy; Ctrl-C stops waiting, not asking")
    last = -1
    while (left := int(ask(config.control_socket, Status()).get("asking", 0))) > 0:
        if sys.stderr.isatty() and left != last:
            say(f"{format_count(left, 'copy', 'copies')} to be asked for")
        last = left
        time.sleep(_SECONDS)
    return began
