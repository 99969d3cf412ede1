"""Which entries, and which root over the first of them, does a journal have?

For comparing what is kept elsewhere. It answers from the hashes that are stored beside the entries, which
verification compares with their texts.
"""

from __future__ import annotations

from bwvdock.core.custody.entries import read_leaf
from bwvdock.core.custody.inclusion_proofs import range_root
from bwvdock.edges.journal.tiles import Tiles
from bwvdock.edges.journal.verify.checked import CheckedJournal

_FRESH = 200  # roots, after which what was read for them is dropped: memory does not grow with the documents


class Roots:
    """The entries and roots of one journal."""

    def __init__(self, journal: CheckedJournal) -> None:
        self._journal = journal
        self._tiles: Tiles | None = None
        self._asked = 0
        self._largest = 0
        self._after_loss: bool | None = None

    def size(self) -> int:
        """Return how many entries there are now."""
        [(last,)] = self._journal.ask("SELECT max(seq) FROM entry")
        return last + 1 if isinstance(last, int) else 0

    def root(self, size: int) -> str:
        """Return the root over the first entries, hexadecimal.

        Raises:
            JournalError: entries are missing, or cannot be read.
        """
        db = self._journal.connection()
        # What was read of a tile that was not full is not enough for a journal that has grown since.
        if (
            self._tiles is None
            or self._tiles.db is not db
            or self._asked % _FRESH == 0
            or size > self._largest
        ):
            self._tiles, self._largest = Tiles(db), self.size()
        self._asked += 1
        return range_root(0, size, self._tiles.fetch).hex()

    def text(self, seq: int) -> str | None:
        """Return the text of an entry; None if there is none."""
        rows = self._journal.ask("SELECT leaf FROM entry WHERE seq = ?", (seq,))
        return str(rows[0][0]) if rows else None

    def knows(self, clip: str) -> bool:
        """Return whether an entry names a clip."""
        return bool(self._journal.ask("SELECT 1 FROM entry WHERE clip = ? LIMIT 1", (clip,)))

    def after_loss(self) -> bool:
        """Return whether the journal says that it, or a vault, took the place of one that was lost."""
        if self._after_loss is None:
            rows = self._journal.ask(
                "SELECT leaf FROM entry WHERE kind IN ('dock_initialised', 'journal_succeeded')"
            )
            self._after_loss = any(_names_a_loss(text) for (text,) in rows)
        return self._after_loss


def _names_a_loss(text: object) -> bool:
    try:
        return bool(read_leaf(str(text)).data.get("reason"))
    except (ValueError, RecursionError):
        return False
