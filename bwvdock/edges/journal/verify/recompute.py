"""Are the tables for fast questions what the entries make, and did the law allow every entry?"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import astuple, replace
from itertools import groupby

from bwvdock.core.clips.lifecycle import IllegalFactError
from bwvdock.core.custody.entries import Leaf, decode, read_leaf
from bwvdock.core.custody.records import ClipOutcome, Problem, may_be_complete, outcome_of, settled_outcome
from bwvdock.core.facts import (
    CameraDetached,
    ClipAcquired,
    ClipFact,
    ClipFound,
    ClipSkipped,
    CopyIntended,
    DockingFact,
    Fact,
)
from bwvdock.edges.journal import lookups
from bwvdock.edges.journal.folds import (
    KnownClip,
    KnownDocking,
    add_clip_fact,
    add_clip_outcome,
    add_docking_fact,
)
from bwvdock.edges.journal.people import LinkingFact, People, add_people
from bwvdock.edges.journal.private import reveal
from bwvdock.edges.journal.verify.chain import Chain
from bwvdock.edges.journal.verify.contain import Finding, contained
from bwvdock.edges.journal.write.projection import clip_row, outcome_row, receipt_rows, sidecar_rows

_NO_PART_IN_BALANCE = (ClipFound.kind, CopyIntended.kind)
_IDENTITY = 4  # its column in a clip's row
_Row = tuple[object, ...]


def _differs(table: str, *, clip: str | None = None, what: str = "") -> Problem:
    subject = what or (f"clip {clip}" if clip else "")
    row = f"the row of {subject} in table {table}" if subject else f"table {table}"
    message = f"{row} does not match the entries"
    return Problem(code="projection", clip=clip, message=message)


def _groups(
    db: sqlite3.Connection, column: str, *, without: tuple[str, ...] = ()
) -> Iterator[tuple[str, Iterator[tuple[int, str]]]]:
    """Return each clip (or docking) with the numbers and texts of its entries."""
    query = (
        f"SELECT {column}, seq, leaf FROM entry WHERE {column} IS NOT NULL"  # noqa: S608 - our own words
        f" AND kind NOT IN ({', '.join('?' * len(without))}) ORDER BY {column}, seq"
    )
    for key, rows in groupby(db.execute(query, without), key=lambda row: str(row[0])):
        yield key, ((row[1], row[2]) for row in rows)


def _strangers(db: sqlite3.Connection, table: str, column: str, entry_column: str) -> list[str]:
    """Return the ids in a table that no entry names."""
    query = (
        f"SELECT DISTINCT {column} FROM {table} AS t WHERE NOT EXISTS"  # noqa: S608 - our own words
        f" (SELECT 1 FROM entry WHERE entry.{entry_column} = t.{column})"
    )
    return [str(row[0]) for row in db.execute(query)]


# --- clips ---------------------------------------------------------------------------------------


def verify_clips(db: sqlite3.Connection) -> Iterator[Finding]:
    """Replay every clip's life and compare it with its rows."""
    for clip, entries in _groups(db, "clip"):
        yield from contained(_ClipReplay(db, clip).verify(entries), f"Clip {clip}")
    for table, column in (("clip", "id"), ("receipt", "clip"), ("sidecar", "clip")):
        for clip in _strangers(db, table, column, "clip"):
            yield _differs(table, clip=clip)


class _ClipReplay:
    """The replay of one clip."""

    def __init__(self, db: sqlite3.Connection, clip: str) -> None:
        self._db = db
        self._clip = clip
        self._emptied = False
        self._people = People()

    def verify(self, entries: Iterable[tuple[int, str]]) -> Iterator[Problem]:
        known: KnownClip | None = None
        found: Leaf | None = None
        for seq, text in entries:
            try:
                leaf = read_leaf(text)
                fact = decode(leaf, self._reveal)
                if isinstance(fact, ClipFact):
                    known = add_clip_fact(known, fact, leaf.stamp.t)
                    self._link(fact, leaf)
            except IllegalFactError as error:
                yield Problem(code="lifecycle", entry=seq, clip=self._clip, message=str(error))
                return
            except (ValueError, RecursionError):
                return  # entry_form has been said; what follows from it need not be
            if isinstance(fact, ClipFound):
                found = leaf
        if known and found:
            yield from self._compare(known, found)

    def _link(self, fact: ClipFact, leaf: Leaf) -> None:
        if isinstance(fact, ClipAcquired):
            self._people = add_people(self._people, fact, leaf.data)
        elif isinstance(fact, LinkingFact):
            # An officer whose value was emptied still counts: the commitment is used instead.
            still = decode(leaf, self._known_value)
            if isinstance(still, LinkingFact):
                self._people = add_people(self._people, still, leaf.data)

    def _known_value(self, committed: str) -> str:
        value = reveal(self._db, committed)
        return committed if value is None else value

    def _reveal(self, committed: str) -> str | None:
        value = reveal(self._db, committed)
        self._emptied = self._emptied or value is None
        return value

    def _compare(self, known: KnownClip, found: Leaf) -> Iterator[Problem]:
        expected = list(clip_row(known, found.data, self._people))
        actual = self._db.execute("SELECT * FROM clip WHERE id = ?", (self._clip,)).fetchone()
        if self._emptied and actual:
            expected[_IDENTITY] = actual[_IDENTITY]  # not to be computed any more
        if actual is None or list(actual) != expected:
            yield _differs("clip", clip=self._clip)
        sidecars = self._db.execute("SELECT * FROM sidecar WHERE clip = ?", (self._clip,)).fetchall()
        if not self._emptied and sorted(sidecars) != sidecar_rows(known):
            yield _differs("sidecar", clip=self._clip)
        receipts = self._db.execute("SELECT * FROM receipt WHERE clip = ?", (self._clip,)).fetchall()
        if sorted(receipts) != sorted(receipt_rows(known)):
            yield _differs("receipt", clip=self._clip)
        taken = known.clip.parts or known.clip.former  # one that was recalled keeps its receipts
        for receipt in known.clip.receipts.values():
            if not taken or receipt.sha256 != taken[0].sha256:
                message = f"the receipt of {receipt.destination} has a digest that the clip never had"
                yield Problem(code="receipt_digest", clip=self._clip, message=message)


# --- dockings ------------------------------------------------------------------------------------


def verify_dockings(db: sqlite3.Connection) -> Iterator[Finding]:
    """Replay every docking and compare its balance with its rows."""
    for docking, entries in _groups(db, "docking", without=_NO_PART_IN_BALANCE):
        yield from contained(_Docking(db, docking).verify(entries), f"Docking {docking}")
    for table, column in (("docking", "id"), ("docking_clip", "docking")):
        for docking in _strangers(db, table, column, "docking"):
            yield _differs(table, what=f"docking {docking}")


class _Docking:
    """The replay of one docking."""

    def __init__(self, db: sqlite3.Connection, docking: str) -> None:
        self._db = db
        self._docking = docking
        self._known: KnownDocking | None = None
        self._outcomes: dict[str, ClipOutcome] = {}

    def verify(self, entries: Iterable[tuple[int, str]]) -> Iterator[Problem]:
        for seq, text in entries:
            try:
                leaf = read_leaf(text)
                fact = decode(leaf, str)
                yield from self._balance(seq, fact)
                self._take(fact, leaf.stamp.t)
            except IllegalFactError as error:
                yield Problem(code="lifecycle", entry=seq, message=str(error))
                return
            except (ValueError, RecursionError):
                return  # entry_form has been said; what follows from it need not be
        if self._known:
            yield from self._compare(self._known)

    def _take(self, fact: Fact, when: str) -> None:
        if isinstance(fact, DockingFact):
            self._known = add_docking_fact(self._known, fact, when)
        if isinstance(fact, ClipSkipped | ClipAcquired):
            if self._known is None:
                raise IllegalFactError(f"{fact.kind} names docking {fact.docking}, which never began")
            before = self._outcomes.get(fact.clip)
            after = settled_outcome(before, outcome_of(fact))
            self._outcomes[fact.clip] = after
            self._known = add_clip_outcome(self._known, before, after)

    def _balance(self, seq: int, fact: Fact) -> Iterator[Problem]:
        if not isinstance(fact, CameraDetached) or self._known is None:
            return
        residual = self._known.balance.residual
        claim = replace(fact, complete=may_be_complete(state=self._known.state, residual=residual))
        if fact.residual < residual or (fact.complete and not claim.complete):
            message = (
                f"docking {self._docking} was ended with {fact.residual} clips open"
                f"{' and as complete' if fact.complete else ''}; its entries leave {residual} open"
            )
            yield Problem(code="docking_balance", entry=seq, message=message)

    def _compare(self, known: KnownDocking) -> Iterator[Problem]:
        what = f"docking {self._docking}"
        row = self._db.execute("SELECT * FROM docking WHERE id = ?", (self._docking,)).fetchone()
        if row != lookups.docking_row(known):
            yield _differs("docking", what=what)
        rows = self._db.execute("SELECT * FROM docking_clip WHERE docking = ?", (self._docking,)).fetchall()
        if sorted(rows) != sorted((self._docking, *outcome_row(o)) for o in self._outcomes.values()):
            yield _differs("docking_clip", what=what)


# --- the dock, its cameras, its sums -------------------------------------------------------------


def verify_sums(db: sqlite3.Connection, chain: Chain) -> Iterator[Problem]:
    """Compare the small tables with what one pass over the entries has found."""
    tables: dict[str, tuple[str, Iterable[_Row]]] = {
        "dock": ("SELECT * FROM dock", [(1, *astuple(chain.dock))]),
        "camera": ("SELECT * FROM camera", [(c, *astuple(k)) for c, k in chain.cameras.items()]),
        "destination": ("SELECT * FROM destination", chain.receipts.items()),
        "assignment": (
            "SELECT * FROM assignment",
            [(number, *held) for number, held in enumerate(chain.assignments, start=1)],
        ),
        "attribution": (
            "SELECT * FROM attribution",
            db.execute("SELECT officer, count(*) FROM clip WHERE officer IS NOT NULL GROUP BY officer"),
        ),
        "tally": (
            "SELECT * FROM tally",
            db.execute("SELECT state, served, count(*), sum(size) FROM clip GROUP BY state, served"),
        ),
    }
    for table, (query, expected) in tables.items():
        if Counter(db.execute(query)) != Counter(expected):
            yield _differs(table)
