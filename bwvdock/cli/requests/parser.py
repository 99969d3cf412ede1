"""Which arguments do the commands about requests take?"""

from __future__ import annotations

import argparse
from argparse import SUPPRESS, ArgumentParser
from importlib import import_module
from typing import Any

from bwvdock.cli.building import Command, add, verbs
from bwvdock.cli.holds.parser import add_forms, add_query

_KINDS = ("foi", "subject-access", "litigation", "complaint", "other")
_OUTCOMES = ("disclosed", "partly-disclosed", "refused", "nothing-held", "withdrawn", "other")
_REQUEST = "the request's id, or a unique beginning of it"


def _call(function: str) -> Command:
    def command(arguments: argparse.Namespace) -> int:
        called: Command = getattr(import_module("bwvdock.cli.requests.commands"), function)
        return called(arguments)

    return command


def add_request(commands: Any) -> None:  # noqa: ANN401 - argparse has no public name
    """Add `bwvdock request` and what belongs to it."""
    what = "tie what is held, looked at and exported for one request together, and show its date"
    listed = _call("list_requests")
    request = add(commands, "request", listed, what, "bwvdock request list")
    add_forms(request, default=None)
    group = verbs(request)
    _add_open(group)
    listing = add(group, "list", listed, "list requests, open ones first", "bwvdock request list")
    show = add(
        group,
        "show",
        _call("show"),
        "show a request: its date, what is held for it, and who looked at or exported what",
        "bwvdock request show r-01kge4",
    )
    show.add_argument("request", metavar="ID", help=_REQUEST)
    for parser in (listing, show):
        add_forms(parser, default=SUPPRESS)
    correct = add(
        group,
        "correct",
        _call("correct"),
        "correct the day on which a request came, or on which it is due",
        "bwvdock request correct r-01kge4 --received 2026-03-01 --reason 'a slip'",
    )
    correct.add_argument("request", metavar="ID", help=_REQUEST)
    _add_days(correct, default="as it is")
    correct.add_argument("--reason", metavar="R", required=True, help="the reason, recorded in the journal")
    close = add(
        group,
        "close",
        _call("close"),
        "close a request; what is held for it stays held, unless you say otherwise",
        "bwvdock request close r-01kge4 --outcome disclosed --reason 'sent on 3 March'",
    )
    close.add_argument("request", metavar="ID", help=_REQUEST)
    close.add_argument("--reason", metavar="R", required=True, help="the reason, recorded in the journal")
    close.add_argument(
        "--outcome",
        metavar="O",
        choices=_OUTCOMES,
        default="",
        help=f"how it was answered: {', '.join(_OUTCOMES)}",
    )
    close.add_argument(
        "--end-holds", action="store_true", help="end the standing holds that belong to it, too"
    )


def _add_open(group: Any) -> None:  # noqa: ANN401
    parser = add(
        group,
        "open",
        _call("open_request"),
        "record a request; with a query, hold what matches, now and later",
        "bwvdock request open --kind foi --by Smith --reason letter --officer 4411",
    )
    parser.add_argument("--kind", choices=_KINDS, required=True, help="what kind of request it is")
    parser.add_argument("--by", metavar="WHO", required=True, help="who asks")
    parser.add_argument("--reason", metavar="R", required=True, help="what is asked, recorded in the journal")
    _add_days(parser, default="today")
    add_query(parser, of_request=True)


def _add_days(parser: ArgumentParser, *, default: str) -> None:
    parser.add_argument("--received", metavar="DATE", help=f"the day on which it came (default: {default})")
    parser.add_argument(
        "--due", metavar="DATE", help="the last day for an answer (default: by the rule of its kind)"
    )


def add_request_option(parser: ArgumentParser, *, default: str | None = None) -> None:
    """Add the option that ties what a command does to a request."""
    parser.add_argument(
        "--request",
        dest="for_request",
        metavar="ID",
        default=default,
        help="the request that this is for; it is recorded with the reason",
    )
