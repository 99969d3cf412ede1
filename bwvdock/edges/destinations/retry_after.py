"""How is a store assessed that limits requests? With a wait where it asks for one.

Trying out takes more requests in a row than bringing a clip. One that began anew after each that was one too
many would never end, and nothing would ever be uploaded there.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from typing import TypeVar

from bwvdock.core.ports import TransferControl
from bwvdock.errors import DestinationUnavailableError

_TRIES = 4
_MOST_ASKED = 5.0  # seconds; who asks for longer is tried out anew later
_LOOK = 0.5  # seconds between two looks for an order to stop

Given = TypeVar("Given")


def patiently(ask: Callable[[], Given], transfer: TransferControl) -> Given:
    """Make a request; again after a moment where that is asked for, four times in all.

    Raises:
        DestinationUnavailableError: not now.
        HaltedError: it was halted.
    """
    for _ in range(_TRIES - 1):
        try:
            return ask()
        except DestinationUnavailableError as error:
            if not 0 < error.retry_after <= _MOST_ASKED:
                raise
            back_off(error.retry_after, transfer)
    return ask()


def back_off(seconds: float, transfer: TransferControl) -> None:
    """Wait.

    Raises:
        HaltedError: a stop was ordered.
    """
    for _ in range(math.ceil(seconds / _LOOK)):
        transfer.take(0)
        threading.Event().wait(_LOOK)
