"""What can be ordered about events from dispatch?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

Rows = tuple[tuple[str, ...], ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class ImportEvents:
    """Record events from dispatch; a dry run says what that would change.

    A row is (line, event, officers, units, dispatched, cleared, category): times as the journal writes them,
    several officers or units with a semicolon between them.
    """

    name: ClassVar[str] = "import_events"
    rows: Rows
    dry_run: bool = False
