"""Who looked at data that links footage to officers, or exported footage, and why?

The Data Protection Act 2018, section 62, requires a log of consultations.
"""

from __future__ import annotations

import re

from bwvdock.core.facts import FootageConsulted, FootageExported
from bwvdock.errors import UsageError
from bwvdock.operators.decisions import LONGEST_REASON, Decision, OrderReader, printable
from bwvdock.operators.requests import Consult, Exported

_SHA256 = re.compile("[0-9a-f]{64}")


def consult(order: Consult, reader: OrderReader, actor: str) -> Decision:
    """Return what a consultation leads to: one entry each time.

    Raises:
        UsageError: the subject, the reason or a clip cannot be recorded.
    """
    fact = FootageConsulted(
        command=printable(order.command, "command"),
        subject=printable(order.subject, "subject", longest=LONGEST_REASON),
        reason=printable(order.reason, "reason", longest=LONGEST_REASON) if order.reason else "",
        actor=actor,
        clips=tuple(reader.resolve_clip(clip) for clip in order.clips),
        request=_request(order.for_request, reader),
    )
    return Decision(facts=(fact,), message="The consultation was recorded.")


def exported(order: Exported, reader: OrderReader, actor: str) -> Decision:
    """Return what an export leads to: one entry for the whole package.

    Raises:
        UsageError: there is no such clip, or the digest or the reason cannot be recorded.
    """
    if not _SHA256.fullmatch(order.tagmanifest_sha256):
        raise UsageError("The digest of a package is a SHA-256 in lower-case hexadecimal.")
    if not order.clips:
        raise UsageError("An exported package has at least one clip.")
    fact = FootageExported(
        clips=tuple(reader.resolve_clip(clip) for clip in order.clips),
        tagmanifest_sha256=order.tagmanifest_sha256,
        reason=printable(order.reason, "reason", longest=LONGEST_REASON),
        actor=actor,
        request=_request(order.for_request, reader),
    )
    return Decision(facts=(fact,), message="The export was recorded.")


def _request(prefix: str, reader: OrderReader) -> str:
    """Return the id of the request that something is for, "" for none.

    Raises:
        UsageError: there is no such request, or it is closed.
    """
    if not prefix:
        return ""
    row = reader.request(prefix)
    if not row.open:
        raise UsageError(f"Request {row.id} is closed; nothing was recorded.", remedy="bwvdock request list")
    return row.id
