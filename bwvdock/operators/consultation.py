"""Who looked at data that links footage to officers, or exported footage, and why?

The Data Protection Act 2018, section 62, requires a log of consultations.
"""

from __future__ import annotations

from bwvdock.core.facts import FootageConsulted
from bwvdock.operators.decisions import LONGEST_REASON, Decision, printable
from bwvdock.operators.requests import Consult


def consult(order: Consult, actor: str) -> Decision:
    """Return what a consultation leads to: one entry each time.

    Raises:
        UsageError: the subject or the reason cannot be recorded.
    """
    fact = FootageConsulted(
        command=printable(order.command, "command"),
        subject=printable(order.subject, "subject", longest=LONGEST_REASON),
        reason=printable(order.reason, "reason", longest=LONGEST_REASON) if order.reason else "",
        actor=actor,
    )
    return Decision(facts=(fact,), message="The consultation was recorded.")
