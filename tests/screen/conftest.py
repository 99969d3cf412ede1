"""A browser, the screen beside it, and a daemon that says what a test wants."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.screen.docks import CHROMIUM, Dock, configure, screen

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, without a window."""
    if not CHROMIUM.exists():
        pytest.skip("NOT TESTED: Chromium is not installed: make browser")
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - it takes long to load

    with sync_playwright() as playwright:
        args = ["--no-sandbox", "--autoplay-policy=no-user-gesture-required"]  # as the kiosk's unit has it
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=args)
        yield started
        started.close()


@pytest.fixture(scope="module")
def dock(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dock]:
    """A daemon that answers, with bwvdock-screen beside it, for the tests of a module."""
    folder = tmp_path_factory.mktemp("dock")
    (folder / "state").mkdir()
    config, port = configure(folder)
    with Dock(folder, port) as running, screen(config, port):
        yield running


@pytest.fixture
def here(tmp_path: Path) -> Path:
    """A folder for a dock of the test's own."""
    (tmp_path / "state").mkdir()
    return tmp_path
