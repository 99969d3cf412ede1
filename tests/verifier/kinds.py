"""Which kinds and fields does the stand-alone verifier know? Those of core/facts, as a table in its own file.

`python -m tests.verifier.kinds --write` puts the table into the verifier; a test compares the two. It is a
copy, because the verifier imports nothing of bwvdock.
"""

from __future__ import annotations

import hashlib
import re
import sys
from dataclasses import MISSING
from pathlib import Path

from bwvdock.core.custody.entries import _PLANS, FIRST, _Field, _Shape
from bwvdock.core.facts import FACT_TYPES, LATEST
from bwvdock.edges.journal.database import MIGRATIONS

ROOT = Path(__file__).resolve().parents[2]
VERIFIER = ROOT / "verifier/bwvdock_verify.py"
_DOCUMENT = ROOT / "bwvdock/core/custody/document.py"
_BLOCK = re.compile(r'^NEWEST_SCHEMA = .*?^"""[^\n]*$', re.DOTALL | re.MULTILINE)


def block() -> str:
    """Return what the verifier has of the facts' declarations."""
    parts = [kind for kind in _PLANS[LATEST] if kind not in FACT_TYPES.values()]
    lines = [f"{name} {_fields(kind)}".rstrip() for name, kind in sorted(FACT_TYPES.items())]
    lines += [f"{_part(kind)} {_fields(kind)}".rstrip() for kind in parts]
    table = "\n".join(lines)
    return f'NEWEST_SCHEMA = {len(MIGRATIONS)}\nKINDS = """\n{table}\n"""  # noqa: E501 - a kind a line'


def _part(kind: type) -> str:
    return f"[{kind.__name__}]"


def _fields(kind: type) -> str:
    first, latest = (_PLANS[version][kind] for version in (FIRST, LATEST))
    return " ".join(
        f"{name}:{_shapes(first[name], f)}{'' if f.default is MISSING else '?'}" for name, f in latest.items()
    )


def _shapes(first: _Field, latest: _Field) -> str:
    shapes = _shape(first), _shape(latest)
    return shapes[0] if shapes[0] == shapes[1] else "/".join(shapes)


def _shape(f: _Field) -> str:
    match f.shape:
        case _Shape.PARTS:
            return _part(f.declared)
        case _Shape.PLAIN:
            return {str: "text", int: "number", bool: "flag"}[f.declared]
        case _:
            return f.shape.name.lower()


def current() -> str:
    """Return the block in the verifier."""
    (found,) = _BLOCK.findall(VERIFIER.read_text(encoding="utf-8"))
    return str(found)


def digest() -> str:
    """Return the SHA-256 of the verifier's file."""
    return hashlib.sha256(VERIFIER.read_bytes()).hexdigest()


def write() -> None:
    """Put the block into the verifier, and the verifier's digest into custody documents."""
    text = VERIFIER.read_text(encoding="utf-8")
    VERIFIER.write_text(_BLOCK.sub(lambda _: block(), text), encoding="utf-8")
    text = _DOCUMENT.read_text(encoding="utf-8")
    stated = f'VERIFIER_SHA256 = "{digest()}"'
    _DOCUMENT.write_text(re.sub("^VERIFIER_SHA256 = .*$", stated, text, flags=re.MULTILINE), encoding="utf-8")


if __name__ == "__main__":
    if sys.argv[1:] == ["--write"]:
        write()
    sys.stdout.write(f"{block()}\n")
