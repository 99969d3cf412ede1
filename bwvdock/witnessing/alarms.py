"""Which alarms about the journal are in force? Something outside of it states that it is another one.

A witness's statement ends when it confirms the journal. A proven contradiction (the log's own key signed
another journal) ends only once the journal has what proved it. An alarm stops erasing and disposing, and
nothing else: footage is taken and uploaded all the same.

The signer, which remembers what it signed, is heard as a witness is where it shows a checkpoint that the
journal does not continue: upkeep/checkpoints.py asks it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from bwvdock.core.custody.c2sp.checkpoint import read_signed_checkpoint
from bwvdock.core.custody.checkpoints import is_log_of, log_name
from bwvdock.core.custody.witnessing import Contradiction
from bwvdock.core.facts import Fact, JournalAsWitnessed, JournalNotAsWitnessed
from bwvdock.core.moments import iso
from bwvdock.core.ports import Clock
from bwvdock.edges.witnessing.alarm_file import Alarm, AlarmFile
from bwvdock.errors import JournalError, StorageError
from bwvdock.log import Events, Say, say_nothing
from bwvdock.witnessing.feed import JournalTree


class ContradictedJournal(Protocol):
    """The part of the journal that knows what was stated against it."""

    def origin(self) -> str:
        """Return the journal's id, "" while it has no entry."""
        ...

    def contradictions(self) -> Sequence[tuple[str, JournalNotAsWitnessed]]:
        """Return what witnesses stated against the journal and did not take back, each with its time."""
        ...


@dataclass(kw_only=True, slots=True)
class Alarms:
    """The alarms by the verifier key of who raised them; owned by the thread that owns the journal.

    `names` has the names of the policy's witnesses by their verifier keys. `unknown` is why it is not known
    who the witnesses are, or what they stated; then there may be some. `raised` is called when one begins.
    """

    names: Mapping[str, str]
    journal: ContradictedJournal
    tree: JournalTree
    clock: Clock
    record: Callable[[Sequence[Fact]], None]
    file: AlarmFile
    say: Say = say_nothing
    raised: Callable[[], None] = lambda: None
    unknown: StorageError | None = None
    _known: dict[str, Alarm] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Remember the alarms of before the restart."""
        try:
            self._known = dict(self.file.read())
        except StorageError as error:
            self.unknown = self.unknown or error
            self.say(Events.ALARM_NOT_KEPT, reason=error.message, remedy=error.remedy)
        self._remember()

    def _remember(self) -> None:
        """Take the alarms that the journal records and the file has not: it is gone, or was never written."""
        for at, fact in self.journal.contradictions():
            found = Contradiction(
                witness=fact.witness,
                origin=log_name("", self.journal.origin()),
                size=fact.entries,
                named=fact.named,
                recorded=fact.proven,
            )
            self._take(found, at)

    def _take(self, contradiction: Contradiction, at: str) -> bool:
        """Have an alarm in force, and return whether that is new: as an alarm, or as a proven one.

        `at` is since when, where there was none about this journal.
        """
        known = self._known.get(contradiction.witness)
        if known is not None and is_log_of(known.contradiction.origin, self.journal.origin()):
            if known.contradiction.proven or not contradiction.proven:
                return False
            at = known.at
        self._known[contradiction.witness] = Alarm(at=at, contradiction=contradiction)
        return True

    @property
    def contradicted(self) -> bool:
        """Whether nothing may be erased or disposed of: a witness contradicts, or that is not known."""
        return self.unknown is not None or bool(self.in_force())

    def in_force(self) -> list[tuple[str, Alarm]]:
        """Return the alarms about this journal, with the witness's name.

        A witness that the policy no longer names counts no more, unless it was proven. Neither does what was
        stated of another journal; one whose log only got another name is the same.
        """
        journal = self.journal.origin()
        return [
            (self.names.get(witness, witness), alarm)
            for witness, alarm in self._known.items()
            if is_log_of(alarm.contradiction.origin, journal)
            and (witness in self.names or alarm.contradiction.proven or alarm.contradiction.by_signer)
        ]

    def begin(self, contradiction: Contradiction) -> None:
        """Keep an alarm, then record it; again where it has become proven.

        Raises:
            JournalError: it cannot be recorded.
        """
        if not self._take(contradiction, iso(self.clock.now())):
            return
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

    def end(self, witness: str, size: int) -> None:
        """End the alarm of a witness that has confirmed the journal, or of the signer that has signed it.

        Unless the alarm was proven, and the journal still does not have what proved it: it has where the
        state directory was put back, and the latest was put in its place again.
        """
        known = self._known.get(witness)
        if known is None or (known.contradiction.proven and not self._has(known.contradiction.note)):
            return
        del self._known[witness]
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
            self.file.write(self._known)
        except StorageError as error:  # it is in force all the same, and in the journal
            self.say(Events.ALARM_NOT_KEPT, reason=error.message, remedy=error.remedy)
