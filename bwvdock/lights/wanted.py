"""What is each bay's light to show, by what the dock says to a screen?"""

from __future__ import annotations

import re
from collections.abc import Mapping

from bwvdock.core.ports.light import Signal
from bwvdock.status.for_screen import ForScreen

_SOCKET = re.compile(r"[0-9]{1,3}-[0-9]{1,3}(\.[0-9]{1,3}){0,6}")
_SIGNALS = {signal.value: signal for signal in Signal}


def wanted(told: ForScreen | None, before: Mapping[str, Signal]) -> dict[str, Signal]:
    """Return what each bay's light is to show: those of USB sockets alone, for folders have none.

    Args:
        told: what the dock says; None where it does not answer. Then nothing is known of any bay.
        before: what was wanted before: a bay that is not mentioned any more is empty.
    """
    if told is None:
        return dict.fromkeys(before, Signal.NOT_KNOWN)
    shown = {
        bay.bay: _SIGNALS.get(bay.advice, Signal.DO_NOT_REMOVE)
        for bay in told.bays
        if _SOCKET.fullmatch(bay.bay)
    }
    return dict.fromkeys(before, Signal.EMPTY) | shown
