# ruff: noqa: S608 - statements of our own words are what tests of a journal are made of
"""Do entries of both versions stand in one journal: read, verified, continued, erased?"""

from __future__ import annotations

import json
import re
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from bwvdock.core.custody.document import custody_document
from bwvdock.core.custody.entries import read_leaf
from bwvdock.core.custody.merkle import Tree, leaf_hash
from bwvdock.core.facts import FACT_TYPES, CameraEnrolled, CameraRevoked
from bwvdock.edges.journal import JournalReader, verify_journal
from tests.edges.journal import kept
from tests.edges.journal import stories as tell
from tests.edges.journal.as_version_1 import forged, without_nonce

Json = dict[str, Any]


@pytest.fixture
def old(tmp_path: Path) -> Path:
    return kept.lay(tmp_path / "journal.sqlite3")


@pytest.fixture(scope="module")
def continued(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = kept.lay(tmp_path_factory.mktemp("continued") / "journal.sqlite3")
    with kept.reopened(path) as journal:
        journal.append(kept.continued())
    return path


@pytest.fixture
def both(continued: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(continued, tmp_path))


def leaves(path: Path) -> list[str]:
    return [leaf for (leaf,) in tell.ask(path, "SELECT leaf FROM entry ORDER BY seq")]


def codes(path: Path) -> Counter[str]:
    verification = verify_journal(path)
    assert not verification.errors
    return Counter(problem.code for problem in verification.problems)


# --- the kept journal ----------------------------------------------------------------------------


def test_the_kept_journal_has_every_kind_of_version_1(old: Path) -> None:
    read = [read_leaf(leaf) for leaf in leaves(old)]
    assert {leaf.version for leaf in read} == {1}
    assert {leaf.kind for leaf in read} <= FACT_TYPES.keys()
    assert len({leaf.kind for leaf in read}) == 48


@pytest.mark.slow
def test_it_verifies_is_continued_and_verifies_again(old: Path) -> None:
    before = leaves(old)
    assert (verify_journal(old).problems, verify_journal(old).root) == ((), kept.ROOT)
    with kept.reopened(old) as journal:
        assert journal.root() == kept.ROOT
    verification = verify_journal(old)
    assert (verification.ok, verification.entries, verification.root) == (True, kept.ENTRIES, kept.ROOT)
    with kept.reopened(old) as journal:
        journal.append(kept.continued())
    assert (verify_journal(old).problems, verify_journal(old).ok) == ((), True)
    after = leaves(old)
    assert after[: kept.ENTRIES] == before
    assert {read_leaf(leaf).version for leaf in after[kept.ENTRIES :]} == {2}
    root = Tree().extend(leaf_hash(leaf) for leaf in after[: kept.ENTRIES]).root()
    assert root.hex() == kept.ROOT
    assert len({read_leaf(leaf).nonce for leaf in after[kept.ENTRIES :]}) == len(after) - kept.ENTRIES


def test_what_people_typed_is_read_from_entries_of_both_versions(both: Path) -> None:
    with JournalReader(both) as reader:
        cameras = {row.serial: row for row in reader.cameras()}
        history = {entry.kind: entry.data for entry in reader.history(kept.CLIP)}
    assert (cameras[kept.NAMED].model, cameras[kept.NAMED].revoked) == (kept.MODEL, "TYPED lent to PC Jones")
    assert (cameras[kept.REVOKED].model, cameras[kept.REVOKED].revoked) == ("TYPED PC Jones's X200", None)
    assert history["clip_flagged"]["reason"] == "TYPED Mrs Smith"
    assert history["clip_held"]["reason"] == "SECRET inquiry"


def test_what_version_1_had_in_plain_text_stays_readable(old: Path) -> None:
    kept.reopened(old).close()
    with JournalReader(old) as reader:
        cameras = {row.serial: row for row in reader.cameras()}
        assert reader.enrolment(kept.REVOKED).revoked == kept.REASON
    assert (cameras[kept.NAMED].model, cameras[kept.REVOKED].revoked) == (kept.MODEL, kept.REASON)


def test_entries_of_version_2_have_nothing_that_a_person_typed(both: Path) -> None:
    texts = leaves(both)
    assert [word for word in ("SECRET", "TYPED", "Jones") if word in "".join(texts[kept.ENTRIES :])] == []
    assert "PLAIN" in "".join(texts[: kept.ENTRIES])
    tables = tell.ask(both, "SELECT name FROM sqlite_schema WHERE type = 'table' AND name <> 'private'")
    for (table,) in tables:
        assert "TYPED" not in str(tell.ask(both, f"SELECT * FROM {table}")), table


def test_a_clip_of_an_earlier_version_has_a_document_that_proves_itself(both: Path) -> None:
    with JournalReader(both) as reader:
        extract = reader.extract(kept.CLIP)
    assert extract is not None
    document = json.loads(custody_document(extract, dock="LEW-03", non_evidential_days=31).text)
    versions = {json.loads(entry["leaf"])["v"] for entry in document["entries"]}
    assert versions == {1, 2}
    assert {field["field"] for field in document["closed"]} >= {"reason", "case", "path", "actor"}
    assert "TYPED" not in json.dumps(document)


@pytest.mark.parametrize("length", [18, 26])
def test_ids_of_both_lengths_are_found_by_their_beginning(both: Path, length: int) -> None:
    [whole, *_] = [i for (i,) in tell.ask(both, f"SELECT id FROM clip WHERE length(id) = {length}")]
    with JournalReader(both) as reader:
        assert reader.resolve_clip(whole) == whole
        assert reader.resolve_clip(whole[:-1].upper()) == whole
        assert [entry.data["clip"] for entry in reader.history(whole)][:1] == [whole]


# --- erasing -------------------------------------------------------------------------------------


@pytest.mark.slow
def test_what_people_typed_can_be_erased_and_the_dock_works_on(both: Path) -> None:
    tell.tamper(both, "DELETE FROM private WHERE field IN ('reason', 'model')")
    assert codes(both).keys() == {"private"}, "no entry says so"
    with kept.reopened(both) as journal:
        assert journal.enrolment(kept.NAMED).revoked == "", "revoked, and nobody knows why any more"
        assert journal.enrolment(kept.REVOKED).model == "X200", "as the camera says itself"
        journal.append(
            [
                CameraEnrolled(camera=kept.NAMED, model="", actor="ops"),
                CameraRevoked(camera=kept.REVOKED, reason="lost", actor="ops"),
            ]
        )
        assert journal.enrolment(kept.NAMED).enrolled
    assert codes(both).keys() == {"private"}
    with JournalReader(both) as reader:
        assert {row.serial: row.revoked for row in reader.cameras()}[kept.REVOKED] == "lost"
    assert b"TYPED lent" not in both.read_bytes()
    assert b"TYPED PC" not in both.read_bytes()


@pytest.mark.slow
def test_everything_personal_can_be_erased(both: Path) -> None:
    tell.tamper(both, "DELETE FROM private")
    assert codes(both).keys() == {"private"}, "no entry says so"
    with kept.reopened(both) as journal:
        journal.append([tell.started()])
    assert codes(both).keys() == {"private"}
    for word in (b"TYPED", b"SECRET"):
        assert word not in both.read_bytes()


# --- what is found -------------------------------------------------------------------------------


def test_nothing_is_found_in_a_forgery_that_changes_nothing(both: Path) -> None:
    assert codes(forged(both, lambda _, document: document)) == {}


@pytest.mark.slow
def test_an_entry_of_version_1_after_one_of_version_2_is_found(both: Path) -> None:
    last = len(leaves(both)) - 1
    changed = forged(both, lambda seq, d: without_nonce(d) if seq == last else d)
    assert codes(changed) == {"entry_version": 1}
    [problem] = verify_journal(changed).problems
    assert problem.entry == last


def test_an_entry_of_version_1_that_is_first_is_not_found(tmp_path: Path) -> None:
    path = tell.told(tmp_path / "j", [tell.started(), tell.started()])
    assert codes(forged(path, lambda seq, d: without_nonce(d) if seq == 0 else d)) == {}


@pytest.mark.slow
@pytest.mark.few(3)
@pytest.mark.parametrize("nonce", [None, "", "00" * 15, "00" * 17, "AB" * 16, "g" * 32, 7, ["00" * 16]])
def test_an_entry_without_a_nonce_in_its_form_is_found(both: Path, nonce: object) -> None:
    def spoiled(seq: int, document: Json) -> Json:
        if seq != kept.ENTRIES:
            return document
        if nonce is None:
            return {key: value for key, value in document.items() if key != "nonce"}
        return document | {"nonce": nonce}

    changed = forged(both, spoiled)
    assert codes(changed)["entry_form"] == 1
    assert [p.entry for p in verify_journal(changed).problems if p.code == "entry_form"] == [kept.ENTRIES]


def test_an_entry_of_version_1_with_a_nonce_is_found(both: Path) -> None:
    changed = forged(both, lambda seq, d: d | {"nonce": "ab" * 16} if seq == 3 else d)
    assert codes(changed)["entry_form"] == 1


@pytest.mark.slow
def test_a_nonce_that_comes_twice_is_found(both: Path) -> None:
    first, last = kept.ENTRIES + 1, len(leaves(both)) - 1
    nonce = json.loads(leaves(both)[first])["nonce"]
    changed = forged(both, lambda seq, d: d | {"nonce": nonce} if seq in {first + 4, last} else d)
    assert codes(changed) == {"entry_nonce": 2}
    problems = verify_journal(changed).problems
    assert [(p.entry, re.findall(r"entry (\d+)", p.message)) for p in problems] == [
        (first + 4, [str(first)]),
        (last, [str(first)]),
    ]


def test_nonces_that_begin_alike_are_not_the_same(both: Path) -> None:
    changed = forged(both, lambda seq, d: d | {"nonce": f"{seq:032x}"} if "nonce" in d else d)
    assert codes(changed) == {}


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE camera SET named = revoked_for WHERE named <> ''",
        "UPDATE camera SET revoked_for = '' WHERE revoked_for <> ''",
        "UPDATE camera SET revoked = 'stolen' WHERE revoked_for <> ''",
        "UPDATE camera SET model = 'X1' WHERE model LIKE 'PLAIN%'",
    ],
)
def test_a_changed_projection_of_what_was_typed_is_found(both: Path, statement: str) -> None:
    tell.tamper(both, statement)
    assert codes(both) == {"projection": 1}


def test_a_typed_value_that_was_replaced_is_found(both: Path) -> None:
    tell.tamper(both, "UPDATE private SET value = 'lost' WHERE value = 'TYPED lent to PC Jones'")
    assert codes(both) == {"commitment": 1}
