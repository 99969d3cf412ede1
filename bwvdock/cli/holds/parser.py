"""Which arguments do the commands about holds take?"""

from __future__ import annotations

import argparse
from argparse import SUPPRESS, ArgumentParser
from importlib import import_module
from typing import Any

from bwvdock.cli.building import Command, add, add_period

_REASON = "the reason, recorded in the journal"
_CLIP = "the clip's id, or a unique beginning of it"


def _call(function: str) -> Command:
    def command(arguments: argparse.Namespace) -> int:
        called: Command = getattr(import_module("bwvdock.cli.holds.commands"), function)
        return called(arguments)

    return command


def add_holds(group: Any) -> None:  # noqa: ANN401 - argparse has no public name for it
    """Add `clips hold`, `clips unhold` and `clips holds`."""
    hold = add(
        group,
        "hold",
        _call("hold"),
        "place clips on hold, or all that matches, now and later: no copy may be erased or disposed of",
        "bwvdock clips hold --officer 4411 --since 2026-03-01 --reason 'PSD 12/26'",
    )
    hold.add_argument("clips", metavar="CLIP", nargs="*", help=_CLIP)
    hold.add_argument("--reason", metavar="R", required=True, help=_REASON)
    add_query(hold)
    unhold = add(
        group,
        "unhold",
        _call("unhold"),
        "end the hold of clips that are named, or a standing hold",
        "bwvdock clips unhold 01kge4 --reason 'inquiry 12/26 is closed'",
    )
    unhold.add_argument(
        "clips", metavar="CLIP|HOLD", nargs="+", help="a clip's id, or that of a standing hold (h-...)"
    )
    unhold.add_argument("--reason", metavar="R", required=True, help=_REASON)
    unhold.add_argument(
        "--from",
        dest="hold",
        metavar="HOLD",
        help="take these clips out of this standing hold; it keeps the others",
    )
    _add_lists(group)


def _add_lists(group: Any) -> None:  # noqa: ANN401
    listed, what = _call("list_holds"), "list the standing holds, those in force first"
    holds = add(group, "holds", listed, "list or show standing holds", "bwvdock clips holds list")
    add_forms(holds, default=None)
    below = holds.add_subparsers(dest="HOLDS", prog=holds.prog, metavar="VERB")
    add_forms(add(below, "list", listed, what, "bwvdock clips holds list --csv"), default=SUPPRESS)
    show = add(
        below,
        "show",
        _call("show_hold"),
        "show a standing hold: the clips that it keeps, and how far it has come at each store",
        "bwvdock clips holds show h-01kge4",
    )
    show.add_argument("hold", metavar="HOLD", help="the hold's id, or a unique beginning of it")
    add_forms(show, default=SUPPRESS)


def add_forms(parser: ArgumentParser, *, default: str | None) -> None:
    """Add the options of a list of holds or requests: as CSV, and with a reason for naming people."""
    off = False if default is None else default
    parser.add_argument("--csv", action="store_true", default=off, help="print CSV for a spreadsheet")
    parser.add_argument(
        "--reason",
        metavar="R",
        default=default,
        help="the reason, recorded in the journal; people are then named",
    )


def add_query(parser: ArgumentParser, *, of_request: bool = False) -> None:
    """Add the options that say which footage a standing hold is on, and (but `of_request`) for whom."""
    if not of_request:
        parser.add_argument("--requester", metavar="WHO", default=SUPPRESS, help="who asked for the hold")
        parser.add_argument(
            "--request",
            dest="for_request",
            metavar="ID",
            default=SUPPRESS,
            help="the request that it belongs to",
        )
    for name, (metavar, what) in {
        "officer": ("O", "footage attributed to this officer, or that may be"),
        "camera": ("S", "footage of the camera with this serial"),
        "unit": ("U", "footage of this unit, or that may be"),
        "event": ("ID", "footage of this event"),
        "place": ("P", "footage of cameras docked there: this dock, its site, or one of its bays"),
        "review": ("DATE", "the day on which a person is asked whether it is still needed"),
    }.items():
        parser.add_argument(f"--{name}", metavar=metavar, default=SUPPRESS, help=what)
    add_period(parser, "footage recorded, or perhaps recorded,", default=SUPPRESS)
