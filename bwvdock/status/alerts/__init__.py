"""Which alerts does a dock raise? Each has a code of a closed list, a severity, a message and a remedy.

The modules of this folder, one for each subject, have the conditions and the texts: the alert
`clips-parked` is made by the function `clips_parked`. They are pure, and are called by `status/live.py`
(with what only the running daemon sees) and `status/report.py` (with everything else).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from bwvdock.core.remedies import with_sudo


class Severity(StrEnum):
    """How urgent an alert is: a warning can wait until morning, an error cannot."""

    WARNING = "warning"
    ERROR = "error"


class AlertCode(StrEnum):
    """The codes of all alerts, each under the module that has its text."""

    # cameras.py
    CAMERA_REFUSED = "camera-refused"
    CAMERA_FAILED = "camera-failed"
    CAMERAS_ABSENT = "cameras-absent"
    FOLDER_SILENT = "folder-silent"
    FOLDER_MISSING = "folder-missing"
    FILES_UNKNOWN = "files-unknown"
    MARKS_MEANINGLESS = "marks-meaningless"
    MARKS_FREQUENT = "marks-frequent"
    CAMERA_SETTINGS_DIFFER = "camera-settings-differ"
    CAMERA_OFFICER_DIFFERS = "camera-officer-differs"
    TIMES_DOUBTFUL = "times-doubtful"
    CLIPS_DUPLICATED = "clips-duplicated"
    CAMERA_DIGEST_DIFFERS = "camera-digest-differs"
    CAMERA_SET_ASIDE = "camera-set-aside"

    # checkout.py
    CAMERA_TAKEN_OTHERWISE = "camera-taken-otherwise"
    BADGES_NOT_READ = "badges-not-read"

    # clips.py
    CLIPS_SKIPPED = "clips-skipped"
    CLIPS_LOST = "clips-lost"
    NUMBERS_MISSING = "numbers-missing"
    CLIPS_UNASSIGNED = "clips-unassigned"
    CLIPS_QUARANTINED = "clips-quarantined"
    CLIPS_RECALLED = "clips-recalled"
    CLIPS_REFUSED = "clips-refused"
    CLIPS_PARKED = "clips-parked"

    # copies.py
    COPY_LOST = "copy-lost"
    COPIES_NOT_ASKED = "copies-not-asked"

    # destinations.py
    DESTINATION_UNREACHABLE = "destination-unreachable"
    DESTINATION_DENIED = "destination-denied"
    DESTINATION_PROVES_NOTHING = "destination-proves-nothing"
    DOCUMENTS_REFUSED = "documents-refused"
    QUEUE_OLD = "queue-old"

    # disks.py
    SPOOL_FULL = "spool-full"
    DISK_FAILED = "disk-failed"
    ERASE_ONE_DISK = "erase-one-disk"
    ONE_KEEPER = "one-keeper"
    DISK_NOT_ENCRYPTED = "disk-not-encrypted"
    DISK_ENCRYPTION_UNSEEN = "disk-encryption-unseen"

    # disposal.py
    FOOTAGE_NEAR_LIMIT = "footage-near-limit"
    DISPOSAL_FAILED = "disposal-failed"
    DISPOSAL_WAITS = "disposal-waits"
    FOOTAGE_DUE = "footage-due"
    CONSULTED_DUE = "consulted-due"

    # dock.py
    DAEMON_NOT_RUNNING = "daemon-not-running"
    PAUSED = "paused"
    CONFIG_REJECTED = "config-rejected"
    CONFIG_PENDING = "config-pending"
    DOCK_NOT_FIT = "dock-not-fit"
    CLOCK_NOT_SYNCHRONISED = "clock-not-synchronised"
    MOUNTER_UNAVAILABLE = "mounter-unavailable"
    NOTIFY_FAILING = "notify-failing"
    FEED_BEHIND = "feed-behind"
    LIGHT_FAILING = "light-failing"

    # holds.py
    HOLD_REVIEW = "hold-review"
    REQUEST_DUE = "request-due"

    # journal.py
    JOURNAL_LOST = "journal-lost"
    JOURNAL_DAMAGED = "journal-damaged"
    JOURNAL_FULL = "journal-full"
    CUSTODY_FAILED = "custody-failed"
    CUSTODY_NOT_VERIFIED = "custody-not-verified"
    FILES_UNACCOUNTED = "files-unaccounted"
    CHECKPOINTS_NOT_SIGNED = "checkpoints-not-signed"
    SIGNER_FORGOT = "signer-forgot"
    LOG_KEY_NEW = "log-key-new"
    JOURNAL_NOT_AS_WITNESSED = "journal-not-as-witnessed"
    WITNESS_SILENT = "witness-silent"
    CHECKPOINTS_NOT_STAMPED = "checkpoints-not-stamped"
    JOURNAL_ENDED = "journal-ended"
    BACKUP_OLD = "backup-old"


@dataclass(frozen=True, kw_only=True, slots=True)
class Alert:
    """A condition that needs a person's attention. `remedy` says what to type or do.

    `subject` is what it is about, where one code has an alert for each of several: a camera's serial, a
    destination's name.
    """

    code: AlertCode
    severity: Severity
    message: str
    remedy: str
    subject: str = ""

    def __post_init__(self) -> None:
        """Put sudo before the commands of the remedy that need root."""
        object.__setattr__(self, "remedy", with_sudo(self.remedy))

    @classmethod
    def warning(cls, code: AlertCode, message: str, remedy: str, *, subject: str = "") -> Self:
        """Return an alert that can wait until morning."""
        return cls(code=code, severity=Severity.WARNING, message=message, remedy=remedy, subject=subject)

    @classmethod
    def error(cls, code: AlertCode, message: str, remedy: str, *, subject: str = "") -> Self:
        """Return an alert that cannot wait."""
        return cls(code=code, severity=Severity.ERROR, message=message, remedy=remedy, subject=subject)
