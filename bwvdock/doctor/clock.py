"""Is the clock right on which every date and every disposal depends, and who keeps it?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from bwvdock.core.ports import ClockState
from bwvdock.doctor.findings import Check, Finding, of_alerts, ok, unseen, warning
from bwvdock.status.alerts.dock import clock_not_synchronised

_MOST_MS = 1000
_MOST_SECONDS = 120


def check_clock(state: ClockState) -> Iterator[Finding]:
    """Return whether a time service keeps the clock, and which."""
    who = state.source or "a time service that is not known to bwvdock"
    if state.synchronised and state.error_ms > _MOST_MS:
        yield warning(
            Check.CLOCK,
            f"{who} keeps it, and the kernel estimates an error of {state.error_ms / 1000:.1f} s",
            "Times in the journal may be wrong by as much.",
            "timedatectl timesync-status (or: chronyc tracking); check the time server and the network",
        )
        return
    none = state.source or "none that is known"
    well = f"synchronised by {who}; the kernel estimates an error of {state.error_ms} ms"
    for finding in of_alerts(Check.CLOCK, clock_not_synchronised(synchronised=state.synchronised), well=well):
        if state.synchronised:
            yield finding
        else:
            yield warning(Check.CLOCK, f"{finding.seen} Time service: {none}.", finding.means, finding.remedy)


def check_hardware_clock(shows: int | None, now: datetime, *, synchronised: bool) -> Iterator[Finding]:
    """Return whether the clock agrees that runs while the machine is switched off.

    Args:
        shows: seconds since 1970 that it shows; None if there is none.
        now: the system's clock.
        synchronised: whether that one is right.
    """
    if shows is None:
        yield unseen(
            Check.CLOCK_HARDWARE,
            "this machine shows no hardware clock (/sys/class/rtc/rtc0)",
            "Nothing, if it has none: after a power cut its time is unknown until a time server answers",
        )
        return
    if not synchronised:
        yield unseen(
            Check.CLOCK_HARDWARE,
            "the system's clock is not synchronised, so there is nothing to compare it with",
            "timedatectl status",
        )
        return
    off = shows - int(now.timestamp())
    shown = datetime.fromtimestamp(max(0, min(shows, 4_000_000_000)), UTC).isoformat(" ", "seconds")
    if abs(off) > _MOST_SECONDS:
        yield warning(
            Check.CLOCK_HARDWARE,
            f"it shows {shown}, {abs(off):,} s {'ahead' if off > 0 else 'behind'}",
            "After a power cut without a network the dock starts with a wrong time.",
            "sudo hwclock --systohc --utc; if it is wrong again after a night: exchange the board's battery",
        )
    else:
        yield ok(Check.CLOCK_HARDWARE, f"within {_MOST_SECONDS} s of the system's clock")
