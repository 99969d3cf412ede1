"""Is this dock fit for the shift? A worker checks the installation: after a start, and once a day.

The result is an entry once a day, and whenever it has changed. While something is wrong it is checked more
often, so that the alert ends soon after the cause has. What is checked: bwvdock/doctor/.

A check may look at something that is only just starting: a helper, a store, a network. So what was found
wrong, or could not be looked at, counts once it is found a minute later as well.
"""

from __future__ import annotations

from collections.abc import Callable

from bwvdock.core.facts import DockChecked
from bwvdock.core.moments import iso
from bwvdock.core.ports import Clock
from bwvdock.log import Say, say_nothing
from bwvdock.runtime.jobs import say_failed
from bwvdock.runtime.ledger import Ledger
from bwvdock.runtime.workers import Worker
from bwvdock.upkeep.jobs import CheckFitness
from bwvdock.upkeep.messages import FitnessChecked

_FIRST_MS = 2 * 60_000  # stores are contacted and tried out by then
_SETTLES_MS = 60_000  # for which something may be wrong that is only just starting
_AGAIN_MS = 15 * 60_000
_DAY_MS = 24 * 3600 * 1000

Prepare = Callable[[], Callable[[], FitnessChecked]]
"""Called in the dock's own thread, where it may ask the dock; returns what a worker does."""


class Fitness:
    """Has a worker check the installation; owned by the thread that owns the ledger.

    `errors` are the ids of the checks that found errors, `checked_at` is when the last check was made that
    counts ("": none yet).
    """

    def __init__(
        self, worker: Worker, ledger: Ledger, clock: Clock, *, prepare: Prepare, say: Say = say_nothing
    ) -> None:
        """Connect the parts; nothing is known yet.

        Args:
            worker: checks.
            ledger: records the results.
            clock: the dock's clocks.
            prepare: makes what is done.
            say: logs why nothing was checked.
        """
        self.errors: tuple[str, ...] = ()
        self.checked_at = ""
        self._worker = worker
        self._ledger = ledger
        self._clock = clock
        self._prepare = prepare
        self._say = say
        self._checking = False
        self._once_more = False  # asked for while a check was under way, which may have looked there before
        self._since: dict[str, int] = {}  # what was found since the last check that counts, and when first
        self._recorded: tuple[str, ...] | None = None
        self._next_ms = clock.boottime_ms() + _FIRST_MS
        self._next_entry_ms = 0

    def turn(self) -> None:
        """Have the installation checked if that is due."""
        if not self._checking and self._clock.boottime_ms() >= self._next_ms:
            self._checking = True
            self._worker.submit(CheckFitness(self._prepare()))

    def soon(self) -> None:
        """Have the installation checked at once: somebody may have corrected it."""
        self._next_ms = self._clock.boottime_ms()
        self._once_more = self._checking

    def hear(self, message: FitnessChecked) -> None:
        """Take in what was found, and record it once a day and when it has changed."""
        now_ms = self._clock.boottime_ms()
        self._checking = False
        again, self._once_more = self._once_more, False
        self._next_ms = now_ms if again else now_ms + _AGAIN_MS
        if message.error is not None:
            say_failed(self._say, "CheckFitness", message.error)
            return
        if again:  # it may be corrected since
            return
        settles_ms = self._settles_ms(message, now_ms)
        if settles_ms > now_ms:
            self._next_ms = settles_ms
            return
        self._take_in(message, now_ms)

    def _settles_ms(self, message: FitnessChecked, now_ms: int) -> int:
        """Return when all that was found will have been there for long enough.

        What comes and goes counts from its first time on: there are only so many checks, so this ends.
        """
        found = {*message.errors, *message.unseen}
        self._since = dict.fromkeys(found, now_ms) | self._since
        return max((self._since[check] + _SETTLES_MS for check in found), default=now_ms)

    def _take_in(self, message: FitnessChecked, now_ms: int) -> None:
        found = {*message.errors, *message.unseen}
        self._since = {check: since for check, since in self._since.items() if check in found}
        self.errors, self.checked_at = message.errors, iso(self._clock.now())
        if not message.errors:
            self._next_ms = now_ms + _DAY_MS
        if message.errors == self._recorded and now_ms < self._next_entry_ms:
            return
        self._recorded, self._next_entry_ms = message.errors, now_ms + _DAY_MS
        self._ledger.record(
            [
                DockChecked(
                    fit=not message.errors,
                    errors=message.errors,
                    warnings=message.warnings,
                    unseen=message.unseen,
                )
            ]
        )
