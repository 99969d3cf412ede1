"""Does the journal prove itself?

Everything is recomputed from the entries' texts, in one read transaction, and compared with what is stored
beside them. Nothing stops it: each inconsistency becomes a Problem, with a code from CODES (explained in
docs/reference/journal.md). Memory does not grow with the journal.

Left out here: hashing the files that the entries speak of, and signed checkpoints (none exist yet).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

from bwvdock.core.custody.merkle import EMPTY_ROOT
from bwvdock.core.custody.records import Problem, Verification
from bwvdock.edges.journal.database import connect_reader, wal_exists
from bwvdock.edges.journal.verify.chain import Chain
from bwvdock.edges.journal.verify.recompute import verify_clips, verify_dockings, verify_sums
from bwvdock.edges.journal.verify.soundness import damage
from bwvdock.errors import JournalError, JournalVersionError

CODES = frozenset(
    {
        "clock_order",  # the boot clock ran backwards within one boot
        "commitment",  # a personal value does not open its commitment
        "docking_balance",  # a docking was called more complete than its entries make it
        "entry_form",  # an entry's text is not canonical, or not an entry
        "entry_hash",  # an entry's text does not match the hash beside it
        "entry_index",  # kind, clip or docking beside an entry is not what its text says
        "entry_link",  # an entry does not name the hash of the one before it
        "entry_missing",  # numbers are missing
        "journal_unreadable",  # SQLite cannot read the file, or not to its end
        "lifecycle",  # a clip's or a docking's entries come in an order that the law does not allow
        "projection",  # a table for fast questions is not what the entries make
        "receipt_digest",  # a verified copy has another digest than the acquired one
        "subtree",  # a root that was kept for proofs is not what its entries give
        "tree",  # the entries do not give the tree's size, edge or root
    }
)


def verify_journal(path: Path) -> Verification:
    """Recompute a journal and compare; never raises for what it finds.

    The daemon may continue writing meanwhile: what is verified is the journal at the moment of the call.

    Raises:
        JournalVersionError: it is of another version of bwvdock, so nothing was looked at.
    """
    try:
        db, immutable = connect_reader(path)
    except JournalVersionError:
        raise
    except JournalError as error:
        problem = Problem(code="journal_unreadable", message=error.message)
        return Verification(entries=0, root=EMPTY_ROOT.hex(), problems=(problem,))
    try:
        verification = _verify(db)
    finally:
        db.close()
    if immutable and wal_exists(path):  # the daemon started meanwhile: what was read may be of two moments
        return verify_journal(path)
    return verification


def _verify(db: sqlite3.Connection) -> Verification:
    # A byte that was flipped in a text must not stop the reading: its hash will show it.
    db.text_factory = lambda text: text.decode("utf-8", "replace")
    db.execute("BEGIN")  # ended by closing the connection
    chain = Chain(db)
    checks = (_pages(db), chain.verify(), verify_clips(db), verify_dockings(db), verify_sums(db, chain))
    # A damaged page stops several checks, each with the same words.
    problems = dict.fromkeys(problem for check in checks for problem in _all_of(check))
    return Verification(entries=chain.count, root=chain.tree.root().hex(), problems=tuple(problems))


def _pages(db: sqlite3.Connection) -> Iterator[Problem]:
    # An index that nothing here reads may be damaged too, and the daemon's answers come from it.
    found = db.execute("PRAGMA quick_check(1)").fetchone()[0]
    if found != "ok":
        yield Problem(code="journal_unreadable", message=f"The file is damaged: {damage(found)}")


def _all_of(check: Iterator[Problem]) -> Iterator[Problem]:
    try:
        yield from check
    except sqlite3.Error as error:
        yield Problem(code="journal_unreadable", message=f"SQLite cannot read all of the file: {error}")
