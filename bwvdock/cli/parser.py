"""Which commands are there, and what may stand after each?

Here alone: the names, the options, the help and an example for every command. docs/reference/cli.md says the
same at length.
"""

from __future__ import annotations

import argparse
from argparse import SUPPRESS, ArgumentParser
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NoReturn

from bwvdock import __version__
from bwvdock.cli.building import Help, add, call, verbs
from bwvdock.cli.footage_parser import add_assign, add_clips
from bwvdock.errors import UsageError

_EXIT_CODES = """exit codes:
  0  fine                            3   the daemon is not running
  1  it failed, or an error alert    4   custody does not verify
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
    return build(argv[0] if argv else "").parse_args(argv)


def build(command: str = "") -> ArgumentParser:
    """Build the parser of the whole program; of one command alone where `command` is its name.

    A parser for each command takes longer to build than most commands take to run.
    """
    root = _Parser(
        prog="bwvdock",
        description="Takes footage from docked body-worn cameras, whole, into an evidence store.",
        epilog=f"{_EXIT_CODES}\n\nexample:\n  bwvdock status --watch",
        formatter_class=Help,
        allow_abbrev=False,
    )
    root.add_argument("--version", action="version", version=f"bwvdock {__version__}")
    root.add_argument("--config", metavar="FILE", help=SUPPRESS)
    root.add_argument("--json", action="store_true", help=SUPPRESS)
    commands = root.add_subparsers(dest="COMMAND", required=True, prog="bwvdock")
    wanted = {command: _COMMANDS[command]} if command in _COMMANDS else _COMMANDS
    for add_command in wanted.values():
        add_command(commands)
    return root


def _add_run(commands: Any) -> None:  # noqa: ANN401
    add(commands, "run", call("run", "run"), "the daemon, in the foreground", "bwvdock run")


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
        "the whole journey on this machine, with no hardware and no root",
        "bwvdock demo --keep ./demo",
    )
    demo.add_argument("--keep", metavar="DIR", help="keep the vault and the journal here")


def _add_pause(commands: Any) -> None:  # noqa: ANN401
    what = "stop taking footage and uploading, without stopping the daemon"
    add(commands, "pause", call("pause", "pause"), what, "bwvdock pause")


def _add_resume(commands: Any) -> None:  # noqa: ANN401
    what = "go on taking footage and uploading"
    add(commands, "resume", call("pause", "resume"), what, "bwvdock resume")


def _add_status(commands: Any) -> None:  # noqa: ANN401
    status = add(
        commands,
        "status",
        call("status", "status"),
        "the dock, cameras in their bays, the queue, destinations, the spool, alerts",
        "bwvdock status --watch",
    )
    status.add_argument("--watch", action="store_true", help="show it again every second, until Ctrl-C")


def _add_cameras(commands: Any) -> None:  # noqa: ANN401
    listed = call("cameras", "list_cameras")
    group = verbs(
        add(commands, "cameras", listed, "who may dock, and who did", "bwvdock cameras enrol CAM-17")
    )
    add(group, "list", listed, "every camera that was enrolled, revoked or docked", "bwvdock cameras list")
    enrol = add(
        group,
        "enrol",
        call("cameras", "enrol"),
        "admit a camera to this dock",
        "bwvdock cameras enrol CAM-17 --model 'Axon Body 3'",
    )
    enrol.add_argument("serial", metavar="SERIAL")
    enrol.add_argument("--model", metavar="M", default="", help="what the camera is, for people")
    revoke = add(
        group,
        "revoke",
        call("cameras", "revoke"),
        "take a camera's admission away",
        "bwvdock cameras revoke CAM-17 --reason 'reported lost'",
    )
    revoke.add_argument("serial", metavar="SERIAL")
    revoke.add_argument("--reason", metavar="R", required=True, help="why; it goes into the journal")
    add_assign(group)
    probe = add(
        group,
        "probe",
        call("probe", "probe"),
        "what an unknown camera is, and what bwvdock would do with it; changes nothing on it",
        "bwvdock cameras probe 1-2.3",
    )
    probe.add_argument(
        "bay", metavar="BAY", nargs="?", default="", help="its socket or serial (default: all)"
    )


def _add_dockings(commands: Any) -> None:  # noqa: ANN401
    listed = call("dockings", "list_dockings")
    group = verbs(
        add(
            commands,
            "dockings",
            listed,
            "one balance sheet for each time a camera was docked",
            "bwvdock dockings",
        )
    )
    add(group, "list", listed, "every docking, the latest first", "bwvdock dockings list")
    show = add(
        group,
        "show",
        call("dockings", "show"),
        "one docking's balance sheet and what became of each clip",
        "bwvdock dockings show 01kge4",
    )
    show.add_argument("docking", metavar="DOCKING", help="its id, or the beginning of it")


def _add_custody(commands: Any) -> None:  # noqa: ANN401
    custody = add(
        commands, "custody", _needs_verb, "prove that nothing was altered", "bwvdock custody verify"
    )
    verify = add(
        verbs(custody),
        "verify",
        call("custody", "verify"),
        "recompute the whole journal, and hash again what the spool and the vault hold",
        "bwvdock custody verify --journal-only",
    )
    verify.add_argument("--journal-only", action="store_true", help="leave the footage's files unread")


def _add_report(commands: Any) -> None:  # noqa: ANN401
    report = add(
        commands,
        "report",
        _needs_verb,
        "what auditors ask",
        "bwvdock report dockings --from 2026-03-01 --csv",
    )
    group = verbs(report)
    for name, what in {
        "absence": "cameras that were not docked, clips that never came, gaps in cameras' numbering",
        "dockings": "the balance of every docking",
        "retention": "until when each clip is kept, why, and what was disposed of",
        "erasures": "everything that was erased or disposed of, with the entry before each act",
    }.items():
        parser = add(group, name, call("report", name), what, f"bwvdock report {name} --from 2026-03-01")
        parser.add_argument("--from", dest="since", metavar="T", help="from then on (ISO 8601)")
        parser.add_argument("--to", dest="until", metavar="T", help="until then (ISO 8601)")
        parser.add_argument("--csv", action="store_true", help="print CSV, for a spreadsheet")
        if name == "absence":
            parser.add_argument(
                "--days", metavar="N", default="7", help="how long is absent (default: 7 days)"
            )


def _add_dispose(commands: Any) -> None:  # noqa: ANN401
    dispose = add(
        commands,
        "dispose",
        call("dispose", "dispose"),
        "dispose now of footage whose time is over; or show what would go, and what would not and why",
        "bwvdock dispose --dry-run --at 2026-05-01",
    )
    dispose.add_argument("--dry-run", action="store_true", help="change nothing: only show it")
    dispose.add_argument("--at", metavar="T", help="with --dry-run: as if it were then (ISO 8601)")


def _add_config(commands: Any) -> None:  # noqa: ANN401
    config = add(commands, "config", _needs_verb, "the configuration", "bwvdock config check")
    add(
        verbs(config),
        "check",
        call("config_check", "check"),
        "find every mistake in the configuration",
        "bwvdock config check --config ./new.toml",
    )


def _needs_verb(arguments: argparse.Namespace) -> int:
    name = arguments.COMMAND
    raise UsageError(f"What of {name}?", remedy=f"bwvdock {name} --help")


_COMMANDS: Mapping[str, Callable[[Any], None]] = {
    "run": _add_run,
    "init": _add_init,
    "demo": _add_demo,
    "status": _add_status,
    "cameras": _add_cameras,
    "clips": add_clips,
    "dockings": _add_dockings,
    "custody": _add_custody,
    "report": _add_report,
    "dispose": _add_dispose,
    "config": _add_config,
    "pause": _add_pause,
    "resume": _add_resume,
}
