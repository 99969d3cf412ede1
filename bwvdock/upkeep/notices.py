"""When is notice given that footage falls due which nobody has reviewed? Days before it may go.

Until that is recorded, and for so many days after it, nothing of the clip is disposed of: a dock that was
switched off for a month gives notice first.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Protocol

from bwvdock.core.clips.classes.rules import NO_CLASSES, RetentionRules
from bwvdock.core.clips.clip import Clip
from bwvdock.core.clips.retention import needs_notice
from bwvdock.core.facts import DisposalNoticed
from bwvdock.core.moments import iso
from bwvdock.core.ports import Clock
from bwvdock.runtime.ledger import Ledger

_AT_ONCE = 64  # clips in one round, as they are disposed of


class UnnoticedClips(Protocol):
    """The part of the journal that finds what falls due and was not given notice for."""

    def unnoticed(self, before: str, *, most: int) -> Sequence[Clip]:
        """Return clips that nobody reviewed and that fall due before a time, without notice of that date."""
        ...


class Notices:
    """Gives notice; owned by the thread that owns the ledger."""

    def __init__(
        self, ledger: Ledger, journal: UnnoticedClips, clock: Clock, rules: RetentionRules = NO_CLASSES
    ) -> None:
        """Connect the parts."""
        self._ledger = ledger
        self._journal = journal
        self._clock = clock
        self.rules = rules

    def round(self) -> None:
        """Record notice of what falls due within the days that notice is given before; some at a time."""
        days = self.rules.notice_days
        if not days or not self._clock.synchronised():
            return
        now = self._clock.now()
        clips = self._journal.unnoticed(iso(now + timedelta(days=days)), most=_AT_ONCE)
        self._ledger.record(
            [
                DisposalNoticed(clip=clip.id, at=iso(now), due=clip.retain_until, days=days)
                for clip in clips
                if needs_notice(clip)
            ]
        )
