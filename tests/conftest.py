"""What holds for every test."""

from __future__ import annotations

import pytest
from hypothesis import settings

from tests.extent import EXTENT, SEED, Extent

# Tests say what must hold, not how fast: a busy machine is no failure.
for _extent, _examples in ((Extent.CHECK, 20), (Extent.TEST, 100), (Extent.NIGHTLY, 1000)):
    settings.register_profile(_extent.name, deadline=None, max_examples=_examples)
settings.load_profile(EXTENT.name)


def pytest_report_header(config: pytest.Config) -> str:
    """Say how much is tried, and how the same is drawn again."""
    return f"extent: BWVDOCK_TESTS={EXTENT.name.lower()} BWVDOCK_SEED={SEED}"
