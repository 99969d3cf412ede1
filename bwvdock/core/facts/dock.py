"""What can have happened to the dock itself, and to the admission of cameras?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from bwvdock.core.facts.visibility.personal import FREE_TEXT, personal


@dataclass(frozen=True, kw_only=True, slots=True)
class DockStarted:
    """The daemon started: which software, SQLite, configuration and clock.

    `clock_source` is the time service in use ("": none), `clock_error_ms` the kernel's estimate of the
    clock's error, `clock_most_ms` the maximum error; -1: unknown. Each entry says itself whether the clock
    was synchronised.
    """

    kind: ClassVar[str] = "dock_started"
    dock: str
    version: str
    sqlite_version: str
    config_sha256: str
    clock_source: str = ""
    clock_error_ms: int = -1
    clock_most_ms: int = -1


@dataclass(frozen=True, kw_only=True, slots=True)
class DockInitialised:
    """An operator made what a dock needs: its journal, or vaults; `bwvdock init`.

    `vaults` are the destinations whose vaults were to be made or joined. `reason` is given where something
    was lost: `found` says what was found of the dock before, `lost_journal` is that journal's id, if known.
    """

    kind: ClassVar[str] = "dock_initialised"
    dock: str
    version: str
    vaults: tuple[str, ...] = ()
    reason: str = personal(since=FREE_TEXT, optional=True)
    found: tuple[str, ...] = ()
    lost_journal: str = ""
    actor: str = personal()


@dataclass(frozen=True, kw_only=True, slots=True)
class DockClockSeen:
    """The dock's time source was checked: once a day, and when it had changed.

    The fields are those of DockStarted; `stepped_ms` is how far the clock jumped since the last check, by the
    clock since boot, forwards or (negative) back; 0: it did not.
    """

    kind: ClassVar[str] = "dock_clock_seen"
    source: str
    synchronised: bool
    error_ms: int
    most_ms: int
    stepped_ms: int


@dataclass(frozen=True, kw_only=True, slots=True)
class DockChecked:
    """The dock checked its own installation: after each start, once a day, and when the result had changed.

    `fit`: no check found an error. `errors` and `warnings` are the ids of the checks that found some,
    `unseen` those of checks that could not look, as at what only root sees. docs/reference/doctor.md has all.
    """

    kind: ClassVar[str] = "dock_checked"
    fit: bool
    errors: tuple[str, ...]
    warnings: tuple[str, ...]
    unseen: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class DockStopped:
    """The daemon shut down cleanly."""

    kind: ClassVar[str] = "dock_stopped"


@dataclass(frozen=True, kw_only=True, slots=True)
class UncleanStart:
    """The dock did not stop by itself before this start: recorded beside it, with what the journal last said.

    The journal has no `dock_stopped` since the start at `started_at`; its last entry before this start was
    written at `last_entry_at`. What was not in the journal by then is not known from it.
    """

    kind: ClassVar[str] = "unclean_start"
    started_at: str
    last_entry_at: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ConfigReloaded:
    """The running dock read its configuration file again and uses it: recorded at each such reload.

    `config_sha256` is the digest of the file as read. `waits` names the parts that are used only after the
    next start.
    """

    kind: ClassVar[str] = "config_reloaded"
    config_sha256: str
    waits: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class DockPaused:
    """An operator paused copying and uploading."""

    kind: ClassVar[str] = "dock_paused"
    actor: str = personal()


@dataclass(frozen=True, kw_only=True, slots=True)
class DockResumed:
    """An operator resumed copying and uploading."""

    kind: ClassVar[str] = "dock_resumed"
    actor: str = personal()


@dataclass(frozen=True, kw_only=True, slots=True)
class CameraEnrolled:
    """An operator admitted a camera to this dock. `model` is what they call it, "" for nothing.

    `unit` is the borough, team or other unit that it belongs to, "" where none was named.
    """

    kind: ClassVar[str] = "camera_enrolled"
    camera: str = personal()
    model: str = personal(since=FREE_TEXT, optional=True)
    actor: str = personal()
    unit: str = personal(optional=True)


@dataclass(frozen=True, kw_only=True, slots=True)
class CameraRevoked:
    """An operator withdrew a camera's admission."""

    kind: ClassVar[str] = "camera_revoked"
    camera: str = personal()
    reason: str = personal(since=FREE_TEXT)
    actor: str = personal()


@dataclass(frozen=True, kw_only=True, slots=True)
class RefusalsCounted:
    """So many times, within so many minutes, a camera that nobody enrolled was refused; no entry says more.

    `cameras` are the serials of the first of them, in the order of their coming.
    """

    kind: ClassVar[str] = "refusals_counted"
    count: int
    minutes: int
    cameras: str = personal()


@dataclass(frozen=True, kw_only=True, slots=True)
class DestinationAssessed:
    """It was tested what a destination's acknowledgement proves.

    `method` is how copies there are proven ("" if nothing proves them), `words` what was tried and what the
    store answered, `object_lock` whether it was proven to lock objects.
    """

    kind: ClassVar[str] = "destination_assessed"
    destination: str
    method: str
    words: str
    object_lock: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class FootageConsulted:
    """A person was shown who is linked to footage: recorded before it is shown; `command` says how.

    `clips` are the clips that were asked for by their ids; a search for clips names none. `request` is the
    request that it was for.
    """

    kind: ClassVar[str] = "footage_consulted"
    command: str
    subject: str = personal()
    reason: str = personal()
    actor: str = personal()
    clips: tuple[str, ...] = ()
    request: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class FootageExported:
    """A person exported clips: recorded when the package was complete, before the command ended.

    `tagmanifest_sha256` is the digest of the BagIt package's tagmanifest-sha256.txt, which covers its files.
    `request` is the request that it was for.
    """

    kind: ClassVar[str] = "footage_exported"
    clips: tuple[str, ...]
    tagmanifest_sha256: str
    reason: str = personal()
    actor: str = personal()
    request: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class ValuesErased:
    """An operator erased personal values: the entries that commit to them are unchanged.

    `field` is the one that the values were in, `commitments` are theirs; `basis` is the law or order that
    requires it. Many values make several such entries.
    """

    kind: ClassVar[str] = "values_erased"
    field: str
    commitments: tuple[str, ...]
    basis: str = personal()
    reason: str = personal(optional=True)
    actor: str = personal()


@dataclass(frozen=True, kw_only=True, slots=True)
class JournalVerified:
    """The journal, and what it speaks of, was verified; `since` is the first entry that was read.

    `copies` of files, and `documents`, were compared with their hashes. `problems` counts what was found, of
    the kinds `codes`; `errors` is how many things could not be read. It took `seconds`.
    """

    kind: ClassVar[str] = "journal_verified"
    entries: int
    since: int
    root: str
    copies: int
    documents: int
    problems: int
    codes: tuple[str, ...]
    errors: int
    seconds: int
