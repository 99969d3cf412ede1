"""What does an officer see? The real page in the real browser; a daemon beside it says what a test wants."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations
from typing import TYPE_CHECKING, Any

import pytest

from bwvdock.status.for_screen import Advice, Cause, ForScreen
from tests.architecture.tree import ROOT
from tests.extent import drawn
from tests.fakes.hostile import HOSTILE
from tests.screen.docks import COPYING, EVERY_STATE, Dock, bay, full
from tests.servers.process import HOME

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.slow

AXE = HOME / "node_modules/axe-core/axe.min.js"
TEXTS = json.loads((ROOT / "bwvdock/screen/page/en.json").read_text(encoding="utf-8"))
SIZES = ((1024, 600), (1280, 800), (1080, 1920), (1920, 1080), (3840, 2160))
SAFE = ForScreen(bays=(bay(1),))
LIMIT = 20_000  # milliseconds; a machine under load, never a measure


@pytest.fixture
def page(browser: Browser, dock: Dock) -> Iterator[Page]:
    """The page as it was opened, with nothing docked. It makes no error, and no request leaves its origin."""
    context = browser.new_context(viewport={"width": 1024, "height": 600}, color_scheme="dark")
    opened = context.new_page()
    opened.set_default_timeout(LIMIT)
    wrong: list[str] = []
    opened.on("pageerror", lambda error: wrong.append(str(error)))
    opened.on("console", lambda said: wrong.append(said.text) if "Failed to load" not in said.text else None)
    context.on("request", lambda asked: None if asked.url.startswith(dock.url) else wrong.append(asked.url))
    dock.told = ForScreen()
    opened.goto(dock.url)
    opened.get_by_text(TEXTS["nothing-docked"]).wait_for()
    yield opened
    context.close()
    assert wrong == []


def show(page: Page, dock: Dock, told: ForScreen) -> None:
    """Have the daemon say that, and wait until the page shows it."""
    dock.told = told
    for shown in told.bays:
        tile(page, shown.advice).first.wait_for()
    page.wait_for_function(
        "(count) => document.querySelectorAll('li button').length === count", arg=len(told.bays)
    )


def tile(page: Page, advice: str) -> Any:  # noqa: ANN401 - a locator
    return page.locator(f"li button[data-advice='{advice}']")


def test_each_answer_has_a_word_a_shape_and_a_colour_of_its_own(page: Page, dock: Dock) -> None:
    show(page, dock, EVERY_STATE)
    seen = {}
    for advice in Advice:
        first = tile(page, advice).first
        word = first.locator(".word").inner_text()
        assert word == TEXTS[f"advice.{advice}"]
        shape = first.locator("use").get_attribute("href")
        assert first.locator("use").evaluate("(drawn) => drawn.getBBox().width > 0"), "nothing is drawn"
        seen[advice] = (word, shape, first.evaluate("(tile) => getComputedStyle(tile).backgroundColor"))
    for one, other in combinations(seen.values(), 2):
        assert not set(one) & set(other)
    lightness = sorted(_luminance(colour) for _, _, colour in seen.values())
    assert _luminance(seen[Advice.SAFE][2]) > 2 * _luminance(seen[Advice.DO_NOT_REMOVE][2])
    assert len(set(lightness)) == len(lightness)


def _luminance(colour: str) -> float:
    """Return the relative luminance of a colour, as WCAG defines it."""
    channels = [int(part) / 255 for part in re.findall(r"\d+", colour)[:3]]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_what_is_wrong_is_said_with_what_to_do(page: Page, dock: Dock) -> None:
    page.set_viewport_size({"width": 1280, "height": 800})
    show(page, dock, EVERY_STATE)
    assert "12 of 30 clips copied" in tile(page, "do-not-remove").first.inner_text()
    assert "2 files are still being written" in tile(page, "settling").inner_text()
    said = [tile(page, "safe").nth(n).locator(".power").inner_text() for n in (0, 1)]
    assert said == ["Battery 87 %", ""]
    cells = page.locator("li .cell").evaluate_all("(cells) => cells.map((cell) => cell.offsetWidth > 0)")
    assert cells == [True, *[False] * 6]  # where nothing is known nothing is drawn
    assert "not admitted" in tile(page, "refused").inner_text()
    assert "3 files were not taken" in tile(page, "safe").nth(1).inner_text()
    assert page.locator("#banner").inner_text() == TEXTS["problem.spool-full"]
    show(page, dock, replace(EVERY_STATE, problems=("of a newer daemon",)))
    page.get_by_text(TEXTS["problem.other"]).wait_for()
    dock.told = EVERY_STATE
    assert page.locator("#summary").inner_text() == "3 of 7 cameras are safe to remove"


def test_an_update_is_seen_at_once_without_a_reload(page: Page, dock: Dock) -> None:
    """In simulated seconds it would be no test; on a quiet machine it is within one."""
    page.evaluate("window.loaded = true")
    show(page, dock, ForScreen(bays=(bay(1, Advice.DO_NOT_REMOVE, Cause.COPYING, **COPYING),)))
    asked = dock.asked
    show(page, dock, SAFE)
    assert dock.asked - asked <= 4
    assert page.evaluate("window.loaded")
    show(page, dock, ForScreen())


def test_a_daemon_that_is_gone_or_hangs_leaves_nothing_safe(page: Page, dock: Dock) -> None:
    show(page, dock, SAFE)
    for fail, mend, said in (
        (dock.stop, dock.start, TEXTS["silent.not-running"]),
        (dock.answers.clear, dock.answers.set, TEXTS["silent.no-answer"]),
    ):
        fail()
        page.locator("#banner.loud").wait_for()
        assert page.locator("#banner").inner_text().startswith(said)
        assert tile(page, "unknown").count() == 1
        assert TEXTS["advice.safe"] not in page.locator("body").inner_text()
        mend()
        tile(page, "safe").wait_for()
        assert not page.locator("#banner").is_visible()


def test_a_tile_that_is_looked_at_closely_becomes_unknown_as_well(page: Page, dock: Dock) -> None:
    show(page, dock, SAFE)
    tile(page, "safe").click()
    page.locator("#description[data-advice=safe]").wait_for()
    dock.stop()
    try:
        page.locator("#description[data-advice=unknown]").wait_for()
    finally:
        dock.start()


def test_a_page_that_is_not_seen_says_nothing(page: Page, dock: Dock) -> None:
    """What was painted last is what is seen first when it comes back."""
    show(page, dock, SAFE)
    page.evaluate("Object.defineProperty(document, 'hidden', { value: true, configurable: true })")
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    assert tile(page, "unknown").count() == 1
    page.evaluate("delete document.hidden")
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    tile(page, "safe").wait_for()


def test_a_page_whose_script_has_stopped_is_covered(page: Page, dock: Dock) -> None:
    show(page, dock, SAFE)
    page.evaluate("for (let timer = 0; timer < 1000; timer += 1) clearInterval(timer)")
    dock.stop()
    try:
        page.evaluate(
            """() => new Promise((resolve) => {
                 const [cover] = document.getElementById("cover").getAnimations();
                 cover.finished.then(resolve, resolve);
               })"""
        )
    finally:
        dock.start()


def test_a_hostile_name_is_text_and_moves_nothing(page: Page, dock: Dock) -> None:
    names = [*HOSTILE.values(), "<img src=x onerror=alert(1)>", "{n}", "A" * 4000, "\u202e\u2066" + "B" * 40]
    bays = tuple(bay(n, serial=name, model=name, bay=name, left=1) for n, name in enumerate(names, start=1))
    page.on("dialog", lambda _: pytest.fail("a name was executed"))
    dock.told = ForScreen(bays=bays)
    page.wait_for_function(
        "(count) => document.querySelectorAll('li button').length === count", arg=len(bays)
    )
    assert page.locator("li img, li script").count() == 0
    assert overflowing(page) == []
    boxes = page.locator("li").evaluate_all("(all) => all.map((one) => one.clientWidth)")
    assert max(boxes) - min(boxes) <= 1


def overflowing(page: Page) -> list[str]:
    """Return the words that do not fit into their tiles, and whether the page is wider than the screen."""
    found: list[str] = page.evaluate(
        """() => {
             const wide = [...document.querySelectorAll(".word")]
               .filter((word) => word.scrollWidth > word.clientWidth + 1)
               .map((word) => word.textContent);
             const cut = [...document.querySelectorAll("li button")]
               .filter((tile) => {
                 const [word, bay, box] = [tile.querySelector(".word"), tile.querySelector(".bay"), tile]
                   .map((part) => part.getBoundingClientRect());
                 return bay.bottom > box.bottom + 1 || word.top < box.top - 1 || word.bottom > bay.top + 2;
               })
               .map((tile) => `${tile.textContent} is cut`);
             const page = document.documentElement;
             return [...wide, ...cut, ...(page.scrollWidth > page.clientWidth ? ["the page"] : [])];
           }"""
    )
    return found


def test_every_number_of_tiles_fits_on_every_screen(page: Page, dock: Dock) -> None:
    """On each size of a screen that docks have, with as many cameras as they hold."""
    counts = drawn(range(2, 64), 2, of="counts")
    for count in sorted({1, 64, *counts}):
        show(page, dock, full(count))
        for width, height in drawn(SIZES, 3, of=count):
            page.set_viewport_size({"width": width, "height": height})
            assert overflowing(page) == [], (count, width, height)
            main = page.locator("main").evaluate("(main) => main.scrollHeight - main.clientHeight")
            assert main <= 1, (count, width, height)


@pytest.mark.parametrize(
    "count,size,least",
    [
        pytest.param(6, (1024, 600), 34, id="6 on 10 inches"),
        pytest.param(12, (1920, 1080), 45, id="12 on 24 inches"),
        pytest.param(64, (3840, 2160), 42, id="64 on 55 inches"),
    ],
)
def test_words_are_as_large_as_the_documentation_says(
    page: Page, dock: Dock, count: int, size: tuple[int, int], least: int
) -> None:
    page.set_viewport_size({"width": size[0], "height": size[1]})
    show(page, dock, full(count))
    font = page.locator(".word").first.evaluate("(word) => parseFloat(getComputedStyle(word).fontSize)")
    assert font >= least


def test_the_smallest_tile_says_where_and_how_the_serial_ends(page: Page, dock: Dock) -> None:
    for width, ends in ((1024, []), (1280, ["…00001"])):
        page.set_viewport_size({"width": width, "height": 600})
        show(page, dock, full(64))
        said = page.locator("li button").first.inner_text().split("\n")
        assert said == [TEXTS["advice.do-not-remove"], "Bay 1-1", *ends]


def test_it_is_used_by_keyboard_alone(page: Page, dock: Dock) -> None:
    show(page, dock, EVERY_STATE)
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    focused = page.locator(":focus")
    assert "Bay 1-2" in focused.inner_text()
    outline = focused.evaluate("(tile) => getComputedStyle(tile).outlineStyle")
    assert outline == "solid"
    page.keyboard.press("Enter")
    page.locator("#description[open]").wait_for()
    assert "12 of 30 clips copied" in page.locator("#description").inner_text()
    page.keyboard.press("Escape")
    page.locator("#description[open]").wait_for(state="detached")
    assert "Bay 1-2" in page.locator(":focus").inner_text()


@pytest.mark.skipif(not AXE.exists(), reason="needs make servers")
@pytest.mark.parametrize("scheme", ["dark", "light"])
def test_axe_finds_nothing_against_wcag(browser: Browser, dock: Dock, scheme: Any) -> None:  # noqa: ANN401
    """Contrast of each text is measured by axe; that of shapes and edges here."""
    with browser.new_context(
        viewport={"width": 1280, "height": 800}, color_scheme=scheme, bypass_csp=True
    ) as context:
        page = context.new_page()
        page.set_default_timeout(LIMIT)
        page.goto(dock.url)
        show(page, dock, replace(EVERY_STATE, bays=(*EVERY_STATE.bays, bay(8, officer="4411"))))
        page.add_script_tag(path=AXE)
        assert violations(page) == []
        tile(page, "refused").click()
        assert violations(page) == []
        page.keyboard.press("Escape")
        ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
        for advice in Advice:
            first = tile(page, advice).first
            back, ink, edge = first.evaluate(
                """(tile) => ["backgroundColor", "color", "borderTopColor"]
                     .map((name) => getComputedStyle(tile)[name])"""
            )
            assert contrast(back, ink) >= 4.5
            assert contrast(edge, ground) >= 3 or contrast(back, ground) >= 3
        dock.stop()
        try:
            page.locator("#banner.loud").wait_for()
            assert violations(page) == []
        finally:
            dock.start()


def contrast(one: str, other: str) -> float:
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def violations(page: Page) -> list[str]:
    found: list[str] = page.evaluate(
        """async () => {
             const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
             const { violations, passes } = await axe.run(document, { runOnly: tags });
             if (!passes.some((rule) => rule.id === "color-contrast")) return ["no contrast was measured"];
             return violations.map((rule) => `${rule.id}: ${rule.nodes.map((node) => node.html).join(" ")}`);
           }"""
    )
    return found


def test_every_text_is_of_the_catalogue(browser: Browser, dock: Dock) -> None:
    """Another language is another catalogue: here one that puts each text in brackets."""

    def bracketed(said: Any) -> Any:  # noqa: ANN401
        return {form: f"[{text}]" for form, text in said.items()} if isinstance(said, dict) else f"[{said}]"

    texts = {key: said if key == "language" else bracketed(said) for key, said in TEXTS.items()}
    with browser.new_context() as context:
        page = context.new_page()
        page.set_default_timeout(LIMIT)
        page.route("**/texts.json", lambda route: route.fulfill(json=texts))
        dock.told = replace(
            EVERY_STATE, bays=tuple(replace(b, serial="", model="") for b in EVERY_STATE.bays)
        )
        page.goto(dock.url)
        tile(page, "settling").wait_for()
        plain = page.evaluate(
            """() => [...document.querySelectorAll("li span, li bdi, #summary, #banner, #checkout, #close")]
                 .map((part) => part.textContent.trim())
                 .filter((text) => text !== "" && !/^\\[.*\\]$/s.test(text))"""
        )
        assert plain == []
