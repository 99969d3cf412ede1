"""Which keys does the table [events] have: when may footage be of an event, and how are columns named?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bwvdock.config.toml_table import Table, line, whole

if TYPE_CHECKING:  # which loads every fact: `bwvdock status` needs none
    from bwvdock.core.events.matching import Rules

COLUMNS = ("event", "officer", "unit", "dispatched", "cleared", "category")
"""The columns of a list from dispatch, as bwvdock calls them."""

_DAY_S = 86_400


@dataclass(frozen=True, kw_only=True, slots=True)
class EventSettings:
    """How events and clips are matched, and what a list's columns are called.

    An event is taken to last from `before_s` before an officer was sent until `after_s` after they were
    cleared; one longer than `longest_s` was probably never cleared.
    """

    before_s: int = 300
    after_s: int = 300
    longest_s: int = 8 * 3600
    columns: Mapping[str, str] = field(default_factory=dict)

    @property
    def margins(self) -> Rules:
        """The same margins, as clips and events are compared by them."""
        from bwvdock.core.events.matching import Rules  # noqa: PLC0415 - as above

        before_ms, after_ms, longest_ms = (s * 1000 for s in (self.before_s, self.after_s, self.longest_s))
        return Rules(before_ms=before_ms, after_ms=after_ms, longest_ms=longest_ms)


NO_EVENTS = EventSettings()


def read_events(table: Table) -> EventSettings:
    """Return what [events] says; mistakes are recorded in the table."""
    columns = table.table("columns")
    named = {name: columns.take(name, line, "") for name in COLUMNS if columns.has(name)}
    columns.nothing_else()
    settings = EventSettings(
        before_s=table.take("before", whole(0, _DAY_S), NO_EVENTS.before_s),
        after_s=table.take("after", whole(0, _DAY_S), NO_EVENTS.after_s),
        longest_s=table.take("longest", whole(60, 7 * _DAY_S), NO_EVENTS.longest_s),
        columns={name: value for name, value in named.items() if value},
    )
    table.nothing_else()
    return settings
