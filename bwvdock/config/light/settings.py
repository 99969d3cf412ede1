"""Which keys does the table [light] have, and are their values valid?

It says by what the lights at the bays are set. Without it there are none.
"""

from __future__ import annotations

from dataclasses import dataclass

from bwvdock.config.stores import absolute
from bwvdock.config.toml_table import Table, each, flag, line, whole


@dataclass(frozen=True, kw_only=True, slots=True)
class LightSettings:
    """The command that sets lights, () for none, and its seconds; whether hubs' port indicators are set."""

    command: tuple[str, ...] = ()
    seconds: int = 5
    hub: bool = False


NO_LIGHT = LightSettings()


def read_light(table: Table) -> LightSettings:
    """Return what [light] says; mistakes are recorded in the table."""
    light = LightSettings(
        command=table.take("exec", _command, ()),
        seconds=table.take("seconds", whole(1, 30), NO_LIGHT.seconds),
        hub=table.take("hub", flag, default=False),
    )
    if table.has("seconds") and not light.command:
        table.wrong("seconds", "is useless without exec", "give exec too, or remove it")
    table.nothing_else()
    return light


def _command(value: object) -> tuple[str, ...]:
    program, *arguments = each(line)(value)
    return str(absolute(program)), *arguments
