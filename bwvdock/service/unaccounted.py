"""Which files in the spool and in the vaults belong to no entry of the journal?

The folders are walked, one at a time, and every name is looked up in the journal: files that
somebody put there are counted, and those of a journal that was lost. No content is read.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from bwvdock.config.settings import Config
from bwvdock.core.clips.clip import Clip
from bwvdock.core.clips.states import SPOOL, ClipState
from bwvdock.core.media.names import escape
from bwvdock.edges import durable
from bwvdock.edges.destinations.directory import day_of, document_name
from bwvdock.edges.destinations.vault_files import VaultFiles, walk
from bwvdock.edges.journal.read.reader import JournalReader
from bwvdock.edges.spool import part_name
from bwvdock.errors import BwvdockError, DestinationError, StorageError, words_of

_FIRST = 5  # files of each place that are named
_LOOKED_UP = 200  # clips, with one question to the journal


@dataclass(frozen=True, kw_only=True, slots=True)
class Unaccounted:
    """What one place holds that no entry accounts for.

    Attributes:
        title: the place, within a sentence: "the spool", "vault nas".
        files: how many files belong to no entry.
        first: the names of the first of them, escaped.
        unhashed: how many files belong to a clip that is still to be copied, or lie in the spool of one that
            is to be copied again.
        undescribed: how many custody documents no receipt vouches for (any more).
        other_docks: whose files they may be, in a vault that several docks use.
        error: why the place could not be searched.
    """

    title: str
    files: int = 0
    first: tuple[str, ...] = ()
    unhashed: int = 0
    undescribed: int = 0
    other_docks: tuple[str, ...] = ()
    error: BwvdockError | None = None


def unaccounted(config: Config, reader: JournalReader) -> Iterator[Unaccounted]:
    """Search the spool, then each directory vault that the dock knows; yield what was found in each."""
    if config.spool.is_dir():
        yield _spool(config.spool, reader)
    for store in config.vaults:
        vault = VaultFiles(store.path, name=store.name, marks=config.vault_marks)
        try:
            made = vault.is_made()
        except DestinationError as error:
            yield Unaccounted(title=vault.title, error=error)
        else:
            if made:
                yield _vault(vault, config.dock, reader)


def _spool(path: Path, reader: JournalReader) -> Unaccounted:
    found = Unaccounted(title="the spool")
    try:
        directory = durable.open_directory(str(path))
        try:
            return _search(found, SPOOL, walk(directory), reader, path)
        finally:
            os.close(directory)
    except OSError as error:
        why = f"the spool {path} cannot be searched: {words_of(error)}"
        return replace(found, error=StorageError(why, remedy="Check the disk (journalctl -k)"))


def _vault(vault: VaultFiles, dock: str, reader: JournalReader) -> Unaccounted:
    found = Unaccounted(title=vault.title)
    try:
        found = replace(found, other_docks=vault.other_docks(dock))
        return _search(found, vault.name, vault.folders(), reader, vault.path)
    except DestinationError as error:
        return replace(found, error=error)


def _search(
    found: Unaccounted,
    place: str,
    folders: Iterable[tuple[str, list[str]]],
    reader: JournalReader,
    path: Path,
) -> Unaccounted:
    for folder, names in folders:
        for start in range(0, len(names), _LOOKED_UP):
            batch = names[start : start + _LOOKED_UP]
            known = {clip.id: clip for clip in reader.clips_of({_clip_of(name) for name in batch})}
            for name in batch:
                clip = known.get(_clip_of(name))
                if clip is not None and _belongs(place, folder, name, clip):
                    found = _count(found, place, name, clip)
                elif os.path.lexists(path / folder / name):  # the dock may have finished with it meanwhile
                    found = _add(found, os.path.join(folder, name))
    return found


def _count(found: Unaccounted, place: str, name: str, clip: Clip) -> Unaccounted:
    """Return this with a file that belongs to a clip, if there is nothing to compare it with."""
    parts = {part_name(clip, number) for number in range(len(clip.files))}
    if name in parts and not clip.parts and (place == SPOOL or not clip.former):
        return replace(found, unhashed=found.unhashed + 1)
    if name == document_name(clip) and place not in clip.described:
        return replace(found, undescribed=found.undescribed + 1)
    return found


def _add(found: Unaccounted, name: str) -> Unaccounted:
    first = (*found.first, escape(os.fsencode(name)))[:_FIRST]
    return replace(found, files=found.files + 1, first=first)


def _clip_of(name: str) -> str:
    """Return the id that a file's name begins with; nothing says that it is one."""
    with suppress(UnicodeEncodeError):
        clip = name.removeprefix(".").partition(".")[0]
        clip.encode()  # the journal is not asked for what is not text
        return clip
    return ""


def _belongs(place: str, folder: str, name: str, clip: Clip) -> bool:
    """Return whether the journal accounts for a name that begins with a clip's id."""
    if folder != ("" if place == SPOOL else day_of(clip.id)):
        return False
    parts = [part_name(clip, number) for number in range(len(clip.files))]
    gone = place in clip.disposed or (place == SPOOL and clip.state is ClipState.RETIRED)
    if place == SPOOL:
        work = {f"{clip.id}.{number}.{end}" for number in range(len(parts)) for end in ("part", "pieces")}
        return name in work or (name in parts and not gone)
    document, tombstone = document_name(clip), f"{clip.id}.tombstone.json"
    work = {f".{part}.part" for part in parts} | {f"{document}.part", f"{tombstone}.part", tombstone}
    return name in work or (name in {*parts, document} and not gone)


def places(found: Sequence[Unaccounted]) -> tuple[tuple[str, int], ...]:
    """Return how many files each place has that no dock's journal may account for: shared vaults aside."""
    return tuple((one.title, one.files) for one in found if one.files and not one.other_docks)
