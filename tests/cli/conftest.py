"""A dock that was used, and London's clocks, for every test here that asks for them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.docks import Dock, new_dock, used_dock


@pytest.fixture
def dock(tmp_path: Path) -> Dock:
    return used_dock(tmp_path)


@pytest.fixture
def empty_dock(tmp_path: Path) -> Dock:
    return new_dock(tmp_path)


@pytest.fixture
def in_london(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "Europe/London")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()
