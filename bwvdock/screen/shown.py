"""What is sent to the page of an answer of the daemon? Values and codes: the page has the texts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, tzinfo
from typing import Any

from bwvdock.screen.asking import Answer
from bwvdock.status.for_screen import Cause, ForScreen, ShownBay
from bwvdock.status.pace import Pace


class Shown:
    """Makes what is sent of each answer; remembers how fast each camera is copied."""

    def __init__(self, dock: str, site: str, zone: tzinfo, *, now: Callable[[tzinfo], datetime]) -> None:
        """Take the dock's name and zone, and what returns the time in a zone."""
        self._dock = dock
        self._site = site
        self._zone = zone
        self._now = now
        self._paces: dict[str, Pace] = {}
        self._last: tuple[Answer, dict[str, Any]] | None = None

    def of(self, answer: Answer) -> dict[str, Any]:
        """Return what the pages are sent: the same to each."""
        if self._last is None or self._last[0] is not answer:
            self._last = answer, self._made(answer)
        return self._last[1]

    def _made(self, answer: Answer) -> dict[str, Any]:
        sent: dict[str, Any] = {"at": answer.asked_ms, "time": f"{self._now(self._zone):%H:%M:%S}"}
        sent |= {"dock": self._dock, "site": self._site}
        told = answer.report
        if told is None:
            return sent | {"silent": answer.silence}
        self._note(told.bays, answer.asked_ms / 1000)
        bays = [self._bay(bay) for bay in told.bays]
        sent |= {"bays": bays, "problems": [*told.problems]}
        return sent | {"checkout": _checkout(told), "ownClips": _window(told)}

    def _note(self, bays: tuple[ShownBay, ...], now_s: float) -> None:
        self._paces = {bay.docking: self._paces.get(bay.docking) or Pace() for bay in bays}
        for bay in bays:
            self._paces[bay.docking].note(now_s, bay.bytes_copied, bay.bytes_total)

    def _bay(self, bay: ShownBay) -> dict[str, Any]:
        left_s = self._paces[bay.docking].left_s if bay.cause is Cause.COPYING else None
        return {
            "key": f"{bay.bay} {bay.docking}",
            "bay": bay.bay,
            "serial": bay.serial,
            "model": bay.model,
            "officer": bay.officer,
            "advice": bay.advice,
            "cause": bay.cause,
            "left": bay.left,
            "settling": bay.settling,
            "clips": bay.clips_total,
            "copied": bay.clips_copied,
            "share": _share(bay),
            "battery": bay.battery,
            "batterySource": bay.battery_source,
            "seconds": None if left_s is None else round(left_s),
        }


def _checkout(told: ForScreen) -> dict[str, Any] | None:
    seen = told.checkout
    if seen is None:
        return None
    return {"outcome": seen.outcome, "bay": seen.bay, "seconds": seen.seconds_left}


def _window(told: ForScreen) -> dict[str, Any] | None:
    seen = told.own_clips
    return None if seen is None else {"seconds": seen.seconds_left, "free": seen.free}


def _share(bay: ShownBay) -> float | None:
    """Return how much of what is to be copied is there, 1 only when all of it is; None for nothing."""
    if not bay.bytes_total:
        return None
    if bay.bytes_copied >= bay.bytes_total:
        return 1.0
    return min(0.99, max(0.0, bay.bytes_copied / bay.bytes_total))
