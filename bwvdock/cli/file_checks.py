"""Are the files in the spool and in the vaults what the journal says they are?

An iterator, one clip at a time: a dock with a million clips needs no more memory than one with ten.
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
from bwvdock.core.custody.records import Problem
from bwvdock.edges.destinations.directory import DirectoryDestination
from bwvdock.edges.destinations.vault import VaultRules
from bwvdock.edges.journal.read.reader import JournalReader
from bwvdock.edges.spool import FileSpool
from bwvdock.errors import DestinationError, DestinationUnavailableError, DurabilityError

_NOT_IN_SPOOL = frozenset({ClipState.FOUND, ClipState.RETIRED})


@dataclass(frozen=True, kw_only=True, slots=True)
class Check:
    """The result of checking one clip in one place."""

    files: int
    bytes: int
    problem: Problem | None = None


def file_checks(config: Config, reader: JournalReader) -> Iterator[Check]:
    """Hash again whatever the spool and the directory vaults hold, clip by clip.

    Problems have the codes `spool_file`, `vault_file` and `vault_document`.

    Raises:
        StorageError: the spool cannot be opened at all.
        DestinationUnavailableError: likewise a vault.
    """
    if not config.spool.is_dir() and next(reader.held_files(), None) is None:
        return  # nothing was ever taken, and checking must not create a spool
    with closing(FileSpool(config.spool, min_free=config.min_free)) as spool:
        yield from _spool_checks(spool, reader)
        for store in config.destinations:
            if not isinstance(store, DirectoryStore):
                continue  # a remote store is not read here: see `not_checked`
            vault = DirectoryDestination(
                store.path, name=store.name, spool=spool, marks=config.vault_marks, rules=VaultRules()
            )
            for clip in reader.stored_files(store.name):
                if not vault.is_made():
                    yield _unknown(clip, store.name)
                    continue
                yield _check(clip, "vault_file", vault.check)
                if store.name in clip.described:
                    yield from _document_check(vault, clip, reader)


def not_checked(config: Config, reader: JournalReader) -> dict[str, int]:
    """Return how many files `file_checks` does not read, by the reason: their copies may be altered unseen.

    Counted are the copies in remote stores, and those in directory vaults that no receipt proves yet.
    """
    kinds = {store.name: isinstance(store, DirectoryStore) for store in config.destinations}
    counts: Counter[str] = Counter()
    for clip in reader.sent_files():
        for name in clip.uploaded.keys() - clip.disposed:
            if not kinds.get(name, False):
                counts[f"at {name}, which is not read here"] += len(clip.parts)
            elif name not in clip.receipts:
                counts[f"at {name}, without a receipt yet"] += len(clip.parts)
    return dict(sorted(counts.items()))


def _unknown(clip: Clip, vault: str) -> Check:
    """Return that a clip cannot be where the journal says: the dock does not know that vault."""
    message = f"The journal says that vault {vault} holds it, and this dock does not know that vault's mark."
    return Check(files=0, bytes=0, problem=Problem(code="vault_file", message=message, clip=clip.id))


def _spool_checks(spool: FileSpool, reader: JournalReader) -> Iterator[Check]:
    for clip in reader.held_files():
        check = _check(clip, "spool_file", spool.check)
        if check.problem is None or _still_spooled(reader, clip):
            yield check


def _document_check(vault: DirectoryDestination, clip: Clip, reader: JournalReader) -> Iterator[Check]:
    check = replace(_check(clip, "vault_document", vault.check_document), files=1, bytes=0)
    now = reader.clip(clip.id) if check.problem else clip
    # While the others were checked, the daemon may have begun to replace this one.
    if now is not None and now.described.get(vault.name) == clip.described[vault.name]:
        yield check


def _still_spooled(reader: JournalReader, clip: Clip) -> bool:
    # While the others were checked, the daemon may have retired this one.
    now = reader.clip(clip.id)
    return now is not None and now.state not in _NOT_IN_SPOOL and bool(now.parts)


def _check(clip: Clip, code: str, look: Callable[[Clip], object]) -> Check:
    problem = None
    try:
        look(clip)
    except DestinationUnavailableError:
        raise
    except (DurabilityError, DestinationError) as error:
        problem = Problem(code=code, message=error.message, clip=clip.id)
    return Check(files=len(clip.parts), bytes=sum(part.size for part in clip.parts), problem=problem)
