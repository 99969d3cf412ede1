"""What can have happened to a clip on its way into, and out of, the dock?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from bwvdock.core.facts.visibility.personal import personal


@dataclass(frozen=True, kw_only=True, slots=True)
class SourceFile:
    """One file as the camera shows it: footage, or a sidecar that belongs to footage.

    `path` is the escaped path from the root of the volume (core/media/names.py: printable and
    reversible). `fingerprint` is the SHA-256 of its first and last 64 KiB, or "" where the
    transport cannot read from the middle. `extension` is what the dock keeps of the file's name
    (core/media/part_names.py), "" in entries of earlier versions.
    """

    path: str = personal()
    size: int
    mtime_ns: int
    fingerprint: str
    volume: str = ""
    extension: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class AcquiredPart:
    """One file of a clip in the spool: part 0 is the footage, the others are its sidecars.

    `pieces` are the SHA-256 digests of the file's consecutive 16 MiB pieces.
    `resumed_at` is the length of the prefix that was kept from an earlier docking and not read again;
    `read_bytes` is what was read from the camera this time.
    """

    size: int
    sha256: str
    pieces: tuple[str, ...]
    resumed_at: int = 0
    read_bytes: int = 0


BY_VOLUME, BY_CONTENT = "volume", "content"


@dataclass(frozen=True, kw_only=True, slots=True)
class ClipFound:
    """A clip that this dock has never copied is on a camera. `files[0]` is the footage.

    `times` is what its file's time is: "utc", "local" or "zoned" ("" in entries of earlier versions, which
    took every time as UTC).
    `known_by` says what identifies its files (core/clips/identity.py): "volume", or "content" where their
    ends were read; "volume" in entries of earlier versions, which do not have the field.
    """

    kind: ClassVar[str] = "clip_found"
    clip: str
    docking: str
    camera: str = personal()
    files: tuple[SourceFile, ...]
    marked: bool = False
    notes: tuple[str, ...] = ()
    times: str = ""
    known_by: str = BY_VOLUME


@dataclass(frozen=True, kw_only=True, slots=True)
class CopyIntended:
    """Written before the spool file exists: no file in the spool is without its entry."""

    kind: ClassVar[str] = "copy_intended"
    clip: str
    docking: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ClipAcquired:
    """A durable copy is in the spool; these are the digests of what came from the camera.

    The copy was read back from the disk and compared: by SHA-256 in earlier versions, now by XXH3 (128 bits).
    `header_s` is the time of recording in its movie header (seconds since 1970; 0: none), `length_ms` the
    length there.
    """

    kind: ClassVar[str] = "clip_acquired"
    clip: str
    docking: str
    parts: tuple[AcquiredPart, ...]
    notes: tuple[str, ...] = ()
    header_s: int = 0
    length_ms: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class ReleaseIntended:
    """Written before the camera's copy is erased: the one act that cannot be undone."""

    kind: ClassVar[str] = "release_intended"
    clip: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ClipReleased:
    """The camera's copy was erased, or was left there because the policy never erases."""

    kind: ClassVar[str] = "clip_released"
    clip: str
    kept: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class ClipRetired:
    """The spool's copy was removed; the journal keeps its entries."""

    kind: ClassVar[str] = "clip_retired"
    clip: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ClipQuarantined:
    """A check failed; no store gets the clip until a person releases it, or it is copied again.

    `place` names the destination at which that was noticed: what is there is in doubt. "" where it was
    noticed elsewhere, and in entries of earlier versions.
    """

    kind: ClassVar[str] = "clip_quarantined"
    clip: str
    reason: str
    place: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class ClipRecalled:
    """The clip is to be copied from its camera again: an operator wants it, or the spool's copy is bad.

    `actor` is "" where the dock did it by itself, because the spool's copy no longer matched and no required
    store had proven another.
    """

    kind: ClassVar[str] = "clip_recalled"
    clip: str
    actor: str = personal()


@dataclass(frozen=True, kw_only=True, slots=True)
class ClipRetried:
    """An operator wants the spool's copy, which was checked, uploaded to its destinations again."""

    kind: ClassVar[str] = "clip_retried"
    clip: str
    actor: str = personal()
