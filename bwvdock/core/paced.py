"""How does a long computation let others come first? It asks between two of its items."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

T = TypeVar("T")

GiveWay = Callable[[], None]
"""Called between two items; returns when the next may be computed."""


def go_on() -> None:
    """Return at once: nobody else waits."""


def paced(items: Iterable[T], give_way: GiveWay) -> Iterator[T]:
    """Yield the items; `give_way` is called before each."""
    for item in items:
        give_way()
        yield item
