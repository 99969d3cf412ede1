"""Does footage survive what tus servers, and what stands before them, were seen to do?"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest

from bwvdock.core.clips.proof import ProofMethod
from bwvdock.errors import (
    AccessDeniedError,
    DestinationError,
    DestinationRefusedError,
    DestinationUnavailableError,
    HaltedError,
)
from tests.edges.destinations.tus_world import CONTENT, World, brought, world
from tests.fakes.transfer import UNLIMITED
from tests.fakes.uploads import Watched
from tests.servers.lies import TUS_HOPELESS, TUS_SILENT, TUS_SURVIVABLE, Lie, refuse
from tests.servers.lying_tus import LyingTus

# --- what a server does, and what comes of it ------------------------------------------------------


@pytest.mark.slow
@pytest.mark.few(7)
@pytest.mark.parametrize("lies", TUS_SURVIVABLE.values(), ids=TUS_SURVIVABLE)
def test_what_can_be_survived_is_and_the_clip_is_proven(made: World, lies: tuple[Lie, ...]) -> None:
    clip = made.clip()
    made.lie(*lies)
    path, _ = brought(made.destination, clip)
    made.server.lie()
    assert made.server.stored(path) == CONTENT
    receipt = made.destination.prove(clip, UNLIMITED)
    assert (receipt.object, receipt.sha256) == (path, clip.sha256)


@pytest.mark.slow
@pytest.mark.few(5)
@pytest.mark.parametrize("lies", TUS_HOPELESS.values(), ids=TUS_HOPELESS)
def test_what_is_hopeless_claims_nothing_and_tells_a_person(made: World, lies: tuple[Lie, ...]) -> None:
    clip = made.clip()
    made.lie(*lies)
    for _ in range(4):
        try:
            path = made.destination.store(clip, UNLIMITED)
        except DestinationError as error:
            assert error.message  # noqa: PT017 - some of these end well, with the address put right
            assert error.remedy  # noqa: PT017
        else:
            assert made.server.stored(path) == CONTENT
    assert all(request.headers["host"].startswith("127.0.0.1:") for request in made.server.requests)


@pytest.mark.slow
@pytest.mark.parametrize("lies", TUS_HOPELESS.values(), ids=TUS_HOPELESS)
def test_what_was_hopeless_ends_well_when_it_ends(made: World, lies: tuple[Lie, ...]) -> None:
    clip = made.clip()
    made.lie(*lies)
    with suppress(DestinationError):
        made.destination.store(clip, UNLIMITED)
    made.server.lie()
    path, _ = brought(made.restart(), clip)
    assert made.server.stored(path) == CONTENT
    assert made.destination.prove(clip, UNLIMITED).sha256 == clip.sha256


@pytest.mark.slow
@pytest.mark.few(3)
@pytest.mark.parametrize("downloads", [False, True])
@pytest.mark.parametrize("lies", TUS_SILENT.values(), ids=TUS_SILENT)
def test_what_only_looks_like_success_is_never_proven(
    tmp_path: Path, lies: tuple[Lie, ...], downloads: bool
) -> None:
    with LyingTus(*lies, downloads=downloads) as server, world(tmp_path, server) as made:
        clip = made.clip()
        try:
            assert made.destination.assess(UNLIMITED).method is not ProofMethod.PIECES_CHECKED
            made.destination.store(clip, UNLIMITED)
            receipt = made.destination.prove(clip, UNLIMITED)
        except DestinationError:
            return
        assert downloads
        assert receipt.method is ProofMethod.READ_BACK
        whole = made.server.stored(receipt.object) == CONTENT
        assert (receipt.sha256 == clip.sha256) is whole


# --- the right error --------------------------------------------------------------------------------


@pytest.mark.few(5)
@pytest.mark.parametrize(
    "lie,kind",
    [
        (refuse("*", 401), AccessDeniedError),
        (refuse("PATCH", 407), AccessDeniedError),
        (refuse("POST", 413), DestinationUnavailableError),  # it makes no other uploads either
        (refuse("POST", 413, times=1), DestinationRefusedError),
        (refuse("POST", 400, times=1), DestinationRefusedError),
        (refuse("PATCH", 422), DestinationRefusedError),
        (refuse("PATCH", 507), DestinationUnavailableError),
    ],
)
def test_each_answer_has_its_meaning(made: World, lie: Lie, kind: type[DestinationError]) -> None:
    clip = made.clip()
    made.server.lie(lie)
    with pytest.raises(DestinationError) as caught:
        made.destination.store(clip, UNLIMITED)
    assert type(caught.value) is kind


@pytest.mark.slow
@pytest.mark.few(2)
@pytest.mark.parametrize(
    "lie,kind",
    [
        (refuse("HEAD", 403), AccessDeniedError),
        (Lie("HEAD", drop=("Tus-Resumable",)), DestinationUnavailableError),
        (Lie("HEAD", drop=("Upload-Offset",)), DestinationUnavailableError),
    ],
)
def test_each_answer_about_an_offset_has_its_meaning(
    made: World, lie: Lie, kind: type[DestinationError]
) -> None:
    clip = made.clip()
    with pytest.raises(HaltedError):
        made.destination.store(clip, Watched(halt_at=len(CONTENT) // 2))
    made.server.lie(lie)
    with pytest.raises(DestinationError) as caught:
        made.destination.store(clip, UNLIMITED)
    assert type(caught.value) is kind


@pytest.mark.few(2)
@pytest.mark.parametrize("asked,heard", [("7", 7), ("-5", 0), ("99999999", 3600), ("soon", 0), ("{past}", 0)])
def test_how_long_it_wants_to_be_left_alone_is_handed_on(made: World, asked: str, heard: float) -> None:
    clip = made.clip()
    made.server.lie(refuse("PATCH", 429, Retry_After=asked))
    with pytest.raises(DestinationUnavailableError) as caught:
        made.destination.store(clip, UNLIMITED)
    assert caught.value.retry_after == heard


def test_a_clip_beyond_the_servers_limit_is_refused_before_a_byte_goes(tmp_path: Path) -> None:
    lie = Lie("OPTIONS", headers={"Tus-Max-Size": str(len(CONTENT) - 1)})
    with LyingTus(lie) as server, world(tmp_path, server) as made:
        made.destination.assess(UNLIMITED)
        before = made.sent()
        with pytest.raises(DestinationRefusedError):
            made.destination.store(made.clip(), UNLIMITED)
        assert made.sent() == before


def test_a_server_that_is_not_there_says_so(tmp_path: Path) -> None:
    with LyingTus() as server, world(tmp_path, server) as made:
        clip = made.clip()
        server.__exit__(None, None, None)
        for call in (lambda: made.destination.store(clip, UNLIMITED), made.destination.probe):
            with pytest.raises(DestinationUnavailableError) as caught:
                call()
            assert caught.value.remedy
