"""What can be asked of the daemon about cameras that are checked out?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, kw_only=True, slots=True)
class Tap:
    """Report that a reader read a badge: one of the two requests of the screen's user."""

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
