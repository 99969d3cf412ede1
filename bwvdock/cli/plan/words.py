"""How are the sizes, rates, times and shortages of a plan said to a person?

Sizes in decimal units, as disks and lines are sold.
"""

from __future__ import annotations

from bwvdock.core.planning.answer import Answer, Lack, Shortage
from bwvdock.core.planning.station import DAY, MICRO, Station
from bwvdock.units import format_count

_UNITS = ("B", "kB", "MB", "GB", "TB", "PB", "EB")


def amount(count: int) -> str:
    """Return a size: "999 B", "8 GB", "29.8 TB"."""
    value, unit = float(count), _UNITS[0]
    for unit in _UNITS:
        if value < 999.5 or unit == _UNITS[-1]:
            break
        value /= 1000
    return f"{value:,.{0 if value >= 99.5 else 1}f} {unit}".replace(".0 ", " ")


def speed(rate: int) -> str:
    """Return a rate of bytes: "40 MB/s"."""
    return f"{amount(rate)}/s"


def bits(rate: int) -> str:
    """Return the rate of a line, in bits: "100 Mbit/s"."""
    value = rate * 8 / 1e6
    return (
        f"{value / 1000:,.1f} Gbit/s" if value >= 9999.5 else f"{value:,.{0 if value >= 9.95 else 1}f} Mbit/s"
    )


def length(seconds: int) -> str:
    """Return a time: "40 s", "12 min", "3 h 05 min", "2.5 days"."""
    if seconds < 100:
        return f"{seconds} s"
    if seconds < 100 * 60:
        return f"{-(-seconds // 60)} min"
    if seconds < 2 * DAY:
        minutes = -(-seconds // 60)
        return f"{minutes // 60} h {minutes % 60:02} min"
    return f"{days(seconds)} days"


def hours(seconds: int) -> str:
    """Return a number of hours, in tenths below a hundred."""
    return f"{seconds / 3600:,.{0 if seconds % 3600 == 0 or seconds > 100 * 3600 else 1}f}"


def days(seconds: int) -> str:
    """Return a number of days, rounded down to a tenth."""
    tenths = seconds * 10 // DAY
    return f"{tenths // 10:,}" if tenths % 10 == 0 or tenths >= 1000 else f"{tenths // 10}.{tenths % 10}"


def micro(span: int) -> str:
    """Return a time that is given in microseconds, rounded up to a second."""
    return length(-(-span // MICRO))


def clock(second: int) -> str:
    """Return a time of day."""
    return f"{second // 3600:02}:{second // 60 % 60:02}"


def message(shortage: Shortage, station: Station) -> str:
    """Return what a plan lacks, and what follows."""
    needs, has = shortage.needs, shortage.has
    match shortage.lack:
        case Lack.PORTS:
            return f"{format_count(needs, 'camera')} a day wait for one of {format_count(has, 'port')}."
        case Lack.COPYING:
            return (
                f"The last camera is safe {length(needs)} after a shift; the next ends after {length(has)}."
            )
        case Lack.UPLINK:
            return (
                f"The uplink needs {hours(needs)} hours for a day's footage and has {hours(has)}: "
                f"each day, {amount(station.daily - station.daily * has // needs)} more wait on the dock."
            )
        case Lack.DOCK:
            return f"The dock's own work for a day's clips takes {length(needs)} beside their bytes."
        case Lack.DISK:
            return f"The disk has {amount(has)} and needs {amount(needs)}: the spool would be full."


def remedy(shortage: Shortage) -> str:
    """Return what would do, as an option of the command where there is one."""
    would = shortage.would
    match shortage.lack:
        case Lack.PORTS:
            return f"Nobody waits with --ports {would}"
        case Lack.COPYING:
            return f"A faster disk (--disk-speed), more ports or {would} docks for one would shorten that"
        case Lack.UPLINK if would is None:
            return "No uplink would do; more hours, a higher limit, a larger --parallel or more docks might"
        case Lack.UPLINK:
            return f"It would keep up with --uplink {least_line(would or 0)}"
        case Lack.DOCK:
            return f"It would keep up with {would} docks in place of one"
        case Lack.DISK:
            return f"It would hold all with --disk {least_disk(would or 0)}"


def least_line(rate: int) -> str:
    """Return a rate that is enough, in two digits: "110Mbit/s"."""
    kbits, zeros = -(-rate * 8 // 1000), 0
    while kbits >= 100:
        kbits, zeros = -(-kbits // 10), zeros + 1
    value = kbits * 10**zeros
    return f"{value / 1000:.1f}Mbit/s".replace(".0M", "M") if value >= 1000 else f"{value}kbit/s"


def least_disk(size: int) -> str:
    """Return a size that is enough, in two digits: "32TB"."""
    value, zeros = -(-size // 1000), 0
    while value >= 100:
        value, zeros = -(-value // 10), zeros + 1
    kilobytes = value * 10**zeros
    for factor, unit in ((10**9, "TB"), (10**6, "GB"), (10**3, "MB")):
        if kilobytes % factor == 0:
            return f"{kilobytes // factor}{unit}"
    return f"{kilobytes}kB"


def outage(found: Answer) -> str:
    """Return how long the uplink may fail."""
    if not found.steady:
        return "not at all: the dock falls behind as it is"
    return f"{days(found.outage)} days, then the spool is full"


def catching_up(found: Answer, station: Station) -> str:
    """Return how long the dock needs after the outage that is planned for."""
    if found.catching_up is None:
        return "never: the uplink has nothing to spare"
    return f"{length(found.catching_up)} after {format_count(station.outage_days, 'day')}"
