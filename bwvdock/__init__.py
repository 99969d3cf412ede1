"""Takes footage from docked body-worn cameras, whole and provably unaltered, into an evidence store."""

__version__ = "0.1.0"
