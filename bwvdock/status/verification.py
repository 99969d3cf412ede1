"""Which alert follows from the last verification of journal and files?"""

from __future__ import annotations

from collections.abc import Iterator

from bwvdock.edges.journal.verify.last import LastVerification
from bwvdock.status.alerts import Alert, AlertCode
from bwvdock.units import format_count


def verification_alerts(last: LastVerification) -> Iterator[Alert]:
    """Return an alert for each kind of thing in which the last verification found a problem."""
    for what, check in (("the journal", last.journal), ("the files", last.files)):
        if check is not None and check.problems:
            yield Alert.error(
                AlertCode.CUSTODY_FAILED,
                f"The last verification of {what} ({check.at}) found "
                f"{format_count(check.problems, 'problem')}. The first is {check.first}.",
                "Change nothing on this dock and inform the investigating officer; all problems: "
                "sudo bwvdock custody verify",
            )
