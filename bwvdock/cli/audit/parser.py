"""Which commands does an audit have, and which options do they take?"""

from __future__ import annotations

from argparse import SUPPRESS, ArgumentParser, Namespace
from collections.abc import Mapping
from importlib import import_module
from typing import Any

from bwvdock.cli.building import Command, add, add_period

AUDIT_REPORTS: Mapping[str, str] = {
    "figures": "count what was recorded, is kept, was disposed of and handed over, by month and unit",
    "timeliness": "show how long it took until footage was docked, its camera safe, and its copies proven",
    "coverage": "show for what share of the footage officer, case, event and a review are known",
    "sample": "draw clips for a review, so that anybody can draw them again, and record the draw",
    "disclosures": "list what was recorded as handed to whom",
    "self-assessment": "answer the twelve principles and what audits faulted elsewhere, with what is missing",
}
_EXAMPLES: Mapping[str, str] = {
    "figures": "bwvdock report figures --since 2026-01-01 --format html --to figures.html",
    "timeliness": "bwvdock report timeliness --since 2026-01-01 --by-unit --reason 'yearly audit'",
    "coverage": "bwvdock report coverage --since 2026-01-01 --by-unit --reason 'yearly audit'",
    "sample": "bwvdock report sample --since 2026-03-01 --until 2026-03-31 --reason review",
    "disclosures": "bwvdock report disclosures --since 2026-01-01 --reason 'yearly audit'",
    "self-assessment": "bwvdock report self-assessment --format html --to assessment.html",
}
_PERIODS: Mapping[str, str] = {
    "figures": "only clips recorded",
    "timeliness": "only what was docked",
    "coverage": "only clips recorded",
    "sample": "only clips recorded",
    "disclosures": "only what was recorded as handed over",
}
_REASON = "the reason, recorded in the journal"


def _call(module: str, function: str) -> Command:
    def command(arguments: Namespace) -> int:
        called: Command = getattr(import_module(f"bwvdock.cli.audit.{module}"), function)
        return called(arguments)

    return command


def add_audits(group: Any) -> None:  # noqa: ANN401 - argparse has no public name for it
    """Add the reports of an audit to the group of reports."""
    for name, what in AUDIT_REPORTS.items():
        parser = add(
            group, name, _call(name.replace("-", "_"), name.replace("-", "_")), what, _EXAMPLES[name]
        )
        _add_form(parser)
        if name in _PERIODS:
            add_period(parser, _PERIODS[name])
            parser.add_argument("--from", dest="since", help=SUPPRESS)
            _ADD[name](parser)


def _add_form(parser: ArgumentParser) -> None:
    parser.add_argument("--csv", action="store_true", help="print CSV for a spreadsheet")
    parser.add_argument(
        "--format", choices=("text", "html"), default="text", help="html: a page to print (default: text)"
    )
    parser.add_argument("--to", metavar="FILE", help="with --format html: write the page to this file")


def _add_units(parser: ArgumentParser) -> None:
    parser.add_argument("--unit", metavar="U", help="only what is of this unit; needs --reason")
    parser.add_argument("--by-unit", action="store_true", help="one line for each unit; needs --reason")
    parser.add_argument("--reason", metavar="R", help=_REASON)


def _add_figures(parser: ArgumentParser) -> None:
    _add_units(parser)
    parser.add_argument("--total", action="store_true", help="add all months up")


def _add_disclosures(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--clip", metavar="CLIP", help="only of this clip: its id, or a unique beginning of it"
    )
    parser.add_argument("--reason", metavar="R", help=f"{_REASON}; recipients and reasons are then shown")


def _add_sample(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--per",
        choices=("unit", "officer", "dock"),
        default="unit",
        help="draw so many clips of each unit, of each officer, or of all together (default: unit)",
    )
    parser.add_argument("--count", metavar="N", default="5", help="clips of each (default: 5)")
    parser.add_argument("--unit", metavar="U", help="only what is of this unit")
    parser.add_argument("--reason", metavar="R", required=True, help=_REASON)


_ADD = {
    "figures": _add_figures,
    "timeliness": _add_figures,
    "coverage": _add_units,
    "sample": _add_sample,
    "disclosures": _add_disclosures,
}


def add_disclose(commands: Any) -> None:  # noqa: ANN401 - as above
    """Add the command that records what was handed over."""
    disclose = add(
        commands,
        "disclose",
        _call("disclosures", "disclose"),
        "record what was handed to whom",
        "bwvdock disclose 01kge4 --to 'CPS London' --reason 'C-7' --package ./exhibit-7",
    )
    disclose.add_argument(
        "clips", metavar="CLIP", nargs="+", help="the clip's id, or a unique beginning of it"
    )
    disclose.add_argument("--to", metavar="WHO", required=True, help="the recipient")
    disclose.add_argument("--reason", metavar="R", required=True, help=_REASON)
    disclose.add_argument(
        "--package",
        metavar="DIR|ID",
        default="",
        help="the package that `custody export` made: its folder, or its id (tagmanifest_sha256)",
    )
    disclose.add_argument("--request", metavar="ID|REF", default="", help="the request that it answers")
