"""Does a short clip go in three requests, and is nothing lost by that, nor claimed?"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from bwvdock.edges.destinations.connections import BLOCK_BYTES
from bwvdock.errors import DestinationUnavailableError, DurabilityError, HaltedError
from tests.edges.destinations.tus_world import CONTENT, NO_CHECKSUMS, World, brought, world
from tests.fakes.footage import footage
from tests.fakes.spooled import rot
from tests.fakes.transfer import UNLIMITED
from tests.fakes.uploads import Watched
from tests.servers.lies import TUS_HOPELESS, TUS_SURVIVABLE, Lie, refuse
from tests.servers.lying_tus import LyingTus


@pytest.fixture
def made(tmp_path: Path) -> Iterator[World]:
    """A server that makes uploads with their bytes, compares nothing, and gives them back."""
    with LyingTus(NO_CHECKSUMS, at_once=True, downloads=True) as server, world(tmp_path, server) as found:
        found.destination.assess(UNLIMITED)
        yield found


def test_a_short_clip_its_proof_and_its_document_are_three_requests(made: World) -> None:
    clip = made.clip()
    made.server.requests.clear()
    path = made.destination.store(clip, UNLIMITED)
    clip = replace(clip, uploaded={"tus": path})
    receipt = made.destination.prove(clip, UNLIMITED)
    assert (receipt.sha256, receipt.words) == (clip.sha256, f"GET: {len(CONTENT)} bytes")
    document = made.destination.describe(clip, b"{}", UNLIMITED)
    assert [request.method for request in made.server.requests] == ["POST", "GET", "POST"]
    assert (made.server.stored(path), made.server.stored(document)) == (CONTENT, b"{}")


@pytest.mark.slow
def test_a_server_that_does_not_offer_it_or_does_not_do_it_is_not_asked(tmp_path: Path) -> None:
    keeps_nothing = Lie("POST", keep=0.0)
    for at_once, lies in ((False, ()), (True, (keeps_nothing,))):
        (base := tmp_path / str(at_once)).mkdir()
        with (
            LyingTus(NO_CHECKSUMS, *lies, at_once=at_once, downloads=True) as server,
            world(base, server) as made,
        ):
            made.destination.assess(UNLIMITED)
            server.requests.clear()
            path, _ = brought(made.destination, made.clip())
            assert not any(request.body for request in server.asked("POST"))
            assert server.stored(path) == CONTENT


@pytest.mark.slow
def test_an_answer_that_is_lost_leaves_one_upload_that_nobody_knows_and_the_next_goes_step_by_step(
    made: World,
) -> None:
    clip = made.clip()
    made.server.lie(Lie("POST", hang_up=True, times=1))
    with pytest.raises(DestinationUnavailableError):
        made.destination.store(clip, UNLIMITED)
    made.server.lie()
    made.server.requests.clear()
    path, _ = brought(made.restart(), clip)
    assert made.note(clip)["orphans"] == 1
    assert made.server.stored(path) == CONTENT
    told = made.server.asked("POST")[-1].headers["upload-metadata"]
    assert "attempt" in told, "some servers make one upload of two that are described alike"
    assert made.server.asked("PATCH")


@pytest.mark.slow
@pytest.mark.few(3)
@pytest.mark.parametrize(
    "lie",
    [
        Lie("POST", keep=0.5, times=1),
        Lie("POST", keep=0.0, times=1),
        Lie("POST", drop=("Upload-Offset",), times=1),
        Lie("POST", headers={"Upload-Offset": "99999999"}, times=1),
        refuse("POST", 413, times=1),
        refuse("POST", 400, times=1),
        Lie("POST", above=1, early=True, status=413),
    ],
)
def test_what_it_does_not_take_at_once_it_gets_step_by_step(made: World, lie: Lie) -> None:
    clip = made.clip()
    made.server.lie(lie)
    path, _ = brought(made.destination, clip)
    assert made.server.stored(path) == CONTENT
    assert made.destination.prove(clip, UNLIMITED).sha256 == clip.sha256


def test_what_the_spool_has_lost_is_not_sent_at_all(made: World) -> None:
    clip = made.clip()
    rot(made.base / "spool", clip, len(CONTENT) - 5)
    before = dict(made.server.uploads)
    with pytest.raises(DurabilityError):
        made.destination.store(clip, UNLIMITED)
    assert made.server.uploads == before


def test_storing_again_sends_nothing_after_a_restart(made: World) -> None:
    clip = made.clip(CONTENT, b"sidecar")
    path, again, restarted = made.destination.store(clip, UNLIMITED), Watched(), made.restart()
    restarted.assess(UNLIMITED)
    assert restarted.store(clip, again) == path
    assert again.taken == 0


@pytest.mark.slow
@pytest.mark.parametrize("halt_at", [-1, len(CONTENT) // 2])
def test_a_clip_whose_request_is_halted_is_brought_later(made: World, halt_at: int) -> None:
    clip, transfer = made.clip(), Watched(halt_at=halt_at)
    with pytest.raises(HaltedError):
        made.destination.store(clip, transfer)
    assert transfer.taken > halt_at - BLOCK_BYTES, "it went at its pace, block by block"
    assert made.server.stored(made.destination.store(clip, UNLIMITED)) == CONTENT


@pytest.mark.slow
def test_long_clips_and_short_ones_after_a_cut_go_step_by_step(made: World) -> None:
    brought(made.destination, made.clip(footage(5 << 20), number=1))
    assert not any(request.body for request in made.server.asked("POST")[-1:])
    made.server.lie(Lie("PATCH", keep=0.0, hang_up=True, times=3))
    with suppress(DestinationUnavailableError):
        made.destination.store(made.clip(footage(6 << 20), number=2), UNLIMITED)
    made.server.lie()
    made.server.requests.clear()
    brought(made.destination, made.clip(number=3))
    assert not any(request.body for request in made.server.asked("POST"))


@pytest.mark.few(5)
@pytest.mark.parametrize(
    "lies", (TUS_SURVIVABLE | TUS_HOPELESS).values(), ids=(TUS_SURVIVABLE | TUS_HOPELESS).keys()
)
@pytest.mark.slow
def test_whatever_a_server_says_nothing_is_claimed_that_is_not_there(
    made: World, lies: tuple[Lie, ...]
) -> None:
    clip = made.clip()
    made.lie(*lies)
    for _ in range(4):
        with suppress(Exception):
            made.destination.store(clip, UNLIMITED)
    made.server.lie()
    path, _ = brought(made.restart(), clip)
    assert made.server.stored(path) == CONTENT
    assert made.destination.prove(clip, UNLIMITED).sha256 == clip.sha256
