"""Does footage survive what tus servers, and what stands before them, were seen to do?"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from bwvdock.core.policy import ProofMethod
from bwvdock.core.ports import PIECE_BYTES
from bwvdock.edges.spool import part_name
from bwvdock.errors import (
    AccessDeniedError,
    DestinationError,
    DestinationRefusedError,
    DestinationUnavailableError,
    DurabilityError,
    HaltedError,
)
from bwvdock.passage import FREE_PASSAGE
from tests.edges.destinations.tus_world import CONTENT, World, brought, world
from tests.fakes.footage import footage
from tests.fakes.uploads import Watched, rot
from tests.servers.lies import TUS_HOPELESS, TUS_SILENT, TUS_SURVIVABLE, Lie, refuse
from tests.servers.lying_tus import LyingTus

NO_CHECKSUMS = Lie("OPTIONS", drop=("Tus-Checksum-Algorithm",))


@pytest.fixture(params=["compares", "gives back"])
def made(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    """A world whose server compares digests, and one whose server only gives bytes back."""
    compares = request.param == "compares"
    with LyingTus(downloads=not compares) as server, world(tmp_path, server) as made:
        if not compares:
            server.lie(NO_CHECKSUMS)
        made.destination.assess(FREE_PASSAGE)
        server.lie()
        yield made


@pytest.fixture
def comparing(tmp_path: Path) -> Iterator[World]:
    with LyingTus() as server, world(tmp_path, server) as made:
        made.destination.assess(FREE_PASSAGE)
        yield made


# --- what a server does, and what comes of it ------------------------------------------------------


@pytest.mark.parametrize("lies", TUS_SURVIVABLE.values(), ids=TUS_SURVIVABLE)
def test_what_can_be_survived_is_and_the_clip_is_proven(made: World, lies: tuple[Lie, ...]) -> None:
    clip = made.clip()
    made.lie(*lies)
    path, _ = brought(made.destination, clip)
    made.server.lie()
    assert made.server.stored(path) == CONTENT
    receipt = made.destination.prove(clip, FREE_PASSAGE)
    assert (receipt.object, receipt.sha256) == (path, clip.sha256)


@pytest.mark.parametrize("lies", TUS_HOPELESS.values(), ids=TUS_HOPELESS)
def test_what_is_hopeless_claims_nothing_and_tells_a_person(made: World, lies: tuple[Lie, ...]) -> None:
    clip = made.clip()
    made.lie(*lies)
    for _ in range(4):
        try:
            path = made.destination.store(clip, FREE_PASSAGE)
        except DestinationError as error:
            assert error.message  # noqa: PT017 - some of these end well, with the address put right
            assert error.remedy  # noqa: PT017
        else:
            assert made.server.stored(path) == CONTENT
    assert all(request.headers["host"].startswith("127.0.0.1:") for request in made.server.requests)


@pytest.mark.parametrize("lies", TUS_HOPELESS.values(), ids=TUS_HOPELESS)
def test_what_was_hopeless_ends_well_when_it_ends(made: World, lies: tuple[Lie, ...]) -> None:
    clip = made.clip()
    made.lie(*lies)
    with suppress(DestinationError):
        made.destination.store(clip, FREE_PASSAGE)
    made.server.lie()
    path, _ = brought(made.restart(), clip)
    assert made.server.stored(path) == CONTENT
    assert made.destination.prove(clip, FREE_PASSAGE).sha256 == clip.sha256


@pytest.mark.parametrize("downloads", [False, True])
@pytest.mark.parametrize("lies", TUS_SILENT.values(), ids=TUS_SILENT)
def test_what_only_looks_like_success_is_never_proven(
    tmp_path: Path, lies: tuple[Lie, ...], downloads: bool
) -> None:
    with LyingTus(*lies, downloads=downloads) as server, world(tmp_path, server) as made:
        clip = made.clip()
        try:
            assert made.destination.assess(FREE_PASSAGE).method is not ProofMethod.PIECES_CHECKED
            made.destination.store(clip, FREE_PASSAGE)
            receipt = made.destination.prove(clip, FREE_PASSAGE)
        except DestinationError:
            return
        assert downloads
        assert receipt.method is ProofMethod.READ_BACK
        whole = made.server.stored(receipt.object) == CONTENT
        assert (receipt.sha256 == clip.sha256) is whole


# --- the right error --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "lie,kind",
    [
        (refuse("*", 401), AccessDeniedError),
        (refuse("HEAD", 403), AccessDeniedError),
        (refuse("PATCH", 407), AccessDeniedError),
        (refuse("POST", 413), DestinationUnavailableError),  # it makes no other uploads either
        (refuse("POST", 413, times=1), DestinationRefusedError),
        (refuse("POST", 400, times=1), DestinationRefusedError),
        (refuse("PATCH", 422), DestinationRefusedError),
        (refuse("PATCH", 507), DestinationUnavailableError),
        (Lie("HEAD", drop=("Tus-Resumable",)), DestinationUnavailableError),
        (Lie("HEAD", drop=("Upload-Offset",)), DestinationUnavailableError),
    ],
)
def test_each_answer_has_its_meaning(made: World, lie: Lie, kind: type[DestinationError]) -> None:
    clip = made.clip()
    made.server.lie(lie)
    with pytest.raises(DestinationError) as caught:
        made.destination.store(clip, FREE_PASSAGE)
    assert type(caught.value) is kind


@pytest.mark.parametrize("asked,heard", [("7", 7), ("-5", 0), ("99999999", 3600), ("soon", 0), ("{past}", 0)])
def test_how_long_it_wants_to_be_left_alone_is_handed_on(made: World, asked: str, heard: float) -> None:
    clip = made.clip()
    made.server.lie(refuse("PATCH", 429, Retry_After=asked))
    with pytest.raises(DestinationUnavailableError) as caught:
        made.destination.store(clip, FREE_PASSAGE)
    assert caught.value.retry_after == heard


def test_a_clip_beyond_the_servers_limit_is_refused_before_a_byte_goes(tmp_path: Path) -> None:
    lie = Lie("OPTIONS", headers={"Tus-Max-Size": str(len(CONTENT) - 1)})
    with LyingTus(lie) as server, world(tmp_path, server) as made:
        made.destination.assess(FREE_PASSAGE)
        before = made.sent()
        with pytest.raises(DestinationRefusedError):
            made.destination.store(made.clip(), FREE_PASSAGE)
        assert made.sent() == before


def test_a_server_that_is_not_there_says_so(tmp_path: Path) -> None:
    with LyingTus() as server, world(tmp_path, server) as made:
        clip = made.clip()
        server.__exit__(None, None, None)
        for call in (lambda: made.destination.store(clip, FREE_PASSAGE), made.destination.probe):
            with pytest.raises(DestinationUnavailableError) as caught:
                call()
            assert caught.value.remedy


# --- one upload goes on -----------------------------------------------------------------------------


def test_a_lost_token_keeps_the_upload(made: World) -> None:
    clip = made.clip(footage(2 * PIECE_BYTES))
    with pytest.raises(HaltedError):
        made.destination.store(clip, Watched(halt_at=PIECE_BYTES))
    url = made.note(clip)["url"]
    made.server.lie(refuse("*", 401))
    with pytest.raises(AccessDeniedError):
        made.destination.store(clip, FREE_PASSAGE)
    made.server.lie()
    assert made.note(clip)["url"] == url
    path, _ = brought(made.destination, clip)
    assert str(url).endswith(path)


def test_what_the_server_holds_is_not_sent_again_after_a_restart(made: World) -> None:
    clip = made.clip(footage(3 * PIECE_BYTES + 1000))
    with pytest.raises(HaltedError):
        made.destination.store(clip, Watched(halt_at=2 * PIECE_BYTES))
    rest = Watched()
    brought(made.restart(), clip, rest)
    assert rest.taken < clip.size - PIECE_BYTES
    assert rest.held == sorted(rest.held)
    assert rest.held[-1] == clip.size


def test_one_request_is_one_piece_where_digests_are_compared(comparing: World) -> None:
    clip = comparing.clip(footage(2 * PIECE_BYTES + 5))
    comparing.server.requests.clear()
    brought(comparing.destination, clip)
    patches = comparing.server.asked("PATCH")
    assert [len(patch.body) for patch in patches] == [PIECE_BYTES, PIECE_BYTES, 5]
    assert all(patch.headers["upload-checksum"].startswith("sha256 ") for patch in patches)
    assert comparing.destination.prove(clip, FREE_PASSAGE).method is ProofMethod.PIECES_CHECKED


def test_a_partial_write_goes_on_to_the_next_line_of_the_grid(made: World) -> None:
    content = footage(2 * PIECE_BYTES)
    clip = made.clip(content)
    made.server.lie(Lie("PATCH", keep=0.5, times=1, blind=("upload-checksum",)))
    path, _ = brought(made.destination, clip)
    assert made.server.stored(path) == content


def test_sidecars_go_before_the_footage_and_progress_counts_over_all(made: World) -> None:
    clip, passage = made.clip(CONTENT, b"gps", b""), Watched()
    path, _ = brought(made.destination, clip, passage)
    assert made.server.stored(path) == CONTENT
    assert passage.held[0] == 0
    assert passage.held == sorted(passage.held)
    assert passage.held[-1] == clip.size
    assert made.destination.prove(clip, FREE_PASSAGE).sha256 == clip.sha256


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


def test_a_proxy_that_limits_requests_is_met_with_smaller_ones_ever_after(made: World) -> None:
    made.server.lie(Lie("PATCH", above=1 << 20, early=True, status=413))
    brought(made.destination, made.clip(number=1))
    made.server.requests.clear()
    brought(made.destination, made.clip(number=2))
    assert max(len(patch.body) for patch in made.server.asked("PATCH")) <= 1 << 20
    assert len(made.server.asked("PATCH")) <= 5


# --- the spool --------------------------------------------------------------------------------------


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
        made.destination.store(clip, FREE_PASSAGE)
    path.unlink()
    with pytest.raises(DurabilityError):
        made.destination.store(clip, FREE_PASSAGE)


def test_a_digest_that_the_server_finds_wrong_with_a_sound_spool_is_an_outage(comparing: World) -> None:
    clip = comparing.clip()
    comparing.server.lie(refuse("PATCH", 460))
    with pytest.raises(DestinationUnavailableError, match="changed on their way"):
        comparing.destination.store(clip, FREE_PASSAGE)
    assert len(comparing.server.asked("PATCH")) < 12


# --- proof ------------------------------------------------------------------------------------------


def test_bytes_that_were_refused_and_kept_are_never_taken_for_compared(comparing: World) -> None:
    clip = comparing.clip()
    # It compares, refuses, and has kept them all the same; the answer is lost besides.
    comparing.server.lie(Lie("PATCH", times=1, blind=("upload-checksum",), status=460))
    with pytest.raises(DestinationUnavailableError):
        comparing.destination.store(clip, FREE_PASSAGE)
    stale = comparing.note(clip)["url"]
    path, _ = brought(comparing.destination, clip)
    assert not str(stale).endswith(path)
    assert comparing.server.stored(path) == CONTENT


def test_a_proof_whose_note_is_lost_is_read_back_or_not_claimed(made: World) -> None:
    clip = made.clip()
    path, _ = brought(made.destination, clip)
    for note in (made.base / "uploads/tus").iterdir():
        note.unlink()
    clip = replace(clip, uploaded={"tus": path})
    try:
        receipt = made.destination.prove(clip, FREE_PASSAGE)
    except DestinationError as error:
        assert not error.retryable  # noqa: PT017
        assert brought(made.destination, clip)[0] != path
    else:
        assert receipt.method is ProofMethod.READ_BACK
        assert receipt.sha256 == clip.sha256


def test_other_bytes_are_found_by_reading_back_and_brought_anew(tmp_path: Path) -> None:
    with LyingTus(NO_CHECKSUMS, downloads=True) as server, world(tmp_path, server) as made:
        clip = made.clip()
        path, _ = brought(made.destination, clip)
        server.uploads[path.rpartition("/")[2]].content[5] ^= 1
        assert made.destination.prove(clip, FREE_PASSAGE).sha256 != clip.sha256
        again, _ = brought(made.destination, clip)
        assert again != path
        assert made.destination.prove(clip, FREE_PASSAGE).sha256 == clip.sha256


@pytest.mark.parametrize(
    "lie",
    [
        refuse("GET", 503),
        refuse("GET", 401),
        Lie("GET", headers={"Content-Length": "99999999"}),
        Lie("GET", stall=True),
        Lie("GET", hang_up=True),
    ],
)
def test_a_reading_that_broke_off_has_taught_nothing(tmp_path: Path, lie: Lie) -> None:
    with LyingTus(NO_CHECKSUMS, downloads=True) as server, world(tmp_path, server) as made:
        clip = made.clip(CONTENT)
        path, _ = brought(made.destination, clip)
        server.uploads[path.rpartition("/")[2]].content[5] ^= 1
        server.lie(lie)
        with pytest.raises(DestinationUnavailableError):
            made.destination.prove(clip, FREE_PASSAGE)


def test_a_part_that_is_gone_is_told_from_a_server_that_is_lost(made: World) -> None:
    clip = made.clip(CONTENT, b"gps")
    path, _ = brought(made.destination, clip)
    made.server.lie(refuse("HEAD", 404))
    with pytest.raises(DestinationUnavailableError):
        made.destination.prove(clip, FREE_PASSAGE)
    made.server.lie()
    made.server.lose(path.rpartition("/")[2])
    with pytest.raises(DestinationError) as caught:
        made.destination.prove(clip, FREE_PASSAGE)
    assert not caught.value.retryable
    assert brought(made.destination, clip)[0] != path


# --- what it is worth -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "lies,downloads,method",
    [
        ((), False, ProofMethod.PIECES_CHECKED),
        ((), True, ProofMethod.PIECES_CHECKED),
        ((NO_CHECKSUMS,), True, ProofMethod.READ_BACK),
        ((NO_CHECKSUMS,), False, None),
        ((Lie("PATCH", blind=("upload-checksum",)),), True, ProofMethod.READ_BACK),
        ((Lie("PATCH", blind=("upload-checksum",)),), False, None),
        ((Lie("OPTIONS", headers={"Tus-Checksum-Algorithm": "md5"}),), False, None),
        ((Lie("GET", body=b"something of the same length...."), NO_CHECKSUMS), True, None),
        ((Lie("GET", instead=True, status=200), NO_CHECKSUMS), True, None),
        ((refuse("GET", 404), NO_CHECKSUMS), True, None),
        ((Lie("GET", headers={"Content-Encoding": "gzip"}), NO_CHECKSUMS), True, None),
    ],
)
def test_a_server_is_assessed_for_what_it_does(
    tmp_path: Path, lies: tuple[Lie, ...], downloads: bool, method: ProofMethod | None
) -> None:
    with LyingTus(*lies, downloads=downloads) as server, world(tmp_path, server) as made:
        assessment = made.destination.assess(FREE_PASSAGE)
        assert assessment.method is method
        assert assessment.words.startswith("tus: ")
        assert server.uploads == {}  # the canaries were taken away


@pytest.mark.parametrize(
    "lie", [refuse("PATCH", 409), refuse("*", 503), refuse("POST", 404), refuse("PATCH", 413)]
)
def test_an_assessment_that_could_not_be_made_has_taught_nothing(comparing: World, lie: Lie) -> None:
    comparing.server.lie(lie)
    with pytest.raises(DestinationUnavailableError):
        comparing.destination.assess(FREE_PASSAGE)
    comparing.server.lie()
    clip = comparing.clip()
    brought(comparing.destination, clip)
    assert comparing.destination.prove(clip, FREE_PASSAGE).method is ProofMethod.PIECES_CHECKED


def test_where_nothing_proves_a_copy_nothing_is_proven(tmp_path: Path) -> None:
    with LyingTus(NO_CHECKSUMS) as server, world(tmp_path, server) as made:
        clip = made.clip()
        path, _ = brought(made.destination, clip)
        assert server.stored(path) == CONTENT
        with pytest.raises(DestinationUnavailableError):
            made.destination.prove(clip, FREE_PASSAGE)


# --- what is told -----------------------------------------------------------------------------------


def test_a_custody_document_names_its_clip(made: World) -> None:
    clip = made.clip()
    path, _ = brought(made.destination, clip)
    clip = replace(clip, uploaded={"tus": path})
    documents = [made.destination.describe(clip, text, FREE_PASSAGE) for text in (b"{}", b'{"newer": 1}')]
    assert [made.server.stored(document) for document in documents] == [b"{}", b'{"newer": 1}']
    told = made.server.uploads[documents[0].rpartition("/")[2]].metadata
    assert {pair.split(" ")[0] for pair in told.split(",")} >= {"filename", "filetype", "object", "clip"}
    assert made.note(clip)  # it is not proven yet


def test_every_upload_says_its_name_its_type_and_nothing_empty(tmp_path: Path) -> None:
    with LyingTus(metadata=("filename", "filetype")) as server, world(tmp_path, server) as made:
        clip = made.clip(CONTENT, b"gps")
        path, _ = brought(made.destination, clip)
        told = server.uploads[path.rpartition("/")[2]].metadata
        assert {pair.split(" ")[0] for pair in told.split(",")} == {
            *("filename", "filetype", "clip", "camera", "officer", "sha256", "part")
        }
