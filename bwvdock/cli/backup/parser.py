"""Which arguments do the commands of backups take?"""

from __future__ import annotations

import argparse
from argparse import ArgumentParser
from collections.abc import Sequence
from importlib import import_module
from typing import Any

from bwvdock.cli.building import Command, add, verbs

VERBS = ("make", "check", "restore", "give-up-move")
_COMMAND = "backup"
_TAKES_A_VALUE = "--config"
_HELP = {"-h", "--help"}


def add_backup(commands: Any, needs_verb: Command) -> None:  # noqa: ANN401
    """Add `bwvdock backup` and its subcommands."""
    what = "back up the dock's state while it runs, check a backup, put one back"
    group = verbs(add(commands, _COMMAND, needs_verb, what, "bwvdock backup /mnt/backups/LEW-03"))
    make = _add(
        group,
        "make",
        "make a backup below a folder that is on another disk; `make` can be left out",
        "bwvdock backup /mnt/backups/LEW-03 --with-footage",
    )
    make.add_argument("folder", metavar="DIR", help="the folder with this dock's backups; it must be there")
    make.add_argument(
        "--with-footage",
        action="store_true",
        help="copy the spool and the vaults of the state directory, too, where blocks cannot be shared",
    )
    make.add_argument(
        "--move",
        action="store_true",
        help="with footage; close the journal, to continue it on another machine; the daemon must be stopped",
    )
    check = _add(
        group,
        "check",
        "read a backup, or all in a folder: is it whole, what does it hold, how old is it",
        "bwvdock backup check /mnt/backups/LEW-03",
    )
    check.add_argument("folder", metavar="DIR", help="a backup, or the folder with several")
    restore = _add(
        group,
        "restore",
        "put a backup's state into a directory that has no dock",
        "bwvdock backup restore LEW-03-20260301T120000Z --to /var/lib/bwvdock",
    )
    restore.add_argument("folder", metavar="BACKUP", help="the backup")
    restore.add_argument(
        "--to", metavar="STATE_DIR", required=True, help="the state directory; empty, or not there yet"
    )
    _add(
        group,
        "give-up-move",
        "continue here a journal that was closed with --move, if it was not put back elsewhere",
        "bwvdock backup give-up-move",
    )


def _add(group: Any, name: str, what: str, example: str) -> ArgumentParser:  # noqa: ANN401
    def command(arguments: argparse.Namespace) -> int:
        module = import_module("bwvdock.cli.backup.commands")  # loaded when it is called
        called: Command = getattr(module, name.replace("-", "_"))
        return called(arguments)

    return add(group, name, command, what, example)


def with_verb(argv: Sequence[str]) -> Sequence[str]:
    """Return the words of a command with `make` where `bwvdock backup DIR` leaves it out."""
    words = _words(argv)
    if not words or argv[words[0]] != _COMMAND:
        return argv
    after = words[0] + 1
    rest = argv[after:]
    first = next((argv[at] for at in words[1:]), None)
    if first is None or first in VERBS or _HELP.intersection(rest):
        return argv
    return [*argv[:after], VERBS[0], *rest]


def _words(argv: Sequence[str]) -> list[int]:
    """Return where the words are that are neither options nor the value of one."""
    return [
        at
        for at, word in enumerate(argv)
        if not (word.startswith("-") and word != "-") and not (at and argv[at - 1] == _TAKES_A_VALUE)
    ]
