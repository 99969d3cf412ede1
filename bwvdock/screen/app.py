"""Which addresses does the screen answer, and what may a browser do with what it gets?

A page, its modules and texts, a stream of what the dock says (server-sent events), and what an officer does
after a badge (own_clips.py). A stream begins with the server's clock and ends after half a minute: the page
opens another, and so knows for each answer how old it is at most, by its own clock (knowledge.js there).
"""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from contextlib import aclosing
from html import escape
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bwvdock.config.metrics import Address
from bwvdock.config.screen.settings import ScreenSettings
from bwvdock.screen.asking import Asking, boottime_ms
from bwvdock.screen.own_clips import OwnClipsDoor
from bwvdock.screen.shown import Shown

STREAM_MS = 30_000.0
MOST_STREAMS = 16
_PAGE = Path(__file__).parent / "page"
_KINDS = {
    ".css": "text/css",
    ".js": "text/javascript",
    ".json": "application/json",
    ".svg": "image/svg+xml",
}
_OWN_NAMES = frozenset({"127.0.0.1", "localhost", "[::1]"})  # as a browser here or a proxy says them
_HOST = re.compile(r"(\[[0-9a-f:.]+\]|[^:\[\]]+)(?::\d+)?")
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}


class Screen:
    """Answers browsers."""

    def __init__(
        self,
        settings: ScreenSettings,
        asking: Asking,
        shown: Shown,
        own_clips: OwnClipsDoor,
        *,
        stream_ms: float = STREAM_MS,
    ) -> None:
        """Take how the page looks, what asks the daemon, what makes of it what is sent, and own clips."""
        self._settings = settings
        self._asking = asking
        self._shown = shown
        self._own_clips = own_clips
        self._stream_ms = stream_ms
        self.streams = 0

    def app(self) -> ASGIApp:
        """Return the application that a server runs."""
        routes = [
            Route("/", self._page),
            Route("/texts.json", self._texts),
            Route("/events", self._events),
            Route("/own-clips", self._own_clips.show, methods=["POST"]),
            Route("/own-clips/mark", self._own_clips.mark, methods=["POST"]),
            Route("/page/{name}", _file),
        ]
        return _Guarded(Starlette(routes=routes), _names(self._settings.listen))

    async def _page(self, _: Request) -> Response:
        texts = json.loads((_PAGE / f"{self._settings.language}.json").read_text(encoding="utf-8"))
        page = (_PAGE / "index.html").read_text(encoding="utf-8")
        settings = self._settings
        sounds = "on" if settings.sounds else "off"
        given = {"language": settings.language, "theme": settings.theme, "sounds": sounds, **texts}
        for name in ("language", "theme", "sounds", "title", "no-script", "cover"):
            page = page.replace(f"@{name}@", escape(given[name]))
        return Response(page, media_type="text/html")

    async def _texts(self, _: Request) -> Response:
        return _content(f"{self._settings.language}.json")

    async def _events(self, _: Request) -> Response:
        if self.streams >= MOST_STREAMS:
            return PlainTextResponse("Too many screens follow this dock.", status_code=503)
        return _Counted(self, self._stream({"at": boottime_ms()}), media_type="text/event-stream")

    async def _stream(self, hello: dict[str, Any]) -> AsyncIterator[str]:
        yield _event("hello", hello)
        async with aclosing(self._asking.answers()) as answers:
            async for answer in answers:
                yield _event("said", self._shown.of(answer))
                if boottime_ms() - hello["at"] > self._stream_ms:
                    return


class _Counted(StreamingResponse):
    """A stream that counts among those of its screen, from its first byte to its end, however it ends."""

    def __init__(self, screen: Screen, content: AsyncIterator[str], *, media_type: str) -> None:
        super().__init__(content, media_type=media_type)
        self._screen = screen

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._screen.streams += 1
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._screen.streams -= 1


def _event(kind: str, document: dict[str, Any]) -> str:
    return f"event: {kind}\ndata: {json.dumps(document)}\n\n"


async def _file(request: Request) -> Response:
    return _content(request.path_params["name"])


def _content(name: str) -> Response:
    """Return a file of the page; whatever else is asked for is not there."""
    if name not in {file.name for file in _PAGE.iterdir()} or Path(name).suffix not in _KINDS:
        return PlainTextResponse("There is no such file.", status_code=404)
    return Response((_PAGE / name).read_bytes(), media_type=_KINDS[Path(name).suffix])


class _Guarded:
    """Lets only requests in that name this machine, so that no other site's name leads here; adds headers."""

    def __init__(self, app: ASGIApp, names: frozenset[str]) -> None:
        self._app = app
        self._names = names

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                more = [(name.lower().encode(), value.encode()) for name, value in _HEADERS.items()]
                message = {**message, "headers": [*message.get("headers", []), *more]}
            await send(message)

        if scope["type"] == "http" and _host(scope) not in self._names:
            refused = PlainTextResponse("This dock's screen has another address.", status_code=421)
            await refused(scope, receive, send_with_headers)
            return
        await self._app(scope, receive, send_with_headers)


def _names(listen: Address | Path) -> frozenset[str]:
    """Return the names under which browsers may ask."""
    own = "" if isinstance(listen, Path) else listen[0]
    return _OWN_NAMES | {f"[{own}]" if ":" in own else own} - {""}


def _host(scope: Scope) -> str:
    """Return the name under which the server was asked, without a port."""
    hosts = [value.decode("latin-1") for name, value in scope["headers"] if name == b"host"]
    found = _HOST.fullmatch(hosts[0]) if len(hosts) == 1 else None
    return found[1] if found else ""
