"""Transfers that nothing limits or stops."""

from __future__ import annotations


class Unlimited:
    """Lets every byte pass at once."""

    def take(self, count: int) -> None:
        pass

    def reached(self, held: int) -> None:
        pass


UNLIMITED = Unlimited()
