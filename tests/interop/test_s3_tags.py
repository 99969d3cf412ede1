"""What do real stores make of tags, and is footage what it was? RadosGW keeps them (`make interop-rgw`)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest
from mypy_boto3_s3.type_defs import TagTypeDef

from bwvdock.core.clips.clip import Clip
from bwvdock.core.ports import PIECE_BYTES
from bwvdock.edges.destinations.s3.destination import S3Destination
from tests.edges.destinations.s3_rig import MANIFEST, S3Dock, keys_of
from tests.fakes.footage import footage
from tests.fakes.transfer import UNLIMITED
from tests.servers.s3 import S3Server
from tests.servers.s3_rclone import S3Rclone
from tests.servers.s3_rgw import S3Rgw
from tests.servers.s3_swift import S3Swift

pytestmark = pytest.mark.interop

EVIDENCE = {**MANIFEST, "evidential": "true", "retain_until": ""}
HELD = {**MANIFEST, "held": "true"}
SAID = {S3Swift: "tags: it has none (NotImplemented)", S3Rclone: "tags: put in the object's place"}
THEIRS: TagTypeDef = {"Key": "case file", "Value": "2026/17 + more"}
_numbers = count(1)


@pytest.fixture
def dock(tmp_path: Path) -> Iterator[S3Dock]:
    dock = S3Dock(tmp_path, access="", secret="")
    yield dock
    dock.close()


def opened(dock: S3Dock, server: S3Server, bucket: str) -> S3Destination:
    dock.access_file.write_text(server.access_key)
    dock.secret_file.write_text(server.secret_key)
    return dock.destination(server.url, bucket)


def brought(destination: S3Destination, clip: Clip) -> Clip:
    destination.store(clip, UNLIMITED)
    return replace(clip, receipts={destination.name: destination.prove(clip, UNLIMITED)})


def tags(server: S3Server, bucket: str, key: str) -> dict[str, str]:
    listed = server.client().get_object_tagging(Bucket=bucket, Key=key)
    return {tag["Key"]: tag["Value"] for tag in listed["TagSet"]}


@pytest.mark.parametrize("size", [7, PIECE_BYTES + 1])
def test_where_tags_are_not_kept_footage_stays_what_it_is(
    dock: S3Dock, s3_server: S3Server, s3_bucket: str, size: int
) -> None:
    contents = [footage(size), b"sidecar"]
    destination = opened(dock, s3_server, s3_bucket)
    assert SAID[type(s3_server)] in destination.assess(UNLIMITED).words
    clip = brought(destination, dock.clip(*contents))
    for manifest in (MANIFEST, EVIDENCE, HELD):
        dock.manifest = manifest
        destination.describe(clip, b"{}", UNLIMITED)
    for key, content in zip(keys_of(clip, (0, 1)), contents, strict=True):
        assert s3_server.stored(s3_bucket, key) == content
    assert destination.prove(clip, UNLIMITED).sha256 == clip.sha256


@pytest.mark.parametrize("lock", ["off", "governance"])
@pytest.mark.parametrize("size", [7, PIECE_BYTES + 1])
def test_where_tags_are_kept_they_follow_what_is_known(
    dock: S3Dock, rgw: S3Rgw, size: int, lock: str
) -> None:
    bucket, contents = f"tagged-{next(_numbers)}", [footage(size), b"sidecar"]
    client = rgw.client()
    client.create_bucket(Bucket=bucket, ObjectLockEnabledForBucket=lock != "off")
    opened(dock, rgw, bucket)
    destination = dock.destination(rgw.url, bucket, lock=lock)
    assert "; tags: kept" in destination.assess(UNLIMITED).words
    clip = brought(destination, dock.clip(*contents))
    destination.describe(clip, b"{}", UNLIMITED)
    keys = keys_of(clip, (0, 1))
    for key in keys:
        assert tags(rgw, bucket, key) == {
            "bwvdock-evidential": "false",
            "bwvdock-held": "false",
            "bwvdock-retain-until": "2099-05-31",
        }
        client.put_object_tagging(Bucket=bucket, Key=key, Tagging={"TagSet": [THEIRS]})
    dock.manifest = EVIDENCE
    document = destination.describe(clip, b"{}", UNLIMITED)
    theirs = {THEIRS["Key"]: THEIRS["Value"]}
    told = {"bwvdock-evidential": "true", "bwvdock-held": "false"}
    assert [tags(rgw, bucket, key) for key in (*keys, document)] == [theirs | told, theirs | told, told]
    for key, content in zip(keys, contents, strict=True):
        version = client.head_object(Bucket=bucket, Key=key).get("VersionId", "")
        assert rgw.stored(bucket, key, *([version] if version else [])) == content
    assert destination.prove(clip, UNLIMITED).sha256 == clip.sha256


def test_a_set_of_ten_tags_of_others_stays(dock: S3Dock, rgw: S3Rgw) -> None:
    bucket = f"tagged-{next(_numbers)}"
    rgw.client().create_bucket(Bucket=bucket)
    destination = opened(dock, rgw, bucket)
    destination.assess(UNLIMITED)
    clip = brought(destination, dock.clip(b"footage"))
    (key,) = keys_of(clip)
    ten: list[TagTypeDef] = [{"Key": f"their-{number}", "Value": "1"} for number in range(10)]
    rgw.client().put_object_tagging(Bucket=bucket, Key=key, Tagging={"TagSet": ten})
    destination.describe(clip, b"{}", UNLIMITED)
    assert tags(rgw, bucket, key) == {tag["Key"]: tag["Value"] for tag in ten}
    assert "no room" in destination.assess(UNLIMITED).words
