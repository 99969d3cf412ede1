"""Which commands are there, and which arguments does each take?

This module and footage_parser.py hold the names, options, help texts and examples of all commands;
docs/reference/cli.md explains them in detail.
"""

from __future__ import annotations

import argparse
from argparse import SUPPRESS, ArgumentParser
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, NoReturn

from bwvdock import __version__
from bwvdock.cli.audit.parser import AUDIT_REPORTS, add_audits, add_disclose
from bwvdock.cli.backup.parser import VERBS as _BACKUP_VERBS
from bwvdock.cli.backup.parser import add_backup, with_verb
from bwvdock.cli.building import Help, add, add_days, add_period, call, verbs
from bwvdock.cli.checkout.parser import add_checkout
from bwvdock.cli.custody.parser import add_custody
from bwvdock.cli.doctor.parser import add_doctor
from bwvdock.cli.events.parser import add_events, add_figures
from bwvdock.cli.feeds.parser import add_feed
from bwvdock.cli.footage_parser import (
    add_assign,
    add_clips,
    add_enrol,
    add_filters,
)
from bwvdock.cli.health.parser import add_health
from bwvdock.cli.holdings.parser import add_holdings
from bwvdock.cli.lights.parser import add_lights
from bwvdock.cli.notify.parser import add_notify
from bwvdock.cli.plan.parser import add_plan
from bwvdock.cli.requests.parser import add_request
from bwvdock.cli.support.parser import add_support
from bwvdock.cli.witness.parser import add_witness
from bwvdock.errors import UsageError

_EXIT_CODES = """exit codes:
  0  success                         3   the daemon is not running
  1  failure, or an error alert      4   custody verification failed
  2  wrong usage                     78  the configuration is wrong"""


class _Parser(ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message[:1].upper()}{message[1:]}.", remedy=f"{self.prog} --help")


def parse(argv: Sequence[str]) -> argparse.Namespace:
    """Parse the arguments; `command` is the function to call with them.

    Raises:
        UsageError: they are wrong.
        SystemExit: --help or --version was asked for, and was answered.
    """
    argv = with_verb(argv)
    arguments, more = build(argv[0] if argv else "").parse_known_args(argv)
    if more:
        words = [arguments.COMMAND, getattr(arguments, "VERB", None) or ""]
        command = " ".join(["bwvdock", *filter(None, words)])
        raise UsageError(f"Unrecognized arguments: {' '.join(more)}.", remedy=f"{command} --help")
    return arguments


def build(command: str = "") -> ArgumentParser:
    """Build the parser of the whole program, or of the one command named `command`.

    A parser for each command takes longer to build than most commands take to run.
    """
    root = _Parser(
        prog="bwvdock",
        description="Copies footage from docked body-worn cameras to evidence stores and proves each copy.",
        epilog=f"{_EXIT_CODES}\n\nexample:\n  bwvdock status --watch",
        formatter_class=Help,
        allow_abbrev=False,
    )
    root.add_argument("--version", action="version", version=f"bwvdock {__version__}")
    root.add_argument("--config", metavar="FILE", help=SUPPRESS)
    root.add_argument("--json", action="store_true", help=SUPPRESS)
    # A list of all names in braces would be one word, wider than a terminal.
    commands = root.add_subparsers(
        dest="COMMAND", required=True, prog="bwvdock", title="commands", metavar="COMMAND"
    )
    wanted = {command: _COMMANDS[command]} if command in _COMMANDS else _COMMANDS
    for add_command in wanted.values():
        add_command(commands)
    return root


def _add_run(commands: Any) -> None:  # noqa: ANN401
    add(commands, "run", call("run", "run"), "run the daemon in the foreground", "bwvdock run")


def _add_init(commands: Any) -> None:  # noqa: ANN401
    init = add(
        commands,
        "init",
        call("init", "init"),
        "make state directory, journal and directory vaults, once",
        "bwvdock init",
    )
    init.add_argument(
        "--after-loss",
        action="store_true",
        help="begin a new journal, or vault, in place of one that is lost",
    )
    init.add_argument(
        "--reason", metavar="R", help="with --after-loss: why; it is recorded in the new journal"
    )


def _add_demo(commands: Any) -> None:  # noqa: ANN401
    demo = add(
        commands,
        "demo",
        call("run", "demo"),
        "show the whole process on this machine, without hardware or root",
        "bwvdock demo --keep ./demo",
    )
    demo.add_argument("--keep", metavar="DIR", help="work in this folder and keep it afterwards")


def _add_pause(commands: Any) -> None:  # noqa: ANN401
    what = "stop copying and uploading; the daemon keeps running"
    add(commands, "pause", call("pause", "pause"), what, "bwvdock pause")


def _add_resume(commands: Any) -> None:  # noqa: ANN401
    what = "resume copying and uploading"
    add(commands, "resume", call("pause", "resume"), what, "bwvdock resume")


def _add_status(commands: Any) -> None:  # noqa: ANN401
    status = add(
        commands,
        "status",
        call("status", "status"),
        "show the dock, docked cameras, the queue, destinations, the spool and alerts",
        "bwvdock status --watch",
    )
    form = status.add_mutually_exclusive_group()
    form.add_argument("--watch", action="store_true", help="keep it on the terminal until Ctrl-C")
    form.add_argument(
        "--short", action="store_true", help="one line of at most 100 columns: for a prompt or a wall screen"
    )
    form.add_argument(
        "--nagios",
        action="store_true",
        help="as a Nagios or Icinga plugin: OK, WARNING, CRITICAL or UNKNOWN, with performance data; the "
        "exit code is the state (0, 1, 2, 3)",
    )


def _add_cameras(commands: Any) -> None:  # noqa: ANN401
    listed = call("cameras", "list_cameras")
    group = verbs(
        add(
            commands,
            "cameras",
            listed,
            "list, enrol, revoke, assign, check out and probe cameras",
            "bwvdock cameras enrol CAM-17",
        )
    )
    add(
        group,
        "list",
        listed,
        "list every camera that was enrolled, revoked or docked here",
        "bwvdock cameras list",
    )
    add_enrol(group)
    revoke = add(
        group,
        "revoke",
        call("cameras", "revoke"),
        "withdraw a camera's admission",
        "bwvdock cameras revoke CAM-17 --reason 'reported lost'",
    )
    revoke.add_argument("serial", metavar="SERIAL")
    revoke.add_argument("--reason", metavar="R", required=True, help="the reason, recorded in the journal")
    add_assign(group)
    add_checkout(group)
    probe = add(
        group,
        "probe",
        call("probe", "probe"),
        "identify a camera and show what bwvdock would do with it; changes nothing on it",
        "bwvdock cameras probe 1-2.3",
    )
    probe.add_argument(
        "bay", metavar="BAY", nargs="?", default="", help="USB port or serial (default: every docked camera)"
    )
    add_health(group)


def _add_dockings(commands: Any) -> None:  # noqa: ANN401
    listed = call("dockings", "list_dockings")
    dockings = add(
        commands,
        "dockings",
        listed,
        "show a balance sheet for each time a camera was docked",
        "bwvdock dockings --since 2026-03-01",
    )
    add_period(dockings, "only cameras docked")
    group = verbs(dockings)
    listing = add(
        group,
        "list",
        listed,
        "list every docking, latest first",
        "bwvdock dockings list --since 2026-03-01",
    )
    add_period(listing, "only cameras docked", default=SUPPRESS)
    show = add(
        group,
        "show",
        call("dockings", "show"),
        "show the balance sheet of one docking and the outcome for each clip",
        "bwvdock dockings show 01kge4",
    )
    show.add_argument("docking", metavar="DOCKING", help="the docking's id, or a unique beginning of it")


def _add_report(commands: Any) -> None:  # noqa: ANN401
    report = add(
        commands,
        "report",
        _needs_verb,
        "reports for auditors",
        "bwvdock report dockings --since 2026-03-01 --csv",
    )
    group = verbs(report)
    add_holdings(group)
    for name, what in _REPORTS.items():
        parser = add(group, name, call("report", name), what, f"bwvdock report {name} --since 2026-03-01")
        add_period(parser, "only what happened")
        add_filters(parser, name)
        parser.add_argument("--from", dest="since", help=SUPPRESS)  # its name before every filter had one
        parser.add_argument("--to", dest="until", help=SUPPRESS)
        parser.add_argument("--csv", action="store_true", help="print CSV for a spreadsheet")
        if name == "absence":
            add_days(parser)
        elif name == "missing":
            add_figures(parser)
    add_audits(group)


def _add_dispose(commands: Any) -> None:  # noqa: ANN401
    dispose = add(
        commands,
        "dispose",
        call("dispose", "dispose"),
        "dispose now of footage past its retention date, or show what would go and why",
        "bwvdock dispose --dry-run --until 2026-05-01",
    )
    dispose.add_argument(
        "--proven",
        action="store_true",
        help="make room: dispose of the spool's copies that every required destination proves, before their "
        "date; vaults keep theirs",
    )
    dispose.add_argument(
        "--dry-run", action="store_true", help="show what would be disposed of; change nothing"
    )
    dispose.add_argument(
        "--until", dest="at", metavar="T", help="with --dry-run: what is due by this time (ISO 8601)"
    )
    dispose.add_argument("--at", dest="at", help=SUPPRESS)


def _add_config(commands: Any) -> None:  # noqa: ANN401
    config = add(commands, "config", _needs_verb, "check the configuration", "bwvdock config check")
    add(
        verbs(config),
        "check",
        call("config_check", "check"),
        "report every mistake in the configuration",
        "bwvdock config check --config ./new.toml",
    )


def _needs_verb(arguments: argparse.Namespace) -> int:
    name = arguments.COMMAND
    *others, last = _VERBS[name]
    verbs_of_it = f"{', '.join(others)} or {last}" if others else last
    raise UsageError(f"'{name}' needs a subcommand: {verbs_of_it}.", remedy=f"bwvdock {name} --help")


_REPORTS: Mapping[str, str] = {
    "absence": "list cameras not docked, clips never copied, and gaps in file numbering",
    "dockings": "list the balance of every docking",
    "missing": "list calls without footage, officers without a docking and cameras that are out",
    "retention": "list how long each clip is kept and why, and what was disposed of",
    "erasures": "list every erasure and disposal, with the entry recorded before each",
}
_VERBS: Mapping[str, Sequence[str]] = {
    "custody": ("report", "export", "verify", "checkpoint", "erase-values", "succeed"),
    "report": (*_REPORTS, *AUDIT_REPORTS, "holdings"),
    "config": ("check",),
    "notify": ("test",),
    "feed": ("test",),
    "lights": ("reset",),
    "backup": _BACKUP_VERBS,
    "witness": ("init", "add-log", "serve", "status", "evidence"),
}
_COMMANDS: Mapping[str, Callable[[Any], None]] = {
    "run": _add_run,
    "init": _add_init,
    "demo": _add_demo,
    "status": _add_status,
    "doctor": add_doctor,
    "cameras": _add_cameras,
    "clips": add_clips,
    "events": add_events,
    "dockings": _add_dockings,
    "custody": partial(add_custody, needs_verb=_needs_verb),
    "report": _add_report,
    "disclose": add_disclose,
    "dispose": _add_dispose,
    "config": _add_config,
    "notify": partial(add_notify, needs_verb=_needs_verb),
    "feed": partial(add_feed, needs_verb=_needs_verb),
    "lights": partial(add_lights, needs_verb=_needs_verb),
    "request": add_request,
    "plan": add_plan,
    "backup": partial(add_backup, needs_verb=_needs_verb),
    "support-bundle": add_support,
    "pause": _add_pause,
    "resume": _add_resume,
    "witness": partial(add_witness, needs_verb=_needs_verb),
}
