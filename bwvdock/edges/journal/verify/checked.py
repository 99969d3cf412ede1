"""Which clips does a journal speak of, even where some of its entries cannot be read?

For hashing the files again: clip by clip, so that an entry that cannot be read leaves out one clip alone.
Reads are short, so that they never hold up a checkpoint of the daemon's.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path
from types import TracebackType
from typing import Self

from bwvdock.core.clips.clip import Clip
from bwvdock.core.clips.history import fold
from bwvdock.core.clips.lifecycle import ClipState, IllegalFactError
from bwvdock.core.clips.states import SPOOL
from bwvdock.core.facts import ClipAcquired, ClipFound, CopyIntended
from bwvdock.edges.journal import lookups
from bwvdock.edges.journal.database import explained, wal_exists
from bwvdock.edges.journal.folds import fold_clip
from bwvdock.edges.journal.verify.opening import open_for_check
from bwvdock.errors import BwvdockError, JournalError

_PAGE = 200  # clips
_WITHOUT_INDEX = 50_000  # the whole table is read for each page then
_UNREADABLE = (ValueError, IllegalFactError, RecursionError, LookupError, TypeError, sqlite3.Error)
_NOT_IN_SPOOL = frozenset({ClipState.FOUND, ClipState.RETIRED})


@dataclass(frozen=True, slots=True)
class UnreadableClip:
    """A clip whose entries cannot be read, or contradict each other; verification says how.

    `taken` has its files and their hashes, if the entries that state these can be read; nothing shows where
    its copies should be.
    """

    id: str
    taken: Clip | None = None


def _is_held(clip: Clip) -> bool:
    return clip.state not in _NOT_IN_SPOOL and bool(clip.parts) and SPOOL not in clip.disposed


class CheckedJournal:
    """The clips of one journal of any version. A context manager.

    Raises JournalError where SQLite cannot read the file.
    """

    def __init__(self, path: Path) -> None:
        """Open it.

        Raises:
            JournalError: it cannot be opened.
        """
        self._path = path
        self._open()

    def _open(self) -> None:
        try:
            self._opened = open_for_check(self._path)
        except (sqlite3.Error, OSError) as error:
            raise explained(error, self._path) from error

    def held_files(self) -> Iterator[Clip | UnreadableClip]:
        """Return the clips that have parts in the spool: acquired, and neither retired nor recalled."""
        for clip in self._clips():
            if isinstance(clip, UnreadableClip) or _is_held(clip):
                yield clip

    def sent_files(self) -> Iterator[Clip | UnreadableClip]:
        """Return the clips that ever were acquired; one recalled since with the parts that it had."""
        for clip in self._clips():
            if isinstance(clip, UnreadableClip):
                yield clip
            elif clip.parts or clip.former:
                yield clip if clip.parts else replace(clip, parts=clip.former)

    def clip(self, clip: str) -> Clip | None:
        """Return a clip as its entries make it; None for one that is unknown, or cannot be read."""
        return next(self.clips_of([clip]), None)

    def clips_of(self, ids: Collection[str]) -> Iterator[Clip]:
        """Return the clips with these ids, at most a few hundred, without those that cannot be read."""
        marks = ", ".join("?" * len(ids))
        return (clip for clip in self._read(f"clip IN ({marks})", ids) if isinstance(clip, Clip))

    def _clips(self) -> Iterator[Clip | UnreadableClip]:
        after = ""
        while last := self._end_of_page(after):
            yield from self._read("clip > ? AND clip <= ?", (after, last))
            after = last

    def _end_of_page(self, after: str) -> str:
        indexed = "SELECT 1 FROM sqlite_schema WHERE type = 'index' AND name = 'entry_of_clip'"
        most = _PAGE if self.ask(indexed) else _WITHOUT_INDEX
        page = (
            "SELECT DISTINCT clip FROM entry WHERE clip > ? AND typeof(clip) = 'text' ORDER BY clip LIMIT ?"
        )
        [(last,)] = self.ask(f"SELECT max(clip) FROM ({page})", (after, most))  # noqa: S608 - our own words
        # What is not UTF-8 is shown otherwise than it is sorted, and would come again and again.
        return last if isinstance(last, str) and last > after else ""

    def _read(self, where: str, values: Collection[object]) -> Iterator[Clip | UnreadableClip]:
        query = f"SELECT clip, leaf FROM entry WHERE {where} ORDER BY clip, seq"  # noqa: S608 - our own words
        for clip, entries in groupby(self.ask(query, values), key=lambda row: str(row[0])):
            yield self._fold(clip, [row[1] for row in entries])

    def _fold(self, clip: str, texts: list[object]) -> Clip | UnreadableClip:
        with suppress(*_UNREADABLE):
            if all(isinstance(text, str) for text in texts):
                known = fold_clip(lookups.clip_facts(map(str, texts), lookups.revealing(self._opened.db)))
                if known is not None and known.clip.id == clip:
                    return known.clip
        return UnreadableClip(clip, self._taken(clip, texts))

    def _taken(self, clip: str, texts: list[object]) -> Clip | None:
        show = lookups.revealing(self._opened.db)
        found = acquired = None
        for text in texts:
            with suppress(*_UNREADABLE):
                for fact, _ in lookups.clip_facts([text] if isinstance(text, str) else [], show):
                    found = fact if isinstance(fact, ClipFound) else found
                    acquired = fact if isinstance(fact, ClipAcquired) else acquired
        if found is None or acquired is None or {found.clip, acquired.clip} != {clip}:
            return None
        with suppress(*_UNREADABLE):
            return fold([found, CopyIntended(clip=clip, docking=found.docking), acquired])
        return None

    def ask(self, query: str, values: Collection[object] = ()) -> list[tuple[object, ...]]:
        """Return all rows of one short question.

        Raises:
            JournalError: the file cannot be read.
        """
        db = self.connection()
        try:
            return db.execute(query, tuple(values)).fetchall()
        except BwvdockError:
            raise
        except (sqlite3.Error, OSError) as error:
            raise explained(error, self._path) from error
        except (ValueError, OverflowError) as error:  # a text that SQLite does not take
            raise JournalError(f"The journal was asked for what it cannot have: {error}.") from error

    def connection(self) -> sqlite3.Connection:
        """Return a connection for one more question, whose errors are SQLite's own."""
        if self._opened.immutable and wal_exists(self._path):  # the daemon has started meanwhile
            self.close()
            self._open()
        self._opened.budget.renew()
        return self._opened.db

    def close(self) -> None:
        """Close it; closing twice is allowed."""
        self._opened.db.close()

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it."""
        self.close()
