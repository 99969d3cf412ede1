"""What does a check report: what was seen, whether that is wrong, what it means, and what to type?"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from bwvdock.core.remedies import with_sudo
from bwvdock.core.visible_text import shortened, visible
from bwvdock.status.alerts import Alert, AlertCode, Severity

_LOOK = "sudo bwvdock doctor; journalctl -u bwvdock"
NOT_LOOKED_AT = "not looked at: "
"""What begins the words of a check that could not look; why not follows."""
_MOST = 600  # characters of one text: some quote a store, a device or a file


class Check(StrEnum):
    """The ids of all checks: a closed list, which the journal, other programs and the reference use."""

    # configuration.py
    CONFIGURATION = "configuration"
    # services.py
    DAEMON = "daemon"
    UNITS = "units"
    MOUNTER = "mounter"
    SIGNER = "signer"
    # rights.py
    SERVICE_USER = "service-user"
    STATE_DIRECTORY = "state-directory"
    OPERATORS = "operators"
    # rules.py
    UDEV_RULES = "udev-rules"
    UDEV_APPLIED = "udev-applied"
    # disks.py
    FILE_SYSTEM = "file-system"
    DISK_ROOM = "disk-room"
    DISK_HEALTH = "disk-health"
    DISK_ENCRYPTION = "disk-encryption"
    # clock.py
    CLOCK = "clock"
    CLOCK_HARDWARE = "clock-hardware"
    # destinations.py
    DESTINATION_REACH = "destination-reach"
    DESTINATION_CREDENTIALS = "destination-credentials"
    DESTINATION_TRIAL = "destination-trial"
    DESTINATION_CERTIFICATE = "destination-certificate"
    DESTINATION_CLOCK = "destination-clock"
    # ports.py
    USB_PORTS = "usb-ports"
    # kernel_log.py
    KERNEL_USB = "kernel-usb"
    KERNEL_DISK = "kernel-disk"
    # journal.py
    JOURNAL = "journal"
    VERIFICATION = "verification"
    ALERTS = "alerts"
    # versions.py
    VERSIONS = "versions"
    KNOWN_FAULTS = "known-faults"


CHECK_OF: Mapping[AlertCode, Check] = {
    AlertCode.DAEMON_NOT_RUNNING: Check.DAEMON,
    AlertCode.PAUSED: Check.DAEMON,
    AlertCode.CONFIG_REJECTED: Check.DAEMON,
    AlertCode.CONFIG_PENDING: Check.DAEMON,
    AlertCode.JOURNAL_LOST: Check.JOURNAL,
    AlertCode.JOURNAL_DAMAGED: Check.JOURNAL,
    AlertCode.JOURNAL_FULL: Check.JOURNAL,
    AlertCode.CHECKPOINTS_NOT_SIGNED: Check.JOURNAL,
    AlertCode.SIGNER_FORGOT: Check.JOURNAL,
    AlertCode.LOG_KEY_NEW: Check.JOURNAL,
    AlertCode.JOURNAL_NOT_AS_WITNESSED: Check.JOURNAL,
    AlertCode.WITNESS_SILENT: Check.JOURNAL,
    AlertCode.CHECKPOINTS_NOT_STAMPED: Check.JOURNAL,
    AlertCode.CUSTODY_FAILED: Check.VERIFICATION,
    AlertCode.CUSTODY_NOT_VERIFIED: Check.VERIFICATION,
    AlertCode.FILES_UNACCOUNTED: Check.VERIFICATION,
    AlertCode.CLOCK_NOT_SYNCHRONISED: Check.CLOCK,
    AlertCode.MOUNTER_UNAVAILABLE: Check.MOUNTER,
    AlertCode.DESTINATION_UNREACHABLE: Check.DESTINATION_REACH,
    AlertCode.DESTINATION_DENIED: Check.DESTINATION_CREDENTIALS,
    AlertCode.DESTINATION_PROVES_NOTHING: Check.DESTINATION_TRIAL,
    AlertCode.SPOOL_FULL: Check.DISK_ROOM,
    AlertCode.DISK_FAILED: Check.FILE_SYSTEM,
    AlertCode.DISK_NOT_ENCRYPTED: Check.DISK_ENCRYPTION,
    AlertCode.DISK_ENCRYPTION_UNSEEN: Check.DISK_ENCRYPTION,
    AlertCode.DOCK_NOT_FIT: Check.ALERTS,  # which follows from these checks itself
    AlertCode.ONE_KEEPER: Check.CONFIGURATION,
    AlertCode.ERASE_ONE_DISK: Check.CONFIGURATION,
}
"""Whose business an alert of the dock is; the others are about cameras, clips and what was done."""


class Result(StrEnum):
    """What came of a check. One that could not look is never "ok"."""

    OK = "ok"
    WARNING = "warning"
    ERROR = "error"
    NOT_LOOKED_AT = "not-looked-at"


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One result of a check. Its texts are visible and of limited length: some quote what is outside.

    `subject` is what of several was looked at: a destination, a disk, a port; "" where there is one. `means`
    says what follows, `remedy` what to type or do next; both are empty where all is well.
    """

    check: Check
    result: Result
    seen: str
    subject: str = ""
    means: str = ""
    remedy: str = ""

    def __post_init__(self) -> None:
        """Make all texts fit to be shown, and say something to type for every problem."""
        if self.result is not Result.OK and not self.remedy.strip():
            object.__setattr__(self, "remedy", _LOOK)
        object.__setattr__(self, "remedy", with_sudo(self.remedy))
        for name in ("seen", "subject", "means", "remedy"):
            lines = " ".join(str(getattr(self, name)).split())
            object.__setattr__(self, name, shortened(visible(lines), _MOST))


def ok(check: Check, seen: str, *, subject: str = "") -> Finding:
    """Return that all is well, by what was seen."""
    return Finding(check=check, result=Result.OK, seen=seen, subject=subject)


def warning(check: Check, seen: str, means: str, remedy: str, *, subject: str = "") -> Finding:
    """Return what can wait until morning."""
    return Finding(check=check, result=Result.WARNING, seen=seen, means=means, remedy=remedy, subject=subject)


def error(check: Check, seen: str, means: str, remedy: str, *, subject: str = "") -> Finding:
    """Return what cannot wait: the dock is not fit for the shift."""
    return Finding(check=check, result=Result.ERROR, seen=seen, means=means, remedy=remedy, subject=subject)


def unseen(check: Check, why: str, remedy: str, *, subject: str = "") -> Finding:
    """Return that nothing was looked at, and why."""
    return Finding(
        check=check,
        result=Result.NOT_LOOKED_AT,
        seen=f"{NOT_LOOKED_AT}{why}",
        means="Nothing is known of it.",
        remedy=remedy,
        subject=subject,
    )


def of_alerts(check: Check, alerts: Iterable[Alert], *, well: str, subject: str = "") -> Iterator[Finding]:
    """Return alerts of the dock as results of a check; if there is none, that all is well.

    Args:
        check: which one.
        alerts: those that are its business; an alert says itself what it means.
        well: what was seen where there is none.
        subject: of the check.
    """
    found = list(alerts)
    for alert in found:
        make = error if alert.severity is Severity.ERROR else warning
        yield make(check, alert.message, f"It is the alert {alert.code}.", alert.remedy, subject=subject)
    if not found:
        yield ok(check, well, subject=subject)


def about(check: Check, alerts: Iterable[Alert]) -> list[Alert]:
    """Return the alerts that are the business of a check."""
    return [alert for alert in alerts if CHECK_OF.get(alert.code) is check]


_OF_PACKAGE = frozenset(
    {
        Check.DAEMON,
        Check.UNITS,
        Check.MOUNTER,
        Check.SIGNER,
        Check.STATE_DIRECTORY,
        Check.OPERATORS,
        Check.UDEV_RULES,
    }
)
"""What is wrong wherever the package is not installed, or was removed."""
_UNIT_OF = {
    Check.DAEMON: "bwvdock.service",
    Check.MOUNTER: "bwvdock-mounter.socket",
    Check.SIGNER: "bwvdock-signer.socket",
}
"""What does not answer where its unit is not at work."""


def causes(findings: Sequence[Finding]) -> Sequence[Finding | None]:
    """Return of each finding the error that it follows from; None for what is wrong, or well, by itself."""
    errors = [finding for finding in findings if finding.result is Result.ERROR]
    no_user = next((one for one in errors if one.check is Check.SERVICE_USER), None)
    rules = {finding.result for finding in findings if finding.check is Check.UDEV_RULES}
    package = no_user if rules == {Result.ERROR} else None
    units = {finding.subject: finding for finding in errors if finding.check is Check.UNITS}

    def cause(finding: Finding) -> Finding | None:
        if finding.result is not Result.ERROR:
            return None
        if package is not None and finding.check in _OF_PACKAGE:
            return package
        return units.get(_UNIT_OF.get(finding.check, ""))

    return [cause(finding) for finding in findings]


def is_fit(findings: Collection[Finding]) -> bool:
    """Return whether nothing wrong was found that cannot wait."""
    return not any(finding.result is Result.ERROR for finding in findings)


def ids_of(findings: Iterable[Finding], result: Result) -> Sequence[str]:
    """Return the ids of the checks with a result, each once, in order."""
    return tuple(dict.fromkeys(str(finding.check) for finding in findings if finding.result is result))
