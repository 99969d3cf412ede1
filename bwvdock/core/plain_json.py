"""How does a value travel as JSON, and come back as what it was?

For frozen values made of texts, numbers, times, enumerations, tuples, mappings and other such values: what
the journal answers (core/custody/records.py).
"""

from __future__ import annotations

import json
import types
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from enum import Enum
from functools import cache
from typing import Any, TypeVar, Union, cast, get_args, get_origin, get_type_hints

T = TypeVar("T")


def object_of(content: bytes | str) -> dict[str, Any]:
    """Return the JSON object in what somebody else wrote.

    Raises:
        ValueError: it is not JSON, nested beyond what can be read, or no object.
    """
    try:
        said = json.loads(content)
    except RecursionError as error:
        raise ValueError("JSON is nested too deeply") from error
    match said:
        case dict():
            return said
    raise ValueError("JSON, and no object")


def plain(value: Any) -> Any:  # noqa: ANN401 - of whatever a value is made
    """Return what JSON can hold of a value."""
    if isinstance(value, Enum):
        return value.value
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(plain(key)): plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(one) for one in value]
    return value


def restored(kind: type[T], document: object) -> T:
    """Return the value that `plain` was given; fields that a newer version adds are passed over.

    Raises:
        ValueError: it is none of this kind.
    """
    try:
        value: T = _restored(kind, document)
    except (TypeError, KeyError, AttributeError) as error:
        raise ValueError(f"no {kind.__name__}: {error}") from error
    return value


def _restored(kind: Any, document: Any) -> Any:  # noqa: ANN401 - types as they are declared
    if kind is Any:
        return document
    if get_origin(kind) is not None:
        return _restored_generic(kind, document)
    if is_dataclass(kind):
        hints = _hints(cast("type", kind))
        told = {field.name for field in fields(kind)} & document.keys()
        make: Any = kind
        return make(**{name: _restored(hints[name], document[name]) for name in told})
    if issubclass(kind, datetime):
        return datetime.fromisoformat(document)
    if issubclass(kind, Enum):
        return kind(document)
    if type(document) is not kind:
        raise TypeError(f"{kind.__name__} is wanted")
    return document


def _restored_generic(kind: Any, document: Any) -> Any:  # noqa: ANN401 - as above
    origin, within = get_origin(kind), get_args(kind)
    if origin in {Union, types.UnionType}:
        [wanted] = [one for one in within if one is not type(None)]
        return None if document is None else _restored(wanted, document)
    if issubclass(origin, Mapping):
        return {_restored(within[0], key): _restored(within[1], one) for key, one in document.items()}
    made = [_restored(within[0], one) for one in document]
    return origin(made) if origin in {tuple, frozenset, set} else made


@cache
def _hints(kind: Any) -> Mapping[str, Any]:  # noqa: ANN401 - a dataclass
    return get_type_hints(kind)
