"""Which version are a journal's tables of, whatever its file states?"""

from __future__ import annotations

import sqlite3
from contextlib import closing, suppress

import pytest

from bwvdock.edges.journal.database import index_script, migration
from bwvdock.edges.journal.verify.schema import CURRENT, Schema

VERSIONS = range(1, CURRENT + 1)


def seen(version: int, stated: int, more: str = "") -> int:
    """Return of which version a journal is found to be that was made by one and states another."""
    with closing(sqlite3.connect(":memory:")) as db:
        for number in range(version):
            db.executescript(migration(number))
        for statement in index_script().split(";"):
            with suppress(sqlite3.OperationalError):  # of a table that came later
                db.execute(statement)
        db.executescript(f"PRAGMA user_version = {stated}; {more}")
        return Schema(db).version


@pytest.mark.slow
@pytest.mark.parametrize("version", VERSIONS)
def test_it_is_found_by_its_tables_and_not_by_what_the_file_states(version: int) -> None:
    other = version % CURRENT + 1
    assert [seen(version, stated) for stated in (version, 0, other, CURRENT + 1)] == [version] * 4
    assert seen(version, version, "CREATE TABLE more (a)") == version
    assert seen(version, other, "CREATE TABLE more (a)") == version
