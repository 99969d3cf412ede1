"""Does each entry have a nonce of its own?

16 random bytes come twice where a generator is broken, or was put back to an earlier state. To remember them
all would take memory that grows with the journal. So each sets eight bits in one word of a table that does
not grow (a Bloom filter); the few that find theirs set are looked for among all entries in the end.
"""

from __future__ import annotations

import sqlite3
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import combinations, islice

from bwvdock.core.custody.entries import Leaf
from bwvdock.core.custody.verification import Problem
from bwvdock.edges.journal.verify.contain import Finding

_WORDS = 1 << 21  # of 64 bits, 16 MiB; of a million nonces about one finds its bits set by others
_FOURS = islice(combinations(range(64), 4), None, None, 155)  # some of all that there are, evenly
_BITS = {f"{number:03x}": sum(1 << bit for bit in bits) for number, bits in enumerate(islice(_FOURS, 16**3))}
# No text in an entry can look like this: a quotation mark within it is escaped.
_BEFORE, _DIGITS = '"nonce":"', 32


@dataclass(slots=True)
class Nonces:
    """The nonces of the entries that were read."""

    _seen: array[int] = field(default_factory=lambda: array("Q"))
    _doubtful: set[str] = field(default_factory=set)

    def read(self, leaf: Leaf) -> None:
        """Take in one entry's; those of version 1 have none."""
        if leaf.nonce:
            self.add(leaf.nonce)

    def add(self, nonce: str) -> None:
        """Take in a nonce: 32 hexadecimal digits."""
        words = self._seen
        if not words:
            words = self._seen = array("Q", bytes(8 * _WORDS))
        at = int(nonce[:6], 16) % _WORDS
        seen = words[at]
        after = seen | _BITS[nonce[6:9]] | _BITS[nonce[9:12]]
        if after == seen:
            self._doubtful.add(nonce)
        else:
            words[at] = after

    def repeated(self, db: sqlite3.Connection) -> Iterator[Finding]:
        """Yield a problem for each entry whose nonce an earlier one has, once all entries were read."""
        if not self._doubtful:
            return
        first: dict[str, int] = {}
        rows = db.execute("SELECT seq, leaf FROM entry WHERE typeof(leaf) = 'text' ORDER BY seq")
        for seq, text in rows:
            at = text.rfind(_BEFORE) + len(_BEFORE)
            nonce = text[at : at + _DIGITS]
            if nonce not in self._doubtful:
                continue
            if (earlier := first.setdefault(nonce, seq)) != seq:
                message = f"it has the nonce of entry {earlier}: the dock's generator repeated itself"
                yield Problem(code="entry_nonce", entry=seq, message=message)
