"""Which messages are for the dock itself?"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Stop:
    """Shut down cleanly."""


@dataclass(frozen=True, slots=True)
class Reload:
    """Read the configuration again."""
