"""Which keys does the table [checkout] have? Without `badges` no camera is offered to anybody."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from bwvdock.config.checkout.reader import reader
from bwvdock.config.stores import absolute
from bwvdock.config.toml_table import Table, choice, each, flag, line, whole
from bwvdock.core.checkout.choice import Rules, WhenHeld


@dataclass(frozen=True, kw_only=True, slots=True)
class CheckoutSettings:
    """The list of badges, None where nothing is checked out, and the rules by which a camera is chosen.

    `reader`: the ids of a badge reader, or the path of its node; None where there is none. `own_clips`:
    officers may see and mark their own clips after a badge.
    """

    badges: Path | None = None
    reader: tuple[int, int] | Path | None = None
    rules: Rules = field(default_factory=Rules)
    own_clips: bool = False


NO_CHECKOUT = CheckoutSettings()


def read_checkout(table: Table) -> CheckoutSettings:
    """Return what [checkout] says; mistakes are recorded in the table."""
    usual = Rules()
    every: tuple[str, ...] = ()
    models = table.take("models", each(line), every)
    settings = CheckoutSettings(
        badges=table.take("badges", absolute, None),
        reader=table.take("reader", reader, None),
        own_clips=table.take("own_clips", flag, default=False),
        rules=Rules(
            min_battery=table.take("min_battery", whole(0, 100), usual.min_battery),
            max_offset_ms=1000 * table.take("max_offset", whole(1, 86_400), usual.max_offset_ms // 1000),
            take_within_ms=1000 * table.take("take_within", whole(10, 600), usual.take_within_ms // 1000),
            models=frozenset(model.strip().casefold() for model in models),
            other_units=table.take("other_units", flag, usual.other_units),
            when_held=table.take("when_held", choice(*WhenHeld), usual.when_held),
        ),
    )
    table.nothing_else()
    return settings
