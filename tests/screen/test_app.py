"""What does the screen's server answer, and to whom? And when does it ask the daemon?"""

from __future__ import annotations

import asyncio
import json
import threading
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from starlette.types import Message, Send

from bwvdock.config.metrics import Address
from bwvdock.config.screen.settings import NO_SCREEN
from bwvdock.config.time_zone import named_zone
from bwvdock.errors import NoAnswerError, NotRunningError, UsageError
from bwvdock.screen.app import MOST_STREAMS, Screen
from bwvdock.screen.asking import Answer, Ask, Asking
from bwvdock.screen.own_clips import Order, OwnClipsDoor
from bwvdock.screen.shown import Shown
from bwvdock.status.for_screen import Advice, Cause, ForScreen
from tests.architecture.imports import imported
from tests.architecture.tree import sources
from tests.screen.docks import COPYING, EVERY_STATE, bay

NOON = datetime(2026, 7, 1, 11, 0, 5, tzinfo=UTC)


def shown() -> Shown:
    return Shown("LEW-03", "Lewisham", named_zone("Europe/London"), now=NOON.astimezone)


def screen(
    ask: Ask = ForScreen,
    *,
    listen: Address | Path = NO_SCREEN.listen,
    stream_ms: float = 0,
    order: Order = lambda _: {},
) -> Screen:
    """Return a screen whose streams end after their first answer."""
    settings = replace(NO_SCREEN, listen=listen)
    own_clips = OwnClipsDoor(order, named_zone("Europe/London"))
    return Screen(settings, Asking(ask, every=0), shown(), own_clips, stream_ms=stream_ms)


class Got:
    """What a browser got."""

    def __init__(self) -> None:
        self.status = 0
        self.headers: dict[str, str] = {}
        self.body = b""

    async def take(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = {name.decode(): value.decode() for name, value in message["headers"]}
        else:
            self.body += message.get("body", b"")


async def _answer(
    served: Screen, path: str, hosts: tuple[str, ...], take: Send, *, method: str = "GET"
) -> None:
    """Have a request answered, of a browser that does not leave."""
    scope: dict[str, Any] = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "method": method,
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "scheme": "http",
        "headers": [(b"host", host.encode()) for host in hosts],
    }

    async def receive() -> Message:
        await asyncio.Event().wait()
        raise AssertionError

    await served.app()(scope, receive, take)


async def _get(served: Screen, path: str, *, hosts: tuple[str, ...], method: str = "GET") -> Got:
    got = Got()
    await _answer(served, path, hosts, got.take, method=method)
    return got


def get(path: str, *hosts: str, served: Screen | None = None, method: str = "GET") -> Got:
    return asyncio.run(_get(served or screen(), path, hosts=hosts or ("localhost:7390",), method=method))


def said(got: Got) -> list[tuple[str, dict[str, Any]]]:
    """Return the events of a stream."""
    found = []
    for event in got.body.decode().strip().split("\n\n"):
        kind, data = event.split("\n")
        found.append((kind.removeprefix("event: "), json.loads(data.removeprefix("data: "))))
    return found


@pytest.mark.slow
def test_nothing_of_the_daemon_loads_what_serves_the_page() -> None:
    """Nor does a command: the daemon's memory and a command's start are as they were."""
    ours = ("bwvdock.screen.", "starlette.", "uvicorn.", "asyncio.")
    found = {
        path
        for path, source in sources("bwvdock").items()
        for _, name in imported(path, source)
        if f"{name}.".startswith(ours)
    }
    assert found
    assert {path for path in found if not path.startswith("bwvdock/screen/")} == set()


def test_the_page_is_served_in_its_language_and_theme() -> None:
    got = get("/")
    assert (got.status, got.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert b'<html lang="en" data-theme="auto" data-sounds="on">' in got.body
    assert b"@" not in got.body
    for name in (
        "screen.js",
        "knowledge.js",
        "tiles.js",
        "checkout.js",
        "sounds.js",
        "own.js",
        "own.css",
        "screen.css",
        "shape.svg",
    ):
        assert get(f"/page/{name}").status == 200
    assert json.loads(get("/texts.json").body)["advice.safe"] == "SAFE TO REMOVE"


@pytest.mark.parametrize("path", ["/", "/events", "/page/screen.js", "/nothing"])
def test_every_answer_says_what_a_browser_may_do_with_it(path: str) -> None:
    """Nothing inline, nothing of another origin, in nobody's frame, and kept by nobody."""
    headers = get(path).headers
    policy = dict(part.split(" ", 1) for part in headers["content-security-policy"].split("; "))
    assert policy["default-src"] == policy["base-uri"] == policy["frame-ancestors"] == "'none'"
    assert {policy[f"{kind}-src"] for kind in ("script", "style", "connect", "img")} == {"'self'"}
    assert headers["cache-control"] == "no-store"
    assert headers["x-content-type-options"] == "nosniff"


def test_nothing_of_the_page_is_inline() -> None:
    body = get("/").body.decode()
    assert "style=" not in body
    assert "onclick" not in body
    assert body.count("<script") == body.count('<script type="module" src=') == 1
    assert "<style" not in body


@pytest.mark.parametrize(
    "path",
    [
        "/page/../app.py",
        "/page/..%2fapp.py",
        "/page/index.html",
        "/page/",
        "/page/.",
        "/page//etc/passwd",
        "/x",
    ],
)
def test_no_other_file_is_served(path: str) -> None:
    assert get(path).status == 404


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
def test_nothing_can_be_ordered(method: str) -> None:
    assert get("/", method=method).status == 405


def test_a_browser_that_was_led_here_by_another_name_gets_nothing() -> None:
    for host in ("evil.example", "127.0.0.1.evil.example:7390", "", "localhost@evil", "[::1].evil"):
        assert get("/events", host).status == 421, host
    assert get("/", "localhost", "evil.example").status == 421
    for host in ("127.0.0.1:7390", "localhost", "[::1]:7390"):
        assert get("/", host).status == 200, host
    elsewhere = screen(listen=("127.8.8.8", 80))
    assert get("/", "127.8.8.8", served=elsewhere).status == 200
    assert get("/", "localhost", served=screen(listen=Path("/run/s"))).status == 200


def test_a_stream_begins_with_the_clock_and_brings_what_the_daemon_says() -> None:
    got = get("/events", served=screen(lambda: EVERY_STATE))
    assert got.headers["content-type"].startswith("text/event-stream")
    (hello, begun), (kind, told) = said(got)
    assert (hello, kind) == ("hello", "said")
    assert told["at"] >= begun["at"]
    assert [one["advice"] for one in told["bays"]] == [one.advice for one in EVERY_STATE.bays]
    assert (told["dock"], told["site"], told["time"]) == ("LEW-03", "Lewisham", "12:00:05")


@pytest.mark.parametrize(
    "error,why",
    [
        (NotRunningError("no", remedy=""), "not-running"),
        (NoAnswerError("no", remedy=""), "no-answer"),
        (UsageError("of another version", remedy=""), "not-understood"),
        (ValueError("not a report"), "not-understood"),
    ],
)
def test_silence_is_said_and_says_nothing_of_cameras(error: Exception, why: str) -> None:
    def ask() -> ForScreen:
        raise error

    _, (_, told) = said(get("/events", served=screen(ask)))
    assert told["silent"] == why
    assert "bays" not in told


def test_the_daemon_is_asked_once_for_all_and_only_while_somebody_looks() -> None:
    asked = 0

    def ask() -> ForScreen:
        nonlocal asked
        asked += 1
        return ForScreen()

    async def look(asking: Asking) -> int:
        before = asked
        all_of_them = [asking.answers() for _ in range(5)]
        await asyncio.gather(*(anext(answers) for answers in all_of_them))
        for answers in all_of_them:
            await answers.aclose()
        return asked - before

    async def twice() -> None:
        asking = Asking(ask, every=3600)
        assert await look(asking) == 1
        assert await look(asking) == 1

    asyncio.run(twice())
    assert asked == 2


def test_who_is_slow_gets_the_latest_and_none_before_it() -> None:
    numbers = iter(range(1, 1000))
    enough = threading.Event()

    def ask() -> ForScreen:
        number = next(numbers)
        if number == 50:
            enough.set()
        return ForScreen(problems=(str(number),))

    async def look() -> tuple[int, int]:
        answers = Asking(ask, every=0).answers()
        first = await anext(answers)
        await asyncio.to_thread(enough.wait)
        later = await anext(answers)
        await answers.aclose()
        assert first.report is not None
        assert later.report is not None
        return int(first.report.problems[0]), int(later.report.problems[0])

    first, later = asyncio.run(look())
    assert first == 1
    assert later >= 49


def test_so_many_may_follow_and_no_more_and_a_place_is_free_again() -> None:
    async def follow() -> list[int]:
        served, held, streams = screen(), asyncio.Event(), []

        async def hold() -> int:
            got, begun = Got(), asyncio.Event()

            async def take(message: Message) -> None:
                await got.take(message)
                begun.set()
                if got.status == 200:
                    await held.wait()

            streams.append(asyncio.ensure_future(_answer(served, "/events", ("localhost",), take)))
            await begun.wait()
            return got.status

        statuses = [await hold() for _ in range(MOST_STREAMS + 2)]
        held.set()
        await asyncio.gather(*streams)
        return [*statuses, (await _get(served, "/events", hosts=("localhost",))).status]

    assert asyncio.run(follow()) == [*[200] * MOST_STREAMS, 503, 503, 200]


def test_time_left_is_said_where_it_is_known() -> None:
    made, told = shown(), dict[str, Any]()
    for second in range(12):
        camera = replace(bay(1, Advice.DO_NOT_REMOVE, Cause.COPYING, **COPYING), bytes_copied=10 * second)
        [told] = made.of(Answer(asked_ms=1000 * second, report=ForScreen(bays=(camera,))))["bays"]
        assert told["share"] == 10 * second / 1000
    assert 80 <= told["seconds"] <= 100
    waits = bay(1, Advice.DO_NOT_REMOVE, Cause.PAUSED, **COPYING)
    [told] = made.of(Answer(asked_ms=13_000, report=ForScreen(bays=(waits,))))["bays"]
    assert told["seconds"] is None


def test_nothing_is_whole_before_all_of_it_is_there() -> None:
    camera = replace(bay(1), clips_total=2, clips_copied=1, bytes_total=1000, bytes_copied=999)
    [told] = shown().of(Answer(asked_ms=0, report=ForScreen(bays=(camera,))))["bays"]
    assert told["share"] == 0.99
