"""Are the files in the spool and in the vaults what the journal says they are?

An iterator, one clip at a time: a dock with a million clips needs no more memory than one with ten. Read is
whatever lies under the name of a clip, whether a receipt proves it or not.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from typing import Protocol, Self

from bwvdock.config.settings import Config
from bwvdock.config.stores import DirectoryStore
from bwvdock.core.clips.clip import Clip
from bwvdock.core.clips.lifecycle import ClipState
from bwvdock.core.clips.states import SPOOL
from bwvdock.core.custody.verification import Problem
from bwvdock.core.moments import iso
from bwvdock.edges.destinations.vault_files import VaultFiles
from bwvdock.edges.journal.verify.checked import UnreadableClip
from bwvdock.edges.spool import FileCopy, FileSpool
from bwvdock.errors import (
    BwvdockError,
    DestinationError,
    DestinationUnavailableError,
    StorageError,
    UnexpectedError,
    words_of,
)

_NOT_IN_SPOOL = frozenset({ClipState.FOUND, ClipState.RETIRED})
_UNREADABLE = "could not be read"
_UNKNOWN = "of clips whose entries cannot be read"
_MOST_OF_ID = 64  # characters


class Clips(Protocol):
    """The clips of a journal, one at a time (edges/journal/verify/checked.py)."""

    def held_files(self) -> Iterator[Clip | UnreadableClip]:
        """Return the clips that have parts in the spool."""

    def sent_files(self) -> Iterator[Clip | UnreadableClip]:
        """Return the clips that ever were acquired, with the parts that they had."""

    def clip(self, clip: str) -> Clip | None:
        """Return a clip as its entries make it now."""


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

    @classmethod
    def of(cls, vault: VaultFiles) -> Self:
        """Return a vault as a place."""
        return cls(name=vault.name, code="vault_file", read=vault.part)

    def has(self, clip: Clip) -> bool:
        """Return whether the journal says that it has a whole copy."""
        return self.name == SPOOL or self.name in clip.uploaded or self.name in clip.receipts

    def had(self, clip: Clip, now: Clip) -> bool:
        """Return whether the copy of a clip is gone by now, or no longer the one that was looked for."""
        retired = self.name == SPOOL and now.state in _NOT_IN_SPOOL
        return retired or self.name in now.disposed or (now.parts or now.former) != clip.parts


def file_checks(config: Config, clips: Clips) -> Iterator[Check]:
    """Hash again whatever the spool and the directory vaults hold of clips, clip by clip.

    A copy without a receipt is read as well. Nothing ends it: neither a spool or a vault that is not there,
    nor a clip whose entries or files cannot be read. Problems have the codes `spool_file`, `vault_file` and
    `vault_document`.
    """
    yield from _spool_checks(config, clips)
    for store in config.vaults:
        vault = VaultFiles(store.path, name=store.name, marks=config.vault_marks)
        yield from _vault_checks(vault, clips)


def not_read(config: Config, clips: Clips) -> tuple[dict[str, int], int]:
    """Return how many files `file_checks` leaves out by the reason, and how many copies were disposed of."""
    read = {store.name for store in config.destinations if isinstance(store, DirectoryStore)}
    counts: Counter[str] = Counter()
    disposed = 0
    for clip in clips.sent_files():
        if isinstance(clip, UnreadableClip):
            counts[_UNKNOWN] += 1  # of its files, nobody knows how many there are
            continue
        disposed += len(clip.parts) * len(clip.disposed)
        for name in (clip.uploaded.keys() | clip.receipts.keys()) - clip.disposed - read:
            counts[f"at {name}, which is not read here"] += len(clip.parts)
    return dict(sorted(counts.items())), disposed


def _spool_checks(config: Config, clips: Clips) -> Iterator[Check]:
    held = next((clip for clip in clips.held_files() if isinstance(clip, Clip)), None)
    if not config.spool.is_dir() and held is None:
        return  # checking makes no spool
    try:
        spool = FileSpool(config.spool, min_free=config.min_free)
    except StorageError as error:
        parts = sum(len(clip.parts) for clip in clips.held_files() if isinstance(clip, Clip))
        yield Check(unread=parts, why_unread="in the spool, which cannot be opened", error=error)
        return
    with closing(spool):
        place = _Place(name=SPOOL, code="spool_file", read=spool.part)
        for clip in clips.held_files():
            if isinstance(clip, Clip):
                yield from _contained(clip, partial(_check, place, clip, clips))
            elif clip.taken is not None:
                yield from _differing(_contained(clip.taken, partial(_check, place, clip.taken, None)))


def _vault_checks(vault: VaultFiles, clips: Clips) -> Iterator[Check]:
    """Check what a vault holds; where no mark shows that it is the vault, what differs in the directory."""
    place, absent, unread, made = _Place.of(vault), None, 0, True
    with suppress(DestinationUnavailableError):  # the first clip says so
        made = vault.is_made()
    for sent in clips.sent_files():
        clip = sent if isinstance(sent, Clip) else None
        if clip is None or vault.name in clip.disposed:
            yield from _unreadable_checks(vault, sent)
            continue
        if not made and place.has(clip):
            yield _unknown(clip, vault.name)
        if made and absent is None:
            try:
                yield from _copy_checks(vault, clip, clips)
            except DestinationUnavailableError as error:
                absent = error
        if not made or absent is not None:
            yield from _unproven_checks(vault, clip, clips)
        if absent is not None and place.has(clip):
            unread += len(clip.parts)
    if unread:
        yield Check(unread=unread, why_unread=f"in {vault.title}, which is not available", error=absent)


def _unreadable_checks(vault: VaultFiles, clip: Clip | UnreadableClip) -> Iterator[Check]:
    if isinstance(clip, UnreadableClip) and clip.taken is not None:
        yield from _unproven_checks(vault, clip.taken, None)


def _copy_checks(vault: VaultFiles, clip: Clip, clips: Clips | None) -> Iterator[Check]:
    yield from _contained(clip, partial(_check, _Place.of(vault), clip, clips))
    if vault.name in clip.described:
        yield from _contained(clip, partial(_document_check, vault, clip, clips))


def _unproven_checks(vault: VaultFiles, clip: Clip, clips: Clips | None) -> Iterator[Check]:
    """Yield what differs in a directory that may not be the vault: what is missing shows nothing."""
    with suppress(DestinationUnavailableError):
        yield from _differing(_copy_checks(vault.unproven(), clip, clips))


def _differing(checks: Iterator[Check]) -> Iterator[Check]:
    """Yield of what was found only that files differ: nothing says that they must be there."""
    for check in checks:
        if check.differing and check.problem is not None:
            yield Check(files=check.differing, differing=check.differing, problem=check.problem)


def _now(clip: Clip, clips: Clips | None) -> Clip | None:
    """Return what the journal says of a clip by now; the same where it can no longer be read."""
    return clips.clip(clip.id) if clips else clip


def _contained(clip: Clip, check: Callable[[], Iterator[Check]]) -> Iterator[Check]:
    """Yield what checking one clip in one place finds; whatever it raises leaves out this clip alone.

    Raises:
        DestinationUnavailableError: the vault is not there.
    """
    try:
        if "/" in clip.id or len(clip.id) > _MOST_OF_ID:
            raise ValueError("it is not an id of a clip")  # noqa: TRY301 - as what the check itself raises
        yield from check()
    except DestinationUnavailableError:
        raise
    except Exception as error:  # noqa: BLE001 - the boundary: one clip fails, the others are checked
        why = _not_read(f"Clip {clip.id}", error)
        yield Check(unread=max(len(clip.parts), 1), why_unread=_UNREADABLE, error=why)


def _not_read(what: str, error: Exception) -> BwvdockError:
    if isinstance(error, BwvdockError):
        return error
    said = words_of(error) if isinstance(error, OSError) else f"{type(error).__name__}: {error}"
    return UnexpectedError(f"{what} could not be read: {said}.", remedy="")


def _unknown(clip: Clip, vault: str) -> Check:
    """Return that a clip cannot be where the journal says: the dock does not know that vault."""
    message = f"The journal says that vault {vault} holds it, and this dock does not know that vault's mark."
    return Check(problem=Problem(code="vault_file", message=message, clip=clip.id))


def _check(place: _Place, clip: Clip, clips: Clips | None) -> Iterator[Check]:
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
        now = _now(clip, clips)
        if now is None or place.had(clip, now):
            return  # while the others were read, the daemon removed this one
        if _is_leaving(now, place.name):  # what is missing was announced
            check, absent = replace(check, files=check.files - check.missing, missing=0), []
        message = "; ".join(wrong + absent) + _standing(place, now)
        found = Problem(code=place.code, message=message, clip=clip.id)
        check = replace(check, problem=found if wrong or absent else None)
    if check.files or check.unread:
        yield check


def _is_leaving(clip: Clip, place: str) -> bool:
    """Return whether a copy may be gone: its disposal was announced, and it was not moved aside instead."""
    return clip.leaving(place) and clip.withdrawn.get(place, "") < iso(datetime.now(UTC))


def _document_check(vault: VaultFiles, clip: Clip, clips: Clips | None) -> Iterator[Check]:
    try:
        copy = vault.document(clip)
    except DestinationUnavailableError:
        raise
    except DestinationError as error:
        yield Check(unread=1, why_unread=_UNREADABLE, error=error)
        return
    check = _judged(Check(files=1), copy, clip.described[vault.name])
    if not check.matched:
        now = _now(clip, clips)
        # While the others were checked, the daemon may have begun to replace this one, or to dispose of it.
        if now is None or now.described.get(vault.name) != clip.described[vault.name]:
            return
        if vault.name in now.disposed or (copy.missing and _is_leaving(now, vault.name)):
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
