"""Which officer is a clip attributed to, given the facts that are about to be recorded?

A clip is attributed to the officer assigned to its camera at the best known time of recording. The ledger
asks before each commit, so that the attribution is in the same transaction. What an assignment changes for
clips already acquired is part of the order (operators/roster.py).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from bwvdock.core.clips.clip import Clip
from bwvdock.core.clips.roster import Assignment, Roster
from bwvdock.core.facts import (
    CameraAssigned,
    CameraEnrolled,
    ClipAcquired,
    ClipAttributed,
    ClipDated,
    ClipFound,
    Fact,
    ValuesErased,
)
from bwvdock.core.moments import iso_of_ns

_REMEMBERED = 64  # cameras: more than a dock has bays


@dataclass(slots=True)
class Attribution:
    """Caches the rosters of the docked cameras, and the units with which they are enrolled.

    `out_since` returns when a camera was checked out that has not come back, "" for any other: the clips that
    are here of it were recorded before, whatever their dates say.
    """

    assignments: Callable[[str], Sequence[Assignment]]
    enrolled_unit: Callable[[str], str]
    out_since: Callable[[str], str] = lambda _: ""
    _rosters: dict[str, Roster] = field(default_factory=dict)
    _units: dict[str, str] = field(default_factory=dict)

    def following(
        self, facts: Sequence[Fact], clip_of: Callable[[str], Clip | None]
    ) -> Sequence[ClipAttributed]:
        """Return the attributions to record with these facts, for clips that were acquired or dated.

        Args:
            facts: in order, none of them recorded yet.
            clip_of: returns a clip as it was before them.
        """
        if any(isinstance(fact, CameraEnrolled | ValuesErased) for fact in facts):
            self._units.clear()
        if assigned := [fact.camera for fact in facts if isinstance(fact, CameraAssigned)]:
            for camera in assigned:
                self._rosters.pop(camera, None)
            return ()  # the order itself contains its attributions
        acquired = {fact.clip for fact in facts if isinstance(fact, ClipAcquired)}
        dated = {fact.clip: fact.recorded_at for fact in facts if isinstance(fact, ClipDated)}
        found = {fact.clip: fact for fact in facts if isinstance(fact, ClipFound)}
        answer = []
        for clip_id in dict.fromkeys([*sorted(acquired), *dated]):
            known = clip_of(clip_id) or found.get(clip_id)
            if known is None or not (clip_id in acquired or (isinstance(known, Clip) and known.parts)):
                continue
            roster = self._roster(known.camera)
            span = roster.span_at(dated.get(clip_id) or recorded_at(known))
            before = span and clip_id not in acquired and span.start == self.out_since(known.camera)
            officer = "" if span is None or before else span.officer
            disputed = isinstance(known, Clip) and known.disputed
            if disputed and officer == roster.officer_at(recorded_at(known)):
                continue  # it says what was disputed
            if clip_id in acquired or (isinstance(known, Clip) and known.officer != officer):
                answer.append(ClipAttributed(clip=clip_id, officer=officer))
        return answer

    def officer_of(self, camera: str, moment: str) -> str:
        """Return who held a camera at a time, "" if nobody is assigned."""
        return self._roster(camera).officer_at(moment)

    def unit_of(self, camera: str, moment: str) -> str:
        """Return the unit of a camera: its officer's at a time, else its own; "" for none."""
        span = self._roster(camera).span_at(moment)
        if span and span.told.unit:
            return span.told.unit
        if camera not in self._units:
            if len(self._units) >= _REMEMBERED:
                self._units.clear()
            self._units[camera] = self.enrolled_unit(camera)
        return self._units[camera]

    def _roster(self, camera: str) -> Roster:
        if camera not in self._rosters:
            if len(self._rosters) >= _REMEMBERED:
                self._rosters.clear()
            self._rosters[camera] = Roster(self.assignments(camera))
        return self._rosters[camera]


def recorded_at(clip: Clip | ClipFound) -> str:
    """Return the best known time of recording."""
    return clip.recorded_at if isinstance(clip, Clip) else iso_of_ns(clip.files[0].mtime_ns)
