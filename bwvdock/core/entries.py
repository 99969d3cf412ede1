"""How does a fact become the exact text of a journal entry, and a fact again?

An entry is a document {v, seq, kind, t, bt, boot, ntp, prev, data} whose canonical text
(core/custody.py) is one leaf of the tree. `data` has the fact's fields by their names. A personal
field holds its commitment; the value is kept beside the entry and may be emptied later. Counts
that may pass 2^53 (fields ending in `_ns`) are decimal text. Every fact type is written out field by
field from its declaration, and only kinds in FACT_TYPES are read back.

A field that a later version adds must have a default: entries without it still decode.

Left out here: where salts and values are kept, and the tree (edges/journal/).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, fields
from typing import Any, get_args, get_origin, get_type_hints

from bwvdock.core.custody import canonical
from bwvdock.core.facts import FACT_TYPES, AcquiredPart, Fact, SourceFile, personal_fields

VERSION = 1

Commit = Callable[[str, str], str]
"""Gives the commitment to a personal value: (field, value) -> hexadecimal."""

Reveal = Callable[[str], str | None]
"""Gives the value that a commitment stands for, or None if it was emptied."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Stamp:
    """What the dock's clocks said when entries were written.

    `t` is the wall clock (ISO 8601, UTC, milliseconds), `bt` milliseconds since boot `boot`, and
    `ntp` whether the kernel held the wall clock for synchronised.
    """

    t: str
    bt: int
    boot: str
    ntp: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Leaf:
    """An entry read back: `data` still holds commitments."""

    seq: int
    kind: str
    stamp: Stamp
    prev: str
    data: Mapping[str, Any]


# --- the plan of each type, made once from its declaration ---------------------------------------


@dataclass(frozen=True, slots=True)
class _Field:
    name: str
    declared: Any
    personal: bool
    decimal: bool
    default: Any  # MISSING where there is none


def _plan(kind: type) -> tuple[_Field, ...]:
    hints, hidden = get_type_hints(kind), personal_fields(kind)
    return tuple(
        _Field(f.name, hints[f.name], f.name in hidden, f.name.endswith("_ns"), f.default)
        for f in fields(kind)
    )


_PARTS: tuple[type, ...] = (SourceFile, AcquiredPart)
_PLANS: dict[type, tuple[_Field, ...]] = {kind: _plan(kind) for kind in (*FACT_TYPES.values(), *_PARTS)}


# --- fact -> entry -------------------------------------------------------------------------------


def encode(fact: Fact, *, seq: int, stamp: Stamp, prev: str, commit: Commit) -> tuple[str, dict[str, Any]]:
    """Give the leaf of a fact, and its `data`.

    Args:
        fact: what happened.
        seq: the entry's number, which is its index in the tree, from 0.
        stamp: when it was recorded.
        prev: the leaf hash of the entry before it, hexadecimal; "" for the first.
        commit: asked once for each personal value, in the order of the fields.

    Raises:
        ValueError: a value has no canonical form (an integer beyond 2^53, a lone surrogate).
    """
    data = _write(fact, commit)
    document = {
        "v": VERSION,
        "seq": seq,
        "kind": fact.kind,
        "t": stamp.t,
        "bt": stamp.bt,
        "boot": stamp.boot,
        "ntp": stamp.ntp,
        "prev": prev,
        "data": data,
    }
    return canonical(document), data


def _write(value: object, commit: Commit) -> dict[str, Any]:
    written: dict[str, Any] = {}
    for f in _PLANS[type(value)]:
        item = getattr(value, f.name)
        if f.personal:
            written[f.name] = commit(f.name, item)
        elif f.decimal:
            written[f.name] = str(item)
        elif isinstance(item, tuple):
            written[f.name] = [_write(i, commit) if type(i) in _PLANS else i for i in item]
        else:
            written[f.name] = item
    return written


# --- entry -> fact -------------------------------------------------------------------------------

_LEAF_KEYS = frozenset({"v", "seq", "kind", "t", "bt", "boot", "ntp", "prev", "data"})


def read_leaf(text: str) -> Leaf:
    """Read an entry's text.

    Raises:
        ValueError: it is not an entry of this version. (Whether the text is canonical is asked by
            comparing it with `canonical` of what was read: see `is_canonical`.)
    """
    document = json.loads(text)
    if not isinstance(document, dict) or document.keys() != _LEAF_KEYS:
        raise ValueError("an entry has exactly the keys " + " ".join(sorted(_LEAF_KEYS)))
    if document["v"] != VERSION:
        raise ValueError(f"entry version {document['v']!r} is not {VERSION}")
    head = {"seq": int, "kind": str, "t": str, "bt": int, "boot": str, "ntp": bool, "prev": str, "data": dict}
    for key, kind in head.items():
        _typed(document[key], kind, key)
    stamp = Stamp(t=document["t"], bt=document["bt"], boot=document["boot"], ntp=document["ntp"])
    return Leaf(
        seq=document["seq"], kind=document["kind"], stamp=stamp, prev=document["prev"], data=document["data"]
    )


def is_canonical(text: str) -> bool:
    """Say whether a JSON text is the canonical one of what it says."""
    try:
        return canonical(json.loads(text)) == text
    except (ValueError, AttributeError):
        return False


def decode(leaf: Leaf, reveal: Reveal) -> Fact:
    """Give back the fact of an entry; an emptied personal value becomes "".

    Raises:
        ValueError: the kind is unknown, or a field is missing, unknown or of another type.
    """
    kind = FACT_TYPES.get(leaf.kind)
    if kind is None:
        raise ValueError(f"there is no fact of kind {leaf.kind!r}")
    return kind(**_read(kind, leaf.data, lambda commitment: reveal(commitment) or ""))


def reveal_data(leaf: Leaf, reveal: Reveal) -> dict[str, Any]:
    """Give an entry's data for display: personal values revealed, None where they were emptied.

    Raises:
        ValueError: as `decode` does.
    """
    kind = FACT_TYPES.get(leaf.kind)
    if kind is None:
        raise ValueError(f"there is no fact of kind {leaf.kind!r}")
    return _show(kind, leaf.data, reveal)


def commitments(unopened: Fact) -> list[tuple[str, str]]:
    """Give (field, commitment) of every personal value, of a fact decoded with its commitments left in."""
    found: list[tuple[str, str]] = []

    def note(field: str, commitment: str) -> str:
        found.append((field, commitment))
        return commitment

    _write(unopened, note)
    return found


def _show(kind: type, data: Mapping[str, Any], reveal: Reveal) -> dict[str, Any]:
    shown = dict(data)
    for f in _PLANS[kind]:
        part = _part_of(f.declared)
        if f.personal:
            shown[f.name] = reveal(data[f.name])
        elif part is not None:
            shown[f.name] = [_show(part, item, reveal) for item in data[f.name]]
    return shown


def _read(kind: type, data: Mapping[str, Any], reveal: Callable[[str], str]) -> dict[str, Any]:
    plan = _PLANS[kind]
    unknown = data.keys() - {f.name for f in plan}
    if unknown:
        raise ValueError(f"{kind.__name__} has no field " + ", ".join(sorted(unknown)))
    return {f.name: _read_field(kind, f, data, reveal) for f in plan}


def _read_field(kind: type, f: _Field, data: Mapping[str, Any], reveal: Callable[[str], str]) -> object:
    if f.name not in data:
        if f.default is MISSING:
            raise ValueError(f"{kind.__name__} lacks its field {f.name}")
        return f.default
    value = data[f.name]
    if f.personal:
        return reveal(_typed(value, str, f.name))
    if f.decimal:
        return _decimal(_typed(value, str, f.name), f.name)
    if get_origin(f.declared) is tuple:
        return _read_items(f, _typed(value, list, f.name), reveal)
    return _typed(value, f.declared, f.name)


def _read_items(f: _Field, items: list[Any], reveal: Callable[[str], str]) -> tuple[Any, ...]:
    part = _part_of(f.declared)
    if part is None:
        return tuple(_typed(item, str, f.name) for item in items)
    return tuple(part(**_read(part, _typed(item, dict, f.name), reveal)) for item in items)


def _part_of(declared: Any) -> type | None:  # noqa: ANN401 - a declared type can be anything
    item = get_args(declared)[:1]
    return item[0] if item and item[0] in _PARTS else None


def _decimal(text: str, name: str) -> int:
    number = int(text)
    if str(number) != text:
        raise ValueError(f"{name} is not a plain decimal number: {text!r}")
    return number


def _typed(value: Any, kind: type, name: str) -> Any:  # noqa: ANN401 - JSON values
    if type(value) is not kind:  # bool is an int to isinstance, but not in an entry
        raise ValueError(f"{name} is {type(value).__name__}, not {kind.__name__}")
    return value
