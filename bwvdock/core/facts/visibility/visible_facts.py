"""Is every text of a fact one that can be seen? A fact is recorded for ever, and shown in many places."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar

from bwvdock.core.visible_text import visible

T = TypeVar("T")


def shown(fact: T) -> T:
    """Return a fact whose texts can all be seen: the very same one, if they could be already.

    Texts are escaped at the edge by which they came in; this is for the edge that somebody forgot.
    """
    made: T = _shown(fact)
    return made


def _shown(value: Any) -> Any:  # noqa: ANN401 - of whatever a fact is made
    if isinstance(value, str):
        # Members of an enumeration are ours, and stay what they are.
        return value if type(value) is not str else visible(value)
    if isinstance(value, tuple):
        parts = [_shown(part) for part in value]
        changed = any(new is not old for new, old in zip(parts, value, strict=True))
        return tuple(parts) if changed else value
    if is_dataclass(value) and not isinstance(value, type):
        was = {field.name: getattr(value, field.name) for field in fields(value)}
        changed_fields = {name: new for name, old in was.items() if (new := _shown(old)) is not old}
        return replace(value, **changed_fields) if changed_fields else value
    return value
