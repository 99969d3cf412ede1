"""How does an audit's report get to the person who asked: as text, CSV, JSON, or a page in a file?"""

from __future__ import annotations

import os
import sys
from argparse import Namespace
from pathlib import Path

from bwvdock.cli.audit.page import as_page
from bwvdock.cli.audit.values import AuditReport, Table, shown
from bwvdock.cli.output.console import print_json, print_json_array, print_table, say, width, wrapped
from bwvdock.cli.output.spreadsheet import print_csv
from bwvdock.core.visible_text import visible
from bwvdock.errors import StorageError, UsageError

_WRITE, _MODE = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600
_PAPER = 80  # columns of what is not a terminal


def give_out(arguments: Namespace, report: AuditReport) -> int:
    """Print a report, or write it to the file that was named.

    Raises:
        StorageError: the file cannot be written.
        UsageError: --to was given without a page to write.
    """
    if arguments.to is not None and arguments.format != "html":
        raise UsageError("--to names the file of a page.", remedy="Add: --format html")
    if arguments.json:
        document = report.document
        print_json_array(document) if isinstance(document, list) else print_json(document)
    elif arguments.csv:
        _print_csv(report)
    elif arguments.format == "html":
        _write_page(arguments, report)
    else:
        _print_text(report)
    return 0


def _write_page(arguments: Namespace, report: AuditReport) -> None:
    page = as_page(report)
    if arguments.to is None:
        sys.stdout.write(page)
        return
    file = Path(arguments.to)
    try:
        with open(os.open(file, _WRITE, _MODE), "w", encoding="utf-8") as stream:
            os.fchmod(stream.fileno(), _MODE)  # one that was there may have been for others too
            stream.write(page)
    except OSError as error:
        raise StorageError(
            f"{file} cannot be written: {error.strerror}.", remedy="Name another file with --to FILE."
        ) from None
    say(f"Written to {visible(str(file))}.")


def _print_csv(report: AuditReport) -> None:
    tables = [table for section in report.sections for table in section.tables]
    names = list(dict.fromkeys(column.name for table in tables for column in table.columns))
    print_csv(names, ({name: row.get(name) for name in names} for table in tables for row in table.rows))


def _print_text(report: AuditReport) -> None:
    for sentence in report.made:
        _paragraph(sentence)
    for section in report.sections:
        if section.heading:
            print(f"\n{visible(section.heading)}")
        for sentence in section.sentences:
            _paragraph(sentence)
        for table in section.tables:
            if table.rows:
                _print_prose(table) if table.prose else _print_table(table)
    if not report.tables and report.nothing:
        say(report.nothing)


def _paragraph(sentence: str) -> None:
    print(wrapped(visible(sentence), width() or _PAPER, indent=0))


def _print_prose(table: Table) -> None:
    number, finding, *others = table.shown
    for row in table.rows:
        print(f"\n{visible(str(row[number.name]))}  {visible(str(row[finding.name])).upper()}".rstrip())
        for column in others:
            if row.get(column.name) not in {None, ""}:
                said = f"    {column.title}: {shown(row[column.name], column.kind)}"
                print(wrapped(said, width() or _PAPER, indent=6))


def _print_table(table: Table) -> None:
    columns = table.shown
    rows = [*table.rows, *([table.total] if table.total is not None else [])]
    drop = sorted((column for column in columns if column.drop), key=lambda column: -column.drop)
    print_table(
        [column.head for column in columns],
        [[shown(row.get(column.name, ""), column.kind) for column in columns] for row in rows],
        right={column.head for column in columns if column.right},
        wrap={column.head for column in columns if column.wrap},
        drop=[column.head for column in drop],
    )
