"""Does RadosGW run, lock, and show what it keeps? `make interop-rgw` runs this: it installs Ceph."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import botocore.exceptions
import pytest

from tests.servers.s3_rgw import S3Rgw

pytestmark = pytest.mark.interop

BYTES = bytes(range(256)) * 1000


def test_what_it_was_given_stands_in_its_store_and_survives_a_kill(rgw: S3Rgw) -> None:
    client = rgw.client()
    client.create_bucket(Bucket="plain")
    client.put_object(Bucket="plain", Key="cam/é 1.mp4", Body=BYTES)
    upload = client.create_multipart_upload(Bucket="plain", Key="parts")["UploadId"]
    parts = [bytes(5 << 20), BYTES]
    tags = [
        client.upload_part(Bucket="plain", Key="parts", UploadId=upload, PartNumber=number, Body=part)["ETag"]
        for number, part in enumerate(parts, start=1)
    ]
    client.complete_multipart_upload(
        Bucket="plain",
        Key="parts",
        UploadId=upload,
        MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": tags[0]}, {"PartNumber": 2, "ETag": tags[1]}]},
    )
    assert rgw.stored("plain", "cam/é 1.mp4") == BYTES
    assert rgw.stored("plain", "parts") == b"".join(parts)
    rgw.kill()
    rgw.start()
    assert client.get_object(Bucket="plain", Key="parts")["Body"].read() == b"".join(parts)
    with pytest.raises(FileNotFoundError):
        rgw.stored("plain", "nothing")


def test_a_locked_version_cannot_be_deleted(rgw: S3Rgw) -> None:
    client = rgw.client()
    client.create_bucket(Bucket="locked", ObjectLockEnabledForBucket=True)
    version = client.put_object(
        Bucket="locked",
        Key="clip",
        Body=BYTES,
        ObjectLockMode="COMPLIANCE",
        ObjectLockRetainUntilDate=datetime.now(UTC) + timedelta(days=1),
    )["VersionId"]
    client.put_object(Bucket="locked", Key="clip", Body=b"a newer version")
    with pytest.raises(botocore.exceptions.ClientError, match="AccessDenied"):
        client.delete_object(Bucket="locked", Key="clip", VersionId=version)
    assert rgw.stored("locked", "clip", version) == BYTES
