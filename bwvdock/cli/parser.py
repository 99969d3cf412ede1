"""Which commands are there, and what may stand after each?

Here alone: the names, the options, the help and an example for every command. docs/reference/cli.md says the
same at length.
"""

from __future__ import annotations

import argparse
import os
from argparse import SUPPRESS, ArgumentParser
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import Any, NoReturn

from bwvdock import __version__
from bwvdock.errors import UsageError

Command = Callable[[argparse.Namespace], int]

_EXIT_CODES = """exit codes:
  0  fine                            3   the daemon is not running
  1  it failed, or an error alert    4   custody does not verify
  2  wrong usage                     78  the configuration is wrong"""


class _Help(argparse.RawDescriptionHelpFormatter):
    """Asks for the width itself: argparse loads shutil for that, for each argument of each command."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, width=_width() - 2)


def _width() -> int:
    try:
        return int(os.environ.get("COLUMNS", "")) or 80
    except ValueError:
        pass
    try:
        return os.get_terminal_size().columns or 80
    except OSError:
        return 80


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
        formatter_class=_Help,
        allow_abbrev=False,
    )
    root.add_argument("--version", action="version", version=f"bwvdock {__version__}")
    root.add_argument("--config", metavar="FILE", help=SUPPRESS)
    root.add_argument("--json", action="store_true", help=SUPPRESS)
    commands = root.add_subparsers(dest="COMMAND", required=True, prog="bwvdock")
    wanted = {command: _COMMANDS[command]} if command in _COMMANDS else _COMMANDS
    for add in wanted.values():
        add(commands)
    return root


def _call(module: str, function: str) -> Command:
    def command(arguments: argparse.Namespace) -> int:
        called: Command = getattr(import_module(f"bwvdock.cli.{module}"), function)
        return called(arguments)

    return command


def _add(commands: Any, name: str, command: Command, what: str, example: str) -> ArgumentParser:  # noqa: ANN401
    parser: ArgumentParser = commands.add_parser(
        name,
        help=what,
        description=f"{what[:1].upper()}{what[1:]}.",
        epilog=f"example:\n  {example}",
        formatter_class=_Help,
        allow_abbrev=False,
    )
    # SUPPRESS: what stands before the command's name is not undone by a default after it.
    parser.add_argument(
        "--config",
        metavar="FILE",
        default=SUPPRESS,
        help="the configuration (default: $BWVDOCK_CONFIG, or /etc/bwvdock/bwvdock.toml)",
    )
    parser.add_argument(
        "--json", action="store_true", default=SUPPRESS, help="print one JSON document and nothing else"
    )
    parser.set_defaults(command=command)
    return parser


def _verbs(group: ArgumentParser) -> Any:  # noqa: ANN401 - argparse has no public name for it
    return group.add_subparsers(dest="VERB", prog=group.prog)


def _add_run(commands: Any) -> None:  # noqa: ANN401
    _add(commands, "run", _call("run", "run"), "the daemon, in the foreground", "bwvdock run")


def _add_demo(commands: Any) -> None:  # noqa: ANN401
    demo = _add(
        commands,
        "demo",
        _call("run", "demo"),
        "the whole journey on this machine, with no hardware and no root",
        "bwvdock demo --keep ./demo",
    )
    demo.add_argument("--keep", metavar="DIR", help="keep the vault and the journal here")


def _add_pause(commands: Any) -> None:  # noqa: ANN401
    what = "stop taking footage and uploading, without stopping the daemon"
    _add(commands, "pause", _call("pause", "pause"), what, "bwvdock pause")


def _add_resume(commands: Any) -> None:  # noqa: ANN401
    what = "go on taking footage and uploading"
    _add(commands, "resume", _call("pause", "resume"), what, "bwvdock resume")


def _add_status(commands: Any) -> None:  # noqa: ANN401
    status = _add(
        commands,
        "status",
        _call("status", "status"),
        "the dock, cameras in their bays, the queue, destinations, the spool, alerts",
        "bwvdock status --watch",
    )
    status.add_argument("--watch", action="store_true", help="show it again every second, until Ctrl-C")


def _add_cameras(commands: Any) -> None:  # noqa: ANN401
    listed = _call("cameras", "list_cameras")
    verbs = _verbs(
        _add(commands, "cameras", listed, "who may dock, and who did", "bwvdock cameras enrol CAM-17")
    )
    _add(verbs, "list", listed, "every camera that was enrolled, revoked or docked", "bwvdock cameras list")
    enrol = _add(
        verbs,
        "enrol",
        _call("cameras", "enrol"),
        "admit a camera to this dock",
        "bwvdock cameras enrol CAM-17 --model 'Axon Body 3'",
    )
    enrol.add_argument("serial", metavar="SERIAL")
    enrol.add_argument("--model", metavar="M", default="", help="what the camera is, for people")
    revoke = _add(
        verbs,
        "revoke",
        _call("cameras", "revoke"),
        "take a camera's admission away",
        "bwvdock cameras revoke CAM-17 --reason 'reported lost'",
    )
    revoke.add_argument("serial", metavar="SERIAL")
    revoke.add_argument("--reason", metavar="R", required=True, help="why; it goes into the journal")
    probe = _add(
        verbs,
        "probe",
        _call("probe", "probe"),
        "what an unknown camera is, and what bwvdock would do with it; changes nothing on it",
        "bwvdock cameras probe 1-2.3",
    )
    probe.add_argument(
        "bay", metavar="BAY", nargs="?", default="", help="its socket or serial (default: all)"
    )


def _add_clips(commands: Any) -> None:  # noqa: ANN401
    listed = _call("clips", "list_clips")
    clips = _add(
        commands, "clips", listed, "footage: find it, read its history", "bwvdock clips --camera CAM-17"
    )
    _clip_filter(clips, default=None)
    verbs = _verbs(clips)
    listing = _add(
        verbs, "list", listed, "find clips", "bwvdock clips list --state quarantined --since 2026-03-01"
    )
    _clip_filter(listing, default=SUPPRESS)
    show = _add(
        verbs, "show", _call("clips", "show"), "one clip and its whole history", "bwvdock clips show 01kge4"
    )
    retry = _add(
        verbs,
        "retry",
        _call("clips", "retry"),
        "lead a clip out of quarantine: serve it again, or copy it from its camera again",
        "bwvdock clips retry 01kge4",
    )
    for parser in (show, retry):
        parser.add_argument("clip", metavar="CLIP", help="its id, or the beginning of it")


def _clip_filter(parser: ArgumentParser, *, default: str | None) -> None:
    about = {
        "camera": ("S", "of the camera with this serial"),
        "officer": ("O", "of this officer"),
        "state": ("X", "in this state, for instance verified or quarantined"),
        "since": ("T", "recorded then or later, by the camera's clock (ISO 8601)"),
        "until": ("T", "recorded then or earlier, by the camera's clock (ISO 8601)"),
    }
    for name, (metavar, what) in about.items():
        parser.add_argument(f"--{name}", metavar=metavar, default=default, help=what)


def _add_dockings(commands: Any) -> None:  # noqa: ANN401
    listed = _call("dockings", "list_dockings")
    verbs = _verbs(
        _add(
            commands,
            "dockings",
            listed,
            "one balance sheet for each time a camera was docked",
            "bwvdock dockings",
        )
    )
    _add(verbs, "list", listed, "every docking, the latest first", "bwvdock dockings list")
    show = _add(
        verbs,
        "show",
        _call("dockings", "show"),
        "one docking's balance sheet and what became of each clip",
        "bwvdock dockings show 01kge4",
    )
    show.add_argument("docking", metavar="DOCKING", help="its id, or the beginning of it")


def _add_custody(commands: Any) -> None:  # noqa: ANN401
    custody = _add(
        commands, "custody", _needs_verb, "prove that nothing was altered", "bwvdock custody verify"
    )
    verify = _add(
        _verbs(custody),
        "verify",
        _call("custody", "verify"),
        "recompute the whole journal, and hash again what the spool and the vault hold",
        "bwvdock custody verify --journal-only",
    )
    verify.add_argument("--journal-only", action="store_true", help="leave the footage's files unread")


def _add_report(commands: Any) -> None:  # noqa: ANN401
    report = _add(
        commands,
        "report",
        _needs_verb,
        "what auditors ask",
        "bwvdock report dockings --from 2026-03-01 --csv",
    )
    verbs = _verbs(report)
    for name, what in {
        "absence": "cameras that were not docked, clips that never came, gaps in cameras' numbering",
        "dockings": "the balance of every docking",
        "retention": "until when each clip is kept, why, and what was disposed of",
        "erasures": "everything that was erased or disposed of, with the entry before each act",
    }.items():
        parser = _add(verbs, name, _call("report", name), what, f"bwvdock report {name} --from 2026-03-01")
        parser.add_argument("--from", dest="since", metavar="T", help="from then on (ISO 8601)")
        parser.add_argument("--to", dest="until", metavar="T", help="until then (ISO 8601)")
        parser.add_argument("--csv", action="store_true", help="print CSV, for a spreadsheet")
        if name == "absence":
            parser.add_argument(
                "--days", metavar="N", default="7", help="how long is absent (default: 7 days)"
            )


def _add_config(commands: Any) -> None:  # noqa: ANN401
    config = _add(commands, "config", _needs_verb, "the configuration", "bwvdock config check")
    _add(
        _verbs(config),
        "check",
        _call("configcheck", "check"),
        "find every mistake in the configuration",
        "bwvdock config check --config ./new.toml",
    )


def _needs_verb(arguments: argparse.Namespace) -> int:
    name = arguments.COMMAND
    raise UsageError(f"What of {name}?", remedy=f"bwvdock {name} --help")


_COMMANDS: Mapping[str, Callable[[Any], None]] = {
    "run": _add_run,
    "demo": _add_demo,
    "status": _add_status,
    "cameras": _add_cameras,
    "clips": _add_clips,
    "dockings": _add_dockings,
    "custody": _add_custody,
    "report": _add_report,
    "config": _add_config,
    "pause": _add_pause,
    "resume": _add_resume,
}
