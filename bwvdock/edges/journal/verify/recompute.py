"""Are the tables for fast questions what the entries make, and did the law allow every entry?"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import astuple, dataclass, replace
from itertools import chain, groupby, islice
from operator import itemgetter
from typing import Any

from bwvdock.core.clips.lifecycle import IllegalFactError
from bwvdock.core.custody.entries import commitments, decode, read_leaf
from bwvdock.core.custody.exact import ExactForm, Read, read_exact
from bwvdock.core.custody.records import ClipOutcome, Outcome, may_be_complete, outcome_of, settled_outcome
from bwvdock.core.custody.verification import Problem
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
from bwvdock.edges.journal.events.rows import differing_tables
from bwvdock.edges.journal.folds import (
    KnownClip,
    KnownDocking,
    add_clip_fact,
    add_clip_outcomes,
    add_docking_fact,
)
from bwvdock.edges.journal.holds.tables import hold_rows
from bwvdock.edges.journal.people import LinkingFact, People, add_people
from bwvdock.edges.journal.verify.chain import Chain
from bwvdock.edges.journal.verify.contain import Finding, contained
from bwvdock.edges.journal.verify.revealed import Values
from bwvdock.edges.journal.write.camera_digests import digest_rows
from bwvdock.edges.journal.write.plain_rows import Rows, is_plain
from bwvdock.edges.journal.write.rows import clip_row, failure_rows, outcome_row, receipt_rows, sidecar_rows

_NO_PART_IN_BALANCE = (ClipFound.kind, CopyIntended.kind)
_IDENTITY = 4  # its column in a clip's row
_MOST_AT_ONCE, _CLIPS_AT_ONCE = 1000, 100  # entries that are in memory at a time, and clips
_OF_A_CLIP = ("receipt", "sidecar", "camera_digest", "failed_copy", "clip_hold")
_OF_CLIPS = (("clip", "id"), *((table, "clip") for table in _OF_A_CLIP))
_Row = tuple[object, ...]


def _differs(table: str, *, clip: str | None = None, what: str = "") -> Problem:
    subject = what or (f"clip {clip}" if clip else "")
    row = f"the row of {subject} in table {table}" if subject else f"table {table}"
    message = f"{row} does not match the entries"
    return Problem(code="projection", clip=clip, message=message)


def _groups(
    db: sqlite3.Connection, column: str, since: int, *, without: tuple[str, ...] = ()
) -> Iterator[tuple[str, Iterator[_Row]]]:
    """Return each clip (or docking) with its entries: its id, their number, text and kind."""
    named = f" AND {column} IN (SELECT {column} FROM entry WHERE seq >= {since:d})" if since else ""  # noqa: S608
    query = (
        f"SELECT {column}, seq, leaf, kind FROM entry WHERE {column} IS NOT NULL"  # noqa: S608 - our own words
        f" AND kind NOT IN ({', '.join('?' * len(without))}){named} ORDER BY {column}, seq"
    )
    return ((str(key), entries) for key, entries in groupby(db.execute(query, without), key=itemgetter(0)))


def _number(seq: object) -> int | None:
    return seq if isinstance(seq, int) else None


def _strangers(db: sqlite3.Connection, table: str, column: str, entry_column: str) -> list[str]:
    """Return the ids in a table that no entry names."""
    query = (
        f"SELECT DISTINCT {column} FROM {table} AS t WHERE NOT EXISTS"  # noqa: S608 - our own words
        f" (SELECT 1 FROM entry WHERE entry.{entry_column} = t.{column})"
    )
    return [str(row[0]) for row in db.execute(query)]


# --- clips ---------------------------------------------------------------------------------------


def verify_clips(db: sqlite3.Connection, read: Read = read_exact, since: int = 0) -> Iterator[Finding]:
    """Replay every clip's life and compare it with its rows; of those alone that an entry names since one."""
    values = Values(db)
    for lives in _together(db, since):
        rows = None  # where they cannot be read, each clip says so
        with suppress(sqlite3.Error):
            rows = Rows(db, [life.clip for life in lives]) if read is read_exact else None
        for life in lives:
            if rows is None or not life.is_plain(rows, values):
                replay = _ClipReplay(db, life.clip, values, read)
                yield from contained(replay.verify(chain(life.first, life.more)), f"Clip {life.clip}")
    for table, column in _OF_CLIPS if not since else ():
        for clip in _strangers(db, table, column, "clip"):
            yield _differs(table, clip=clip)


@dataclass(frozen=True, slots=True)
class _Life:
    """The entries of one clip: the first of them, and whatever is more."""

    clip: str
    first: list[_Row]
    more: Iterable[_Row] = ()

    def is_plain(self, rows: Rows, values: Values) -> bool:
        """Return whether it is an ordinary life that made the clip's rows; False where that is not known."""
        try:
            return len(self.first) < _MOST_AT_ONCE and is_plain(rows, self.clip, self.first, values.get)
        except (ValueError, TypeError, LookupError, OverflowError, sqlite3.Error):
            return False  # the replay says what is the matter


def _together(db: sqlite3.Connection, since: int) -> Iterator[list[_Life]]:
    """Yield the clips, some at a time; of one with very many entries, these are left to be read."""
    lives: list[_Life] = []
    kept = 0
    for clip, entries in _groups(db, "clip", since):
        first = list(islice(entries, _MOST_AT_ONCE))
        if len(first) == _MOST_AT_ONCE:
            yield [_Life(clip, first, entries)]
            continue
        lives.append(_Life(clip, first))
        kept += len(first)
        if kept >= _MOST_AT_ONCE or len(lives) >= _CLIPS_AT_ONCE:
            yield lives
            lives, kept = [], 0
    if lives:
        yield lives


class _ClipReplay:
    """The replay of one clip."""

    def __init__(self, db: sqlite3.Connection, clip: str, values: Values, read: Read) -> None:
        self._db = db
        self._read = read
        self._clip = clip
        self._values = values
        self._emptied = False
        self._people = People()
        self._known: KnownClip | None = None
        self._found: Mapping[str, Any] | None = None

    def verify(self, entries: Iterable[_Row]) -> Iterator[Problem]:
        for _, seq, text, kind in entries:
            try:
                self._take(str(text), kind)
            except IllegalFactError as error:
                yield Problem(code="lifecycle", entry=_number(seq), clip=self._clip, message=str(error))
                return
            except (ValueError, RecursionError):
                return  # entry_form has been said; what follows from it need not be
        if self._known and self._found is not None:
            yield from self._compare(self._known, self._found)

    def _take(self, text: str, kind: object) -> None:
        read = self._read(kind, text)
        if read is not None:
            form, groups = read
            try:
                fact = form.fact(groups, self._values.stored)
            except LookupError:  # read as one that was emptied
                pass
            else:
                if isinstance(fact, ClipFact):
                    self._learn(fact, fact, form.commitments(groups), groups[-1])
                return
        leaf = read_leaf(text)
        fact = decode(leaf, self._reveal)
        if isinstance(fact, ClipFact):
            # An officer whose value was emptied still counts: the commitment is used instead.
            still = decode(leaf, self._known_value) if isinstance(fact, LinkingFact) else fact
            self._learn(fact, still, commitments(decode(leaf, str), leaf.version), leaf.stamp.t)

    def _learn(self, fact: ClipFact, still: Fact, committed: Iterable[tuple[str, str]], when: str) -> None:
        self._known = add_clip_fact(self._known, fact, when)
        if isinstance(still, LinkingFact):
            self._people = add_people(self._people, still, dict(committed))
        if isinstance(fact, ClipFound):
            camera, path, *_ = (value for _, value in committed)  # those of sidecars follow
            self._found = {"camera": camera, "files": ({"path": path},)}

    def _known_value(self, committed: str) -> str:
        value = self._values.get(committed)
        return committed if value is None else value

    def _reveal(self, committed: str) -> str | None:
        value = self._values.get(committed)
        self._emptied = self._emptied or value is None
        return value

    def _compare(self, known: KnownClip, found: Mapping[str, Any]) -> Iterator[Problem]:
        expected = list(clip_row(known, found, self._people))
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
        digests = self._db.execute("SELECT * FROM camera_digest WHERE clip = ?", (self._clip,)).fetchall()
        if digests != digest_rows(known.clip):
            yield _differs("camera_digest", clip=self._clip)
        failures = self._db.execute("SELECT * FROM failed_copy WHERE clip = ?", (self._clip,)).fetchall()
        if sorted(failures) != sorted(failure_rows(known)):
            yield _differs("failed_copy", clip=self._clip)
        holds = self._db.execute("SELECT * FROM clip_hold WHERE clip = ?", (self._clip,)).fetchall()
        if sorted(holds) != hold_rows(known):
            yield _differs("clip_hold", clip=self._clip)
        taken = known.clip.parts or known.clip.former  # one that was recalled keeps its receipts
        for receipt in known.clip.receipts.values():
            if not taken or receipt.sha256 != taken[0].sha256:
                message = f"the receipt of {receipt.destination} has a digest that the clip never had"
                yield Problem(code="receipt_digest", clip=self._clip, message=message)


# --- dockings ------------------------------------------------------------------------------------


def verify_dockings(db: sqlite3.Connection, read: Read = read_exact, since: int = 0) -> Iterator[Finding]:
    """Replay every docking and compare its balance with its rows; of those alone named since an entry."""
    for docking, entries in _groups(db, "docking", since, without=_NO_PART_IN_BALANCE):
        yield from contained(_Docking(db, docking, read).verify(entries), f"Docking {docking}")
    for table, column in (("docking", "id"), ("docking_clip", "docking")) if not since else ():
        for docking in _strangers(db, table, column, "docking"):
            yield _differs(table, what=f"docking {docking}")


def _unopened(text: str, exact: tuple[ExactForm, tuple[Any, ...]] | None) -> tuple[Fact, str]:
    """Return the fact of an entry, with its commitments, and when it was recorded.

    Raises:
        ValueError: it is not an entry.
    """
    if exact is not None:
        form, groups = exact
        return form.fact(groups, str), groups[-1]
    leaf = read_leaf(text)
    return decode(leaf, str), leaf.stamp.t


def _acquired(form: ExactForm, groups: tuple[Any, ...]) -> ClipOutcome:
    """Return the outcome that an entry states: what `outcome_of` returns for its fact, sooner."""
    parts = form.parts_of("parts", groups, "size", "read_bytes")
    size, read = (sum(int(part[number] or 0) for part in parts) for number in range(2))
    return ClipOutcome(clip=groups[form.clip], outcome=Outcome.COPIED, size=size, read=read)


class _Docking:
    """The replay of one docking."""

    def __init__(self, db: sqlite3.Connection, docking: str, read: Read) -> None:
        self._db = db
        self._read = read
        self._docking = docking
        self._known: KnownDocking | None = None
        self._outcomes: dict[str, ClipOutcome] = {}
        self._added: list[tuple[ClipOutcome | None, ClipOutcome]] = []

    def verify(self, entries: Iterable[_Row]) -> Iterator[Problem]:
        for _, number, text, kind in entries:
            seq = _number(number)
            try:
                exact = self._read(kind, text)
                if exact is not None and exact[0].kind is ClipAcquired and self._known is not None:
                    self._settle(_acquired(*exact))
                    continue
                fact, when = _unopened(str(text), exact)
                yield from self._balance(seq, fact)
                self._take(fact, when)
            except IllegalFactError as error:
                yield Problem(code="lifecycle", entry=seq, message=str(error))
                return
            except (ValueError, RecursionError):
                return  # entry_form has been said; what follows from it need not be
        self._add_outcomes()
        if self._known:
            yield from self._compare(self._known)

    def _take(self, fact: Fact, when: str) -> None:
        if isinstance(fact, DockingFact):
            self._add_outcomes()
            self._known = add_docking_fact(self._known, fact, when)
        if isinstance(fact, ClipSkipped | ClipAcquired):
            if self._known is None:
                raise IllegalFactError(f"{fact.kind} names docking {fact.docking}, which never began")
            self._settle(outcome_of(fact))

    def _settle(self, outcome: ClipOutcome) -> None:
        before = self._outcomes.get(outcome.clip)
        after = settled_outcome(before, outcome)
        self._outcomes[outcome.clip] = after
        self._added.append((before, after))

    def _add_outcomes(self) -> None:
        """Take the clips since the last fact of the docking's own into its balance, all at once."""
        if self._known is not None:
            self._known = add_clip_outcomes(self._known, self._added)
        self._added = []

    def _balance(self, seq: int | None, fact: Fact) -> Iterator[Problem]:
        if not isinstance(fact, CameraDetached) or self._known is None:
            return
        self._add_outcomes()
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


def verify_sums(db: sqlite3.Connection, read: Chain) -> Iterator[Problem]:
    """Compare the small tables with what one pass over the entries has found."""
    tables: dict[str, tuple[str, Iterable[_Row]]] = {
        "dock": ("SELECT * FROM dock", [(1, *astuple(read.dock))]),
        "camera": ("SELECT * FROM camera", [(c, *astuple(k)) for c, k in read.cameras.items()]),
        "destination": ("SELECT * FROM destination", read.receipts.items()),
        "assignment": (
            "SELECT * FROM assignment",
            [(number, *held) for number, held in enumerate(read.assignments, start=1)],
        ),
        "standing_hold": ("SELECT * FROM standing_hold", [astuple(hold) for hold in read.holds.values()]),
        "request": ("SELECT * FROM request", [astuple(request) for request in read.requests.values()]),
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
    yield from map(_differs, differing_tables(db))
