"""Is a copy claimed only where it was proven, and what is told of it?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from bwvdock.core.clips.clip import Clip
from bwvdock.core.clips.proof import ProofMethod
from bwvdock.core.facts import ClipQuarantined, VerifiedAgain
from bwvdock.core.ports import Destination
from bwvdock.errors import DestinationError, DestinationUnavailableError, HaltedError
from bwvdock.stages.verify import verify_again
from tests.edges.destinations.tus_world import CONTENT, NO_CHECKSUMS, SHORT, World, brought, world
from tests.fakes.transfer import UNLIMITED
from tests.fakes.uploads import Watched
from tests.servers.lies import Lie, refuse
from tests.servers.lying_tus import LyingTus

# --- proof ------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_bytes_that_were_refused_and_kept_are_never_taken_for_compared(comparing: World) -> None:
    clip = comparing.clip()
    # It compares, refuses, and has kept them all the same; the answer is lost besides.
    comparing.server.lie(Lie("PATCH", times=1, blind=("upload-checksum",), status=460))
    with pytest.raises(DestinationUnavailableError):
        comparing.destination.store(clip, UNLIMITED)
    stale = comparing.note(clip)["url"]
    path, _ = brought(comparing.destination, clip)
    assert not str(stale).endswith(path)
    assert comparing.server.stored(path) == CONTENT


@pytest.mark.slow
def test_a_proof_whose_note_is_lost_is_read_back_or_not_claimed(made: World) -> None:
    clip = made.clip()
    path, _ = brought(made.destination, clip)
    for note in (made.base / "uploads/tus").iterdir():
        note.unlink()
    clip = replace(clip, uploaded={"tus": path})
    try:
        receipt = made.destination.prove(clip, UNLIMITED)
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
        assert made.destination.prove(clip, UNLIMITED).sha256 != clip.sha256
        again, _ = brought(made.destination, clip)
        assert again != path
        assert made.destination.prove(clip, UNLIMITED).sha256 == clip.sha256


@pytest.mark.slow
@pytest.mark.few(2)
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
        made.restart(SHORT).assess(UNLIMITED)  # still of one that compares nothing
        server.lie(lie)
        with pytest.raises(DestinationUnavailableError):
            made.destination.prove(clip, UNLIMITED)


@pytest.mark.slow
def test_a_part_that_is_gone_is_told_from_a_server_that_is_lost(made: World) -> None:
    clip = made.clip(CONTENT, b"gps")
    path, _ = brought(made.destination, clip)
    made.server.lie(refuse("HEAD", 404), refuse("GET", 404))
    with pytest.raises(DestinationUnavailableError):
        made.destination.prove(clip, UNLIMITED)
    made.server.lie()
    made.server.lose(path.rpartition("/")[2])
    with pytest.raises(DestinationError) as caught:
        made.destination.prove(clip, UNLIMITED)
    assert not caught.value.retryable
    assert brought(made.destination, clip)[0] != path


# --- what it is worth -------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.few(5)
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
        assessment = made.destination.assess(UNLIMITED)
        assert assessment.method is method
        assert assessment.words.startswith("tus: ")
        assert server.uploads == {}  # the canaries were taken away


@pytest.mark.slow
@pytest.mark.parametrize(
    "lie", [refuse("PATCH", 409), refuse("*", 503), refuse("POST", 404), refuse("PATCH", 413)]
)
def test_an_assessment_that_could_not_be_made_has_taught_nothing(comparing: World, lie: Lie) -> None:
    comparing.server.lie(lie)
    with pytest.raises(DestinationUnavailableError):
        comparing.destination.assess(UNLIMITED)
    comparing.server.lie()
    clip = comparing.clip()
    brought(comparing.destination, clip)
    assert comparing.destination.prove(clip, UNLIMITED).method is ProofMethod.PIECES_CHECKED


@pytest.mark.slow
def test_a_server_that_counts_requests_is_tried_out_all_the_same(comparing: World) -> None:
    """Each request but the first of an attempt is one too many: an attempt from the beginning never ends."""
    comparing.server.lie(*(refuse("PATCH", 429, first=n, times=1, Retry_After="1") for n in (2, 4)))
    assert comparing.destination.assess(UNLIMITED).method is ProofMethod.PIECES_CHECKED


@pytest.mark.slow
def test_trying_out_a_server_that_wants_to_be_left_alone_can_be_halted(comparing: World) -> None:
    comparing.server.lie(refuse("PATCH", 429, Retry_After="5"))
    with pytest.raises(HaltedError):
        comparing.destination.assess(Watched(halt_at=-1))


def test_where_nothing_proves_a_copy_nothing_is_proven(tmp_path: Path) -> None:
    with LyingTus(NO_CHECKSUMS) as server, world(tmp_path, server) as made:
        clip = made.clip()
        path, _ = brought(made.destination, clip)
        assert server.stored(path) == CONTENT
        with pytest.raises(DestinationUnavailableError):
            made.destination.prove(clip, UNLIMITED)


# --- what is told -----------------------------------------------------------------------------------


def test_a_custody_document_names_its_clip(made: World) -> None:
    clip = made.clip()
    path, _ = brought(made.destination, clip)
    clip = replace(clip, uploaded={"tus": path})
    documents = [made.destination.describe(clip, text, UNLIMITED) for text in (b"{}", b'{"newer": 1}')]
    assert [made.server.stored(document) for document in documents] == [b"{}", b'{"newer": 1}']
    told = made.server.uploads[documents[0].rpartition("/")[2]].metadata
    assert {pair.split(" ")[0] for pair in told.split(",")} >= {"filename", "filetype", "object", "clip"}
    assert made.note(clip)  # it is not proven yet


@pytest.mark.slow
def test_every_upload_says_its_name_its_type_and_nothing_empty(tmp_path: Path) -> None:
    with LyingTus(metadata=("filename", "filetype")) as server, world(tmp_path, server) as made:
        clip = made.clip(CONTENT, b"gps")
        path, _ = brought(made.destination, clip)
        told = server.uploads[path.rpartition("/")[2]].metadata
        assert {pair.split(" ")[0] for pair in told.split(",")} == {
            *("filename", "filetype", "clip", "camera", "officer", "sha256", "part")
        }


@pytest.mark.slow
def test_what_was_compared_on_its_way_in_counts_again_while_it_is_there_with_its_length(
    comparing: World,
) -> None:
    """A server that gives nothing back proves no copy twice; that is nothing against the copy."""
    clip = comparing.clip()
    path, _ = brought(comparing.destination, clip)
    receipt = comparing.destination.prove(clip, UNLIMITED)
    clip = replace(clip, uploaded={"tus": path}, receipts={"tus": receipt})
    comparing.destination.describe(clip, b"{}", UNLIMITED)  # from here on the notes are gone
    assert verify_again(clip, [comparing.destination], lambda _: UNLIMITED) == [], "nothing was proven again"
    del comparing.server.uploads[path.rpartition("/")[2]].content[-1:]
    assert isinstance(verify_again(clip, [comparing.destination], lambda _: UNLIMITED), ClipQuarantined)
    del comparing.server.uploads[path.rpartition("/")[2]]
    assert isinstance(verify_again(clip, [comparing.destination], lambda _: UNLIMITED), ClipQuarantined)


@pytest.mark.slow
def test_a_copy_that_cannot_be_downloaded_any_more_is_not_taken_for_one_that_never_could(
    tmp_path: Path,
) -> None:
    with LyingTus(downloads=True) as server, world(tmp_path, server) as made:
        clip = made.clip()
        path, _ = brought(made.destination, clip)
        clip = replace(
            clip, uploaded={"tus": path}, receipts={"tus": made.destination.prove(clip, UNLIMITED)}
        )
        made.destination.describe(clip, b"{}", UNLIMITED)
        [again] = proven_again(clip, made.destination)
        assert (again.destination, again.sha256, again.method) == ("tus", clip.sha256, "read-back")
        server.lie(refuse("GET", 404))
        found = verify_again(clip, [made.destination], lambda _: UNLIMITED)
        assert isinstance(found, ClipQuarantined)
        assert "cannot be downloaded" in found.reason


def proven_again(clip: Clip, destination: Destination) -> Sequence[VerifiedAgain]:
    found = verify_again(clip, [destination], lambda _: UNLIMITED)
    assert not isinstance(found, ClipQuarantined)
    return found


def test_a_sidecar_whose_place_nobody_knows_any_more_is_nothing_against_the_footage(made: World) -> None:
    clip = made.clip(CONTENT, b"sidecar", number=3)
    path, _ = brought(made.destination, clip)
    clip = replace(clip, uploaded={"tus": path}, receipts={"tus": made.destination.prove(clip, UNLIMITED)})
    sent = len(made.server.uploads)
    assert proven_again(clip, made.destination)
    made.destination.describe(clip, b"{}", UNLIMITED)
    proven_again(clip, made.destination)
    assert len(made.server.uploads) == sent + 1, "the document, and nothing was uploaded again"
