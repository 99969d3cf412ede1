"""How does a long computation let others come first? It asks between two of its items."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

T = TypeVar("T")

GiveWay = Callable[[], None]
"""Called between two items; returns when the next may be computed."""


def go_on() -> None:
    """Return at once: nobody else waits."""


def paced(items: Iterable[T], give_way: GiveWay, *, every: int = 1) -> Iterator[T]:
    """Yield the items; `give_way` is called before each, or before the last of every so many."""
    for number, item in enumerate(items):
        if number % every == every - 1:
            give_way()
        yield item
