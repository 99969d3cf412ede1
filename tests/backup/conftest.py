"""A dock on which something has happened, for every test here."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.docks import Dock, used_dock


@pytest.fixture
def dock(tmp_path: Path) -> Dock:
    return used_dock(tmp_path)
