"""Which footage is a standing hold on, as it was typed?"""

from __future__ import annotations

from argparse import Namespace

from bwvdock.cli.moments import read_period
from bwvdock.config.settings import Config
from bwvdock.core.clips.holds.hold_matching import PlaceKind
from bwvdock.core.moments import iso
from bwvdock.operators.holds.requests import OpenHold

_EXAMPLE = "For example: bwvdock clips hold --officer 4411 --since 2026-03-01 --until 2026-03-02 --reason R"
CRITERIA = ("officer", "camera", "unit", "event", "place", "since", "until")
_OTHERS = ("review", "requester", "for_request")


def given(arguments: Namespace) -> list[str]:
    """Return the options that were given of a standing hold."""
    return [name for name in (*CRITERIA, *_OTHERS) if getattr(arguments, name, None) is not None]


def open_hold(arguments: Namespace, config: Config) -> OpenHold:
    """Return the order to begin a standing hold; times that were typed are in the dock's zone.

    Raises:
        UsageError: a time cannot be read.
    """
    times = Namespace(**{name: getattr(arguments, name, None) for name in ("since", "until")})
    period = read_period(times, remedy=_EXAMPLE)
    said = {name: getattr(arguments, name, None) or "" for name in (*CRITERIA[:5], "review", "requester")}
    return OpenHold(
        reason=arguments.reason,
        **said,
        place_kind=_place_kind(said["place"].strip(), config),
        since=iso(period["since"]) if period["since"] else "",
        until=iso(period["until"]) if period["until"] else "",
        for_request=getattr(arguments, "for_request", None) or "",
    )


def _place_kind(place: str, config: Config) -> str:
    if not place:
        return ""
    if place == config.dock:
        return PlaceKind.DOCK
    return PlaceKind.SITE if config.site and place == config.site else PlaceKind.BAY
