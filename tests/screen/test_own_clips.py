"""Does an officer see and mark their own clips for a minute, by keyboard alone? In a real browser."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from bwvdock.operators.checkout.requests import MarkOwnClip, ShowOwnClips
from bwvdock.status.for_screen import ForScreen
from tests.extent import drawn
from tests.fakes.hostile import HOSTILE
from tests.screen.docks import Dock, configure, screen
from tests.screen.own_clips import TOKEN, Officer
from tests.screen.test_badges import resize
from tests.screen.test_page import AXE, LIMIT, SIZES, TEXTS, page, violations
from tests.screen.test_texts import texts

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

__all__ = ["page"]

pytestmark = pytest.mark.slow

_POST = """async ([path, body, type]) => {
  const headers = { "Content-Type": type };
  const answer = await fetch(path, { method: "POST", headers, body: JSON.stringify(body) });
  return [answer.status, await answer.json()];
}"""


@pytest.fixture
def officer(dock: Dock) -> Iterator[Officer]:
    """An officer whose badge was shown."""
    made = Officer(dock)
    dock.ordered.clear()
    made.show_badge()
    yield made
    made.end()


def note(page: Page, key: str) -> None:
    """Wait until the page says this."""
    page.locator("#own-note").get_by_text(TEXTS[f"own.{key}"], exact=True).wait_for()


def opened(page: Page) -> None:
    page.locator("#own-open").click()
    page.locator("#own-list button").first.wait_for()


def rows(page: Page) -> list[str]:
    return page.locator("#own-list button").all_inner_texts()


def post(page: Page, path: str, body: Any, kind: str = "application/json") -> Any:  # noqa: ANN401 - JSON
    return page.evaluate(_POST, [path, body, kind])


def test_clips_are_listed_once_somebody_asks_and_never_before(page: Page, officer: Officer) -> None:
    page.locator("#own-open").wait_for()
    assert not page.locator("#own").is_visible()
    assert officer.dock.ordered == []
    opened(page)
    assert officer.dock.ordered == [ShowOwnClips()]
    assert rows(page) == [
        "Recorded about 2026-07-01 21:14 BST · 12:34 min · 912 MB\n" + TEXTS["own.no-marks"],
        "Recorded 2026-07-01 20:02 BST · 1:01 min · 80 MB\nEvidence, case C-7 · use-of-force",
        "Recorded 2026-07-01 19:40 BST · length not known · 1 MB\n" + TEXTS["own.no-marks"],
    ]
    assert not page.locator("#tiles").is_visible()
    assert "01KGE" not in page.locator("body").inner_text()
    assert not page.locator("#own-offer").is_visible()
    page.locator("#own-close").click()
    assert page.locator("#tiles").is_visible()
    assert page.locator("#own-list button").count() == 0


def test_all_of_it_is_done_by_keyboard_alone(page: Page, officer: Officer) -> None:
    page.locator("#own-open").wait_for()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.locator("#own-list button").first.wait_for()
    for key in ("Tab", "Tab", "Enter", "Enter"):  # past Close, to the first clip; its first act is Evidence
        page.keyboard.press(key)
    page.keyboard.press("Tab")
    while page.evaluate("document.activeElement.id") != "own-case":
        page.keyboard.press("Tab")
    page.keyboard.type("C-12")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.locator("#own-reason").evaluate("(field) => field.matches(':invalid')")
    page.keyboard.type("burglary")
    page.keyboard.press("Enter")
    note(page, "recorded")
    assert officer.dock.ordered[1:] == [
        MarkOwnClip(token=TOKEN, clip="01KGE0", act="evidence", reason="burglary", case="C-12"),
        ShowOwnClips(token=TOKEN),
    ]
    assert rows(page)[0].endswith("Evidence, case C-12")
    assert page.evaluate("document.activeElement.dataset.clip") == "01KGE0"
    page.keyboard.press("Enter")
    page.locator("#own-form").wait_for()
    page.keyboard.press("Escape")
    page.locator("#own-list").wait_for()
    page.keyboard.press("Escape")
    assert page.locator("#tiles").is_visible()


def test_each_act_says_what_follows_and_sends_what_it_needs_alone(page: Page, officer: Officer) -> None:
    opened(page)
    for act, sent in (
        ("category", {"category": "traffic"}),
        ("not-evidence", {"reason": "BY MISTAKE 7"}),
        ("not-mine", {}),
    ):
        page.locator("#own-list button[data-clip='01KGE1']").click()
        page.locator(f"[data-act={act}]").click()
        assert page.locator("#own-what").inner_text() == TEXTS[f"own.what.{act}"]
        assert page.locator("#own-case").is_visible() is False
        if act == "category":
            page.get_by_label("traffic").check()
        if sent.get("reason"):
            page.locator("#own-keyboard").click()
            for sign in "BY MISTAKE 77":
                name = TEXTS["own.key.space"] if sign == " " else sign
                page.locator("#own-keys").get_by_role("button", name=name, exact=True).click()
            page.locator("#own-keys").get_by_role("button", name=TEXTS["own.key.delete"]).click()
        page.locator("#own-record").click()
        page.locator("#own-form").wait_for(state="hidden")
        note(page, "recorded")
        [order] = [one for one in officer.dock.ordered if isinstance(one, MarkOwnClip)]
        assert order == MarkOwnClip(token=TOKEN, clip="01KGE1", act=act, **sent)
        officer.dock.ordered.clear()
    assert len(rows(page)) == 2


def test_what_is_pressed_twice_is_asked_once(page: Page, officer: Officer) -> None:
    page.locator("#own-open").wait_for()
    page.evaluate("() => { const b = document.querySelector('#own-open'); b.click(); b.click(); }")
    page.locator("#own-list button").first.wait_for()
    page.locator("#own-list button").first.click()
    page.locator("[data-act=not-mine]").click()
    page.evaluate("() => { const b = document.querySelector('#own-record'); b.click(); b.click(); }")
    note(page, "recorded")
    assert [type(one) for one in officer.dock.ordered] == [ShowOwnClips, MarkOwnClip, ShowOwnClips]


def test_the_window_ends_by_itself_and_leaves_nothing_on_the_page(page: Page, officer: Officer) -> None:
    opened(page)
    page.locator("#own-list button").first.click()
    page.locator("[data-act=evidence]").click()
    page.locator("#own-case").fill("C-12")
    officer.tell(1)
    page.locator("#own-left").get_by_text("1 second left").wait_for()
    officer.dock.answers.clear()  # whatever comes after that: the page has a clock of its own
    try:
        note(page, "over")
        assert page.locator("#tiles").is_visible()
        assert not page.locator("#own").is_visible()
        left = page.locator("#own-list, #own-clip, #own-marks, #own-left").all_text_contents()
        assert "".join(left) + page.locator("#own-case").input_value() == ""
    finally:
        officer.dock.answers.set()
    officer.show_badge()
    opened(page)
    officer.end()
    note(page, "over")
    assert rows(page) == []


def test_another_badge_prolongs_it_and_the_end_is_said_before(page: Page, officer: Officer) -> None:
    opened(page)
    officer.given = True
    officer.tell(15)
    note(page, "soon")
    officer.tell(60)
    page.locator("#own-left").get_by_text("60 seconds left").wait_for()
    assert len(rows(page)) == 3


def test_a_token_that_is_used_again_after_its_window_is_refused_with_plain_words(
    page: Page, officer: Officer
) -> None:
    opened(page)
    mark = {"token": TOKEN, "clip": "01KGE0", "act": "not-mine"}
    officer.is_open = False  # the page has not heard of it yet
    page.locator("#own-list button").first.click()
    page.locator("[data-act=not-mine]").click()
    page.locator("#own-record").click()
    note(page, "over")
    assert post(page, "own-clips/mark", mark) == [200, {"outcome": "over"}]
    assert post(page, "own-clips", {"token": TOKEN}) == [200, {"outcome": "over"}]
    assert len(officer.clips) == 3


def test_another_screen_is_given_nothing(page: Page, officer: Officer, browser: Browser) -> None:
    other = browser.new_context().new_page()
    other.set_default_timeout(LIMIT)
    other.goto(officer.dock.url)
    other.locator("#own-open").wait_for()
    opened(page)
    other.locator("#own-open").wait_for(state="hidden")
    assert post(other, "own-clips", {"token": ""}) == [200, {"outcome": "elsewhere"}]
    other.evaluate("document.querySelector('#own-open').click()")
    other.locator("#own-note").get_by_text(TEXTS["own.elsewhere"]).wait_for()
    assert not other.locator("#own").is_visible()
    other.context.close()


def test_what_is_no_request_of_this_page_reaches_no_daemon(page: Page, officer: Officer) -> None:
    officer.is_open = False
    bodies: tuple[Any, ...] = (
        [],
        "x",
        {"token": 1},
        {"token": "", "more": ""},
        {},
        {"token": "x" * 9000, "clip": "01KGE0", "act": "not-mine"},
        None,
    )
    for body in bodies:
        status, said = post(page, "own-clips/mark", body)
        assert (status, said) == (400, {"outcome": "refused"}), body
    assert post(page, "own-clips", {"token": ""}, "text/plain")[0] == 400
    assert officer.dock.ordered == []


def test_nothing_is_asked_of_a_daemon_that_is_gone_and_nothing_stays(page: Page, officer: Officer) -> None:
    opened(page)
    officer.dock.stop()
    try:
        page.locator("#banner.loud").wait_for()
        assert not page.locator("#own").is_visible()
        assert rows(page) == []
        assert not page.locator("#own-offer").is_visible()
    finally:
        officer.dock.start()


def test_names_of_anybody_are_text_and_move_nothing(page: Page, officer: Officer) -> None:
    for name in drawn(HOSTILE, 3, of="names"):
        officer.clips[0]["case"], officer.clips[0]["evidential"] = name, True
        officer.clips[0]["categories"] = [name]
        officer.show_badge()
        opened(page)
        assert page.locator("#own-list img, #own-list script").count() == 0
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        page.locator("#own-close").click()


@pytest.mark.parametrize("language", ["en", "cy"])
def test_it_is_accessible_and_fits_on_every_screen(browser: Browser, here: Path, language: str) -> None:
    config, port = configure(here, language=language)
    said = texts(language)
    with Dock(here, port) as dock, screen(config, port), browser.new_context() as context:
        page = context.new_page()
        page.set_default_timeout(LIMIT)
        page.set_viewport_size({"width": 1024, "height": 600})
        page.goto(dock.url)
        officer = Officer(dock)
        officer.show_badge()
        page.locator("#own-open").wait_for()
        looked_at(page)
        assert page.locator("#own-open").inner_text() == said["own.open"]
        opened(page)
        looked_at(page)
        page.locator("#own-list button").first.click()
        for act in ("evidence", "category", "not-mine"):
            page.locator(f"[data-act={act}]").click()
            page.locator("#own-keyboard").click()
            looked_at(page)
            page.locator("#own-keyboard").click()
        for width, height in drawn(SIZES, 2, of=f"sizes of own clips in {language}"):
            resize(page, width, height)
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        small = page.locator("#own button:visible, #own input:visible").evaluate_all(
            "(parts) => parts.map((part) => part.getBoundingClientRect()).filter((box) => box.height < 24)"
        )
        assert json.dumps(small) == "[]"
        dock.told = ForScreen()


def looked_at(page: Page) -> None:
    """Expect that axe finds nothing, and that nothing is wider than the screen."""
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    if AXE.exists():
        page.evaluate(AXE.read_text(encoding="utf-8"))
        assert violations(page) == []
