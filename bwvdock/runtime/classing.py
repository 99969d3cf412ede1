"""Which class has footage from the start, because of its unit? Given in the commit that records the copy.

So a clip of a restricted class has it before anything of it is sent anywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bwvdock.core.clips.classes.given import classify
from bwvdock.core.clips.classes.rules import NO_CLASSES, RetentionRules, unit_class
from bwvdock.core.clips.clip import Clip
from bwvdock.core.facts import BY_UNIT, ClipAcquired, ClipClassified, ClipDated, ClipFound, Fact
from bwvdock.core.moments import iso_of_ns


@dataclass(slots=True)
class Classing:
    """Gives the footage of a unit its class; `unit_of` returns the unit of a camera at a time."""

    unit_of: Callable[[str, str], str]
    rules: RetentionRules = NO_CLASSES

    def following(
        self, facts: Sequence[Fact], clip_of: Callable[[str], Clip | None]
    ) -> Sequence[ClipClassified]:
        """Return the classes to record with these facts, for clips that were acquired.

        Args:
            facts: in order, none of them recorded yet.
            clip_of: returns a clip as it was before them.
        """
        if not any(one.units for one in self.rules.classes):
            return ()
        dated = {fact.clip: fact.recorded_at for fact in facts if isinstance(fact, ClipDated)}
        found = {fact.clip: fact for fact in facts if isinstance(fact, ClipFound)}
        answer = []
        for clip_id in dict.fromkeys(fact.clip for fact in facts if isinstance(fact, ClipAcquired)):
            known = clip_of(clip_id) or found.get(clip_id)
            if known is None:
                continue
            moment = dated.get(clip_id) or iso_of_ns(known.files[0].mtime_ns)
            of = unit_class(self.rules.classes, self.unit_of(known.camera, moment))
            given = known.classes if isinstance(known, Clip) else ()
            if of is not None and all(one.name != of.name for one in given):
                answer.append(classify(clip_id, of, basis=BY_UNIT))
        return answer
