"""When is the journal's latest checkpoint sent to the witnesses, and what follows from what they answer?

Each witness has a thread of its own, so that one that hangs delays no other and nothing else. A contradiction
raises an alarm, which stops erasing and disposing and nothing more: footage is taken and uploaded all the
same. A lying witness can do that, and no more than that.

The signer, which remembers what it signed, is heard as a witness is where it shows a checkpoint that the
journal does not continue: upkeep/checkpoints.py asks it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from bwvdock.core.custody.c2sp.checkpoint import read_signed_checkpoint
from bwvdock.core.custody.c2sp.signed_note import VerifierKey, Verify
from bwvdock.core.custody.checkpoints import StoredCheckpoint, is_log_of, log_name
from bwvdock.core.custody.witnessing import Contradiction
from bwvdock.core.facts import Fact, JournalAsWitnessed, JournalNotAsWitnessed
from bwvdock.core.moments import iso
from bwvdock.core.ports import Clock
from bwvdock.core.ports.witness import Witness
from bwvdock.edges.witnessing.alarm_file import Alarm, AlarmFile
from bwvdock.errors import BwvdockError, JournalError, JournalFullError, StorageError
from bwvdock.log import Events, Say, say_nothing
from bwvdock.runtime.workers import Worker
from bwvdock.witnessing.feed import Feed, JournalTree
from bwvdock.witnessing.messages import Fed

_FIRST_PAUSE_MS, _LONGEST_PAUSE_MS = 5_000, 45_000  # before a witness that failed is asked again
_CONTRADICTED_MS = 60_000  # before a witness that contradicts is asked again
_SILENT_MS = 3_600_000  # without a confirmation that is due


def nobody(_: Collection[str]) -> bool:
    """Return that no witnesses are enough: it is not known how many must confirm."""
    return False


class ConfirmedJournal(Protocol):
    """The part of the journal that knows who confirmed its checkpoints."""

    def origin(self) -> str:
        """Return the journal's id, "" while it has no entry."""
        ...

    def confirmed_size(self, witness: str) -> int:
        """Return the largest size that a witness (its verifier key) confirmed, 0 if none."""
        ...

    def quorum_size(self, enough: Callable[[Collection[str]], bool], beyond: int) -> int:
        """Return the largest size beyond `beyond` whose checkpoint enough witnesses confirmed, 0 if none."""
        ...

    def contradictions(self) -> Sequence[tuple[str, JournalNotAsWitnessed]]:
        """Return what witnesses stated against the journal and did not take back, each with its time."""
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

    `latest` returns the checkpoint that was signed last. `alarms` has the contradictions by the witness's
    verifier key. `enough` says which witnesses, by their keys, are a quorum; `witnessed` is how many entries
    one has confirmed. `unknown` is why it is not known who the witnesses are, or what they stated; then
    there may be some. `raised` is called when an alarm begins.
    """

    sites: Sequence[Site]
    latest: Callable[[], StoredCheckpoint | None]
    journal: ConfirmedJournal
    tree: JournalTree
    clock: Clock
    verify: Verify
    record: Callable[[Sequence[Fact]], None]
    file: AlarmFile
    say: Say = say_nothing
    raised: Callable[[], None] = lambda: None
    alarms: dict[str, Alarm] = field(default_factory=dict)
    unknown: StorageError | None = None
    enough: Callable[[Collection[str]], bool] = nobody
    witnessed: int = 0
    _note: str = ""
    _size: int = 0

    def __post_init__(self) -> None:
        """Remember the alarms of before the restart, and who confirmed what."""
        for site in self.sites:
            site.confirmed = self.journal.confirmed_size(str(site.key))
        self._count()
        self._look()
        try:
            self.alarms = dict(self.file.read())
        except StorageError as error:
            self.unknown = self.unknown or error
            self.say(Events.ALARM_NOT_KEPT, reason=error.message, remedy=error.remedy)
        self._remember()

    def _remember(self) -> None:
        """Take the alarms that the journal records and the file has not: it is gone, or was never written."""
        journal = self.journal.origin()
        for at, fact in self.journal.contradictions():
            known = self.alarms.get(fact.witness)
            same = known if known and is_log_of(known.contradiction.origin, journal) else None
            if same and (same.contradiction.proven or not fact.proven):
                continue
            found = Contradiction(
                witness=fact.witness,
                origin=log_name("", journal),
                size=fact.entries,
                named=fact.named,
                recorded=fact.proven,
            )
            self.alarms[fact.witness] = Alarm(at=same.at if same else at, contradiction=found)

    @property
    def contradicted(self) -> bool:
        """Whether nothing may be erased or disposed of: a witness contradicts, or that is not known."""
        return self.unknown is not None or bool(self.standing())

    @property
    def awaited(self) -> bool:
        """Whether a witness that confirmed the journal before has not said yet if it still does.

        Since the start it neither answered nor failed to: the journal may have been put back.
        """
        return any(site.confirmed and not site.asked and site.error is None for site in self.sites)

    def standing(self) -> list[tuple[str, Alarm]]:
        """Return the alarms about this journal, with the witness's name.

        A witness that the policy no longer names counts no more, unless it was proven. Neither does what was
        stated of another journal; one whose log only got another name is the same.
        """
        names, journal = {str(site.key): site.name for site in self.sites}, self.journal.origin()
        return [
            (names.get(witness, witness), alarm)
            for witness, alarm in self.alarms.items()
            if is_log_of(alarm.contradiction.origin, journal)
            and (witness in names or alarm.contradiction.proven or alarm.contradiction.by_signer)
        ]

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
            self.contradicts(message.contradiction)
            return
        try:
            self.journal.keep_cosignature(message.size, message.witness, message.line)
        except JournalFullError as error:
            site.fail(error, now_ms)
            return
        site.answered(now_ms)
        site.confirmed = message.size
        self._count()
        self._end(message.witness, message.size)

    def signed(self, key: str, size: int) -> None:
        """Take in that the signer, with this key, signed the journal: it continues what was signed before.

        Raises:
            JournalError: it cannot be recorded.
        """
        self._end(key, size)

    def contradicts(self, contradiction: Contradiction) -> None:
        """Keep an alarm, then record it; again where it has become proven.

        Raises:
            JournalError: it cannot be recorded.
        """
        known = self.alarms.get(contradiction.witness)
        same = known is not None and is_log_of(known.contradiction.origin, self.journal.origin())
        if known is not None and same and (known.contradiction.proven or not contradiction.proven):
            return
        at = known.at if known is not None and same else iso(self.clock.now())
        self.alarms[contradiction.witness] = Alarm(at=at, contradiction=contradiction)
        self._keep()
        self.record(
            [
                JournalNotAsWitnessed(
                    witness=contradiction.witness,
                    entries=contradiction.size,
                    named=contradiction.named,
                    proven=contradiction.proven,
                )
            ]
        )
        self.raised()

    def _end(self, witness: str, size: int) -> None:
        """End the alarm of a witness that has confirmed the journal.

        Unless the alarm was proven, and the journal still does not have what proved it: it has where the
        state directory was put back, and the latest was put in its place again.
        """
        known = self.alarms.get(witness)
        if known is None or (known.contradiction.proven and not self._has(known.contradiction.note)):
            return
        del self.alarms[witness]
        self._keep()
        self.record([JournalAsWitnessed(witness=witness, entries=size)])

    def _has(self, note: str) -> bool:
        """Return whether the journal begins with what a checkpoint is of."""
        if not note:
            return False
        head = read_signed_checkpoint(note.encode()).checkpoint
        try:
            return head.size <= self.tree.entries() and self.tree.root(head.size) == head.root
        except JournalError:
            return False

    def _keep(self) -> None:
        try:
            self.file.write(self.alarms)
        except StorageError as error:  # it is in force all the same, and in the journal
            self.say(Events.ALARM_NOT_KEPT, reason=error.message, remedy=error.remedy)
