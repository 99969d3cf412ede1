"""Does the page ever call safe what the daemon did not say just now? Its own module, in the real browser.

Drawn histories of clocks, streams, restarts and losses (world.js): without faults all is fresh, with them
nothing old is called so, and a few seconds after the last fault it is fresh again. A module that was broken
on purpose is found out by the same histories.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.architecture.tree import ROOT
from tests.extent import EXTENT, SEED, Extent
from tests.screen.docks import Dock

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Route

pytestmark = pytest.mark.slow

MODULE = ROOT / "bwvdock/screen/page/knowledge.js"
HISTORIES = 5000 if EXTENT is Extent.NIGHTLY else 300
_RUN = """async ([module, first, count, faults]) => {
  const { Knowledge, FRESH_MS } = await import(module);
  const { histories } = await import("/test/world.js");
  return histories(Knowledge, FRESH_MS, first, count, faults);
}"""
BREAKS = {
    "believes when it comes": ("earlier(now, after(this.#opened, at - this.#hello))", "now"),
    "heeds earlier streams": ("stream !== this.#stream || this.#hello === null", "this.#hello === null"),
    "counts no sleep": ("Math.max(now.mono - then.mono, now.wall - then.wall)", "now.mono - then.mono"),
    "is patient": ("!(age < FRESH_MS)", "!(age < 2 * FRESH_MS)"),
    "keeps a dead stream": (
        "return between(this.#heard, now) >= QUIET_MS || this.#age(now) >= FRESH_MS",
        "return false",
    ),
    "keeps an earlier hello": ("    this.#hello = null;\n", ""),
    "takes silence for an answer": ('Array.isArray(this.#told.bays) ? "fresh" : "silent"', '"fresh"'),
}


@pytest.fixture
def page(browser: Browser, dock: Dock) -> Iterator[Page]:
    """An empty page of the screen's origin, to which the test adds modules."""
    context = browser.new_context()
    opened = context.new_page()
    serve(opened, "/test/world.js", Path(__file__).with_name("world.js").read_text(encoding="utf-8"))
    opened.goto(f"{dock.url}page/shape.svg")
    yield opened
    context.close()


def serve(page: Page, path: str, module: str) -> None:
    """Have the browser get a module at a path."""

    def fulfil(route: Route) -> None:
        route.fulfill(body=module, content_type="text/javascript")

    page.route(f"**{path}", fulfil)


def run(page: Page, module: str, *, count: int, faults: bool = True) -> dict[str, Any]:
    first = int(SEED) if EXTENT is Extent.NIGHTLY else 1
    found: dict[str, Any] = page.evaluate(_RUN, [module, first, count, faults])
    return found


def test_what_is_called_fresh_was_said_just_now_whatever_happens(page: Page) -> None:
    found = run(page, "/page/knowledge.js", count=HISTORIES)
    assert found["wrong"] == []
    assert all(times > HISTORIES for times in found["seen"].values()), found["seen"]


def test_without_a_fault_nothing_is_ever_called_old(page: Page) -> None:
    found = run(page, "/page/knowledge.js", count=20, faults=False)
    assert found["wrong"] == []
    assert found["seen"]["safe"] > 0


def test_a_module_that_is_broken_is_found_out(page: Page) -> None:
    source = MODULE.read_text(encoding="utf-8")
    passed = []
    for number, (name, (old, new)) in enumerate(BREAKS.items()):
        assert old in source, name
        serve(page, f"/test/broken-{number}.js", source.replace(old, new))
        if run(page, f"/test/broken-{number}.js", count=300)["wrong"] == []:
            passed.append(name)
    assert passed == []


_ASK = """async (steps) => {
  const { Knowledge } = await import("/page/knowledge.js");
  const knowledge = new Knowledge({ mono: 0, wall: 0 });
  let stream = 0;
  for (const [what, mono, wall, at] of steps) {
    const now = { mono, wall };
    if (what === "open") stream = knowledge.open(now);
    if (what === "hello") knowledge.hello(stream, at);
    if (what === "said") knowledge.said(stream, at, { bays: [] }, now);
    if (what === "stale") return knowledge.isStale(now) ? "stale" : "good";
    if (what === "view") return knowledge.view(now).kind;
  }
}"""


@pytest.mark.parametrize(
    "steps,kind",
    [
        pytest.param([["view", 100, 100, 0]], "asking", id="nothing yet"),
        pytest.param([["view", 6000, 6000, 0]], "old", id="nothing for long"),
        pytest.param([["said", 30, 30, 1020], ["view", 5019, 5019, 0]], "fresh", id="just in time"),
        pytest.param([["said", 30, 30, 1020], ["view", 5020, 5020, 0]], "old", id="just too late"),
        pytest.param([["said", 30, 30, 3601000], ["view", 5031, 5031, 0]], "old", id="dated ahead"),
        pytest.param([["said", 30, 30, 1020], ["view", 40, -3600000, 0]], "old", id="a clock was set back"),
        pytest.param([["said", 30, 30, 1020], ["stale", 3020, 3020, 0]], "good", id="quiet for a moment"),
        pytest.param([["said", 30, 30, 1020], ["stale", 3030, 3030, 0]], "stale", id="quiet for too long"),
        pytest.param([["said", 30, 30, None], ["view", 40, 40, 0]], "asking", id="without a date"),
    ],
)
def test_what_is_known(page: Page, steps: list[list[Any]], kind: str) -> None:
    begun = [["open", 0, 0, 0], ["hello", 10, 10, 1000]]
    assert page.evaluate(_ASK, [*begun, *steps]) == kind
