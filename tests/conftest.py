"""What holds for every test."""

from __future__ import annotations

from hypothesis import settings

# Tests say what must hold, not how fast: a busy machine is no failure.
settings.register_profile("bwvdock", deadline=None)
settings.load_profile("bwvdock")
