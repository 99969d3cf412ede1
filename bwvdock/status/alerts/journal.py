"""Which alerts are about the journal?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from bwvdock.edges.journal.verify.last import NAME, LastVerification
from bwvdock.errors import (
    BwvdockError,
    JournalError,
    JournalFullError,
    JournalLostError,
    SignerRefusedError,
    StorageError,
)
from bwvdock.status.alerts import Alert, AlertCode
from bwvdock.units import format_age, format_count

if TYPE_CHECKING:
    from bwvdock.core.facts import LogKeyNew, SignerForgot
    from bwvdock.edges.witnessing.alarm_file import Alarm

_SHOWN = timedelta(days=14)  # what happened once, and no condition that lasts
_LONGEST_UNVERIFIED = timedelta(days=3)  # it is tried every night
_CLOCK_SLACK = timedelta(hours=1)  # a clock may be set back by less
_NOTHING_TAKEN = " No footage is taken."
_ALL_PROBLEMS = "all problems: sudo bwvdock custody verify"


def journal_lost(error: JournalError | None) -> Iterator[Alert]:
    """Return an alert if there was a journal and it is not there."""
    if isinstance(error, JournalLostError):
        yield Alert.error(AlertCode.JOURNAL_LOST, error.message, error.remedy)


def journal_damaged(error: JournalError | None, *, running: bool) -> Iterator[Alert]:
    """Return an alert if the journal says nothing that can be relied upon.

    Args:
        error: what reading or writing it raised.
        running: whether it is the daemon that says so.
    """
    if error is not None and not isinstance(error, JournalLostError | JournalFullError):
        taken = _NOTHING_TAKEN if running else ""
        yield Alert.error(AlertCode.JOURNAL_DAMAGED, f"{error.message}{taken}", error.remedy)


def journal_full(error: JournalError | None) -> Iterator[Alert]:
    """Return an alert if the daemon cannot record anything, because the journal's disk is full."""
    if isinstance(error, JournalFullError):
        yield Alert.error(AlertCode.JOURNAL_FULL, f"{error.message}{_NOTHING_TAKEN}", error.remedy)


def journal_ended(error: JournalError | None) -> Iterator[Alert]:
    """Return an alert if the journal is a backup's, or was moved, and is not continued where it is."""
    if error is not None:
        yield Alert.error(AlertCode.JOURNAL_ENDED, error.message, error.remedy)


def backup_old(at: str | None, now: datetime, *, every: timedelta | None, entries: int) -> Iterator[Alert]:
    """Return an alert if backups are expected, and the latest is older than that, or there is none.

    Args:
        at: when the latest was recorded; None before the first.
        now: the time, in UTC.
        every: how old it may become; None where none are expected.
        entries: how many entries the journal has: of none, none is missed.
    """
    if every is None or not entries:
        return
    expected = f"([backup] expected_every: {format_age(every)})"
    remedy = "sudo bwvdock backup DIR, with DIR on another disk (docs/how-to/back-up-and-move-a-dock.md)"
    if at is None:
        message = f"No backup of this dock was ever recorded {expected}."
        yield Alert.warning(AlertCode.BACKUP_OLD, message, remedy)
        return
    age = now - datetime.fromisoformat(at)
    if age < -_CLOCK_SLACK:
        message = (
            f"The latest backup is dated {at}, which is still to come, so its age is not known {expected}."
        )
        yield Alert.warning(AlertCode.BACKUP_OLD, message, remedy)
    elif age > every:
        message = f"No backup of this dock was recorded since {at} {expected}."
        yield Alert.warning(AlertCode.BACKUP_OLD, message, remedy)


def custody_failed(last: LastVerification) -> Iterator[Alert]:
    """Return an alert for each kind of thing in which the last verification found a problem."""
    for what, check in (("the journal", last.journal), ("the files", last.files)):
        if check is not None and check.problems:
            which = "A verification under an earlier journal" if check.earlier else "The last verification"
            names = f"they are in the file {NAME} in the state directory" if check.earlier else _ALL_PROBLEMS
            yield Alert.error(
                AlertCode.CUSTODY_FAILED,
                f"{which} of {what} ({check.at}) found {format_count(check.problems, 'problem')}. The first "
                f"is {check.first}.",
                f"Change nothing on this dock and inform the investigating officer; {names}",
                subject=what.removeprefix("the "),
            )


def custody_not_verified(at: str | None, now: datetime, *, unread: int) -> Iterator[Alert]:
    """Return an alert if verifications are recorded, and the latest is old or could not read everything.

    Args:
        at: when the latest was recorded; None before the first.
        now: the time, in UTC.
        unread: how many things it could not read.
    """
    if at is None:
        return
    age = now - datetime.fromisoformat(at)
    if age < -_CLOCK_SLACK:
        yield Alert.error(
            AlertCode.CUSTODY_NOT_VERIFIED,
            f"The last verification is dated {at}, which is still to come: the dock's clock was set back. "
            "When journal and files were last verified is not known.",
            "sudo bwvdock custody verify --record; the dock's clock: timedatectl",
        )
    elif age > _LONGEST_UNVERIFIED:
        yield Alert.error(
            AlertCode.CUSTODY_NOT_VERIFIED,
            f"Journal and files have not been verified since {at}.",
            "systemctl status bwvdock-verify.timer bwvdock-verify.service; then: sudo bwvdock custody verify",
        )
    elif unread:
        yield Alert.error(
            AlertCode.CUSTODY_NOT_VERIFIED,
            f"The last verification ({at}) could not read everything ({format_count(unread, 'error')}).",
            "What and why: sudo bwvdock custody verify",
        )


def files_unaccounted(last: LastVerification) -> Iterator[Alert]:
    """Return an alert if files belonged to no entry when they were last looked for."""
    search = last.unaccounted
    if search is None or not any(count for _, count in search.places):
        return
    total = sum(count for _, count in search.places)
    where = ", ".join(f"{count:,} in {place}" for place, count in search.places)
    yield Alert.warning(
        AlertCode.FILES_UNACCOUNTED,
        f"{format_count(total, 'file belongs', 'files belong')} to no entry of the journal ({where}; seen "
        f"{search.at}). bwvdock proves nothing about such files and never removes them.",
        "Names: sudo bwvdock custody verify. If they are footage of a journal that was lost, restore that "
        "journal; otherwise move them, with what is left of it, to where the investigating officer says, "
        "and verify again",
    )


def checkpoints_not_signed(error: BwvdockError | None, *, since: str, hangs: bool) -> Iterator[Alert]:
    """Return an alert if entries are not covered by a signed checkpoint that should be.

    Args:
        error: why the last attempt failed.
        since: when the oldest entry was made that is not covered, "" if all are.
        hangs: whether an attempt has not ended for minutes.
    """
    if error is None and not hangs:
        return
    covered = f"Entries since {since} are covered by no signed checkpoint" if since else "Nothing is signed"
    said = error.message if error else "The signer does not answer, and does not fail either."
    remedy = (
        error.remedy if error else ""
    ) or "systemctl status bwvdock-signer; journalctl -u bwvdock-signer"
    if isinstance(error, SignerRefusedError):
        yield Alert.error(
            AlertCode.CHECKPOINTS_NOT_SIGNED,
            f"{covered}: the signer refuses. {said}",
            f"Inform the investigating officer. {remedy}",
        )
        return
    yield Alert.warning(
        AlertCode.CHECKPOINTS_NOT_SIGNED,
        f"{covered}. {said} Footage is copied and uploaded all the same.",
        remedy,
    )


def signer_forgot(seen: Sequence[tuple[str, SignerForgot]], now: datetime) -> Iterator[Alert]:
    """Return an alert if the signer forgot what it had signed, in the last two weeks.

    Args:
        seen: each time that it had, in order.
        now: the time, in UTC.
    """
    for at, fact in seen[-1:]:
        compared = f"{fact.compared:,} entries" if fact.compared else "nothing"
        if _is_new(at, now):
            yield Alert.error(
                AlertCode.SIGNER_FORGOT,
                f"The signer had forgotten what it signed ({at}): it compared the {fact.entries:,} entries "
                f"of the journal with {compared}, and {fact.known:,} had been signed. Somebody who wants "
                "another history signed makes it forget.",
                "Find out who removed or replaced /var/lib/bwvdock-signer/signed.sqlite3, and compare the "
                "journal with a checkpoint from outside: sudo bwvdock custody verify --checkpoint FILE. This "
                "alert ends after two weeks; the entry stays",
            )


def log_key_new(seen: Sequence[tuple[str, LogKeyNew]], now: datetime) -> Iterator[Alert]:
    """Return an alert if the journal was signed with another key than before, in the last two weeks.

    Args:
        seen: each key that was new, in order.
        now: the time, in UTC.
    """
    for at, fact in seen[-1:]:
        if fact.before and _is_new(at, now):
            yield Alert.warning(
                AlertCode.LOG_KEY_NEW,
                f"The journal is signed with another key, or under another name, since {at}: {fact.key}; "
                f"before: {fact.before}.",
                "If nobody changed it on purpose, inform the investigating officer. Otherwise give the new "
                "key to those who check, and to each witness: bwvdock witness add-log NAME VKEY. This alert "
                "ends after two weeks; the entry stays",
            )


def _is_new(at: str, now: datetime) -> bool:
    return now - datetime.fromisoformat(at) < _SHOWN


def journal_not_as_witnessed(
    standing: Sequence[tuple[str, Alarm]], unknown: StorageError | None
) -> Iterator[Alert]:
    """Return an alert if a witness or the signer contradicts the journal, or if that is not known.

    Args:
        standing: the alarms, each with the witness's name.
        unknown: why it is not known which there are.
    """
    stopped = "Nothing is erased or disposed of. Footage is copied and uploaded all the same."
    if unknown is not None:
        yield Alert.error(
            AlertCode.JOURNAL_NOT_AS_WITNESSED,
            f"It is not known whether a witness contradicts the journal: {unknown.message} {stopped}",
            f"{unknown.remedy}; then: systemctl restart bwvdock",
        )
    for name, alarm in standing:
        found = alarm.contradiction
        who, did = ("signer", "signed") if found.by_signer else (f"witness {name}", "confirmed")
        what = (
            f"it {did} {found.named:,} entries, and the journal had {found.size:,}"
            if found.named >= 0
            else f"the {found.size:,} entries do not continue what it had {did}"
        )
        shown = (
            "A checkpoint that is signed with the journal's own key proves that there was another journal"
            if found.proven
            else f"This is what the {who.partition(' ')[0]} states; nothing else shows it yet"
        )
        ask = (
            "the signer's log: journalctl -u bwvdock-signer"
            if found.by_signer
            else "ask those who run the witness: bwvdock witness evidence"
        )
        yield Alert.error(
            AlertCode.JOURNAL_NOT_AS_WITNESSED,
            f"The {who} contradicts the journal ({alarm.at}): {what}. {shown}. {stopped}",
            f"Inform the investigating officer and leave the disk as it is; {ask}. "
            "If the state directory was restored from a copy, put the latest back. "
            "If there is none, and the investigation is over: bwvdock custody succeed --reason R",
            subject="signer" if found.by_signer else name,
        )


def witness_silent(names: Sequence[tuple[str, BwvdockError | None]]) -> Iterator[Alert]:
    """Return an alert for each witness from which a confirmation has been due for an hour, and why."""
    for name, error in names:
        why = error.message if error else "It does not answer, and does not fail either."
        yield Alert.warning(
            AlertCode.WITNESS_SILENT,
            f"The witness {name} has not confirmed the journal for an hour. {why}",
            (error.remedy if error else "") or "Check the network, and the witness",
            subject=name,
        )


def checkpoints_not_stamped(error: BwvdockError | None, *, late: bool) -> Iterator[Alert]:
    """Return an alert if a checkpoint has waited for its time stamp for more than a day.

    Args:
        error: why the last attempt failed.
        late: whether one has.
    """
    if late:
        why = f" {error.message}" if error else ""
        yield Alert.warning(
            AlertCode.CHECKPOINTS_NOT_STAMPED,
            f"No checkpoint of the journal was stamped with the time for more than a day.{why}",
            (error.remedy if error else "") or "Check timestamp_url under [custody]",
        )
