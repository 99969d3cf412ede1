"""Is the liar honest where it is not told to lie, as boto3 sees it, and does it tell its lies?"""

from __future__ import annotations

import hashlib
from base64 import b64encode
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

import boto3
import botocore.exceptions
import pytest
from botocore.config import Config

from tests.servers import lies_s3
from tests.servers.lies import Lie
from tests.servers.lying_s3 import LyingS3

if TYPE_CHECKING:  # its types take a tenth of a second
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import TagTypeDef

pytestmark = pytest.mark.slow  # a client of botocore takes its time to come up

BYTES = bytes(range(256))
WRONG = b64encode(hashlib.sha256(b"something else").digest()).decode()
UNTIL = datetime(2040, 1, 1, tzinfo=UTC)


def _client(server: LyingS3) -> S3Client:
    return boto3.client(
        "s3",
        endpoint_url=server.url,
        region_name="us-east-1",
        aws_access_key_id="key",
        aws_secret_access_key="secret",  # noqa: S106
        config=Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"}, read_timeout=10),
    )


def _in_parts(server: LyingS3, *parts: bytes) -> str:
    """Upload in parts; give the version's id, empty if there is none."""
    client = _client(server)
    upload = client.create_multipart_upload(Bucket=server.bucket, Key="clip")["UploadId"]
    put = partial(client.upload_part, Bucket=server.bucket, Key="clip", UploadId=upload)
    for number, part in enumerate(parts, start=1):
        put(PartNumber=number, Body=part)
    listed = client.list_parts(Bucket=server.bucket, Key="clip", UploadId=upload)["Parts"]
    assert [part["Size"] for part in listed] == [len(part) for part in parts]
    done = client.complete_multipart_upload(
        Bucket=server.bucket,
        Key="clip",
        UploadId=upload,
        MultipartUpload={
            "Parts": [{"PartNumber": part["PartNumber"], "ETag": part["ETag"]} for part in listed]
        },
    )
    return done.get("VersionId", "")


def test_it_keeps_what_it_is_given_and_gives_it_back() -> None:
    with LyingS3() as server:
        client = _client(server)
        client.put_object(Bucket=server.bucket, Key="a/é 1", Body=BYTES, Metadata={"camera": "17"})
        assert server.stored(server.bucket, "a/é 1") == BYTES
        head = client.head_object(Bucket=server.bucket, Key="a/é 1")
        assert (head["ContentLength"], head["Metadata"]) == (256, {"camera": "17"})
        got = client.get_object(Bucket=server.bucket, Key="a/é 1", Range="bytes=10-19")
        assert got["Body"].read() == BYTES[10:20]
        client.delete_object(Bucket=server.bucket, Key="a/é 1")
        with pytest.raises(botocore.exceptions.ClientError, match="404"):
            client.head_object(Bucket=server.bucket, Key="a/é 1")


@pytest.mark.parametrize("opaque", [False, True])
def test_it_takes_an_object_in_parts(opaque: bool) -> None:
    with LyingS3(opaque_etags=opaque) as server:
        assert _in_parts(server, BYTES, b"end") == ""
        assert server.stored(server.bucket, "clip") == BYTES + b"end"
        assert server.uploads == {}


def test_it_lists_parts_in_pages() -> None:
    with LyingS3(page=2) as server:
        client = _client(server)
        upload = client.create_multipart_upload(Bucket=server.bucket, Key="clip")["UploadId"]
        for number in range(1, 6):
            client.upload_part(
                Bucket=server.bucket, Key="clip", UploadId=upload, PartNumber=number, Body=BYTES
            )
        pages = client.get_paginator("list_parts").paginate(Bucket=server.bucket, Key="clip", UploadId=upload)
        assert [[part["PartNumber"] for part in page["Parts"]] for page in pages] == [[1, 2], [3, 4], [5]]
        listed = client.list_multipart_uploads(Bucket=server.bucket, Prefix="cl")["Uploads"]
        assert [each["UploadId"] for each in listed] == [upload]


def test_it_refuses_a_false_digest_and_a_second_object() -> None:
    with LyingS3() as server:
        put = partial(_client(server).put_object, Bucket=server.bucket, Key="clip", Body=BYTES)
        with pytest.raises(botocore.exceptions.ClientError, match="BadDigest"):
            put(ChecksumSHA256=WRONG)
        put(IfNoneMatch="*")
        with pytest.raises(botocore.exceptions.ClientError, match="PreconditionFailed"):
            put(IfNoneMatch="*")


def test_it_locks() -> None:
    with LyingS3(object_lock=True) as server:
        client = _client(server)
        version = _in_parts(server, BYTES)
        client.put_object_retention(
            Bucket=server.bucket,
            Key="clip",
            VersionId=version,
            Retention={"Mode": "COMPLIANCE", "RetainUntilDate": UNTIL},
        )
        client.put_object(Bucket=server.bucket, Key="clip", Body=b"newer")
        assert server.stored(server.bucket, "clip", version) == BYTES
        head = client.head_object(Bucket=server.bucket, Key="clip", VersionId=version)
        assert (head["ObjectLockMode"], head["ObjectLockRetainUntilDate"]) == ("COMPLIANCE", UNTIL)
        with pytest.raises(botocore.exceptions.ClientError, match="AccessDenied"):
            client.delete_object(Bucket=server.bucket, Key="clip", VersionId=version)
        config = client.get_object_lock_configuration(Bucket=server.bucket)
        assert config["ObjectLockConfiguration"]["ObjectLockEnabled"] == "Enabled"


def test_a_false_digest_is_believed_and_echoed() -> None:
    with LyingS3(*lies_s3.S3_SILENT["25 digests not checked, and echoed"]) as server:
        client = _client(server)
        client.put_object(Bucket=server.bucket, Key="clip", Body=BYTES, ChecksumSHA256=WRONG)
        head = client.head_object(Bucket=server.bucket, Key="clip", ChecksumMode="ENABLED")
        assert head["ChecksumSHA256"] == WRONG


def test_asking_for_retention_replaces_the_object() -> None:
    with LyingS3(*lies_s3.S3_LOCKS["29 says that it locks, and overwrites"]) as server:
        client = _client(server)
        config = client.get_object_lock_configuration(Bucket=server.bucket)
        assert config["ObjectLockConfiguration"]["ObjectLockEnabled"] == "Enabled"
        client.put_object(Bucket=server.bucket, Key="clip", Body=BYTES, ObjectLockLegalHoldStatus="ON")
        assert server.stored(server.bucket, "clip") == BYTES
        client.put_object_retention(
            Bucket=server.bucket, Key="clip", Retention={"Mode": "COMPLIANCE", "RetainUntilDate": UNTIL}
        )
        assert server.stored(server.bucket, "clip").startswith(b"<Retention")


@pytest.mark.parametrize("name", ["29 locks dropped", "29 locks dropped from multipart"])
def test_locks_are_dropped(name: str) -> None:
    with LyingS3(*lies_s3.S3_LOCKS[name], object_lock=True) as server:
        client = _client(server)
        upload = client.create_multipart_upload(
            Bucket=server.bucket, Key="clip", ObjectLockMode="COMPLIANCE", ObjectLockRetainUntilDate=UNTIL
        )["UploadId"]
        assert server.uploads[upload].headers == {}


def test_it_keeps_ten_tags() -> None:
    with LyingS3(object_lock=True) as server:
        client = _client(server)
        client.put_object(Bucket=server.bucket, Key="clip", Body=BYTES, Tagging="a%26b=c+d&e=")
        version = client.head_object(Bucket=server.bucket, Key="clip")["VersionId"]
        client.put_object(Bucket=server.bucket, Key="clip", Body=b"newer")
        of = partial(client.get_object_tagging, Bucket=server.bucket, Key="clip")
        assert of(VersionId=version)["TagSet"] == [{"Key": "a&b", "Value": "c d"}, {"Key": "e", "Value": ""}]
        put = partial(client.put_object_tagging, Bucket=server.bucket, Key="clip", VersionId=version)
        ten: list[TagTypeDef] = [{"Key": f"<{number}>", "Value": "1 & 2"} for number in range(10)]
        put(Tagging={"TagSet": ten})
        assert of(VersionId=version)["TagSet"] == ten
        assert of()["TagSet"] == []
        with pytest.raises(botocore.exceptions.ClientError, match="InvalidTag"):
            put(Tagging={"TagSet": [*ten, {"Key": "eleven", "Value": ""}]})
        assert server.stored(server.bucket, "clip", version) == BYTES


def test_tags_replace_the_object_and_are_given_back() -> None:
    lie = lies_s3.S3_TAGS["41 ?tagging overwrites, and what it put there is given back"]
    with LyingS3(*lie) as server:
        client = _client(server)
        client.put_object(Bucket=server.bucket, Key="clip", Body=BYTES)
        tags: list[TagTypeDef] = [{"Key": "a", "Value": "1"}]
        client.put_object_tagging(Bucket=server.bucket, Key="clip", Tagging={"TagSet": tags})
        assert server.stored(server.bucket, "clip").startswith(b"<Tagging")
        assert client.get_object_tagging(Bucket=server.bucket, Key="clip")["TagSet"] == tags


@pytest.mark.few(2)
@pytest.mark.parametrize(
    "name,error",
    [
        ("32 upload aborted mid-way", "NoSuchUpload"),
        ("30 completion fails with 200", "InternalError"),
        ("10 access denied for a moment", "AccessDenied"),
        ("13 slow down", "SlowDown"),
        ("30 answer to the completion lost", "Connection"),
        ("20 answer to the beginning lost", "Connection"),
    ],
)
def test_what_fails_fails_as_it_is_called(name: str, error: str) -> None:
    with (
        LyingS3(*lies_s3.S3_SURVIVABLE[name]) as server,
        pytest.raises((botocore.exceptions.ClientError, botocore.exceptions.HTTPClientError), match=error),
    ):
        _in_parts(server, BYTES, BYTES)


def test_bytes_are_lost_without_a_word() -> None:
    with LyingS3(Lie("PUT", keep=0.5, blind=lies_s3.DIGESTS)) as server:
        _client(server).put_object(Bucket=server.bucket, Key="clip", Body=BYTES)
        assert server.stored(server.bucket, "clip") == BYTES[:128]
