# ruff: noqa: S608 - forging statements is what these tests do
"""Does `custody verify` end, and find what was changed, whatever somebody does to a dock's disk?"""

from __future__ import annotations

import random
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from bwvdock.edges.journal.verify.schema import TABLES
from tests.cli.docks import QUARANTINED, VERIFIED, Dock, used_dock
from tests.cli.tampering import PLACES, change, lay, replace, rows, verified
from tests.cli.test_custody import alter
from tests.extent import EXTENT, Extent, drawn

pytestmark = pytest.mark.slow

Statement = tuple[str, tuple[object, ...]]
Rows = dict[str, list[tuple[Any, ...]]]
Capture = pytest.CaptureFixture[str]
NESTED = "nested"  # for many brackets, which a report of an example need not show
EXAMPLES = {Extent.CHECK: 5, Extent.TEST: 30, Extent.NIGHTLY: 1000}[EXTENT]
often = settings(
    max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


class Whole:
    """A dock with a custody document, and the bytes of its journal."""

    def __init__(self, dock: Dock) -> None:
        self.dock = dock
        self.content = dock.config.journal.read_bytes()


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Whole:
    dock = used_dock(tmp_path_factory.mktemp("whole"))
    dock.describe(VERIFIED)
    return Whole(dock)


def tables(journal: Path) -> dict[str, list[str]]:
    """Return the columns of each table of a journal."""
    with closing(sqlite3.connect(f"file:{journal}?mode=ro", uri=True)) as db:
        return {name: [row[1] for row in db.execute(f"PRAGMA table_info({name})")] for name in TABLES}


_TABLES = tuple(sorted(TABLES))
_VALUES = st.one_of(
    st.none(),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(allow_nan=False),
    st.text(max_size=8),
    st.binary(max_size=40),
    st.sampled_from(["", NESTED, '{"v":1}', "null", b"\xff", 0, 1, "a" * 64, bytes(32)]),
)
_PLANTED = (
    "CREATE TRIGGER planted AFTER INSERT ON entry BEGIN DELETE FROM private; END",
    "CREATE TABLE planted (x)",
    "CREATE VIEW planted AS SELECT * FROM entry",
    "CREATE INDEX planted ON entry (kind)",
    "CREATE TABLE sqlite_planted (x)",
    "ANALYZE",
    "DROP INDEX entry_of_clip",
    "DROP INDEX clip_by_state",
    "DROP TABLE receipt",
    "DROP TABLE private",
    "DROP TABLE entry",
    "DROP TABLE tree",
    "ALTER TABLE clip ADD COLUMN more",
    "ALTER TABLE entry RENAME TO gone",
    "PRAGMA application_id = 1",
    "PRAGMA user_version = 3",
    "PRAGMA user_version = 99",
    "PRAGMA user_version = -1",
    "VACUUM",
)


@st.composite
def statements(draw: st.DrawFn) -> Statement:
    kind = draw(st.sampled_from(["update", "update", "update", "delete", "insert", "plant"]))
    if kind == "plant":
        return draw(st.sampled_from(_PLANTED)), ()
    table = draw(st.sampled_from(_TABLES))
    column = draw(st.integers(0, 30))
    row = draw(st.integers(0, 20))
    return f"{kind} {table} {column}", (row, draw(_VALUES))


def spelt(statement: tuple[str, tuple[object, ...]], columns: dict[str, list[str]]) -> Statement:
    """Return a drawn statement as SQL."""
    words = statement[0].split()
    if words[0] not in {"update", "delete", "insert"}:
        return statement
    table, (row, drawn) = words[1], statement[1]
    value = "[" * 100_000 if drawn == NESTED else drawn
    names = columns[table]
    column = names[int(words[2]) % len(names)]
    where = f"WHERE {column} IS (SELECT {column} FROM {table} LIMIT 1 OFFSET {row})"
    match words[0]:
        case "update":
            return f"UPDATE {table} SET {column} = ? {where}", (value,)
        case "delete":
            return f"DELETE FROM {table} {where}", ()
        case _:
            filled = ", ".join("?" if name == column else name for name in names)
            return f"INSERT INTO {table} SELECT {filled} FROM {table} LIMIT 1 OFFSET {row}", (value,)


@pytest.mark.slow
@often
@given(drawn=st.lists(statements(), min_size=1, max_size=3))
def test_whatever_is_done_to_its_rows_is_found(whole: Whole, capsys: Capture, drawn: list[Statement]) -> None:
    dock, content = whole.dock, whole.content
    lay(dock.config.journal, content)
    before = rows(dock.config.journal)
    columns = tables(dock.config.journal)
    said = [spelt(statement, columns) for statement in drawn]
    note(f"{said!s:.2000}")
    change(dock.config.journal, *said)
    after = rows(dock.config.journal)
    code, found = verified(dock, capsys)
    assert before is not None
    if after == before:
        assert (code, found["problems"]) == (0, [])
    elif after is not None and after["pragmas"][1][0] > before["pragmas"][1][0]:
        assert code in {1, 4}, "a later version's tables are not known here"
    else:
        assert code == 4


@pytest.mark.slow
@often
@given(seed=st.integers(0, 2**32), count=st.integers(1, 3))
def test_whichever_bytes_of_the_file_are_flipped(
    whole: Whole, capsys: Capture, seed: int, count: int
) -> None:
    dock, content = whole.dock, whole.content
    lay(dock.config.journal, content)
    before = rows(dock.config.journal)
    drawn, flipped = random.Random(seed), bytearray(content)
    for _ in range(count):
        flipped[drawn.randrange(len(flipped))] ^= 1 << drawn.randrange(8)
    lay(dock.config.journal, bytes(flipped))
    after = rows(dock.config.journal)
    lay(dock.config.journal, bytes(flipped))
    code, _ = verified(dock, capsys)
    if after == before:
        assert code == 0
    elif after is None or after["pragmas"] == (before or after)["pragmas"]:
        assert code == 4
    else:
        assert code in {1, 4}


@pytest.mark.slow
@often
@given(seed=st.integers(0, 2**32), count=st.integers(1, 3))
def test_whichever_bytes_of_the_wal_are_flipped(whole: Whole, capsys: Capture, seed: int, count: int) -> None:
    """What SQLite does not take from it any more are the newest entries: nothing here shows that."""
    dock, content = whole.dock, whole.content
    lay(dock.config.journal, content)
    wal = Path(f"{dock.config.journal}-wal")
    with closing(sqlite3.connect(dock.config.journal, isolation_level=None)) as db:
        db.execute("PRAGMA wal_autocheckpoint = 0")
        db.execute("DELETE FROM private WHERE field = 'path'")
        written = bytearray(wal.read_bytes())
        drawn = random.Random(seed)
        for _ in range(count):
            written[drawn.randrange(len(written))] ^= 1 << drawn.randrange(8)
        kept = dock.config.journal.read_bytes()
    lay(dock.config.journal, kept)
    wal.write_bytes(written)
    verified(dock, capsys)
    lay(dock.config.journal, content)


FILES = {
    "journal": "state/journal.sqlite3",
    "its WAL": "state/journal.sqlite3-wal",
    "its shared memory": "state/journal.sqlite3-shm",
    "its rollback journal": "state/journal.sqlite3-journal",
    "certificate": "state/dock.json",
    "last verification": "state/last-verification.json",
    "spool": "state/spool",
    "spooled file": f"state/spool/{VERIFIED}.0.mp4",
    "vault": "state/vault",
    "mark": "state/vault/.bwvdock-vault",
    "marks": "state/marks",
    "note of the mark": "state/marks/vault",
    "vaulted file": f"state/vault/DAY/{VERIFIED}.0.mp4",
    "document": f"state/vault/DAY/{VERIFIED}.0.mp4.custody.json",
    "another document": "state/vault/DAY/other.0.mp4.custody.json",
    "certificate in the vault": "state/vault/.bwvdock-dock-LEW-03.json",
}


UNREAD = [
    FILES[name] for name in ("journal", "its WAL", "its shared memory", "its rollback journal", "vault")
]
"""Without these nothing says what the altered file was, or where it is."""


@pytest.mark.slow
@pytest.mark.parametrize(
    "place,kind", [(place, kind) for place in FILES for kind in drawn(PLACES, 4, of=place)]
)
def test_whatever_is_in_a_files_place(tmp_path: Path, capsys: Capture, place: str, kind: str) -> None:
    """What can be read beside it is checked: a file in the vault that was altered is found.

    Four things in the place of each file, others in each run; in `make nightly` every one.
    """
    dock = used_dock(tmp_path)
    document = dock.describe(VERIFIED)
    alter(dock.vaulted(QUARANTINED))
    where = FILES[place].replace("DAY", str(document.parent.relative_to(dock.vault)))
    replace(tmp_path / where, PLACES[kind])
    _, found = verified(dock, capsys)
    if FILES[place] not in UNREAD:
        assert ("vault_file", QUARANTINED) in {(p["code"], p["clip"]) for p in found["problems"]}


@pytest.mark.parametrize("value", [b"zz", b"\xff" * 20, "zz\x00zz", 7, "CAST(x'ff41' AS TEXT)"])
def test_an_id_that_is_not_a_text_does_not_come_again_and_again(
    dock: Dock, capsys: Capture, value: object
) -> None:
    """The clips are read page by page, each from the last id of the page before it."""
    given = value if isinstance(value, str) and value.startswith("CAST") else "?"
    change(
        dock.config.journal,
        (f"UPDATE entry SET clip = {given} WHERE clip = '{VERIFIED}'", (value,) * (given == "?")),
    )
    code, _ = verified(dock, capsys)
    assert code == 4


@pytest.mark.parametrize("table", ["entry", "private", "tree", "clip"])
def test_a_view_that_never_ends_ends_the_command(dock: Dock, capsys: Capture, table: str) -> None:
    columns = tables(dock.config.journal)[table]
    shown = ", ".join(f"x AS {column}" for column in columns)
    with closing(sqlite3.connect(dock.config.journal, isolation_level=None)) as db:
        db.execute("PRAGMA legacy_alter_table = ON")
        db.execute(f"ALTER TABLE {table} RENAME TO aside")
        endless = "WITH RECURSIVE n(x) AS (SELECT 0 UNION ALL SELECT x + 1 FROM n)"
        db.execute(f"CREATE VIEW {table} AS {endless} SELECT {shown} FROM n")
    code, _ = verified(dock, capsys)
    assert code == 4
