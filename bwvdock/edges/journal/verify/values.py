"""Do the personal values open the entries' commitments, and does an entry commit to each of them?"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field

from bwvdock.core.custody.entries import commitments, decode, read_leaf
from bwvdock.core.custody.merkle import SALT_BYTES, commitment
from bwvdock.core.custody.verification import Problem, Remark
from bwvdock.core.facts import FREE_TEXT, ValuesErased
from bwvdock.edges.journal.verify.contain import Finding
from bwvdock.units import format_count

_MOST_ABSENT = 100_000  # values that are not stored and are held in memory at a time
_CLASSES = 4096  # of commitments: where the sums of one differ, only its values are looked at one by one
_MANY = "path"  # its commitments occur once each; those of cameras and people are few, and recur


@dataclass(slots=True)
class _Sum:
    """How many commitments, and which: their exclusive or."""

    count: int = 0
    number: int = 0

    def add(self, committed: object) -> None:
        """Add one."""
        self.count += 1
        self.number ^= _number(committed)


@dataclass(slots=True)
class _Sums:
    """Such sums, of each class of commitments by itself."""

    of: dict[int, _Sum] = field(default_factory=dict)

    @property
    def count(self) -> int:
        """How many in all."""
        return sum(one.count for one in self.of.values())

    def add(self, committed: object) -> None:
        """Add one."""
        self.of.setdefault(_class(committed), _Sum()).add(committed)


@dataclass(slots=True)
class PersonalValues:
    """The table `private`, as the entries are read one by one.

    That every row was found from an entry is shown by their number, and by the exclusive or of their
    commitments; that each value which is not stored was erased by an entry is shown in the same way. Where
    that differs, the entries are read again, so that memory holds about `most` absent values at a time. Of
    the values that are not paths (cameras, people, reasons), all commitments are held.
    """

    db: sqlite3.Connection
    most: int = _MOST_ABSENT
    _committed: int = 0
    _found: _Sum = field(default_factory=_Sum)
    _absent: _Sums = field(default_factory=_Sums)
    _erased: _Sums = field(default_factory=_Sums)
    _first_absent: dict[str, tuple[int, int]] = field(default_factory=dict)
    _opened: set[tuple[str, str]] = field(default_factory=set)

    def open(self, seq: int, name: str, committed: str, version: int) -> Problem | None:
        """Compare the value of one commitment; return a problem if it does not match."""
        if (name, committed) in self._opened:
            return None
        row = self.db.execute(
            "SELECT field, salt, value FROM private WHERE commitment = ?", (committed,)
        ).fetchone()
        if name != _MANY:
            self._opened.add((name, committed))
        self._committed += 1
        if row is None:
            self._absent.add(committed)
            if len(self._first_absent) < self.most:
                self._first_absent[committed] = seq, version
            return None
        self._found.add(committed)
        if _opens(row, name, committed):
            return None
        message = f"the {name} stored beside the entry does not match its commitment"
        return Problem(code="commitment", entry=seq, message=message)

    def erased(self, seq: int, fact: ValuesErased) -> Iterator[Problem]:
        """Take in an entry that says that values were erased; yield a problem for each that is stored."""
        for committed in fact.commitments:
            self._erased.add(committed)
            there = "SELECT 1 FROM private WHERE commitment = ?"
            if self.db.execute(there, (committed,)).fetchone() is not None:
                message = (
                    f"a value of the field {fact.field} is stored that was erased according to the entry"
                )
                yield Problem(code="private", entry=seq, message=message)

    def sweep(self) -> Iterator[Finding]:
        """Compare the table with the commitments, once all entries were read."""
        there = _Sum()
        for (committed,) in self.db.execute("SELECT commitment FROM private"):
            there.add(committed)
        if there != self._found:
            more = format_count(max(there.count - self._found.count, 1), "value")
            message = f"{more} in table private: no entry that could be read commits to it"
            yield Problem(code="private", message=message)
        if self._absent.of:
            yield from self._unexplained()

    def _unexplained(self) -> Iterator[Finding]:
        """Yield what is to be said of values that are not stored any more."""
        unsaid: dict[bool, list[int]] = {True: [], False: []}  # a later version -> how many, the first entry
        for classes in self._differing():
            said = self._said_to_be_erased(classes)
            for committed, (seq, version) in self._absent_of(classes).items():
                if committed not in said:
                    count, first = unsaid[version >= FREE_TEXT] or (0, seq)
                    unsaid[version >= FREE_TEXT] = [count + 1, min(first, seq)]
        if not any(unsaid.values()):
            values = format_count(self._committed, "personal value")
            yield Remark(
                message=f"{self._absent.count:,} of {values} were erased, as entries of the journal say"
            )
        for later, counted in unsaid.items():
            if counted:
                count, first = counted
                message = f"{format_count(count, 'personal value')} not stored any more, and no entry says"
                message = f"{message} that they were erased, by whom and on which basis"
                # Before there was a command for it, they were erased by hand where the law required that.
                yield (
                    Problem(code="private", entry=first, message=message)
                    if later
                    else Remark(message=f"{message}. Earlier versions recorded no erasures", entry=first)
                )

    def _differing(self) -> Iterator[frozenset[int]]:
        """Yield the classes in which other values are absent than were erased, so many as fit into memory."""
        found, values = set[int](), 0
        for one, absent in sorted(self._absent.of.items()):
            if absent == self._erased.of.get(one):
                continue
            more = absent.count + self._erased.of.get(one, _Sum()).count
            if found and values + more > self.most:
                yield frozenset(found)
                found, values = set(), 0
            found.add(one)
            values += more
        if found:
            yield frozenset(found)

    def _absent_of(self, classes: frozenset[int]) -> dict[str, tuple[int, int]]:
        """Return the absent values of some classes, each with its entry and version."""
        if self._absent.count <= self.most:  # otherwise not all were remembered: the entries are read again
            return {c: at for c, at in self._first_absent.items() if _class(c) in classes}
        absent: dict[str, tuple[int, int]] = {}
        there = "SELECT 1 FROM private WHERE commitment = ?"
        for seq, text in self.db.execute("SELECT seq, leaf FROM entry ORDER BY seq"):
            with suppress(ValueError, RecursionError):
                leaf = read_leaf(str(text))
                for _, committed in commitments(decode(leaf, str), leaf.version):
                    if (
                        _class(committed) in classes
                        and committed not in absent
                        and self.db.execute(there, (committed,)).fetchone() is None
                    ):
                        absent[committed] = seq, leaf.version
        return absent

    def _said_to_be_erased(self, classes: frozenset[int]) -> set[str]:
        rows = self.db.execute("SELECT leaf FROM entry WHERE kind = ?", (ValuesErased.kind,))
        said: set[str] = set()
        for (text,) in rows:
            with suppress(ValueError, RecursionError):
                fact = decode(read_leaf(str(text)), str)
                if isinstance(fact, ValuesErased):
                    said.update(one for one in fact.commitments if _class(one) in classes)
        return said


def _opens(row: tuple[object, object, object], name: str, committed: str) -> bool:
    field_, salt, value = row
    if field_ != name or not isinstance(salt, bytes) or len(salt) != SALT_BYTES or not isinstance(value, str):
        return False
    return commitment(name, salt, value) == committed


def _class(committed: object) -> int:
    return _number(committed) % _CLASSES


def _number(committed: object) -> int:
    """Return a commitment as a number; of anything else, one that no commitment has."""
    try:
        return int(str(committed), 16)
    except ValueError:
        return -1
