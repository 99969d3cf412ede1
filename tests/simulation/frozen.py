"""Which cameras are standing holds about, and is nothing of theirs taken away while one is in force?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from bwvdock.core.clips.clip import Clip
from bwvdock.core.facts import ClipDisposed, DisposalIntended, Fact, HoldEnded, HoldOpened, ReleaseIntended


@dataclass(slots=True)
class Frozen:
    """The holds in force that are about a camera alone: what matches them is plain."""

    cameras: dict[str, str] = field(default_factory=dict)

    def recorded(self, fact: Fact, clip: Clip | None) -> Iterator[str]:
        """Take in a fact that was just recorded; yield what is wrong with it."""
        match fact:
            case HoldOpened() if fact.camera and not (fact.officer or fact.unit or fact.since or fact.until):
                self.cameras[fact.hold] = fact.camera
            case HoldEnded(hold=hold):
                self.cameras.pop(hold, None)
            case DisposalIntended() | ClipDisposed() | ReleaseIntended() if clip is not None:
                for hold, camera in self.cameras.items():
                    if camera == clip.camera and hold not in clip.excepted:
                        yield f"{fact.kind} of clip {clip.id}, which hold {hold} is about"
