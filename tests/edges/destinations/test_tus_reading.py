"""Is whatever a tus server's headers say read without harm, and what we say fit for every server?"""

from __future__ import annotations

import hashlib
from base64 import b64decode, b64encode
from dataclasses import asdict
from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bwvdock.core.ports import PIECE_BYTES
from bwvdock.edges.destinations.connections import BLOCK_BYTES, Headers
from bwvdock.edges.destinations.header_values import MOST_WAIT
from bwvdock.edges.destinations.http import Answer
from bwvdock.edges.destinations.tus import answers
from bwvdock.edges.destinations.tus.content import Document, PieceCheck, Stretch, all_of, digests_of
from bwvdock.edges.destinations.tus.progress import UploadProgress
from bwvdock.edges.destinations.tus.request_size import LEAST, MOST, RequestSize
from bwvdock.errors import DurabilityError
from tests.fakes.footage import footage
from tests.fakes.transfer import UNLIMITED

ENDPOINT = "https://store.example:8443/tus/files/"
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
HEADER = st.text(max_size=60)


def answer(**headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(status=200, headers=Headers.of(named))


# --- what a server says -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "location,path",
    [
        ("https://store.example:8443/tus/files/1", "/tus/files/1"),
        ("/tus/files/1", "/tus/files/1"),
        ("1", "/tus/files/1"),
        ("//store.example:8443/tus/files/1", "/tus/files/1"),
        ("http://store.example/tus/files/1", "/tus/files/1"),
        ("http://internal:1080/tus/files/1", "/tus/files/1"),
        ("/tus/files/1?sig=a%2Fb", "/tus/files/1?sig=a%2Fb"),
        ("/tus/files/1#x", "/tus/files/1"),
    ],
)
def test_an_upload_is_where_the_configuration_says_that_the_store_is(location: str, path: str) -> None:
    assert answers.upload_url(ENDPOINT, location) == f"https://store.example:8443{path}"


@pytest.mark.parametrize("location", ["", "  ", "http://[::1", "http://x:y:z/"])
def test_a_location_that_is_none_is_none(location: str) -> None:
    found = answers.upload_url(ENDPOINT, location)
    assert not found or urlsplit(found).netloc == "store.example:8443"


@given(HEADER)
def test_no_location_leads_away(location: str) -> None:
    found = answers.upload_url(ENDPOINT, location)
    assert not found or urlsplit(found)[:2] == ("https", "store.example:8443")


@pytest.mark.parametrize(
    "said,date,seconds",
    [
        ("120", "", 120),
        ("0", "", 0),
        ("-3", "", 0),
        ("1.5", "", 0),
        ("999999999999", "", 3600),
        ("9" * 5000, "", 0),
        ("Sat, 21 Nov 2026 12:00:30 GMT", "", 30),
        ("Sat, 21 Nov 2026 11:00:00 GMT", "", 0),
        ("Sat, 21 Nov 2026 11:00:30 GMT", "Sat, 21 Nov 2026 11:00:00 GMT", 30),  # its clock, not ours
        ("soon", "", 0),
        ("", "", 0),
    ],
)
def test_how_long_a_server_wants_to_be_left_alone(said: str, date: str, seconds: float) -> None:
    assert answers.retry_after(answer(Retry_After=said, Date=date), now=NOW) == seconds


@given(HEADER, HEADER, HEADER)
def test_nothing_that_a_server_says_does_harm(one: str, two: str, three: str) -> None:
    said = answer(Retry_After=one, Date=two, Upload_Offset=three, Tus_Extension=one, Tus_Max_Size=two)
    assert 0 <= answers.retry_after(said, now=NOW) <= MOST_WAIT
    assert (answers.number(said, "Upload-Offset") or 0) >= 0
    assert (answers.offer(said).most_bytes or 1) > 0
    answers.speaks_tus(said)


@pytest.mark.parametrize("text", ["-1", "+1", "1.0", "0x1", "1e3", "", "١", "1 2", "9" * 19])  # noqa: RUF001
def test_an_offset_is_a_plain_number(text: str) -> None:
    assert answers.number(answer(Upload_Offset=text), "Upload-Offset") is None


# --- what we say ------------------------------------------------------------------------------------


def told(header: str) -> dict[str, str]:
    pairs = (pair.partition(" ") for pair in header.split(",")) if header else ()
    return {key: b64decode(value).decode() for key, _, value in pairs}


def test_values_of_any_language_come_through() -> None:
    pairs = {"officer": "Žofie 警官 \u202e", "camera": "BWV,17 ="}
    assert told(answers.metadata(pairs)) == pairs
    assert answers.metadata({}) == ""


@pytest.mark.parametrize("key", ["a b", "a,b", "ü", "", "a\n"])
def test_a_key_that_servers_choke_on_is_left_out(key: str) -> None:
    assert told(answers.metadata({key: "1", "clip": "2"})) == {"clip": "2"}


def test_a_header_that_no_server_takes_is_made_shorter_where_it_hurts_least() -> None:
    pairs = {"clip": "01hv", "sha256": "0" * 64, "officer": "x" * 3000, "docking": "y" * 5000}
    header = answers.metadata(pairs)
    assert len(header) <= answers.MOST_METADATA
    assert told(header).keys() == {"clip", "sha256"} | ({"officer"} if "officer" in header else set())
    assert "docking" not in header


def test_a_digest_is_told_as_the_protocol_wants_it() -> None:
    digest = hashlib.sha256(b"x")
    assert answers.checksum(digest.hexdigest()) == f"sha256 {b64encode(digest.digest()).decode()}"


# --- what is remembered -----------------------------------------------------------------------------


def test_a_note_is_read_as_it_was_written() -> None:
    left = UploadProgress(sha256="a", size=5, url="https://x/1", compared=3, whole=False, seen=4, orphans=1)
    assert UploadProgress.of(asdict(left), sha256="a", size=5) == left


@pytest.mark.parametrize(
    "change",
    [
        {"sha256": "b"},
        {"size": 6},
        {"url": 7},
        {"compared": "3"},
        {"whole": 1},
        {"compared": True},
        {"seen": None},
    ],
)
def test_a_note_of_another_content_or_a_spoiled_one_is_as_none(change: dict[str, object]) -> None:
    note = {**asdict(UploadProgress(sha256="a", size=5, url="https://x/1", compared=3)), **change}
    assert UploadProgress.of(note, sha256="a", size=5) == UploadProgress(sha256="a", size=5)


# --- how much goes in one request ---------------------------------------------------------------------


@given(st.lists(st.sampled_from(["through", "broke", "large"]), max_size=60), st.booleans())
def test_a_request_size_never_ends_beyond_what_it_may(events: list[str], to_grid: bool) -> None:
    stride, size, at = RequestSize(), 40 * PIECE_BYTES + 7, 0
    for event in events:
        end = stride.end(at, size, to_grid=to_grid)
        assert at < end <= size
        assert end - at <= MOST
        if to_grid:
            assert at // PIECE_BYTES == (end - 1) // PIECE_BYTES
        match event:
            case "through":
                stride.went_through(end - at, 1.0)
                at = end if end < size else 0
            case "broke":
                stride.broke_off(end - at)
            case _:
                stride.too_large(end - at)


def test_a_request_size_grows_with_success_shrinks_with_failure_and_keeps_a_limit_in_mind() -> None:
    stride, size = RequestSize(), 10**12
    for _ in range(10):
        stride.went_through(stride.end(0, size, to_grid=False), 1.0)
    assert stride.end(0, size, to_grid=False) == MOST
    stride.went_through(MOST, 3600.0)
    for _ in range(20):
        stride.broke_off(stride.end(0, size, to_grid=False))
    assert stride.end(0, size, to_grid=False) == LEAST
    assert stride.too_large(2 * PIECE_BYTES)
    for _ in range(20):
        stride.went_through(stride.end(0, size, to_grid=False), 1.0)
    assert stride.end(0, size, to_grid=False) == PIECE_BYTES
    assert not stride.too_large(LEAST)


def test_a_request_of_which_nothing_is_kept_when_it_is_cut_takes_no_longer_than_may_be_lost() -> None:
    """Half a second, or a fiftieth of the time without a cut: at a hundredth of that on average is lost."""
    sizes, size, rate, at, spent = RequestSize(), 4 * PIECE_BYTES, 1 << 20, 0, 0.0
    while at < size:
        count = sizes.end(at, size, to_grid=True) - at
        seconds = count / rate
        assert seconds <= max(1.0, 0.02 * spent)  # the first, of which nothing is known, may take a second
        sizes.went_through(count, seconds)
        at, spent = at + count, spent + seconds
    sizes.broke_off(PIECE_BYTES)
    assert sizes.end(0, size, to_grid=True) <= rate / 2


def test_what_the_server_has_kept_makes_no_request_smaller() -> None:
    sizes, size = RequestSize(), 100 * PIECE_BYTES
    before = sizes.end(0, size, to_grid=False)
    sizes.broke_off(before, kept=True)
    assert sizes.end(0, size, to_grid=False) == before
    sizes.broke_off(before)
    assert sizes.end(0, size, to_grid=False) == before // 2


# --- what is sent -------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("start,end", [(0, 5), (3, PIECE_BYTES + 9), (PIECE_BYTES - 1, PIECE_BYTES + 1)])
@pytest.mark.parametrize("prove", [False, True])
def test_a_stretch_gives_its_bytes_and_again_from_the_start(start: int, end: int, prove: bool) -> None:
    content = footage(2 * PIECE_BYTES)
    document = Document(content)
    stretch = Stretch(document, start, end, UNLIMITED, PieceCheck(document) if prove else None)
    for _ in range(2):
        assert b"".join(bytes(block) for block in stretch) == content[start:end]
    assert len(stretch) == end - start


@pytest.mark.parametrize("start", [0, 5, BLOCK_BYTES + 1])
def test_the_last_bytes_of_a_piece_that_the_spool_has_lost_are_never_given(start: int) -> None:
    content = footage(3 * BLOCK_BYTES)
    document = Document(content[:9] + b"!" + content[10:])
    document.pieces = Document(content).pieces
    stretch = Stretch(document, start, len(content), UNLIMITED, PieceCheck(document))
    with pytest.raises(DurabilityError):
        list(stretch)
    assert stretch.given < len(content) - start
    with pytest.raises(DurabilityError):
        all_of(document)


def test_stretches_that_follow_each_other_are_read_once_and_others_from_their_pieces_beginning() -> None:
    document = Counted(footage(4 * BLOCK_BYTES))
    check = PieceCheck(document)
    for start, end, read in [(0, 7, 7), (7, 99, 92), (50, 60, 60), (60, document.size, document.size - 60)]:
        document.read = 0
        assert b"".join(bytes(b) for b in Stretch(document, start, end, UNLIMITED, check))
        assert document.read == read
    assert bytes(all_of(document)) == footage(4 * BLOCK_BYTES)


class Counted(Document):
    """Counts the bytes that are read."""

    read = 0

    def readinto(self, buffer: memoryview, offset: int) -> None:
        """Fill the buffer."""
        super().readinto(buffer, offset)
        self.read += len(buffer)


@pytest.mark.slow
def test_the_digest_of_a_remainder_is_made_of_a_piece_that_is_sound() -> None:
    content = footage(PIECE_BYTES + 100)
    document = Document(content)
    found = digests_of(document, 5, 90)
    assert found[5, 90] == hashlib.sha256(content[5:90]).hexdigest()
    assert found[90, 175] == hashlib.sha256(content[90:175]).hexdigest(), "what is sent next"
    assert digests_of(document, PIECE_BYTES, PIECE_BYTES + 100).popitem()[1] == document.pieces[1]
    document.pieces = (document.pieces[0], document.pieces[0])
    with pytest.raises(DurabilityError):
        digests_of(document, PIECE_BYTES + 5, PIECE_BYTES + 9)
