"""Whatever an S3 store answers, to whichever request: a result or an error of that store, in time."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bwvdock.core.clips.clip import Clip
from bwvdock.core.ports import PIECE_BYTES
from bwvdock.edges.destinations.s3.destination import S3Destination
from tests.edges.destinations.outcomes import strays
from tests.edges.destinations.s3_rig import S3Dock
from tests.extent import EXTENT, SEED, Extent, drawn
from tests.fakes.transfer import UNLIMITED
from tests.servers.hostile import ANY, S3
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

ANSWER_SECONDS = 0.25  # an answer that drips takes a piece each 0.05 s

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


@pytest.mark.parametrize("words", ANY | S3)
def test_any_answer_is_a_result_or_an_error_of_this_store(dock: S3Dock, words: str) -> None:
    """To one of the requests, another for each answer and in each run; in `make nightly` to every one."""
    answer = (ANY | S3)[words]
    stored = dock.clip(b"x" * 100_000, number=1)
    names = drawn(REQUESTS, 1, of=words)
    in_parts = EXTENT is Extent.NIGHTLY or any(REQUESTS[name][1] in {"uploads", "uploadId"} for name in names)
    fresh = (b"z" * (PIECE_BYTES + 5),) if in_parts else (b"y" * 5, b"sidecar")
    clip = dock.clip(*fresh, number=2)
    dock.manifest = {**dock.manifest, "held": "true"}
    with LyingS3(object_lock=True) as server:
        patient = dock.destination(server.url)
        port = dock.destination(server.url, lock="governance", answer_seconds=ANSWER_SECONDS)
        for name in names:
            method, query = REQUESTS[name]
            patient.store(stored, UNLIMITED)
            server.lie(Lie(method, query=query, instead=True, raw=answer))
            assert strays(calls(port, stored, clip)) == {}, f"{name}, {SEED=}"
            server.lie()
            server.objects.clear()
            server.uploads.clear()
