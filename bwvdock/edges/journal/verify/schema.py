"""Are the journal's tables, indexes and triggers those that bwvdock makes: all of them, and no others?"""

from __future__ import annotations

import re
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, nullcontext, suppress
from functools import cache

from bwvdock.core.custody.verification import Problem, Remark
from bwvdock.edges.journal.database import APPLICATION_ID, MIGRATIONS, index_script, migration
from bwvdock.edges.journal.verify.contain import Finding
from bwvdock.errors import JournalVersionError

CURRENT = len(MIGRATIONS)
TABLES = frozenset(
    {
        "assignment",
        "attribution",
        "camera",
        "camera_digest",
        "checkpoint",
        "clip",
        "clip_event",
        "clip_hold",
        "cosignature",
        "destination",
        "dock",
        "docking",
        "docking_clip",
        "entry",
        "event",
        "failed_copy",
        "private",
        "receipt",
        "sent",
        "request",
        "sidecar",
        "standing_hold",
        "subtree",
        "tally",
        "timestamp",
        "tree",
    }
)
_SPACE = re.compile(
    r"[ \n]+"
)  # a version of SQLite may set columns that were added later apart in its own way
_OBJECTS = "SELECT type, name, tbl_name, sql FROM sqlite_schema"

_Object = tuple[str, str, str, str]


def _read(db: sqlite3.Connection) -> Counter[_Object]:
    return Counter(
        (str(kind), str(name), str(table), _SPACE.sub(" ", str(sql or "")))
        for kind, name, table, sql in db.execute(_OBJECTS)
    )


@cache
def _made(version: int, *, indexed: bool = False) -> frozenset[_Object]:
    """Return the objects of a version; with the indexes that came without one, if they are asked for.

    Of an earlier version, with those of its tables: the first had no assignments.
    """
    with closing(sqlite3.connect(":memory:")) as db:
        for number in range(version):
            db.executescript(migration(number))
        for statement in _statements(index_script()) if indexed else ():
            with suppress(sqlite3.OperationalError) if version < CURRENT else nullcontext():
                db.execute(statement)
        return frozenset(_read(db))


def _statements(script: str) -> Iterator[str]:
    """Yield the statements of an SQL script; each begins on a line of its own."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""


def _nearest(found: Counter[_Object], declared: int) -> int:
    """Return the version whose objects these are or resemble most, preferably the one stated."""
    if 0 < declared <= CURRENT and found.keys() == _made(declared, indexed=True):
        return declared  # as nearly every journal is: to make each version takes as long as all other checks

    def distance(version: int) -> tuple[int, bool]:
        return len(_made(version) ^ found.keys()), version != declared

    return min(range(1, CURRENT + 1), key=distance)


class Schema:
    """The schema of one journal. `version` is that of its tables, whatever the file states."""

    def __init__(self, db: sqlite3.Connection) -> None:
        """Read it.

        Raises:
            sqlite3.Error: it cannot be read.
        """
        self._application, self.declared = (
            int(db.execute(f"PRAGMA {name}").fetchone()[0]) for name in ("application_id", "user_version")
        )
        self._found = _read(db)
        self.version = _nearest(self._found, self.declared)
        self._unreadable = dict(_not_ordinary(db))

    @property
    def empty(self) -> bool:
        """Whether nothing was made in the file yet."""
        return not self._found

    @property
    def later(self) -> bool:
        """Whether the journal is of a later version of bwvdock: what it may have then is not known here."""
        return self.declared > CURRENT

    @property
    def comparable(self) -> bool:
        """Whether this version knows what every table must have."""
        return self.version == CURRENT and not self.later

    @property
    def has_subtrees(self) -> bool:
        """Whether its version keeps roots for proofs."""
        return self.version > 1

    @property
    def has_checkpoints(self) -> bool:
        """Whether its version keeps signed checkpoints."""
        return self.version > 8

    def lacks(self, table: str) -> bool:
        """Return whether a table is not there, or is not one that can be read like a table."""
        return table in self._unreadable

    def verify(self) -> Iterator[Finding]:
        """Yield each difference from what bwvdock makes, and a version that this one does not know."""
        if self._application != APPLICATION_ID:
            message = (
                f"The file is marked as a database of another program (application_id {self._application})"
            )
            yield Problem(code="schema", message=message)
        for table, kind in sorted(self._unreadable.items()):
            if kind:
                message = f"{table} is {kind}, not a table: what it shows was not read"
                yield Problem(code="schema", message=message)
        if self.later:
            yield from self._of_a_later_version()
            return
        if self.declared != self.version:
            message = (
                f"The file states version {self.declared}, and its tables are those of version {self.version}"
            )
            yield Problem(code="schema", message=message)
        elif self.declared < CURRENT:
            yield JournalVersionError(
                f"The journal is of version {self.declared}, from an earlier bwvdock: its entries were "
                "checked, and the tables that follow from them were not.",
                remedy="Start the daemon once (sudo systemctl start bwvdock): it adds the new tables and "
                "changes no entry. Then try again.",
            )
        for message in self._differences():
            yield Problem(code="schema", message=message)

    def _of_a_later_version(self) -> Iterator[Finding]:
        yield JournalVersionError(
            f"The journal is of version {self.declared}; this bwvdock supports version {CURRENT} at most. It "
            "was not checked further than that its entries have the hashes beside them and give the tree.",
            remedy="Install the newer bwvdock again and try again.",
        )
        for message in self._differences():
            yield Remark(message=f"Compared with version {CURRENT}: {message}")

    def _differences(self) -> Iterator[str]:
        # Of whichever version: a journal that was not upgraded yet may have them already.
        wanted, allowed = _made(self.version), _made(self.version, indexed=True)
        of = {(kind, name) for kind, name, _, _ in allowed}
        found = {(kind, name) for kind, name, _, _ in self._found}
        for kind, name, table, sql in sorted(self._found - Counter(allowed)):
            told = f"{kind} {name!r}" + f" on {table!r}" * (table != name)
            if (kind, name) in of:
                yield f"{told} is not as bwvdock makes it: {sql[:200]!r}"
            else:
                yield f"{told} is none of bwvdock's: {sql[:200]!r}"
        for kind, name, _, _ in sorted(wanted):
            if (kind, name) not in found:
                yield f"{kind} {name!r} is missing"


def _not_ordinary(db: sqlite3.Connection) -> Iterator[tuple[str, str]]:
    """Yield each of our tables that is not an ordinary one, and what it is; "" for one that is missing."""
    rows = db.execute("SELECT name, type, rootpage, sql FROM sqlite_schema").fetchall()
    for table in TABLES:
        kinds = [
            _kind(db, *row) for row in rows if str(row[0]).lower() == table and row[1] in {"table", "view"}
        ]
        if not kinds:
            yield table, ""
        elif any(kinds):
            yield table, next(filter(None, kinds))


def _kind(db: sqlite3.Connection, name: object, kind: object, rootpage: object, sql: object) -> str:
    if kind != "table":
        return "a view"
    if not rootpage or "VIRTUAL" in str(sql).upper().split()[:2]:
        return "a virtual table"
    hidden = db.execute("SELECT count(*) FROM pragma_table_xinfo(?) WHERE hidden", (name,)).fetchone()[0]
    return "a table of computed columns" if hidden else ""
