"""How is a fact recorded? In the journal first, then in memory, then in the log.

`record` is the only way. It is called by one thread, which owns everything reached from here. What a turn of
that thread records can be one commit (group_commit.py).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial
from typing import Protocol

from bwvdock.core.clips.classes.given import priority
from bwvdock.core.clips.classes.routing import Stores, may_have, required_of
from bwvdock.core.clips.clip import Clip
from bwvdock.core.clips.history import apply
from bwvdock.core.clips.lifecycle import ClipState
from bwvdock.core.clips.plan import OPEN_STATES, Target
from bwvdock.core.clips.states import SPOOL
from bwvdock.core.facts import (
    CLIP_FACTS,
    ClipFact,
    ClipQuarantined,
    ClipSkipped,
    ClipVerified,
    DeliveryRefused,
    DestinationAssessed,
    DocumentRefused,
    Fact,
    UncleanStart,
    UploadAttempts,
    VerificationFailed,
    VerifiedAgain,
)
from bwvdock.core.facts.visibility.visible_facts import shown
from bwvdock.core.facts.visibility.withheld import without
from bwvdock.runtime.attribution import Attribution
from bwvdock.runtime.classing import Classing
from bwvdock.runtime.group_commit import GroupCommit, GroupJournal
from bwvdock.runtime.standing_holds import StandingHolds, StandingJournal

QUOTING = (
    ClipQuarantined,
    ClipSkipped,
    ClipVerified,
    DeliveryRefused,
    DocumentRefused,
    UploadAttempts,
    VerificationFailed,
    VerifiedAgain,
)
"""The facts about a clip with a sentence that a store, a camera or the system may have written."""

Tell = Callable[[Fact, Clip | None], None]
"""A function called with each recorded fact, and the clip that it is about, if any."""


def _nobody(_: Clip) -> None:
    """Do nothing with a clip."""


def _ignore(_: Sequence[Fact]) -> None:
    """Do nothing with facts."""


class LedgerJournal(GroupJournal, StandingJournal, Protocol):
    """What the ledger needs of the journal's writer."""

    def open_clips(self, targets: Collection[str]) -> Sequence[Clip]:
        """Return the clips that may still need a step."""
        ...

    def clip(self, clip_id: str) -> Clip | None:
        """Return one clip."""
        ...

    def proofs_recorded(self, clip_id: str) -> Mapping[str, int]:
        """Return the number of the latest entry that records the proof of a clip's copy, by destination."""
        ...

    def unclean_start(self) -> UncleanStart | None:
        """Return the fact that the dock did not stop since its last start; None if it did."""
        ...


class Ledger:
    """The clips that still need a step, always in the journal's state.

    These are at most the clips in the spool, and those being erased from cameras; others are read from the
    journal.
    """

    def __init__(self, journal: LedgerJournal, targets: Sequence[Target], tell: Tell) -> None:
        """Load the open clips; `tell` writes the canonical log line of a fact."""
        self._journal = journal
        self._tell = tell
        self._unproving: set[str] = set()  # destinations that were assessed and cannot prove a copy
        self._attribution = Attribution(journal.assignments, lambda serial: journal.enrolment(serial).unit)
        self.classing = Classing(self._attribution.unit_of)
        self.standing = StandingHolds(journal)
        self.targets = tuple(targets)
        self.group = GroupCommit(journal)
        self.quarantined: Callable[[Clip], None] = _nobody  # called with each clip that went to quarantine
        self.recorded: Callable[[Sequence[Fact]], None] = _ignore  # called with what was recorded
        self.became_deliverable = 0  # counts clips that are acquired, released from quarantine, or changed
        self.hurries = 0  # counts the hurried ones among them, which wait for nothing
        self.clips: dict[str, Clip] = {}
        self._load()

    def record(self, facts: Sequence[Fact], *, patient: bool = True) -> None:
        """Commit the facts, or add them to the group; only then change the clips, and log once committed.

        Their attributions are added (attribution.py), and the classes of units (classing.py). Where the
        journal has no room, this waits until it has, unless the caller is not `patient`.

        Raises:
            JournalError: nothing was recorded or changed.
            IllegalFactError: the lifecycle does not allow one of them; likewise.
        """
        if not facts:
            return
        facts = [self._unnamed(shown(fact)) for fact in facts]
        # What a standing hold keeps is recorded together with what makes it match.
        matched = self.standing.before(facts, self.clip)
        people = self._attribution.following(facts, self.clip)
        classed = self.classing.following(facts, self.clip)
        all_of_it: Sequence[Fact] = (*matched, *facts, *people, *classed)
        self._commit(facts, all_of_it, patient=patient)
        if more := self.standing.after(all_of_it, self.clip):
            self._commit(more, more, patient=True)

    def go_on_holding(self) -> None:
        """Record the next part of what follows from standing holds for clips that were here already."""
        if self.standing.busy:
            self.record(self.standing.go_on())

    def kept(self, clip: Clip) -> Clip:
        """Return a clip as it is to be seen where its copies are decided on: on each hold that it matches."""
        return self.standing.kept(clip)

    def _commit(self, facts: Sequence[Fact], all_of_it: Sequence[Fact], *, patient: bool) -> None:
        self.group.append(all_of_it, patient=patient)
        fetched: set[str] = set()
        for fact in all_of_it:
            clip = self._move(fact, fetched) if isinstance(fact, CLIP_FACTS) else None
            self.group.then(partial(self._tell, fact, clip))
            if clip is not None and isinstance(fact, ClipQuarantined):
                self.quarantined(clip)
        for fact in facts:
            if isinstance(fact, DestinationAssessed):
                self._heed(fact)
        self.recorded(facts)

    def _unnamed(self, fact: Fact) -> Fact:
        """Return a fact in which nobody else's sentence names whom its clip is linked to, or its files."""
        if not isinstance(fact, QUOTING) or (clip := self.clip(fact.clip)) is None:
            return fact
        paths = (file.path for file in clip.files)
        named = {name for path in paths for name in (path, path.rpartition("/")[2])}
        return without(fact, {clip.camera, clip.officer, *named})

    @property
    def required(self) -> Sequence[str]:
        """The names of the destinations that must have every clip whose classes name no others."""
        return [target.name for target in self.targets if target.required]

    @property
    def stores(self) -> Stores:
        """The names of the destinations that must have every clip, and of all."""
        return Stores(required=self.required, configured=[target.name for target in self.targets])

    def required_of(self, clip: Clip) -> Collection[str]:
        """Return the names of the destinations that must have a clip."""
        return required_of(clip, self.required)

    def unclean_start(self) -> UncleanStart | None:
        """Return the fact that the dock did not stop since its last start; None if it did."""
        return self._journal.unclean_start()

    def officer_of(self, camera: str, moment: str) -> str:
        """Return who holds a camera at a time (as the journal writes it), "" if nobody is assigned."""
        return self._attribution.officer_of(camera, moment)

    def heed_checkouts(self, out_since: Callable[[str], str]) -> None:
        """Attribute no footage that is here by the check-out of a camera that is out since then."""
        self._attribution.out_since = out_since

    def unit_of(self, camera: str, moment: str) -> str:
        """Return the unit of a camera at a time: its officer's, else its own; "" for none."""
        return self._attribution.unit_of(camera, moment)

    def clip(self, clip_id: str) -> Clip | None:
        """Return a clip, open or not."""
        return self.clips.get(clip_id) or self._journal.clip(clip_id)

    def proofs_recorded(self, clip_id: str) -> Mapping[str, int]:
        """Return the number of the latest entry that records the proof of a clip's copy, by destination."""
        return self._journal.proofs_recorded(clip_id)

    def awaits(self, clip: Clip, destination: str) -> bool:
        """Return whether a clip that is safe must still be uploaded to a destination, or be proven there.

        Not where it was uploaded and no copy can be proven, nor once the spool's copy is gone.
        """
        may_go = clip.state is ClipState.VERIFIED or clip.offered_again(destination)
        if (
            not may_go
            or not self._may_have(clip, destination)
            or SPOOL in clip.disposed
            or destination in clip.receipts
        ):
            return False
        return not (destination in clip.uploaded and destination in self._unproving)

    def _may_have(self, clip: Clip, destination: str) -> bool:
        only = any(target.classes_only for target in self.targets if target.name == destination)
        return may_have(clip, destination, classes_only=only)

    def _load(self) -> None:
        for clip in self._journal.open_clips([target.name for target in self.targets]):
            if self._is_open(clip):
                self.clips.setdefault(clip.id, clip)

    def _heed(self, fact: DestinationAssessed) -> None:
        """Drop clips that a destination can never prove; load them again when it can."""
        name = fact.destination
        if fact.method and name in self._unproving:
            self._unproving.remove(name)
            self._load()
            self.became_deliverable += 1
        elif not fact.method and name not in self._unproving:
            self._unproving.add(name)
            self.clips = {clip.id: clip for clip in self.clips.values() if self._is_open(clip)}

    def _move(self, fact: ClipFact, fetched: set[str]) -> Clip:
        before = self.clips.get(fact.clip)
        # A closed clip (released from quarantine, or marked) comes back from the journal, which already has
        # this fact and all others that are recorded with it.
        known = before or self._journal.clip(fact.clip)
        if before is None and known is not None:
            fetched.add(fact.clip)
        after = apply(before, fact) if known is None or fact.clip not in fetched else known
        if _goes_otherwise(before, after):
            self.became_deliverable += 1
            self.hurries += after.hurried
        if self._is_open(after):
            self.clips[after.id] = after
        else:
            self.clips.pop(after.id, None)
        return after

    def _is_open(self, clip: Clip) -> bool:
        owes = any(clip.owes_document(t.name) or self.awaits(clip, t.name) for t in self.targets)
        return owes or clip.state in OPEN_STATES


def _goes_otherwise(before: Clip | None, after: Clip) -> bool:
    """Return whether a fact changes where a clip must go, or in which order."""
    acquired, owing = after.state is ClipState.ACQUIRED, bool(after.owing or after.resumed)
    if before is None:
        return acquired or owing
    moved, outdated = before.state is not after.state, before.revision != after.revision
    refusals = (before.refused, after.refused), (before.undescribed, after.undescribed)
    offered_again = any(then and not now for then, now in refusals)
    ranked = _rank(before) != _rank(after)
    return (acquired and moved) or (owing and outdated) or offered_again or ranked


def _rank(clip: Clip) -> tuple[bool, bool, int, frozenset[str] | None]:
    return clip.evidential, clip.hurried, priority(clip.classes), clip.only_to
