"""`bwvdock custody verify`: is the journal consistent, and do the files match the hashes in it?"""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bwvdock.cli import complain
from bwvdock.cli.configuration import working_configuration
from bwvdock.cli.coverage import Coverage
from bwvdock.cli.orders import carry_out
from bwvdock.cli.output.console import (
    GREEN,
    RED,
    coloured,
    paint,
    print_json,
    print_line,
    say,
    size,
    width,
    wrapped,
)
from bwvdock.cli.output.terminal import StatusLine, draw
from bwvdock.config.settings import Config
from bwvdock.core.custody.verification import Problem, Remark
from bwvdock.core.moments import iso
from bwvdock.core.visible_text import visible
from bwvdock.edges.journal.origin import predecessor_of
from bwvdock.edges.rights import as_owner_of
from bwvdock.errors import BwvdockError, CustodyError, JournalError, UsageError, words_of
from bwvdock.operators.daemon_client import order
from bwvdock.operators.observed import Verified as RecordVerified
from bwvdock.operators.requests import SignNow
from bwvdock.units import format_count

if TYPE_CHECKING:
    from bwvdock.cli.verification import Verified

_MOST_SHOWN = 100
_SHOW_EVERY_BYTES = 64 * 2**20


def verify(arguments: Namespace) -> int:
    """Recompute the journal, hash the footage again, and report every problem."""
    # `bwvdock --help` starts fast
    from bwvdock.cli.document_checks import compare_elsewhere  # noqa: PLC0415
    from bwvdock.cli.outside_checkpoints import compared, read_outside  # noqa: PLC0415
    from bwvdock.cli.verification import verify_dock  # noqa: PLC0415

    outside = read_outside(arguments.checkpoint, arguments.policy)
    config = working_configuration(arguments)
    with _turn(arguments, config) as ours:
        if not ours:
            return 0
        began, progress = datetime.now(UTC), CheckProgress()
        try:
            found = verify_dock(
                config,
                journal_only=arguments.journal_only,
                since_checkpoint=arguments.since_checkpoint,
                show=progress.show,
            )
            found = _with_predecessor(config, compared(config, found, outside))
            if arguments.documents and not found.lost:
                found.files.add_documents(compare_elsewhere(config, Path(arguments.documents)))
        finally:
            progress.end()
        _remember(config, found, journal_only=arguments.journal_only)
        _record(arguments, found, began)
    return _tell(found, arguments)


@contextmanager
def _turn(arguments: Namespace, config: Config) -> Iterator[bool]:
    """Yield whether to verify now: one that is to be recorded is due, and no other is under way."""
    from bwvdock.edges.journal.read.due import is_due  # noqa: PLC0415
    from bwvdock.edges.system import hold_verification  # noqa: PLC0415

    if not arguments.record:
        yield True
        return
    with as_owner_of(config.state_dir):
        if arguments.when_due and not is_due(config.journal, datetime.now(UTC)):
            say("No verification is due.")
            yield False
            return
    with ExitStack() as held:
        with as_owner_of(config.state_dir):
            ours = held.enter_context(hold_verification(config.state_dir))
        if not ours:
            say("Another verification is under way.")
        yield ours


def _record(arguments: Namespace, found: Verified, began: datetime) -> None:
    """Make the result an entry, if that was asked for; what was found is shown in any case."""
    if not arguments.record or found.lost:
        return
    codes = dict.fromkeys(problem.code for problem in found.problems)
    result = RecordVerified(
        entries=found.journal.entries,
        since=found.journal.since,
        root=found.journal.root,
        copies=found.files.matched,
        documents=found.files.documents,
        problems=len(found.problems),
        codes=tuple(codes),
        errors=len(found.errors),
        seconds=max(0, int((datetime.now(UTC) - began).total_seconds())),
    )
    try:
        carry_out(arguments, result)
    except BwvdockError as error:
        complain(error)


def _with_predecessor(config: Config, found: Verified) -> Verified:
    """Add the journal whose place this one took, if it did."""
    before = None
    with suppress(JournalError):  # what is wrong with it has been found
        before = predecessor_of(config.journal)
    if before is None:
        return found
    said = Remark(
        message=f"this journal took the place of the journal {before.journal}, which had "
        f"{format_count(before.entries, 'entry', 'entries')} and is kept beside it",
        entry=0,
    )
    return replace(found, journal=replace(found.journal, remarks=(*found.journal.remarks, said)))


def checkpoint(arguments: Namespace) -> int:
    """Have the daemon sign a checkpoint of the journal now, and print it or write it to a file."""
    config = working_configuration(arguments)
    answer = order(config.control_socket, SignNow())
    if arguments.out:
        _write(Path(arguments.out), answer["note"])
    if arguments.json:
        print_json(answer)
    elif not arguments.out:
        print(answer["note"], end="")
    if not arguments.json:
        say(f"{format_count(answer['size'], 'entry', 'entries')} signed. Key of the log: {answer['key']}")
    return 0


def _write(path: Path, note: str) -> None:
    try:
        path.write_text(note, encoding="utf-8")
    except OSError as error:
        raise UsageError(
            f"{path} cannot be written: {words_of(error)}.", remedy="Give another --out"
        ) from error


def _remember(config: Config, found: Verified, *, journal_only: bool) -> None:
    """Leave beside the journal what was found, for `status`."""
    from bwvdock.edges.journal.origin import origin_of  # noqa: PLC0415
    from bwvdock.edges.journal.verify.last import Findings, remember  # noqa: PLC0415

    if found.lost:
        return  # what was found with the dock's own journal is kept
    files = found.files
    try:
        with as_owner_of(config.state_dir):
            origin = ""
            with suppress(JournalError):
                origin = origin_of(config.journal)
            findings = Findings(
                journal=None
                if not found.journal.problems and found.journal.errors
                else found.journal.problems,
                files=files.problems if files.conclusive and not journal_only else None,
                origin=origin,
                whole=not found.errors and not found.journal.since,
                in_order=(found.journal.entries, found.journal.root)
                if found.journal.ok and found.journal.entries and not found.journal.since
                else None,
                covered=files.matched,
                places=files.places if files.looked else None,
            )
            remember(config.state_dir, findings, at=iso(datetime.now(UTC)))
    except Exception as error:  # noqa: BLE001 - what was found is shown all the same
        say(f"bwvdock: the result could not be recorded for `bwvdock status`: {visible(str(error))}")


def _tell(found: Verified, arguments: Namespace) -> int:
    problems, errors = found.problems, found.errors
    if arguments.json:
        print_json(_document(found))
    else:
        _print(found, journal_only=arguments.journal_only)
    sys.stdout.flush()
    for error in errors[:_MOST_SHOWN]:
        complain(error)
    if problems:
        return CustodyError.exit_code
    return errors[0].exit_code if errors else 0


def _document(found: Verified) -> dict[str, Any]:
    journal, files = found.journal, found.files
    return {
        "ok": not found.problems and not found.errors,
        "entries": journal.entries,
        "checkpoints": journal.checkpoints,
        "root": journal.root,
        "files_checked": files.checked,
        "files_not_checked": sum(files.not_checked.values()),
        "problems": [asdict(problem) for problem in found.problems],
        "remarks": [asdict(remark) for remark in journal.remarks],
        "compared_with_checkpoint": bool(found.compared),
        **files.document(),
        "errors": [error.message for error in found.errors],
    }


def _print(found: Verified, *, journal_only: bool) -> None:
    journal, files, problems = found.journal, found.files, found.problems
    on = coloured()
    entries = format_count(journal.entries, "entry", "entries")
    again = f", those from {journal.since:,} on read" if journal.since else ""
    print(f"Journal: {entries} recomputed{again}")
    print(f"Root:    {journal.root}")
    if journal_only:
        print("Files:   not read (--journal-only)")
    else:
        print(f"Files:   {files.checked:,} hashed again, {size(files.bytes)}")
    for line in _lines(problems):
        print_line(line, indent=4)
    said = files.sentences()
    if journal_only:
        said = ["No files checked (--journal-only).", *files.of_documents(), *files.of_stores()]
    if not problems and not journal.errors:
        verdict, said = "Journal consistent.", [f"Journal consistent. {said[0]}", *said[1:]]
        first = wrapped(visible(said.pop(0)), width(), indent=0)
        draw(sys.stdout, f"{first.replace(verdict, paint(verdict, GREEN, on=on), 1)}\n")
    elif not problems:
        print_line("No problem was found in what could be read of the journal; that was not all of it.")
    for line in said:
        print_line(line, indent=4 if line.startswith(" ") else 2)
    for remark in journal.remarks[:_MOST_SHOWN]:
        where = f" (entry {remark.entry})" if remark.entry is not None else ""
        print_line(f"Remark: {remark.message}{where}.", indent=2)
    for line in _about_checkpoints(found):
        print_line(line, indent=2)
    if not problems:
        return
    verdict = f"CUSTODY VERIFICATION FAILED: {format_count(len(problems), 'problem')}."
    draw(sys.stdout, f"{paint(verdict, RED, on=on)}\n")
    print_line("Change nothing on this dock, leave its disk as it is, and inform the investigating officer.")


def _about_checkpoints(found: Verified) -> Iterator[str]:
    if own := found.journal.checkpoints:
        yield f"The entries agree with {format_count(own, 'signed checkpoint')} of the dock's own."
        yield (
            "Not checked on them: who cosigned them (bwvdock-verify journal --policy does), and who signed "
            "their time stamps (openssl ts does)."
        )
    if not found.compared:
        yield "Not compared with an outside checkpoint."
    elif not any(problem.code == "checkpoint" for problem in found.problems) and not found.errors:
        agree = format_count(found.compared, "outside checkpoint agrees", "outside checkpoints agree")
        yield f"{agree} with the journal."


def _lines(problems: list[Problem]) -> Iterator[str]:
    for problem in problems[:_MOST_SHOWN]:
        where = f" (entry {problem.entry})" if problem.entry is not None else ""
        clip = f" (clip {problem.clip})" if problem.clip else ""
        yield visible(f"  {problem.code}: {problem.message}{where}{clip}")
    if len(problems) > _MOST_SHOWN:
        yield f"  and {len(problems) - _MOST_SHOWN:,} more; --json has them all"


class CheckProgress:
    """Shows how far a verification is."""

    def __init__(self) -> None:
        self._line = StatusLine()
        self._next = 0

    def show(self, files: Coverage) -> None:
        """Show how many files were hashed; before the first, that the journal is recomputed."""
        if not files.checked:
            self._line.show("Recomputing the journal…")
        elif files.bytes >= self._next:
            self._next = files.bytes + _SHOW_EVERY_BYTES
            self._line.show(f"{format_count(files.checked, 'file')} hashed again, {size(files.bytes)}")

    def end(self) -> None:
        """Clear the line."""
        self._line.show("")
