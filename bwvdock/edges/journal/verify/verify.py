"""Does the journal prove itself?

Everything is recomputed from the entries' texts, in one read transaction, and compared with what is stored
beside them. Nothing stops it: each inconsistency becomes a Problem, with a code from CODES (explained in
docs/reference/journal.md), and a check that cannot be finished becomes one too. Memory does not grow with the
journal.

Left out here: hashing the files that the entries speak of.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path

from bwvdock.core.custody.exact import Read, read_exact
from bwvdock.core.custody.merkle import EMPTY_ROOT
from bwvdock.core.custody.verification import Problem, Remark, Verification
from bwvdock.edges.journal.database import explained, wal_exists
from bwvdock.edges.journal.verify.chain import Chain
from bwvdock.edges.journal.verify.checkpoints import StoredCheckpoints
from bwvdock.edges.journal.verify.contain import Finding, contained, unreadable
from bwvdock.edges.journal.verify.last import FoundInOrder
from bwvdock.edges.journal.verify.opening import Opened, open_for_check
from bwvdock.edges.journal.verify.recompute import verify_clips, verify_dockings, verify_sums
from bwvdock.edges.journal.verify.schema import TABLES, Schema
from bwvdock.edges.journal.verify.soundness import damage
from bwvdock.edges.journal.verify.values import PersonalValues
from bwvdock.errors import BwvdockError, JournalDamagedError

CODES = frozenset(
    {
        "checkpoint",  # a signed checkpoint is not what the entries give, or its signature is wrong
        "clock_order",  # the boot clock ran backwards within one boot
        "commitment",  # a personal value does not open its commitment
        "docking_balance",  # a docking was called more complete than its entries make it
        "entry_form",  # an entry's text is not canonical, or not an entry
        "entry_hash",  # an entry's text does not match the hash beside it
        "entry_index",  # kind, clip or docking beside an entry is not what its text says
        "entry_link",  # an entry does not name the hash of the one before it
        "entry_missing",  # numbers are missing
        "entry_nonce",  # an entry has a nonce that another one has
        "entry_version",  # an entry of an earlier version comes after one of a later
        "journal_unreadable",  # SQLite cannot read the file, or not to its end
        "lifecycle",  # a clip's or a docking's entries come in an order that the law does not allow
        "private",  # a personal value is stored that no entry commits to
        "projection",  # a table for fast questions is not what the entries make
        "receipt_digest",  # a verified copy has another digest than the acquired one
        "schema",  # a table, an index or a trigger is missing, changed or not bwvdock's
        "subtree",  # a root that was kept for proofs is not what its entries give
        "tree",  # the entries do not give the tree's size, edge or root
    }
)
_NOT_UTF8 = "decode to UTF-8"  # in what the sqlite3 module says of a text that is not
_MOST_DAMAGE = 20  # findings of SQLite about one file

_OF_CLIPS = frozenset({"entry", "private", "clip", "sidecar", "receipt", "clip_hold"})
_OF_DOCKINGS = frozenset({"entry", "docking", "docking_clip"})
_OF_SUMS = frozenset(
    {"dock", "camera", "destination", "attribution", "assignment", "tally", "clip"}
    | {"event", "sent", "clip_event", "standing_hold", "request"}
)


def verify_journal(path: Path, *, read: Read = read_exact, since: FoundInOrder | None = None) -> Verification:
    """Recompute a journal and compare; never raises, whatever is in the journal or in its place.

    The daemon may continue writing meanwhile: what is verified is the journal at the moment of the call.

    Args:
        path: the journal's file.
        read: reads most entries at once; the findings are the same without it.
        since: what an earlier verification found in order: only what came after it is read, and whether the
            hashes of these entries still give their root.
    """
    return _verify(path, partial(_Run, read=read, since=since), strict=True)


def _verify(path: Path, run: Callable[[Opened], _Run], *, strict: bool) -> Verification:
    try:
        opened = open_for_check(path, strict=strict)
        with closing(opened.db):
            verification = run(opened).verification()
    except Exception as error:  # noqa: BLE001 - whatever is in the journal's place, there is an answer
        return _verify(path, run, strict=False) if strict else _verification([_not_opened(error, path)])
    if strict and any(_NOT_UTF8 in problem.message for problem in verification.problems):
        return _verify(path, run, strict=False)
    if opened.immutable and wal_exists(path):  # the daemon started meanwhile: it may be of two moments
        return _verify(path, run, strict=strict)
    return verification


def _not_opened(error: Exception, path: Path) -> Finding:
    if isinstance(error, JournalDamagedError):
        return Problem(code="journal_unreadable", message=error.message)
    finding = unreadable(error, f"The journal at {path}")
    if isinstance(error, sqlite3.Error | OSError):
        said = explained(error, path)
        return (
            Problem(code="journal_unreadable", message=said.message) if isinstance(finding, Problem) else said
        )
    return finding


def _verification(
    findings: Iterable[Finding],
    *,
    entries: int = 0,
    root: bytes = EMPTY_ROOT,
    checkpoints: int = 0,
    since: int = 0,
) -> Verification:
    different = dict.fromkeys(findings)  # a damaged page stops several checks, each with the same words
    return Verification(
        entries=entries,
        root=root.hex(),
        checkpoints=checkpoints,
        since=since,
        problems=tuple(one for one in different if isinstance(one, Problem)),
        remarks=tuple(one for one in different if isinstance(one, Remark)),
        errors=tuple(one for one in different if isinstance(one, BwvdockError)),
    )


class _Run:
    """One verification of one open journal."""

    def __init__(self, opened: Opened, read: Read, since: FoundInOrder | None) -> None:
        self._opened = opened
        self._since = since
        self._read = read
        self._db = opened.db
        self._values = PersonalValues(self._db)
        self._chain = Chain(self._db, self._values, read)
        self._checkpoints = StoredCheckpoints(self._db)

    def verification(self) -> Verification:
        """Carry out every check."""
        self._db.execute("BEGIN")  # ended by closing the connection
        findings = [*(self._findings() if self._since is None else self._findings_since(self._since))]
        return _verification(
            findings,
            since=self._since.size if self._since else 0,
            entries=self._chain.count,
            root=self._chain.tree.root(),
            checkpoints=self._checkpoints.count,
        )

    def _findings(self) -> Iterator[Finding]:
        schema, unread = self._read_schema()
        yield from unread
        if schema is None:
            yield from self._check("The file", _pages(self._db))
            return
        if schema.empty:
            message = "The journal is empty: creation was probably interrupted"
            yield Problem(code="journal_unreadable", message=message)
            return
        yield from self._check("The schema", schema.verify())
        yield from self._check("The file", _pages(self._db))
        self._chain.later = schema.later
        self._chain.lacking = frozenset(table for table in TABLES if schema.lacks(table))
        yield from self._entries(schema)
        if schema.comparable:
            yield from self._projections()

    def _findings_since(self, since: FoundInOrder) -> Iterator[Finding]:
        """Read what came after entries that were found in order; say what is not read again."""
        schema, unread = self._read_schema()
        yield from unread
        if schema is None or not schema.comparable:
            message = "The journal cannot be verified in part: its tables are not those of this version"
            yield Problem(code="journal_unreadable", message=message)
            return
        yield from self._check("The schema", schema.verify())
        self._chain.lacking = frozenset(table for table in TABLES if schema.lacks(table))
        needed = {"entry", "tree", "subtree"}
        yield from self._check("The earlier entries", self._chain.begin_after(since), needed)
        if self._chain.count != since.size:
            return
        yield from self._check("The entries", self._chain.verify(), needed)
        yield from self._check("The tree", self._chain.against_tree(), needed)
        clips, dockings = (
            check(self._db, self._read, since.size) for check in (verify_clips, verify_dockings)
        )
        yield from self._check("The clips", clips, _OF_CLIPS)
        yield from self._check("The dockings", dockings, _OF_DOCKINGS)
        message = (
            f"Entries 0 to {since.size - 1:,} were not read again: they were found in order on {since.at}. "
            "Their hashes still give the root of that day. A change of their texts, of their personal "
            "values, or of rows that follow from them alone is not seen without a full verification"
        )
        yield Remark(message=message)

    def _read_schema(self) -> tuple[Schema | None, list[Finding]]:
        unread: list[Finding] = []
        for _ in range(2):
            try:
                self._opened.budget.renew()
                return Schema(self._db), unread
            except Exception as error:  # noqa: BLE001 - what a schema may hold is for nobody to foresee
                unread.append(unreadable(error, "The schema"))
                self._db.execute("PRAGMA writable_schema = ON")  # what is malformed in it is passed over
        return None, unread

    def _entries(self, schema: Schema) -> Iterator[Finding]:
        needed = {"entry"}
        yield from self._check("The entries", self._chain.verify(), needed)
        if not self._chain.whole:
            return
        yield from self._check("The tree", self._chain.against_tree(), needed | {"tree"})
        if schema.has_subtrees:
            yield from self._check("Roots for proofs", self._chain.against_subtrees(), needed | {"subtree"})
        if schema.has_checkpoints and not schema.later:
            needed = {"entry", "checkpoint", "cosignature", "timestamp"}
            yield from self._check("The checkpoints", self._checkpoints.verify(), needed)
        if not schema.later:
            yield from self._check("Personal values", self._values.sweep(), needed | {"private"})

    def _projections(self) -> Iterator[Finding]:
        yield from self._check("The clips", verify_clips(self._db, self._read), _OF_CLIPS)
        yield from self._check("The dockings", verify_dockings(self._db, self._read), _OF_DOCKINGS)
        if self._chain.whole:
            yield from self._check("The sums", verify_sums(self._db, self._chain), _OF_SUMS)

    def _check(self, what: str, check: Iterable[Finding], needed: Collection[str] = ()) -> Iterator[Finding]:
        """Carry out one check, if the tables that it reads are there."""
        if lacking := sorted(self._chain.lacking.intersection(needed)):
            message = f"{what} could not be checked: table {' and '.join(lacking)} cannot be read"
            yield Problem(code="journal_unreadable", message=message)
            return
        self._opened.budget.renew()
        yield from contained(check, what)


def _pages(db: sqlite3.Connection) -> Iterator[Problem]:
    # An index that nothing here reads may be damaged too, and the daemon's answers come from it.
    for (found,) in db.execute(f"PRAGMA integrity_check({_MOST_DAMAGE})"):
        if found != "ok":
            yield Problem(code="journal_unreadable", message=f"The file is damaged: {damage(str(found))}")
