"""Everything that can have happened: a closed union of frozen values.

A Fact is an observation, made outside and recorded once. Its fields are those of the journal entry; a field
declared with `personal()` is in the entry only as a salted commitment (see core/custody/merkle.py), because
it may identify a person or a place. So is whatever a person typed in their own words. A sentence that the
dock writes itself quotes neither.

The facts are grouped by subject: dock.py, docking.py, clip.py, comparing.py, delivery.py, holdings.py,
marks.py, classes.py, attribution.py, holds.py, events.py, disclosure.py, witnessing.py.

core/clips/lifecycle.py says which fact is allowed when; core/custody/entries.py turns it into bytes.

Units: sizes in bytes, times of the camera in nanoseconds since 1970 as its file system gives
them, digests as lower-case hexadecimal SHA-256.
"""

from __future__ import annotations

from typing import get_args

from bwvdock.core.facts.attribution import (
    CameraAssigned,
    CameraCheckedOut,
    CameraReturned,
    CameraTakenOtherwise,
    ClipAttributed,
    ClipDated,
    ClipDisposed,
    DisposalIntended,
)
from bwvdock.core.facts.backup import BackupMade, JournalTakenUp
from bwvdock.core.facts.classes import (
    BY_EVENT,
    BY_PERSON,
    BY_UNIT,
    ClipClassified,
    ClipRestored,
    CopyWithdrawn,
    DisposalNoticed,
    RestoreIntended,
)
from bwvdock.core.facts.clip import (
    AcquiredPart,
    ClipAcquired,
    ClipFound,
    ClipQuarantined,
    ClipRecalled,
    ClipReleased,
    ClipRetired,
    ClipRetried,
    CopyIntended,
    ReleaseIntended,
    SourceFile,
)
from bwvdock.core.facts.comparing import CameraDigestCompared, DigestCompared
from bwvdock.core.facts.delivery import (
    ClipDescribed,
    ClipUploaded,
    ClipVerified,
    DeliveryRefused,
    DeliveryResumed,
    DocumentRefused,
    StoreBack,
    StoreLost,
    UploadAttempts,
    VerifiedAgain,
)
from bwvdock.core.facts.disclosure import FootageDisclosed, SampleDrawn
from bwvdock.core.facts.dock import (
    CameraEnrolled,
    CameraRevoked,
    ConfigReloaded,
    DestinationAssessed,
    DockChecked,
    DockClockSeen,
    DockInitialised,
    DockPaused,
    DockResumed,
    DockStarted,
    DockStopped,
    FootageConsulted,
    FootageExported,
    JournalVerified,
    RefusalsCounted,
    UncleanStart,
    ValuesErased,
)
from bwvdock.core.facts.docking import (
    CameraAttached,
    CameraAuthorised,
    CameraBatteryRead,
    CameraClockRead,
    CameraDetached,
    CameraIdentified,
    CameraListed,
    CameraOfficerDiffers,
    CameraRefused,
    CameraRelisted,
    CameraSettled,
    ClipSkipped,
    ClockSetEnded,
    ClockSetIntended,
    FilesLeft,
    LeftFile,
    UnlockEnded,
    UnlockIntended,
)
from bwvdock.core.facts.events import (
    ClipMatched,
    EventMatch,
    EventRecorded,
    EventsMatched,
    SentOfficer,
    SentUnit,
)
from bwvdock.core.facts.holdings import (
    ClipRetrieved,
    CopiesAsked,
    CopiesDrawn,
    LossClosed,
    VerificationFailed,
)
from bwvdock.core.facts.holds import (
    ClipHoldExcepted,
    ClipHoldMatched,
    ClipHoldOver,
    HoldEnded,
    HoldOpened,
    RequestClosed,
    RequestCorrected,
    RequestOpened,
)
from bwvdock.core.facts.marks import (
    AttributionDisputed,
    AttributionUpheld,
    ClipFlagged,
    ClipHeld,
    ClipHurried,
    ClipUnflagged,
    ClipUnheld,
)
from bwvdock.core.facts.visibility.personal import (
    FREE_TEXT,
    LATEST,
    optional_fields,
    personal,
    personal_fields,
)
from bwvdock.core.facts.witnessing import (
    JournalAsWitnessed,
    JournalNotAsWitnessed,
    JournalSucceeded,
    LogKeyNew,
    SignerForgot,
)

ClipFact = (
    ClipFound
    | CopyIntended
    | ClipAcquired
    | ClipUploaded
    | ClipVerified
    | ClipDescribed
    | DocumentRefused
    | DeliveryRefused
    | DeliveryResumed
    | ClipDated
    | ClipAttributed
    | AttributionDisputed
    | AttributionUpheld
    | ClipFlagged
    | ClipUnflagged
    | ClipHeld
    | ClipUnheld
    | ClipHoldMatched
    | ClipHoldOver
    | ClipHoldExcepted
    | ClipHurried
    | ClipMatched
    | ClipClassified
    | DisposalNoticed
    | DisposalIntended
    | CopyWithdrawn
    | RestoreIntended
    | ClipRestored
    | ClipDisposed
    | ReleaseIntended
    | ClipReleased
    | ClipRetired
    | ClipQuarantined
    | ClipRecalled
    | ClipRetried
    | UploadAttempts
    | VerifiedAgain
    | CameraDigestCompared
    | VerificationFailed
    | LossClosed
    | ClipRetrieved
)
DockingFact = (
    CameraAttached
    | CameraAuthorised
    | CameraRefused
    | UnlockIntended
    | UnlockEnded
    | CameraIdentified
    | CameraClockRead
    | CameraBatteryRead
    | ClockSetIntended
    | ClockSetEnded
    | CameraOfficerDiffers
    | CameraListed
    | CameraRelisted
    | FilesLeft
    | ClipSkipped
    | CameraSettled
    | CameraDetached
)
DockFact = (
    DockStarted
    | DockInitialised
    | DockChecked
    | DockClockSeen
    | DockStopped
    | DockPaused
    | DockResumed
    | CameraEnrolled
    | CameraRevoked
    | RefusalsCounted
    | DestinationAssessed
    | CameraAssigned
    | CameraCheckedOut
    | CameraReturned
    | CameraTakenOtherwise
    | FootageConsulted
    | FootageExported
    | FootageDisclosed
    | SampleDrawn
    | ConfigReloaded
    | UncleanStart
    | StoreLost
    | StoreBack
    | ValuesErased
    | JournalVerified
    | JournalNotAsWitnessed
    | JournalAsWitnessed
    | JournalSucceeded
    | LogKeyNew
    | SignerForgot
    | BackupMade
    | JournalTakenUp
    | EventRecorded
    | EventsMatched
    | CopiesDrawn
    | HoldOpened
    | HoldEnded
    | RequestOpened
    | RequestCorrected
    | RequestClosed
    | CopiesAsked
)
Fact = ClipFact | DockingFact | DockFact

CLIP_FACTS: tuple[type[ClipFact], ...] = get_args(ClipFact)
DOCKING_FACTS: tuple[type[DockingFact], ...] = get_args(DockingFact)
DOCK_FACTS: tuple[type[DockFact], ...] = get_args(DockFact)
FACT_TYPES: dict[str, type[Fact]] = {t.kind: t for t in (*CLIP_FACTS, *DOCKING_FACTS, *DOCK_FACTS)}

__all__ = [
    "BY_EVENT",
    "BY_PERSON",
    "BY_UNIT",
    "CLIP_FACTS",
    "DOCKING_FACTS",
    "DOCK_FACTS",
    "FACT_TYPES",
    "FREE_TEXT",
    "LATEST",
    "AcquiredPart",
    "AttributionDisputed",
    "AttributionUpheld",
    "BackupMade",
    "CameraAssigned",
    "CameraAttached",
    "CameraAuthorised",
    "CameraBatteryRead",
    "CameraCheckedOut",
    "CameraClockRead",
    "CameraDetached",
    "CameraDigestCompared",
    "CameraEnrolled",
    "CameraIdentified",
    "CameraListed",
    "CameraOfficerDiffers",
    "CameraRefused",
    "CameraRelisted",
    "CameraReturned",
    "CameraRevoked",
    "CameraSettled",
    "CameraTakenOtherwise",
    "ClipAcquired",
    "ClipAttributed",
    "ClipClassified",
    "ClipDated",
    "ClipDescribed",
    "ClipDisposed",
    "ClipFact",
    "ClipFlagged",
    "ClipFound",
    "ClipHeld",
    "ClipHoldExcepted",
    "ClipHoldMatched",
    "ClipHoldOver",
    "ClipHurried",
    "ClipMatched",
    "ClipQuarantined",
    "ClipRecalled",
    "ClipReleased",
    "ClipRestored",
    "ClipRetired",
    "ClipRetried",
    "ClipRetrieved",
    "ClipSkipped",
    "ClipUnflagged",
    "ClipUnheld",
    "ClipUploaded",
    "ClipVerified",
    "ClockSetEnded",
    "ClockSetIntended",
    "ConfigReloaded",
    "CopiesAsked",
    "CopiesDrawn",
    "CopyIntended",
    "CopyWithdrawn",
    "DeliveryRefused",
    "DeliveryResumed",
    "DestinationAssessed",
    "DigestCompared",
    "DisposalIntended",
    "DisposalNoticed",
    "DockChecked",
    "DockClockSeen",
    "DockFact",
    "DockInitialised",
    "DockPaused",
    "DockResumed",
    "DockStarted",
    "DockStopped",
    "DockingFact",
    "DocumentRefused",
    "EventMatch",
    "EventRecorded",
    "EventsMatched",
    "Fact",
    "FilesLeft",
    "FootageConsulted",
    "FootageDisclosed",
    "FootageExported",
    "HoldEnded",
    "HoldOpened",
    "JournalAsWitnessed",
    "JournalNotAsWitnessed",
    "JournalSucceeded",
    "JournalTakenUp",
    "JournalVerified",
    "LeftFile",
    "LogKeyNew",
    "LossClosed",
    "RefusalsCounted",
    "ReleaseIntended",
    "RequestClosed",
    "RequestCorrected",
    "RequestOpened",
    "RestoreIntended",
    "SampleDrawn",
    "SentOfficer",
    "SentUnit",
    "SignerForgot",
    "SourceFile",
    "StoreBack",
    "StoreLost",
    "UncleanStart",
    "UnlockEnded",
    "UnlockIntended",
    "UploadAttempts",
    "ValuesErased",
    "VerificationFailed",
    "VerifiedAgain",
    "optional_fields",
    "personal",
    "personal_fields",
]
