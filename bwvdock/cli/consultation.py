"""May officers be shown? Only to somebody who gives a reason, and only once that is in the journal.

A withheld officer is null in JSON, and the text says how to see it.
"""

from __future__ import annotations

from argparse import Namespace

from bwvdock.config.settings import Config
from bwvdock.errors import NotRunningError, SilentError, UsageError
from bwvdock.operators.daemon_client import ask
from bwvdock.operators.requests import Consult

WITHHELD = "(withheld; add --reason R to see it, which is recorded)"
_WITHOUT = "without --reason everything except officers is shown"
_THEN_AGAIN = "then the same command again: it shows nothing without officers"


def may_see(
    arguments: Namespace, config: Config, *, command: str, subject: str, implied: bool, needed: bool = False
) -> bool:
    """Record a consultation; return whether there was one, so that officers may be shown.

    Args:
        arguments: of the command; `reason` is why, None where none was given.
        config: says whether a reason is required.
        command: the command, for the journal.
        subject: what is looked at, likewise.
        implied: the command shows officers by itself where no reason is required.
        needed: the command shows nothing without a consultation.

    Raises:
        NotRunningError: no daemon can record it, so nothing may be shown.
        UsageError: the reason cannot be recorded.
    """
    reason = arguments.reason or ""
    if not reason and (config.reason_required or not implied):
        return False
    try:
        ask(config.control_socket, Consult(command=command, subject=subject, reason=reason))
    except NotRunningError as silent:
        first = silent.remedy if isinstance(silent, SilentError) else "systemctl start bwvdock"
        raise NotRunningError(
            f"{silent.message} The daemon records every consultation; without it officers are not shown.",
            remedy=f"{first}; {_THEN_AGAIN if needed else _WITHOUT}",
        ) from None
    return True


def must_see(arguments: Namespace, config: Config, *, command: str, subject: str) -> None:
    """Record a consultation for a command that cannot run without one.

    Raises:
        UsageError: no reason was given.
        NotRunningError: no daemon can record it.
    """
    if not may_see(arguments, config, command=command, subject=subject, implied=True, needed=True):
        raise UsageError(
            f"`{command}` shows officers' names, so a reason is required. Your reason and user name are "
            "recorded.",
            remedy=f"Add --reason R, for example: bwvdock {command} … --reason 'disclosure, case C-7'",
        )
