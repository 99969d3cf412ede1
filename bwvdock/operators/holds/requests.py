"""What can a command ask about standing holds and requests?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

Texts = tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class OpenHold:
    """Place a standing hold on whatever matches. Times are as the journal writes them, days ISO 8601.

    `place_kind` says what `place` names: "dock" and "site" are this dock's own. `for_request` is the request
    that it belongs to.
    """

    name: ClassVar[str] = "open_hold"
    reason: str
    camera: str = ""
    officer: str = ""
    unit: str = ""
    event: str = ""
    place: str = ""
    place_kind: str = ""
    since: str = ""
    until: str = ""
    review: str = ""
    requester: str = ""
    for_request: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class EndHold:
    """End a standing hold. `hold` is its id, or a beginning of it."""

    name: ClassVar[str] = "end_hold"
    hold: str
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ExceptClips:
    """Take clips out of a standing hold, which keeps the others."""

    name: ClassVar[str] = "except_clips"
    clips: Texts
    hold: str
    reason: str


HoldOrder = OpenHold | EndHold | ExceptClips


@dataclass(frozen=True, kw_only=True, slots=True)
class OpenRequest:
    """Record a request for footage; where something says what it is about, a standing hold begins with it.

    `about` is its kind. `received` and `due` are days, `rule` says which rule gives the latter; both "" for
    none. The rest is that of the hold.
    """

    name: ClassVar[str] = "open_request"
    about: str
    by: str
    reason: str
    received: str
    due: str = ""
    rule: str = ""
    camera: str = ""
    officer: str = ""
    unit: str = ""
    event: str = ""
    place: str = ""
    place_kind: str = ""
    since: str = ""
    until: str = ""
    review: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class CorrectRequest:
    """Correct when a request was received or is due (`which` is its id, or a beginning of it).

    The days and the rule replace what is recorded, as in `OpenRequest`.
    """

    name: ClassVar[str] = "correct_request"
    which: str
    reason: str
    received: str
    due: str = ""
    rule: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class CloseRequest:
    """Close a request (`which` is its id, or a beginning of it). Its holds stay, unless `end_holds`."""

    name: ClassVar[str] = "close_request"
    which: str
    reason: str
    outcome: str = ""
    end_holds: bool = False


RequestOrder = OpenRequest | CorrectRequest | CloseRequest
