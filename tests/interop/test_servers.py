"""Do the servers run, and does each one's disk show what it was given? Spoken to by hand, not by our code."""

from __future__ import annotations

import hashlib
import os
import socket
from base64 import b64encode
from contextlib import nullcontext
from functools import partial
from urllib.parse import urljoin

import botocore.exceptions
import pytest
import requests
from mypy_boto3_s3.type_defs import CompletedPartTypeDef

from tests.extent import EXTENT, Extent
from tests.servers.disk import SmallDisk
from tests.servers.faults import Cut
from tests.servers.nginx import Nginx
from tests.servers.process import HOST
from tests.servers.relay import Relay
from tests.servers.s3 import S3Server
from tests.servers.s3_swift import S3Swift
from tests.servers.tus import TusServer
from tests.servers.tus_node import TusNode
from tests.servers.tus_python import TusPython

pytestmark = pytest.mark.interop

BYTES = bytes(range(256)) * 1000
HALF = len(BYTES) // 2
TUS = {"Tus-Resumable": "1.0.0"}


def also_shown(where: str) -> pytest.MarkDecorator:
    """Return a mark for what only `make nightly` runs, since another file shows it by our own code."""
    return pytest.mark.skipif(EXTENT is not Extent.NIGHTLY, reason=f"seen by our own code in {where}")


def _create(server: TusServer, size: int = len(BYTES)) -> str:
    metadata = f"filename {b64encode(b'clip.mp4').decode()},filetype {b64encode(b'video/mp4').decode()}"
    headers = TUS | {"Upload-Length": str(size), "Upload-Metadata": metadata}
    answer = requests.post(server.url, headers=headers, timeout=60)
    assert answer.status_code == 201
    return urljoin(server.url, answer.headers["Location"])


def _patch(url: str, offset: int, body: bytes, **more: str) -> requests.Response:
    kind = {"Content-Type": "application/offset+octet-stream", "Upload-Offset": str(offset)}
    return requests.patch(url, data=body, headers=TUS | kind | more, timeout=60)


def _offset(url: str) -> int:
    return int(requests.head(url, headers=TUS, timeout=60).headers["Upload-Offset"])


def _checksum(body: bytes) -> dict[str, str]:
    return {"Upload-Checksum": f"sha256 {b64encode(hashlib.sha256(body).digest()).decode()}"}


def test_a_tus_server_keeps_what_it_was_given(tus_server: TusServer) -> None:
    url = _create(tus_server)
    assert _patch(url, 0, BYTES[:HALF]).ok
    assert tus_server.stored(url) == BYTES[:HALF]
    assert _patch(url, HALF, BYTES[HALF:]).ok
    assert tus_server.stored(url) == BYTES
    assert tus_server.stored_sha256(url) == hashlib.sha256(BYTES).hexdigest()


@also_shown("test_tus.py")
def test_a_killed_tus_server_comes_back_with_its_uploads(tus_server: TusServer) -> None:
    url = _create(tus_server)
    assert _patch(url, 0, BYTES[:HALF]).ok
    tus_server.kill()
    with pytest.raises(requests.ConnectionError):
        _offset(url)
    tus_server.start()
    assert _offset(url) == HALF
    assert _patch(url, HALF, BYTES[HALF:]).ok
    assert tus_server.stored(url) == BYTES


def test_a_frozen_tus_server_answers_when_it_is_thawed(tus_server: TusServer) -> None:
    url = _create(tus_server)
    tus_server.freeze()
    try:
        with pytest.raises(requests.ReadTimeout):
            requests.head(url, headers=TUS, timeout=0.2)
    finally:
        tus_server.thaw()
    assert _offset(url) == 0


def test_a_wrong_checksum_is_refused_by_those_who_check(tus_server: TusServer) -> None:
    url = _create(tus_server)
    answer = _patch(url, 0, BYTES, **_checksum(BYTES[1:]))
    assert answer.status_code == (460 if "sha256" in tus_server.checksums else 204)
    assert _patch(url, _offset(url), BYTES[_offset(url) :], **_checksum(BYTES[_offset(url) :])).ok


@pytest.mark.parametrize("kind", [TusNode, TusPython])
def test_an_expired_upload_is_gone(kind: type[TusNode | TusPython]) -> None:
    with kind(expires=1) as server:
        url = _create(server)
        assert _patch(url, 0, BYTES[:HALF]).ok
        asked = (requests.head(url, headers=TUS, timeout=60).status_code for _ in range(20_000))
        assert next(code for code in asked if code >= 400) in {404, 410}


@pytest.mark.needs_root
@pytest.mark.skipif(os.geteuid() != 0, reason="mounts a small disk")
def test_a_full_disk_refuses_and_a_larger_one_takes() -> None:
    server = TusNode()
    with SmallDisk(server.directory, 128 << 10) as disk, server:
        url = _create(server)
        assert _patch(url, 0, BYTES).status_code == 500
        disk.grow(1 << 20)
        assert _patch(url, _offset(url), BYTES[_offset(url) :]).ok
        assert server.stored(url) == BYTES


def test_what_is_not_there_is_not_found_on_the_disk(tus_server: TusServer) -> None:
    with pytest.raises(FileNotFoundError):
        tus_server.stored(f"{tus_server.url}/nothing")


def test_a_tus_server_is_reached_through_a_relay_that_cuts(tus_server: TusServer) -> None:
    with Relay(tus_server.port, Cut(HALF)) as relay:
        url = relay.through(_create(tus_server))
        with pytest.raises(requests.ConnectionError):
            _patch(url, 0, BYTES)
        assert _patch(url, _offset(url), BYTES[_offset(url) :]).ok
        assert relay.fired == [Cut(HALF)]
        assert relay.sent > len(BYTES)
    assert tus_server.stored(url) == BYTES


def test_nginx_refuses_what_is_too_large(tus_server: TusServer) -> None:
    with Nginx(tus_server.port, body_limit=HALF) as nginx:
        url = nginx.through(_create(tus_server))
        assert _patch(url, 0, BYTES).status_code == 413
        assert _patch(url, 0, BYTES[:HALF]).ok
    assert tus_server.stored(url) == BYTES[:HALF]


def test_nginx_says_when_to_come_back(tus_server: TusServer) -> None:
    with Nginx(tus_server.port, rate=1, retry_after=7) as nginx:
        url = nginx.through(_create(tus_server))
        assert _patch(url, 0, BYTES[:HALF]).ok
        answer = _patch(url, HALF, BYTES[HALF:])
        assert (answer.status_code, answer.headers["Retry-After"]) == (429, "7")
        assert _offset(url) == HALF


@pytest.mark.parametrize("buffering", [True, False])
def test_nginx_keeps_a_request_until_it_is_whole_or_does_not(buffering: bool) -> None:
    head = f"PATCH /files/1 HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: {len(BYTES)}\r\n\r\n".encode()
    with (
        socket.create_server((HOST, 0)) as upstream,
        Nginx(upstream.getsockname()[1], buffering=buffering) as nginx,
        socket.create_connection((HOST, nginx.port), 10) as client,
    ):
        client.sendall(head + BYTES[:HALF])
        upstream.settimeout(0.3 if buffering else 10)
        with pytest.raises(TimeoutError) if buffering else nullcontext():
            upstream.accept()[0].close()


def _upload_in_parts(server: S3Server, bucket: str, key: str, parts: list[bytes]) -> None:
    client = server.client()
    upload = client.create_multipart_upload(Bucket=bucket, Key=key)["UploadId"]
    done: list[CompletedPartTypeDef] = []
    for number, part in enumerate(parts, start=1):
        answer = client.upload_part(Bucket=bucket, Key=key, UploadId=upload, PartNumber=number, Body=part)
        done.append({"PartNumber": number, "ETag": answer["ETag"]})
    client.complete_multipart_upload(Bucket=bucket, Key=key, UploadId=upload, MultipartUpload={"Parts": done})


def test_an_s3_server_keeps_what_it_was_given(s3_server: S3Server, s3_bucket: str) -> None:
    s3_server.client().put_object(Bucket=s3_bucket, Key="cam/é 1.mp4", Body=BYTES)
    assert s3_server.stored(s3_bucket, "cam/é 1.mp4") == BYTES


def test_an_s3_server_keeps_what_it_was_given_in_parts(s3_server: S3Server, s3_bucket: str) -> None:
    parts = [bytes(5 << 20), BYTES]
    _upload_in_parts(s3_server, s3_bucket, "cam/1.mp4", parts)
    assert s3_server.stored_sha256(s3_bucket, "cam/1.mp4") == hashlib.sha256(b"".join(parts)).hexdigest()
    assert s3_server.stored_size(s3_bucket, "cam/1.mp4") == sum(map(len, parts))


def test_an_overwritten_object_is_the_newer_one_and_a_deleted_one_is_none(
    s3_server: S3Server, s3_bucket: str
) -> None:
    client = s3_server.client()
    client.put_object(Bucket=s3_bucket, Key="clip", Body=BYTES)
    client.put_object(Bucket=s3_bucket, Key="clip", Body=BYTES[1:])
    assert s3_server.stored(s3_bucket, "clip") == BYTES[1:]
    client.delete_object(Bucket=s3_bucket, Key="clip")
    with pytest.raises(FileNotFoundError):
        s3_server.stored(s3_bucket, "clip")


@also_shown("test_s3.py")
def test_a_killed_s3_server_comes_back_with_its_objects(s3_server: S3Server, s3_bucket: str) -> None:
    client = s3_server.client()
    client.put_object(Bucket=s3_bucket, Key="clip", Body=BYTES)
    s3_server.kill()
    with pytest.raises(botocore.exceptions.EndpointConnectionError):
        client.head_object(Bucket=s3_bucket, Key="clip")
    s3_server.start()
    assert client.get_object(Bucket=s3_bucket, Key="clip")["Body"].read() == BYTES


def test_a_false_sha256_is_refused_by_swift_and_believed_by_rclone(
    s3_server: S3Server, s3_bucket: str
) -> None:
    false = b64encode(hashlib.sha256(b"something else").digest()).decode()
    put = partial(
        s3_server.client().put_object, Bucket=s3_bucket, Key="clip", Body=BYTES, ChecksumSHA256=false
    )
    if isinstance(s3_server, S3Swift):
        with pytest.raises(botocore.exceptions.ClientError, match="BadDigest"):
            put()
    else:
        put()
        assert s3_server.stored(s3_bucket, "clip") == BYTES
