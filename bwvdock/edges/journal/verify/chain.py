"""Do the entries prove each other? One pass over all of them, in order."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field

from bwvdock.core.custody.entries import Leaf, commitments, decode, is_canonical, read_leaf
from bwvdock.core.custody.merkle import Tree, commitment, leaf_hash
from bwvdock.core.custody.proofs import TILE_HEIGHT, TILE_WIDTH
from bwvdock.core.custody.records import Problem
from bwvdock.core.facts import (
    CameraAssigned,
    CameraAttached,
    CameraEnrolled,
    CameraRevoked,
    ClipVerified,
    DockFact,
    Fact,
)
from bwvdock.edges.journal.folds import KnownCamera, KnownDock, add_camera_fact, add_dock_fact

_Row = tuple[int, str, bytes, str, str | None, str | None]


@dataclass(slots=True)
class Chain:
    """What one pass over the entries has found: the tree, and what they say of the dock and its cameras."""

    db: sqlite3.Connection
    count: int = 0
    tree: Tree = field(default_factory=Tree)
    dock: KnownDock = field(default_factory=KnownDock)
    cameras: dict[str, KnownCamera] = field(default_factory=dict)
    receipts: dict[str, str] = field(default_factory=dict)
    assignments: list[tuple[str, str, str, str]] = field(default_factory=list)
    _expected: int = 0
    _last: bytes = b""
    _clock: tuple[str, int] = ("", 0)
    _opened: set[tuple[str, str]] = field(default_factory=set)

    def verify(self) -> Iterator[Problem]:
        """Read every entry; yield every problem."""
        rows = self.db.execute("SELECT seq, leaf, leaf_hash, kind, clip, docking FROM entry ORDER BY seq")
        for row in rows:
            yield from self._entry(row)
        yield from self._against_tree()
        yield from self._against_subtrees()

    def _entry(self, row: _Row) -> Iterator[Problem]:
        seq, text, stored = row[:3]
        if seq != self._expected:
            message = f"entries {self._expected} to {seq - 1} are missing"
            yield Problem(code="entry_missing", entry=self._expected, message=message)
        actual = leaf_hash(text)
        if actual != stored:
            message = "the text does not match the hash beside it: one of them was changed"
            yield Problem(code="entry_hash", entry=seq, message=message)
        try:
            yield from self._text(row, read_leaf(text))
        except (ValueError, RecursionError) as error:
            yield Problem(code="entry_form", entry=seq, message=f"this is not an entry: {error}")
        self._expected, self._last = seq + 1, actual
        self.count += 1
        if self.count % TILE_WIDTH == 0:
            yield from self._subtrees(self.tree.completed_by(actual))
        self.tree = self.tree.append(actual)

    def _text(self, row: _Row, leaf: Leaf) -> Iterator[Problem]:
        seq, text, _, kind, clip, docking = row
        if not is_canonical(text, leaf):
            yield Problem(code="entry_form", entry=seq, message="the text is not in canonical form")
        if leaf.seq != seq:
            yield Problem(code="entry_form", entry=seq, message=f"the text numbers itself {leaf.seq}")
        if leaf.prev != self._last.hex():
            message = "it does not have the hash of the entry before it"
            yield Problem(code="entry_link", entry=seq, message=message)
        if (kind, clip, docking) != (leaf.kind, leaf.data.get("clip"), leaf.data.get("docking")):
            message = "the kind, clip or docking beside the text differs from the text"
            yield Problem(code="entry_index", entry=seq, clip=leaf.data.get("clip"), message=message)
        yield from self._time(leaf)
        fact = decode(leaf, str)
        for name, committed in commitments(fact):
            yield from self._opens(seq, name, committed)
        self._learn(fact, leaf.stamp.t)

    def _subtrees(self, completed: list[bytes]) -> Iterator[Problem]:
        for level, root in enumerate(completed[TILE_HEIGHT::TILE_HEIGHT], start=1):
            number = (self.count >> (level * TILE_HEIGHT)) - 1
            row = self.db.execute(
                "SELECT root FROM subtree WHERE level = ? AND number = ?", (level, number)
            ).fetchone()
            if row and row[0] != root:
                message = f"root {number} of level {level} does not match its entries"
                yield Problem(code="subtree", entry=self.count - 1, message=message)

    def _time(self, leaf: Leaf) -> Iterator[Problem]:
        boot, before = self._clock
        self._clock = (leaf.stamp.boot, leaf.stamp.bt)
        if leaf.stamp.boot == boot and leaf.stamp.bt < before:
            message = f"{before - leaf.stamp.bt} ms before the entry before it, within one boot"
            yield Problem(code="clock_order", entry=leaf.seq, message=message)

    def _opens(self, seq: int, name: str, committed: str) -> Iterator[Problem]:
        if (name, committed) in self._opened:
            return
        row = self.db.execute(
            "SELECT field, salt, value FROM private WHERE commitment = ?", (committed,)
        ).fetchone()
        if row and (row[0] != name or commitment(name, row[1], row[2]) != committed):
            message = f"the {name} stored beside the entry does not match its commitment"
            yield Problem(code="commitment", entry=seq, message=message)
        if name != "path":  # a path's commitment occurs once; those of cameras and people are few
            self._opened.add((name, committed))

    def _learn(self, fact: Fact, when: str) -> None:
        if isinstance(fact, ClipVerified):
            self.receipts[fact.destination] = when
        elif isinstance(fact, CameraAttached | CameraEnrolled | CameraRevoked):
            known = self.cameras.get(fact.camera, KnownCamera())
            self.cameras[fact.camera] = add_camera_fact(known, fact, when)
        elif isinstance(fact, CameraAssigned):
            self.assignments.append((fact.camera, fact.officer, fact.valid_from, fact.valid_to))
        elif isinstance(fact, DockFact):
            self.dock = add_dock_fact(self.dock, fact, when)

    def _against_tree(self) -> Iterator[Problem]:
        row = self.db.execute("SELECT size, edge, root FROM tree").fetchone()
        if row != (self.count, b"".join(self.tree.edge), self.tree.root()):
            size = row[0] if row else "no"
            message = f"{self.count} entries do not match the stored tree of {size} entries"
            yield Problem(code="tree", message=message)

    def _against_subtrees(self) -> Iterator[Problem]:
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
