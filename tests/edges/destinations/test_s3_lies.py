"""What does the S3 destination make of stores that lie? A server that can is told how."""

from __future__ import annotations

import hashlib
from datetime import datetime

import pytest

from bwvdock.core.ports import PIECE_BYTES
from bwvdock.errors import (
    DestinationError,
    DestinationUnavailableError,
    DurabilityError,
    HaltedError,
    ObjectConflictError,
)
from tests.edges.destinations.s3_rig import RateLimit, S3Dock, keys_of
from tests.fakes.footage import footage
from tests.fakes.transfer import UNLIMITED
from tests.servers.lies import Lie
from tests.servers.lying import Answer, Request
from tests.servers.lying_s3 import LOCK, LyingS3, error_body

LONG = PIECE_BYTES + 5000
HONEST_DIGESTS = ("x-amz-content-sha256", "x-amz-checksum-sha256", "content-md5")
UNTIL = "2099-05-31T00:00:00Z"

pytestmark = pytest.mark.slow  # a client of botocore takes its time to come up


def stop() -> None:
    raise HaltedError("the dock is stopping")


# --- what its word is worth -------------------------------------------------------------------------


def test_a_store_that_checks_is_proven_by_its_word(dock: S3Dock) -> None:
    clip = dock.clip(footage(LONG), b"sidecar")
    with LyingS3() as server:
        destination = dock.destination(server.url)
        assessment = destination.assess(UNLIMITED)
        assert assessment.method == "pieces-checked"
        assert "wrong payload digest: object refused with XAmzContentSHA256Mismatch" in assessment.words
        assert not any(server.objects.values()), "the canary is gone"
        destination.store(clip, UNLIMITED)
        asked = len(server.asked("GET"))
        receipt = destination.prove(clip, UNLIMITED)
        assert (receipt.sha256, receipt.method) == (clip.sha256, "pieces-checked")
        assert len(server.asked("GET")) == asked, "nothing needs to be read back"
        assert hashlib.sha256(server.stored(server.bucket, receipt.object)).hexdigest() == clip.sha256


@pytest.mark.parametrize("blind", [HONEST_DIGESTS, HONEST_DIGESTS[:2]])
def test_a_store_that_checks_no_sha256_is_read_back(dock: S3Dock, blind: tuple[str, ...]) -> None:
    clip = dock.clip(footage(LONG))
    with LyingS3(Lie(blind=blind)) as server:
        destination = dock.destination(server.url)
        assert destination.assess(UNLIMITED).method == "read-back"
        destination.store(clip, UNLIMITED)
        assert destination.prove(clip, UNLIMITED).method == "read-back"
        key = keys_of(clip)[0]
        server.objects[key][-1].content = bytes(LONG)
        assert destination.prove(clip, UNLIMITED).sha256 == hashlib.sha256(bytes(LONG)).hexdigest()


def test_an_echo_of_a_false_digest_proves_nothing(dock: S3Dock) -> None:
    clip = dock.clip(b"footage")
    with LyingS3(Lie("PUT", blind=HONEST_DIGESTS)) as server:
        destination = dock.destination(server.url)
        assert destination.assess(UNLIMITED).method == "read-back"
        destination.store(clip, UNLIMITED)
        version = server.objects[keys_of(clip)[0]][-1]
        version.content = b"footagf"
        assert destination.prove(clip, UNLIMITED).sha256 == hashlib.sha256(b"footagf").hexdigest()


def test_a_store_that_checks_objects_but_not_parts_is_read_back(dock: S3Dock) -> None:
    with LyingS3(Lie("PUT", query="uploadId", blind=HONEST_DIGESTS)) as server:
        assessment = dock.destination(server.url).assess(UNLIMITED)
        assert assessment.method == "read-back"
        assert "part TAKEN" in assessment.words


class Pretending(LyingS3):
    """Refuses an object with a wrong digest, and keeps it all the same."""

    def answer(self, request: Request) -> Answer:
        answer = super().answer(request)
        if request.method == "PUT" and answer.status == 400 and not request.query:
            (versions,) = self.objects.values()
            versions[-1].content, versions[-1].etag = request.body, f'"{len(self.requests)}"'
        return answer


def test_a_store_that_only_says_that_it_refuses_is_read_back(dock: S3Dock) -> None:
    with Pretending() as server:
        assessment = dock.destination(server.url).assess(UNLIMITED)
        assert assessment.method == "read-back"
        assert "wrong payload digest: object TAKEN" in assessment.words


def test_an_object_that_is_another_one_now_is_read_back(dock: S3Dock) -> None:
    clip = dock.clip(footage(LONG))
    with LyingS3() as server:
        destination = dock.destination(server.url)
        destination.assess(UNLIMITED)
        destination.store(clip, UNLIMITED)
        version = server.objects[keys_of(clip)[0]][-1]
        version.content, version.etag = bytes(LONG), '"other"'
        receipt = destination.prove(clip, UNLIMITED)
        assert (receipt.method, receipt.sha256) == ("read-back", hashlib.sha256(bytes(LONG)).hexdigest())


def test_a_store_that_keeps_half_is_found_out(dock: S3Dock) -> None:
    clip = dock.clip(b"footage")
    with LyingS3(Lie("PUT", keep=0.5, blind=HONEST_DIGESTS)) as server, pytest.raises(ObjectConflictError):
        dock.destination(server.url).store(clip, UNLIMITED)


def test_a_store_that_drops_what_it_acknowledged_is_found_out(dock: S3Dock) -> None:
    clip = dock.clip(b"footage")
    with LyingS3(Lie("PUT", instead=True, status=200, headers={"ETag": '"x"'})) as server:
        destination = dock.destination(server.url)
        with pytest.raises(DestinationUnavailableError, match="does not have it"):
            destination.assess(UNLIMITED)
        with pytest.raises(DestinationUnavailableError, match="does not have it"):
            destination.store(clip, UNLIMITED)
        with pytest.raises(DestinationError, match="missing from the bucket") as caught:
            destination.prove(clip, UNLIMITED)
        assert not caught.value.retryable


def test_another_bucket_says_nothing_of_our_objects(dock: S3Dock) -> None:
    clip = dock.clip(b"footage")
    with LyingS3() as server:
        with pytest.raises(DestinationUnavailableError) as caught:
            dock.destination(server.url, "elsewhere").prove(clip, UNLIMITED)
        assert caught.value.retryable


# --- uploads that are cut -----------------------------------------------------------------------------


def test_a_halted_upload_goes_on_piece_by_piece(dock: S3Dock) -> None:
    content = footage(PIECE_BYTES + LONG)
    clip, rate_limit = dock.clip(content), RateLimit(2 * PIECE_BYTES + 1, stop)
    with LyingS3(page=1) as server:
        destination = dock.destination(server.url)
        destination.assess(UNLIMITED)
        with pytest.raises(HaltedError):
            destination.store(clip, rate_limit)
        again = dock.destination(server.url)
        again.assess(UNLIMITED)
        server.requests.clear()
        again.store(clip, UNLIMITED)
        assert [len(put.body) for put in server.asked("PUT")] == [5000]
        assert again.prove(clip, UNLIMITED).method == "pieces-checked"
        assert server.stored(server.bucket, keys_of(clip)[0]) == content


def test_a_piece_that_was_sent_before_the_store_was_tried_out_is_not_called_checked(dock: S3Dock) -> None:
    clip = dock.clip(footage(LONG))
    with LyingS3() as server:
        with pytest.raises(HaltedError):
            dock.destination(server.url).store(clip, RateLimit(PIECE_BYTES + 1, stop))
        again = dock.destination(server.url)
        again.assess(UNLIMITED)
        again.store(clip, UNLIMITED)
        assert again.prove(clip, UNLIMITED).method == "read-back"


@pytest.mark.parametrize(
    "lie",
    [
        Lie("PUT", query="uploadId", forget=1.0, first=2, times=1),
        Lie("POST", query="uploadId", forget=1.0, times=1),
        Lie("POST", query="uploadId", instead=True, status=200, body=error_body("InvalidPart"), times=1),
    ],
)
def test_an_upload_that_is_gone_in_the_middle_begins_again(dock: S3Dock, lie: Lie) -> None:
    content = footage(LONG)
    clip = dock.clip(content)
    with LyingS3() as server:
        destination = dock.destination(server.url)
        destination.assess(UNLIMITED)
        server.lie(lie)
        destination.store(clip, UNLIMITED)
        assert server.stored(server.bucket, keys_of(clip)[0]) == content
        assert destination.prove(clip, UNLIMITED).sha256 == clip.sha256


def test_an_upload_that_is_always_gone_is_given_a_rest(dock: S3Dock) -> None:
    clip = dock.clip(footage(LONG))
    with (
        LyingS3(Lie("PUT", query="uploadId", forget=1.0)) as server,
        pytest.raises(DestinationUnavailableError, match="repeatedly lost"),
    ):
        dock.destination(server.url).store(clip, UNLIMITED)


def test_completing_that_is_answered_200_with_an_error_is_no_success(dock: S3Dock) -> None:
    content = footage(LONG)
    clip, rate_limit = dock.clip(content), RateLimit()
    lie = Lie("POST", query="uploadId", instead=True, status=200, body=error_body("InternalError"), times=1)
    with LyingS3(lie) as server:
        destination = dock.destination(server.url)
        with pytest.raises(DestinationUnavailableError, match="InternalError"):
            destination.store(clip, rate_limit)
        destination.store(clip, rate_limit)
        assert rate_limit.taken == LONG, "no piece was sent twice"
        assert server.stored(server.bucket, keys_of(clip)[0]) == content


def test_a_lost_answer_to_completing_keeps_the_proof(dock: S3Dock) -> None:
    clip, rate_limit = dock.clip(footage(LONG)), RateLimit()
    with LyingS3() as server:
        destination = dock.destination(server.url)
        destination.assess(UNLIMITED)
        server.lie(Lie("POST", query="uploadId", hang_up=True, times=1))
        with pytest.raises(DestinationUnavailableError):
            destination.store(clip, rate_limit)
        destination.store(clip, rate_limit)
        assert rate_limit.taken == LONG
        assert destination.prove(clip, UNLIMITED).method == "pieces-checked"


def test_an_orphan_of_a_lost_answer_is_aborted(dock: S3Dock) -> None:
    clip = dock.clip(footage(LONG))
    with LyingS3(Lie("POST", query="uploads", hang_up=True, times=1)) as server:
        destination = dock.destination(server.url)
        with pytest.raises(DestinationUnavailableError):
            destination.store(clip, UNLIMITED)
        assert len(server.uploads) == 1
        destination.store(clip, UNLIMITED)
        assert server.uploads == {}


# --- the spool ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("at", [0, PIECE_BYTES + 77, LONG - 1])
def test_rot_in_the_spool_never_becomes_an_object(dock: S3Dock, at: int) -> None:
    clip = dock.clip(footage(LONG))
    dock.spoil_spool(clip, at)
    with LyingS3(Lie(blind=HONEST_DIGESTS)) as server:
        with pytest.raises(DurabilityError):
            dock.destination(server.url).store(clip, UNLIMITED)
        assert server.objects == {}
    # This store keeps what came before a cut, and knows no better; but a rotten piece never came whole.
    for upload in server.uploads.values():
        for number, part in upload.parts.items():
            sound = hashlib.sha256(part).hexdigest() == clip.parts[0].pieces[number - 1]
            assert sound or len(part) < min(PIECE_BYTES, LONG - (number - 1) * PIECE_BYTES)


def test_the_digest_on_the_wire_is_the_journals(dock: S3Dock) -> None:
    clip = dock.clip(footage(LONG), b"sidecar")
    with LyingS3() as server:
        dock.destination(server.url).store(clip, UNLIMITED)
        signed = [put.headers["x-amz-content-sha256"] for put in server.asked("PUT")]
        assert signed == [clip.parts[1].sha256, *clip.parts[0].pieces]


# --- locks ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [7, LONG])
@pytest.mark.parametrize("dropped", [(), LOCK])
def test_a_lock_is_read_back_and_set_where_it_was_dropped(
    dock: S3Dock, size: int, dropped: tuple[str, ...]
) -> None:
    clip = dock.clip(footage(size))
    with LyingS3(Lie(blind=dropped), object_lock=True) as server:
        destination = dock.destination(server.url, lock="compliance")
        assert destination.assess(UNLIMITED).object_lock
        destination.store(clip, UNLIMITED)
        (version,) = server.objects[keys_of(clip)[0]]
        assert version.headers[LOCK[0]] == "COMPLIANCE"
        assert datetime.fromisoformat(version.headers[LOCK[1]]) == datetime.fromisoformat(UNTIL)
        receipt = destination.prove(clip, UNLIMITED)
        assert receipt.version == version.id
        assert "COMPLIANCE until 2099-05-31" in receipt.words


def test_evidence_is_held(dock: S3Dock) -> None:
    dock.manifest = {"evidential": "true", "retain_until": ""}
    clip = dock.clip(b"footage")
    with LyingS3(Lie(blind=LOCK), object_lock=True) as server:
        destination = dock.destination(server.url, lock="governance")
        destination.store(clip, UNLIMITED)
        assert server.objects[keys_of(clip)[0]][0].headers[LOCK[2]] == "ON"
        assert "legal hold ON" in destination.prove(clip, UNLIMITED).words


@pytest.mark.parametrize("said", [{"held": "true"}, {"evidential": "true", "retain_until": ""}])
def test_what_is_said_after_the_upload_locks_footage_and_sidecars(dock: S3Dock, said: dict[str, str]) -> None:
    clip = dock.clip(b"footage", b"sidecar")
    with LyingS3(object_lock=True) as server:
        destination = dock.destination(server.url, lock="governance")
        destination.store(clip, UNLIMITED)
        before = dock.manifest
        dock.manifest = {**before, **said}
        destination.describe(clip, b"{}", UNLIMITED)
        for key in keys_of(clip, (0, 1)):
            (version,) = server.objects[key]
            assert version.headers[LOCK[2]] == "ON"
        dock.manifest = before
        destination.describe(clip, b"{}", UNLIMITED)
        for key in keys_of(clip, (0, 1)):
            (version,) = server.objects[key]
            assert version.headers[LOCK[2]] == "ON", "no lock is ever lifted by the dock"


def test_a_later_date_is_set_on_what_stands_there(dock: S3Dock) -> None:
    clip = dock.clip(b"footage")
    with LyingS3(object_lock=True) as server:
        destination = dock.destination(server.url, lock="compliance")
        destination.store(clip, UNLIMITED)
        later = "2099-12-31T00:00:00+00:00"
        dock.manifest = {**dock.manifest, "retain_until": later}
        destination.describe(clip, b"{}", UNLIMITED)
        (version,) = server.objects[keys_of(clip)[0]]
        assert datetime.fromisoformat(version.headers[LOCK[1]]) == datetime.fromisoformat(later)


def test_a_hold_that_the_store_only_says_it_kept_is_asked_for_again(dock: S3Dock) -> None:
    clip = dock.clip(b"footage")
    lie = Lie("PUT", query="legal-hold", instead=True, status=200)
    with LyingS3(lie, object_lock=True) as server:
        destination = dock.destination(server.url, lock="governance")
        destination.store(clip, UNLIMITED)
        dock.manifest = {**dock.manifest, "held": "true"}
        with pytest.raises(DestinationUnavailableError, match="was not locked"):
            destination.describe(clip, b"{}", UNLIMITED)


def test_without_locks_nothing_is_asked_of_what_stands_there(dock: S3Dock) -> None:
    clip = dock.clip(b"footage")
    with LyingS3() as server:
        destination = dock.destination(server.url)
        destination.store(clip, UNLIMITED)
        before = len(server.requests)
        dock.manifest = {**dock.manifest, "held": "true"}
        destination.describe(clip, b"{}", UNLIMITED)
        assert {name for request in server.requests[before:] for name in request.query} == set()


def test_a_lock_that_is_acknowledged_and_not_kept_is_no_success(dock: S3Dock) -> None:
    clip = dock.clip(b"footage")
    lies = (Lie("PUT", query="retention", instead=True, status=200), Lie(blind=LOCK))
    with (
        LyingS3(*lies, object_lock=True) as server,
        pytest.raises(DestinationUnavailableError, match="was not locked"),
    ):
        dock.destination(server.url, lock="compliance").store(clip, UNLIMITED)


def test_a_store_that_overwrites_on_retention_is_never_asked_for_it(dock: S3Dock) -> None:
    clip = dock.clip(b"footage")
    with LyingS3(Lie(blind=("retention", "legal-hold"))) as server:
        dock.destination(server.url).store(clip, UNLIMITED)
        locking = dock.destination(server.url, lock="governance")
        assert not locking.assess(UNLIMITED).object_lock
        for _ in range(2):
            with pytest.raises(DestinationUnavailableError, match="no Object Lock"):
                locking.store(clip, UNLIMITED)
        asked = {name for request in server.requests for name in request.query}
        assert not asked & {"retention", "legal-hold"}
        assert server.stored(server.bucket, keys_of(clip)[0]) == b"footage"


def test_retention_that_replaces_the_footage_is_seen(dock: S3Dock) -> None:
    clip = dock.clip(b"footage")
    with LyingS3(Lie(blind=(*LOCK, "retention")), object_lock=True) as server:
        with pytest.raises(DestinationUnavailableError):
            dock.destination(server.url, lock="governance").store(clip, UNLIMITED)
        assert server.objects[keys_of(clip)[0]][0].content == b"footage", "the version before is still there"
