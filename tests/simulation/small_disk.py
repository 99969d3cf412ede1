"""When is the disk of a simulated journal full, and when has it room again?"""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass

from bwvdock.edges.journal import Journal

_MOST_PAGES = 2**31


@dataclass(kw_only=True)
class SmallDisk:
    """The disk of the journal, as SQLite meets it: it is full when the file may not grow any more.

    `waits`: for how many more waits of the dock it stays full; 0: it has room.
    """

    waits: int = 0
    _pages: int = _MOST_PAGES

    def fill(self, journal: Journal, *, room: int, waits: int) -> None:
        """Leave room for so many pages, until the dock has waited so often."""
        self.waits, self._pages = waits, _pages_of(journal) + room
        self.limit(journal)

    def waited(self, journal: Journal) -> None:
        """Note that the dock has waited once more."""
        self.waits -= 1
        if self.waits == 0:
            self.free(journal)

    def free(self, journal: Journal) -> None:
        """Have room again."""
        self.waits, self._pages = 0, _MOST_PAGES
        self.limit(journal)

    def limit(self, journal: Journal) -> None:
        """Have a journal, which may have been opened anew, meet this disk."""
        _ask(journal, f"PRAGMA max_page_count = {self._pages}")


def _pages_of(journal: Journal) -> int:
    return _ask(journal, "PRAGMA page_count")


def _ask(journal: Journal, pragma: str) -> int:
    # The limit belongs to the connection that writes, and nobody else has that.
    with closing(journal._db.execute(pragma)) as rows:  # noqa: SLF001
        return int(rows.fetchone()[0])
