# ruff: noqa: S608 - forging statements is what these tests do
"""Can somebody who has only a clip's custody document, and mistrusts us, see what the journal had of it?"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from bwvdock.core.canonical import canonical
from bwvdock.core.custody.c2sp.checkpoint import read_signed_checkpoint
from bwvdock.core.custody.consistency import verify_consistency
from bwvdock.core.custody.document import CustodyDocument, custody_document
from bwvdock.core.custody.merkle import Tree, leaf_hash
from bwvdock.core.facts import ClipAttributed, ClipFlagged, ClipQuarantined, ClipRetried, ClipSkipped, Fact
from bwvdock.edges.journal import JournalReader, verify_journal
from bwvdock.edges.journal.checkpoints import Enough, nobody
from bwvdock.errors import JournalError
from tests.edges.journal import stories as tell
from tests.extent import some
from tests.fakes.signed import sign
from tests.fakes.signer import FakeSigner
from tests.verifier.document_vectors import DOCUMENTS
from tests.verifier.vector import Vector

REFERENCE = (Path(__file__).parents[4] / "docs/reference/custody-document.md").read_text(encoding="utf-8")
CLIP, OTHER = tell.clip_id(1), tell.clip_id(2)
Json = dict[str, Any]


def life() -> list[Fact]:
    """Tell of two clips, one of them skipped once, served, doubted, served again, attributed and marked."""
    return [
        tell.started(),
        *tell.attached("d1"),
        tell.found(CLIP, "d1", 1),
        ClipSkipped(docking="d1", clip=CLIP, outcome="not_ready", reason="growing"),
        *tell.attached("d2"),
        *tell.transfer(OTHER, "d2", 2),
        *tell.transfer(CLIP, "d2", 1)[1:],
        ClipQuarantined(clip=CLIP, reason="odd"),
        ClipRetried(clip=CLIP, actor="sergeant.pepper"),
        tell.uploaded(CLIP),
        tell.verified(CLIP, 1),
        ClipAttributed(clip=CLIP, officer="PC-4711"),
        ClipFlagged(clip=CLIP, reason="Mr Kite was seen", case="K/1", actor="sergeant.pepper"),
        *[tell.started()] * 600,
    ]


@pytest.fixture(scope="module")
def journal(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tell.told(tmp_path_factory.mktemp("life") / "journal.sqlite3", life())


def written(path: Path, clip: str = CLIP, enough: Enough = nobody) -> CustodyDocument:
    with JournalReader(path) as reader:
        extract = reader.extract(clip, enough)
    assert extract is not None
    return custody_document(extract, dock="LEW-03", non_evidential_days=31)


def check_by_hand(document: bytes, directory: Path, *footage: Path) -> subprocess.CompletedProcess[str]:
    """Run the reference page's own program, with nothing of bwvdock in reach, and optimised."""
    (program,) = re.findall(r"```python\n(.*?)```", REFERENCE, re.DOTALL)
    file = directory / "clip.mp4.custody.json"
    file.write_bytes(document)
    return subprocess.run(
        [sys.executable, "-I", "-O", "-c", program, str(file), *map(str, footage)],
        capture_output=True,
        text=True,
        check=False,
        cwd=directory,
    )


# --- what it says --------------------------------------------------------------------------------


@pytest.mark.slow
def test_it_has_every_entry_about_the_clip_and_those_that_name_camera_and_dock(journal: Path) -> None:
    document = json.loads(written(journal).text)
    entries = [(e["about"], json.loads(e["leaf"])["kind"]) for e in document["entries"]]
    assert [kind for about, kind in entries if about != "clip"] == [
        "dock_started",
        "camera_attached",
        "camera_attached",
    ]
    texts = [
        row[0] for row in tell.ask(journal, f"SELECT leaf FROM entry WHERE clip = '{CLIP}' ORDER BY seq")
    ]
    assert [e["leaf"] for e in document["entries"] if e["about"] == "clip"] == texts
    assert [e["seq"] for e in document["entries"]] == sorted(e["seq"] for e in document["entries"])
    assert document["tree"] == {"size": len(life()), "root": verify_journal(journal).root}
    assert (document["dock"], document["clip"]) == ("LEW-03", CLIP)
    assert document["manifest"]["sha256"] == tell.digest("clip1")
    assert document["how_to_verify"]
    assert document["does_not_prove"]


@pytest.mark.slow
def test_it_is_canonical_and_the_same_each_time(journal: Path) -> None:
    document = written(journal)
    assert document.text.decode() == canonical(json.loads(document.text))
    assert written(journal) == document


def test_it_opens_camera_and_officer_and_nothing_else(journal: Path) -> None:
    text = written(journal).text.decode()
    document = json.loads(text)
    assert {(o["field"], o["value"]) for o in document["opened"]} == {
        ("camera", tell.SERIAL),
        ("officer", "PC-4711"),
    }
    assert {(c["field"], c["why"]) for c in document["closed"]} == {
        (field, "withheld") for field in ("actor", "case", "path", "reason")
    }
    for secret in ("pepper", "Kite", "K/1", "DCIM"):
        assert secret not in text
    for (salt,) in tell.ask(journal, "SELECT salt FROM private WHERE field NOT IN ('camera', 'officer')"):
        assert salt.hex() not in text


def test_it_says_nothing_of_another_clip(journal: Path) -> None:
    assert OTHER not in written(journal).text.decode()
    assert CLIP not in written(journal, OTHER).text.decode()


@pytest.mark.slow
def test_what_was_erased_from_the_dock_is_said_to_be(journal: Path, tmp_path: Path) -> None:
    path = Path(shutil.copy(journal, tmp_path))
    tell.tamper(path, "DELETE FROM private WHERE field = 'camera'")
    text = written(path).text
    document = json.loads(text)
    assert [o["field"] for o in document["opened"]] == ["officer"]
    assert {c["field"] for c in document["closed"] if c["why"] == "erased"} == {"camera"}
    assert check_by_hand(text, tmp_path).returncode == 0


def test_it_speaks_of_the_clip_s_revision(journal: Path) -> None:
    assert written(journal).revision == 2  # attributed, and flagged
    assert written(journal, OTHER).revision == 0


def test_an_unknown_clip_has_no_extract(journal: Path) -> None:
    with JournalReader(journal) as reader:
        assert reader.extract("unknown") is None


@pytest.mark.slow
def test_a_journal_that_does_not_begin_with_its_dock_still_proves_the_clip(tmp_path: Path) -> None:
    path = tell.told(tmp_path / "j", [*tell.attached("d1"), *tell.transfer(CLIP, "d1", 1)])
    text = written(path).text
    assert [e["about"] for e in json.loads(text)["entries"]][:2] == ["docking", "clip"]
    assert check_by_hand(text, tmp_path).returncode == 0


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE entry SET leaf = replace(leaf, 'LEW-03', 'LEW-04') WHERE seq = 0",
        "UPDATE entry SET leaf = replace(leaf, 'not_ready', 'unreadable') WHERE kind = 'clip_skipped'",
        "UPDATE entry SET leaf_hash = zeroblob(32) WHERE seq = 1",
        "UPDATE subtree SET root = zeroblob(32) WHERE number = 1",
        "DELETE FROM entry WHERE seq = 1",
    ],
)
def test_what_the_tree_does_not_prove_is_not_sent_out(journal: Path, tmp_path: Path, statement: str) -> None:
    path = Path(shutil.copy(journal, tmp_path))
    tell.tamper(path, statement)
    with JournalReader(path) as reader, pytest.raises(JournalError) as error:
        reader.extract(CLIP)
    assert "custody verify" in error.value.remedy


# --- what a stranger can check -------------------------------------------------------------------


@pytest.mark.slow
def test_the_program_in_the_reference_proves_an_honest_document(journal: Path, tmp_path: Path) -> None:
    footage = tmp_path / "clip.mp4"
    footage.write_bytes(b"clip1")
    ran = check_by_hand(written(journal).text, tmp_path, footage)
    assert ran.stderr == ""
    assert f"camera: {tell.SERIAL}" in ran.stdout
    assert "officer: PC-4711" in ran.stdout
    assert f"footage {tell.digest('clip1')}" in ran.stdout
    assert f"root {verify_journal(journal).root} over {len(life())} entries" in ran.stdout


@pytest.mark.slow
def test_the_program_in_the_reference_tells_other_footage(journal: Path, tmp_path: Path) -> None:
    footage = tmp_path / "clip.mp4"
    footage.write_bytes(b"clip2")
    ran = check_by_hand(written(journal).text, tmp_path, footage)
    assert "this is other footage" in ran.stderr


def change_a_leaf(document: Json) -> None:
    entry = document["entries"][3]
    entry["leaf"] = entry["leaf"].replace("T08:", "T09:")


def swap_proofs(document: Json) -> None:
    first, second = document["entries"][3:5]
    first["proof"], second["proof"] = second["proof"], first["proof"]


def renumber(document: Json) -> None:
    document["entries"][3]["seq"] += 1


def shorten_a_proof(document: Json) -> None:
    document["entries"][3]["proof"].pop()


def lengthen_a_proof(document: Json) -> None:
    document["entries"][3]["proof"].append("ab" * 32)


def claim_another_size(document: Json) -> None:
    document["tree"]["size"] = 3


def claim_another_root(document: Json) -> None:
    document["tree"]["root"] = "ab" * 32


def claim_another_camera(document: Json) -> None:
    document["opened"][0]["value"] = "CAM-18"


def claim_another_clip(document: Json) -> None:
    document["clip"] = OTHER


@pytest.mark.slow
@pytest.mark.parametrize(
    "forge",
    [
        change_a_leaf,
        swap_proofs,
        renumber,
        shorten_a_proof,
        lengthen_a_proof,
        claim_another_size,
        claim_another_root,
        claim_another_camera,
        claim_another_clip,
    ],
)
def test_the_program_in_the_reference_finds_forgeries(
    journal: Path, tmp_path: Path, forge: Callable[[Json], None]
) -> None:
    document = json.loads(written(journal).text)
    forge(document)
    ran = check_by_hand(canonical(document).encode(), tmp_path)
    assert ran.returncode != 0
    assert "DOES NOT VERIFY" in ran.stderr


@pytest.mark.slow
@pytest.mark.parametrize("vector", DOCUMENTS, ids=lambda vector: vector.name)
def test_the_program_in_the_reference_finds_what_the_stand_alone_verifier_finds(
    tmp_path: Path, vector: Vector
) -> None:
    """But for the manifest's rules, and commitments that are listed nowhere, which it leaves out."""
    vector.make(tmp_path)
    files = [tmp_path / name for name in ("footage.mp4", "sidecar.gps")]
    ran = check_by_hand((tmp_path / vector.input).read_bytes(), tmp_path, *files)
    left_out = {"officer-changed", "date-changed", "hold-hidden", "commitment-hidden"}
    honest = vector.exit_code == 0 or vector.name.removeprefix("document-") in left_out
    assert (ran.returncode == 0) == honest, ran.stderr


@pytest.mark.slow
def test_a_root_that_the_dock_had_before_can_be_had_from_its_journal(journal: Path) -> None:
    """The reference page says so: the journal's first `size` entries give the root of an older document."""
    document = json.loads(written(journal).text)
    later = journal.with_name("later")
    shutil.copy(journal, later)
    with tell.journal_at(later, tell.SteadyClock(boot="next")) as more:
        more.append([tell.started()] * 300)
        assert more.root() != document["tree"]["root"]
    newer = json.loads(written(later).text)
    assert newer["tree"]["root"] != document["tree"]["root"]
    assert [e["leaf"] for e in newer["entries"]] == [e["leaf"] for e in document["entries"]]
    first = tell.ask(later, f"SELECT leaf FROM entry ORDER BY seq LIMIT {document['tree']['size']}")
    root = Tree().extend(leaf_hash(leaf) for (leaf,) in first).root()
    assert root.hex() == document["tree"]["root"]


def test_every_key_is_explained(journal: Path) -> None:
    document = json.loads(written(journal).text)
    assert [key for key in document if f"`{key}`" not in REFERENCE] == []
    inner = {*document["entries"][0], *document["opened"][0], *document["closed"][0], *document["tree"]}
    assert [key for key in inner if f"`{key}`" not in REFERENCE] == []


# --- signed ----------------------------------------------------------------------------------------


def signed_life(path: Path, *, cosigned: bool) -> tuple[str, str]:
    """Tell of the clips, and have the journal signed twice on the way; return both notes.

    A witness may confirm the first of them, as much later as one that lags.
    """
    signer, facts = FakeSigner(), life()
    with tell.journal_at(path) as writer:
        writer.append(facts[:20])
        first = sign(writer, path, signer)
        writer.append(facts[20:300])
        second = sign(writer, path, signer)
        writer.append(facts[300:])
    if cosigned:
        tell.tamper(path, "INSERT INTO cosignature VALUES (20, 'county', '\u2014 county AAAAAAAA', 'now')")
    return first, second


QUORUMS: list[Enough] = [nobody, lambda keys: "county" in keys, lambda keys: "hq" in keys]


@pytest.mark.slow
@pytest.mark.parametrize("cosigned,enough", some(list(product([False, True], QUORUMS)), 2))
def test_it_has_the_quorum_s_and_the_latest_checkpoint_both_of_which_its_tree_extends(
    tmp_path: Path, enough: Enough, *, cosigned: bool
) -> None:
    first, second = signed_life(tmp_path / "journal.sqlite3", cosigned=cosigned)
    text = written(tmp_path / "journal.sqlite3", enough=enough).text
    document = json.loads(text)
    both = [f"{first}\u2014 county AAAAAAAA\n", second] if cosigned and enough({"county"}) else [second]
    found = [document[key] for key in ("checkpoint", "latest_checkpoint") if key in document]
    assert (document["version"], found) == (2, both)
    for prefix, _ in zip(("", "latest_"), found, strict=False):
        head = read_signed_checkpoint(document[f"{prefix}checkpoint"].encode()).checkpoint
        assert verify_consistency(
            old=head.size,
            new=document["tree"]["size"],
            proof=[bytes.fromhex(node) for node in document[f"{prefix}consistency"]],
            old_root=head.root,
            new_root=bytes.fromhex(document["tree"]["root"]),
        )
    assert [key for key in document if f"`{key}`" not in REFERENCE] == []
    assert "is not signed or witnessed" not in " ".join(document["does_not_prove"])
    assert check_by_hand(text, tmp_path).returncode == 0


def test_without_a_signature_it_says_so(journal: Path) -> None:
    document = json.loads(written(journal).text)
    assert not [key for key in document if key.endswith(("checkpoint", "consistency"))]
    assert "is not signed or witnessed" in " ".join(document["does_not_prove"])
