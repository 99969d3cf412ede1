"""How fast may footage pass, and when must it stop?"""

from __future__ import annotations


class FreePassage:
    """As fast as it goes, and nobody listens."""

    def take(self, count: int) -> None:
        """Wait for nothing."""

    def reached(self, held: int) -> None:
        """Tell nobody."""


FREE_PASSAGE = FreePassage()
