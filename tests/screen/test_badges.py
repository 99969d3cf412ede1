"""What does an officer see and hear after a badge? The real page, with its modules, in a real browser."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from bwvdock.status.for_screen import Advice, Cause, ForScreen, ShownCheckout
from tests.extent import drawn
from tests.screen.docks import EVERY_STATE, Dock, bay, configure, full, screen
from tests.screen.test_page import AXE, LIMIT, SIZES, TEXTS, overflowing, page, show, tile, violations
from tests.screen.test_texts import OUTCOMES, texts

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

__all__ = ["page"]

pytestmark = pytest.mark.slow

GOOD = {"take", "taken", "returned"}
OFFER = ShownCheckout(outcome="take", bay="1-7", seconds_left=60)
_SPY = """() => {
  window.heard = [];
  const start = OscillatorNode.prototype.start;
  OscillatorNode.prototype.start = function (...when) {
    window.heard.push(this.frequency.value);
    return start.apply(this, when);
  };
}"""


def after(outcome: str, *, seconds: int = 60, where: str = "1-7") -> ForScreen:
    """Return a dock with two cameras, just after a badge."""
    offered = Advice.TAKE if outcome == "take" else Advice.SAFE
    said = ShownCheckout(outcome=outcome, bay=where, seconds_left=seconds)
    return ForScreen(bays=(bay(1), bay(7, offered)), checkout=said)


def resize(page: Page, width: int, height: int) -> None:
    """Give the page another size, and wait until it has drawn itself in it."""
    page.set_viewport_size({"width": width, "height": height})
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")


def said_of_a_badge(page: Page) -> str:
    return page.locator("#checkout").inner_text()


def test_one_of_sixty_four_is_to_be_taken_on_every_screen(page: Page, dock: Dock) -> None:
    told = full(64)
    bays = tuple(
        replace(b, advice=Advice.TAKE, cause=Cause.NONE) if b.bay == "1-40" else b for b in told.bays
    )
    dock.told = replace(told, bays=bays, checkout=replace(OFFER, bay="1-40"))
    tile(page, "take").wait_for()
    assert said_of_a_badge(page) == TEXTS["checkout.take"].replace("{bay}", "1-40")
    for width, height in drawn(SIZES, 2, of="sizes"):
        resize(page, width, height)
        assert overflowing(page) == []
    assert tile(page, "take").count() == 1
    assert TEXTS["advice.take"] in tile(page, "take").inner_text()


_CUT_HINTS = """() => [...document.querySelectorAll("li button")]
  .filter((tile) => {
    const hint = tile.querySelector(".hint");
    if (hint.textContent === "") return false;
    const [box, said] = [tile, hint].map((part) => part.getBoundingClientRect());
    return said.height < 10 || said.bottom > box.bottom;
  })
  .map((tile) => tile.innerText)"""


@pytest.mark.parametrize("problems", [(), ("spool-full",)])
@pytest.mark.parametrize("outcome", ["", "take", "not-taken"])
def test_a_line_above_seven_tiles_hides_no_hint_on_the_smallest_screen(
    page: Page, dock: Dock, outcome: str, problems: tuple[str, ...]
) -> None:
    copying = replace(EVERY_STATE.bays[1], battery=40, battery_source="camera")
    bays = (EVERY_STATE.bays[0], copying, *EVERY_STATE.bays[2:6], bay(7, Advice.SAFE, left=12, battery=4))
    said = ShownCheckout(outcome=outcome, bay="1-7", seconds_left=60) if outcome else None
    show(page, dock, ForScreen(bays=bays, problems=problems, checkout=said))
    page.locator("#checkout").wait_for(state="visible" if outcome else "hidden")
    page.locator("#banner").wait_for(state="visible" if problems else "hidden")
    resize(page, *SIZES[0])
    assert page.evaluate(_CUT_HINTS) == []
    assert overflowing(page) == []


def test_each_outcome_is_said_with_what_to_do_and_to_screen_readers(page: Page, dock: Dock) -> None:
    live = page.get_by_role("alert").filter(visible=True)
    for outcome in ("take", *drawn(sorted(set(OUTCOMES) - {"take"}), 2, of="outcomes")):
        dock.told = after(outcome)
        expected = TEXTS[f"checkout.{outcome}"].replace("{bay}", "1-7")
        live.get_by_text(expected, exact=True).wait_for()
        wrong = page.locator("#checkout").evaluate("(line) => line.classList.contains('wrong')")
        assert wrong == (outcome not in GOOD)
        assert tile(page, "take").count() == (outcome == "take")
    dock.told = after("of a newer daemon")
    live.get_by_text(TEXTS["checkout.other"]).wait_for()
    dock.told = replace(dock.told, checkout=None)
    page.locator("#checkout").wait_for(state="hidden")


def test_nothing_is_offered_by_a_daemon_that_is_gone(page: Page, dock: Dock) -> None:
    show(page, dock, after("take"))
    dock.stop()
    try:
        page.locator("#banner.loud").wait_for()
        assert tile(page, "take").count() == 0
        assert tile(page, "unknown").count() == 2
        assert not page.locator("#checkout").is_visible()
    finally:
        dock.start()


def test_a_badge_is_heard_once_and_only_a_badge(page: Page, dock: Dock) -> None:
    page.evaluate(_SPY)
    dock.told = after("taken")
    page.get_by_text(TEXTS["checkout.taken"].replace("{bay}", "1-7")).wait_for()
    assert page.evaluate("heard") == []
    for outcome, tones in (("take", 2), ("taken-another", 6), ("none-charged", 8)):
        dock.told = after(outcome)
        page.wait_for_function("(count) => heard.length === count", arg=tones)
    asked = dock.asked
    while dock.asked < asked + 3:
        page.evaluate("new Promise(requestAnimationFrame)")
    assert page.evaluate("heard.length") == 8


def test_the_page_is_welsh_and_silent_where_it_is_configured(browser: Browser, here: Path) -> None:
    config, port = configure(here, language="cy")
    config.write_text(config.read_text() + "sounds = false\n")
    welsh = texts("cy")
    with Dock(here, port) as dock, screen(config, port), browser.new_context() as context:
        page = context.new_page()
        page.set_default_timeout(LIMIT)
        page.goto(dock.url)
        page.evaluate(_SPY)
        page.get_by_text(welsh["nothing-docked"]).wait_for()
        dock.told = EVERY_STATE
        tile(page, "take").wait_for()
        assert page.locator("html").get_attribute("lang") == "cy"
        assert {word.inner_text() for word in page.locator(".word").all()} == {
            welsh[f"advice.{advice}"] for advice in Advice
        }
        assert "3 o 7 camera yn ddiogel" in page.locator("#summary").inner_text()
        for width, height in drawn(SIZES, 2, of="sizes in Welsh"):
            resize(page, width, height)
            assert overflowing(page) == []
        if AXE.exists():
            page.evaluate(AXE.read_text(encoding="utf-8"))
            assert violations(page) == []
        assert page.evaluate("heard") == []


def test_welsh_numbers_take_their_own_forms(page: Page) -> None:
    said = page.evaluate(
        """async (texts) => {
             const { text } = await import("/page/tiles.js");
             return [0, 1, 2, 3, 4, 6].map((n) => text(texts, "clips", { n, copied: 0 }).split(" ")[3]);
           }""",
        texts("cy"),
    )
    assert said == ["clip", "clip", "glip", "chlip", "clip", "chlip"]
    kinds = page.evaluate("""new Intl.PluralRules("cy").resolvedOptions().pluralCategories""")
    assert set(kinds) == set(texts("cy")["clips"])


_STEPS = """async (steps) => {
  const { current, sound, withoutEnded } = await import("/page/checkout.js");
  let before, heard = [];
  for (const [mono, age, checkout, kind] of steps) {
    const view = { kind: kind ?? "fresh", age, told: { bays: [{ advice: "take" }], checkout } };
    const shown = current(view, { mono, wall: 0 });
    const bays = withoutEnded(view, shown).told.bays.map((bay) => bay.advice);
    heard.push([sound(before, shown), bays[0], shown === null ? null : shown.ends]);
    if (view.kind === "fresh") before = shown;
  }
  return heard;
}"""


def offer(seconds: Any, outcome: str = "take", where: str = "1-7") -> dict[str, Any]:  # noqa: ANN401
    return {"outcome": outcome, "bay": where, "seconds": seconds}


CASES: dict[str, tuple[list[list[Any]], list[Any]]] = {
    "a badge": ([[0, 0, None], [9, 9, offer(60)]], ["take", "take", 60000]),
    "there when the page was opened": ([[9, 9, offer(60)]], ["", "take", 60000]),
    "the same": ([[0, 0, None], [0, 0, offer(9)], [1000, 0, offer(8)]], ["", "take", 9000]),
    "the same badge again": ([[0, 0, None], [0, 0, offer(9)], [3000, 0, offer(9)]], ["take", "take", 12000]),
    "another bay": ([[0, 0, None], [0, 0, offer(9)], [0, 0, offer(9, where="2")]], ["take", "take", 9000]),
    "just in time": ([[0, 0, None], [1000, 999, offer(1)]], ["take", "take", 1001]),
    "just too late": ([[0, 0, None], [1000, 1000, offer(1)]], ["", "safe", None]),
    "without an end": ([[0, 0, None], [1000, 0, offer(None)]], ["", "safe", None]),
    "on the tile alone": ([[0, 0, None], [1000, 0, None]], ["", "safe", None]),
    "nothing to take": ([[0, 0, None], [9, 9, offer(60, "none-safe")]], ["nothing", "safe", 60000]),
    "a wrong one": ([[0, 0, None], [9, 9, offer(60, "taken-two")]], ["wrong", "safe", 60000]),
    "of a newer daemon": ([[0, 0, None], [9, 9, offer(60, "?")]], ["", "safe", 60000]),
    "after silence": (
        [[0, 0, None], [0, 0, offer(9)], [9, 9, None, "silent"], [9, 9, offer(9)]],
        ["", "take", 9000],
    ),
}


def test_what_is_known_of_a_badge(page: Page) -> None:
    wrong = {name: page.evaluate(_STEPS, steps)[-1] for name, (steps, _) in CASES.items()}
    assert wrong == {name: expected for name, (_, expected) in CASES.items()}


def test_what_is_old_offers_nothing(page: Page) -> None:
    for kind in ("old", "silent", "asking"):
        [_, [heard, _, ends]] = page.evaluate(_STEPS, [[0, 0, None], [9, 9, offer(60), kind]])
        assert (heard, ends) == ("", None)


def test_every_outcome_has_its_line(page: Page) -> None:
    lines = page.evaluate(
        """async ([texts, outcomes]) => {
             const { line } = await import("/page/checkout.js");
             const { text } = await import("/page/tiles.js");
             const say = (key, values) => text(texts, key, values);
             return outcomes.map((outcome) => line({ outcome, bay: "1-7", ends: 1 }, say));
           }""",
        [TEXTS, OUTCOMES],
    )
    assert [said["text"] for said in lines] == [
        TEXTS[f"checkout.{outcome}"].replace("{bay}", "1-7") for outcome in OUTCOMES
    ]
    assert {outcome for outcome, said in zip(OUTCOMES, lines, strict=True) if not said["wrong"]} == GOOD
