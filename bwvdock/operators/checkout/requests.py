"""What can be asked of the daemon because of a badge: about cameras, and about an officer's own clips?"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar


@dataclass(frozen=True, kw_only=True, slots=True)
class Tap:
    """Report that a reader read a badge: the one request of the user that listens to readers."""

    name: ClassVar[str] = "tap"
    badge: str


@dataclass(frozen=True, kw_only=True, slots=True)
class CheckOut:
    """Offer an officer a camera: one that the dock chooses, or `camera`.

    The officer is named by a badge or by id; the other of the two is "".
    """

    name: ClassVar[str] = "checkout"
    badge: str = ""
    officer: str = ""
    camera: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class GiveBack:
    """Record that a camera that is out was returned at the desk."""

    name: ClassVar[str] = "return"
    serial: str


CheckoutRequest = Tap | CheckOut | GiveBack


@dataclass(frozen=True, kw_only=True, slots=True)
class ShowOwnClips:
    """Ask for the clips of the officer whose badge was shown, for the screen's user.

    `token` is that of the officer's window; "" to be given one, which one browser is after each badge.
    """

    name: ClassVar[str] = "own_clips"
    token: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class MarkOwnClip:
    """Order what an officer says of one of these clips, for the screen's user.

    `act` is one of `OwnAct`; `category` is the class that it gives, `case` that of evidence.
    """

    name: ClassVar[str] = "mark_own_clip"
    token: str
    clip: str
    act: str
    reason: str = ""
    case: str = ""
    category: str = ""


class OwnAct(StrEnum):
    """What an officer may say of their own clips."""

    EVIDENCE = "evidence"
    NOT_EVIDENCE = "not-evidence"
    CATEGORY = "category"
    NOT_MINE = "not-mine"


OwnClipsRequest = ShowOwnClips | MarkOwnClip
