"""Do clips arrive whole in real S3 servers, whatever happens? What stands there is read from their disks."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bwvdock.core.ports import PIECE_BYTES
from bwvdock.errors import DestinationUnavailableError, HaltedError, ObjectConflictError
from tests.edges.destinations.s3_rig import PREFIX, RateLimit, S3Dock, keys_of
from tests.fakes.clock import FakeClock
from tests.fakes.footage import footage
from tests.fakes.transfer import UNLIMITED
from tests.servers.faults import Flip, LostResponse
from tests.servers.relay import Relay
from tests.servers.s3 import S3Server
from tests.servers.s3_swift import S3Swift

pytestmark = pytest.mark.interop

MIB = 1 << 20
PIECES = 2 * PIECE_BYTES + 5 * MIB + 1


@pytest.fixture
def dock(tmp_path: Path, s3_server: S3Server) -> Iterator[S3Dock]:
    dock = S3Dock(tmp_path, access=s3_server.access_key, secret=s3_server.secret_key)
    yield dock
    dock.close()


def stop() -> None:
    raise HaltedError("the dock is stopping")


def uploads(server: S3Server, bucket: str) -> dict[str, str]:
    """Return the uploads that are under way: their ids and keys."""
    try:
        listed = server.client().list_multipart_uploads(Bucket=bucket)
    except server.client().exceptions.NoSuchUpload:  # rclone, where there is none
        return {}
    return {upload["UploadId"]: upload["Key"] for upload in listed.get("Uploads", [])}


def arrived(server: S3Server, bucket: str, key: str, content: bytes) -> bool:
    return server.stored_sha256(bucket, key) == hashlib.sha256(content).hexdigest()


@pytest.mark.parametrize("size", [0, 1, 5 * MIB, PIECE_BYTES, PIECE_BYTES + 1, PIECES])
def test_a_clip_of_any_size_arrives_whole_with_its_sidecars(
    dock: S3Dock, s3_server: S3Server, s3_bucket: str, size: int
) -> None:
    contents = [footage(size), b"", footage(70_000, seed=1)]
    clip = dock.clip(*contents)
    destination = dock.destination(s3_server.url, s3_bucket)
    assessment, rate_limit = destination.assess(UNLIMITED), RateLimit()
    assert destination.store(clip, rate_limit) == keys_of(clip)[0]
    for key, content in zip(keys_of(clip, [0, 1, 2]), contents, strict=True):
        assert arrived(s3_server, s3_bucket, key, content)
    assert rate_limit.taken == rate_limit.held[-1] == size + 70_000
    assert rate_limit.held == sorted(rate_limit.held)
    receipt = destination.prove(clip, UNLIMITED)
    assert (receipt.sha256, receipt.object) == (clip.sha256, keys_of(clip)[0])
    assert receipt.method == assessment.method


def test_the_proof_is_as_strong_as_the_store(dock: S3Dock, s3_server: S3Server, s3_bucket: str) -> None:
    assessment = dock.destination(s3_server.url, s3_bucket).assess(UNLIMITED)
    swift = isinstance(s3_server, S3Swift)
    assert assessment.method == ("pieces-checked" if swift else "read-back")
    assert not assessment.object_lock
    listed = s3_server.client().list_objects_v2(Bucket=s3_bucket)
    assert not listed.get("Contents"), "the canary is gone"
    assert uploads(s3_server, s3_bucket) == {}


def test_metadata_is_readable_without_the_dock(dock: S3Dock, s3_server: S3Server, s3_bucket: str) -> None:
    clip = dock.clip(b"footage", b"sidecar")
    dock.destination(s3_server.url, s3_bucket).store(clip, UNLIMITED)
    for key, part in zip(keys_of(clip, [0, 1]), clip.parts, strict=True):
        head = s3_server.client().head_object(Bucket=s3_bucket, Key=key)
        told = {name.lower(): value for name, value in head["Metadata"].items()}
        assert told == {
            "camera": "Kamera%20%C3%9C%0A%E2%80%AE17",
            "officer": "unassigned",
            "recorded-at": "2026-04-30T00:00:00Z",
            "retain-until": "2099-05-31T00:00:00.123Z",
            "evidential": "false",
            "sha256": part.sha256,
        }


def test_a_halted_upload_goes_on_from_where_it_was(dock: S3Dock, s3_server: S3Server, s3_bucket: str) -> None:
    content = footage(PIECES)
    clip, bucket = dock.clip(content), s3_bucket
    with Relay(s3_server.port) as relay:
        for at in (PIECE_BYTES + 2 * MIB, PIECE_BYTES + 3 * MIB):
            with pytest.raises(HaltedError):
                dock.destination(relay.through(s3_server.url), bucket).store(clip, RateLimit(at, stop))
        dock.destination(relay.through(s3_server.url), bucket).store(clip, UNLIMITED)
        assert relay.sent / len(content) < 1.3
    assert arrived(s3_server, bucket, keys_of(clip)[0], content)


def test_a_killed_server_loses_no_clip(dock: S3Dock, s3_server: S3Server, s3_bucket: str) -> None:
    content = footage(PIECES)
    clip = dock.clip(content)
    rate_limit = RateLimit(2 * PIECE_BYTES + 2 * MIB, s3_server.kill)
    destination = dock.destination(s3_server.url, s3_bucket)
    destination.assess(UNLIMITED)
    try:
        with pytest.raises(DestinationUnavailableError):
            destination.store(clip, rate_limit)
    finally:
        s3_server.start()
    destination = dock.destination(s3_server.url, s3_bucket)
    destination.assess(UNLIMITED)
    destination.store(clip, rate_limit)
    assert arrived(s3_server, s3_bucket, keys_of(clip)[0], content)
    assert destination.prove(clip, UNLIMITED).sha256 == clip.sha256
    if isinstance(s3_server, S3Swift):  # rclone keeps the parts of an upload in its memory alone
        assert rate_limit.taken / len(content) < 1.3


@pytest.mark.parametrize("size", [5 * MIB, PIECES])
def test_a_bit_that_falls_over_on_the_wire_is_never_verified(
    dock: S3Dock, s3_server: S3Server, s3_bucket: str, size: int
) -> None:
    content = footage(size)
    clip = dock.clip(content)
    with Relay(s3_server.port) as relay:
        destination = dock.destination(relay.through(s3_server.url), s3_bucket)
        destination.assess(UNLIMITED)
        flip = Flip(3 * MIB)
        relay.arm(flip)
        with pytest.raises(DestinationUnavailableError, match=r"BadDigest|SHA256Mismatch"):
            destination.store(clip, UNLIMITED)
        assert relay.fired == [flip]
        destination.store(clip, UNLIMITED)
    assert arrived(s3_server, s3_bucket, keys_of(clip)[0], content)


def test_before_it_was_tried_out_a_store_is_read_back(
    dock: S3Dock, s3_server: S3Server, s3_bucket: str
) -> None:
    content = footage(PIECES)
    clip = dock.clip(content)
    destination = dock.destination(s3_server.url, s3_bucket)
    destination.store(clip, UNLIMITED)
    assert destination.prove(clip, UNLIMITED).method == "read-back"
    destination.assess(UNLIMITED)
    rate_limit = RateLimit()
    assert destination.prove(clip, rate_limit).method == "read-back"
    assert rate_limit.taken == len(content)


@pytest.mark.parametrize("size,fault", [(5 * MIB, LostResponse(2, "PUT")), (PIECES, LostResponse(2, "POST"))])
def test_an_answer_that_is_lost_costs_no_second_upload(
    dock: S3Dock, s3_server: S3Server, s3_bucket: str, size: int, fault: LostResponse
) -> None:
    content = footage(size)
    clip, rate_limit = dock.clip(content, b"sidecar"), RateLimit()
    with Relay(s3_server.port) as relay:
        destination = dock.destination(relay.through(s3_server.url), s3_bucket)
        destination.assess(UNLIMITED)
        relay.arm(fault)
        with pytest.raises(DestinationUnavailableError):
            destination.store(clip, rate_limit)
        assert relay.fired == [fault]
        destination.store(clip, rate_limit)
        assert rate_limit.taken == size + len(b"sidecar")
        assert destination.prove(clip, UNLIMITED).sha256 == clip.sha256
    assert arrived(s3_server, s3_bucket, keys_of(clip)[0], content)


@pytest.mark.parametrize("other", [b"elsewhere", b"footagf"])
def test_other_content_stays_and_is_a_conflict(
    dock: S3Dock, s3_server: S3Server, s3_bucket: str, other: bytes
) -> None:
    clip = dock.clip(b"footage")
    s3_server.client().put_object(Bucket=s3_bucket, Key=keys_of(clip)[0], Body=other)
    with pytest.raises(ObjectConflictError):
        dock.destination(s3_server.url, s3_bucket).store(clip, UNLIMITED)
    assert s3_server.stored(s3_bucket, keys_of(clip)[0]) == other


def test_the_same_content_brought_by_another_hand_is_success(
    dock: S3Dock, s3_server: S3Server, s3_bucket: str
) -> None:
    clip = dock.clip(b"footage")
    s3_server.client().put_object(Bucket=s3_bucket, Key=keys_of(clip)[0], Body=b"footage")
    destination = dock.destination(s3_server.url, s3_bucket)
    destination.store(clip, UNLIMITED)
    assert destination.prove(clip, UNLIMITED).sha256 == clip.sha256


def test_what_cannot_be_locked_is_not_uploaded_and_nothing_is_overwritten(
    dock: S3Dock, s3_server: S3Server, s3_bucket: str
) -> None:
    clip = dock.clip(b"footage")
    dock.destination(s3_server.url, s3_bucket).store(clip, UNLIMITED)
    locking = dock.destination(s3_server.url, s3_bucket, lock="compliance")
    assert not locking.assess(UNLIMITED).object_lock
    late = dock.clip(b"late", number=2)
    calls: tuple[Callable[[], object], ...] = (
        lambda: locking.store(clip, UNLIMITED),
        lambda: locking.store(late, UNLIMITED),
        lambda: locking.describe(clip, b"{}", UNLIMITED),
        locking.probe,
    )
    for call in calls:
        with pytest.raises(DestinationUnavailableError, match="no Object Lock"):
            call()
    assert s3_server.stored(s3_bucket, keys_of(clip)[0]) == b"footage"
    with pytest.raises(FileNotFoundError):
        s3_server.stored(s3_bucket, keys_of(late)[0])


def test_a_wrong_clock_is_told_from_a_wrong_key(dock: S3Dock, s3_server: S3Server, s3_bucket: str) -> None:
    clip = dock.clip(b"footage")
    with pytest.raises(DestinationUnavailableError) as caught:
        dock.destination(s3_server.url, s3_bucket, clock=FakeClock()).store(clip, UNLIMITED)
    assert caught.value.retryable
    dock.secret_file.write_text("wrong")
    with pytest.raises(DestinationUnavailableError, match="403") as denied:
        dock.destination(s3_server.url, s3_bucket).store(clip, UNLIMITED)
    assert "secret_key_file" in denied.value.remedy


def test_a_new_custody_document_takes_the_place_of_the_old_one(
    dock: S3Dock, s3_server: S3Server, s3_bucket: str
) -> None:
    clip = dock.clip(b"footage")
    destination = dock.destination(s3_server.url, s3_bucket)
    for document in (b'{"entries": 1}', b'{"entries": 2}'):
        key = destination.describe(clip, document, UNLIMITED)
        assert key == f"{keys_of(clip)[0]}.custody.json"
        assert s3_server.stored(s3_bucket, key) == document


def test_only_our_own_abandoned_uploads_are_aborted(
    dock: S3Dock, s3_server: S3Server, s3_bucket: str
) -> None:
    clip, foreign = dock.clip(footage(PIECES)), f"{PREFIX}/2026/04/30/01kqdtyv0z00000009.0.mp4"
    with pytest.raises(HaltedError):
        dock.destination(s3_server.url, s3_bucket).store(clip, RateLimit(PIECE_BYTES + 1, stop))
    client = s3_server.client()
    for key in (keys_of(clip)[0], foreign):
        client.create_multipart_upload(Bucket=s3_bucket, Key=key)
    dock.destination(s3_server.url, s3_bucket).assess(UNLIMITED)
    left = uploads(s3_server, s3_bucket)
    assert sorted(left.values()) == sorted([keys_of(clip)[0], foreign])
    assert left[dock.notes.note(f"{clip.id}.0")["upload"]] == keys_of(clip)[0]
