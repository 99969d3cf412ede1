"""What is the one canonical text of a JSON document?

RFC 8785 limited to ASCII keys, no floats, integers within 2^53 - 1 and no lone surrogates: a profile in which
the standard library's encoder gives the same bytes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

Json = Mapping[str, Any]

_MAX_INTEGER = 2**53 - 1
_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)
_KEY = re.compile(r"[a-z0-9_]+\Z")


def canonical(document: Json) -> str:
    """Return the one canonical text of a document.

    Raises:
        ValueError: it holds what the profile excludes (see the module's docstring).
        TypeError: it holds a value that JSON has no place for, or a float.
    """
    _check(document)
    return _ENCODER.encode(document)


def _check(value: object) -> None:
    if isinstance(value, str):
        if not value.isascii():  # ASCII texts need no check
            value.encode("utf-8")  # a lone surrogate raises UnicodeEncodeError, a ValueError
    elif isinstance(value, int):
        if abs(value) > _MAX_INTEGER:
            raise ValueError(f"integer outside 2^53 - 1: {value}")
    elif isinstance(value, Mapping):
        for key, item in value.items():
            _check_key(key)
            _check(item)
    elif isinstance(value, list | tuple):
        for item in value:
            _check(item)
    elif value is not None:
        raise TypeError(f"{type(value).__name__} has no canonical form here")


@lru_cache(maxsize=1024)  # entries have a few dozen keys that recur
def _check_key(key: object) -> None:
    if not isinstance(key, str) or not _KEY.match(key):
        raise ValueError(f"key outside [a-z0-9_]: {key!r}")
