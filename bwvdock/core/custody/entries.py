"""How does a fact become the exact text of a journal entry, and a fact again?

An entry is a document {v, seq, kind, t, bt, boot, ntp, nonce, prev, data} whose canonical text
(core/canonical.py) is one leaf of the tree. `data` has the fact's fields by their names. A personal field has
its commitment; the value is stored beside the entry and may be emptied later. Counts that may pass 2^53
(fields ending in `_ns`) are decimal text. Every fact type is written out field by field from its declaration,
and only kinds in FACT_TYPES are read back.

`nonce`, 16 random bytes, is why nobody who knows an entry's hash (a neighbour's proof has it) can find its
text by trying. Entries of version 1 have none, and have in plain text what a person typed in some fields.
They are not written any more, and are read for ever.

A field that a later version adds must have a default: entries without it still decode.

edges/journal/ stores salts, values and the tree.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, fields
from enum import Enum, auto
from typing import Any, get_args, get_origin, get_type_hints

from bwvdock.core.canonical import canonical
from bwvdock.core.facts import (
    FACT_TYPES,
    LATEST,
    AcquiredPart,
    DigestCompared,
    EventMatch,
    Fact,
    LeftFile,
    SentOfficer,
    SentUnit,
    SourceFile,
    optional_fields,
    personal_fields,
)

FIRST = 1
"""The version of entries without a nonce."""

NONCE_BYTES = 16
_NONCE = re.compile("[0-9a-f]{32}")

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
    """An entry that was read: `data` still has commitments. `nonce` is "" in version 1."""

    version: int
    seq: int
    kind: str
    stamp: Stamp
    nonce: str
    prev: str
    data: Mapping[str, Any]


# --- the plan of each type, made once from its declaration ---------------------------------------


class _Shape(Enum):
    PLAIN = auto()  # text, an integer or a boolean, as declared
    PERSONAL = auto()  # a commitment
    OPTIONAL = auto()  # a commitment, or "" for nothing
    DECIMAL = auto()  # an integer as decimal text
    TEXTS = auto()  # a list of texts
    PARTS = auto()  # a list of objects of the declared part type


@dataclass(frozen=True, slots=True)
class _Field:
    name: str
    shape: _Shape
    declared: type  # of the field, or of its items
    default: Any  # MISSING where there is none


def _plan(kind: type, version: int) -> dict[str, _Field]:
    hints, hidden, optional = get_type_hints(kind), personal_fields(kind, version), optional_fields(kind)

    def planned(name: str, default: object) -> _Field:
        if name in hidden:
            shape = _Shape.OPTIONAL if name in optional else _Shape.PERSONAL
            return _Field(name, shape, hints[name], default)
        return _plan_field(name, hints[name], default)

    return {f.name: planned(f.name, f.default) for f in fields(kind)}


def _plan_field(name: str, declared: Any, default: object) -> _Field:  # noqa: ANN401 - a declared type
    if get_origin(declared) is tuple:
        item = get_args(declared)[0]
        return _Field(name, _Shape.PARTS if item in _PARTS else _Shape.TEXTS, item, default)
    return _Field(name, _Shape.DECIMAL if name.endswith("_ns") else _Shape.PLAIN, declared, default)


_PARTS: tuple[type, ...] = (
    SourceFile,
    AcquiredPart,
    LeftFile,
    SentOfficer,
    SentUnit,
    EventMatch,
    DigestCompared,
)
_Plans = Mapping[type, Mapping[str, _Field]]
_PLANS: Mapping[int, _Plans] = {
    version: {kind: _plan(kind, version) for kind in (*FACT_TYPES.values(), *_PARTS)}
    for version in range(FIRST, LATEST + 1)
}

Field = _Field
Shape = _Shape


def plan_of(kind: type, version: int) -> tuple[Field, ...]:
    """Return how each field of a type is written in entries of a version, in their order."""
    return tuple(_PLANS[version][kind].values())


# --- fact -> entry -------------------------------------------------------------------------------


def encode(
    fact: Fact,
    *,
    seq: int,
    stamp: Stamp,
    nonce: str,
    prev: str,
    commit: Commit,
    version: int = LATEST,
) -> tuple[str, dict[str, Any]]:
    """Return the leaf of a fact, and its `data`.

    Args:
        fact: what happened.
        seq: the entry's number, which is its index in the tree, from 0.
        stamp: when it was recorded.
        nonce: 16 bytes from the kernel's generator, hexadecimal; "" in version 1.
        prev: the leaf hash of the entry before it, hexadecimal; "" for the first.
        commit: called once for each personal value, in the order of the fields.
        version: of the entry; nothing but tests writes the first one.

    Raises:
        ValueError: a value has no canonical form (an integer beyond 2^53, a lone surrogate).
    """
    data = _write(fact, commit, _PLANS[version])
    leaf = Leaf(version=version, seq=seq, kind=fact.kind, stamp=stamp, nonce=nonce, prev=prev, data=data)
    return _text(leaf), data


def _text(leaf: Leaf) -> str:
    document = {
        "v": leaf.version,
        "seq": leaf.seq,
        "kind": leaf.kind,
        "t": leaf.stamp.t,
        "bt": leaf.stamp.bt,
        "boot": leaf.stamp.boot,
        "ntp": leaf.stamp.ntp,
        "prev": leaf.prev,
        "data": leaf.data,
    }
    if leaf.version != FIRST:
        document["nonce"] = leaf.nonce
    return canonical(document)


def _write(value: object, commit: Commit, plans: _Plans) -> dict[str, Any]:
    written: dict[str, Any] = {}
    for name, f in plans[type(value)].items():
        item = getattr(value, name)
        match f.shape:
            case _Shape.PERSONAL:
                written[name] = commit(name, item)
            case _Shape.OPTIONAL:
                written[name] = commit(name, item) if item else ""
            case _Shape.DECIMAL:
                written[name] = str(item)
            case _Shape.PARTS:
                written[name] = [_write(part, commit, plans) for part in item]
            case _Shape.TEXTS:
                written[name] = list(item)
            case _Shape.PLAIN:
                written[name] = item
    return written


# --- entry -> fact -------------------------------------------------------------------------------

_HEAD = {"seq": int, "kind": str, "t": str, "bt": int, "boot": str, "ntp": bool, "prev": str, "data": dict}
_KEYS = {
    version: frozenset({"v", *_HEAD} if version == FIRST else {"v", "nonce", *_HEAD}) for version in _PLANS
}


def read_leaf(text: str) -> Leaf:
    """Return the leaf in an entry's text.

    Raises:
        ValueError: it is not an entry of this version, or of an earlier one. (Whether it is canonical,
            `is_canonical` says.)
    """
    document = json.loads(text)
    if not isinstance(document, dict):
        raise ValueError("an entry is an object")  # noqa: TRY004 - as everything else that an entry is not
    version = _typed(document.get("v"), int, "v")
    keys = _KEYS.get(version)
    if keys is None:
        raise ValueError(f"entry version {version} is not {' or '.join(map(str, _KEYS))}")
    if document.keys() != keys:
        raise ValueError(f"an entry of version {version} has exactly the keys " + " ".join(sorted(keys)))
    for key, kind in _HEAD.items():
        _typed(document[key], kind, key)
    stamp = Stamp(t=document["t"], bt=document["bt"], boot=document["boot"], ntp=document["ntp"])
    return Leaf(
        version=version,
        seq=document["seq"],
        kind=document["kind"],
        stamp=stamp,
        nonce=_nonce(document.get("nonce", "")) if version != FIRST else "",
        prev=document["prev"],
        data=document["data"],
    )


def _nonce(value: object) -> str:
    if not isinstance(value, str) or not _NONCE.fullmatch(value):
        raise ValueError("its nonce is not 32 lower-case hexadecimal digits")
    return value


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
    kind = _kind_of(leaf)
    plans = _PLANS[leaf.version]
    return kind(**_read(kind, leaf.data, lambda commitment: reveal(commitment) or "", plans))


def reveal_data(leaf: Leaf, reveal: Reveal) -> dict[str, Any]:
    """Return an entry's data for display: personal values revealed, None where they were emptied.

    Raises:
        ValueError: as `decode` does.
    """
    return _show(_kind_of(leaf), leaf.data, reveal, _PLANS[leaf.version])


def _kind_of(leaf: Leaf) -> type[Fact]:
    kind = FACT_TYPES.get(leaf.kind)
    if kind is None:
        raise ValueError(f"there is no fact of kind {leaf.kind!r}")
    return kind


def commitments(unopened: Fact, version: int) -> list[tuple[str, str]]:
    """Return (field, commitment) of every personal value of a fact decoded with its commitments.

    `version` is that of its entry.
    """
    found: list[tuple[str, str]] = []

    def note(field: str, commitment: str) -> str:
        found.append((field, commitment))
        return commitment

    _write(unopened, note, _PLANS[version])
    return found


def _show(kind: type, data: Mapping[str, Any], reveal: Reveal, plans: _Plans) -> dict[str, Any]:
    shown = dict(data)
    for name, f in plans[kind].items():
        if f.shape is _Shape.PERSONAL or (f.shape is _Shape.OPTIONAL and data.get(name)):
            shown[name] = reveal(data[name])
        elif f.shape is _Shape.PARTS:
            shown[name] = [_show(f.declared, item, reveal, plans) for item in data[name]]
    return shown


def _read(kind: type, data: Mapping[str, Any], reveal: Callable[[str], str], plans: _Plans) -> dict[str, Any]:
    plan = plans[kind]
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
            values[name] = _read_shaped(f, value, reveal, plans)
    return values


def _read_shaped(f: _Field, value: object, reveal: Callable[[str], str], plans: _Plans) -> object:
    match f.shape:
        case _Shape.PERSONAL:
            return reveal(_typed(value, str, f.name))
        case _Shape.OPTIONAL:
            committed = _typed(value, str, f.name)
            return reveal(committed) if committed else ""
        case _Shape.DECIMAL:
            return _decimal(_typed(value, str, f.name), f.name)
        case _Shape.TEXTS:
            return tuple(_typed(item, str, f.name) for item in _typed(value, list, f.name))
        case _Shape.PARTS:
            part = f.declared
            items = _typed(value, list, f.name)
            return tuple(part(**_read(part, _typed(item, dict, f.name), reveal, plans)) for item in items)
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
