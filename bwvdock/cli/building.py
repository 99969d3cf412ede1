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
    """A help formatter that asks for the width itself: argparse would load shutil for each argument."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, width=_width() - 2)

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        """Return a text of one line filled to the width; examples, which are copied, as they are."""
        if "\n" in text:
            return super()._fill_text(text, width, indent)
        return argparse.HelpFormatter._fill_text(self, text, width, indent)  # noqa: SLF001 - its own base


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
    """Return a command that loads its module when it is called."""

    def command(arguments: argparse.Namespace) -> int:
        called: Command = getattr(import_module(f"bwvdock.cli.commands.{module}"), function)
        return called(arguments)

    return command


def add(commands: Any, name: str, command: Command, what: str, example: str) -> ArgumentParser:  # noqa: ANN401
    """Add a command to its group; return its parser."""
    parser: ArgumentParser = commands.add_parser(
        name,
        help=what,
        description=f"{what[:1].upper()}{what[1:]}.",
        epilog=f"example:\n  {example}",
        formatter_class=Help,
        allow_abbrev=False,
    )
    # SUPPRESS: a default here must not undo an option given before the command's name.
    parser.add_argument(
        "--config",
        metavar="FILE",
        default=SUPPRESS,
        help="configuration file (default: $BWVDOCK_CONFIG, else /etc/bwvdock/bwvdock.toml)",
    )
    parser.add_argument(
        "--json", action="store_true", default=SUPPRESS, help="print one JSON document and nothing else"
    )
    parser.set_defaults(command=command)
    return parser


def add_period(parser: ArgumentParser, what: str, *, default: str | None = None) -> None:
    """Add the two options that every list and report has for its period."""
    parser.add_argument("--since", metavar="T", default=default, help=f"{what} then or later (ISO 8601)")
    parser.add_argument("--until", metavar="T", default=default, help=f"{what} then or earlier (ISO 8601)")


def add_days(parser: ArgumentParser) -> None:
    """Add the option that says when a camera counts as absent."""
    parser.add_argument(
        "--days", metavar="N", default="7", help="days after which a camera counts as absent (default: 7)"
    )


def verbs(group: ArgumentParser) -> Any:  # noqa: ANN401 - argparse has no public name for it
    """Return the subcommands of a group, so that more can be added."""
    return group.add_subparsers(dest="VERB", prog=group.prog, metavar="VERB")
