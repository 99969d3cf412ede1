"""How is a time read that a person typed after an option?"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from bwvdock.errors import UsageError

Moment = TypeVar("Moment")


def read_moment(text: str | None, read: Callable[[str], Moment], *, remedy: str) -> Moment | None:
    """Read a time as it was typed; give None where its option was left out.

    Args:
        text: what was typed.
        read: reads it, or raises ValueError with what is wrong with it.
        remedy: what to type instead, for instance a command with a time that can be read.

    Raises:
        UsageError: it cannot be read.
    """
    try:
        return None if text is None else read(text)
    except ValueError as error:
        raise UsageError(f"{error}.", remedy=remedy) from None
