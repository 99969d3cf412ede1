"""Which options have the commands that check cameras out and take them back at the desk?"""

from __future__ import annotations

from argparse import Namespace
from typing import Any

from bwvdock.cli.building import add


def _check_out(arguments: Namespace) -> int:
    from bwvdock.cli.checkout.commands import check_out  # noqa: PLC0415 - as `call` does

    return check_out(arguments)


def _give_back(arguments: Namespace) -> int:
    from bwvdock.cli.checkout.commands import give_back  # noqa: PLC0415 - as `call` does

    return give_back(arguments)


def add_checkout(cameras: Any) -> None:  # noqa: ANN401 - argparse has no public name for it
    """Add both."""
    checkout = add(
        cameras,
        "checkout",
        _check_out,
        "offer a camera to an officer, as a badge does; it is assigned once it is taken from its bay",
        "bwvdock cameras checkout --officer 4411",
    )
    who = checkout.add_mutually_exclusive_group(required=True)
    who.add_argument("--badge", metavar="B", help="the number of the officer's badge")
    who.add_argument("--officer", metavar="O", help="the officer")
    checkout.add_argument("--camera", metavar="SERIAL", help="this camera (default: the dock chooses)")
    back = add(
        cameras,
        "return",
        _give_back,
        "record that a camera that was checked out was handed in, where it cannot be docked",
        "bwvdock cameras return CAM-17",
    )
    back.add_argument("serial", metavar="SERIAL")
