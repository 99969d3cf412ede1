"""A daemon that opens an officer's window and decides about their clips, as far as a page sees of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from bwvdock.errors import UsageError
from bwvdock.operators.checkout.requests import MarkOwnClip, OwnAct, OwnClipsRequest, ShowOwnClips
from bwvdock.status.for_screen import ForScreen, ShownWindow
from tests.screen.docks import Dock, bay

TOKEN = "5" * 64
CLIPS = (
    {"recorded_at": "2026-07-01T20:14:00.000Z", "length_ms": 754_000, "size": 912_000_000, "case": ""},
    {"recorded_at": "2026-07-01T19:02:00.000Z", "length_ms": 61_000, "size": 80_000_000, "case": "C-7"},
    {"recorded_at": "2026-07-01T18:40:00.000Z", "length_ms": 0, "size": 400_000, "case": ""},
)


@dataclass
class Officer:
    """An officer with three clips: whether the window is open, and whether a page has its token."""

    dock: Dock
    is_open: bool = True
    given: bool = False
    clips: list[dict[str, Any]] = field(
        default_factory=lambda: [
            {
                "clip": f"01KGE{number}",
                "uncertainty_ms": 2000 if number else -1,
                "evidential": bool(clip["case"]),
                "categories": ["use-of-force"] if clip["case"] else [],
                **clip,
            }
            for number, clip in enumerate(CLIPS)
        ]
    )

    def show_badge(self, seconds: int = 60) -> None:
        """Have the daemon open the window, or prolong it."""
        self.is_open, self.given = True, False
        self.dock.own_clips = self.answer
        self.tell(seconds)

    def end(self) -> None:
        """Have the window end."""
        self.is_open = False
        self.dock.told = replace(self.dock.told, own_clips=None)

    def tell(self, seconds: int) -> None:
        """Have the daemon say for how long the window is open."""
        window = ShownWindow(seconds_left=seconds, free=not self.given)
        self.dock.told = ForScreen(bays=(bay(1), bay(2)), own_clips=window)

    def answer(self, request: OwnClipsRequest) -> Mapping[str, Any]:
        if not self.is_open:
            return {"outcome": "over"}
        if isinstance(request, ShowOwnClips) and not request.token:
            if self.given:
                return {"outcome": "elsewhere"}
            self.given = True
            self.tell(60)
            return self.shown()
        if request.token != TOKEN:
            return {"outcome": "over"}
        return self.shown() if isinstance(request, ShowOwnClips) else self.marked(request)

    def shown(self) -> Mapping[str, Any]:
        return {
            "outcome": "shown",
            "token": TOKEN,
            "categories": ["use-of-force", "traffic"],
            "clips": self.clips,
            "more": 0,
        }

    def marked(self, request: MarkOwnClip) -> Mapping[str, Any]:
        """Record what an officer says of a clip."""
        [clip] = [one for one in self.clips if one["clip"] == request.clip]
        match request.act:
            case OwnAct.EVIDENCE if request.reason:
                clip |= {"evidential": True, "case": request.case}
            case OwnAct.NOT_EVIDENCE if request.reason:
                clip |= {"evidential": False, "case": ""}
            case OwnAct.CATEGORY:
                clip["categories"] = [*clip["categories"], request.category]
            case OwnAct.NOT_MINE:
                self.clips.remove(clip)
            case _:
                raise UsageError("The reason is empty.")
        return {"outcome": "recorded"}
