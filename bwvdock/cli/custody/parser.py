"""Which commands check, sign, report and export the journal and the footage, or begin a journal anew?"""

from __future__ import annotations

from typing import Any

from bwvdock.cli.building import Command, add, call, verbs
from bwvdock.cli.footage_parser import add_export, add_report


def add_custody(commands: Any, needs_verb: Command) -> None:  # noqa: ANN401 - argparse has no public name for it
    """Add the commands about the custody of footage; `needs_verb` answers where none of them is named."""
    custody = add(
        commands,
        "custody",
        needs_verb,
        "check, sign, report and export the journal and the footage",
        "bwvdock custody verify",
    )
    group = verbs(custody)
    add_report(group)
    add_export(group)
    verify = add(
        group,
        "verify",
        call("custody", "verify"),
        "recompute the whole journal, and hash the files in the spool and the directory vaults again",
        "bwvdock custody verify --journal-only",
    )
    verify.add_argument("--journal-only", action="store_true", help="do not read the footage files")
    verify.add_argument(
        "--checkpoint",
        metavar="FILE",
        action="append",
        default=[],
        help="a signed checkpoint that was kept outside the dock, to compare the journal with (repeatable)",
    )
    verify.add_argument(
        "--policy",
        metavar="FILE",
        help="whose signatures on it are asked for: logs and witnesses (default: the dock's own keys)",
    )
    checkpoint = add(
        group,
        "checkpoint",
        call("custody", "checkpoint"),
        "sign a checkpoint of the journal now, and print it: keep it outside the dock",
        "bwvdock custody checkpoint --out LEW-03.checkpoint",
    )
    checkpoint.add_argument("--out", metavar="FILE", help="write it to a file instead")
    verify.add_argument(
        "--since-checkpoint", action="store_true", help="of the journal, only what is new since all was read"
    )
    verify.add_argument(
        "--documents", metavar="DIR", help="custody documents kept elsewhere, to compare the journal with"
    )
    verify.add_argument("--record", action="store_true", help="make the result a journal entry")
    verify.add_argument("--when-due", action="store_true", help="only if none is recorded of this night")
    succeed = add(
        group,
        "succeed",
        call("init", "succeed"),
        "begin a new journal in the place of the dock's, which is kept; the daemon must be stopped",
        "bwvdock custody succeed --reason 'state disk restored from a copy on 3 March'",
    )
    succeed.add_argument(
        "--reason", metavar="R", required=True, help="why; it is recorded in the new journal's first entry"
    )
    _add_erase_values(group)


def _add_erase_values(group: Any) -> None:  # noqa: ANN401
    """Add the command to its group."""
    erase = add(
        group,
        "erase-values",
        call("erasure", "erase_values"),
        "erase personal values that the law no longer lets the dock keep; the entries stay as they are",
        "bwvdock custody erase-values --clip 01kge4 --basis 'DPA 2018 s.47'",
    )
    # argparse would keep all that excludes each other on one line.
    erase.usage = (
        f"{erase.prog} [-h] [--config FILE] [--json]\n"
        "       (--clip CLIP | --camera SERIAL | --officer ID | --unit U | --case REF\n"
        "       | --event E | --operator UID:NAME | --before T) --basis B [--reason R]"
    )
    which = erase.add_mutually_exclusive_group(required=True)
    which.add_argument(
        "--clip",
        metavar="CLIP",
        action="append",
        help="paths and typed texts of this clip",
    )
    which.add_argument("--camera", metavar="SERIAL", help="this serial, and every text that contains it")
    which.add_argument("--officer", metavar="ID", help="this officer, and every text that contains the id")
    which.add_argument("--unit", metavar="U", help="this unit, and every text that contains its name")
    which.add_argument("--case", metavar="REF", help="this case reference, and every text that contains it")
    which.add_argument("--event", metavar="E", help="this event, and every text that contains its id")
    which.add_argument(
        "--operator", metavar="UID:NAME", help="this operator, wherever an entry says who ordered something"
    )
    which.add_argument("--before", metavar="T", help="those of clips acquired before")
    erase.add_argument("--basis", metavar="B", required=True, help="the law or order that requires it")
    erase.add_argument("--reason", metavar="R", default="", help="more about why, recorded in the journal")
