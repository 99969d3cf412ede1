"""How is a clip stored in a directory vault, and how is its copy there checked?

    VAULT/.bwvdock-vault              says which vault this is
    VAULT/2026/04/30/CLIP.N.mp4       part N of a clip, under the day its id was made (UTC)
    VAULT/withdrawn/2026/04/30/...    what was moved aside when its time was over (withdrawn.py)
    VAULT/checkpoints/LOG.SIZE-DIGEST.txt  a signed checkpoint of a dock's journal

Where vault and spool share a file system a part gets a second name (hard link) or shares its blocks
(reflink); elsewhere it is copied. It is never overwritten. What was disposed of when its time was over
leaves CLIP.tombstone.json.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import stat
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

from bwvdock.core.canonical import canonical
from bwvdock.core.clips.clip import Clip
from bwvdock.core.clips.identity import made_at
from bwvdock.core.clips.proof import Assessment, ProofMethod, Receipt
from bwvdock.core.clips.retention import DisposalPermit, require_permit
from bwvdock.core.media.part_names import part_name, possible_names
from bwvdock.core.ports import FoundPart, Take, TransferControl
from bwvdock.edges import durable, file_copies
from bwvdock.edges.destinations.vault import Vault, VaultRules
from bwvdock.edges.destinations.withdrawn import ASIDE, bring_back, forget, open_folder, path_of, withdraw
from bwvdock.edges.spool import FileSpool, found_name, sha256_of
from bwvdock.errors import DestinationError, DurabilityError, ObjectConflictError

_IN_STATE_DIR = VaultRules(made_at_first_use=True)
_DOCUMENT = ".custody.json"


NOTES = "checkpoints"
"""The folder of the signed checkpoints."""


def note_name(log: str, size: int, note: bytes) -> str:
    """Return the file name of a log's checkpoint, one for every file system, that no other note has.

    A dock that was put back to an earlier state must not replace the note that shows it.
    """
    return f"{quote(log.replace('/', '_'), safe='')}.{size}-{hashlib.sha256(note).hexdigest()[:16]}.txt"


def day_of(clip_id: str) -> str:
    """Return the day, in UTC, on which a clip's id was made: "2026/04/30"."""
    return datetime.fromtimestamp(made_at(clip_id) / 1000, UTC).strftime("%Y/%m/%d")


class DirectoryDestination:
    """The destination port on a directory. May be used from several threads."""

    kind = "directory"

    def __init__(
        self, path: Path, *, name: str, spool: FileSpool, marks: Path, rules: VaultRules = _IN_STATE_DIR
    ) -> None:
        """Describe the vault; nothing is touched yet.

        Args:
            path: the vault's directory.
            name: as the configuration has it.
            spool: where clips come from.
            marks: the directory that remembers, for each vault by name, the mark it must bear.
            rules: who may make it, and where; one in the state directory is made at its first use.
        """
        self.name = name
        self._vault = Vault(path, name=name, marks=marks, rules=rules)
        self._spool = spool
        self._durable_days: set[tuple[int, str]] = set()

    def is_made(self) -> bool:
        """Return whether the dock knows the vault; it is not touched."""
        return self._vault.is_made()

    # --- the port ------------------------------------------------------------------------------

    def store(self, clip: Clip, transfer: TransferControl) -> str:
        """Store every part of a clip in the vault, durably; return the footage's path."""
        with self._vault.open(for_storing=True) as vault, self._vault.translated():
            day = self._open_day(vault, day_of(clip.id))
            try:
                # The footage comes last: if it is there, its sidecars are too.
                for number in reversed(range(len(clip.parts))):
                    self._store_part(clip, number, day, transfer)
                durable.sync_directory(day)
            finally:
                os.close(day)
        return _object(clip)

    def prove(self, clip: Clip, transfer: TransferControl) -> Receipt:
        """Read every part in the vault back from the disk."""
        with self._vault.open() as vault, self._vault.translated():
            found = [_read_part(vault, clip, number, transfer) for number in range(len(clip.parts))]
        for number, part in enumerate(clip.parts[1:], start=1):
            if found[number] != part.sha256:
                raise ObjectConflictError(
                    f"{self._vault.title}: sidecar {part_name(clip, number)} does not match the hash taken "
                    f"at ingest: SHA-256 {found[number]} instead of {part.sha256}",
                    remedy=_look_at(clip),
                )
        return Receipt(
            destination=self.name,
            object=_object(clip),
            version="",
            sha256=found[0],
            method=ProofMethod.READ_BACK,
            words="" if found[0] == clip.sha256 else self._whose(clip),
        )

    def parts_there(self, clip: Clip) -> Sequence[int]:
        """Return all parts: their names follow from the clip."""
        return range(len(clip.parts))

    def read_part(self, clip: Clip, number: int, transfer: TransferControl, take: Take) -> FoundPart | None:
        """Read a part back from the vault's disk."""
        with self._vault.open() as vault, self._vault.translated():
            return _look(vault, clip, number, transfer, take)

    def describe(self, clip: Clip, document: bytes, transfer: TransferControl) -> str:  # noqa: ARG002 - it is small
        """Store the custody document beside the footage, replacing an earlier one."""
        name = document_name(clip)
        with self._vault.open() as vault, self._vault.translated():
            day = self._open_day(vault, day_of(clip.id))
            try:
                durable.replace(day, name, document, mode=0o440)
            finally:
                os.close(day)
        return f"{day_of(clip.id)}/{name}"

    def keep_note(self, log: str, size: int, note: bytes) -> str:
        """Store a signed checkpoint in the vault, beside earlier ones of this log."""
        name = note_name(log, size, note)
        with self._vault.open() as vault, self._vault.translated():
            folder = durable.make_directory(NOTES, below=vault)
            try:
                durable.replace(folder, name, note, mode=0o440)
            finally:
                os.close(folder)
        return f"{NOTES}/{name}"

    def assess(self, transfer: TransferControl) -> Assessment:  # noqa: ARG002 - likewise
        """Return that every part is read back from the disk, once the vault is there and is this dock's."""
        with self._vault.open(for_storing=True):
            pass
        return Assessment(
            method=ProofMethod.READ_BACK, words="a directory: every file is read back from its disk"
        )

    def _name(self, clip: Clip, number: int) -> str:
        """Return what a part is called in the spool, and in the vault after it."""
        return found_name(self._spool.directory, clip, number)

    def _whose(self, clip: Clip) -> str:
        """Return whether the dock's own copy matches, for a copy here that does not."""
        name = self._name(clip, 0)
        try:
            with durable.DiskFile.read(self._spool.directory, name) as own:
                sound = sha256_of(own) == clip.sha256
        except OSError as error:
            return f"the dock's copy ({name} in the spool) cannot be read ({error.strerror})"
        if sound:
            return f"the dock's copy ({name} in the spool) still matches it"
        return f"the dock's copy ({name} in the spool) no longer matches the hash taken at ingest either"

    def probe(self) -> None:
        """Find out whether the vault is there and can be written to."""
        self._vault.probe()

    def dispose(self, clip: Clip, permit: DisposalPermit) -> None:
        """Remove every part of a clip from the vault, durably; a tombstone keeps the digests."""
        require_permit(permit, clip, place=self.name)
        with self._vault.open() as vault, self._vault.translated():
            day = self._open_day(vault, day_of(clip.id))
            try:
                # The tombstone is written before the first part is removed, so that every gap has a reason.
                durable.replace(day, f"{clip.id}.tombstone.json", _tombstone(clip, permit))
                _remove(clip, day)
            finally:
                os.close(day)
            if durable.exists(vault, f"{ASIDE}/{day_of(clip.id)}") is not None:
                aside = open_folder(vault, f"{ASIDE}/{day_of(clip.id)}")
                try:
                    _remove(clip, aside)
                finally:
                    os.close(aside)

    def withdraw(self, clip: Clip, permit: DisposalPermit) -> None:
        """Move every part of a clip aside, durably: it can be restored until it is removed."""
        require_permit(permit, clip, place=self.name)
        with self._vault.open() as vault, self._vault.translated():
            withdraw(vault, _names(clip), day_of(clip.id))

    def restore(self, clip: Clip) -> None:
        """Move every part of a clip back, durably, and read it."""
        with self._vault.open() as vault, self._vault.translated():
            day = day_of(clip.id)
            bring_back(vault, _names(clip), day)
            for number, part in enumerate(clip.parts):
                found = _read(vault, path_of(vault, clip, number, day=day), clip)
                if found != part.sha256:
                    raise ObjectConflictError(
                        f"{self._vault.title}: {part_name(clip, number)} is back, and does not match "
                        f"the hash taken at ingest: SHA-256 {found} instead of {part.sha256}",
                        remedy=_look_at(clip),
                    )
            forget(vault, _names(clip), day)

    def _open_day(self, vault: int, day: str) -> int:
        """Open the directory of a day; it is durable with all that lead to it."""
        known = (os.fstat(vault).st_dev, day)
        if known not in self._durable_days:
            made = _make_day(vault, day)
            self._durable_days.add(known)
            return made
        with contextlib.suppress(FileNotFoundError):
            return durable.open_directory(day, below=vault)
        return _make_day(vault, day)  # it was removed by hand

    # --- parts ---------------------------------------------------------------------------------

    def _store_part(self, clip: Clip, number: int, day: int, transfer: TransferControl) -> None:
        name = self._name(clip, number)
        spooled = durable.exists(self._spool.directory, name)
        if spooled is None or spooled.st_size != clip.parts[number].size:
            raise _not_as_acquired(clip, name)
        try:
            if not durable.hard_link(self._spool.directory, name, day, name):
                self._copy_part(clip, number, day, transfer)
        except FileExistsError:
            self._require_same(clip, number, day, transfer)

    def _copy_part(self, clip: Clip, number: int, day: int, transfer: TransferControl) -> None:
        name = self._name(clip, number)
        temporary = f".{name}.part"
        try:
            self._copy(clip, number, day, temporary, transfer)
            durable.publish(day, temporary, name)
        except BaseException:
            durable.remove(day, temporary)
            raise

    def _copy(self, clip: Clip, number: int, day: int, temporary: str, transfer: TransferControl) -> None:
        name, digest = self._name(clip, number), hashlib.sha256()

        def passing(data: memoryview) -> None:
            transfer.take(len(data))
            digest.update(data)

        with (
            durable.DiskFile.read(self._spool.directory, name) as source,
            durable.DiskFile.create(day, temporary) as target,
        ):
            file_copies.copy(source, target, passing=passing)
            if digest.hexdigest() != clip.parts[number].sha256:
                raise _not_as_acquired(clip, name)
            target.set_mode(0o440)
            target.sync()

    def _require_same(self, clip: Clip, number: int, day: int, transfer: TransferControl) -> None:
        name = self._name(clip, number)
        with durable.DiskFile.read(day, name) as there:
            there.sync()  # a run that was cut may have left it in the cache
            found = sha256_of(there, transfer.take)
        if found != clip.parts[number].sha256:
            raise ObjectConflictError(
                f"{self._vault.title}: {day_of(clip.id)}/{name} has other content (SHA-256 {found}), which "
                "was left unchanged",
                remedy=_look_at(clip),
            )


def document_name(clip: Clip) -> str:
    """Return the name of a clip's custody document, beside its footage."""
    return document_names(clip)[0]


def document_names(clip: Clip) -> tuple[str, ...]:
    """Return the name of a clip's custody document, or every name that it may have."""
    return tuple(f"{name}{_DOCUMENT}" for name in possible_names(clip, 0))


def _object(clip: Clip) -> str:
    return f"{day_of(clip.id)}/{part_name(clip, 0)}"


def _tombstone(clip: Clip, permit: DisposalPermit) -> bytes:
    parts = [
        {"name": part_name(clip, n), "size": p.size, "sha256": p.sha256} for n, p in enumerate(clip.parts)
    ]
    return canonical({"clip": clip.id, "parts": parts, "disposed": permit.reason}).encode()


def _look_at(clip: Clip) -> str:
    again = f"`bwvdock clips retry {clip.id}`"
    return f"See its history with `bwvdock clips show {clip.id}`; upload it again with {again}"


def _not_as_acquired(clip: Clip, name: str) -> DurabilityError:
    return DurabilityError(
        f"the dock's copy ({name} in the spool) is missing or no longer matches the hash taken at ingest",
        remedy=_look_at(clip),
    )


def _make_day(vault: int, day: str) -> int:
    """Open the directory of a day, made durable with all that lead to it."""
    return open_folder(vault, day)


def _names(clip: Clip) -> list[str]:
    """Return every name that a file of the clip may have: those of its footage last."""
    parts = [name for number in reversed(range(len(clip.parts))) for name in possible_names(clip, number)]
    return [*document_names(clip), *parts]


def _remove(clip: Clip, folder: int) -> None:
    for number in range(len(clip.parts)):
        for name in possible_names(clip, number):
            durable.remove(folder, name)
    for name in document_names(clip):
        durable.remove(folder, name)
    durable.sync_directory(folder)


def _look(vault: int, clip: Clip, number: int, transfer: TransferControl, take: Take) -> FoundPart | None:
    path = path_of(vault, clip, number, day=day_of(clip.id))
    there = durable.exists(vault, path)
    if there is None:
        return None
    if not stat.S_ISREG(there.st_mode):
        return FoundPart(object=path, size=0, words="it is not a file any more", given=False)
    with durable.DiskFile.read(vault, path) as file:
        size = file.size
        if size != clip.parts[number].size:
            return FoundPart(object=path, size=size, given=False)
        for block in file.read_back(0, size):
            transfer.take(len(block))
            take(block)
    return FoundPart(object=path, size=size)


def _read_part(vault: int, clip: Clip, number: int, transfer: TransferControl) -> str:
    return _read(vault, path_of(vault, clip, number, day=day_of(clip.id)), clip, transfer)


def _read(vault: int, path: str, clip: Clip, transfer: TransferControl | None = None) -> str:
    try:
        with durable.DiskFile.read(vault, path) as file:
            return sha256_of(file, transfer.take) if transfer else sha256_of(file)
    except FileNotFoundError:
        raise DestinationError(f"{path} is missing from the vault", remedy=_look_at(clip)) from None
    except OSError as error:
        if error.errno in {errno.EISDIR, errno.ELOOP, errno.ENXIO, errno.EBADF}:
            why = f"in the vault, {path} is not a file any more"
            raise DestinationError(why, remedy=_look_at(clip)) from None
        raise
