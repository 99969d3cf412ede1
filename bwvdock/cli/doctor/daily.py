"""How does the running daemon check its own installation? By the same checks as `bwvdock doctor`.

It sees what the user bwvdock sees: what only root may look at, it reports as not looked at.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from bwvdock import __version__
from bwvdock.cli.statement.faults import known_faults
from bwvdock.config.settings import Config, load, needs_restart, until_restart
from bwvdock.core.custody.summary import JournalSummary
from bwvdock.core.ports import Clock
from bwvdock.doctor.checkup import Installation, probes_of
from bwvdock.doctor.findings import Result, ids_of
from bwvdock.doctor.machine import Machine, ThisMachine
from bwvdock.doctor.probing import carry_out
from bwvdock.edges.journal.read.summary import summarise
from bwvdock.errors import BwvdockError, ConfigError
from bwvdock.status.report import report
from bwvdock.status.values import Live, StatusReport
from bwvdock.upkeep.messages import FitnessChecked


def check_itself(
    config: Config, live: Live, clock: Clock, *, machine: Machine | None = None
) -> FitnessChecked:
    """Return what the checks of an installation found, by their ids. Not for the dock's own thread.

    Args:
        config: what the daemon read at its start.
        live: what it says of itself now.
        clock: its clocks.
        machine: what is looked at; this one by default.
    """
    found = carry_out(probes_of(_installation(config, live, machine or ThisMachine(clock))))
    return FitnessChecked(
        errors=tuple(ids_of(found, Result.ERROR)),
        warnings=tuple(ids_of(found, Result.WARNING)),
        unseen=tuple(ids_of(found, Result.NOT_LOOKED_AT)),
    )


def _installation(config: Config, live: Live, machine: Machine) -> Installation:
    used, trouble, pending = config, None, tuple[str, ...]()
    try:
        new = load(config.file)
        pending, used = tuple(needs_restart(config, new)), until_restart(config, new)
    except ConfigError as error:
        trouble = error
    faults, reviewed = faults_of_this_version()

    def status() -> StatusReport:
        return report(_summary(used), live, used, now=datetime.now(UTC))

    return Installation(
        machine=machine,
        config=used,
        status=status,
        trouble=trouble,
        pending=pending,
        faults=faults,
        reviewed=reviewed,
    )


def _summary(config: Config) -> JournalSummary | None:
    try:
        return summarise(config.journal)
    except BwvdockError:  # the daemon itself says what is wrong with it
        return None


def faults_of_this_version() -> tuple[Sequence[str], str]:
    """Return the known faults of this version, and the day on which the list was last gone through."""
    known = known_faults()
    return [f"{fault.what} {fault.effect}" for fault in known.of([__version__])], known.reviewed
