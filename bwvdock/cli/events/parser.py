"""Which arguments do the commands about events from dispatch take?"""

from __future__ import annotations

import argparse
from importlib import import_module
from typing import Any

from bwvdock.cli.building import Command, add, add_period, verbs

_REASON = "the reason, recorded in the journal; officers and units are then shown"


def _call(function: str) -> Command:
    def command(arguments: argparse.Namespace) -> int:
        called: Command = getattr(import_module("bwvdock.cli.events.commands"), function)
        return called(arguments)

    return command


def add_events(commands: Any) -> None:  # noqa: ANN401
    """Add `bwvdock events` and what belongs to it."""
    what = "import events from dispatch, and show which footage may be of them"
    listed = _call("list_events")
    events = add(commands, "events", listed, what, "bwvdock events list --since 2026-03-01 --without-footage")
    _filter(events, default=None)
    group = verbs(events)
    imported = add(
        group,
        "import",
        _call("import_events"),
        "record the events of a list from dispatch: event,officer,unit,dispatched,cleared,category",
        "bwvdock events import calls.csv --column event='Incident No'",
    )
    imported.add_argument("file", metavar="CSV", help="the list; one line for each officer or unit sent")
    imported.add_argument(
        "--column",
        metavar="NAME=THEIRS",
        action="append",
        default=[],
        help="what the list calls one of these columns (repeatable; or [events.columns])",
    )
    imported.add_argument("--dry-run", action="store_true", help="say what would change; record nothing")
    listing = add(
        group,
        "list",
        listed,
        "list events, the latest first, with how many clips overlap them",
        "bwvdock events list --since 2026-03-01 --without-footage",
    )
    _filter(listing, default=argparse.SUPPRESS)
    show = add(
        group,
        "show",
        _call("show"),
        "show one event, who was sent, and the clips that may be of it",
        "bwvdock events show CAD-26-17433 --reason 'complaint 12/26'",
    )
    show.add_argument("event", metavar="EVENT", help="the event's id, as dispatch has it")
    show.add_argument("--reason", metavar="R", default=argparse.SUPPRESS, help=_REASON)


def add_figures(parser: argparse.ArgumentParser) -> None:
    """Add the option of the report about what is missing that counts instead of listing."""
    parser.add_argument(
        "--figures",
        action="store_true",
        help="count those who were sent with and without footage, by category; names nobody",
    )


def _filter(parser: argparse.ArgumentParser, *, default: str | None) -> None:
    add_period(parser, "only events dispatched", default=default)
    parser.add_argument(
        "--officer",
        metavar="O",
        default=default,
        help="only events to which this officer was sent; needs --reason",
    )
    parser.add_argument(
        "--unit", metavar="U", default=default, help="only events to which this unit was sent; needs --reason"
    )
    off = False if default is None else default
    parser.add_argument(
        "--without-footage",
        action="store_true",
        default=off,
        help="only events that no clip overlaps for certain",
    )
    parser.add_argument("--reason", metavar="R", default=default, help=_REASON)
