"""Does each entry have a nonce of its own?

16 random bytes come twice where a generator is broken, or was put back to an earlier state. To remember them
all would take memory that grows with the journal. So each sets one bit of a table that does not grow, and the
few that find their bit set are looked for among all entries in the end.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field

from bwvdock.core.custody.entries import Leaf
from bwvdock.core.custody.records import Problem
from bwvdock.edges.journal.verify.contain import Finding

_BITS = 27  # 16 MiB; of a million nonces some 4,000 find their bit set
_DIGITS = -(-_BITS // 4)
_SHIFT = 4 * _DIGITS - _BITS
# No text in an entry can look like this: a quotation mark within it is escaped.
_IN_TEXT = re.compile('"nonce":"([0-9a-f]{32})"')


@dataclass(slots=True)
class Nonces:
    """The nonces of the entries that were read."""

    _seen: bytearray = field(default_factory=bytearray)
    _doubtful: set[str] = field(default_factory=set)

    def read(self, leaf: Leaf) -> None:
        """Take in one entry's; those of version 1 have none."""
        if leaf.nonce:
            self.add(leaf.nonce)

    def add(self, nonce: str) -> None:
        """Take in a nonce: 32 hexadecimal digits."""
        if not self._seen:
            self._seen = bytearray(1 << (_BITS - 3))
        number = int(nonce[:_DIGITS], 16) >> _SHIFT
        at, bit = number >> 3, 1 << (number & 7)
        if self._seen[at] & bit:
            self._doubtful.add(nonce)
        else:
            self._seen[at] |= bit

    def repeated(self, db: sqlite3.Connection) -> Iterator[Finding]:
        """Yield a problem for each entry whose nonce an earlier one has, once all entries were read."""
        if not self._doubtful:
            return
        first: dict[str, int] = {}
        rows = db.execute("SELECT seq, leaf FROM entry WHERE typeof(leaf) = 'text' ORDER BY seq")
        for seq, text in rows:
            found = _IN_TEXT.search(text)
            if found is None or found[1] not in self._doubtful:
                continue
            if (earlier := first.setdefault(found[1], seq)) != seq:
                message = f"it has the nonce of entry {earlier}: the dock's generator repeated itself"
                yield Problem(code="entry_nonce", entry=seq, message=message)
