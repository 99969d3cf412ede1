"""Are the files in the spool and in the vaults what the journal says they are?

An iterator, one clip at a time: a dock with a million clips needs no more memory than one with ten. Read is
whatever lies under the name of a clip, whether a receipt proves it or not.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace

from bwvdock.config.settings import Config
from bwvdock.config.stores import DirectoryStore
from bwvdock.core.clips.clip import Clip
from bwvdock.core.clips.lifecycle import ClipState
from bwvdock.core.clips.states import SPOOL
from bwvdock.core.custody.records import Problem
from bwvdock.edges.destinations.vault_files import VaultFiles
from bwvdock.edges.journal.read.reader import JournalReader
from bwvdock.edges.spool import FileCopy, FileSpool
from bwvdock.errors import BwvdockError, DestinationError, DestinationUnavailableError, StorageError

_NOT_IN_SPOOL = frozenset({ClipState.FOUND, ClipState.RETIRED})
_UNREADABLE = "could not be read"


@dataclass(frozen=True, kw_only=True, slots=True)
class Check:
    """The result of checking one clip in one place.

    `files` of `bytes` were looked at: so many `matched` the hash taken at ingest, and so many `documents`
    that of when they were stored; others were `differing` or `missing`. `unread` could not be looked at, for
    the reason `why_unread`; `error` is what the system said.
    """

    files: int = 0
    bytes: int = 0
    matched: int = 0
    documents: int = 0
    differing: int = 0
    missing: int = 0
    unread: int = 0
    why_unread: str = ""
    problem: Problem | None = None
    error: BwvdockError | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class _Place:
    """Where copies are: its name in the journal, the code of its problems, and how a part is read there."""

    name: str
    code: str
    read: Callable[[Clip, int], FileCopy]

    def has(self, clip: Clip) -> bool:
        """Return whether the journal says that it has a whole copy."""
        return self.name == SPOOL or self.name in clip.uploaded or self.name in clip.receipts

    def had(self, clip: Clip, now: Clip) -> bool:
        """Return whether the copy of a clip is gone by now, or no longer the one that was looked for."""
        retired = self.name == SPOOL and now.state in _NOT_IN_SPOOL
        return retired or self.name in now.disposed or (now.parts or now.former) != clip.parts


def file_checks(config: Config, reader: JournalReader) -> Iterator[Check]:
    """Hash again whatever the spool and the directory vaults hold of clips, clip by clip.

    A copy without a receipt is read as well. A vault that is not there does not end it. Problems have the
    codes `spool_file`, `vault_file` and `vault_document`.

    Raises:
        StorageError: the spool cannot be opened at all.
    """
    if config.spool.is_dir() or next(reader.held_files(), None) is not None:  # checking makes no spool
        with closing(FileSpool(config.spool, min_free=config.min_free)) as spool:
            place = _Place(name=SPOOL, code="spool_file", read=spool.part)
            for clip in reader.held_files():
                yield from _check(place, clip, reader)
    for store in config.vaults:
        vault = VaultFiles(store.path, name=store.name, marks=config.vault_marks)
        yield from _vault_checks(vault, reader)


def not_read(config: Config, reader: JournalReader) -> tuple[dict[str, int], int]:
    """Return how many files `file_checks` leaves out by the reason, and how many copies were disposed of."""
    read = {store.name for store in config.destinations if isinstance(store, DirectoryStore)}
    counts: Counter[str] = Counter()
    disposed = 0
    for clip in reader.sent_files():
        disposed += len(clip.parts) * len(clip.disposed)
        for name in (clip.uploaded.keys() | clip.receipts.keys()) - clip.disposed - read:
            counts[f"at {name}, which is not read here"] += len(clip.parts)
    return dict(sorted(counts.items())), disposed


def _vault_checks(vault: VaultFiles, reader: JournalReader) -> Iterator[Check]:
    place = _Place(name=vault.name, code="vault_file", read=vault.part)
    made, absent, unread = True, None, 0
    try:
        made = vault.is_made()
    except DestinationUnavailableError as error:
        absent = error
    for clip in reader.sent_files():
        if vault.name in clip.disposed or not (made or place.has(clip)):
            continue
        if not made:
            yield _unknown(clip, vault.name)
        elif absent is None:
            try:
                yield from _check(place, clip, reader)
                if vault.name in clip.described:
                    yield from _document_check(vault, clip, reader)
            except DestinationUnavailableError as error:
                absent = error
        if absent is not None and place.has(clip):
            unread += len(clip.parts)
    if unread:
        yield Check(unread=unread, why_unread=f"in {vault.title}, which is not available", error=absent)


def _unknown(clip: Clip, vault: str) -> Check:
    """Return that a clip cannot be where the journal says: the dock does not know that vault."""
    message = f"The journal says that vault {vault} holds it, and this dock does not know that vault's mark."
    return Check(problem=Problem(code="vault_file", message=message, clip=clip.id))


def _check(place: _Place, clip: Clip, reader: JournalReader) -> Iterator[Check]:
    """Compare a clip's parts in a place with the hashes taken at ingest; yield nothing if there are none."""
    check, wrong, absent = Check(), list[str](), list[str]()
    for number, part in enumerate(clip.parts):
        try:
            copy = place.read(clip, number)
        except DestinationUnavailableError:
            raise
        except (DestinationError, StorageError) as error:
            check = replace(check, unread=check.unread + 1, why_unread=_UNREADABLE, error=error)
            continue
        if copy.missing and not place.has(clip):
            continue  # it never came so far, and nothing says that it did
        check = replace(check, files=check.files + 1, bytes=check.bytes + part.size)
        check = _judged(check, copy, part.sha256)
        (absent if copy.missing else wrong).extend(_wrong(copy, part.sha256, "taken at ingest"))
    if wrong or absent or check.error:
        now = reader.clip(clip.id)
        if now is None or place.had(clip, now):
            return  # while the others were read, the daemon removed this one
        if now.leaving(place.name):  # what is missing was announced
            check, absent = replace(check, files=check.files - check.missing, missing=0), []
        message = "; ".join(wrong + absent) + _standing(place, now)
        found = Problem(code=place.code, message=message, clip=clip.id)
        check = replace(check, problem=found if wrong or absent else None)
    if check.files or check.unread:
        yield check


def _document_check(vault: VaultFiles, clip: Clip, reader: JournalReader) -> Iterator[Check]:
    try:
        copy = vault.document(clip)
    except DestinationUnavailableError:
        raise
    except DestinationError as error:
        yield Check(unread=1, why_unread=_UNREADABLE, error=error)
        return
    check = _judged(Check(files=1), copy, clip.described[vault.name])
    if not check.matched:
        now = reader.clip(clip.id)
        # While the others were checked, the daemon may have begun to replace this one, or to dispose of it.
        if now is None or now.described.get(vault.name) != clip.described[vault.name]:
            return
        if vault.name in now.disposed or (copy.missing and now.leaving(vault.name)):
            return
        [said] = _wrong(copy, clip.described[vault.name], "recorded when it was stored")
        check = replace(check, problem=Problem(code="vault_document", message=said, clip=clip.id))
    yield replace(check, matched=0, documents=check.matched)


def _judged(check: Check, copy: FileCopy, sha256: str) -> Check:
    if copy.missing:
        return replace(check, missing=check.missing + 1)
    if copy.sha256 != sha256:
        return replace(check, differing=check.differing + 1)
    return replace(check, matched=check.matched + 1)


def _wrong(copy: FileCopy, sha256: str, which: str) -> list[str]:
    """Return what is wrong with a copy, in words; nothing if it has this hash."""
    if copy.lacking:
        return [f"{copy.where} {copy.lacking}"]
    if copy.sha256 == sha256:
        return []
    return [f"{copy.where} does not match the hash {which}: SHA-256 {copy.sha256} instead of {sha256}"]


def _standing(place: _Place, clip: Clip) -> str:
    """Return what the journal says already of a copy with which something is wrong."""
    if clip.state is ClipState.QUARANTINED:
        return f" (the clip is in quarantine: {clip.quarantine})"
    return "" if place.name == SPOOL or place.name in clip.receipts else " (no receipt proves this copy)"
