"""What may root ask about the logs that the signer has signed for, and change?

On the dock's own command line, beside a signer that may be running: each order is one transaction.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from bwvdock.errors import BwvdockError
from bwvdock.signer.key import SIGNED
from bwvdock.signer.memory import FileMemory

FOLDER = Path("/var/lib/bwvdock-signer")


def ordered(arguments: Sequence[str]) -> int:
    """Carry out an order, and return the exit code."""
    asked = _parser().parse_args(arguments)
    folder: Path = asked.folder
    if not (folder / SIGNED).exists():
        sys.stderr.write(f"Nothing was signed yet: there is no {folder / SIGNED}.\n")
        return 3
    try:
        _become_owner(folder)
        sys.stdout.write(f"{_done(asked, FileMemory(folder / SIGNED))}\n")
    except BwvdockError as error:
        sys.stderr.write(f"{error.message} {error.remedy}\n")
        return error.exit_code
    except OSError as error:
        sys.stderr.write(f"{folder} cannot be opened as its owner: {error.strerror}.\n")
        return 1
    return 0


def _done(asked: argparse.Namespace, memory: FileMemory) -> str:
    if asked.order == "logs":
        return "\n".join(f"{origin} {size}" for origin, size in memory.logs().items())
    if asked.order == "forget":
        known = memory.forget(asked.log)
        return f"{asked.log} is forgotten." if known else f"Nothing was signed for {asked.log}."
    moved = memory.call_anew(asked.old, asked.new)
    return f"{moved} logs of {asked.old} are called {asked.new} now; what was signed for them stays known."


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="bwvdock-signer", description="The signer's logs. Without an order systemd runs it as a service."
    )
    parser.add_argument("--folder", type=Path, default=FOLDER, help="what the signer remembers is in it")
    orders = parser.add_subparsers(dest="order", required=True)
    orders.add_parser("logs", help="list the logs that something was signed for, with their sizes")
    forget = orders.add_parser(
        "forget", help="forget a log, so that its next checkpoint is compared with nothing"
    )
    forget.add_argument("log", help="its whole name, as `logs` lists it")
    rename = orders.add_parser("rename", help="let the logs have another name: `origin` under [custody]")
    rename.add_argument("old", help="the name until now, without the journal's id")
    rename.add_argument("new", help="the new name, likewise")
    return parser


def _become_owner(folder: Path) -> None:
    """Act as the owner of the folder, if we are root: what is in it may have been put there by that user."""
    owner = folder.stat()
    if os.geteuid() == 0 and owner.st_uid != 0:
        os.setgroups([])
        os.setegid(owner.st_gid)
        os.seteuid(owner.st_uid)
