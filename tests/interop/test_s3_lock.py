"""Are clips locked where the store has Object Lock? RadosGW has; `make interop-rgw` runs this."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import botocore.exceptions
import pytest

from bwvdock.core.clips.clip import Clip
from bwvdock.core.ports import PIECE_BYTES
from bwvdock.errors import DestinationUnavailableError, ObjectConflictError
from tests.edges.destinations.s3_rig import RateLimit, S3Dock, keys_of
from tests.fakes.footage import footage
from tests.fakes.transfer import UNLIMITED
from tests.servers.s3_rgw import S3Rgw

pytestmark = pytest.mark.interop

UNTIL = (datetime.now(UTC) + timedelta(days=1)).replace(microsecond=0)
_numbers = count(1)


@pytest.fixture
def dock(tmp_path: Path, rgw: S3Rgw) -> Iterator[S3Dock]:
    dock = S3Dock(tmp_path, access=rgw.access_key, secret=rgw.secret_key)
    dock.manifest = {"evidential": "false", "retain_until": UNTIL.isoformat()}
    yield dock
    dock.close()


@pytest.fixture
def locking(rgw: S3Rgw) -> str:
    """Return the name of a new bucket with Object Lock."""
    name = f"locking-{next(_numbers)}"
    rgw.client().create_bucket(Bucket=name, ObjectLockEnabledForBucket=True)
    return name


def versions(server: S3Rgw, bucket: str, clip: Clip) -> list[str]:
    listed = server.client().list_object_versions(Bucket=bucket, Prefix=keys_of(clip)[0])
    return [version["VersionId"] for version in listed.get("Versions", [])]


@pytest.mark.parametrize("mode", ["governance", "compliance"])
@pytest.mark.parametrize("size", [0, 7, 2 * PIECE_BYTES + 1])
def test_footage_and_sidecars_are_retained(
    dock: S3Dock, rgw: S3Rgw, locking: str, mode: str, size: int
) -> None:
    contents = [footage(size), b"sidecar"]
    clip = dock.clip(*contents)
    destination = dock.destination(rgw.url, locking, lock=mode)
    assessment = destination.assess(UNLIMITED)
    assert (assessment.method, assessment.object_lock) == ("pieces-checked", True)
    destination.store(clip, UNLIMITED)
    destination.store(clip, UNLIMITED)
    receipt = destination.prove(clip, UNLIMITED)
    assert receipt.sha256 == clip.sha256
    assert f"{mode.upper()} until {UNTIL.date()}" in receipt.words
    for key, content in zip(keys_of(clip, [0, 1]), contents, strict=True):
        head = rgw.client().head_object(Bucket=locking, Key=key)
        assert rgw.stored(locking, key, head["VersionId"]) == content
        assert head["ObjectLockMode"] == mode.upper()
        assert head["ObjectLockRetainUntilDate"] == UNTIL
        with pytest.raises(botocore.exceptions.ClientError, match="AccessDenied"):
            rgw.client().delete_object(Bucket=locking, Key=key, VersionId=head["VersionId"])
    assert versions(rgw, locking, clip) == [receipt.version], "nothing was written twice"


@pytest.mark.parametrize("size", [7, 2 * PIECE_BYTES + 1])
def test_evidence_is_held(dock: S3Dock, rgw: S3Rgw, locking: str, size: int) -> None:
    dock.manifest = {"evidential": "true", "retain_until": ""}
    clip = dock.clip(footage(size))
    destination = dock.destination(rgw.url, locking, lock="governance")
    destination.store(clip, UNLIMITED)
    receipt = destination.prove(clip, UNLIMITED)
    assert "legal hold ON" in receipt.words
    with pytest.raises(botocore.exceptions.ClientError, match="AccessDenied"):
        rgw.client().delete_object(Bucket=locking, Key=receipt.object, VersionId=receipt.version)


def test_what_stands_there_unlocked_is_locked(dock: S3Dock, rgw: S3Rgw, locking: str) -> None:
    clip = dock.clip(footage(2 * PIECE_BYTES + 1))
    dock.destination(rgw.url, locking).store(clip, UNLIMITED)
    destination = dock.destination(rgw.url, locking, lock="compliance")
    destination.store(clip, UNLIMITED)
    receipt = destination.prove(clip, UNLIMITED)
    assert receipt.sha256 == clip.sha256
    assert "COMPLIANCE" in receipt.words
    assert versions(rgw, locking, clip) == [receipt.version]


def test_a_longer_retention_is_set_and_a_shorter_one_is_not(dock: S3Dock, rgw: S3Rgw, locking: str) -> None:
    clip = dock.clip(b"footage")
    destination = dock.destination(rgw.url, locking, lock="compliance")
    for days, expected in ((1, 1), (3, 3), (2, 3)):
        dock.manifest = {"retain_until": (UNTIL + timedelta(days=days)).isoformat()}
        destination.store(clip, UNLIMITED)
        head = rgw.client().head_object(Bucket=locking, Key=keys_of(clip)[0])
        assert head["ObjectLockRetainUntilDate"] == UNTIL + timedelta(days=expected)


def test_what_is_held_after_the_upload_is_held_there(dock: S3Dock, rgw: S3Rgw, locking: str) -> None:
    clip = dock.clip(b"footage", b"sidecar")
    destination = dock.destination(rgw.url, locking, lock="governance")
    destination.store(clip, UNLIMITED)
    held = dict(dock.manifest) | {"held": "true"}
    for manifest in (held, dock.manifest):  # the dock never lifts a hold
        dock.manifest = manifest
        destination.describe(clip, b"{}", UNLIMITED)
        for key in keys_of(clip, (0, 1)):
            assert rgw.client().head_object(Bucket=locking, Key=key)["ObjectLockLegalHoldStatus"] == "ON"
    assert destination.prove(clip, UNLIMITED).sha256 == clip.sha256


def test_a_bucket_without_object_lock_gets_nothing_that_should_be_locked(dock: S3Dock, rgw: S3Rgw) -> None:
    bucket = f"plain-{next(_numbers)}"
    rgw.client().create_bucket(Bucket=bucket)
    destination = dock.destination(rgw.url, bucket, lock="governance")
    assert not destination.assess(UNLIMITED).object_lock
    with pytest.raises(DestinationUnavailableError, match="no Object Lock"):
        destination.store(dock.clip(b"footage"), UNLIMITED)
    assert rgw.client().list_objects_v2(Bucket=bucket)["KeyCount"] == 0


def test_the_canary_is_gone_with_all_its_versions(dock: S3Dock, rgw: S3Rgw, locking: str) -> None:
    dock.destination(rgw.url, locking, lock="governance").assess(UNLIMITED)
    listed = rgw.client().list_object_versions(Bucket=locking)
    assert not listed.get("Versions")
    assert not listed.get("DeleteMarkers")


def test_other_content_stays_and_is_a_conflict(dock: S3Dock, rgw: S3Rgw, locking: str) -> None:
    clip = dock.clip(b"footage")
    rgw.client().put_object(Bucket=locking, Key=keys_of(clip)[0], Body=b"elsewhere")
    with pytest.raises(ObjectConflictError):
        dock.destination(rgw.url, locking, lock="governance").store(clip, UNLIMITED)
    assert len(versions(rgw, locking, clip)) == 1


def test_a_custody_document_has_a_version_for_each_time(dock: S3Dock, rgw: S3Rgw, locking: str) -> None:
    clip = dock.clip(b"footage")
    destination = dock.destination(rgw.url, locking, lock="governance")
    destination.store(clip, UNLIMITED)
    for document in (b"{}", b'{"entries": 2}'):
        key = destination.describe(clip, document, UNLIMITED)
        head = rgw.client().head_object(Bucket=locking, Key=key)
        assert rgw.stored(locking, key, head["VersionId"]) == document
        assert head["ObjectLockMode"] == "GOVERNANCE"


def test_a_killed_gateway_loses_no_clip(dock: S3Dock, rgw: S3Rgw, locking: str) -> None:
    content = footage(2 * PIECE_BYTES + 5000)
    clip, rate_limit = dock.clip(content), RateLimit(PIECE_BYTES + 5000, rgw.kill)
    destination = dock.destination(rgw.url, locking, lock="governance")
    destination.assess(UNLIMITED)
    try:
        with pytest.raises(DestinationUnavailableError):
            destination.store(clip, rate_limit)
    finally:
        rgw.start()
    destination = dock.destination(rgw.url, locking, lock="governance")
    destination.assess(UNLIMITED)
    destination.store(clip, rate_limit)
    receipt = destination.prove(clip, UNLIMITED)
    assert receipt.method == "pieces-checked"
    assert rgw.stored(locking, receipt.object, receipt.version) == content
    assert rate_limit.taken / len(content) < 1.3
