"""How does a fact become the exact text of a journal entry, and a fact again?

An entry is a document {v, seq, kind, t, bt, boot, ntp, prev, data} whose canonical text (core/canonical.py)
is one leaf of the tree. `data` has the fact's fields by their names. A personal field has its commitment; the
value is stored beside the entry and may be emptied later. Counts that may pass 2^53 (fields ending in `_ns`)
are decimal text. Every fact type is written out field by field from its declaration, and only kinds in
FACT_TYPES are read back.

A field that a later version adds must have a default: entries without it still decode.

edges/journal/ stores salts, values and the tree.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, fields
from enum import Enum, auto
from typing import Any, get_args, get_origin, get_type_hints

from bwvdock.core.canonical import canonical
from bwvdock.core.facts import FACT_TYPES, AcquiredPart, Fact, LeftFile, SourceFile, personal_fields

VERSION = 1

Commit = Callable[[str, str], str]
"""A function that returns the commitment to a personal value: (field, value) -> hexadecimal."""

Reveal = Callable[[str], str | None]
"""A function that returns the value behind a commitment, or None if it was emptied."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Stamp:
    """The dock's clocks when entries were written.

    `t` is the wall clock (ISO 8601, UTC, milliseconds), `bt` milliseconds since boot `boot`, and `ntp`
    whether the kernel considered the wall clock synchronised.
    """

    t: str
    bt: int
    boot: str
    ntp: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Leaf:
    """An entry that was read: `data` still has commitments."""

    seq: int
    kind: str
    stamp: Stamp
    prev: str
    data: Mapping[str, Any]


# --- the plan of each type, made once from its declaration ---------------------------------------


class _Shape(Enum):
    PLAIN = auto()  # text, an integer or a boolean, as declared
    PERSONAL = auto()  # a commitment
    DECIMAL = auto()  # an integer as decimal text
    TEXTS = auto()  # a list of texts
    PARTS = auto()  # a list of objects of the declared part type


@dataclass(frozen=True, slots=True)
class _Field:
    name: str
    shape: _Shape
    declared: type  # of the field, or of its items
    default: Any  # MISSING where there is none


def _plan(kind: type) -> dict[str, _Field]:
    hints, hidden = get_type_hints(kind), personal_fields(kind)
    return {f.name: _plan_field(f.name, hints[f.name], f.name in hidden, f.default) for f in fields(kind)}


def _plan_field(name: str, declared: Any, personal: bool, default: object) -> _Field:  # noqa: ANN401, FBT001
    if get_origin(declared) is tuple:
        item = get_args(declared)[0]
        return _Field(name, _Shape.PARTS if item in _PARTS else _Shape.TEXTS, item, default)
    if personal:
        return _Field(name, _Shape.PERSONAL, declared, default)
    return _Field(name, _Shape.DECIMAL if name.endswith("_ns") else _Shape.PLAIN, declared, default)


_PARTS: tuple[type, ...] = (SourceFile, AcquiredPart, LeftFile)
_PLANS: dict[type, dict[str, _Field]] = {kind: _plan(kind) for kind in (*FACT_TYPES.values(), *_PARTS)}


# --- fact -> entry -------------------------------------------------------------------------------


def encode(fact: Fact, *, seq: int, stamp: Stamp, prev: str, commit: Commit) -> tuple[str, dict[str, Any]]:
    """Return the leaf of a fact, and its `data`.

    Args:
        fact: what happened.
        seq: the entry's number, which is its index in the tree, from 0.
        stamp: when it was recorded.
        prev: the leaf hash of the entry before it, hexadecimal; "" for the first.
        commit: called once for each personal value, in the order of the fields.

    Raises:
        ValueError: a value has no canonical form (an integer beyond 2^53, a lone surrogate).
    """
    data = _write(fact, commit)
    return _text(Leaf(seq=seq, kind=fact.kind, stamp=stamp, prev=prev, data=data)), data


def _text(leaf: Leaf) -> str:
    return canonical(
        {
            "v": VERSION,
            "seq": leaf.seq,
            "kind": leaf.kind,
            "t": leaf.stamp.t,
            "bt": leaf.stamp.bt,
            "boot": leaf.stamp.boot,
            "ntp": leaf.stamp.ntp,
            "prev": leaf.prev,
            "data": leaf.data,
        }
    )


def _write(value: object, commit: Commit) -> dict[str, Any]:
    written: dict[str, Any] = {}
    for name, f in _PLANS[type(value)].items():
        item = getattr(value, name)
        match f.shape:
            case _Shape.PERSONAL:
                written[name] = commit(name, item)
            case _Shape.DECIMAL:
                written[name] = str(item)
            case _Shape.PARTS:
                written[name] = [_write(part, commit) for part in item]
            case _Shape.TEXTS:
                written[name] = list(item)
            case _Shape.PLAIN:
                written[name] = item
    return written


# --- entry -> fact -------------------------------------------------------------------------------

_HEAD = {"seq": int, "kind": str, "t": str, "bt": int, "boot": str, "ntp": bool, "prev": str, "data": dict}
_LEAF_KEYS = frozenset({"v", *_HEAD})


def read_leaf(text: str) -> Leaf:
    """Return the leaf in an entry's text.

    Raises:
        ValueError: it is not an entry of this version. (Whether it is canonical, `is_canonical` says.)
    """
    document = json.loads(text)
    if not isinstance(document, dict) or document.keys() != _LEAF_KEYS:
        raise ValueError("an entry has exactly the keys " + " ".join(sorted(_LEAF_KEYS)))
    if document["v"] != VERSION:
        raise ValueError(f"entry version {document['v']!r} is not {VERSION}")
    for key, kind in _HEAD.items():
        _typed(document[key], kind, key)
    stamp = Stamp(t=document["t"], bt=document["bt"], boot=document["boot"], ntp=document["ntp"])
    return Leaf(
        seq=document["seq"], kind=document["kind"], stamp=stamp, prev=document["prev"], data=document["data"]
    )


def is_canonical(text: str, leaf: Leaf) -> bool:
    """Return whether a text that was read as `leaf` is its canonical text."""
    try:
        return _text(leaf) == text
    except (TypeError, ValueError):
        return False


def decode(leaf: Leaf, reveal: Reveal) -> Fact:
    """Return the fact of an entry; an emptied personal value becomes "".

    Raises:
        ValueError: the kind is unknown, or a field is missing, unknown or of another type.
    """
    kind = FACT_TYPES.get(leaf.kind)
    if kind is None:
        raise ValueError(f"there is no fact of kind {leaf.kind!r}")
    return kind(**_read(kind, leaf.data, lambda commitment: reveal(commitment) or ""))


def reveal_data(leaf: Leaf, reveal: Reveal) -> dict[str, Any]:
    """Return an entry's data for display: personal values revealed, None where they were emptied.

    Raises:
        ValueError: as `decode` does.
    """
    kind = FACT_TYPES.get(leaf.kind)
    if kind is None:
        raise ValueError(f"there is no fact of kind {leaf.kind!r}")
    return _show(kind, leaf.data, reveal)


def commitments(unopened: Fact) -> list[tuple[str, str]]:
    """Return (field, commitment) of every personal value of a fact decoded with its commitments."""
    found: list[tuple[str, str]] = []

    def note(field: str, commitment: str) -> str:
        found.append((field, commitment))
        return commitment

    _write(unopened, note)
    return found


def _show(kind: type, data: Mapping[str, Any], reveal: Reveal) -> dict[str, Any]:
    shown = dict(data)
    for name, f in _PLANS[kind].items():
        if f.shape is _Shape.PERSONAL:
            shown[name] = reveal(data[name])
        elif f.shape is _Shape.PARTS:
            shown[name] = [_show(f.declared, item, reveal) for item in data[name]]
    return shown


def _read(kind: type, data: Mapping[str, Any], reveal: Callable[[str], str]) -> dict[str, Any]:
    plan = _PLANS[kind]
    unknown = data.keys() - plan.keys()
    if unknown:
        raise ValueError(f"{kind.__name__} has no field " + ", ".join(sorted(unknown)))
    values: dict[str, Any] = {}
    for name, f in plan.items():
        value = data.get(name, MISSING)
        if value is MISSING:
            if f.default is MISSING:
                raise ValueError(f"{kind.__name__} lacks its field {name}")
            values[name] = f.default
        elif f.shape is _Shape.PLAIN:  # nearly all: verification reads some millions
            values[name] = value if type(value) is f.declared else _typed(value, f.declared, name)
        else:
            values[name] = _read_shaped(f, value, reveal)
    return values


def _read_shaped(f: _Field, value: object, reveal: Callable[[str], str]) -> object:
    match f.shape:
        case _Shape.PERSONAL:
            return reveal(_typed(value, str, f.name))
        case _Shape.DECIMAL:
            return _decimal(_typed(value, str, f.name), f.name)
        case _Shape.TEXTS:
            return tuple(_typed(item, str, f.name) for item in _typed(value, list, f.name))
        case _Shape.PARTS:
            part = f.declared
            items = _typed(value, list, f.name)
            return tuple(part(**_read(part, _typed(item, dict, f.name), reveal)) for item in items)
        case _Shape.PLAIN:
            return _typed(value, f.declared, f.name)


def _decimal(text: str, name: str) -> int:
    number = int(text)
    if str(number) != text:
        raise ValueError(f"{name} is not a plain decimal number: {text!r}")
    return number


def _typed(value: Any, kind: type, name: str) -> Any:  # noqa: ANN401 - JSON values
    if type(value) is not kind:  # bool is an int to isinstance, but not in an entry
        raise ValueError(f"{name} is {type(value).__name__}, not {kind.__name__}")
    return value
