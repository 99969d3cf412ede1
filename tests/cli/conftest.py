"""A dock that was used, for every test here that asks for one."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.docks import Dock, new_dock, used_dock


@pytest.fixture
def dock(tmp_path: Path) -> Dock:
    return used_dock(tmp_path)


@pytest.fixture
def empty_dock(tmp_path: Path) -> Dock:
    return new_dock(tmp_path)
