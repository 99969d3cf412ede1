"""Does the stand-alone verifier find a value of another type in any field, whatever the entry's kind is?"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bwvdock.core.canonical import canonical
from bwvdock.core.custody.inclusion_proofs import inclusion_proof, range_root
from bwvdock.core.custody.merkle import leaf_hash
from tests.edges.journal import stories as tell
from tests.verifier import documents
from tests.verifier.forging import entries, rewrite
from verifier import bwvdock_verify

Json = dict[str, Any]
Place = tuple[str | int, ...]

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text("ab{[0é", max_size=70),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=5,
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with an honest document, its footage, and the journal."""
    made = tmp_path_factory.mktemp("fields")
    documents.write(made)
    return made


def proven(document: Json, told: list[Json]) -> Json:
    """Return a document of other entries, each with a proof: who has the journal can make them."""
    leaves = [canonical(entry) for entry in told]
    hashes = [leaf_hash(leaf) for leaf in leaves]

    def fetch(level: int, first: int, count: int) -> list[bytes]:
        assert level == 0  # fewer than 256 entries
        return hashes[first : first + count]

    document["tree"] = {"size": len(leaves), "root": range_root(0, len(leaves), fetch).hex()}
    for item in document["entries"]:
        item["leaf"] = leaves[item["seq"]]
        item["about"] = _about(told[item["seq"]], document["clip"])
        item["proof"] = [node.hex() for node in inclusion_proof(item["seq"], len(leaves), fetch)]
    return document


def _about(entry: Json, clip: str) -> str:
    data = entry["data"] if isinstance(entry["data"], dict) else {}
    if data.get("clip") == clip:
        return "clip"
    return "docking" if entry["kind"] == "camera_attached" else "dock"


def places(value: object, here: Place = ()) -> Iterator[Place]:
    """Yield where each value in a JSON value is."""
    if isinstance(value, dict):
        for name, item in value.items():
            yield (*here, name)
            yield from places(item, (*here, name))
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield (*here, number)
            yield from places(item, (*here, number))


def put(value: Any, place: Place, new: object) -> object:  # noqa: ANN401 - any JSON
    """Put a new value into a place; return the one that was there."""
    for step in place[:-1]:
        value = value[step]
    old: object = value[place[-1]]
    value[place[-1]] = new
    return old


def checked(path: Path, *more: str) -> bwvdock_verify.Report:
    """Return what the verifier finds; it comes to its end."""
    found = bwvdock_verify.check(bwvdock_verify.arguments_of(["document", str(path), *more]))
    assert found.exit_code in {0, 1, 4}
    assert not [error for error in found.errors if "could not be finished" in error], found.errors
    json.dumps(found.document())
    return found


def forged(folder: Path, told: list[Json]) -> bwvdock_verify.Report:
    """Return what is found in a document of these entries."""
    made = proven(json.loads((folder / "document.json").read_text()), told)
    path = folder / "forged.json"
    path.write_text(canonical(made), encoding="utf-8")
    return checked(path)


def test_the_entries_as_they_are_verify(folder: Path) -> None:
    assert forged(folder, entries(folder / "life.sqlite3")).exit_code == 0


@given(data=st.data())
def test_a_value_of_another_type_is_found_in_any_field(folder: Path, data: st.DataObject) -> None:
    told = entries(folder / "life.sqlite3")
    shown = [item["seq"] for item in json.loads((folder / "document.json").read_text())["entries"]]
    entry = told[data.draw(st.sampled_from(shown))]
    place = data.draw(st.sampled_from(sorted(places(entry), key=repr)))
    new = data.draw(VALUES)
    old = put(entry, place, new)
    found = forged(folder, told)
    if type(new) is not type(old):
        assert found.exit_code == 4, (place, new)


@pytest.mark.slow
@example(data={"clip": []})
@example(data={"docking": {"a": []}})
@given(data=st.dictionaries(st.sampled_from(["clip", "docking", "parts", "camera"]), VALUES))
def test_of_an_unknown_kind_clip_and_docking_are_texts(folder: Path, data: Json) -> None:
    told = entries(folder / "life.sqlite3")
    last = next(e for e in reversed(told) if e["data"].get("clip") == documents.CLIP)
    last.update(kind="clip_blessed", data={**data})
    found = forged(folder, told)
    if any(type(data.get(name, "")) is not str for name in ("clip", "docking")):
        assert [one.entry for one in found.problems if one.code == "entry_form"] == [last["seq"]]
    assert found.exit_code in {1, 4}
    assert {"manifest", "opened", "proofs"} <= {key for key in found.claims if found.evidence[key]}


@pytest.mark.slow
@pytest.mark.parametrize("new", ["d1", None, 1, []])
def test_so_it_is_in_a_journal_of_a_later_version(tmp_path: Path, new: object) -> None:
    path = tell.told(tmp_path / "j")

    def edit(told: list[Json]) -> list[Json]:
        told[-1].update(kind="clip_blessed", data={"docking": new})
        return told

    rewrite(path, edit, beside=lambda value: value if type(value) is str else None)
    tell.tamper(path, "PRAGMA user_version = 99")
    found = bwvdock_verify.check(bwvdock_verify.arguments_of(["journal", str(path)]))
    assert not [error for error in found.errors if "could not be finished" in error]
    assert found.exit_code == (1 if type(new) is str else 4)
