"""What a store lacks is found out when it is tried out, has a second way if there is one, and is said."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest

from bwvdock.core.ports import PIECE_BYTES
from bwvdock.errors import (
    DestinationError,
    DestinationRefusedError,
    DestinationUnavailableError,
    HaltedError,
)
from tests.edges.destinations.s3_rig import RateLimit, S3Dock, keys_of
from tests.edges.destinations.tus_world import CONTENT, brought, world
from tests.fakes.footage import footage
from tests.fakes.transfer import UNLIMITED
from tests.servers.lies import Lie, refuse
from tests.servers.lies_s3 import DIGESTS
from tests.servers.lying import Answer, Request
from tests.servers.lying_s3 import LyingS3
from tests.servers.lying_tus import LyingTus

LONG = footage(PIECE_BYTES + 5000)
UNCHECKED = Lie(blind=DIGESTS)


class ForgetfulTus(LyingTus):
    """Takes uploads away when they are finished; those that are made later only, if it is told so."""

    forgets = True

    def answer(self, request: Request) -> Answer:
        answer = super().answer(request)
        for name, upload in list(self.uploads.items()):
            if self.forgets and upload.size == len(upload.content):
                del self.uploads[name]
        return answer


class OverriddenTus(LyingTus):
    """Is behind a proxy that lets no PATCH through."""

    def answer(self, request: Request) -> Answer:
        if request.method == "PATCH":
            return Answer(405)
        if request.headers.get("x-http-method-override") == "PATCH":
            return super().answer(Request("PATCH", request.target, request.headers, request.body))
        return super().answer(request)


# --- tus -------------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.few(2)
@pytest.mark.parametrize("downloads", [False, True])
@pytest.mark.parametrize("lies", [(), (Lie("PATCH", drop=("Upload-Offset",)),)])
def test_a_server_that_takes_finished_uploads_away_proves_nothing_and_says_so(
    tmp_path: Path, downloads: bool, lies: tuple[Lie, ...]
) -> None:
    with ForgetfulTus(*lies, downloads=downloads) as server, world(tmp_path, server) as made:
        assessment = made.destination.assess(UNLIMITED)
        assert assessment.method is None
        assert "removes finished uploads" in assessment.words
        before = made.sent()
        made.destination.store(made.clip(), UNLIMITED)
        assert made.sent() - before == len(CONTENT), "sent once"


@pytest.mark.slow
def test_one_that_begins_to_take_them_away_sends_no_clip_to_quarantine(tmp_path: Path) -> None:
    with ForgetfulTus() as server, world(tmp_path, server) as made:
        server.forgets = False
        made.destination.assess(UNLIMITED)
        clip = made.clip()
        brought(made.destination, clip)
        server.forgets = True
        server.uploads.clear()
        with pytest.raises(DestinationUnavailableError, match="removes finished uploads") as caught:
            made.destination.prove(clip, UNLIMITED)
        assert caught.value.remedy


@pytest.mark.slow
def test_what_expired_as_it_was_said_is_brought_anew_and_not_for_ever(tmp_path: Path) -> None:
    with LyingTus(expires="Sat, 14 Mar 2026 11:00:00 GMT") as server, world(tmp_path, server) as made:
        made.destination.assess(UNLIMITED)
        clip = made.clip()
        path, _ = brought(made.destination, clip)
        for _ in range(3):
            server.lose(path.rpartition("/")[2])
            receipt = made.destination.prove(clip, UNLIMITED)
            assert receipt.object != path
            assert receipt.sha256 == clip.sha256
            path = receipt.object
        server.lose(path.rpartition("/")[2])
        sent = made.sent()
        for _ in range(2):
            with pytest.raises(DestinationUnavailableError, match="Upload-Expires"):
                made.destination.prove(clip, UNLIMITED)
        assert made.sent() - sent < 10, "only what tried it out"


@pytest.mark.slow
@pytest.mark.parametrize(
    "lie",
    [
        Lie("OPTIONS", instead=True, status=405),
        Lie("OPTIONS", instead=True, status=204, headers={"Access-Control-Allow-Origin": "*"}),
    ],
)
def test_a_proxy_that_answers_options_itself_keeps_nothing_waiting(tmp_path: Path, lie: Lie) -> None:
    with LyingTus(lie) as server, world(tmp_path, server) as made:
        assessment = made.destination.assess(UNLIMITED)
        assert assessment.method == "pieces-checked"
        assert "options" in assessment.words
        made.destination.probe()
        clip = made.clip()
        brought(made.destination, clip)
        assert made.destination.prove(clip, UNLIMITED).sha256 == clip.sha256


@pytest.mark.slow
def test_a_server_behind_a_proxy_without_patch_is_reached_by_post(tmp_path: Path) -> None:
    with OverriddenTus() as server, world(tmp_path, server) as made:
        assert made.destination.assess(UNLIMITED).method == "pieces-checked"
        clip = made.clip()
        path, _ = brought(made.destination, clip)
        assert server.stored(path) == CONTENT


@pytest.mark.slow
def test_a_server_that_takes_no_metadata_is_sent_none(tmp_path: Path) -> None:
    class Plain(LyingTus):
        def answer(self, request: Request) -> Answer:
            return Answer(400) if "upload-metadata" in request.headers else super().answer(request)

    with Plain() as server, world(tmp_path, server) as made:
        assert "no metadata" in made.destination.assess(UNLIMITED).words
        clip = made.clip()
        brought(made.destination, clip)
        assert made.destination.prove(clip, UNLIMITED).sha256 == clip.sha256


def test_a_server_that_deletes_nothing_says_so(tmp_path: Path) -> None:
    with LyingTus(refuse("DELETE", 405)) as server, world(tmp_path, server) as made:
        assert "deletes no uploads" in made.destination.assess(UNLIMITED).words


@pytest.mark.few(2)
@pytest.mark.parametrize(
    "lies,words",
    [
        ((refuse("HEAD", 405),), "answers no HEAD (405)"),
        ((refuse("HEAD", 501),), "answers no HEAD (501)"),
        ((refuse("PATCH", 405),), "takes no PATCH"),
        ((Lie("POST", drop=("Location",)),), "Location"),
        ((Lie("*", drop=("Tus-Resumable", "Tus-Version")),), "Tus-Resumable"),
        ((Lie("HEAD", drop=("Upload-Offset",)),), "the offset of an upload"),
    ],
)
def test_what_has_no_second_way_is_said_in_plain_words(
    tmp_path: Path, lies: tuple[Lie, ...], words: str
) -> None:
    with LyingTus(*lies) as server, world(tmp_path, server) as made:
        for call in (made.destination.assess, lambda transfer: made.destination.store(made.clip(), transfer)):
            with pytest.raises(DestinationUnavailableError) as caught:
                call(UNLIMITED)
            assert words in caught.value.message
            assert caught.value.remedy


def test_a_proxy_that_takes_a_part_of_the_path_away_is_named_by_what_was_asked(tmp_path: Path) -> None:
    lie = Lie("POST", headers={"Location": "/elsewhere/{id}?sig=s3cr3t"})
    lost = Lie("*", upload="/upload-1", instead=True, status=404)
    with LyingTus(lie, lost) as server, world(tmp_path, server) as made:
        server.lie(lie, Lie("HEAD", instead=True, status=404))
        with pytest.raises(DestinationUnavailableError) as caught:
            made.destination.assess(UNLIMITED)
        assert f"127.0.0.1:{server.port}/elsewhere/upload-" in caught.value.message
        assert "Location was /elsewhere/upload-" in caught.value.message
        assert "s3cr3t" not in caught.value.message
        assert "proxy" in caught.value.remedy


# --- S3 ---------------------------------------------------------------------------------------------------


def stop() -> None:
    raise HaltedError("the dock is stopping")


def no(method: str, query: str, status: int, *, times: int = 1_000_000) -> Lie:
    return Lie(method, query=query, instead=True, status=status, times=times)


@pytest.mark.slow
@pytest.mark.parametrize("status", [403, 405, 501])
def test_without_a_list_of_parts_an_upload_that_was_cut_goes_on(dock: S3Dock, status: int) -> None:
    content = footage(2 * PIECE_BYTES + 5000)
    clip = dock.clip(content)
    with LyingS3(no("GET", "uploadId", status)) as server:
        destination = dock.destination(server.url)
        assert "list of parts: not given" in destination.assess(UNLIMITED).words
        with pytest.raises(HaltedError):
            destination.store(clip, RateLimit(2 * PIECE_BYTES + 1, stop))
        again = dock.destination(server.url)
        again.assess(UNLIMITED)
        server.requests.clear()
        again.store(clip, UNLIMITED)
        assert [len(put.body) for put in server.asked("PUT")] == [5000]
        receipt = again.prove(clip, UNLIMITED)
        assert (receipt.sha256, receipt.method) == (clip.sha256, "read-back")
        assert server.stored(server.bucket, keys_of(clip)[0]) == content


@pytest.mark.slow
def test_parts_that_are_gone_where_there_is_no_list_begin_again(dock: S3Dock) -> None:
    clip = dock.clip(LONG)
    with LyingS3(no("GET", "uploadId", 501)) as server:
        destination = dock.destination(server.url)
        destination.assess(UNLIMITED)
        with pytest.raises(HaltedError):
            destination.store(clip, RateLimit(PIECE_BYTES + 1, stop))
        for upload in server.uploads.values():
            upload.parts.clear()
        destination.store(clip, UNLIMITED)
        assert server.stored(server.bucket, keys_of(clip)[0]) == LONG


@pytest.mark.slow
@pytest.mark.parametrize(
    "lies,words",
    [
        ((no("POST", "uploads", 501),), "multipart uploads: none"),
        ((no("POST", "uploads", 405),), "multipart uploads: none"),
        ((no("HEAD", "", 405),), "HEAD: not answered"),
        ((no("HEAD", "", 501), Lie("GET", blind=("range",))), "HEAD: not answered"),
        ((Lie("GET", blind=("range",)), UNCHECKED), "ranges: not given"),
        ((no("DELETE", "", 403),), "cannot be deleted"),
        ((no("GET", "uploads", 501), no("DELETE", "uploadId", 501)), "wrong payload digest"),
        ((Lie("*", blind=("if-none-match",)),), "If-None-Match: not honoured"),
    ],
)
def test_what_a_store_lacks_has_a_second_way(dock: S3Dock, lies: tuple[Lie, ...], words: str) -> None:
    clip = dock.clip(LONG, b"")
    with LyingS3(*(lie for lie in lies if lie.method != "GET" or lie.instead or lie is UNCHECKED)) as server:
        if any(lie.blind == ("range",) for lie in lies):
            server.ranges = False
        destination = dock.destination(server.url)
        assert words in destination.assess(UNLIMITED).words
        destination.probe()
        destination.store(clip, UNLIMITED)
        assert destination.store(clip, UNLIMITED) == keys_of(clip)[0]
        assert destination.prove(clip, UNLIMITED).sha256 == clip.sha256
        assert server.stored(server.bucket, keys_of(clip)[0]) == LONG


@pytest.mark.slow
def test_a_store_that_takes_no_metadata_is_sent_none(dock: S3Dock) -> None:
    class Plain(LyingS3):
        def answer(self, request: Request) -> Answer:
            told = any(name.startswith("x-amz-meta-") for name in request.headers)
            return Answer(501) if told else super().answer(request)

    clip = dock.clip(b"footage")
    with Plain() as server:
        destination = dock.destination(server.url)
        assert "metadata: not taken" in destination.assess(UNLIMITED).words
        destination.store(clip, UNLIMITED)
        assert destination.prove(clip, UNLIMITED).sha256 == clip.sha256


@pytest.mark.slow
def test_a_store_that_gives_nothing_back_and_compares_nothing_proves_nothing(dock: S3Dock) -> None:
    with LyingS3(no("GET", "", 403), UNCHECKED) as server:
        assessment = dock.destination(server.url).assess(UNLIMITED)
        assert assessment.method is None
        assert "not given back (403)" in assessment.words


@pytest.mark.slow
def test_a_bucket_that_does_not_say_that_it_is_there_is_listed(dock: S3Dock) -> None:
    class Mute(LyingS3):
        def answer(self, request: Request) -> Answer:
            bucket = request.path.count("/") == 1
            return Answer(501) if request.method == "HEAD" and bucket else super().answer(request)

    with Mute() as server:
        dock.destination(server.url).probe()


@pytest.mark.slow
@pytest.mark.parametrize("first,kind", [(1, DestinationUnavailableError), (2, DestinationRefusedError)])
def test_a_clip_is_refused_only_by_a_store_that_takes_others(
    dock: S3Dock, first: int, kind: type[DestinationError]
) -> None:
    clip = dock.clip(b"footage")
    times = 1 if first == 2 else 1_000_000
    body = b"<Error><Code>InvalidArgument</Code></Error>"
    with LyingS3(Lie("PUT", instead=True, status=400, body=body, times=times)) as server:
        with pytest.raises(DestinationError) as caught:
            dock.destination(server.url).store(clip, UNLIMITED)
        assert isinstance(caught.value, kind)
        assert isinstance(caught.value, DestinationRefusedError) is (first == 2)


@pytest.mark.slow
def test_lists_without_an_end_are_not_followed_for_ever(dock: S3Dock) -> None:
    class Endless(LyingS3):
        def answer(self, request: Request) -> Answer:
            if request.method == "GET" and "uploadId" in request.query:
                marker = int(request.query.get("part-number-marker", 0)) + 1
                following = f"<NextPartNumberMarker>{marker}</NextPartNumberMarker>"
                return Answer(200, {}, f"<R><IsTruncated>true</IsTruncated>{following}</R>".encode())
            return super().answer(request)

    clip = dock.clip(LONG)
    with Endless() as server:
        destination = dock.destination(server.url)
        with pytest.raises(HaltedError):
            destination.store(clip, RateLimit(PIECE_BYTES + 1, stop))
        with suppress(DestinationError):
            destination.store(clip, UNLIMITED)
        assert len([r for r in server.asked("GET") if "uploadId" in r.query]) < 10
