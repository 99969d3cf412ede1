"""Is the journal there, when was it last verified, and which alerts does the dock raise?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from bwvdock.doctor.findings import CHECK_OF, Check, Finding, about, of_alerts, ok, unseen, warning
from bwvdock.status.values import StatusReport
from bwvdock.units import format_age, format_count


def check_journal(status: StatusReport, *, may_look: bool) -> Iterator[Finding]:
    """Return whether the journal is there and takes entries, and what its signer and its witnesses say.

    Args:
        status: what `bwvdock status` reports.
        may_look: whether this user may look for it, where no daemon says what it has.
    """
    alerts = about(Check.JOURNAL, status.alerts)
    if alerts:
        yield from of_alerts(Check.JOURNAL, alerts, well="")
    elif status.journal.entries:
        signed = f", signed {status.journal.checkpoint_at}" if status.journal.checkpoint_at else ""
        entries = format_count(status.journal.entries, "entry", "entries")
        yield ok(Check.JOURNAL, f"{entries}{signed}")
    elif status.dock.running or may_look:
        yield warning(
            Check.JOURNAL,
            "there is no entry in it yet",
            "Nothing was recorded on this dock. A new dock makes its journal when it starts.",
            "sudo bwvdock init; then: sudo systemctl restart bwvdock",
        )
    else:
        yield _not_read(Check.JOURNAL)


def check_verification(status: StatusReport, now: datetime, *, may_look: bool) -> Iterator[Finding]:
    """Return when journal and files were last verified, and what was found.

    Args:
        status: what `bwvdock status` reports.
        now: the time, in UTC.
        may_look: as above.
    """
    alerts = about(Check.VERIFICATION, status.alerts)
    journal = status.journal
    if alerts:
        yield from of_alerts(Check.VERIFICATION, alerts, well="")
    elif journal.verified_at:
        age = format_age(now - datetime.fromisoformat(journal.verified_at))
        yield ok(
            Check.VERIFICATION,
            f"verified {age} ago ({journal.verified_at}): no problem found in what was read",
        )
    elif journal.entries or status.dock.running or may_look:
        yield warning(
            Check.VERIFICATION,
            "no verification is recorded yet",
            "Whether journal and files are consistent is not known. The timer verifies every night.",
            "sudo bwvdock custody verify --record; systemctl status bwvdock-verify.timer",
        )
    else:
        yield _not_read(Check.VERIFICATION)


def check_alerts(status: StatusReport) -> Iterator[Finding]:
    """Return how many alerts there are that no other check says: of cameras and clips, mostly."""
    others = [alert for alert in status.alerts if alert.code not in CHECK_OF]
    if disk := about(Check.FILE_SYSTEM, status.alerts):
        yield from of_alerts(Check.ALERTS, disk, well="")
    elif others:
        codes = ", ".join(dict.fromkeys(str(alert.code) for alert in others))
        yield warning(
            Check.ALERTS,
            f"{format_count(len(others), 'other alert')}: {codes}",
            "They are about cameras, clips or what this dock did, rather than its installation.",
            "bwvdock status",
        )
    elif status.dock.running:
        yield ok(Check.ALERTS, "no other alert")
    else:
        yield unseen(Check.ALERTS, "the daemon is not running, and it raises most of them", "bwvdock status")


def _not_read(check: Check) -> Finding:
    return unseen(check, "this user may not read the journal, and no daemon answers", "sudo bwvdock doctor")
