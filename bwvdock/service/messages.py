"""What is the dock itself told to do?"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Stop:
    """End in an orderly way."""


@dataclass(frozen=True, slots=True)
class Reload:
    """Read the configuration again."""
