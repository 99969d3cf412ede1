"""Which fields of a fact are personal data?"""

from __future__ import annotations

from dataclasses import field, fields
from typing import Any


def personal() -> Any:  # noqa: ANN401 - fits any field type, like dataclasses.field itself
    """Mark a field as personal data: committed to in the entry, its value is stored beside it."""
    return field(metadata={"personal": True})


def personal_fields(kind: type) -> frozenset[str]:
    """Return the names of a fact type's (or part type's) personal fields."""
    return frozenset(f.name for f in fields(kind) if f.metadata.get("personal"))
