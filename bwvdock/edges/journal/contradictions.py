"""Which witnesses contradict a journal, and what changed about its signer, as its own entries say?"""

from __future__ import annotations

import sqlite3

from bwvdock.core.custody.entries import decode, read_leaf
from bwvdock.core.custody.story import EVENTS
from bwvdock.core.facts import JournalAsWitnessed, JournalNotAsWitnessed, LogKeyNew, SignerForgot
from bwvdock.edges.journal.personal_values import reveal

# SQLite uses the index entry_of_event only where its own condition is repeated.
_IS_EVENT = f"kind IN ({', '.join(repr(kind) for kind in EVENTS)})"
_QUERY = f"SELECT leaf FROM entry WHERE {_IS_EVENT} AND kind IN (?, ?) ORDER BY seq"  # noqa: S608 - our own words


def contradictions(db: sqlite3.Connection) -> list[tuple[str, JournalNotAsWitnessed]]:
    """Return what witnesses stated against the journal and did not take back, each with the entry's time.

    Of each witness the first statement, or the first that was proven: that one is not taken back.
    """
    standing: dict[str, tuple[str, JournalNotAsWitnessed]] = {}
    for (text,) in db.execute(_QUERY, (JournalNotAsWitnessed.kind, JournalAsWitnessed.kind)):
        leaf = read_leaf(text)
        fact = decode(leaf, lambda committed: reveal(db, committed))
        if isinstance(fact, JournalNotAsWitnessed):
            known = standing.get(fact.witness)
            if known is None or (fact.proven and not known[1].proven):
                standing[fact.witness] = (leaf.stamp.t, fact)
        elif isinstance(fact, JournalAsWitnessed):
            known = standing.get(fact.witness)
            if known is not None and not known[1].proven:
                del standing[fact.witness]
    return list(standing.values())


def signer_changes(db: sqlite3.Connection) -> list[tuple[str, LogKeyNew | SignerForgot]]:
    """Return each new key of the log and each time that the signer forgot, each with the entry's time."""
    found = []
    for (text,) in db.execute(_QUERY, (LogKeyNew.kind, SignerForgot.kind)):
        leaf = read_leaf(text)
        fact = decode(leaf, lambda committed: reveal(db, committed))
        if isinstance(fact, LogKeyNew | SignerForgot):
            found.append((leaf.stamp.t, fact))
    return found
