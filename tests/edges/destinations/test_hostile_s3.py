"""Whatever an S3 store answers, to whichever request: a result or an error of that store, in time."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bwvdock.core.clips.clip import Clip
from bwvdock.core.ports import PIECE_BYTES
from bwvdock.edges.destinations.s3.destination import S3Destination
from tests.edges.destinations.outcomes import strays
from tests.edges.destinations.s3_rig import S3Dock
from tests.fakes.transfer import UNLIMITED
from tests.servers.hostile import ANY, S3, Raw
from tests.servers.lies import Lie
from tests.servers.lying_s3 import LyingS3

REQUESTS: dict[str, tuple[str, str]] = {
    "PUT an object": ("PUT", ""),
    "HEAD": ("HEAD", ""),
    "GET": ("GET", ""),
    "DELETE": ("DELETE", ""),
    "list uploads": ("GET", "uploads"),
    "begin an upload": ("POST", "uploads"),
    "PUT a part": ("PUT", "uploadId"),
    "list parts": ("GET", "uploadId"),
    "complete": ("POST", "uploadId"),
    "abort": ("DELETE", "uploadId"),
    "put tags": ("PUT", "tagging"),
    "get tags": ("GET", "tagging"),
    "get the lock of the bucket": ("GET", "object-lock"),
    "lock": ("PUT", "retention"),
    "hold": ("PUT", "legal-hold"),
    "list versions": ("GET", "versions"),
}

pytestmark = pytest.mark.slow


def calls(port: S3Destination, stored: Clip, fresh: Clip) -> dict[str, Callable[[], object]]:
    """Return every call of the port."""
    return {
        "assess": lambda: port.assess(UNLIMITED),
        "probe": port.probe,
        "store": lambda: port.store(fresh, UNLIMITED),
        "prove": lambda: port.prove(stored, UNLIMITED),
        "describe": lambda: port.describe(stored, b"{}", UNLIMITED),
    }


@pytest.mark.parametrize("answer", (ANY | S3).values(), ids=ANY | S3)
def test_any_answer_is_a_result_or_an_error_of_this_store(dock: S3Dock, answer: Raw) -> None:
    stored = dock.clip(b"x" * 100_000, number=1)
    fresh = dock.clip(b"y" * (PIECE_BYTES + 5), b"sidecar", number=2)
    dock.manifest = {**dock.manifest, "held": "true"}
    with LyingS3(object_lock=True) as server:
        dock.destination(server.url).store(stored, UNLIMITED)
        port = dock.destination(server.url, lock="governance", answer_seconds=1)
        for name, (method, query) in REQUESTS.items():
            server.lie(Lie(method, query=query, instead=True, raw=answer))
            assert strays(calls(port, stored, fresh)) == {}, name
            server.objects.clear()
            server.uploads.clear()
