"""`bwvdock status`: how is the dock?"""

from __future__ import annotations

import os
import sys
import time
from argparse import Namespace
from datetime import UTC, datetime
from pathlib import Path

from bwvdock.cli.output.screen import coloured, configuration, print_json, width
from bwvdock.cli.output.status_text import render
from bwvdock.config.settings import Config
from bwvdock.core.custody.summary import JournalSummary
from bwvdock.edges.journal.read.glance import summarise
from bwvdock.edges.journal.verify.soundness import check_pages
from bwvdock.errors import JournalDamagedError, JournalError, JournalLostError, NotRunningError, UsageError
from bwvdock.operators.asking import ask
from bwvdock.operators.requests import Status
from bwvdock.status.report import report
from bwvdock.status.values import Live, SpoolUse, StatusReport, live_from_json, to_json

_EVERY_SECONDS = 1.0
_CHECK_SECONDS = 1.0
_ANSWER_SECONDS = 10.0
_CLEAR = "\x1b[H\x1b[2J"


def status(arguments: Namespace) -> int:
    """Show the status once, or again and again."""
    config = configuration(arguments)
    if not arguments.watch:
        return _show(config, as_json=arguments.json)
    if arguments.json:
        raise UsageError(
            "--json prints one document, so it does not go with --watch.", remedy="Leave one out."
        )
    while True:
        shown = _look(config)
        if sys.stdout.isatty():
            sys.stdout.write(_CLEAR)
        _print(shown, as_json=False)
        sys.stdout.flush()
        time.sleep(_EVERY_SECONDS)


def _show(config: Config, *, as_json: bool) -> int:
    shown = _look(config)
    _print(shown, as_json=as_json)
    return shown.exit_code


def _print(shown: StatusReport, *, as_json: bool) -> None:
    if as_json:
        print_json(to_json(shown))
    else:
        print(render(shown, width(), colour=coloured()), end="")


def _look(config: Config) -> StatusReport:
    live, silence = _ask(config)
    summary, trouble = _summary(config, running=live is not None)
    spool = None if live else _spool(config)
    return report(
        summary, live, config, now=datetime.now(UTC), spool=spool, silence=silence, journal_trouble=trouble
    )


def _summary(config: Config, *, running: bool) -> tuple[JournalSummary | None, JournalError | None]:
    """Return what the journal knows, or that it is lost or damaged."""
    from bwvdock.service.own_journal import require_own_journal  # noqa: PLC0415 - where it is asked

    try:
        if not running:  # the daemon that runs has its own, and says itself that it is damaged
            require_own_journal(config)
            if config.journal.exists():
                check_pages(config.journal, seconds=_CHECK_SECONDS)
        return (summarise(config.journal) if config.journal.exists() else None), None
    except (JournalLostError, JournalDamagedError) as error:
        return None, error


def _ask(config: Config) -> tuple[Live | None, str]:
    """Ask the daemon; give what it tells, or how it is silent."""
    try:
        return live_from_json(ask(config.control_socket, Status(), _ANSWER_SECONDS)), ""
    except NotRunningError as error:
        return None, error.message
    except ValueError:
        return None, "The daemon that runs is of another version than this command."


def _spool(config: Config) -> SpoolUse:
    """Look at the spool ourselves when no daemon can be asked."""
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
