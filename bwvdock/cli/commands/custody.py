"""`bwvdock custody verify`: is the journal consistent, and do the files match the hashes in it?"""

from __future__ import annotations

import os
import sys
from argparse import Namespace
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

from bwvdock.cli.configuration import working_configuration
from bwvdock.cli.file_checks import Check, file_checks, not_checked
from bwvdock.cli.journal import open_journal_file
from bwvdock.cli.output.screen import GREEN, RED, coloured, paint, print_json, say, size
from bwvdock.cli.output.terminal import draw
from bwvdock.config.settings import Config
from bwvdock.core.custody.records import Problem, Verification
from bwvdock.core.moments import iso
from bwvdock.core.visible_text import visible
from bwvdock.edges.rights import as_owner_of, may_enter
from bwvdock.errors import CustodyError, DurabilityError, JournalError, JournalLostError
from bwvdock.units import format_count

_MOST_SHOWN = 100
_SHOW_EVERY_BYTES = 64 * 2**20


@dataclass(kw_only=True)
class Files:
    """The result of hashing the files again."""

    checked: int = 0
    bytes: int = 0
    problems: list[Problem] = field(default_factory=list)
    not_checked: Mapping[str, int] = field(default_factory=dict)

    def add(self, check: Check) -> None:
        """Count one check."""
        self.checked += check.files
        self.bytes += check.bytes
        if check.problem is not None:
            self.problems.append(check.problem)


def verify(arguments: Namespace) -> int:
    """Recompute the journal, hash the footage again, and report every problem."""
    from bwvdock.edges.journal.verify.verify import verify_journal  # noqa: PLC0415

    config = working_configuration(arguments)
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
    _remember(config, journal, None if arguments.journal_only else files)
    return _tell(journal, files, arguments)


def _remember(config: Config, journal: Verification, files: Files | None) -> None:
    """Leave beside the journal what was found, for `status`."""
    from bwvdock.edges.journal.verify.last import remember  # noqa: PLC0415

    now = iso(datetime.now(UTC))
    try:
        with as_owner_of(config.state_dir):
            remember(
                config.state_dir, at=now, journal=journal.problems, files=files.problems if files else None
            )
    except (OSError, DurabilityError) as error:  # what was found is shown all the same
        say(f"bwvdock: the result could not be recorded for `bwvdock status`: {error}")


def _tell(journal: Verification, files: Files, arguments: Namespace) -> int:
    problems = [*journal.problems, *files.problems]
    if arguments.json:
        print_json(_document(journal, files, problems))
    else:
        _print(journal, files, problems, journal_only=arguments.journal_only)
    return CustodyError.exit_code if problems else 0


def _lost(config: Config) -> Problem | None:
    """Return that the dock had a journal which is missing, empty or another one; None if it is not so."""
    from bwvdock.service.journal_identity import require_own_journal  # noqa: PLC0415

    if not may_enter(config.state_dir) or not config.state_dir.is_dir():
        return None
    try:
        with as_owner_of(config.state_dir):
            require_own_journal(config)
    except JournalLostError as error:
        return Problem(code="journal_lost", message=error.message)
    except JournalError:
        return None  # what SQLite says of it is told by the verification
    return None


def _require_journal(config: Config) -> None:
    # A journal that cannot be read has not failed verification: exit 4 is for what was read and found wrong.
    if not may_enter(config.state_dir) or not os.access(config.journal, os.R_OK, effective_ids=True):
        open_journal_file(config).close()  # raises the error that says what is the matter


def _check_files(config: Config, journal: Verification, files: Files, progress: CheckProgress) -> None:
    try:
        with open_journal_file(config) as reader:
            files.not_checked = not_checked(config, reader)
            for check in file_checks(config, reader):
                files.add(check)
                progress.files(files)
    except JournalError:
        if journal.ok:
            raise  # otherwise this is the damage that `journal` reports already


def _document(journal: Verification, files: Files, problems: list[Problem]) -> dict[str, Any]:
    return {
        "ok": not problems,
        "entries": journal.entries,
        "checkpoints": journal.checkpoints,
        "root": journal.root,
        "files_checked": files.checked,
        "files_not_checked": sum(files.not_checked.values()),
        "problems": [asdict(problem) for problem in problems],
    }


def _print(journal: Verification, files: Files, problems: list[Problem], *, journal_only: bool) -> None:
    on = coloured()
    entries = format_count(journal.entries, "entry", "entries")
    print(f"Journal: {entries} recomputed")
    print(f"Root:    {journal.root}")
    if journal_only:
        print("Files:   not read (--journal-only)")
    else:
        print(f"Files:   {files.checked:,} hashed again, {size(files.bytes)}")
    if not problems:
        checked = _files_sentence(files, journal_only=journal_only)
        draw(sys.stdout, paint("Journal consistent.", GREEN, on=on))
        print(f" {checked}")
        print("Not compared with an outside checkpoint.")
        return
    for line in _lines(problems):
        print(line)
    verdict = f"CUSTODY VERIFICATION FAILED: {format_count(len(problems), 'problem')}."
    draw(sys.stdout, f"{paint(verdict, RED, on=on)}\n")
    print("Change nothing on this dock, leave its disk as it is, and inform the investigating officer.")


def _files_sentence(files: Files, *, journal_only: bool) -> str:
    if journal_only:
        return "No files checked (--journal-only)."
    matching = f"{format_count(files.checked, 'file')} {'matches' if files.checked == 1 else 'match'}"
    missed = sum(files.not_checked.values())
    why = "; ".join(f"{count:,} {reason}" for reason, count in files.not_checked.items())
    return f"{matching} the hash taken at ingest; {missed:,} not checked{f' ({why})' if why else ''}."


def _lines(problems: list[Problem]) -> Iterator[str]:
    for problem in problems[:_MOST_SHOWN]:
        where = f" (entry {problem.entry})" if problem.entry is not None else ""
        clip = f" (clip {problem.clip})" if problem.clip else ""
        yield visible(f"  {problem.code}: {problem.message}{where}{clip}")
    if len(problems) > _MOST_SHOWN:
        yield f"  and {len(problems) - _MOST_SHOWN:,} more; --json has them all"


class CheckProgress:
    """A line on standard error that is overwritten; nothing where standard error is not a terminal."""

    def __init__(self) -> None:
        self._on = sys.stderr.isatty()
        self._next = 0

    def show(self, text: str) -> None:
        """Show a line in place of the previous one."""
        if self._on:
            draw(sys.stderr, "\r\x1b[K")
            print(text, end="", file=sys.stderr, flush=True)

    def files(self, files: Files) -> None:
        """Show how many files were hashed."""
        if files.bytes >= self._next:
            self._next = files.bytes + _SHOW_EVERY_BYTES
            self.show(f"{format_count(files.checked, 'file')} hashed again, {size(files.bytes)}")

    def end(self) -> None:
        """Clear the line."""
        self.show("")
