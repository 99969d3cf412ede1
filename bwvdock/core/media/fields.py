"""What does a field of a small file on a camera contain: its serial, a mark, a time?

Such files are written by firmware and by anyone who had the card: no content is an error.
"""

from __future__ import annotations

import json
import re
from enum import StrEnum
from typing import Any


class FieldFormat(StrEnum):
    """How a file is written."""

    JSON = "json"
    INI = "ini"
    REGEX = "regex"


def field_in(content: bytes, key: str, form: FieldFormat) -> str:
    """Return the text of a field, without surrounding space, or "" if there is none.

    Args:
        content: that of the file; a byte order mark is ignored.
        key: `info.serial-number` in JSON, `section.key` or `key` in an INI file, or a regular expression
            whose first group is the field.
        form: how the file is written.
    """
    return _READERS[form](_text(content), key).strip()


def json_field(content: bytes, key: str) -> object:
    """Return the value of a field of a JSON document; None if there is none."""
    return _json_value(_text(content), key)


def _text(content: bytes) -> str:
    return content.decode("utf-8-sig", "replace")


def _in_json(text: str, key: str) -> str:
    value = _json_value(text, key)
    if isinstance(value, str) or (isinstance(value, int) and not isinstance(value, bool)):
        return str(value)
    return ""


def _json_value(text: str, key: str) -> object:
    try:
        value: Any = json.loads(text)
    except (ValueError, RecursionError):
        return None
    for name in key.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _in_ini(text: str, key: str) -> str:
    wanted_section, _, wanted = key.casefold().rpartition(".")
    section = ""
    for line in text.splitlines():
        bare = line.strip()
        if bare.startswith("[") and bare.endswith("]"):
            section = bare[1:-1].strip().casefold()
            continue
        name, _, value = bare.partition("=")
        if name.strip().casefold() == wanted and wanted_section in {"", section}:
            return value.strip().strip("\"'")
    return ""


def _in_text(text: str, key: str) -> str:
    found = re.search(key, text, re.MULTILINE)
    return (found[1] or "") if found else ""


_READERS = {FieldFormat.JSON: _in_json, FieldFormat.INI: _in_ini, FieldFormat.REGEX: _in_text}
