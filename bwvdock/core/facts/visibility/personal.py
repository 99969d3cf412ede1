"""Which fields of a fact are personal data, since which version of the entries?"""

from __future__ import annotations

from dataclasses import MISSING, field, fields
from typing import Any

LATEST = 2
"""The version of the entries that are written; those of version 1 are read for ever."""

FREE_TEXT = 2
"""From this version on, whatever a person typed in their own words is personal data too."""


def personal(*, since: int = 1, optional: bool = False) -> Any:  # noqa: ANN401 - as dataclasses.field itself
    """Mark a field as personal data: committed to in the entry, its value is stored beside it.

    Args:
        since: the first version of the entries that commits to it; earlier ones have the value itself.
        optional: nobody need give it, and an entry shows that nobody did: "" is written as it is.
    """
    metadata = {"personal": since, "optional": optional}
    return field(default="" if optional else MISSING, metadata=metadata)


def personal_fields(kind: type, version: int = LATEST) -> frozenset[str]:
    """Return the names of a fact type's (or part type's) personal fields in entries of a version."""
    return frozenset(f.name for f in fields(kind) if f.metadata.get("personal", version + 1) <= version)


def optional_fields(kind: type) -> frozenset[str]:
    """Return the names of the personal fields that are written as they are where they are empty."""
    return frozenset(f.name for f in fields(kind) if f.metadata.get("optional"))
