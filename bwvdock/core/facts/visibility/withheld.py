"""Does a sentence of a store, or of the system, repeat whom footage is linked to? An entry keeps it for ever.

Stores are sent serial and officer with each clip, and some repeat in an error what they were sent. A system's
error may name a file.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import fields, replace
from typing import Any, TypeVar

from bwvdock.core.facts import Fact

F = TypeVar("F", bound=Fact)
WITHHELD = "(withheld)"
_UNRESERVED = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
SENTENCES = ("reason", "last_reason", "words", "failure")
_SHORTEST = 4  # characters: three digits are the status of an answer more often than an officer


def without(fact: F, values: Iterable[str]) -> F:
    """Return a fact whose sentences do not have these values as words of their own.

    It is the very same one, if they had none. A value of fewer than four characters is not looked for.
    """
    texts = [(name, text) for name, text in _sentences(fact) if text]
    if not texts:  # nearly always: whoever has nothing to object says nothing
        return fact
    wanted = {form for value in values if len(value) >= _SHORTEST for form in _forms(value)}
    if not any(form in text for _, text in texts for form in wanted):
        return fact
    longest_first = sorted(wanted, key=lambda form: (-len(form), form))
    pattern = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest_first))})(?!\w)")
    said: dict[str, Any] = {name: pattern.sub(WITHHELD, text) for name, text in texts if pattern.search(text)}
    return replace(fact, **said) if said else fact


def _forms(value: str) -> tuple[str, str]:
    """Return a value as it is, and as a URL or a header of S3 has it."""
    encoded = (
        chr(byte) if byte in _UNRESERVED else f"%{byte:02X}" for byte in value.encode(errors="replace")
    )
    return value, "".join(encoded)


def _sentences(fact: Fact) -> Iterable[tuple[str, str]]:
    """Return the texts of a fact that somebody else wrote; what a person typed is a commitment anyway."""
    for field in fields(fact):
        if field.name in SENTENCES and "personal" not in field.metadata:
            yield field.name, getattr(fact, field.name)
