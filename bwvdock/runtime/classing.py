"""Which class has footage because of its unit? Given in the commit that records the copy, or dates it anew.

So a clip of a restricted class has it before anything of it is sent anywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bwvdock.core.clips.classes.given import classify
from bwvdock.core.clips.classes.rules import NO_CLASSES, RetentionClass, RetentionRules, unit_class
from bwvdock.core.clips.clip import Clip
from bwvdock.core.facts import BY_UNIT, ClipAcquired, ClipClassified, ClipDated, ClipFound, Fact
from bwvdock.runtime.attribution import recorded_at


@dataclass(slots=True)
class Classing:
    """Gives the footage of a unit its class; `unit_of` returns the unit of a camera at a time."""

    unit_of: Callable[[str, str], str]
    rules: RetentionRules = NO_CLASSES

    def following(
        self, facts: Sequence[Fact], clip_of: Callable[[str], Clip | None]
    ) -> Sequence[ClipClassified]:
        """Return the classes to record with these facts, for clips that were acquired, or dated since.

        What an order changes of a camera's unit is part of the order (operators/retention/units.py).

        Args:
            facts: in order, none of them recorded yet.
            clip_of: returns a clip as it was before them.
        """
        if not any(one.units for one in self.rules.classes):
            return ()
        dated = {fact.clip: fact.recorded_at for fact in facts if isinstance(fact, ClipDated)}
        found = {fact.clip: fact for fact in facts if isinstance(fact, ClipFound)}
        acquired = {fact.clip: None for fact in facts if isinstance(fact, ClipAcquired)}
        answer = []
        for clip_id in acquired | dict.fromkeys(dated):
            known = clip_of(clip_id) or found.get(clip_id)
            if known is None or not (clip_id in acquired or (isinstance(known, Clip) and known.parts)):
                continue
            of = self._class_at(known.camera, dated.get(clip_id) or recorded_at(known))
            if of is None or (isinstance(known, Clip) and any(one.name == of.name for one in known.classes)):
                continue
            # One that a person took away stays away, unless another date makes it another unit's.
            if clip_id in acquired or of != self._class_at(known.camera, recorded_at(known)):
                answer.append(classify(clip_id, of, basis=BY_UNIT))
        return answer

    def _class_at(self, camera: str, moment: str) -> RetentionClass | None:
        return unit_class(self.rules.classes, self.unit_of(camera, moment))
