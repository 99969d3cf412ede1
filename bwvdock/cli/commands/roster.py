"""`bwvdock cameras assign`, `bwvdock cameras roster`: who held which camera when?"""

from __future__ import annotations

from argparse import Namespace
from datetime import UTC, datetime
from pathlib import Path

from bwvdock.cli.configuration import working_configuration
from bwvdock.cli.consultation import must_see
from bwvdock.cli.journal import open_reader
from bwvdock.cli.moments import read_moment, when
from bwvdock.cli.orders import give
from bwvdock.cli.output.console import print_json_array, print_table, say
from bwvdock.cli.roster_file import local_moment, read_roster
from bwvdock.core.clips.roster import NEVER, Roster
from bwvdock.core.moments import iso
from bwvdock.errors import UsageError
from bwvdock.operators.assigned_rows import Rows
from bwvdock.operators.requests import Assign

_EXAMPLE = "bwvdock cameras assign CAM-17 --officer 4411 --from 2026-03-01T06:00+00:00"


def assign(arguments: Namespace) -> int:
    """Record who held a camera, or import a whole roster."""
    rows = _one_row(arguments) if arguments.file is None else _imported_rows(arguments)
    return give(arguments, Assign(rows=rows, correct=arguments.correct))


def _one_row(arguments: Namespace) -> Rows:
    if arguments.serial is None or arguments.officer is None:
        raise UsageError("SERIAL and --officer are required, or --import.", remedy=_EXAMPLE)
    working_configuration(arguments)  # sets the zone of the times that were typed
    begins = read_moment(arguments.begins, local_moment, remedy=_EXAMPLE) or iso(datetime.now(UTC))
    ends = read_moment(arguments.ends, local_moment, remedy=_EXAMPLE) or ""
    row = ("", arguments.serial, arguments.officer, begins, ends)
    return ((*row, arguments.unit) if arguments.unit else row,)


def _imported_rows(arguments: Namespace) -> Rows:
    single = (arguments.serial, arguments.officer, arguments.begins, arguments.ends, arguments.unit)
    if any(value is not None for value in single):
        raise UsageError(
            "--import cannot be combined with SERIAL, --officer, --from, --to or --unit.",
            remedy="bwvdock cameras assign --import FILE.csv",
        )
    working_configuration(arguments)  # likewise
    return read_roster(Path(arguments.file), correct=arguments.correct)


def roster(arguments: Namespace) -> int:
    """Show who held a camera, according to the assignments recorded on this dock."""
    config = working_configuration(arguments)
    must_see(arguments, config, command="cameras roster", subject=arguments.serial)
    with open_reader(config) as reader:
        spans = Roster(reader.assignments(arguments.serial)).spans
    if arguments.json:
        print_json_array(
            {
                "officer": span.officer,
                "unit": span.told.unit,
                "from": span.start,
                "to": span.end if span.end != NEVER else None,
            }
            for span in spans
        )
    elif spans:
        rows = [
            (span.officer, span.told.unit or "-", when(span.start), when(_end(span.end))) for span in spans
        ]
        print_table(("OFFICER", "UNIT", "FROM", "UNTIL"), rows)
    else:
        say(f"No assignment of camera {arguments.serial} has been recorded.")
    return 0


def _end(end: str) -> str | None:
    return None if end == NEVER else end
