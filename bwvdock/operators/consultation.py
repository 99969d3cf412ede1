"""Who looked at what links footage to officers, or took footage out, and why?

Data Protection Act 2018, section 62: consultation is logged with its justification, its time and who.
"""

from __future__ import annotations

from bwvdock.core.facts import FootageConsulted
from bwvdock.operators.decisions import LONGEST_REASON, Decision, printable
from bwvdock.operators.requests import Consult


def consult(order: Consult, actor: str) -> Decision:
    """Return what a consultation means: one entry each time.

    Raises:
        UsageError: what is given cannot be recorded.
    """
    fact = FootageConsulted(
        command=printable(order.command, "command"),
        subject=printable(order.subject, "subject", longest=LONGEST_REASON),
        reason=printable(order.reason, "reason", longest=LONGEST_REASON) if order.reason else "",
        actor=actor,
    )
    return Decision(facts=(fact,), message="The consultation is recorded.")
