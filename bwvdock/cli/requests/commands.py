"""`bwvdock request open|list|show|correct|close`: what was asked, by when, and what was done about it?"""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Sequence
from dataclasses import asdict, fields
from datetime import UTC, date, datetime

from bwvdock.cli.configuration import working_configuration
from bwvdock.cli.consultation import WITHHELD, by_and_why, may_see
from bwvdock.cli.holds.query import open_hold
from bwvdock.cli.journal import open_reader
from bwvdock.cli.moments import when
from bwvdock.cli.orders import give
from bwvdock.cli.output.console import RED, print_json, print_json_array, print_line, print_table, say
from bwvdock.cli.output.spreadsheet import print_csv
from bwvdock.config.settings import Config
from bwvdock.core.clips.holds.rows import RequestEntry, RequestRow, withheld_request
from bwvdock.errors import UsageError
from bwvdock.operators.holds.clock import About, Clocks, due
from bwvdock.operators.holds.requests import CloseRequest, CorrectRequest, OpenRequest
from bwvdock.units import format_count

_WITHHELD = "(withheld)"
_AS_GIVEN = "as given"
_ID_WIDTH = 26  # of a clip's id, which is never cut
_HEAD = ("REQUEST", "KIND", "RECEIVED", "DUE", "HOLDS", "STATE")


def open_request(arguments: Namespace) -> int:
    """Record a request; with a query, a standing hold begins with it."""
    config = working_configuration(arguments)
    received = _day(arguments.received, "received") or _today(config)
    if received > _today(config):
        say(f"--received {received} is a day that is still to come.")
    last, rule = _due(arguments.due, About(arguments.kind), config, received)
    hold = open_hold(arguments, config)
    order = OpenRequest(
        about=arguments.kind,
        by=arguments.by,
        reason=arguments.reason,
        received=received.isoformat(),
        due=last,
        rule=rule,
        camera=hold.camera,
        officer=hold.officer,
        unit=hold.unit,
        event=hold.event,
        place=hold.place,
        place_kind=hold.place_kind,
        since=hold.since,
        until=hold.until,
        review=hold.review,
    )
    return give(arguments, order)


def correct(arguments: Namespace) -> int:
    """Correct when a request was received, or when it is due; the rule of its kind counts anew from there."""
    config = working_configuration(arguments)
    if arguments.received is None and arguments.due is None:
        raise UsageError(
            "Nothing says what is to be corrected.",
            remedy=f"bwvdock request correct {arguments.request} --received 2026-03-01 --reason R",
        )
    with open_reader(config) as reader:
        row = reader.request(arguments.request)
    received = _day(arguments.received, "received") or date.fromisoformat(row.received)
    if received > _today(config):
        say(f"--received {received} is a day that is still to come.")
    last, rule = row.due, row.rule
    if arguments.due is not None or rule != _AS_GIVEN:
        last, rule = _due(arguments.due, About(row.about), config, received)
    order = CorrectRequest(
        which=row.id, reason=arguments.reason, received=received.isoformat(), due=last, rule=rule
    )
    return give(arguments, order)


def _due(text: str | None, kind: About, config: Config, received: date) -> tuple[str, str]:
    given = _day(text, "due")
    if given is not None:
        return given.isoformat(), _AS_GIVEN
    clocks = Clocks(
        subject_access_months=config.requests.subject_access_months,
        foi_working_days=config.requests.foi_working_days,
        bank_holidays=config.requests.bank_holidays,
    )
    found = due(kind, received, clocks)
    return (found[0].isoformat(), found[1]) if found else ("", "")


def _day(text: str | None, name: str) -> date | None:
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"{text!r} is not a day.", remedy=f"For example: --{name} 2026-03-01") from None


def _today(config: Config) -> date:
    return datetime.now(UTC).astimezone(config.zone).date()


def list_requests(arguments: Namespace) -> int:
    """List requests, the open ones first."""
    config = working_configuration(arguments)
    seen = may_see(arguments, config, command="request list", subject="requests", implied=False)
    with open_reader(config) as reader:
        found = [row if seen else withheld_request(row) for row in reader.requests()]
    today = _today(config)
    names = [field.name for field in fields(RequestRow) if field.name != "entries"]
    documents = [_document(row, today, names) for row in found]
    if arguments.json:
        print_json_array(documents)
    elif arguments.csv:
        print_csv([*names, "days_left"], documents)
    elif not found:
        say("No request has been recorded.")
    else:
        rows = [_row(row, today) for row in found]
        print_table(_HEAD, rows, drop=("RECEIVED", "HOLDS"), colour=_colour)
    return 0


def _document(row: RequestRow, today: date, names: Sequence[str]) -> dict[str, object]:
    said = {name: value for name, value in asdict(row).items() if name in names}
    return {**said, "days_left": _days_left(row, today)}


def _days_left(row: RequestRow, today: date) -> int | None:
    """Return how many days are left for the answer, negative where it is late; None for none counted."""
    return (date.fromisoformat(row.due) - today).days if row.open and row.due else None


def _row(row: RequestRow, today: date) -> tuple[str, ...]:
    state = (
        _left(_days_left(row, today)) if row.open else f"closed{f', {row.outcome}' if row.outcome else ''}"
    )
    return row.id, row.about, row.received, row.due or "-", ", ".join(row.holds) or "-", state


def _left(days: int | None) -> str:
    if days is None:
        return "open"
    late = f"LATE by {format_count(-days, 'day')}"
    return late if days < 0 else f"open, {format_count(days, 'day')} left"


def _colour(row: Sequence[str], column: int) -> str:
    return RED if row[column].startswith("LATE") else ""


def show(arguments: Namespace) -> int:
    """Show a request: its date, what is held for it, and who looked at or exported what."""
    config = working_configuration(arguments)
    with open_reader(config) as reader:
        row = reader.request(arguments.request)
        seen = may_see(arguments, config, command="request show", subject=row.id, implied=False)
        row = reader.request(row.id) if seen else withheld_request(row)  # the daemon shows it only then
    today = _today(config)
    if arguments.json:
        print_json(_document(row, today, [field.name for field in fields(RequestRow)]))
    elif arguments.csv:
        print_csv([field.name for field in fields(RequestEntry)], [asdict(entry) for entry in row.entries])
    else:
        _print(row, today)
    return 0


def _print(row: RequestRow, today: date) -> None:
    closed = f"closed {when(row.closed_at)} by {by_and_why(row.closed_by, row.closed_for)}"
    facts = {
        "Request": row.id,
        "Kind": row.about,
        "Asked by": _typed(row.by),
        "Reason": _typed(row.reason),
        "Received": row.received,
        "Due": f"{row.due} ({row.rule})" if row.due else "no rule sets a date",
        "State": _left(_days_left(row, today)) if row.open else closed,
        **({"Outcome": row.outcome} if row.outcome else {}),
        "Opened": f"{when(row.opened_at)} by {_typed(row.actor)}",
        "Holds": ", ".join(row.holds) or "none: nothing is held for it",
    }
    for label, value in facts.items():
        print_line(f"{f'{label}:':<11} {value}", indent=12)
    if row.entries:
        print()
        rows = [
            (f"#{one.seq}", when(one.at), one.what, one.actor or _WITHHELD, " ".join(one.clips) or "-")
            for one in row.entries
        ]
        print_table(
            ("ENTRY", "TIME", "WHAT", "BY", "CLIPS"),
            rows,
            wrap={"WHAT": 20, "CLIPS": _ID_WIDTH},
            drop=("BY",),
        )


def _typed(value: str | None) -> str:
    return WITHHELD if value is None else value or "-"


def close(arguments: Namespace) -> int:
    """Close a request; what is held for it stays held, unless that is to end too."""
    order = CloseRequest(
        which=arguments.request,
        reason=arguments.reason,
        outcome=arguments.outcome,
        end_holds=arguments.end_holds,
    )
    return give(arguments, order)
