"""`bwvdock custody verify`: is the journal consistent, and do the files match the hashes in it?"""

from __future__ import annotations

import os
import sys
from argparse import Namespace
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from bwvdock.cli import complain
from bwvdock.cli.configuration import working_configuration
from bwvdock.cli.coverage import Coverage
from bwvdock.cli.file_checks import file_checks, not_read
from bwvdock.cli.journal import open_journal_file
from bwvdock.cli.output.screen import GREEN, RED, coloured, paint, print_json, say, size
from bwvdock.cli.output.terminal import draw
from bwvdock.config.settings import Config
from bwvdock.core.custody.records import Problem, Verification
from bwvdock.core.moments import iso
from bwvdock.core.visible_text import visible
from bwvdock.edges.rights import as_owner_of, may_enter
from bwvdock.errors import CustodyError, DurabilityError, JournalError, JournalLostError, StorageError
from bwvdock.units import format_count

_MOST_SHOWN = 100
_SHOW_EVERY_BYTES = 64 * 2**20


def verify(arguments: Namespace) -> int:
    """Recompute the journal, hash the footage again, and report every problem."""
    from bwvdock.edges.journal.verify.verify import verify_journal  # noqa: PLC0415

    config = working_configuration(arguments)
    if lost := _lost(config):
        return _tell(Verification(entries=0, root="", problems=(lost,)), Coverage(), arguments)
    _require_journal(config)
    progress = CheckProgress()
    files = Coverage()
    try:
        progress.show("Recomputing the journal…")
        journal = verify_journal(config.journal)
        if not arguments.journal_only:
            with as_owner_of(config.state_dir):  # a share may refuse root, and nothing made here is root's
                _check_files(config, journal, files, progress)
    finally:
        progress.end()
    _remember(config, journal, files, journal_only=arguments.journal_only)
    return _tell(journal, files, arguments)


def _remember(config: Config, journal: Verification, files: Coverage, *, journal_only: bool) -> None:
    """Leave beside the journal what was found, for `status`."""
    from bwvdock.edges.journal.origin import origin_of  # noqa: PLC0415
    from bwvdock.edges.journal.verify.last import Findings, remember  # noqa: PLC0415

    origin = ""
    with suppress(JournalError):
        origin = origin_of(config.journal)
    findings = Findings(
        journal=journal.problems,
        files=files.problems if files.conclusive and not journal_only else None,
        origin=origin,
        covered=files.matched,
        places=files.places if files.looked else None,
    )
    try:
        with as_owner_of(config.state_dir):
            remember(config.state_dir, findings, at=iso(datetime.now(UTC)))
    except (OSError, DurabilityError) as error:  # what was found is shown all the same
        say(f"bwvdock: the result could not be recorded for `bwvdock status`: {error}")


def _tell(journal: Verification, files: Coverage, arguments: Namespace) -> int:
    problems = [*journal.problems, *files.problems]
    if arguments.json:
        print_json(_document(journal, files, problems))
    else:
        _print(journal, files, problems, journal_only=arguments.journal_only)
    for error in files.errors[:_MOST_SHOWN]:
        complain(error)
    if problems:
        return CustodyError.exit_code
    return files.errors[0].exit_code if files.errors else 0


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


def _check_files(config: Config, journal: Verification, files: Coverage, progress: CheckProgress) -> None:
    from bwvdock.service.unaccounted import unaccounted  # noqa: PLC0415

    try:
        with open_journal_file(config) as reader:
            left_out, files.disposed = not_read(config, reader)
            files.not_checked.update(left_out)
            for check in file_checks(config, reader):
                files.add(check)
                progress.files(files)
            for found in unaccounted(config, reader):
                files.add_unaccounted(found)
        files.looked = True
    except StorageError as error:
        files.errors.append(error)  # what the journal says is shown all the same
    except JournalError:
        if journal.ok:
            raise  # otherwise this is the damage that `journal` reports already


def _document(journal: Verification, files: Coverage, problems: list[Problem]) -> dict[str, Any]:
    return {
        "ok": not problems and not files.errors,
        "entries": journal.entries,
        "checkpoints": journal.checkpoints,
        "root": journal.root,
        "files_checked": files.checked,
        "files_not_checked": sum(files.not_checked.values()),
        "problems": [asdict(problem) for problem in problems],
        **files.document(),
    }


def _print(journal: Verification, files: Coverage, problems: list[Problem], *, journal_only: bool) -> None:
    on = coloured()
    entries = format_count(journal.entries, "entry", "entries")
    print(f"Journal: {entries} recomputed")
    print(f"Root:    {journal.root}")
    if journal_only:
        print("Files:   not read (--journal-only)")
    else:
        print(f"Files:   {files.checked:,} hashed again, {size(files.bytes)}")
    for line in _lines(problems):
        print(line)
    said = ["No files checked (--journal-only)."] if journal_only else files.sentences()
    if not problems:
        draw(sys.stdout, paint("Journal consistent.", GREEN, on=on))
        print(f" {said[0]}")
        said = said[1:]
    for line in said:
        print(visible(line))
    if not problems:
        print("Not compared with an outside checkpoint.")
        return
    verdict = f"CUSTODY VERIFICATION FAILED: {format_count(len(problems), 'problem')}."
    draw(sys.stdout, f"{paint(verdict, RED, on=on)}\n")
    print("Change nothing on this dock, leave its disk as it is, and inform the investigating officer.")


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

    def files(self, files: Coverage) -> None:
        """Show how many files were hashed."""
        if files.bytes >= self._next:
            self._next = files.bytes + _SHOW_EVERY_BYTES
            self.show(f"{format_count(files.checked, 'file')} hashed again, {size(files.bytes)}")

    def end(self) -> None:
        """Clear the line."""
        self.show("")
