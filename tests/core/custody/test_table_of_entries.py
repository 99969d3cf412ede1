"""Is docs/reference/entries.md what the declarations say, and does it answer a stranger's questions?"""

from __future__ import annotations

from dataclasses import fields
from typing import get_type_hints

import pytest

from bwvdock.core.facts import FACT_TYPES, personal_fields
from tests.core.custody.table_of_entries import PAGE, page

_TEXT = PAGE.read_text(encoding="utf-8")


def section(name: str) -> str:
    """Return what the page says of one kind."""
    return _TEXT.partition(f"### `{name}`\n")[2].partition("\n#")[0]


def test_the_page_is_what_the_declarations_say() -> None:
    assert page() == _TEXT, "docs/reference/entries.md is out of date; type: make entries"


@pytest.mark.parametrize("kind", FACT_TYPES)
def test_every_field_of_every_kind_is_there(kind: str) -> None:
    declared = FACT_TYPES[kind]
    rows = [line for line in section(kind).splitlines() if line.startswith("| `")]
    assert [row.split("`")[1] for row in rows] == [field.name for field in fields(declared)]
    for row in rows:
        name, *_, first, second, _ = (cell.strip(" `") for cell in row.strip("|").split("|"))
        assert first.startswith("commitment") is (name in personal_fields(declared, 1))
        assert second.startswith("commitment") is (name in personal_fields(declared, 2))


def test_every_integer_has_a_unit() -> None:
    for kind in FACT_TYPES.values():
        for name, declared in get_type_hints(kind).items():
            row = next((line for line in section(kind.kind).splitlines() if f"| `{name}` |" in line), "")
            assert declared is not int or "integer, " in row or "decimal, " in row


def test_what_strangers_could_not_find_out_is_said() -> None:
    """Which `reason` is a commitment, and that the serial in a camera's own protocol is one."""
    personal = _TEXT.partition("## Personal values")[2].partition("\n## ")[0]
    assert "| `serial` | `camera_identified` | the same |" in personal
    [reason] = [line for line in personal.splitlines() if line.startswith("| `reason` |")]
    for kind in ("clip_flagged", "clip_held", "footage_consulted", "camera_revoked", "dock_initialised"):
        assert f"`{kind}`" in reason
    assert "`clip_quarantined`" not in reason
