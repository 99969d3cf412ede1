"""Do both verifiers, which share no code, find in each vector what must be found, and nothing else?"""

from __future__ import annotations

import json
import lzma
import random
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from bwvdock.core.custody.verification import Verification
from bwvdock.edges.journal import verify_journal
from tests.cli.tampering import in_time, lay
from tests.edges.journal import stories as tell
from tests.extent import drawn, some
from tests.verifier.vector import BAG, DOCUMENT, JOURNAL, Vector
from tests.verifier.vectors import FOLDER, VECTORS, unpack
from verifier import bwvdock_verify

HUNDREDS = range(20)  # of flips
PROVEN = ("entry", "private", "tree", "subtree")  # the tables that the stand-alone verifier reads


def alone(kind: str, path: Path, *arguments: str) -> bwvdock_verify.Report:
    """Return what the stand-alone verifier finds."""
    with in_time():
        return bwvdock_verify.check(bwvdock_verify.arguments_of([kind, str(path), *arguments]))


def codes(found: bwvdock_verify.Report | Verification) -> tuple[str, ...]:
    return tuple(sorted({problem.code for problem in found.problems}))


def arguments_in(folder: Path, arguments: list[str] | tuple[str, ...]) -> list[str]:
    return [word if word.startswith("--") else str(folder / word) for word in arguments]


@pytest.mark.parametrize("vector", some(VECTORS, 12), ids=lambda vector: vector.name)
def test_both_verifiers_say_of_a_new_one_what_is_expected(tmp_path: Path, vector: Vector) -> None:
    vector.make(tmp_path)
    found = alone(vector.kind, tmp_path / vector.input, *arguments_in(tmp_path, vector.arguments))
    assert (found.exit_code, codes(found)) == (vector.exit_code, tuple(sorted(vector.codes)))
    if vector.daemon is not None:
        assert codes(verify_journal(tmp_path / vector.input)) == tuple(sorted(vector.daemon))


def test_where_they_differ_it_is_said_why() -> None:
    for vector in VECTORS:
        ours = vector.daemon if vector.daemon is not None else vector.codes
        assert bool(vector.why) == (bool(ours) != bool(vector.codes)), vector.name


@pytest.mark.parametrize("folder", some(sorted(FOLDER.iterdir()), 12), ids=lambda folder: folder.name)
def test_the_stand_alone_verifier_says_of_a_kept_one_what_is_expected(tmp_path: Path, folder: Path) -> None:
    expected: dict[str, Any] = json.loads((folder / "expect.json").read_text(encoding="utf-8"))
    path = folder / DOCUMENT
    if expected["kind"] == "journal":
        path = tmp_path / JOURNAL
        path.write_bytes(lzma.decompress((folder / f"{JOURNAL}.xz").read_bytes()))
    elif expected["kind"] == "bag":
        unpack(folder / f"{BAG}.tar.xz", tmp_path)
        path = tmp_path / BAG
    found = alone(expected["kind"], path, *arguments_in(folder, expected["arguments"]))
    assert (found.exit_code, list(codes(found))) == (expected["exit"], sorted(expected["codes"]))


def test_there_is_a_kept_one_of_each() -> None:
    assert {folder.name for folder in FOLDER.iterdir()} == {vector.name for vector in VECTORS}


def rows(path: Path) -> dict[str, list[tuple[Any, ...]]] | None:
    """Return all rows of all tables and the schema, texts as bytes; None where SQLite finds damage."""
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as db:
            if db.execute("PRAGMA integrity_check").fetchall() != [("ok",)]:
                return None
            db.text_factory = bytes
            schema = db.execute("SELECT type, name, tbl_name, sql FROM sqlite_schema").fetchall()
            tables = [name.decode() for kind, name, _, _ in schema if kind == b"table"]
            found = {t: sorted(db.execute(f'SELECT * FROM "{t}"'), key=repr) for t in tables}  # noqa: S608
    except (sqlite3.Error, UnicodeDecodeError):
        return None
    return {**found, "sqlite_schema": sorted(schema, key=repr)}


@pytest.fixture(scope="module")
def honest(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, bytes, Any]:
    path = tell.told(tmp_path_factory.mktemp("flips") / JOURNAL)
    return path, path.read_bytes(), rows(path)


@pytest.mark.slow
@pytest.mark.parametrize("hundred", drawn(HUNDREDS, 4, of="flips"))
def test_a_flipped_byte_that_changes_a_row_or_an_index_is_found(
    honest: tuple[Path, bytes, Any], hundred: int
) -> None:
    """By both where it is in what both read; by `custody verify` wherever it is. Nothing crashes or hangs."""
    path, content, before = honest
    for seed in range(hundred * 100, hundred * 100 + 100):
        chance, flipped = random.Random(seed), bytearray(content)
        flipped[chance.randrange(len(flipped))] ^= 1 << chance.randrange(8)
        lay(path, bytes(flipped))
        after = rows(path)
        lay(path, bytes(flipped))
        found, ours = alone("journal", path), verify_journal(path)
        if after is None or any(after.get(table) != before[table] for table in PROVEN):
            assert found.exit_code == 4, seed
        if after != before:
            assert ours.problems, seed
        assert found.exit_code in {0, 1, 4}, seed
        assert bool(ours.problems) >= bool(found.problems), seed
