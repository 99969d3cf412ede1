"""Does every fact survive being written as an entry, and is nothing else read as one?"""

from __future__ import annotations

import hashlib
import json
from base64 import b32encode, b64encode
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass, replace
from typing import Any, get_type_hints
from urllib.parse import quote

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
from bwvdock.core.custody.merkle import commitment
from bwvdock.core.facts import (
    FACT_TYPES,
    LATEST,
    CameraEnrolled,
    CameraRevoked,
    ClipFound,
    DockInitialised,
    Fact,
    SourceFile,
    personal_fields,
)
from tests.core.custody.every_fact import FACTS, values

VERSIONS = st.integers(1, LATEST)
STAMP = Stamp(t="2026-11-21T08:00:00.000Z", bt=61_000, boot="b00t", ntp=True)
NONCE = "0123456789abcdef" * 2


class Kept:
    """A table of personal values, as simple as can be."""

    def __init__(self) -> None:
        self.values: dict[str, str] = {}

    def commit(self, field: str, value: str) -> str:
        made = f"{len(self.values):064x}"
        self.values[made] = value
        return made

    def written(self, fact: Fact, version: int = LATEST) -> str:
        nonce = NONCE if version > 1 else ""
        return encode(fact, seq=5, stamp=STAMP, nonce=nonce, prev="ab", commit=self.commit, version=version)[
            0
        ]


FOUND = ClipFound(
    clip="01hq",
    docking="01dk",
    camera="CAM-17",
    files=(SourceFile(path="DCIM/SMITH.MP4", size=9, mtime_ns=2**60, fingerprint="f"),),
)


@given(FACTS, VERSIONS)
def test_every_fact_comes_back_from_its_entry(fact: Fact, version: int) -> None:
    kept = Kept()
    text = kept.written(fact, version)
    leaf = read_leaf(text)
    assert (leaf.version, leaf.seq, leaf.kind, leaf.stamp, leaf.prev) == (
        version,
        5,
        fact.kind,
        STAMP,
        "ab",
    )
    assert leaf.nonce == (NONCE if version > 1 else "")
    assert decode(leaf, kept.values.get) == fact
    assert is_canonical(text, leaf)
    again = replace(leaf, nonce="f" * 32) if version > 1 else leaf
    assert is_canonical(text, again) is (version == 1)


# --- what people are called and what they typed --------------------------------------------------


def _with(value: Any, personal: Callable[[str], str], plain: Callable[[str], str]) -> Any:  # noqa: ANN401 - of whatever a fact is made
    """Return a fact with other texts in its personal fields, and in those that are not."""
    if isinstance(value, str):
        return plain(value)
    if isinstance(value, tuple):
        return tuple(_with(item, personal, plain) for item in value)
    if not is_dataclass(value) or isinstance(value, type):
        return value
    hidden = personal_fields(type(value))
    said = {f.name: getattr(value, f.name) for f in fields(value)}
    changed = {
        name: personal(item) if name in hidden else _with(item, personal, plain)
        for name, item in said.items()
    }
    return replace(value, **changed)


@given(FACTS)
def test_an_entry_is_the_same_whatever_the_personal_values_are(fact: Fact) -> None:
    """All that it has of them are commitments: so no encoding of them can be in it."""
    texts = [
        encode(one, seq=5, stamp=STAMP, nonce=NONCE, prev="ab", commit=lambda field, _: f"of {field}")[0]
        for one in (fact, _with(fact, lambda said: "-" if said else "", str))
    ]
    assert texts[0] == texts[1]


# None of the characters of which an entry without a person's words is made.
WORDS = st.text(
    st.characters(
        exclude_categories=["Cs"], exclude_characters='abcdefghijklmnopqrstuvwxyz0123456789_":,-.{}[]'
    ),
    min_size=8,
    max_size=20,
)


def encodings(value: str) -> Iterator[str]:
    """Return what somebody who looks for a value would look for."""
    raw, wide = value.encode(), value.encode("utf-16-le")
    yield from (value, value[::-1], value.casefold(), json.dumps(value)[1:-1], quote(value, safe=""))
    for data in (raw, wide, value.encode("utf-16-be")):
        yield from (data.hex(), data.hex().upper(), data[::-1].hex(), b32encode(data).decode().rstrip("="))
        for shift in range(3):  # base64 has three forms, by what comes before
            middle = b64encode(bytes(shift) + data)[4:-4]
            yield from ([middle.decode()] if len(middle) > 7 else [])
    for digest in ("md5", "sha1", "sha256"):
        yield hashlib.new(digest, raw).hexdigest()


@given(st.data(), st.sampled_from(sorted(FACT_TYPES)), st.binary(min_size=32, max_size=32))
def test_no_personal_value_is_in_an_entry_in_any_encoding(
    data: st.DataObject, kind: str, salt: bytes
) -> None:
    fact = _with(data.draw(values(FACT_TYPES[kind], WORDS)), str, lambda _: "x")
    said: list[str] = []

    def commit(field: str, value: str) -> str:
        said.append(value)
        return commitment(field, salt, value)

    text, _ = encode(fact, seq=5, stamp=STAMP, nonce=NONCE, prev="ab", commit=commit)
    for value in said:
        assert [look for look in encodings(value) if look in text] == []


def test_what_people_order_has_no_words_of_theirs() -> None:
    """A new fact with an actor is asked: is each of its plain texts one that the dock itself writes?"""
    ours = {
        "camera_assigned": {"valid_from", "valid_to"},
        "camera_checked_out": {"by", "bay", "taken_at"},
        "camera_returned": {"how", "bay", "taken_at", "returned_at"},
        "dock_initialised": {"dock", "version", "vaults", "found", "lost_journal"},
        "clip_classified": {"name", "basis", "destinations"},
        "footage_consulted": {"command", "clips", "request"},
        "footage_exported": {"clips", "tagmanifest_sha256", "request"},
        "footage_disclosed": {"clips", "package"},
        "sample_drawn": {"since", "until", "per", "root", "clips"},
        "values_erased": {"field", "commitments"},
        "journal_succeeded": {"dock", "version", "predecessor", "root", "confirmed", "backup_at"},
        "backup_made": {"root"},
        "event_recorded": {"changed"},
        "hold_opened": {"hold", "place_kind", "since", "until", "review", "request"},
        "hold_ended": {"hold"},
        "clip_hold_excepted": {"hold"},
        "copies_asked": {"destinations"},
        "request_opened": {"request", "about", "received", "due", "rule"},
        "request_corrected": {"request", "received", "due", "rule", "received_before", "due_before"},
        "request_closed": {"request", "outcome"},
    }
    for kind, declared in FACT_TYPES.items():
        hints = get_type_hints(declared)
        texts = {f.name for f in fields(declared) if hints[f.name] in {str, tuple[str, ...]}}
        if "actor" in texts:
            plain = texts - personal_fields(declared) - {"clip", "docking", "destination", "place"}
            assert plain <= ours.get(kind, set()), kind


def test_version_1_has_plain_what_it_always_had_and_nothing_else() -> None:
    plain = {
        (kind, field)
        for kind, declared in FACT_TYPES.items()
        for field in personal_fields(declared) - personal_fields(declared, 1)
    }
    assert plain == {
        ("camera_enrolled", "model"),
        ("camera_revoked", "reason"),
        ("dock_initialised", "reason"),
    }


@pytest.mark.parametrize(
    "fact",
    [
        CameraEnrolled(camera="CAM-17", model="PC Smith's", actor="ops"),
        CameraRevoked(camera="CAM-17", reason="stolen", actor="ops"),
        DockInitialised(dock="LEW-03", version="1", reason="a fire", actor="ops"),
    ],
)
def test_what_version_1_has_plain_is_read_as_it_is(fact: Fact) -> None:
    kept = Kept()
    leaf = read_leaf(kept.written(fact, 1))
    assert decode(leaf, kept.values.get) == fact
    plain = personal_fields(type(fact)) - personal_fields(type(fact), 1)
    emptied = decode(leaf, lambda _: None)
    assert {name: getattr(emptied, name) for name in plain} == {name: getattr(fact, name) for name in plain}
    assert not plain & {field for field, _ in commitments(decode(leaf, str), 1)}


@pytest.mark.parametrize("reason", ["", "the disk was replaced"])
def test_an_entry_shows_whether_an_optional_text_was_given_and_not_which(reason: str) -> None:
    fact = DockInitialised(dock="LEW-03", version="1", reason=reason, actor="ops")
    kept = Kept()
    leaf = read_leaf(kept.written(fact))
    assert bool(leaf.data["reason"]) is bool(reason)
    assert reveal_data(leaf, kept.values.get)["reason"] == reason
    assert reveal_data(leaf, lambda _: None)["reason"] == (None if reason else "")
    assert decode(leaf, lambda _: None) == replace(fact, reason="", actor="")
    fields_ = [field for field, _ in commitments(decode(leaf, str), leaf.version)]
    assert fields_ == (["reason"] if reason else []) + ["actor"]


# -------------------------------------------------------------------------------------------------


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
    assert commitments(decode(leaf, str), leaf.version) == [("camera", "0" * 64), ("path", "0" * 63 + "1")]


def test_a_field_that_a_later_version_added_takes_its_default() -> None:
    kept = Kept()
    leaf = read_leaf(kept.written(FOUND))
    older = replace(leaf, data={k: v for k, v in leaf.data.items() if k != "notes"})
    assert decode(older, kept.values.get) == FOUND


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "clip_vanished"},
        {"v": 1},
        {"v": 3},
        {"v": True},
        {"nonce": ""},
        {"nonce": "0123456789ABCDEF" * 2},
        {"nonce": "0123456789abcdef" * 2 + "\n"},
        {"nonce": "01" * 15},
        {"nonce": 1},
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
