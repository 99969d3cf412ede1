"""Who may see and mark their own clips at the dock, which clips are theirs, and for how long?

docs/how-to/mark-own-clips-by-badge.md has the rules as a table. A badge opens a window for the officer whose
it is; one browser at the dock is given the window's token, and nobody acts without it. Nothing outlives the
process.

Times are milliseconds of the clock since boot, which never jumps.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from hmac import compare_digest

from bwvdock.core.clips.classes.given import is_restricted
from bwvdock.core.clips.clip import Clip

WINDOW_MS = 60_000
"""For how long after a badge its officer may act."""

TOKEN_BYTES = 32


class Refused(StrEnum):
    """Why nothing is shown or recorded."""

    OVER = "over"
    ELSEWHERE = "elsewhere"
    NOT_YOURS = "not-yours"


@dataclass(frozen=True, kw_only=True, slots=True)
class Window:
    """An officer may act until `ends_ms` (not included), with the token that one browser has.

    `token` is "" until a browser has it. `free`: one may still be given a token after the last badge.
    """

    officer: str
    ends_ms: int
    token: str = ""
    free: bool = True


@dataclass(slots=True)
class OwnClips:
    """The window, if there is one."""

    window: Window | None = None

    def badge(self, officer: str, *, has_clips: bool, at_ms: int) -> None:
        """Take in a badge, an officer's or nobody's (""), and whether that officer has clips here.

        Another badge while a window is open ends it, and opens none: who is at the screen was not seen.
        """
        self.passes(at_ms)
        before, self.window = self.window, None
        if (before is not None and before.officer != officer) or not officer or not has_clips:
            return
        begun = before or Window(officer=officer, ends_ms=at_ms)
        self.window = replace(begun, ends_ms=at_ms + WINDOW_MS, free=True)

    def passes(self, at_ms: int) -> None:
        """Take in that time has passed."""
        if self.window is not None and at_ms >= self.window.ends_ms:
            self.window = None

    def end(self) -> None:
        """End the window."""
        self.window = None

    def claim(self, token: str, at_ms: int) -> Window | Refused:
        """Return the window with a new token for the browser that asks first after a badge.

        A token that was given before it is worth nothing any more.
        """
        self.passes(at_ms)
        if self.window is None:
            return Refused.OVER
        if not self.window.free:
            return Refused.ELSEWHERE
        self.window = replace(self.window, token=token, free=False)
        return self.window

    def held(self, token: str, at_ms: int) -> Window | Refused:
        """Return the window of a token."""
        self.passes(at_ms)
        if self.window is None or not self.window.token:
            return Refused.OVER
        same = compare_digest(self.window.token.encode(), token.encode())
        return self.window if same else Refused.OVER


def own_clips(clips: Iterable[Clip], officer: str, dockings: Collection[str]) -> Iterator[Clip]:
    """Yield the clips that an officer may see and mark at the dock.

    They are attributed to the officer, were copied in one of the dockings that have not ended, and are of no
    restricted class: what may be shown of those depends on a login, and a badge is none.
    """
    for clip in clips:
        theirs = bool(officer) and clip.officer == officer
        if theirs and clip.docking in dockings and clip.parts and not is_restricted(clip.classes):
            yield clip
