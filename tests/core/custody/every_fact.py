"""Facts of every kind, drawn at random."""

from __future__ import annotations

from dataclasses import fields
from typing import Any, get_args, get_origin, get_type_hints

from hypothesis import strategies as st

from bwvdock.core.custody.entries import _PARTS
from bwvdock.core.facts import FACT_TYPES, Fact

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
INTEGER = st.integers(-(2**53) + 1, 2**53 - 1)
NANOSECONDS = st.integers(-(2**70), 2**70)
PARTS = frozenset(_PARTS)


def values(kind: type, text: st.SearchStrategy[str] = TEXT) -> st.SearchStrategy[Any]:
    """Draw a fact of one kind, or a part of one, with these texts."""
    hints = get_type_hints(kind)
    return st.builds(kind, **{f.name: _of(f.name, hints[f.name], text) for f in fields(kind)})


def _of(name: str, declared: Any, text: st.SearchStrategy[str]) -> st.SearchStrategy[Any]:  # noqa: ANN401 - a declared type
    if get_origin(declared) is tuple:
        return st.lists(_of("item", get_args(declared)[0], text), max_size=3).map(tuple)
    if declared in PARTS:
        return values(declared, text)
    return {str: text, int: NANOSECONDS if name.endswith("_ns") else INTEGER, bool: st.booleans()}[declared]


FACTS: st.SearchStrategy[Fact] = st.one_of([values(kind) for kind in FACT_TYPES.values()])
