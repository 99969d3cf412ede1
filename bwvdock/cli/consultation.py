"""May officers be shown? Only to somebody who says why, and only once that is in the journal.

What is not shown is withheld, not hidden: an officer reads as null in JSON, and the text says what to type.
"""

from __future__ import annotations

from argparse import Namespace

from bwvdock.config.settings import Config
from bwvdock.errors import NotRunningError, UsageError
from bwvdock.operators.asking import ask
from bwvdock.operators.requests import Consult

WITHHELD = "(withheld: give --reason R to see it; that is recorded)"


def may_see(arguments: Namespace, config: Config, *, command: str, subject: str, implied: bool) -> bool:
    """Record a consultation, and say whether there was one: then officers may be shown.

    Args:
        arguments: of the command; `reason` is why, None where nobody said.
        config: says whether a reason is required.
        command: the command, for the journal.
        subject: what is looked at, likewise.
        implied: the command shows officers by itself where no reason is required.

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
        raise NotRunningError(
            f"{silent.message} Who looks at officers' footage is recorded by it, so this is not shown.",
            remedy="systemctl start bwvdock; without --reason everything but officers is shown",
        ) from None
    return True


def must_see(arguments: Namespace, config: Config, *, command: str, subject: str) -> None:
    """Record a consultation that the command means nothing without.

    Raises:
        UsageError: no reason was given.
        NotRunningError: no daemon can record it.
    """
    if not may_see(arguments, config, command=command, subject=subject, implied=True):
        raise UsageError(
            f"`{command}` shows who is linked to footage: that needs a reason, which goes into the journal "
            "with who asked.",
            remedy=f"Add --reason R, for instance: bwvdock {command} … --reason 'disclosure, case C-7'",
        )
