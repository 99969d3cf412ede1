"""What does one test vector for verifiers consist of?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

JOURNAL, DOCUMENT, BAG, CHECKPOINT = "journal.sqlite3", "document.json", "bag", "checkpoint"
INPUTS = {"journal": JOURNAL, "document": DOCUMENT, "bag": BAG}


@dataclass(frozen=True, kw_only=True)
class Vector:
    """One input, and what comes of it.

    `codes` are those of the stand-alone verifier, `daemon` those of `custody verify` (None: it does not read
    such a thing), and `why` explains a difference.
    """

    name: str
    what: str
    make: Callable[[Path], object]
    kind: str = "journal"
    arguments: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    daemon: tuple[str, ...] | None = ()
    exit: int | None = None
    why: str = ""

    @property
    def input(self) -> str:
        """The name of the input in the vector's folder."""
        return INPUTS[self.kind]

    @property
    def exit_code(self) -> int:
        """How the stand-alone verifier ends."""
        return (4 if self.codes else 0) if self.exit is None else self.exit

    def expectation(self) -> dict[str, Any]:
        """Return what expect.json says."""
        return {
            "what": self.what,
            "kind": self.kind,
            "arguments": list(self.arguments),
            "exit": self.exit_code,
            "codes": list(self.codes),
            "custody_verify_codes": None if self.daemon is None else list(self.daemon),
            "why_different": self.why,
        }
