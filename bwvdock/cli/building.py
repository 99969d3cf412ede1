"""How is a command added to the parser: its help, its example, what every command takes?"""

from __future__ import annotations

import argparse
import os
from argparse import SUPPRESS, ArgumentParser
from collections.abc import Callable
from importlib import import_module
from typing import Any

Command = Callable[[argparse.Namespace], int]


class Help(argparse.RawDescriptionHelpFormatter):
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


def call(module: str, function: str) -> Command:
    """Return the command that a function of one of these modules is; loaded when it is called."""

    def command(arguments: argparse.Namespace) -> int:
        called: Command = getattr(import_module(f"bwvdock.cli.commands.{module}"), function)
        return called(arguments)

    return command


def add(commands: Any, name: str, command: Command, what: str, example: str) -> ArgumentParser:  # noqa: ANN401
    """Add a command to its group; give its parser."""
    parser: ArgumentParser = commands.add_parser(
        name,
        help=what,
        description=f"{what[:1].upper()}{what[1:]}.",
        epilog=f"example:\n  {example}",
        formatter_class=Help,
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


def verbs(group: ArgumentParser) -> Any:  # noqa: ANN401 - argparse has no public name for it
    """Return a group's commands, to add to."""
    return group.add_subparsers(dest="VERB", prog=group.prog)
