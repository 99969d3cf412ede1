"""Does every fact survive being written as an entry, and is nothing else read as one?"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any, get_args, get_origin, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bwvdock.core.canonical import canonical
from bwvdock.core.custody.entries import (
    Stamp,
    commitments,
    decode,
    encode,
    is_canonical,
    read_leaf,
    reveal_data,
)
from bwvdock.core.facts import (
    FACT_TYPES,
    AcquiredPart,
    ClipFound,
    Fact,
    LeftFile,
    SourceFile,
    personal_fields,
)

STAMP = Stamp(t="2026-11-21T08:00:00.000Z", bt=61_000, boot="b00t", ntp=True)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
INTEGER = st.integers(-(2**53) + 1, 2**53 - 1)
NANOSECONDS = st.integers(-(2**70), 2**70)


def _values(kind: type) -> st.SearchStrategy[Any]:
    hints = get_type_hints(kind)
    return st.builds(kind, **{f.name: _of(f.name, hints[f.name]) for f in fields(kind)})


def _of(name: str, declared: Any) -> st.SearchStrategy[Any]:  # noqa: ANN401 - a declared type
    if get_origin(declared) is tuple:
        return st.lists(_of("item", get_args(declared)[0]), max_size=3).map(tuple)
    if declared in {SourceFile, AcquiredPart, LeftFile}:
        return _values(declared)
    return {str: TEXT, int: NANOSECONDS if name.endswith("_ns") else INTEGER, bool: st.booleans()}[declared]


class Kept:
    """A table of personal values, as simple as can be."""

    def __init__(self) -> None:
        self.values: dict[str, str] = {}

    def commit(self, field: str, value: str) -> str:
        made = f"{len(self.values):064x}"
        self.values[made] = value
        return made

    def written(self, fact: Fact) -> str:
        return encode(fact, seq=5, stamp=STAMP, prev="ab", commit=self.commit)[0]


FACTS = st.one_of([_values(kind) for kind in FACT_TYPES.values()])
FOUND = ClipFound(
    clip="01hq",
    docking="01dk",
    camera="CAM-17",
    files=(SourceFile(path="DCIM/SMITH.MP4", size=9, mtime_ns=2**60, fingerprint="f"),),
)


@given(FACTS)
def test_every_fact_comes_back_from_its_entry(fact: Fact) -> None:
    kept = Kept()
    text = kept.written(fact)
    leaf = read_leaf(text)
    assert (leaf.seq, leaf.kind, leaf.stamp, leaf.prev) == (5, fact.kind, STAMP, "ab")
    assert decode(leaf, kept.values.get) == fact
    assert is_canonical(text, leaf)


@pytest.mark.parametrize("kind", FACT_TYPES.values(), ids=FACT_TYPES)
def test_a_personal_value_never_stands_in_an_entry(kind: type[Fact]) -> None:
    marker = "Personally-Identifying"
    hints = get_type_hints(kind)
    plain: dict[Any, Any] = {str: "x", int: 1, bool: True, tuple[str, ...]: ("x",)}
    plain[tuple[SourceFile, ...]] = (SourceFile(path=marker, size=1, mtime_ns=1, fingerprint="f"),)
    plain[tuple[LeftFile, ...]] = (LeftFile(path=marker, outcome="unknown", reason="r"),)
    plain[tuple[AcquiredPart, ...]] = (AcquiredPart(size=1, sha256="s", pieces=()),)
    values: dict[str, Any] = {
        f.name: marker if f.name in personal_fields(kind) else plain[hints[f.name]] for f in fields(kind)
    }
    kept = Kept()
    text = kept.written(kind(**values))
    assert marker not in text
    hidden = [value for value in kept.values.values() if value == marker]
    assert len(hidden) == len(kept.values) == repr(values).count(marker)


def test_times_of_any_size_are_decimal_text_and_sizes_are_numbers() -> None:
    data = json.loads(Kept().written(FOUND))["data"]
    assert data["files"][0]["mtime_ns"] == str(2**60)
    assert data["files"][0]["size"] == 9


def test_an_emptied_value_reads_as_empty_and_shows_as_none() -> None:
    kept = Kept()
    leaf = read_leaf(kept.written(FOUND))
    emptied = decode(leaf, lambda _: None)
    assert emptied == replace(FOUND, camera="", files=(replace(FOUND.files[0], path=""),))
    shown = reveal_data(leaf, lambda _: None)
    assert shown["camera"] is None
    assert shown["files"][0]["path"] is None
    assert reveal_data(leaf, kept.values.get)["files"][0]["path"] == "DCIM/SMITH.MP4"


def test_the_commitments_of_an_entry_are_named_with_their_fields() -> None:
    kept = Kept()
    leaf = read_leaf(kept.written(FOUND))
    assert commitments(decode(leaf, str)) == [("camera", "0" * 64), ("path", "0" * 63 + "1")]


def test_a_field_that_a_later_version_added_takes_its_default() -> None:
    kept = Kept()
    leaf = read_leaf(kept.written(FOUND))
    older = replace(leaf, data={k: v for k, v in leaf.data.items() if k != "notes"})
    assert decode(older, kept.values.get) == FOUND


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "clip_vanished"},
        {"v": 2},
        {"seq": "5"},
        {"seq": True},
        {"ntp": 1},
        {"more": 1},
        {"data": {}},
        {"data": []},
    ],
)
def test_what_is_no_entry_is_refused(change: dict[str, Any]) -> None:
    document = json.loads(Kept().written(FOUND)) | change
    with pytest.raises(ValueError):  # noqa: PT011 - the message differs by what is wrong
        decode(read_leaf(canonical(document)), str)


@pytest.mark.parametrize(
    "change",
    [
        {"clip": 1},
        {"marked": "yes"},
        {"notes": "x"},
        {"notes": [1]},
        {"files": [[]]},
        {"files": [{}]},
        {"__class__": "os.system"},
        {"camera": None},
        {"files": [{"path": "p", "size": 1, "mtime_ns": "01", "fingerprint": "", "volume": ""}]},
        {"files": [{"path": "p", "size": 1.5, "mtime_ns": "1", "fingerprint": "", "volume": ""}]},
    ],
)
def test_data_of_another_shape_is_refused(change: dict[str, Any]) -> None:
    leaf = read_leaf(Kept().written(FOUND))
    with pytest.raises(ValueError):  # noqa: PT011 - the message differs by what is wrong
        decode(replace(leaf, data={**leaf.data, **change}), str)


@pytest.mark.parametrize("change", [lambda t: t.replace(":", ": ", 1), lambda t: t.replace("C", "\\u0043")])
def test_the_same_document_in_another_writing_is_not_canonical(change: Callable[[str], str]) -> None:
    text = canonical(json.loads(Kept().written(replace(FOUND, notes=("C",)))))
    assert is_canonical(text, read_leaf(text))
    other = change(text)
    assert json.loads(other) == json.loads(text)
    assert not is_canonical(other, read_leaf(other))


def test_a_number_that_json_readers_would_round_is_refused() -> None:
    with pytest.raises(ValueError, match="2\\^53"):
        Kept().written(replace(FOUND, files=(replace(FOUND.files[0], size=2**53),)))


def test_only_objects_are_entries() -> None:
    for text in ("[]", "1", "null", '"x"', "{", ""):
        with pytest.raises(ValueError):  # noqa: PT011 - the parser's or ours
            read_leaf(text)
