"""How are the values of a plan read from a person: sizes, rates, times, numbers?

As the configuration reads them (bwvdock/units.py), with three differences: `100Mbit` is a rate, a unit
must be given, and one that some people read as bits and others as bytes is refused. Errors say what to type.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import time
from typing import NoReturn

from bwvdock.core.planning.station import DAY, StoreKind
from bwvdock.core.visible_text import visible
from bwvdock.errors import UsageError
from bwvdock.units import parse_rate, parse_size, parse_time_of_day

KB, GB = 10**3, 10**9
MOST_SIZE = 10**18
MOST_RATE = 10**12
MOST_CAMERAS = 100_000

_NUMBER = r"\d{1,18}(?:\.\d{1,6})?"
_SIZE = re.compile(rf"({_NUMBER})\s*([KMGTP]?)(i?)([Bb]?)", re.IGNORECASE)
_RATE = re.compile(rf"({_NUMBER})\s*([KMG]?)(i?)(bit|bps|b|)(/s)?", re.IGNORECASE)
_SPAN = re.compile(r"(\d{1,6})\s*(s|min|h)")
_SECONDS = {"s": 1, "min": 60, "h": 3600}
_LONGEST = 40  # characters of a wrong value that are shown


class Wrong:
    """Refuses values of one option."""

    def __init__(self, option: str, example: str) -> None:
        """Show `example` as what to type."""
        self._option = option
        self._example = example

    def __call__(self, text: str, why: str, *, instead: str = "") -> NoReturn:
        """Raise.

        Raises:
            UsageError: always.
        """
        shown = visible(text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…")
        raise UsageError(
            f"--{self._option} {shown or repr('')}: {why}.",
            remedy=" ".join(["For example: bwvdock plan", f"--{self._option}", instead or self._example]),
        )


Reader = Callable[[str, Wrong], int]


def size(least: int) -> Reader:
    """Return a function that reads a size of at least so many bytes."""

    def read(text: str, wrong: Wrong) -> int:
        match = _SIZE.fullmatch(text.strip())
        if match is None:
            wrong(text, "not a size")
        number, prefix, binary, unit = match.groups()
        prefix = prefix.upper()
        if unit != "B":
            why = "a small b may mean bits" if unit else "a size needs its unit"
            wrong(text, why, instead=f"{number}{prefix or 'G'}B")
        value = parse_size(f"{number} {prefix}{binary}B") if prefix != "P" else _petabytes(number, binary)
        if not least <= value <= MOST_SIZE:
            wrong(text, f"not a size from {least // KB or least} {'kB' if least >= KB else 'B'} to 1000 PB")
        return value

    return read


def _petabytes(number: str, binary: str) -> int:
    return parse_size(f"{number} T{binary}B") * (1024 if binary else 1000)


def rate(text: str, wrong: Wrong) -> int:
    """Return the bytes per second of a rate."""
    match = _RATE.fullmatch(text.strip())
    if match is None:
        wrong(text, "not a rate")
    number, prefix, binary, unit, _ = match.groups()
    prefix = prefix if prefix in {"", "k"} else prefix.upper()
    if unit.lower() != "bit" and unit != "B":
        bits, octets = f"{number}{prefix or 'M'}bit/s", f"{number}{prefix or 'M'}B/s"
        wrong(text, f"bits or bytes? Type {bits} or {octets}", instead=bits)
    if binary and unit != "B":
        wrong(text, "bits have decimal units", instead=f"{number}{prefix}bit/s")
    try:
        value = parse_rate(f"{number} {prefix}{binary}{unit}/s")
    except ValueError:  # less than a byte per second
        value = None
    if value is None or not KB <= value <= MOST_RATE:
        wrong(text, "not a rate from 8 kbit/s to 8000 Gbit/s")
    return value


def port_rate(text: str, wrong: Wrong) -> int:
    """Return the bytes per second of a port: of a kind of USB, or a rate."""
    known = {"usb2": 40_000_000, "usb3": 300_000_000}
    return known.get(text.strip().lower()) or rate(text, wrong)


def whole(least: int, most: int) -> Reader:
    """Return a function that reads a whole number in these bounds."""

    def read(text: str, wrong: Wrong) -> int:
        bare = text.strip().replace(",", "")
        if not (bare.isascii() and bare.isdecimal() and len(bare) <= 12 and least <= int(bare) <= most):
            wrong(text, f"not a whole number from {least:,} to {most:,}")
        return int(bare)

    return read


def percent(text: str, wrong: Wrong) -> int:
    """Return a whole percentage, with or without its sign."""
    bare = text.strip().removesuffix("%")
    if not (bare.isascii() and bare.isdecimal() and len(bare) <= 3 and int(bare) <= 100):
        wrong(text, "not a whole percentage from 0% to 100%")
    return int(bare)


def span(text: str, wrong: Wrong) -> int:
    """Return the seconds of a span of at most a day."""
    match = _SPAN.fullmatch(text.strip())
    if match is None or int(match[1]) * _SECONDS[match[2]] > DAY:
        wrong(text, "not a time of at most 24 h, in s, min or h")
    return int(match[1]) * _SECONDS[match[2]]


def shift(text: str, wrong: Wrong) -> tuple[int, int | None]:
    """Return when a shift ends, in seconds of the day, and how many cameras come: None as in every shift."""
    begins, given, cameras = text.strip().partition("=")
    return _second(begins, text, wrong), whole(1, MOST_CAMERAS)(cameras, wrong) if given else None


def hours(text: str, wrong: Wrong) -> tuple[int, int]:
    """Return the seconds of the day at which hours begin and end; they may pass midnight."""
    begins, _, ends = text.strip().partition("-")
    start, end = _second(begins, text, wrong), _second(ends, text, wrong)
    if start == end:
        wrong(text, "begins and ends at the same time")
    return start, end


def second(value: time) -> int:
    """Return the second of the day of a time of day."""
    return value.hour * 3600 + value.minute * 60 + value.second


def _second(text: str, whole_text: str, wrong: Wrong) -> int:
    try:
        return second(parse_time_of_day(text))
    except ValueError:
        wrong(whole_text, 'not a time of day such as "07:00"')


def store(text: str, wrong: Wrong) -> StoreKind:
    """Return a kind of store."""
    try:
        return StoreKind(text.strip().lower())
    except ValueError:
        wrong(text, f"not a kind of store: {', '.join(StoreKind)}")
