"""Which alerts does a dock raise? Each has a code of a closed list, a severity, a message and a remedy."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Self


class Severity(StrEnum):
    """How urgent an alert is: a warning can wait until morning, an error cannot."""

    WARNING = "warning"
    ERROR = "error"


class AlertCode(StrEnum):
    """The codes of all alerts."""

    DAEMON_NOT_RUNNING = "daemon-not-running"
    JOURNAL_LOST = "journal-lost"
    JOURNAL_DAMAGED = "journal-damaged"
    JOURNAL_FULL = "journal-full"
    CUSTODY_FAILED = "custody-failed"
    PAUSED = "paused"
    CLIPS_QUARANTINED = "clips-quarantined"
    CLIPS_UNASSIGNED = "clips-unassigned"
    QUEUE_OLD = "queue-old"
    DESTINATION_UNREACHABLE = "destination-unreachable"
    DESTINATION_DENIED = "destination-denied"
    DESTINATION_PROVES_NOTHING = "destination-proves-nothing"
    CLIPS_REFUSED = "clips-refused"
    CLIPS_PARKED = "clips-parked"
    DOCUMENTS_REFUSED = "documents-refused"
    SPOOL_FULL = "spool-full"
    CAMERA_REFUSED = "camera-refused"
    CAMERA_FAILED = "camera-failed"
    FOLDER_SILENT = "folder-silent"
    CLIPS_SKIPPED = "clips-skipped"
    FILES_UNKNOWN = "files-unknown"
    TIMES_DOUBTFUL = "times-doubtful"
    MARKS_MEANINGLESS = "marks-meaningless"
    CLOCK_NOT_SYNCHRONISED = "clock-not-synchronised"
    MOUNTER_UNAVAILABLE = "mounter-unavailable"
    DISK_FAILED = "disk-failed"
    CONFIG_REJECTED = "config-rejected"
    FOOTAGE_NEAR_LIMIT = "footage-near-limit"
    DISPOSAL_FAILED = "disposal-failed"
    DISPOSAL_WAITS = "disposal-waits"
    CAMERAS_ABSENT = "cameras-absent"
    CLIPS_LOST = "clips-lost"
    ERASE_ONE_DISK = "erase-one-disk"
    ONE_KEEPER = "one-keeper"
    NUMBERS_MISSING = "numbers-missing"


@dataclass(frozen=True, kw_only=True, slots=True)
class Alert:
    """A condition that needs a person's attention. `remedy` says what to type or do."""

    code: AlertCode
    severity: Severity
    message: str
    remedy: str

    @classmethod
    def warning(cls, code: AlertCode, message: str, remedy: str) -> Self:
        """Return an alert that can wait until morning."""
        return cls(code=code, severity=Severity.WARNING, message=message, remedy=remedy)

    @classmethod
    def error(cls, code: AlertCode, message: str, remedy: str) -> Self:
        """Return an alert that cannot wait."""
        return cls(code=code, severity=Severity.ERROR, message=message, remedy=remedy)
