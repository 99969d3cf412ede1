"""How is a key or a value of a TOML file shown to a person without revealing a secret?

As in the file, but on one line, shortened, and with control characters escaped.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

HIDDEN: Final = "…"

_LONGEST: Final = 80
_SECRETIVE: Final = re.compile(
    r"(?i)secret|token|passw|passphrase|credential|access_?key|api_?key|authorization|cookie|header|\bpin\b"
)
_ESCAPES: Final = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def shown_key(name: str) -> str:
    """Return a key as TOML writes it, in quotes if necessary."""
    return name if re.fullmatch(r"[A-Za-z0-9_-]{1,60}", name) else _short(_quoted(name))


def shown_value(key: str, value: object) -> str:
    """Return a value as TOML writes it; tables, and values that may be secrets, are not shown."""
    if isinstance(value, Mapping):
        return "{…}" if value else "{}"
    if _SECRETIVE.search(key) and not _names_a_file(key, value):
        return HIDDEN
    if isinstance(value, list):
        return _short(f"[{', '.join(_item(item) for item in value)}]")
    return _short(_scalar(value))


def _names_a_file(key: str, value: object) -> bool:
    # Only an absolute path is surely the place of a secret, and not the secret itself.
    return key.endswith("_file") and isinstance(value, str) and value.startswith("/")


def _item(value: object) -> str:
    if isinstance(value, list):
        return "[…]" if value else "[]"
    return shown_value("", value)


def _scalar(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return HIDDEN if _looks_secret(value) else _quoted(value)
    return str(value)


def _looks_secret(text: str) -> bool:
    """Return whether a text may be a URL with a password or a signature, or a private key."""
    _, scheme, after = text.partition("//")
    return (bool(scheme) and any(mark in after for mark in "@?#")) or "PRIVATE KEY" in text


def _quoted(text: str) -> str:
    return '"' + "".join(_ESCAPES.get(c) or (c if c.isprintable() else _by_number(c)) for c in text) + '"'


def _by_number(character: str) -> str:
    number = ord(character)
    return f"\\u{number:04x}" if number <= 0xFFFF else f"\\U{number:08x}"


def _short(shown: str) -> str:
    return shown if len(shown) <= _LONGEST else shown[: _LONGEST - 1] + "…"
