"""Which arguments does `bwvdock report holdings` take?"""

from __future__ import annotations

import argparse
from typing import Any

from bwvdock.cli.building import add


def _holdings(arguments: argparse.Namespace) -> int:
    from bwvdock.cli.holdings.command import holdings  # noqa: PLC0415 - where it is called

    return holdings(arguments)


def add_holdings(group: Any) -> None:  # noqa: ANN401
    """Add `bwvdock report holdings`."""
    what = "list what each store has of each clip, when that was last proven, and what differs"
    report = add(group, "holdings", _holdings, what, "bwvdock report holdings --differences")
    report.add_argument(
        "--now",
        action="store_true",
        help="have the daemon ask the stores first, for every copy; each is read whole, which takes its time",
    )
    report.add_argument("--destination", metavar="NAME", default="", help="only this store")
    report.add_argument(
        "--against",
        metavar="FILE",
        help="compare with an earlier report (--json): what was proven then must be so now",
    )
    report.add_argument(
        "--differences", action="store_true", help="only the copies that are not as they must be"
    )
    report.add_argument("--csv", action="store_true", help="print CSV for a spreadsheet")
