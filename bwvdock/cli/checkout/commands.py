"""`bwvdock cameras checkout`, `bwvdock cameras return`: the desk, in place of a reader."""

from __future__ import annotations

from argparse import Namespace

from bwvdock.cli.configuration import working_configuration
from bwvdock.cli.orders import show
from bwvdock.operators.checkout.requests import CheckOut, GiveBack
from bwvdock.operators.daemon_client import order


def check_out(arguments: Namespace) -> int:
    """Have a camera offered to an officer, and say which to take."""
    config = working_configuration(arguments)
    request = CheckOut(
        badge=arguments.badge or "", officer=arguments.officer or "", camera=arguments.camera or ""
    )
    show(arguments, order(config.control_socket, request))
    return 0


def give_back(arguments: Namespace) -> int:
    """Record that a camera was handed in."""
    config = working_configuration(arguments)
    show(arguments, order(config.control_socket, GiveBack(serial=arguments.serial)))
    return 0
