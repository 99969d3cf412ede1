"""The dock's journal: an append-only SQLite database that proves itself.

`open_journal` gives the one writer, `JournalReader` is for everybody else, and `verify_journal`
recomputes all of it. Schema and entry format: docs/reference/journal.md.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bwvdock.edges.journal.read.reader import JournalReader
    from bwvdock.edges.journal.verify.verify import CODES, verify_journal
    from bwvdock.edges.journal.write.writer import Journal, open_journal

__all__ = ["CODES", "Journal", "JournalReader", "open_journal", "verify_journal"]

_HOMES = {
    "CODES": "verify.verify",
    "Journal": "write.writer",
    "JournalReader": "read.reader",
    "open_journal": "write.writer",
    "verify_journal": "verify.verify",
}


def __getattr__(name: str) -> object:
    """Load a name when it is first asked for (PEP 562): `bwvdock status` needs none of them."""
    if name not in _HOMES:
        raise AttributeError(name)
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
