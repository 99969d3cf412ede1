"""How does a browser ask for an officer's clips, and say something of one? It asks; the daemon decides.

A request is a small JSON document that a page of this very server sends. A page of another origin cannot send
one: its type is not that of a form, and a browser says where a request comes from.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from datetime import datetime, tzinfo
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from bwvdock.errors import BwvdockError, NotRunningError
from bwvdock.operators.checkout.requests import MarkOwnClip, OwnClipsRequest, ShowOwnClips

Order = Callable[[OwnClipsRequest], Mapping[str, Any]]
"""A function that returns what the daemon answers, and may wait for it; it raises a BwvdockError."""

MOST_BYTES = 8192
_SURE_MS = 60_000  # a time that is further off is shown as a rough one


class OwnClipsDoor:
    """Passes on what a page asks about own clips, one request after another."""

    def __init__(self, order: Order, zone: tzinfo) -> None:
        """Take what asks the daemon, and the dock's zone."""
        self._order = order
        self._zone = zone
        self._one = asyncio.Lock()

    async def show(self, request: Request) -> Response:
        """Answer a page that asks for the clips."""
        return await self._answer(request, ShowOwnClips)

    async def mark(self, request: Request) -> Response:
        """Answer a page that says something of a clip."""
        return await self._answer(request, MarkOwnClip)

    async def _answer(self, request: Request, kind: type[OwnClipsRequest]) -> Response:
        try:
            asked = kind(**await _texts(request))
        except (ValueError, TypeError, RecursionError):
            return JSONResponse({"outcome": "refused"}, status_code=400)
        try:
            async with self._one:
                said = await asyncio.to_thread(self._order, asked)
            return JSONResponse(self._shown(said))
        except NotRunningError:
            return JSONResponse({"outcome": "silent"})
        except (BwvdockError, KeyError, TypeError, ValueError):
            return JSONResponse({"outcome": "refused"})

    def _shown(self, said: Mapping[str, Any]) -> dict[str, Any]:
        if said["outcome"] != "shown":
            return {"outcome": str(said["outcome"])}
        return {
            "outcome": "shown",
            "token": str(said["token"]),
            "categories": [str(name) for name in said["categories"]],
            "clips": [self._clip(clip) for clip in said["clips"]],
            "more": int(said["more"]),
        }

    def _clip(self, clip: Mapping[str, Any]) -> dict[str, Any]:
        at = datetime.fromisoformat(clip["recorded_at"]).astimezone(self._zone)
        return {
            "clip": str(clip["clip"]),
            "recorded": f"{at:%Y-%m-%d %H:%M %Z}",
            "sure": 0 <= int(clip["uncertainty_ms"]) <= _SURE_MS,
            "length": int(clip["length_ms"]),
            "size": int(clip["size"]),
            "evidential": clip["evidential"] is True,
            "case": str(clip["case"]),
            "categories": [str(name) for name in clip["categories"]],
        }


async def _texts(request: Request) -> dict[str, str]:
    """Return the members of a request's document, all of them texts.

    Raises:
        ValueError: it is not such a document, or another origin's page sent it.
    """
    headers = request.headers
    own = {"", f"http://{headers.get('host', '')}", f"https://{headers.get('host', '')}"}
    if headers.get("origin", "") not in own or headers.get("sec-fetch-site", "same-origin") != "same-origin":
        raise ValueError("another origin")
    if headers.get("content-type", "") != "application/json":
        raise ValueError("another type")
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > MOST_BYTES:
            raise ValueError("too long")
    document = json.loads(body)
    if not isinstance(document, dict) or not all(isinstance(value, str) for value in document.values()):
        raise ValueError("not texts")
    return document
