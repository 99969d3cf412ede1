"""When is a checkpoint of the journal signed?

At the start, at the end of a docking, when the uploads at hand are done, and otherwise within a minute of a
new entry; the dock's shutdown asks for one more. A dock in which nothing happens signs nothing: what is
stored here is not an entry. A signer that is away is asked again, and holds up nothing else.

The signer remembers what it signed: one that refuses, and shows a checkpoint that the journal does not
continue, contradicts it as a witness does (witnessing/alarms.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Protocol

from bwvdock.core.custody.checkpoints import StoredCheckpoint
from bwvdock.core.custody.witnessing import Contradiction
from bwvdock.core.facts import CameraDetached, ClipVerified, Fact, LogKeyNew, SignerForgot
from bwvdock.core.moments import iso
from bwvdock.core.ports import Clock
from bwvdock.errors import BwvdockError, JournalFullError
from bwvdock.log import Events, Say, say_nothing
from bwvdock.runtime.workers import Worker
from bwvdock.upkeep.messages import CheckpointSigned, CheckpointStamped, NoteStored
from bwvdock.upkeep.publishing import Publishing
from bwvdock.upkeep.signing import SignCheckpoint, Signing
from bwvdock.upkeep.time_stamps import TimeStamps

_SOON_MS = 45_000  # after a new entry: what is left of the minute is for reading, signing and storing
_FIRST_PAUSE_MS, _LONGEST_PAUSE_MS = 2_000, 60_000  # before a signer that failed is asked again
_OVERDUE_MS = 180_000  # a signer that neither answers nor fails for so long hangs


SignerChange = LogKeyNew | SignerForgot
"""What can change about who signs."""

OfCheckpoint = CheckpointSigned | CheckpointStamped | NoteStored
"""What workers report of checkpoints."""


class CheckpointJournal(Protocol):
    """The part of the journal that knows how much of it is signed."""

    def size(self) -> int:
        """Return the number of entries."""
        ...

    def last_checkpoint(self) -> StoredCheckpoint | None:
        """Return the checkpoint that was signed last."""
        ...

    def keep_checkpoint(self, checkpoint: StoredCheckpoint) -> None:
        """Store a signed checkpoint durably; it is not an entry."""
        ...

    def signer_changes(self) -> Sequence[tuple[str, SignerChange]]:
        """Return each new key of the log and each time that the signer forgot, with the entry's time."""
        ...


Record = Callable[[Sequence[Fact]], None]
"""Records facts in the journal."""

Heard = Callable[[CheckpointSigned], None]
"""Called with the checkpoint that was asked for, or with why there is none (`error`)."""


def _nobody(_: object) -> None:
    """Do nothing with what was signed, or stated."""


class Checkpoints:
    """Has a worker sign the journal, and others store and stamp what was signed; of the journal's thread.

    `last` is the latest checkpoint. `changes` are those of the log's key and of what the signer remembers,
    each with its time. `error` is why the last attempt failed, None if it did not;
    `unsigned_since` is when the oldest entry was made that no checkpoint covers, "" if all are covered.
    """

    def __init__(
        self,
        worker: Worker,
        journal: CheckpointJournal,
        clock: Clock,
        signing: Signing,
        *,
        record: Record,
        uploading: Callable[[], bool] = lambda: False,
        say: Say = say_nothing,
    ) -> None:
        """Connect the parts.

        Args:
            worker: signs, in one thread.
            journal: is signed.
            clock: the dock's clocks.
            signing: makes a checkpoint.
            record: records what is new about who signs.
            uploading: returns whether uploads are under way.
            say: logs what went wrong, once, and that it is over.
        """
        self.worker = worker
        self.last = journal.last_checkpoint()
        self.changes = list(journal.signer_changes())
        self.error: BwvdockError | None = None
        self.unsigned_since = ""
        self.publishing: Publishing | None = None
        self.time_stamps: TimeStamps | None = None
        self.signed: Callable[[CheckpointSigned], None] = _nobody  # called with each that was signed
        self.contradicted: Callable[[Contradiction], None] = _nobody  # called with what the signer shows
        self._journal = journal
        self._clock = clock
        self._signing = signing
        self._ledger_record = record
        self._uploading = uploading
        self._say = say
        self._busy = self._uploaded = self._answered = self._ending = False
        self._hurry = True  # the journal may have been put back, and the signer knows
        self._new_ms = self._begun_ms = 0  # since when there are entries without a checkpoint; of the attempt
        self._begun_at = ""
        self._pause_ms = self._not_before_ms = 0
        self._askers: list[Heard] = []

    def recorded(self, facts: Sequence[Fact]) -> None:
        """Take in what was recorded: it may be the end of a docking or of an upload."""
        self._hurry |= any(isinstance(fact, CameraDetached) for fact in facts)
        self._uploaded |= any(isinstance(fact, ClipVerified) for fact in facts)

    def turn(self, *, paused: bool) -> None:
        """Have a checkpoint signed, stored beside the footage and stamped, each if it is time for that."""
        self._sign_if_due()
        if self.last and self.publishing:
            self.publishing.turn(self.last.size, paused=paused)
        if self.last and self.time_stamps:
            self.time_stamps.turn(self.last)

    def _sign_if_due(self) -> None:
        if self._busy or not (self._is_behind() or not self._answered):
            return
        now_ms = self._clock.boottime_ms()
        if self._uploaded and not self._uploading():
            self._hurry = True
        due = self._hurry or bool(self._askers) or now_ms - self._new_ms >= _SOON_MS
        if due and (now_ms >= self._not_before_ms or self._askers):
            self._begin(now_ms)

    def sign_now(self, answer: Heard) -> None:
        """Sign what there is, and answer with it or with the error."""
        self._askers.append(answer)
        if not self._busy:
            self._begin(self._clock.boottime_ms())

    @property
    def awaited(self) -> bool:
        """Whether the signer neither signed nor failed to since the start.

        The journal may have been put back meanwhile.
        """
        return not self._answered and self.error is None

    def finish(self) -> bool:
        """Ask for a checkpoint of all that there is, at shutdown; return whether one is awaited.

        None is where the last attempt failed: the next start asks again.
        """
        self._ending = True
        if not self._busy and self.error is None and self._is_behind():
            self._begin(self._clock.boottime_ms())
        return self._busy

    @property
    def hangs(self) -> bool:
        """Whether the signer has not answered for minutes, and not failed either."""
        return self._busy and self._clock.boottime_ms() - self._begun_ms >= _OVERDUE_MS

    def hear(self, message: OfCheckpoint) -> None:
        """Take in what a worker did.

        Raises:
            JournalDamagedError: the journal can record nothing more.
            JournalError: it cannot be written.
        """
        if isinstance(message, CheckpointSigned):
            self._take_signed(message)
        elif isinstance(message, NoteStored) and self.publishing:
            self.publishing.hear(message)
        elif isinstance(message, CheckpointStamped) and self.time_stamps:
            self.time_stamps.hear(message)

    def _take_signed(self, message: CheckpointSigned) -> None:
        self._busy = False
        error = message.error or self._keep(message)
        askers, self._askers = self._askers, []
        if error is None:
            self._succeeded()
            self.signed(message)
        else:
            self._failed(error)
        if message.contradiction is not None:
            self.contradicted(message.contradiction)
        for answer in askers:
            answer(replace(message, error=error))

    def _is_behind(self) -> bool:
        """Return whether there are entries that no checkpoint covers; note since when."""
        behind = self._journal.size() > (self.last.size if self.last else 0)
        if behind and not self.unsigned_since:
            self._new_ms, self.unsigned_since = self._clock.boottime_ms(), iso(self._clock.now())
        return behind

    def _begin(self, now_ms: int) -> None:
        self._busy, self._hurry, self._uploaded = True, False, False
        self._begun_ms, self._begun_at = now_ms, iso(self._clock.now())
        self.worker.submit(SignCheckpoint(self._signing, self.last.size if self.last else 0))

    def _keep(self, message: CheckpointSigned) -> BwvdockError | None:
        made = StoredCheckpoint(
            size=message.size, root=message.root, note=message.note, made_at=iso(self._clock.now())
        )
        before = self.last
        if before is None or made.size > before.size:
            try:
                self._journal.keep_checkpoint(made)
            except JournalFullError as error:
                return error
            self.last = made
        self._record(list(self._changes_shown(message, before.size if before else 0)))
        return None

    def _changes_shown(self, message: CheckpointSigned, known: int) -> Iterator[SignerChange]:
        """Return what a checkpoint shows of its signer that was not so before."""
        if message.proven_from < known:
            yield SignerForgot(entries=message.size, known=known, compared=message.proven_from)
        keys = [fact.key for _, fact in self.changes if isinstance(fact, LogKeyNew)]
        last = keys[-1] if keys else ""
        if message.key != last and not self._ending:  # then the next start records it
            other = message.key_before if message.key_before != message.key else ""
            yield LogKeyNew(
                key=message.key,
                before=last or other,
                entries=message.size,
                compared=message.proven_from,
            )

    def _record(self, changes: Sequence[SignerChange]) -> None:
        if changes:
            self._ledger_record(changes)
            self.changes += [(iso(self._clock.now()), fact) for fact in changes]

    def _succeeded(self) -> None:
        self._answered = True
        if self.error is not None:
            self._say(Events.CHECKPOINTS_BACK)
        self.error, self._pause_ms, self._not_before_ms = None, 0, 0
        # Entries that were made while this one was signed are newer than its beginning.
        behind = self.last is not None and self._journal.size() > self.last.size
        self._new_ms, self.unsigned_since = self._begun_ms, self._begun_at if behind else ""

    def _failed(self, error: BwvdockError) -> None:
        if self.error is None or self.error.message != error.message:
            self._say(Events.CHECKPOINT_FAILED, reason=error.message, remedy=error.remedy)
        self.error = error
        self._pause_ms = min(max(self._pause_ms * 2, _FIRST_PAUSE_MS), _LONGEST_PAUSE_MS)
        self._not_before_ms = self._clock.boottime_ms() + self._pause_ms
        self._hurry = True
