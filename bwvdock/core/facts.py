"""Everything that can have happened: a closed union of frozen values.

A Fact is an observation, made outside and recorded once. Its fields are what the journal entry
holds; a field declared with `personal()` stands in the entry only as a salted commitment (see
core/custody.py), because a person or a place can be read from it.

Left out here: which fact is allowed when (lifecycle.py) and how it becomes bytes (custody.py).

Units: sizes in bytes, times of the camera in nanoseconds since 1970 as its file system gives
them, digests as lower-case hexadecimal SHA-256.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any, ClassVar, get_args


def personal() -> Any:  # noqa: ANN401 - stands where any field type does, as dataclasses.field itself
    """Mark a field as personal data: committed to in the entry, its value kept beside it."""
    return field(metadata={"personal": True})


def personal_fields(kind: type) -> frozenset[str]:
    """Give the names of a fact type's (or part type's) personal fields."""
    return frozenset(f.name for f in fields(kind) if f.metadata.get("personal"))


@dataclass(frozen=True, kw_only=True, slots=True)
class SourceFile:
    """One file as the camera shows it: footage, or a sidecar that belongs to footage.

    `path` is the escaped path from the root of the volume (core/names.py: printable and
    reversible). `fingerprint` is the SHA-256 of its first and last 64 KiB, or "" where the
    transport cannot read from the middle.
    """

    path: str = personal()
    size: int
    mtime_ns: int
    fingerprint: str
    volume: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class AcquiredPart:
    """One file of a clip as it stands in the spool: part 0 is the footage, the others its sidecars.

    `pieces` are the SHA-256 digests of the file's consecutive 16 MiB pieces.
    `resumed_at` is the length of the prefix that an earlier docking had left and that was not
    read from the camera again; `read_bytes` is what was read from it this time.
    """

    size: int
    sha256: str
    pieces: tuple[str, ...]
    resumed_at: int = 0
    read_bytes: int = 0


# --- the dock itself ---------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, slots=True)
class DockStarted:
    """The daemon came up: which software, on which SQLite, with which configuration."""

    kind: ClassVar[str] = "dock_started"
    dock: str
    version: str
    sqlite_version: str
    config_sha256: str


@dataclass(frozen=True, kw_only=True, slots=True)
class DockStopped:
    """The daemon went down in an orderly way."""

    kind: ClassVar[str] = "dock_stopped"


@dataclass(frozen=True, kw_only=True, slots=True)
class DockPaused:
    """An operator stopped the taking and uploading of footage."""

    kind: ClassVar[str] = "dock_paused"
    actor: str = personal()


@dataclass(frozen=True, kw_only=True, slots=True)
class DockResumed:
    """An operator let it go on."""

    kind: ClassVar[str] = "dock_resumed"
    actor: str = personal()


@dataclass(frozen=True, kw_only=True, slots=True)
class CameraEnrolled:
    """An operator admitted a camera to this dock."""

    kind: ClassVar[str] = "camera_enrolled"
    camera: str = personal()
    model: str
    actor: str = personal()


@dataclass(frozen=True, kw_only=True, slots=True)
class CameraRevoked:
    """An operator took a camera's admission away."""

    kind: ClassVar[str] = "camera_revoked"
    camera: str = personal()
    reason: str
    actor: str = personal()


# --- one docking -------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, slots=True)
class CameraAttached:
    """A camera was docked: this begins a docking."""

    kind: ClassVar[str] = "camera_attached"
    docking: str
    camera: str = personal()
    bay: str
    transport: str
    usb: str = ""
    model: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class CameraAuthorised:
    """The camera may be listed and read. `rule` says which admission rule let it in."""

    kind: ClassVar[str] = "camera_authorised"
    docking: str
    rule: str


@dataclass(frozen=True, kw_only=True, slots=True)
class CameraRefused:
    """The camera is not listed and not opened."""

    kind: ClassVar[str] = "camera_refused"
    docking: str
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class UnlockIntended:
    """Written before the camera is sent what `profile` says, so that it shows its disk."""

    kind: ClassVar[str] = "unlock_intended"
    docking: str
    profile: str
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class UnlockEnded:
    """The camera took all of it, and comes back as a disk, in another docking; or `failure` says why not."""

    kind: ClassVar[str] = "unlock_ended"
    docking: str
    profile: str
    failure: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class CameraIdentified:
    """An opened camera said who it is. `serial` is what it says inside its own protocol."""

    kind: ClassVar[str] = "camera_identified"
    docking: str
    manufacturer: str
    model: str
    version: str
    serial: str = personal()


@dataclass(frozen=True, kw_only=True, slots=True)
class CameraClockRead:
    """The camera's clock was read before anything could set it.

    `raw` is as it came, `offset_ms` how far it was ahead of the dock's clock (0 where `understood` is
    false), `uncertainty_ms` the time the reading took and the second that the clock does not show.
    A camera's clock has no zone: it was taken as UTC. `dock_synchronised`: whether the dock's own
    clock was.
    """

    kind: ClassVar[str] = "camera_clock_read"
    docking: str
    source: str
    raw: str
    understood: bool
    offset_ms: int
    uncertainty_ms: int
    dock_synchronised: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class CameraListed:
    """A volume was listed whole, and the camera was proven to be there after the listing.

    seen = new + already_held + not_ready + unreadable + refused. `listing_sha256` is the digest of
    the canonical listing, so that two dockings of an unchanged camera can be compared.
    """

    kind: ClassVar[str] = "camera_listed"
    docking: str
    volume: str
    profile: str
    seen: int
    new: int
    already_held: int
    not_ready: int
    unreadable: int
    refused: int
    listing_sha256: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ClipSkipped:
    """A clip of this docking could not be taken now; the camera still has it."""

    kind: ClassVar[str] = "clip_skipped"
    docking: str
    clip: str
    outcome: str
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class CameraSettled:
    """Nothing more is to be read from the camera: it is safe to remove."""

    kind: ClassVar[str] = "camera_settled"
    docking: str


@dataclass(frozen=True, kw_only=True, slots=True)
class CameraDetached:
    """The camera left its bay: this ends a docking. `residual` clips had been seen, not settled."""

    kind: ClassVar[str] = "camera_detached"
    docking: str
    reason: str
    residual: int
    complete: bool


# --- one clip ----------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, slots=True)
class ClipFound:
    """A clip that this dock has never held stands on a camera. `files[0]` is the footage."""

    kind: ClassVar[str] = "clip_found"
    clip: str
    docking: str
    camera: str = personal()
    files: tuple[SourceFile, ...]
    marked: bool = False
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class CopyIntended:
    """Written before the spool file exists: no file in the spool is without its entry."""

    kind: ClassVar[str] = "copy_intended"
    clip: str
    docking: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ClipAcquired:
    """A durable copy stands in the spool, was read back from the disk, and these are its digests."""

    kind: ClassVar[str] = "clip_acquired"
    clip: str
    docking: str
    parts: tuple[AcquiredPart, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class ClipUploaded:
    """A destination holds all bytes; `awaiting` names the required ones that do not yet."""

    kind: ClassVar[str] = "clip_uploaded"
    clip: str
    destination: str
    object: str
    awaiting: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class ClipVerified:
    """A destination's copy was proven, by `method`, to have the digest taken at ingest."""

    kind: ClassVar[str] = "clip_verified"
    clip: str
    destination: str
    object: str
    version: str
    sha256: str
    method: str
    awaiting: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class ReleaseIntended:
    """Written before the camera's copy is erased: the one act that cannot be undone."""

    kind: ClassVar[str] = "release_intended"
    clip: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ClipReleased:
    """The camera's copy is gone, or is left there because the policy never erases."""

    kind: ClassVar[str] = "clip_released"
    clip: str
    kept: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class ClipRetired:
    """The spool's copy is gone; the journal remembers for ever."""

    kind: ClassVar[str] = "clip_retired"
    clip: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ClipQuarantined:
    """Something does not add up; nothing moves until a person leads the clip out."""

    kind: ClassVar[str] = "clip_quarantined"
    clip: str
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ClipRecalled:
    """An operator wants the clip copied from its camera again."""

    kind: ClassVar[str] = "clip_recalled"
    clip: str
    actor: str = personal()


@dataclass(frozen=True, kw_only=True, slots=True)
class ClipRetried:
    """An operator wants the spool's copy, which is whole, brought to its destinations again."""

    kind: ClassVar[str] = "clip_retried"
    clip: str
    actor: str = personal()


ClipFact = (
    ClipFound
    | CopyIntended
    | ClipAcquired
    | ClipUploaded
    | ClipVerified
    | ReleaseIntended
    | ClipReleased
    | ClipRetired
    | ClipQuarantined
    | ClipRecalled
    | ClipRetried
)
DockingFact = (
    CameraAttached
    | CameraAuthorised
    | CameraRefused
    | UnlockIntended
    | UnlockEnded
    | CameraIdentified
    | CameraClockRead
    | CameraListed
    | ClipSkipped
    | CameraSettled
    | CameraDetached
)
DockFact = DockStarted | DockStopped | DockPaused | DockResumed | CameraEnrolled | CameraRevoked
Fact = ClipFact | DockingFact | DockFact

CLIP_FACTS: tuple[type[ClipFact], ...] = get_args(ClipFact)
DOCKING_FACTS: tuple[type[DockingFact], ...] = get_args(DockingFact)
DOCK_FACTS: tuple[type[DockFact], ...] = get_args(DockFact)
FACT_TYPES: dict[str, type[Fact]] = {t.kind: t for t in (*CLIP_FACTS, *DOCKING_FACTS, *DOCK_FACTS)}
