"""`bwvdock status`: what is the dock doing, and what is wrong?"""

from __future__ import annotations

import os
import sys
import time
from argparse import Namespace
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from bwvdock.cli.configuration import Working, brief, look_at_configuration
from bwvdock.cli.output.console import coloured, print_json, width
from bwvdock.cli.output.status_text import render
from bwvdock.cli.output.terminal import draw
from bwvdock.config.disks import vaults_beside_spool
from bwvdock.config.settings import Config
from bwvdock.core.custody.summary import JournalSummary
from bwvdock.core.plain_json import restored
from bwvdock.edges.journal.read.summary import summarise
from bwvdock.edges.journal.verify.last import LastVerification, read_last
from bwvdock.edges.journal.verify.soundness import check_pages
from bwvdock.edges.rights import as_owner_of, may_enter
from bwvdock.errors import (
    JournalDamagedError,
    JournalError,
    JournalFullError,
    JournalLostError,
    NotRunningError,
    SilentError,
    StorageError,
    UsageError,
)
from bwvdock.operators.daemon_client import ask, ask_journal
from bwvdock.operators.requests import Query, Status
from bwvdock.status.alert_order import in_order
from bwvdock.status.alerts.disks import explain_full_spool
from bwvdock.status.disks_seen import with_disks
from bwvdock.status.report import Custody, FileUse, report
from bwvdock.status.values import Live, SpoolUse, StatusReport, live_from_json, to_json

_EVERY_SECONDS = 1.0
_CHECK_SECONDS = 1.0
_ANSWER_SECONDS = 5.0


def status(arguments: Namespace) -> int:
    """Show the status once, in one of its forms, or every second."""
    form = next((name for name in ("watch", "short", "nagios") if getattr(arguments, name)), "")
    if arguments.json and form:
        raise UsageError(f"--json and --{form} cannot be combined.", remedy="Use one of them.")
    used = look_at_configuration(arguments)
    if form != "watch":
        return _show(used, arguments)
    if sys.stdout.isatty() and os.environ.get("TERM") not in {None, "", "dumb"}:
        from bwvdock.cli.watch.command import watch  # noqa: PLC0415 - rich is loaded for this alone

        return watch(partial(look, used))
    while True:  # one report below the other, for a pipe or a terminal that knows no sequences
        draw(sys.stdout, render(look(used), width(), colour=coloured()))
        sys.stdout.flush()
        time.sleep(_EVERY_SECONDS)


def _show(used: Working, arguments: Namespace) -> int:
    shown = look(used)
    if arguments.nagios:
        from bwvdock.cli.output.nagios import plugin_output, state_of  # noqa: PLC0415 - where it is asked for

        print(plugin_output(shown, datetime.now(UTC)))
        return state_of(shown)
    _print(shown, arguments)
    return shown.exit_code


def _print(shown: StatusReport, arguments: Namespace) -> None:
    if arguments.json:
        print_json(to_json(shown))
    elif arguments.short:
        from bwvdock.cli.output.status_line import status_line  # noqa: PLC0415 - where it is asked for

        print(status_line(shown, datetime.now(UTC)))
    else:
        draw(sys.stdout, render(shown, width(), colour=coloured()))


def look(used: Working) -> StatusReport:
    """Return what `bwvdock status` reports, by the daemon and the journal."""
    config = used.config
    live, silence = _ask(config)
    silent = isinstance(silence, SilentError)
    summary, trouble = _summary(config, running=live is not None, silent=silent)
    spool = None if live else _spool(config)
    status = report(
        summary,
        live,
        config,
        now=datetime.now(UTC),
        spool=spool,
        silence=silence,
        file=FileUse(trouble=brief(used.trouble) if used.trouble else "", pending=used.pending),
        custody=Custody(
            trouble=trouble,
            ended=None if live else _ended(config),
            last=LastVerification() if live else _last(config),
        ),
    )
    required = {store.name for store in config.destinations if store.required}
    beside = partial(vaults_beside_spool, config)
    status = with_disks(status, config)
    explained = explain_full_spool(status, required=required, beside=beside, place=str(config.spool))
    return replace(explained, alerts=tuple(in_order(explained.alerts)))


def _ended(config: Config) -> JournalError | None:
    from bwvdock.edges.journal.put_back import ended  # noqa: PLC0415 - where no daemon runs

    if not may_enter(config.state_dir) or not config.state_dir.is_dir():
        return None
    with suppress(JournalError, StorageError), as_owner_of(config.state_dir):  # what is wrong, others say
        return ended(config.journal)
    return None


def _last(config: Config) -> LastVerification:
    if not may_enter(config.state_dir) or not config.state_dir.is_dir():
        return LastVerification()
    with as_owner_of(config.state_dir):
        return read_last(config.state_dir)


def _summary(
    config: Config, *, running: bool, silent: bool
) -> tuple[JournalSummary | None, JournalError | None]:
    """Return what the journal knows, or that it is lost, damaged or on a full disk."""
    from bwvdock.service.journal_identity import require_own_journal  # noqa: PLC0415 - where it is asked

    try:
        if not may_enter(config.state_dir):
            return (None if silent else _told_summary(config)), None
        if not config.state_dir.is_dir():
            return None, None
        with as_owner_of(config.state_dir):  # root follows no name that the dock's user may have put there
            if not running:  # the daemon that runs has its own, and says itself that it is damaged
                require_own_journal(config)
                if config.journal.exists():
                    check_pages(config.journal, seconds=_CHECK_SECONDS)
            return (summarise(config.journal) if config.journal.exists() else None), None
    except (JournalLostError, JournalDamagedError, JournalFullError) as error:
        return None, error


def _told_summary(config: Config) -> JournalSummary | None:
    """Ask the daemon for what its journal says; None where none runs: nobody else here may read it."""
    try:
        [told] = ask_journal(config.control_socket, Query(what="summary"))
        return restored(JournalSummary, told)
    except (NotRunningError, ValueError):
        return None


def _ask(config: Config) -> tuple[Live | None, NotRunningError | None]:
    """Ask the daemon; return its answer, or why there was none."""
    try:
        return live_from_json(ask(config.control_socket, Status(), _ANSWER_SECONDS)), None
    except NotRunningError as error:
        return None, error
    except ValueError:
        return None, NotRunningError("The running daemon is a different version from this command.")


def _spool(config: Config) -> SpoolUse:
    """Measure the spool directly when no daemon can be asked."""
    try:
        disk = os.statvfs(config.spool)
        return SpoolUse(
            bytes=_bytes_under(config.spool), free_bytes=disk.f_bavail * disk.f_frsize - config.min_free
        )
    except OSError:
        return SpoolUse()


def _bytes_under(folder: Path) -> int:
    return sum(
        os.lstat(os.path.join(parent, name)).st_size for parent, _, names in os.walk(folder) for name in names
    )
