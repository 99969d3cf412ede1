"""When is the journal's latest checkpoint sent to the witnesses, and what follows from what they answer?

Each witness has a thread of its own, so that one that hangs delays no other and nothing else. A contradiction
raises an alarm (alarms.py). A lying witness can do that, and no more than that.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from bwvdock.core.custody.c2sp.checkpoint import read_signed_checkpoint
from bwvdock.core.custody.c2sp.signed_note import VerifierKey, Verify
from bwvdock.core.custody.checkpoints import StoredCheckpoint
from bwvdock.core.ports import Clock
from bwvdock.core.ports.witness import Witness
from bwvdock.edges.journal.checkpoints import Enough, nobody
from bwvdock.errors import BwvdockError, JournalFullError
from bwvdock.log import Events, Say, say_nothing
from bwvdock.runtime.workers import Worker
from bwvdock.witnessing.alarms import Alarms, ContradictedJournal
from bwvdock.witnessing.feed import Feed, JournalTree
from bwvdock.witnessing.messages import Fed

_FIRST_PAUSE_MS, _LONGEST_PAUSE_MS = 5_000, 45_000  # before a witness that failed is asked again
_CONTRADICTED_MS = 60_000  # before a witness that contradicts is asked again
_SILENT_MS = 3_600_000  # without a confirmation that is due


class ConfirmedJournal(ContradictedJournal, Protocol):
    """The part of the journal that knows who confirmed its checkpoints."""

    def confirmed_size(self, witness: str) -> int:
        """Return the largest size that a witness (its verifier key) confirmed, 0 if none."""
        ...

    def quorum_size(self, enough: Enough, beyond: int) -> int:
        """Return the largest size beyond `beyond` whose checkpoint enough witnesses confirmed, 0 if none."""
        ...

    def keep_cosignature(self, size: int, witness: str, line: str) -> None:
        """Store a witness's line durably beside the checkpoint of that size; it is not an entry.

        Raises:
            JournalError: it cannot be stored.
        """
        ...


@dataclass(kw_only=True, slots=True)
class Site:
    """One witness of the policy, its thread, and what is known of it. Times are those of the boot clock."""

    name: str
    key: VerifierKey
    witness: Witness
    worker: Worker
    confirmed: int = 0
    error: BwvdockError | None = None
    asked: bool = False
    busy: bool = False
    pause_ms: int = 0
    not_before_ms: int = 0
    behind_ms: int | None = None

    def fail(self, error: BwvdockError, now_ms: int) -> None:
        """Wait before the next attempt, longer each time."""
        self.error = error
        self.pause_ms = min(max(2 * self.pause_ms, _FIRST_PAUSE_MS), _LONGEST_PAUSE_MS)
        self.not_before_ms = now_ms + self.pause_ms

    def answered(self, now_ms: int, pause_ms: int = 0) -> None:
        """Forget earlier failures."""
        self.error, self.pause_ms, self.not_before_ms = None, 0, now_ms + pause_ms


@dataclass(kw_only=True, slots=True)
class Witnesses:
    """Feeds the witnesses; owned by the thread that owns the journal.

    `latest` returns the checkpoint that was signed last. `enough` says which witnesses, by their keys, are a
    quorum; `witnessed` is how many entries one has confirmed.
    """

    sites: Sequence[Site]
    latest: Callable[[], StoredCheckpoint | None]
    journal: ConfirmedJournal
    tree: JournalTree
    clock: Clock
    verify: Verify
    alarms: Alarms
    say: Say = say_nothing
    enough: Enough = nobody
    witnessed: int = 0
    _note: str = ""
    _size: int = 0

    def __post_init__(self) -> None:
        """Remember who confirmed what."""
        for site in self.sites:
            site.confirmed = self.journal.confirmed_size(str(site.key))
        self._count()
        self._look()

    @property
    def awaited(self) -> bool:
        """Whether a witness that confirmed the journal before has not said yet if it still does.

        Since the start it neither answered nor failed to: the journal may have been put back.
        """
        return any(site.confirmed and not site.asked and site.error is None for site in self.sites)

    def silent(self) -> list[Site]:
        """Return the witnesses from which a confirmation has been due for an hour."""
        now = self.clock.boottime_ms()
        return [s for s in self.sites if s.behind_ms is not None and now - s.behind_ms >= _SILENT_MS]

    # --- work ----------------------------------------------------------------------------------------

    def turn(self) -> None:
        """Send the latest checkpoint to each witness that has not confirmed it.

        Each is asked once after a start, even if nothing is new: the journal may have been put back.
        """
        self._look()
        if not self._note:
            return
        now_ms = self.clock.boottime_ms()
        for site in self.sites:
            due = not site.asked or site.confirmed != self._size
            if due and site.behind_ms is None:
                site.behind_ms = now_ms
            if due and not site.busy and now_ms >= site.not_before_ms:
                self._send(site)

    def _count(self) -> None:
        """Note how many entries a quorum has confirmed, all of it one and the same checkpoint."""
        self.witnessed = max(self.witnessed, self.journal.quorum_size(self.enough, self.witnessed))

    def _look(self) -> None:
        made = self.latest()
        if made is not None and made.note != self._note:
            head = read_signed_checkpoint(made.note.encode()).checkpoint
            self._note, self._size = made.note, head.size

    def _send(self, site: Site) -> None:
        site.busy = True
        site.worker.submit(
            Feed(
                name=site.name,
                key=site.key,
                witness=site.witness,
                journal=self.tree,
                verify=self.verify,
                note=self._note,
                size=self._size,
                old=site.confirmed,
            )
        )

    def hear(self, message: Fed) -> None:
        """Take in what a witness answered.

        Raises:
            JournalError: it cannot be recorded.
        """
        site = next((site for site in self.sites if str(site.key) == message.witness), None)
        if site is None:
            return
        site.busy, now_ms = False, self.clock.boottime_ms()
        if message.error is not None:
            if site.error is None or site.error.message != message.error.message:
                self.say(
                    Events.WITNESS_LOST,
                    witness=site.name,
                    reason=message.error.message,
                    remedy=message.error.remedy,
                )
            site.fail(message.error, now_ms)
            return
        if site.error is not None:
            self.say(Events.WITNESS_BACK, witness=site.name)
        site.asked, site.behind_ms = True, None
        if message.contradiction is not None:
            site.answered(now_ms, _CONTRADICTED_MS)
            self.alarms.begin(message.contradiction)
            return
        try:
            self.journal.keep_cosignature(message.size, message.witness, message.line)
        except JournalFullError as error:
            site.fail(error, now_ms)
            return
        site.answered(now_ms)
        site.confirmed = message.size
        self._count()
        self.alarms.end(message.witness, message.size)
