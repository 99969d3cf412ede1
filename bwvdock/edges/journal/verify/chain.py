"""Do the entries prove each other? One pass over all of them, in order."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from bwvdock.core.clips.lifecycle import IllegalFactError
from bwvdock.core.custody.entries import FIRST, Leaf, commitments, decode, is_canonical, read_leaf
from bwvdock.core.custody.exact import ExactForm, Read, read_exact
from bwvdock.core.custody.inclusion_proofs import TILE_HEIGHT, TILE_WIDTH, range_root
from bwvdock.core.custody.merkle import GrowingTree, Tree, leaf_hash
from bwvdock.core.custody.verification import Problem
from bwvdock.core.facts import (
    DOCK_FACTS,
    CameraAssigned,
    CameraAttached,
    CameraEnrolled,
    CameraRevoked,
    ClipVerified,
    DockFact,
    EventRecorded,
    EventsMatched,
    Fact,
    HoldEnded,
    HoldOpened,
    RequestClosed,
    RequestCorrected,
    RequestOpened,
    ValuesErased,
)
from bwvdock.edges.journal.folds import KnownCamera, KnownDock, add_camera_fact, add_dock_fact
from bwvdock.edges.journal.holds.tables import KnownHold, KnownRequest, add_hold_fact, add_request_fact
from bwvdock.edges.journal.tiles import Tiles
from bwvdock.edges.journal.verify.clocks import Clocks
from bwvdock.edges.journal.verify.contain import Finding
from bwvdock.edges.journal.verify.last import FoundInOrder
from bwvdock.edges.journal.verify.nonces import Nonces
from bwvdock.edges.journal.verify.values import PersonalValues
from bwvdock.errors import JournalError, JournalVersionError
from bwvdock.units import format_count

_Row = tuple[object, object, object, object, object, object]
_HASH_BYTES = 32
_OF_DOCK = frozenset({CameraAttached, *DOCK_FACTS}) - {
    EventRecorded,
    EventsMatched,
}  # few, and what they say of dock and cameras is added up


@dataclass(slots=True)
class Chain:
    """What one pass over the entries has found: the tree, and what they say of the dock and its cameras.

    `read` reads most entries at once. `later` says that a later version of bwvdock wrote the journal: what
    cannot be read is not a problem then. `lacking` are the tables that cannot be read, `unread` counts the
    entries whose text could not be. `whole` says that the entries were read to their end: otherwise nothing
    is known of what follows from all of them.
    """

    db: sqlite3.Connection
    values: PersonalValues
    read: Read = read_exact
    later: bool = False
    lacking: frozenset[str] = frozenset()
    count: int = 0
    unread: int = 0
    whole: bool = False
    tree: GrowingTree = field(default_factory=GrowingTree)
    dock: KnownDock = field(default_factory=KnownDock)
    cameras: dict[str, KnownCamera] = field(default_factory=dict)
    receipts: dict[str, str] = field(default_factory=dict)
    assignments: list[tuple[str, str, str, str, str]] = field(default_factory=list)
    holds: dict[str, KnownHold] = field(default_factory=dict)
    requests: dict[str, KnownRequest] = field(default_factory=dict)
    _clocks: Clocks = field(default_factory=Clocks)
    _nonces: Nonces = field(default_factory=Nonces)
    _version: int = 0
    _expected: int = 0
    _last: str = ""

    def begin_after(self, since: FoundInOrder) -> Iterator[Finding]:
        """Take over entries that were found in order, if their hashes still give the same root."""
        try:
            tree = _first(self.db, since.size)
        except JournalError:
            message = f"there were {since.size:,} entries on {since.at}, and some of them are missing"
            yield Problem(code="entry_missing", message=message)
            return
        if tree.root().hex() != since.root:
            message = f"the first {since.size:,} entries no longer give the root that they gave on {since.at}"
            yield Problem(code="tree", message=message)
            return
        last = self.db.execute("SELECT leaf_hash FROM entry WHERE seq = ?", (since.size - 1,)).fetchone()
        self.tree, self.count, self._expected = GrowingTree(tree), since.size, since.size
        self._last = last[0].hex()

    def verify(self) -> Iterator[Finding]:
        """Read every entry; yield every problem."""
        part = f" WHERE seq >= {self._expected:d}" if self._expected else ""  # all there are, otherwise
        query = f"SELECT seq, leaf, leaf_hash, kind, clip, docking FROM entry{part} ORDER BY seq"  # noqa: S608
        rows = self.db.execute(query)
        for row in rows:
            seq = row[0]
            if not isinstance(seq, int) or seq < self._expected:
                message = f"after entry {self._expected - 1} there is one whose number is {seq!r:.40}"
                yield Problem(code="entry_form", message=message)
                if not isinstance(seq, int):
                    continue
                return  # in a sound file they come in order: this one may be read for ever
            found = self._exact(row)
            if found is None:
                yield from self._entry(seq, row)
            elif found:
                yield from found
        self.whole = True
        if self.later and self.unread:
            yield JournalVersionError(
                f"{format_count(self.unread, 'entry', 'entries')} can only be read by a later bwvdock.",
                remedy="Install the newer bwvdock again and try again.",
            )
        yield from self._nonces.repeated(self.db)
        yield from self._clocks.remarks()

    def _exact(self, row: _Row) -> Sequence[Problem] | None:
        """Take in an entry that is exactly as bwvdock writes it; return None for any other: nothing was done.

        What else may be the matter with such an entry, its values and the roots show.
        """
        seq, text, stored, kind, clip, docking = row
        read = self.read(kind, text)
        if read is None or not isinstance(seq, int) or seq != self._expected:
            return None
        form, groups = read
        actual = leaf_hash(str(text))
        if actual != stored or form.kind in _OF_DOCK:
            return None
        as_beside = (
            form.version >= self._version
            and groups[-3] == self._last
            and groups[-2] == str(seq)
            and clip == (groups[form.clip] if form.clip > 0 else None)
            and docking == (groups[form.docking] if form.docking > 0 else None)
        )
        if not as_beside or not self._clocks.follow(groups[0], groups[1], groups[-1]):
            return None
        self._version = form.version
        if form.version != FIRST:
            self._nonces.add(groups[-4])
        if form.kind is ClipVerified:
            self.receipts[groups[form.destination]] = groups[-1]
        problems = self._opened(seq, form, groups) if form.commits else None
        self._expected += 1
        self._last = actual.hex()
        self.count += 1
        completed = self.tree.append(actual)
        if not self.count % TILE_WIDTH:
            problems = [*(problems or ()), *self._subtrees(completed)]
        return problems or ()

    def _opened(self, seq: int, form: ExactForm, groups: tuple[str, ...]) -> list[Problem]:
        problems: list[Problem] = []
        if "private" in self.lacking:
            return problems
        for name, committed in form.commitments(groups):
            problem = self.values.open(seq, name, committed, form.version)
            if problem is not None:
                problems.append(problem)
        return problems

    def _entry(self, seq: int, row: _Row) -> Iterator[Finding]:
        text, stored = row[1:3]
        if seq != self._expected:
            message = f"entries {self._expected} to {seq - 1} are missing"
            yield Problem(code="entry_missing", entry=self._expected, message=message)
        actual = _hash_of(text, stored)
        if actual != stored:
            message = "the text does not match the hash beside it: one of them was changed"
            yield Problem(code="entry_hash", entry=seq, message=message)
        try:
            if not isinstance(text, str):
                raise ValueError(f"its text is stored as {_type_of(text)}")  # noqa: TRY301, TRY004 - as below
            yield from self._text(seq, row, text, read_leaf(text))
        except (ValueError, RecursionError) as error:
            self.unread += 1
            if not self.later:
                yield Problem(code="entry_form", entry=seq, message=f"this is not an entry: {error!s:.200}")
        self._expected, self._last = seq + 1, actual.hex()
        self.count += 1
        completed = self.tree.append(actual)
        if not self.count % TILE_WIDTH:
            yield from self._subtrees(completed)

    def _text(self, seq: int, row: _Row, text: str, leaf: Leaf) -> Iterator[Finding]:
        if not is_canonical(text, leaf):
            yield Problem(code="entry_form", entry=seq, message="the text is not in canonical form")
        if leaf.seq != seq:
            yield Problem(code="entry_form", entry=seq, message=f"the text numbers itself {leaf.seq}")
        if leaf.prev != self._last:
            message = "it does not have the hash of the entry before it"
            yield Problem(code="entry_link", entry=seq, message=message)
        clip = leaf.data.get("clip")
        if row[3:] != (leaf.kind, clip, leaf.data.get("docking")):
            message = "the kind, clip or docking beside the text differs from the text"
            named = clip if isinstance(clip, str) else None
            yield Problem(code="entry_index", entry=seq, clip=named, message=message)
        if leaf.version < self._version:
            message = f"it is of version {leaf.version}, and one before it of version {self._version}"
            yield Problem(code="entry_version", entry=seq, message=message)
        self._version = max(self._version, leaf.version)
        self._nonces.read(leaf)
        yield from self._clocks.read(leaf)
        fact = decode(leaf, str)
        if "private" not in self.lacking:
            opened = (self.values.open(seq, *one, leaf.version) for one in commitments(fact, leaf.version))
            yield from (problem for problem in opened if problem)
            if isinstance(fact, ValuesErased):
                yield from self.values.erased(seq, fact)
        try:
            self._learn(fact, leaf)
        except IllegalFactError as error:
            yield Problem(code="lifecycle", entry=seq, message=str(error))

    def _subtrees(self, completed: list[bytes]) -> Iterator[Problem]:
        if "subtree" in self.lacking:
            return
        for level, root in enumerate(completed[TILE_HEIGHT - 1 :: TILE_HEIGHT], start=1):
            number = (self.count >> (level * TILE_HEIGHT)) - 1
            row = self.db.execute(
                "SELECT root FROM subtree WHERE level = ? AND number = ?", (level, number)
            ).fetchone()
            if row and row[0] != root:
                message = f"root {number} of level {level} does not match its entries"
                yield Problem(code="subtree", entry=self.count - 1, message=message)

    def _learn(self, fact: Fact, leaf: Leaf) -> None:
        when = leaf.stamp.t
        if isinstance(fact, ClipVerified):
            self.receipts[fact.destination] = when
        elif isinstance(fact, CameraAttached | CameraEnrolled | CameraRevoked):
            known = self.cameras.get(fact.camera, KnownCamera())
            self.cameras[fact.camera] = add_camera_fact(known, fact, when, version=leaf.version)
        elif isinstance(fact, CameraAssigned):
            held = fact.camera, fact.officer, fact.valid_from, fact.valid_to, fact.unit
            self.assignments.append(held)
        elif isinstance(fact, HoldOpened | HoldEnded):
            self.holds[fact.hold] = add_hold_fact(self.holds.get(fact.hold), fact, leaf.data, when)
        elif isinstance(fact, RequestOpened | RequestCorrected | RequestClosed):
            known_request = self.requests.get(fact.request)
            self.requests[fact.request] = add_request_fact(known_request, fact, leaf.data, when)
        elif isinstance(fact, DockFact):
            self.dock = add_dock_fact(self.dock, fact, when)

    def against_tree(self) -> Iterator[Problem]:
        """Compare the tree that is stored with that of the entries, once these were read."""
        rows = self.db.execute("SELECT id, size, edge, root FROM tree LIMIT 2").fetchall()
        if rows != [(1, self.count, b"".join(self.tree.edge), self.tree.root())]:
            size = rows[0][1] if rows else "no"
            message = f"{self.count} entries do not match the stored tree of {size!s:.40} entries"
            if len(rows) > 1:
                message = "there is more than one stored tree"
            yield Problem(code="tree", message=message)

    def against_subtrees(self) -> Iterator[Problem]:
        """Compare how many roots are stored with how many there can be."""
        # Those at the end may still be missing: a journal from before them gets them little by little.
        rows = self.db.execute(
            "SELECT level, count(*), max(number) FROM subtree GROUP BY level ORDER BY level"
        )
        for level, count, highest in rows.fetchall():
            if count != highest + 1:
                yield Problem(code="subtree", message=f"roots of level {level} are missing between others")
            if highest >= self.count >> (level * TILE_HEIGHT):
                message = f"there are roots of level {level} for more than the {self.count} entries"
                yield Problem(code="subtree", message=message)


def _first(db: sqlite3.Connection, size: int) -> Tree:
    """Return the tree of the first entries, from the hashes that are stored.

    Raises:
        JournalError: entries are missing.
    """
    tiles, begin, edge = Tiles(db), 0, []
    for width in (1 << bit for bit in reversed(range(size.bit_length())) if size >> bit & 1):
        edge.append(range_root(begin, begin + width, tiles.fetch))
        begin += width
    return Tree(size, tuple(edge))


def _hash_of(text: object, stored: object) -> bytes:
    """Return the hash of an entry's text; of what is not one, the stored hash: its form is the problem."""
    if isinstance(text, str | bytes):
        return leaf_hash(text)
    return stored if isinstance(stored, bytes) and len(stored) == _HASH_BYTES else b"\0" * _HASH_BYTES


def _type_of(value: object) -> str:
    match value:
        case None:
            return "nothing (NULL)"
        case bytes():
            return "bytes (BLOB)"
        case _:
            return "a number"
