"""Which options does `bwvdock plan` take, and what is meant where one is not given?"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from typing import Any

from bwvdock.cli.building import add

_EXAMPLE = "bwvdock plan --cameras 40 --per-shift 8GB --uplink 100Mbit --disk 30TB"


@dataclass(frozen=True, kw_only=True, slots=True)
class Option:
    """An option: its default as somebody would type it ("" where it follows from others), and its help."""

    name: str
    metavar: str
    default: str
    what: str
    repeated: bool = False


OPTIONS = (
    Option(
        name="cameras", metavar="N", default="40", what="cameras that are docked at the end of each shift"
    ),
    Option(
        name="shift",
        metavar="TIME[=N]",
        default="07:00 15:00 23:00",
        what="when a shift ends, and how many cameras it has (repeatable)",
        repeated=True,
    ),
    Option(
        name="arrive-within",
        metavar="SPAN",
        default="10min",
        what="the time within which its cameras are docked",
    ),
    Option(name="per-shift", metavar="SIZE", default="8GB", what="footage on each camera"),
    Option(name="clip", metavar="SIZE", default="500MB", what="the size of a clip"),
    Option(name="ports", metavar="N", default="", what="USB ports (default: one for each camera of a shift)"),
    Option(
        name="port-speed",
        metavar="RATE",
        default="usb2",
        what="what a port gives: usb2 (40MB/s), usb3 (300MB/s) or a rate",
    ),
    Option(name="hub-ports", metavar="N", default="0", what="ports that share a hub, 0 if none does"),
    Option(
        name="hub-speed",
        metavar="RATE",
        default="",
        what="what such a hub gives (default: as much as a port)",
    ),
    Option(name="disk", metavar="SIZE", default="32TB", what="the dock's disk"),
    Option(name="disk-speed", metavar="RATE", default="200MB/s", what="what it writes or reads"),
    Option(name="min-free", metavar="SIZE", default="5GiB", what="what stays free on it"),
    Option(name="uplink", metavar="RATE", default="100Mbit/s", what="the line to the stores"),
    Option(
        name="uplink-hours",
        metavar="FROM-TO",
        default="",
        what="hours in which it may be used (repeatable; default: all day)",
        repeated=True,
    ),
    Option(
        name="store",
        metavar="KIND",
        default="s3",
        what="a required store: s3, tus or directory; s3+read-back or tus+read-back where copies must be "
        "read back to be proven (repeatable)",
        repeated=True,
    ),
    Option(name="parallel", metavar="N", default="3", what="clips that are uploaded at once to each store"),
    Option(name="retention-days", metavar="N", default="31", what="days for which footage is kept"),
    Option(name="evidence", metavar="PERCENT", default="0%", what="how much of it is kept as evidence"),
    Option(name="evidence-days", metavar="N", default="365", what="days for which evidence is kept"),
    Option(
        name="outage-days", metavar="N", default="3", what="days for which the uplink may fail with no loss"
    ),
    Option(name="docks", metavar="N", default="1", what="how many such docks there are"),
)


def add_plan(commands: Any) -> None:  # noqa: ANN401
    """Add `bwvdock plan`."""
    what = "size a dock, a station or a force: waiting times, disk, uplink, stores"
    parser = add(commands, "plan", _plan, what, _EXAMPLE)
    for option in OPTIONS:
        default = f" (default: {option.default})".replace("%", "%%") if option.default else ""
        parser.add_argument(
            f"--{option.name}",
            metavar=option.metavar,
            action="append" if option.repeated else "store",
            help=option.what + default,
        )
    parser.add_argument("--svg", metavar="FILE", help="write a picture of the day to this file")


def _plan(arguments: argparse.Namespace) -> int:
    from bwvdock.cli.plan.command import plan  # noqa: PLC0415 - as `call` does

    return plan(arguments)
