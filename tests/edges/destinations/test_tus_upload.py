"""Does one upload go on where it was cut, and is what is sent what was acquired?"""

from __future__ import annotations

import threading
from contextlib import suppress
from dataclasses import replace
from itertools import accumulate
from pathlib import Path

import pytest

from bwvdock.core.clips.proof import ProofMethod
from bwvdock.core.media.part_names import part_name
from bwvdock.core.ports import PIECE_BYTES
from bwvdock.delivery.rate_limit import Transfer
from bwvdock.errors import AccessDeniedError, DestinationUnavailableError, DurabilityError, HaltedError
from tests.edges.destinations.tus_world import CONTENT, SHORT, World, brought, world
from tests.fakes.footage import footage
from tests.fakes.spooled import rot
from tests.fakes.transfer import UNLIMITED
from tests.fakes.uploads import Watched
from tests.servers.lies import Lie, refuse
from tests.servers.lying_tus import LyingTus

pytestmark = pytest.mark.slow


@pytest.mark.slow
def test_a_lost_token_keeps_the_upload(made: World) -> None:
    clip = made.clip(footage(2 * PIECE_BYTES))
    with pytest.raises(HaltedError):
        made.destination.store(clip, Watched(halt_at=PIECE_BYTES))
    url = made.note(clip)["url"]
    made.server.lie(refuse("*", 401))
    with pytest.raises(AccessDeniedError):
        made.destination.store(clip, UNLIMITED)
    made.server.lie()
    assert made.note(clip)["url"] == url
    path, _ = brought(made.destination, clip)
    assert str(url).endswith(path)


@pytest.mark.slow
def test_what_the_server_holds_is_not_sent_again_after_a_restart(made: World) -> None:
    clip = made.clip(footage(3 * PIECE_BYTES + 1000))
    with pytest.raises(HaltedError):
        made.destination.store(clip, Watched(halt_at=2 * PIECE_BYTES))
    rest = Watched()
    brought(made.restart(), clip, rest)
    assert rest.taken < clip.size - PIECE_BYTES
    assert rest.held == sorted(rest.held)
    assert rest.held[-1] == clip.size


@pytest.mark.slow
def test_no_request_is_longer_than_a_piece_where_digests_are_compared(comparing: World) -> None:
    clip = comparing.clip(footage(2 * PIECE_BYTES + 5))
    comparing.server.requests.clear()
    brought(comparing.destination, clip)
    patches = comparing.server.asked("PATCH")
    ends = list(accumulate(len(patch.body) for patch in patches))
    assert {PIECE_BYTES, 2 * PIECE_BYTES, clip.size} <= set(ends)
    assert len(patches[0].body) < PIECE_BYTES, "a cut would lose all of it, and the connection is not known"
    assert len(patches) < 9
    assert all(patch.headers["upload-checksum"].startswith("sha256 ") for patch in patches)
    assert comparing.destination.prove(clip, UNLIMITED).method is ProofMethod.PIECES_CHECKED


@pytest.mark.slow
def test_a_partial_write_goes_on_to_the_next_line_of_the_grid(made: World) -> None:
    content = footage(2 * PIECE_BYTES)
    clip = made.clip(content)
    made.server.lie(Lie("PATCH", keep=0.5, times=1, blind=("upload-checksum",)))
    path, _ = brought(made.destination, clip)
    assert made.server.stored(path) == content


def test_sidecars_go_before_the_footage_and_progress_counts_over_all(made: World) -> None:
    clip, transfer = made.clip(CONTENT, b"gps", b""), Watched()
    path, _ = brought(made.destination, clip, transfer)
    assert made.server.stored(path) == CONTENT
    assert transfer.held[0] == 0
    assert transfer.held == sorted(transfer.held)
    assert transfer.held[-1] == clip.size
    assert made.destination.prove(clip, UNLIMITED).sha256 == clip.sha256


def test_an_upload_is_told_by_content_never_by_its_beginning(made: World) -> None:
    same = footage(1 << 20)
    contents = [same + footage(1 << 20, seed=seed) for seed in (1, 2)]
    clips = [made.clip(content, number=number) for number, content in enumerate(contents, start=1)]
    with pytest.raises(HaltedError):
        made.destination.store(clips[0], Watched(halt_at=1 << 20))
    for clip, content in zip(reversed(clips), reversed(contents), strict=True):
        path, _ = brought(made.destination, clip)
        assert made.server.stored(path) == content


def test_a_note_of_another_content_is_not_believed(made: World) -> None:
    clip = made.clip()
    with pytest.raises(HaltedError):
        made.destination.store(clip, Watched(halt_at=1 << 20))
    other = footage(len(CONTENT), seed=7)
    (made.base / "spool" / part_name(clip, 0)).unlink()
    recalled = made.clip(other)
    path, _ = brought(made.restart(), recalled)
    assert made.server.stored(path) == other


@pytest.mark.slow
def test_a_proxy_that_limits_requests_is_met_with_smaller_ones_ever_after(made: World) -> None:
    made.server.lie(Lie("PATCH", above=1 << 20, early=True, status=413))
    brought(made.destination, made.clip(number=1))
    made.server.requests.clear()
    brought(made.destination, made.clip(number=2))
    assert max(len(patch.body) for patch in made.server.asked("PATCH")) <= 1 << 20
    assert len(made.server.asked("PATCH")) <= 5


# --- the spool --------------------------------------------------------------------------------------


@pytest.mark.slow
def test_what_the_spool_has_lost_is_never_sent_as_the_clip(made: World) -> None:
    content = footage(2 * PIECE_BYTES)
    clip = made.clip(content)
    rot(made.base / "spool", clip, PIECE_BYTES + 5)
    with pytest.raises(DurabilityError):
        brought(made.destination, clip)
    assert all(bytes(upload.content) in content for upload in made.server.uploads.values())


@pytest.mark.parametrize("length", [0, 5])
def test_a_spooled_file_that_is_gone_or_short_is_found(made: World, length: int) -> None:
    clip = made.clip()
    path = made.base / "spool" / part_name(clip, 0)
    path.chmod(0o600)
    path.write_bytes(CONTENT[:length])
    with pytest.raises(DurabilityError):
        made.destination.store(clip, UNLIMITED)
    path.unlink()
    with pytest.raises(DurabilityError):
        made.destination.store(clip, UNLIMITED)


def test_a_digest_that_the_server_finds_wrong_with_a_sound_spool_is_an_outage(comparing: World) -> None:
    clip = comparing.clip()
    comparing.server.lie(refuse("PATCH", 460))
    with pytest.raises(DestinationUnavailableError, match="changed in transit"):
        comparing.destination.store(clip, UNLIMITED)
    assert len(comparing.server.asked("PATCH")) < 12


@pytest.mark.slow
def test_an_endpoint_that_knows_no_upload_at_all_loses_none(made: World) -> None:
    clip = made.clip(footage(2 * PIECE_BYTES))
    with pytest.raises(HaltedError):
        made.destination.store(clip, Watched(halt_at=PIECE_BYTES))
    url = made.note(clip)["url"]
    made.server.lie(refuse("HEAD", 404), refuse("PATCH", 404))  # a proxy that has lost its way
    with pytest.raises(DestinationUnavailableError):
        made.destination.store(clip, UNLIMITED)
    assert made.note(clip)["url"] == url
    made.server.lie()
    assert str(url).endswith(brought(made.destination, clip)[0])


@pytest.mark.slow
@pytest.mark.parametrize(
    "loss,anew",
    [
        (Lie("PATCH", keep=0.0, stall=True, times=1), True),
        (Lie("PATCH", keep=0.0, hang_up=True, times=1), False),
    ],
)
def test_an_upload_that_somebody_may_still_write_to_is_left_to_him(
    tmp_path: Path, loss: Lie, anew: bool
) -> None:
    # It takes bytes for any offset: a request that is still open there could write over what follows it.
    with LyingTus(Lie("PATCH", blind=("upload-offset",))) as server, world(tmp_path, server) as made:
        clip = made.clip()
        made.restart(SHORT).assess(UNLIMITED)
        server.lie(loss)
        with pytest.raises(DestinationUnavailableError):
            made.destination.store(clip, UNLIMITED)
        url = made.note(clip)["url"]
        path, _ = brought(made.destination, clip)
        assert server.stored(path) == CONTENT
        assert str(url).endswith(path) is not anew


def test_a_new_upload_that_holds_something_already_is_not_ours(made: World) -> None:
    clip = made.clip()
    made.server.lie(refuse("PATCH", 409, times=1), Lie("HEAD", headers={"Upload-Offset": "7"}, times=1))
    path, _ = brought(made.destination, clip)
    assert made.server.stored(path) == CONTENT
    assert made.note(clip)["orphans"] == 1
    assert list(made.server.uploads) == [path.rpartition("/")[2]]  # the other was taken away


def test_an_upload_whose_offset_runs_ahead_of_our_bytes_is_spoiled(made: World) -> None:
    clip = made.clip()
    made.server.lie(Lie("PATCH", headers={"Upload-Offset": "{beyond}"}, times=1))
    path, _ = brought(made.destination, clip)
    assert made.server.stored(path) == CONTENT
    assert made.note(clip)["orphans"] == 1
    assert list(made.server.uploads) == [path.rpartition("/")[2]]  # the other was taken away


@pytest.mark.slow
def test_progress_is_seen_inside_a_request(comparing: World) -> None:
    clip = comparing.clip()
    comparing.lie(Lie("PATCH", stall=True))
    transfer = Transfer(halt=threading.Event(), size=clip.size)
    with pytest.raises(DestinationUnavailableError):
        comparing.destination.store(clip, transfer)
    assert (transfer.sent, transfer.held) == (len(comparing.server.asked("PATCH")[-1].body), 0)


@pytest.mark.few(2)
@pytest.mark.parametrize(
    "lie",
    [
        Lie("HEAD", headers={"Upload-Offset": "{half}"}),  # as a cache that has an older answer
        Lie("HEAD", headers={"Upload-Offset": "{half}", "Upload-Length": "{beyond}"}),
    ],
)
@pytest.mark.parametrize("gives_back", [True, False])
def test_an_upload_that_was_whole_is_never_taken_away_whatever_the_server_says_now(
    tmp_path: Path, lie: Lie, *, gives_back: bool
) -> None:
    with LyingTus(downloads=gives_back) as server, world(tmp_path, server) as made:
        clip = made.clip()
        path, _ = brought(made.destination, clip)
        assert made.destination.prove(clip, UNLIMITED).sha256 == clip.sha256
        server.lie(replace(lie, upload=path))
        for _ in range(3):
            with suppress(DestinationUnavailableError):
                made.restart().store(clip, UNLIMITED)
        assert server.stored(path) == CONTENT
