"""The dock's journal: an append-only SQLite database that proves itself.

`open_journal` gives the one writer, `JournalReader` is for everybody else, and `verify_journal`
recomputes all of it. Schema and entry format: docs/reference/journal.md.
"""

from bwvdock.edges.journal.reader import JournalReader
from bwvdock.edges.journal.verify import CODES, verify_journal
from bwvdock.edges.journal.writer import Journal, open_journal

__all__ = ["CODES", "Journal", "JournalReader", "open_journal", "verify_journal"]
