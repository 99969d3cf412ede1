"""Where do the figures come from? From what `bwvdock status` reports, and from the journal, as a reader.

The dock is asked as an operator's `bwvdock status` asks it, and computes nothing more for this.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

from bwvdock.config.settings import Config, load, needs_restart
from bwvdock.core.custody.summary import JournalSummary
from bwvdock.edges.journal.database import connect_reader, snapshot, translated
from bwvdock.edges.journal.read.figures import Numbers, numbers
from bwvdock.edges.journal.read.summary import read_summary, summarise
from bwvdock.errors import BwvdockError, ConfigError, NotRunningError
from bwvdock.metrics.counters import Counters
from bwvdock.metrics.figures import Snapshot
from bwvdock.metrics.vaults import Vaults
from bwvdock.runtime.turn_times import TurnTimes
from bwvdock.status.disks_seen import with_disks
from bwvdock.status.report import FileUse, report
from bwvdock.status.values import Live, live_from_json

Ask = Callable[[], Mapping[str, Any]]
"""A function that returns the dock's live status as JSON; NotRunningError where it does not answer."""


class Source:
    """Takes snapshots of one dock. Belongs to the thread that publishes them."""

    def __init__(
        self,
        config: Config,
        ask: Ask,
        turns: TurnTimes,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """Take what is asked. Whatever the journal has already is not of this start."""
        self._config = config
        self._ask = ask
        self._turns = turns
        self._now = now
        self._counters = Counters(first=_entries(config))
        self._vaults = Vaults(config)
        self._started_at = ""
        self._pending: tuple[bytes, FileUse] = (config.content, FileUse())
        self._required = {store.name: store.required for store in config.destinations}
        self._bays = {source.serial: f"folder-{n}" for n, source in enumerate(config.sources, start=1)}

    def take(self) -> Snapshot:
        """Return what is known of the dock now; what cannot be found out is left out.

        Raises:
            BwvdockError: the journal cannot be read for a reason that is neither its absence nor the dock's.
        """
        live, silence = self._live()
        self._started_at = live.started_at if live else self._started_at
        summary, found = self._journal()
        now = self._now()
        status = report(summary, live, self._config, now=now, silence=silence, file=self._file())
        return Snapshot(
            at=now,
            status=with_disks(status, self._config),
            read=summary is not None,
            started_at=self._started_at,
            required=self._required,
            numbers=found,
            counters=self._counters,
            turns=self._turns.read(),
            bays=self._bays,
            vaults=self._vaults.free(),
        )

    def _live(self) -> tuple[Live | None, NotRunningError | None]:
        try:
            return live_from_json(self._ask()), None
        except NotRunningError as error:
            return None, error
        except BwvdockError as error:  # what the dock's own thread met when it looked at itself
            return None, NotRunningError(error.message, remedy=error.remedy)

    def _journal(self) -> tuple[JournalSummary | None, Numbers | None]:
        """Return what the journal says; (None, None) where it cannot be read: the dock itself says why."""
        path, days = self._config.journal, self._config.absence_days
        before = self._now() - timedelta(days=days) if days else None
        try:
            db, _ = connect_reader(path)
            try:
                with translated(path), snapshot(db):
                    known = read_summary(db), numbers(db, before=before)
                self._count(db)
            finally:
                db.close()
        except BwvdockError:
            self._counters.caught_up = False
            return None, None
        return known

    def _count(self, db: sqlite3.Connection) -> None:
        """Count on; an entry that was altered, as verification reports it, leaves the counters out."""
        try:
            with translated(self._config.journal):
                self._counters.read_on(db)
        except BwvdockError:
            self._counters.caught_up = False

    def _file(self) -> FileUse:
        """Return what of the configuration's file is not used, as `bwvdock status` finds it."""
        content, used = self._pending
        with suppress(OSError):
            content = self._config.file.read_bytes()
        if content != self._pending[0]:
            try:
                used = FileUse(pending=tuple(needs_restart(self._config, load(self._config.file))))
            except ConfigError as error:
                used = FileUse(trouble=error.message)
            self._pending = (content, used)
        return used


def _entries(config: Config) -> int | None:
    with suppress(BwvdockError):
        return summarise(config.journal).entries
    return None
