"""`bwvdock custody verify`: does the journal prove itself, and are the files what it says?"""

from __future__ import annotations

import os
import sys
from argparse import Namespace
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

from bwvdock.cli.file_checks import Check, file_checks
from bwvdock.cli.journal import open_reader
from bwvdock.cli.output.screen import GREEN, RED, coloured, configuration, paint, print_json, size
from bwvdock.config.settings import Config
from bwvdock.core.custody.records import Problem, Verification
from bwvdock.errors import CustodyError, JournalError, JournalLostError
from bwvdock.units import format_count

_MOST_SHOWN = 100
_SHOW_EVERY_BYTES = 64 * 2**20


@dataclass(kw_only=True)
class Files:
    """What came of hashing the files again."""

    checked: int = 0
    bytes: int = 0
    problems: list[Problem] = field(default_factory=list)

    def add(self, check: Check) -> None:
        """Count one check."""
        self.checked += check.files
        self.bytes += check.bytes
        if check.problem is not None:
            self.problems.append(check.problem)


def verify(arguments: Namespace) -> int:
    """Recompute the journal; hash the footage again; say what does not add up."""
    from bwvdock.edges.journal.verify.verify import verify_journal  # noqa: PLC0415

    config = configuration(arguments)
    if lost := _lost(config):
        return _tell(Verification(entries=0, root="", problems=(lost,)), Files(), arguments)
    _require_journal(config)
    progress = CheckProgress()
    progress.show("Recomputing the journal…")
    journal = verify_journal(config.journal)
    files = Files()
    if not arguments.journal_only:
        _check_files(config, journal, files, progress)
    progress.end()
    return _tell(journal, files, arguments)


def _tell(journal: Verification, files: Files, arguments: Namespace) -> int:
    problems = [*journal.problems, *files.problems]
    if arguments.json:
        print_json(_document(journal, files, problems))
    else:
        _print(journal, files, problems, journal_only=arguments.journal_only)
    return CustodyError.exit_code if problems else 0


def _lost(config: Config) -> Problem | None:
    """Return that the dock had a journal which is missing, empty or another one; None if it is not so."""
    from bwvdock.service.own_journal import require_own_journal  # noqa: PLC0415

    try:
        require_own_journal(config)
    except JournalLostError as error:
        return Problem(code="journal_lost", message=error.message)
    except JournalError:
        return None  # what SQLite says of it is told by the verification
    return None


def _require_journal(config: Config) -> None:
    # What cannot be looked at has not failed: only what was read and does not add up is exit 4.
    if not config.journal.exists() or not os.access(config.journal, os.R_OK):
        open_reader(config).close()  # says which of the two it is


def _check_files(config: Config, journal: Verification, files: Files, progress: CheckProgress) -> None:
    try:
        with open_reader(config) as reader:
            for check in file_checks(config, reader):
                files.add(check)
                progress.files(files)
    except JournalError:
        if journal.ok:
            raise  # else it is the damage that was found and told already


def _document(journal: Verification, files: Files, problems: list[Problem]) -> dict[str, Any]:
    return {
        "ok": not problems,
        "entries": journal.entries,
        "checkpoints": journal.checkpoints,
        "root": journal.root,
        "files_checked": files.checked,
        "problems": [asdict(problem) for problem in problems],
    }


def _print(journal: Verification, files: Files, problems: list[Problem], *, journal_only: bool) -> None:
    on = coloured()
    entries = format_count(journal.entries, "entry", "entries")
    print(f"Journal: {entries} recomputed, root {journal.root}")
    if journal_only:
        print("Files:   not read (--journal-only)")
    else:
        print(f"Files:   {files.checked:,} hashed again, {size(files.bytes)}")
    if not problems:
        print(paint("Custody verifies: every entry is as it was written", GREEN, on=on), end="")
        print("." if journal_only else ", every file is as it was taken.")
        return
    for line in _told(problems):
        print(line)
    print(paint(f"CUSTODY DOES NOT VERIFY: {format_count(len(problems), 'problem')}.", RED, on=on))
    print("Change nothing on this dock, keep its disk as it is, and tell whoever investigates.")


def _told(problems: list[Problem]) -> Iterator[str]:
    for problem in problems[:_MOST_SHOWN]:
        where = f" (entry {problem.entry})" if problem.entry is not None else ""
        clip = f" (clip {problem.clip})" if problem.clip else ""
        yield f"  {problem.code}: {problem.message}{where}{clip}"
    if len(problems) > _MOST_SHOWN:
        yield f"  and {len(problems) - _MOST_SHOWN:,} more; --json has them all"


class CheckProgress:
    """One line on standard error that is written over; nothing where that is no terminal."""

    def __init__(self) -> None:
        self._on = sys.stderr.isatty()
        self._next = 0

    def show(self, text: str) -> None:
        """Show a line in place of the last."""
        if self._on:
            print(f"\r\x1b[K{text}", end="", file=sys.stderr, flush=True)

    def files(self, files: Files) -> None:
        """Show how far the files are."""
        if files.bytes >= self._next:
            self._next = files.bytes + _SHOW_EVERY_BYTES
            self.show(f"{files.checked:,} files hashed again, {size(files.bytes)}")

    def end(self) -> None:
        """Take the line away."""
        self.show("")
