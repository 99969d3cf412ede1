"""How do alerts get into the log? The daemon asks itself for its status, as `bwvdock status` does.

In a thread of its own: the journal is read there, and the dock's thread waits for nothing. A look that fails
is left out: what prevents it is logged by whom it concerns.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any, Protocol

from bwvdock.config.disks import vaults_beside_spool
from bwvdock.config.settings import Config
from bwvdock.core.ports import Clock
from bwvdock.edges.journal.read.summary import summarise
from bwvdock.errors import BwvdockError, JournalError, SilentError
from bwvdock.log import Events, get_logger
from bwvdock.operators.requests import Request, Status
from bwvdock.status.alert_order import in_order
from bwvdock.status.alerts import Alert, dock
from bwvdock.status.alerts.disks import explain_full_spool
from bwvdock.status.changes import Change, Changes
from bwvdock.status.disks_seen import with_disks
from bwvdock.status.report import report
from bwvdock.status.values import live_from_json

_FIRST_SECONDS = 5.0  # the first cameras and stores were looked at then
_EVERY_SECONDS = 20.0


class Hear(Protocol):
    """A function that is given the alerts after each look."""

    def __call__(self, alerts: Sequence[Alert], /, *, complete: bool) -> object:
        """Take them; there may be others if they are not `complete`."""
        ...


class IncompleteLookError(BwvdockError):
    """Not all alerts could be found; `alerts` are those that could."""

    def __init__(self, cause: BwvdockError, alerts: Iterable[Alert]) -> None:
        super().__init__(cause.message, remedy=cause.remedy)
        self.alerts = tuple(alerts)


class AlertLog:
    """Logs each alert when it begins, says something else, or ends."""

    def __init__(
        self,
        look: Callable[[], Iterable[Alert]],
        clock: Clock,
        heard: Hear = lambda _, **__: None,
    ) -> None:
        """Take its parts; nothing is looked at yet.

        Args:
            look: returns the current alerts.
            clock: the dock's.
            heard: is given them after each look.
        """
        self._look = look
        self._clock = clock
        self._heard = heard
        self._changes = Changes()
        self._ended = threading.Event()

    def start(self) -> None:
        """Begin to look, until `stop`."""
        threading.Thread(target=self._run, name="alerts", daemon=True).start()

    def stop(self) -> None:
        """Look no more."""
        self._ended.set()

    def look(self) -> None:
        """Look once, and log what changed."""
        try:
            alerts = list(self._look())
        except IncompleteLookError as error:
            self._heard(error.alerts, complete=False)
            return
        except (BwvdockError, ValueError):
            return
        self._heard(alerts, complete=True)
        for change in self._changes.look(alerts, self._clock.boottime_ms()):
            log_change(change)

    def _run(self) -> None:
        seconds = _FIRST_SECONDS
        while not self._ended.wait(seconds):
            self.look()
            seconds = _EVERY_SECONDS


def standing_alerts(
    config: Config, clock: Clock, answer: Callable[[Request, str], Mapping[str, Any]]
) -> Iterable[Alert]:
    """Return the alerts of a dock that runs, as `bwvdock status` has them.

    Args:
        config: the dock's.
        clock: the dock's.
        answer: asks the dock's own thread.

    Raises:
        IncompleteLookError: the thread does not answer, or the journal cannot be read.
        BwvdockError: nothing is known.
    """
    try:
        live = live_from_json(answer(Status(), ""))
    except SilentError as error:
        silent = dock.daemon_not_running(error, running=False, ended_orderly=True, unset=None)
        raise IncompleteLookError(error, silent) from error
    try:
        summary = summarise(config.journal)
    except JournalError as error:
        raise IncompleteLookError(error, live.alerts) from error
    status = with_disks(report(summary, live, config, now=clock.now()), config)
    required = {store.name for store in config.destinations if store.required}
    beside = partial(vaults_beside_spool, config)
    explained = explain_full_spool(status, required=required, beside=beside, place=str(config.spool))
    return in_order(explained.alerts)


def log_change(change: Change) -> None:
    """Log that an alert began or changed, at its severity, or that it ended."""
    alert, logger = change.alert, get_logger()
    told = {"code": str(alert.code), "severity": str(alert.severity), "alert": alert.message}
    if change.ended:
        logger.info(Events.ALERT_ENDED, **told)
    else:
        getattr(logger, alert.severity)(Events.ALERT_RAISED, **told, remedy=alert.remedy)
