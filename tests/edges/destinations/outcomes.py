"""What does a call of a destination end with, and does it end at all?"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping

from bwvdock.errors import BwvdockError

LONGEST = 60.0  # seconds; a deadline of a second, some requests in a row, and a machine that is busy


def end_of(call: Callable[[], object], seconds: float = LONGEST) -> BaseException | None:
    """Return what a call raised, None if nothing; a TimeoutError where it did not end."""
    raised: list[BaseException | None] = []

    def carry_out() -> None:
        try:
            call()
        except BaseException as error:  # noqa: BLE001 - whatever it is, is what is looked for
            raised.append(error)
        else:
            raised.append(None)

    thread = threading.Thread(target=carry_out, daemon=True)
    thread.start()
    thread.join(seconds)
    return raised[0] if raised else TimeoutError(f"still at it after {seconds} s")


def strays(calls: Mapping[str, Callable[[], object]]) -> dict[str, BaseException]:
    """Return the calls that ended with anything but a result or an error of ours that says what to do."""
    ends = {name: end_of(call) for name, call in calls.items()}
    return {name: end for name, end in ends.items() if end is not None and not _is_fit(end)}


def _is_fit(error: BaseException) -> bool:
    return isinstance(error, BwvdockError) and bool(error.remedy) and error.message.isprintable()
