"""Which kinds of entries are there, with which fields? docs/reference/entries.md, from the declarations.

python -m tests.core.custody.table_of_entries      # writes the page anew: `make entries`
"""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Iterator
from dataclasses import MISSING, Field, fields
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints

from bwvdock.core.custody.entries import _PARTS
from bwvdock.core.facts import (
    CLIP_FACTS,
    DOCK_FACTS,
    DOCKING_FACTS,
    optional_fields,
    personal_fields,
)

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "entries.md"

_HEAD = """\
# Kinds of journal entries

Every kind of entry in the [journal](journal.md), and every field of its `data`. This page is written from the
declarations in `bwvdock/core/facts/`, from which the daemon encodes and decodes; `make entries` does that.

The first sentence of each section says when an entry of the kind is recorded. Columns:

- **type**: the JSON type and the unit. "decimal" is an integer written as text. A digest is a SHA-256: 64
  lower-case hexadecimal digits. A time is ISO 8601 in UTC with milliseconds: `2026-11-21T08:00:00.000Z`.
- **v 1**, **v 2**: what an entry of that version (`v`) has of the value. "plain": the value itself.
  "commitment": the [commitment](journal.md#personal-values), 64 lower-case hexadecimal digits, whose tag is
  `bwvdock/` and the field's name. "commitment or empty": an empty text where nothing was given, and otherwise
  the commitment. "as below": a list of objects, whose fields are in [Parts of lists](#parts-of-lists).
- **if missing**: the value of a field that an entry does not have. Entries of earlier versions may lack such
  fields; all others are always there, and an entry has no others.
"""
_PERSONAL = """\
## Personal values

The fields of which entries have a commitment alone, and the kinds that have them. All other texts are plain:
what the dock, a camera or a store says (`reason` in `clip_quarantined`, `camera_refused`, `delivery_refused`
and others), and names from the configuration.

"""
_GROUPS = (
    ("About a clip", "All of them have `clip`, the clip's id; it is repeated beside the entry.", CLIP_FACTS),
    (
        "About a docking",
        "All of them have `docking`, the docking's id; it is repeated beside the entry.",
        DOCKING_FACTS,
    ),
    ("About the dock", "", DOCK_FACTS),
    ("Parts of lists", "The objects in lists of that type.", _PARTS),
)
_VERSIONS = (1, 2)
_COLUMNS = 120

_UNITS = {
    "bt": "ms since boot",
    "size": "bytes",
    "read_bytes": "bytes",
    "bytes_passed": "bytes",
    "bytes_again": "bytes",
    "resumed_at": "bytes",
    "minutes": "minutes",
    "seconds": "seconds",
    "since": "number of an entry",
    "part": "number of a file",
    "listed_in": "number of a file",
    "entries": "count",
    "copies": "count",
    "documents": "count",
    "problems": "count",
    "errors": "count",
    "root": "digest",
    "commitments": "digests",
    "named": "count",
    "revision": "number",
    "header_s": "seconds since 1970",
    **dict.fromkeys(("before_s", "after_s", "longest_s"), "seconds"),
    "dispatched": "time",
    "cleared": "time or empty",
    "sha256": "digest",
    "config_sha256": "digest",
    "listing_sha256": "digest",
    "fingerprint": "digest or empty",
    "lost_journal": "digest or empty",
    "predecessor": "digest",
    "pieces": "digests",
    "tagmanifest_sha256": "digest",
    **dict.fromkeys(("first_at", "last_at", "since", "lost_since", "started_at", "last_entry_at"), "time"),
    "valid_from": "time",
    "valid_to": "time or empty",
    "recorded_at": "time",
    "retain_until": "time or empty",
}
"""What a field is in, by its name; anything else is what its type and the end of its name say."""


def page() -> str:
    """Return the whole page."""
    parts = [_HEAD, _PERSONAL + "\n".join(_personal())]
    for title, remark, kinds in _GROUPS:
        parts.append(f"## {title}" + (f"\n\n{remark}" if remark else ""))
        parts += ["\n".join(_section(kind)) for kind in kinds]
    return "\n\n".join(part.strip("\n") for part in parts) + "\n"


def _name(kind: type) -> str:
    return str(getattr(kind, "kind", kind.__name__))


def _personal() -> Iterator[str]:
    kinds = [kind for _, _, group in _GROUPS for kind in group]
    names = sorted({name for kind in kinds for name in personal_fields(kind)})
    yield "| field | v 1 | v 2 |"
    yield "|---|---|---|"
    for name in names:
        with_it = [[k for k in kinds if name in personal_fields(k, version)] for version in _VERSIONS]
        since_2 = [kind for kind in with_it[1] if kind not in with_it[0]]
        first = ", ".join(f"`{_name(kind)}`" for kind in with_it[0]) or "none"
        more = ", ".join(f"`{_name(kind)}`" for kind in since_2)
        same = "the same" if with_it[0] else ""
        yield f"| `{name}` | {first} | {' and '.join(filter(None, (same, more)))} |"


def _section(kind: type) -> Iterator[str]:
    yield f"### `{_name(kind)}`"
    yield ""
    yield from _prose(kind)
    declared = fields(kind)
    if not declared:
        yield "No fields."
        return
    hints = get_type_hints(kind)
    yield "| field | type | v 1 | v 2 | if missing |"
    yield "|---|---|---|---|---|"
    for field in declared:
        is_list = get_origin(hints[field.name]) is tuple and get_args(hints[field.name])[0] is not str
        kept = " | ".join(
            "as below" if is_list else _kept(kind, field.name, version) for version in _VERSIONS
        )
        yield f"| `{field.name}` | {_type(field.name, hints[field.name])} | {kept} | {_default(field)} |"


def _prose(kind: type) -> Iterator[str]:
    for paragraph in (inspect.getdoc(kind) or "").split("\n\n"):
        text = " ".join(paragraph.split()).replace("core/", "bwvdock/core/")
        yield from textwrap.wrap(text, _COLUMNS, break_long_words=False, break_on_hyphens=False)
        yield ""


def _kept(kind: type, name: str, version: int) -> str:
    if name not in personal_fields(kind, version):
        return "plain"
    return "commitment or empty" if name in optional_fields(kind) else "commitment"


def _type(name: str, declared: Any) -> str:  # noqa: ANN401 - a declared type
    if get_origin(declared) is tuple:
        item = get_args(declared)[0]
        what = "text" if item is str else f"`{item.__name__}`"
        return f"list of {_UNITS.get(name, what)}"
    if declared is str:
        return _UNITS.get(name, "text")
    if declared is bool:
        return "true or false"
    if name.endswith("_ns"):
        return "decimal, ns since 1970"
    unit = "ms" if name.endswith("_ms") else _UNITS.get(name, "count")
    return f"integer, {unit}"


def _default(field: Field[Any]) -> str:
    if field.default is MISSING:
        return ""
    match field.default:
        case "":
            return "empty"
        case ():
            return "empty list"
        case bool(value):
            return str(value).lower()
        case value:
            return f"`{value}`"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
