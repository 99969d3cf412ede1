"""docs/images/, taken of the real page in the real browser: python -m tests.screen.pictures."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.architecture.tree import ROOT
from tests.screen.docks import CHROMIUM, EVERY_STATE, Dock, configure, full, screen
from tests.screen.own_clips import Officer

FOLDER = ROOT / "docs/images"
SHOWN = replace(EVERY_STATE, bays=EVERY_STATE.bays[:6], problems=(), checkout=None)


def main() -> None:
    """Take each picture."""
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        folder = Path(name)
        (folder / "state").mkdir()
        config, port = configure(folder)
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        with Dock(folder, port) as dock, screen(config, port):
            page = browser.new_page(viewport={"width": 1024, "height": 600}, color_scheme="dark")
            dock.told = SHOWN
            page.goto(dock.url)
            page.locator("li button[data-advice=safe]").first.wait_for()
            page.screenshot(path=FOLDER / "screen.png")
            dock.told = replace(EVERY_STATE, problems=())
            page.locator("li button[data-advice=take]").wait_for()
            page.screenshot(path=FOLDER / "screen-take.png")
            Officer(dock).show_badge()
            page.locator("#own-open").click()
            page.locator("#own-left").get_by_text("seconds").wait_for()
            page.screenshot(path=FOLDER / "screen-own-clips.png")
            page.locator("#own-close").click()
            dock.told = SHOWN
            page.locator("li button[data-advice=take]").wait_for(state="detached")
            dock.stop()
            page.locator("#banner.loud").wait_for()
            page.screenshot(path=FOLDER / "screen-silent.png")
            dock.told = full(64)
            dock.start()
            wide = browser.new_page(viewport={"width": 1280, "height": 800}, color_scheme="light")
            wide.goto(dock.url)
            wide.locator("li button[data-advice=safe]").first.wait_for()
            wide.screenshot(path=FOLDER / "screen-64.png")
        browser.close()


if __name__ == "__main__":
    main()
