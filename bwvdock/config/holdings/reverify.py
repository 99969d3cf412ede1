"""Which keys does the table [reverify] have, and are their values valid?

They say how often stores are asked again for what they have proven. Without the table they are, by default.
"""

from __future__ import annotations

import re
from datetime import timedelta

from bwvdock.config.toml_table import Table, instead, line, whole
from bwvdock.core.holdings.rules import DAY, Pace, Reverify
from bwvdock.units import parse_size

_CLIPS = re.compile(r"([1-9]\d{0,7}) clips?")
_DEFAULT = Reverify()
_HOUR = timedelta(hours=1)


def read_reverify(table: Table) -> Reverify | None:
    """Return what [reverify] says, None where no store is asked again; mistakes are recorded in the table."""
    every = table.take("every", days, _DEFAULT.every // DAY)
    rules = Reverify(
        first=table.take("first", whole(0, 8760), _DEFAULT.first // _HOUR) * _HOUR,
        every=every * DAY,
        wait=table.take("wait_days", whole(0, 3650), _DEFAULT.wait // DAY) * DAY,
        pace=table.take("per_night", pace, _DEFAULT.pace),
    )
    table.nothing_else()
    return rules if every else None


def days(value: object) -> int:
    """Parse a number of days; 0 for "never"."""
    if value == "never":
        return 0
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 3650:
        return value
    raise instead('write a number of days from 1 to 3650, or "never"')


def pace(value: object) -> Pace:
    """Parse how much is asked for in a night: "200 GiB", "5000 clips" or "none"."""
    given = line(value)
    if given == "none":
        return Pace()
    if found := _CLIPS.fullmatch(given):
        return Pace(clips=int(found[1]))
    try:
        size = parse_size(given)
    except ValueError:
        size = 0
    if size <= 0:
        raise instead('write a size such as "200 GiB", a number of clips such as "5000 clips", or "none"')
    return Pace(bytes=size)
