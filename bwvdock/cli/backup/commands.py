"""`bwvdock backup`: make a backup, check it, put it back."""

from __future__ import annotations

import os
import time
from argparse import Namespace
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from bwvdock.backup.check import Age, Checked, State, age_of, backups_in, require_one
from bwvdock.backup.check import check as check_backup
from bwvdock.backup.make import Made, Wanted, require_usable
from bwvdock.backup.make import make as make_backup
from bwvdock.backup.moving import close_for_move
from bwvdock.backup.moving import give_up_move as give_up
from bwvdock.cli import complain
from bwvdock.cli.commands.init import give_to_service
from bwvdock.cli.configuration import working_configuration
from bwvdock.cli.moments import when
from bwvdock.cli.orders import carry_out
from bwvdock.cli.output.console import GREEN, RED, coloured, paint, print_json, print_line, say, size
from bwvdock.cli.output.terminal import StatusLine
from bwvdock.core.visible_text import visible
from bwvdock.edges.peer import actor_of, this_process
from bwvdock.edges.rights import as_owner_of, may_enter
from bwvdock.edges.system import SystemClock
from bwvdock.errors import BwvdockError, CustodyError, JournalError, UsageError
from bwvdock.operators.daemon_client import claimed_login
from bwvdock.operators.observed import BackedUp
from bwvdock.units import format_age, format_count

if TYPE_CHECKING:
    from bwvdock.config.settings import Config

_SHOW_EVERY = 0.2  # seconds


def make(arguments: Namespace) -> int:
    """Make a backup, and have it recorded that there is one."""
    config = working_configuration(arguments)
    above = Path(arguments.folder).absolute()
    footage = arguments.with_footage or arguments.move  # on another machine there is nothing else
    wanted = Wanted(config=config, above=above, footage=footage, now=datetime.now(UTC))
    with _closed(arguments, config, above), Progress() as progress:
        made = make_backup(wanted, progress.show)
    trouble = None if made.whole.moved else _record(arguments, made)
    if arguments.json:
        print_json({"path": str(made.path), **asdict(made.whole), "recorded": trouble is None})
    else:
        _tell(made)
    if trouble is not None:
        say("bwvdock: the backup is whole, and could not be recorded in the journal:")
        complain(trouble)
        return trouble.exit_code
    return 0


@contextmanager
def _closed(arguments: Namespace, config: Config, above: Path) -> Iterator[None]:
    """Close the journal for a move, if that was asked for; open it again if no backup comes of it."""
    if not arguments.move:
        yield
        return
    require_usable(config, above)  # before the journal is closed
    actor = actor_of(this_process(), claimed=claimed_login())
    with as_owner_of(config.state_dir):
        closed = close_for_move(config, SystemClock(), actor=actor)
    try:
        yield
    except BaseException:
        if closed:
            with as_owner_of(config.state_dir):
                give_up(config, SystemClock())
        raise


def _record(arguments: Namespace, made: Made) -> BwvdockError | None:
    whole = made.whole
    order = BackedUp(
        entries=whole.entries, root=whole.root, footage=whole.files, size=whole.size, left_out=whole.left_out
    )
    try:
        carry_out(arguments, order)
    except BwvdockError as error:
        return error
    return None


def _tell(made: Made) -> None:
    whole = made.whole
    print_line(f"Backup of dock {whole.dock}: {made.path}")
    for line in _holds(whole):
        print_line(line, indent=2)
    if whole.problems:
        problems = format_count(whole.problems, "problem")
        print_line(
            f"{problems} found in the journal: type bwvdock custody verify, and keep this backup.", indent=2
        )
    if whole.moved:
        print_line("The journal is closed here, and is continued where this backup is put back.", indent=2)
    say("It has names, serials and the secrets of the configuration: keep it as safe as the dock.")


def _holds(whole: Any) -> Iterator[str]:  # noqa: ANN401 - what COMPLETE says
    yield f"Journal  {format_count(whole.entries, 'entry', 'entries')}, root {whole.root[:16]}…"
    if whole.files:
        yield f"Footage  {format_count(whole.files, 'file')}, {size(whole.size)}"
    if whole.left_out:
        yield f"Without  {format_count(whole.left_out, 'file')} of footage: NOT-IN-BACKUP.tsv lists them"


def give_up_move(arguments: Namespace) -> int:
    """Continue a journal here that was closed for a move."""
    config = working_configuration(arguments)
    with as_owner_of(config.state_dir):
        give_up(config, SystemClock())
    message = "The journal is continued here. Never put the backup back that was made for the move."
    if arguments.json:
        print_json({"message": message})
    else:
        print_line(message)
    return 0


# --- check -------------------------------------------------------------------------------------------


def check(arguments: Namespace) -> int:
    """Read backups, and show what they hold and how old they are."""
    found: list[tuple[Checked, dict[str, Any]]] = []
    config, trouble = _configuration(arguments)
    with Progress() as progress:
        for folder in backups_in(Path(arguments.folder).absolute()):
            checked = check_backup(folder, progress.show)
            found.append((checked, _compared(checked, config)))
    found = _in_order(found)
    if arguments.json:
        print_json([_document(checked, age) for checked, age in found])
    else:
        for checked, age in found:
            _show(checked, age)
    if trouble is not None:
        say(f"Not compared with a journal in use: {visible(trouble.message.splitlines()[0])}")
    return max(_code(checked) for checked, _ in found)


def _in_order(found: Sequence[tuple[Checked, dict[str, Any]]]) -> list[tuple[Checked, dict[str, Any]]]:
    """Return backups with the latest last, by what their journals have; then those that cannot say.

    Their names have the dock's clock, which may have been set back between two.
    """
    wholes = [checked.whole for checked, _ in found if checked.whole]
    journals = list(dict.fromkeys(whole.journal for whole in wholes))

    def place(one: tuple[Checked, dict[str, Any]]) -> tuple[int, int]:
        whole = one[0].whole
        return (journals.index(whole.journal), whole.entries) if whole else (len(journals), 0)

    return sorted(found, key=place)


def _code(checked: Checked) -> int:
    if checked.state is not State.WHOLE:
        return 1
    return CustodyError.exit_code if checked.problems else 0


def _configuration(arguments: Namespace) -> tuple[Config | None, BwvdockError | None]:
    """Return the dock's configuration; on a machine that has none, why there is none."""
    try:
        return working_configuration(arguments), None
    except BwvdockError as error:
        return None, error


def _compared(checked: Checked, config: Config | None) -> dict[str, Any]:
    whole = checked.whole
    unknown = {"age": str(Age.UNKNOWN), "entries_apart": None}
    if checked.state is not State.WHOLE or whole is None or config is None:
        return unknown
    if whole.dock != config.dock:
        return {"age": str(Age.OTHER), "entries_apart": None}
    if not may_enter(config.state_dir) or not config.journal.exists():
        return unknown
    try:
        age, apart = age_of(whole, checked.path, config.journal)
    except JournalError:
        return unknown
    return {"age": str(age), "entries_apart": apart}


def _document(checked: Checked, age: dict[str, Any]) -> dict[str, Any]:
    whole = asdict(checked.whole) if checked.whole else {}
    return {
        "path": str(checked.path),
        "state": str(checked.state),
        "faults": checked.faults,
        "journal_problems": checked.problems,
        **age,
        **whole,
    }


_STATES = {
    State.WHOLE: "WHOLE: every file is as it was written",
    State.UNFINISHED: "NO BACKUP: it was cut off while it was made, and can be removed",
    State.DAMAGED: "NO BACKUP: it is damaged",
}
_AGES = {
    Age.SAME: "it has every entry of the journal in use",
    Age.NEWER: "the journal in use has {apart} fewer than the backup: it was put back from an older one",
    Age.DIFFERENT: "the journal in use has the same id and other entries",
    Age.OTHER: "it is not the journal that is in use here",
    Age.UNKNOWN: "not compared with the journal in use",
}


def _show(checked: Checked, age: dict[str, Any]) -> None:
    whole = checked.whole
    colour = GREEN if checked.state is State.WHOLE and not checked.problems else RED
    print_line(str(checked.path))
    state = _STATES[checked.state]
    word, _, rest = state.partition(":")
    print(f"  {paint(word, colour, on=coloured())}:{rest}")
    for fault in checked.faults:
        print_line(fault, indent=4)
    if whole is None:
        return
    old = format_age(datetime.now(UTC) - datetime.fromisoformat(whole.made_at))
    print_line(f"Made     {when(whole.made_at)}, {old} ago, of dock {whole.dock}", indent=2)
    for line in _holds(whole):
        print_line(line, indent=2)
    if checked.state is State.WHOLE:
        print_line(f"Beside   {_beside(age)}", indent=2)
    if whole.moved:
        print_line("Moved    its journal was closed, and is continued where this is put back", indent=2)
    for problem in checked.problems:
        print_line(f"The journal in it: {problem}", indent=4)


def _beside(age: dict[str, Any]) -> str:
    if age["age"] == Age.OLDER:
        entries = format_count(age["entries_apart"], "entry", "entries")
        return f"the journal in use has {entries} more"
    return _AGES[Age(age["age"])].format(apart=age["entries_apart"])


# --- restore -----------------------------------------------------------------------------------------


def restore(arguments: Namespace) -> int:
    """Put a backup's state into a directory that has no dock."""
    from bwvdock.backup.restore import restore as carry_out_restore  # noqa: PLC0415 - where it is asked for

    folder, state_dir = Path(arguments.folder).absolute(), Path(arguments.to).absolute()
    if not folder.is_dir():
        raise UsageError(f"{folder} is not a directory.", remedy="Name a backup: bwvdock backup check DIR")
    require_one(folder, state_dir)
    give_to_service(state_dir)
    with Progress() as progress:
        done = carry_out_restore(folder, state_dir, progress.show)
    if arguments.json:
        print_json({"state_dir": str(state_dir), "files": done.files, **asdict(done.whole)})
        return 0
    whole = done.whole
    print_line(f"The state of dock {whole.dock} of {when(whole.made_at)} is in {state_dir}.")
    print_line(f"Its configuration is in {folder / 'etc'}: compare it with /etc/bwvdock.", indent=2)
    if whole.moved:
        print_line("The journal is continued here: systemctl start bwvdock", indent=2)
    else:
        print_line(
            "What the dock recorded after the backup is not in this journal, so it is not continued. Begin "
            "one that names it: bwvdock custody succeed --reason R",
            indent=2,
        )
    return 0


class Progress:
    """Shows which file is being read or written, and how many bytes were. A context manager."""

    def __init__(self) -> None:
        self._line = StatusLine()
        self._next = 0.0
        self._bytes = 0
        self._path = ""

    def show(self, path: str, count: int) -> None:
        """Show the file, and count bytes; `path` is "" for the same one."""
        self._path = path or self._path
        self._bytes += count
        if time.monotonic() >= self._next:
            self._next = time.monotonic() + _SHOW_EVERY
            self._line.show(f"{size(self._bytes)}  {visible(os.path.basename(self._path))}")

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        self._line.show("")
