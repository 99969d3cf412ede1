"""Which options does `bwvdock doctor` take?"""

from __future__ import annotations

import argparse
from typing import Any

from bwvdock.cli.building import add


def add_doctor(commands: Any) -> None:  # noqa: ANN401 - argparse has no public name for it
    """Add the command to the parser."""
    doctor = add(
        commands,
        "doctor",
        _call,
        "check this installation, and say what to type where something is wrong; changes nothing",
        "bwvdock doctor --quick",
    )
    doctor.add_argument(
        "--quick",
        action="store_true",
        help="contact no store, ask no disk for its health, and read no kernel log",
    )


def _call(arguments: argparse.Namespace) -> int:
    from bwvdock.cli.doctor.command import doctor  # noqa: PLC0415 - loaded when it is called

    return doctor(arguments)
