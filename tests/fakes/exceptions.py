"""What may a port raise that nobody is prepared for? Every exception that can be made, and some that bite."""

from __future__ import annotations

import builtins
import http.client
import inspect
import sqlite3
import ssl
import struct
import zlib
from collections.abc import Callable, Iterator
from functools import cache, partial
from string import Formatter

import botocore.exceptions
import requests.exceptions
import urllib3.exceptions
import usb.core

from bwvdock import errors

Make = Callable[[], Exception]

_MODULES = (
    builtins,
    requests.exceptions,
    urllib3.exceptions,
    botocore.exceptions,
    http.client,
    sqlite3,
    ssl,
    struct,
    zlib,
    usb.core,
)
_ARGUMENTS: tuple[tuple[object, ...], ...] = (
    ("it met what it did not know",),
    (),
    ("utf-8", b"\xff", 0, 1, "invalid start byte"),
    ("utf-8", "\ud800", 0, 1, "surrogates not allowed"),
    ("\ud800", 0, 1, "character maps to nothing"),
    ("two", [ValueError("one of several")]),
    ("two", "words"),
    ("it", "has", "three"),
    ({"Error": {"Code": "SlowDown"}}, "PutObject"),
)
NASTY: list[Make] = [
    lambda: ValueError("a parser met what it did not know"),
    lambda: UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid start byte"),
    lambda: OSError(5, "Input/output error"),
    lambda: TimeoutError("timed out"),
    MemoryError,
    lambda: RecursionError("maximum recursion depth exceeded"),
    lambda: KeyError("Location"),
    AssertionError,
    lambda: OverflowError("date value out of range"),
    lambda: RuntimeError("generator raised StopIteration"),
]
"""A few that were seen."""

_OF_THE_JOURNAL = (errors.JournalError, errors.HaltedError)
"""Only the journal raises the first, and only what the dock itself halts the second."""


class BrokenWordsError(Exception):
    """Cannot be put into words."""

    def __str__(self) -> str:
        raise RecursionError("words of words")

    __repr__ = __str__


NoWordsError = type("NoWordsError", (Exception,), {"__str__": lambda _: None})  # says what is no text


class FalseError(Exception):
    """Counts as nothing."""

    def __bool__(self) -> bool:
        raise ValueError("neither true nor false")

    def __len__(self) -> int:
        return 0


class NothingError(Exception):
    """Counts as nothing at all."""

    def __len__(self) -> int:
        return 0


HOSTILE = "\x1b[2J\x07\u202eevil\ud800\r\nevent=clip_verified \x00" + "A" * 100_000


def own_cause() -> Exception:
    """Return an error that is its own cause's cause."""
    first, second = ValueError("the first"), OSError(5, "the second")
    first.__cause__, second.__context__ = second, first
    return first


def own_cause_of_ours() -> Exception:
    """Return one of ours that is its own cause's cause."""
    first, second = errors.UnreadableError("The card gives an error.", remedy="Dock it again."), FalseError()
    first.__cause__, second.__context__ = second, first
    return first


BITING: list[Make] = [
    BrokenWordsError,
    NoWordsError,
    FalseError,
    NothingError,
    lambda: ValueError(HOSTILE),
    lambda: OSError(5, HOSTILE, HOSTILE),
    lambda: KeyError(HOSTILE),
    own_cause,
    own_cause_of_ours,
    MemoryError,
    lambda: RecursionError("maximum recursion depth exceeded"),
    StopIteration,
]


@cache
def ours() -> list[Make]:
    """Return every error of bwvdock/errors.py that a port may raise."""
    return [
        _of_ours(kind)
        for kind in vars(errors).values()
        if inspect.isclass(kind) and issubclass(kind, errors.BwvdockError) and _is_drawn(kind)
    ]


def _is_drawn(kind: type[errors.BwvdockError]) -> bool:
    # An UnexpectedError is made at the boundary, of what no port said it would raise.
    made = (errors.BwvdockError, errors.UnexpectedError)
    return kind not in made and not issubclass(kind, _OF_THE_JOURNAL)


def _of_ours(kind: type[errors.BwvdockError]) -> Make:
    return lambda: kind(f"It raised {kind.__name__}.", remedy="Look at it.")


@cache
def foreign() -> list[Make]:
    """Return every exception of the language and of our libraries that can be made."""
    return [make for module in _MODULES for kind in _kinds(module) if (make := _maker(kind))]


def _kinds(module: object) -> Iterator[type[Exception]]:
    for _, kind in sorted(vars(module).items()):
        if inspect.isclass(kind) and issubclass(kind, Exception):
            yield kind


def _maker(kind: type[Exception]) -> Make | None:
    wanted = {name for _, name, _, _ in Formatter().parse(getattr(kind, "fmt", "")) if name}  # botocore's
    for arguments in [*_ARGUMENTS, (*_ARGUMENTS[0], {})]:
        make = partial(kind, **dict.fromkeys(wanted, "words")) if wanted else partial(kind, *arguments)
        try:
            make()
        except Exception:  # noqa: BLE001, S112 - whatever it wants, the next may be it
            continue
        return make
    return None
