"""Which files in the spool and in the vaults belong to no entry of the journal?

The folders are walked, one at a time, and every name is looked up in the journal: files that
somebody put there are counted, and those of a journal that was lost. No content is read.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Protocol

from bwvdock.config.settings import Config
from bwvdock.core.clips.clip import Clip
from bwvdock.core.clips.states import SPOOL, ClipState
from bwvdock.core.media.names import escape
from bwvdock.core.media.part_names import possible_names
from bwvdock.edges import durable
from bwvdock.edges.destinations.directory import day_of, document_names
from bwvdock.edges.destinations.vault_files import VaultFiles, walk
from bwvdock.edges.destinations.withdrawn import ASIDE
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


class Clips(Protocol):
    """A journal that is asked for clips."""

    def clips_of(self, ids: Collection[str]) -> Iterator[Clip]:
        """Return the clips with these ids."""


def unaccounted(config: Config, clips: Clips) -> Iterator[Unaccounted]:
    """Search the spool, then each directory vault that the dock knows; yield what was found in each.

    Nothing ends it: a place that cannot be searched is yielded with the reason.
    """
    if config.spool.is_dir():
        yield _contained("the spool", lambda: _spool(config.spool, clips))
    for store in config.vaults:
        vault = VaultFiles(store.path, name=store.name, marks=config.vault_marks)
        if _is_made(vault):
            yield _contained(vault.title, partial(_vault, vault, config.dock, clips))


def _is_made(vault: VaultFiles) -> bool:
    try:
        return vault.is_made()
    except DestinationError:
        return True  # what is remembered of it cannot be read: it is searched, and says what is wrong


def _contained(title: str, search: Callable[[], Unaccounted]) -> Unaccounted:
    """Return what a search finds; whatever it raises is why the place was not searched."""
    found = Unaccounted(title=title)
    try:
        return search()
    except BwvdockError as error:
        return replace(found, error=error)
    except Exception as error:  # noqa: BLE001 - the boundary: one place fails, the others are searched
        said = words_of(error) if isinstance(error, OSError) else f"{type(error).__name__}: {error}"
        why = f"{title} cannot be searched: {said}"
        return replace(found, error=StorageError(why, remedy="Check the disk (journalctl -k)"))


def _spool(path: Path, clips: Clips) -> Unaccounted:
    directory = durable.open_directory(str(path))
    try:
        return _search(Unaccounted(title="the spool"), SPOOL, walk(directory), clips, path)
    finally:
        os.close(directory)


def _vault(vault: VaultFiles, dock: str, clips: Clips) -> Unaccounted:
    found = Unaccounted(title=vault.title, other_docks=vault.other_docks(dock))
    return _search(found, vault.name, vault.folders(), clips, vault.path)


def _search(
    found: Unaccounted,
    place: str,
    folders: Iterable[tuple[str, list[str]]],
    clips: Clips,
    path: Path,
) -> Unaccounted:
    for folder, names in folders:
        for start in range(0, len(names), _LOOKED_UP):
            batch = names[start : start + _LOOKED_UP]
            known = {clip.id: clip for clip in clips.clips_of({_clip_of(name) for name in batch})}
            for name in batch:
                clip = known.get(_clip_of(name))
                if clip is not None and _belongs(place, folder, name, clip):
                    found = _count(found, place, name, clip)
                elif os.path.lexists(path / folder / name):  # the dock may have finished with it meanwhile
                    found = _add(found, os.path.join(folder, name))
    return found


def _count(found: Unaccounted, place: str, name: str, clip: Clip) -> Unaccounted:
    """Return this with a file that belongs to a clip, if there is nothing to compare it with."""
    parts = {name for number in range(len(clip.files)) for name in possible_names(clip, number)}
    if name in parts and not clip.parts and (place == SPOOL or not clip.former):
        return replace(found, unhashed=found.unhashed + 1)
    if name in document_names(clip) and place not in clip.described:
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
    folders = {"" if place == SPOOL else _day(clip)}
    if place in clip.withdrawn or place in clip.disposal_intended:  # it may be on its way there or back
        folders.add(f"{ASIDE}/{_day(clip)}")
    if folder not in folders:
        return False
    parts = [name for number in range(len(clip.files)) for name in possible_names(clip, number)]
    gone = place in clip.disposed or (place == SPOOL and clip.state is ClipState.RETIRED)
    gone = gone and not (place == SPOOL and clip.failed)  # being read back, for a store that lost its copy
    if place == SPOOL:
        work = {
            f"{clip.id}.{number}.{end}" for number in range(len(clip.files)) for end in ("part", "pieces")
        }
        return name in work or (name in parts and not gone)
    documents, tombstone = document_names(clip), f"{clip.id}.tombstone.json"
    work = {f".{part}.part" for part in parts} | {f"{document}.part" for document in documents}
    work |= {f"{tombstone}.part", tombstone}
    return name in work or (name in {*parts, *documents} and not gone)


def _day(clip: Clip) -> str:
    """Return the folder of a clip in a vault; that of no clip where its id is not one of ours."""
    try:
        return day_of(clip.id)
    except (ValueError, OverflowError, OSError):
        return "\0"


def places(found: Sequence[Unaccounted]) -> tuple[tuple[str, int], ...]:
    """Return how many files each place has that no dock's journal may account for: shared vaults aside."""
    return tuple((one.title, one.files) for one in found if one.files and not one.other_docks)
