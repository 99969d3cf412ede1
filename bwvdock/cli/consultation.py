"""May officers be shown? Only to somebody who gives a reason, and only once that is recorded.

The daemon records it in the dock's journal. In a copy of a journal (`--journal FILE`) nobody can record
anything: a consultation of a copy is noted in a file beside it. A withheld officer is null in JSON, and the
text says how to see it.
"""

from __future__ import annotations

import json
import os
from argparse import Namespace
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bwvdock.cli.configuration import working_configuration
from bwvdock.cli.journal import Reader, open_copy, open_reader
from bwvdock.cli.output.console import say
from bwvdock.config.settings import Config
from bwvdock.core.moments import iso
from bwvdock.core.visible_text import visible
from bwvdock.edges import durable
from bwvdock.edges.peer import actor_of, this_process
from bwvdock.errors import BwvdockError, NotRunningError, SilentError, StorageError, UsageError
from bwvdock.operators.daemon_client import ask, claimed_login
from bwvdock.operators.decisions import LONGEST_REASON, printable
from bwvdock.operators.requests import Consult

WITHHELD = "(withheld; add --reason R to see it, which is recorded)"
_WITHOUT = "without --reason everything except officers is shown"
_NOTES = ".consultations.jsonl"
_THEN_AGAIN = "then the same command again: it shows nothing without officers"


def may_see(
    arguments: Namespace,
    config: Config,
    *,
    command: str,
    subject: str,
    implied: bool,
    needed: bool = False,
    clips: tuple[str, ...] = (),
) -> bool:
    """Record a consultation; return whether there was one, so that officers may be shown.

    Args:
        arguments: of the command; `reason` is why, None where none was given; `for_request` is the request
            that it is for, if the command has that.
        config: says whether a reason is required.
        command: the command, for the journal.
        subject: what is looked at, likewise.
        implied: the command shows officers by itself where no reason is required.
        needed: the command shows nothing without a consultation.
        clips: the ids of the clips that are looked at, where it is about these.

    Raises:
        NotRunningError: no daemon can record it, so nothing may be shown.
        UsageError: the reason cannot be recorded.
    """
    reason = arguments.reason or ""
    if not reason and (config.reason_required or not implied):
        return False
    try:
        ask(
            config.control_socket,
            Consult(
                command=command,
                subject=subject,
                reason=reason,
                clips=clips,
                for_request=getattr(arguments, "for_request", None) or "",
            ),
        )
    except NotRunningError as silent:
        first = silent.remedy if isinstance(silent, SilentError) else "systemctl start bwvdock"
        raise NotRunningError(
            f"{silent.message} The daemon records every consultation; without it officers are not shown.",
            remedy=f"{first}; {_THEN_AGAIN if needed else _WITHOUT}",
        ) from None
    return True


def by_and_why(who: str | None, why: str | None) -> str:
    """Return who did something and why, for the text output: withheld once, and not twice in one line."""
    return WITHHELD if who is None or why is None else f"{who or '-'}: {why or '-'}"


def must_see(
    arguments: Namespace, config: Config, *, command: str, subject: str, clips: tuple[str, ...] = ()
) -> None:
    """Record a consultation for a command that cannot run without one.

    Raises:
        UsageError: no reason was given.
        NotRunningError: no daemon can record it.
    """
    if not may_see(
        arguments, config, command=command, subject=subject, implied=True, needed=True, clips=clips
    ):
        raise _reason_is_missing(command)


def _reason_is_missing(command: str) -> UsageError:
    what = "who is in a unit" if "unit" in command else "officers' names"
    return UsageError(
        f"`{command}` shows {what}, so a reason is required. Your reason and user name are recorded.",
        remedy="Add a reason to the command, for example: --reason 'disclosure, case C-7'",
    )


# --- clips, in the dock's journal or in a copy -------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Source:
    """The journal that a command reads: the dock's own (`config`), or a copy of one (`copy`)."""

    config: Config | None
    copy: Path | None

    def open(self) -> Reader:
        """Open it for reading.

        Raises:
            JournalError: it cannot be read.
            UsageError: what is called a copy is the dock's own journal.
        """
        if self.copy is not None:
            return open_copy(self.copy)
        assert self.config is not None  # noqa: S101 - one of them is given
        return open_reader(self.config)

    def may_see(
        self,
        arguments: Namespace,
        reader: Reader,
        *,
        command: str,
        subject: str,
        clips: tuple[str, ...] = (),
        implied: bool = True,
        needed: bool = False,
    ) -> bool:
        """Record a consultation, or note it beside the copy; return whether there was one.

        The arguments are those of the function `may_see`.

        Raises:
            NotRunningError: no daemon can record it, so nothing may be shown.
            StorageError: it cannot be noted beside the copy, so nothing may be shown.
            UsageError: the reason cannot be recorded, or is needed and was not given.
        """
        if self.config is not None:
            seen = may_see(
                arguments,
                self.config,
                command=command,
                subject=subject,
                implied=implied,
                needed=needed,
                clips=clips,
            )
        else:
            seen = bool(arguments.reason)
        if not seen and needed:
            raise _reason_is_missing(command)
        if not seen and getattr(arguments, "for_request", None):
            raise UsageError(
                "Without a reason nothing is recorded, and so nothing for the request. "
                "--request is not a filter: it says for what you look.",
                remedy="Add a reason, for example: --reason 'SAR 88/26'; or leave out --request.",
            )
        if seen and self.copy is not None:
            self._note(self.copy, arguments.reason, reader, command=command, subject=subject, clips=clips)
        return seen

    def _note(
        self, copy: Path, reason: str, reader: Reader, *, command: str, subject: str, clips: tuple[str, ...]
    ) -> None:
        said = reader.summary()
        note = {
            "what": "somebody was shown who is linked to footage, in a copy of a dock's journal",
            "at": iso(datetime.now(UTC)),
            "command": command,
            "subject": subject,
            "clips": clips,
            "reason": printable(reason, "reason", longest=LONGEST_REASON),
            "actor": actor_of(this_process(), claimed=claimed_login()),
            "journal": {"entries": said.entries, "root": said.root},
        }
        notes = note_beside(copy, note)
        say(f"bwvdock: this consultation of the copy was noted in {visible(str(notes))}.")


def source_of(arguments: Namespace) -> Source:
    """Return the journal that the arguments name: `--journal FILE`, or that of the configuration.

    Raises:
        ConfigError: the configuration is wrong, and no copy is named.
        UsageError: the file is the journal of this machine's own dock.
    """
    if arguments.journal is None:
        return Source(working_configuration(arguments), None)
    copy = Path(arguments.journal)
    try:
        own = working_configuration(arguments).journal
        is_own = own.exists() and copy.exists() and own.samefile(copy)
    except (BwvdockError, OSError):
        is_own = False  # an expert's machine has no dock, or one whose files it may not see
    if is_own:
        raise UsageError(
            f"{copy} is the journal of this dock, and no copy: its consultations are entries of the journal.",
            remedy="Leave out --journal.",
        )
    return Source(None, copy)


def note_beside(copy: Path, note: Mapping[str, object]) -> Path:
    """Append a note to the file of consultations beside a copy, durably; return that file.

    Raises:
        StorageError: it cannot be written.
    """
    path = copy.with_name(copy.name + _NOTES)
    line = json.dumps(note, ensure_ascii=False).encode() + b"\n"
    try:
        above = durable.open_directory(str(path.parent))
        try:
            flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
            fd = os.open(path.name, flags, 0o600, dir_fd=above)
            try:
                if os.write(fd, line) != len(line):
                    raise OSError(28, "no room for the whole line")
                durable.sync_log(fd)
            finally:
                os.close(fd)
            durable.sync_directory(above)
        finally:
            os.close(above)
    except OSError as error:
        raise StorageError(
            f"The consultation cannot be noted in {path}: {error.strerror}. Officers are not shown.",
            remedy="Put the copy into a directory that you may write, then type the same command again.",
        ) from error
    return path
