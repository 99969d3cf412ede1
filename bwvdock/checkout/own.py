"""How does an officer see and mark their own clips at the dock? Badges and requests in, orders out.

The rules are core/checkout/own_clips.py. What an order leads to is decided as for an operator at the command
line (operators/orders.py), by who has it recorded: this says which order is meant, and who acts. Belongs to
the thread that owns the ledger. A window does not outlive the process: after a restart the badge is shown
again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from bwvdock.bays.docking import Dockings
from bwvdock.checkout.candidates import is_at_work
from bwvdock.core.checkout.own_clips import TOKEN_BYTES, OwnClips, Refused, Window, own_clips
from bwvdock.core.clips.classes.given import names
from bwvdock.core.clips.classes.rules import restricted_names
from bwvdock.core.clips.classes.veil import Veil
from bwvdock.core.clips.clip import Clip
from bwvdock.core.facts.visibility.actors import by_badge
from bwvdock.core.ports import Clock
from bwvdock.errors import UsageError
from bwvdock.operators.attribution.requests import Dispute
from bwvdock.operators.checkout.requests import MarkOwnClip, OwnAct, OwnClipsRequest, ShowOwnClips
from bwvdock.operators.requests import Consult, Flag, Unflag
from bwvdock.operators.retention.requests import Review
from bwvdock.runtime.ledger import Ledger
from bwvdock.status.for_screen import ShownWindow

MOST_CLIPS = 200
"""Clips that are shown, the latest first: more than an officer records in a shift."""

OwnOrder = Consult | Flag | Unflag | Review | Dispute


@dataclass(frozen=True, kw_only=True, slots=True)
class Act:
    """What is to be recorded before a request is answered: an order, and who gives it."""

    order: OwnOrder
    actor: str


@dataclass(kw_only=True, slots=True)
class OwnClipsAtDock:
    """Opens windows for officers who show their badges, if that is `wanted`.

    `random` makes tokens.
    """

    ledger: Ledger
    dockings: Dockings
    clock: Clock
    random: Callable[[int], bytes]
    wanted: bool = False
    _windows: OwnClips = field(default_factory=OwnClips)

    def change(self, *, wanted: bool) -> None:
        """Open windows after badges, or none; one that is open ends."""
        self.wanted = wanted
        self._windows.end()

    def badge(self, officer: str) -> None:
        """Take in that a badge was shown, of an officer or of nobody ("")."""
        if self.wanted:
            has_clips = any(True for _ in self._clips(officer))
            self._windows.badge(officer, has_clips=has_clips, at_ms=self.clock.boottime_ms())

    def shown(self) -> ShownWindow | None:
        """Return what every screen shows of the window: neither whose it is nor its token."""
        at_ms = self.clock.boottime_ms()
        self._windows.passes(at_ms)
        window = self._windows.window
        if window is None:
            return None
        return ShownWindow(seconds_left=-(-(window.ends_ms - at_ms) // 1000), free=window.free)

    def veil(self) -> Veil:
        """Return what is hidden from officers at the dock: every restricted class."""
        return Veil(closed=tuple(sorted(restricted_names(self.ledger.classing.rules))))

    def begin(self, request: OwnClipsRequest) -> Act | Mapping[str, Any]:
        """Return what is to be recorded for a request, or the answer where nothing is.

        Raises:
            UsageError: officers see no clips here, or this cannot be ordered.
        """
        if not self.wanted:
            raise UsageError(
                "Officers see no clips at this dock.",
                remedy="write own_clips = true under [checkout]; then: systemctl reload bwvdock",
            )
        at_ms = self.clock.boottime_ms()
        if isinstance(request, ShowOwnClips) and not request.token:
            found = self._windows.claim(self.random(TOKEN_BYTES).hex(), at_ms)
            return {"outcome": found.value} if isinstance(found, Refused) else _consultation(found)
        window = self._windows.held(request.token, at_ms)
        if isinstance(window, Refused):
            return {"outcome": window.value}
        if isinstance(request, ShowOwnClips):
            return self.listed()
        if all(clip.id != request.clip for clip in self._clips(window.officer)):
            return {"outcome": Refused.NOT_YOURS.value}
        return Act(order=self._order(request), actor=by_badge(window.officer))

    def listed(self) -> Mapping[str, Any]:
        """Return the clips of the open window, which was begun or held just now, and its token."""
        window = self._windows.window
        if window is None:
            return {"outcome": Refused.OVER.value}
        clips = sorted(self._clips(window.officer), key=lambda clip: (clip.recorded_at, clip.id))[::-1]
        return {
            "outcome": "shown",
            "token": window.token,
            "categories": self._categories(),
            "clips": [_shown(clip) for clip in clips[:MOST_CLIPS]],
            "more": max(0, len(clips) - MOST_CLIPS),
        }

    def _order(self, request: MarkOwnClip) -> OwnOrder:
        clips = (request.clip,)
        match request.act:
            case OwnAct.EVIDENCE:
                return Flag(clips=clips, reason=request.reason, case=request.case)
            case OwnAct.NOT_EVIDENCE:
                return Unflag(clips=clips, reason=request.reason)
            case OwnAct.CATEGORY if request.category in self._categories():
                return Review(clips=clips, of_class=request.category, reason=request.reason)
            case OwnAct.NOT_MINE:
                return Dispute(clips=clips, reason=request.reason)
        raise UsageError("This cannot be said of a clip at the dock. Nothing was recorded.")

    def _categories(self) -> list[str]:
        """Return the classes that officers may give: none that is restricted, nor that of the unreviewed."""
        classes = self.ledger.classing.rules.classes
        return [one.name for one in classes if not one.until_reviewed and not one.restricted]

    def _clips(self, officer: str) -> Iterator[Clip]:
        bays = [bay for bay in self.dockings.docked() if is_at_work(bay)]
        tried = (self.ledger.clip(clip) for bay in bays for clip in sorted(bay.tried))
        return own_clips((clip for clip in tried if clip), officer, {bay.docking for bay in bays})


def _consultation(window: Window) -> Act:
    order = Consult(
        command="own clips",
        subject=f"clips of {window.officer} in the present docking",
        reason="asked for at the screen after the badge was shown",
    )
    return Act(order=order, actor=by_badge(window.officer))


def _shown(clip: Clip) -> Mapping[str, Any]:
    dated = clip.dated
    return {
        "clip": clip.id,
        "recorded_at": clip.recorded_at,
        "uncertainty_ms": dated.uncertainty_ms if dated else -1,
        "length_ms": clip.length_ms,
        "size": clip.size,
        "evidential": clip.evidential,
        "case": clip.case,
        "categories": names(clip.classes),
    }
