"""What did somebody ask of an audit: which period, which units? And how was the report made?"""

from __future__ import annotations

from argparse import Namespace
from datetime import UTC, datetime

from bwvdock import __version__
from bwvdock.cli.configuration import working_configuration
from bwvdock.cli.consultation import must_see
from bwvdock.cli.journal import Reader, open_reader, say_unknown
from bwvdock.cli.moments import read_period, when
from bwvdock.config.settings import Config
from bwvdock.core.clips.names import Named
from bwvdock.core.moments import iso
from bwvdock.edges.journal.read.audit.scope import Asked
from bwvdock.edges.peer import actor_of, this_process
from bwvdock.operators.audit.queries import UNITS
from bwvdock.operators.daemon_client import claimed_login

ELSEWHERE = "What was docked at another dock is in that dock's journal, and not in these figures."

_LEFT_OUT = "Restricted footage is left out: the person who made this may not see it."


def asked_of(arguments: Namespace, *, by_month: bool) -> tuple[Config, Asked]:
    """Return the configuration and what is asked for; a report about units is recorded as a consultation.

    Raises:
        NotRunningError: no daemon can record it.
        UsageError: a time cannot be read, or a reason is needed and was not given.
    """
    config = working_configuration(arguments)
    example = f"bwvdock report {arguments.VERB} --since 2026-03-01 --until 2026-03-31"
    period = read_period(arguments, remedy=example)
    if arguments.unit is not None or arguments.by_unit:
        command = f"report {arguments.VERB} {'--by-unit' if arguments.by_unit else '--unit'}"
        must_see(arguments, config, command=command, subject=arguments.unit or UNITS)
    if arguments.unit:
        with open_reader(config) as reader:
            say_unknown(reader, {Named.UNIT: arguments.unit}, config, arguments.unit)
    asked = Asked(
        since=period["since"],
        until=period["until"],
        zone=config.zone,
        by_month=by_month,
        by_unit=arguments.by_unit,
        unit=arguments.unit,
        smallest=config.smallest_unit,
        vaults=tuple(store.name for store in config.vaults),
        required=tuple(store.name for store in config.destinations if store.required),
    )
    return config, asked


def how_made(arguments: Namespace, config: Config, reader: Reader) -> list[str]:
    """Return what a report says about itself: who made it, when, from what journal and for what period."""
    said = reader.summary()
    actor = actor_of(this_process(), claimed=claimed_login())
    site = f" ({config.site})" if config.site else ""
    since, until = (
        getattr(arguments, "since", None) or "the first entry",
        getattr(arguments, "until", None) or "now",
    )
    reason = getattr(arguments, "reason", None)
    given = f" Reason: {reason}." if reason else ""
    left_out = [_LEFT_OUT] * reader.partial
    return [
        (
            f"Dock {config.dock}{site}. Made on {when(iso(datetime.now(UTC)))} by {actor} with bwvdock "
            f"{__version__}, from the dock's journal: {said.entries} entries with the root {said.root}."
        ),
        f"Period: from {since} to {until}, in the zone {config.zone}.{given}",
        *left_out,
    ]
