"""Are requests and answers what botocore's own client makes of the same operation?

The dock uses botocore's parts without its client. Here the client says what is right.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any

import boto3
import botocore
import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse, HeadersDict
from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.parsers import ResponseParserError
from hypothesis import given
from hypothesis import strategies as st

from bwvdock.edges.destinations.s3.connection import _Operations
from bwvdock.edges.destinations.s3.transport import StoreAnswer, _says_error

ENDPOINT = "http://store.example:8080/below"
UNTIL = datetime(2031, 1, 2, 3, 4, 5, tzinfo=UTC)
SHA256 = "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0="
KEY = {"Bucket": "bench", "Key": "docks/2026/04 é+~/01.mp4"}
UPLOAD = {**KEY, "UploadId": "an id/with+signs="}
LOCK = {"ObjectLockMode": "GOVERNANCE", "ObjectLockRetainUntilDate": UNTIL, "ObjectLockLegalHoldStatus": "ON"}
MADE_WITH = {"Metadata": {"sha256": "ab", "recorded-at": "a%20b"}, "ContentType": "video/mp4", **LOCK}
PARTS = {
    "Parts": [{"PartNumber": 1, "ETag": '"e1"', "ChecksumSHA256": SHA256}, {"PartNumber": 2, "ETag": '"e2"'}]
}
ASKED: list[tuple[str, Mapping[str, Any]]] = [
    ("abort_multipart_upload", UPLOAD),
    ("complete_multipart_upload", {**UPLOAD, "MultipartUpload": PARTS, "IfNoneMatch": "*"}),
    ("create_multipart_upload", {**KEY, **MADE_WITH, "ChecksumAlgorithm": "SHA256", "Tagging": "a=b"}),
    ("delete_object", {**KEY, "VersionId": "v 1"}),
    ("get_object", {**KEY, "VersionId": "v1", "Range": "bytes=0-9", "IfMatch": '"e"'}),
    ("get_object_lock_configuration", {"Bucket": "bench"}),
    ("get_object_tagging", KEY),
    ("head_bucket", {"Bucket": "bench"}),
    ("head_object", {**KEY, "ChecksumMode": "ENABLED"}),
    ("list_multipart_uploads", {"Bucket": "bench", "Prefix": "docks/ é", "KeyMarker": "k&"}),
    ("list_parts", {**UPLOAD, "PartNumberMarker": 7}),
    ("put_object", {**KEY, **MADE_WITH, "Body": b"bytes", "ChecksumSHA256": SHA256, "IfNoneMatch": "*"}),
    ("put_object", {**KEY, "Body": b"", "ContentMD5": "1B2M2Y8AsgTpgAmY7PhCfg==", "Tagging": "a=b&c=d"}),
    ("put_object_legal_hold", {**KEY, "VersionId": "v1", "LegalHold": {"Status": "OFF"}}),
    ("put_object_retention", {**KEY, "Retention": {"Mode": "COMPLIANCE", "RetainUntilDate": UNTIL}}),
    ("put_object_tagging", {**KEY, "Tagging": {"TagSet": [{"Key": "a", "Value": "<&>é"}]}}),
    ("upload_part", {**UPLOAD, "PartNumber": 3, "Body": b"bytes", "ChecksumSHA256": SHA256}),
]
Answer = tuple[int, Mapping[str, str], bytes]
NOTHING: Answer = (200, {}, b"")
XML = b'<?xml version="1.0" encoding="UTF-8"?>'
NAMESPACE = b' xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'
ERROR = XML + b"<Error><Code>%s</Code><Message>No.</Message></Error>"
ANSWERED: list[tuple[str, int, Mapping[str, str], bytes]] = [
    ("head_object", 200, {"ETag": '"e"', "x-amz-version-id": "v", "x-amz-meta-sha256": "ab"}, b""),
    ("head_object", 404, {}, b""),
    ("head_object", 301, {"location": "http://elsewhere.example/"}, b""),
    ("put_object", 200, {"ETag": '"e"', "x-amz-checksum-sha256": SHA256}, b""),
    ("put_object", 412, {}, ERROR % b"PreconditionFailed"),
    ("put_object", 503, {"retry-after": "3"}, ERROR % b"SlowDown"),
    ("put_object", 200, {}, ERROR % b"InternalError"),
    ("complete_multipart_upload", 200, {}, ERROR % b"InternalError"),
    ("complete_multipart_upload", 200, {}, XML + b"<CompleteMultipartUploadResult><ETag>"),
    (
        "complete_multipart_upload",
        200,
        {"x-amz-version-id": "v"},
        XML
        + b"<CompleteMultipartUploadResult"
        + NAMESPACE
        + b"><ETag>e-2</ETag></CompleteMultipartUploadResult>",
    ),
    (
        "list_parts",
        200,
        {},
        XML
        + b"<ListPartsResult"
        + NAMESPACE
        + b"><IsTruncated>true</IsTruncated><NextPartNumberMarker>1</NextPartNumberMarker>"
        + b"<Part><PartNumber>1</PartNumber><ETag>e</ETag><Size>5</Size></Part></ListPartsResult>",
    ),
    ("get_object_lock_configuration", 404, {}, ERROR % b"ObjectLockConfigurationNotFoundError"),
    ("delete_object", 204, {"x-amz-delete-marker": "true"}, b""),
    ("list_parts", 404, {}, ERROR % b"NoSuchUpload"),
    ("list_parts", 500, {}, b"<html><body>no XML of S3"),
]
CHANGED_BY_THE_CLIENT = {"amz-sdk-invocation-id", "amz-sdk-request", "User-Agent", "Expect"}
PRESENT = st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Zs"))


class _Theirs:
    """botocore's client, which keeps what it would have sent, and is given an answer for it."""

    def __init__(self) -> None:
        self.answer: Answer = NOTHING
        self.sent: list[AWSPreparedRequest] = []
        settings = Config(
            signature_version=botocore.UNSIGNED,
            retries={"total_max_attempts": 1, "mode": "standard"},
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
            s3={"addressing_style": "path"},
            parameter_validation=False,
        )
        made: Any = boto3.session.Session().client("s3", "us-east-1", endpoint_url=ENDPOINT, config=settings)
        made.meta.events.register("before-call.s3", _stay_here)
        made.meta.events.register("before-send.s3", self._send)
        self.client = made

    def _send(self, request: AWSPreparedRequest, **_: object) -> AWSResponse:
        self.sent.append(request)
        status, headers, body = self.answer
        raw: Any = _Raw(body)
        told: Any = HeadersDict(headers)
        return AWSResponse(request.url, status, told, raw)


class _Raw:
    def __init__(self, body: bytes) -> None:
        self._body = body

    def stream(self) -> list[bytes]:
        return [self._body]


def _stay_here(context: dict[str, Any], **_: object) -> None:
    context.setdefault("s3_redirect", {})["redirected"] = True


class _Transport:
    """Keeps what it is given to send, and gives one answer."""

    def __init__(self, answer: Answer) -> None:
        status, headers, body = answer
        refused = status == 200 and _says_error(body)
        self._answer = StoreAnswer(status=500 if refused else status, headers=HeadersDict(headers), body=body)
        self.sent: list[AWSPreparedRequest] = []

    def send(self, request: AWSPreparedRequest, *, operation: str, streams: bool) -> StoreAnswer:
        assert streams == (operation == "GetObject")
        self.sent.append(request)
        return self._answer


@cache
def _theirs() -> _Theirs:
    """Return the one client: it takes a moment to make."""
    return _Theirs()


def _ours(transport: _Transport) -> _Operations:
    stand_in: Any = transport
    return _Operations(ENDPOINT, lambda _: None, stand_in)


def _plain(request: AWSPreparedRequest) -> tuple[str, str, dict[str, bytes], bytes]:
    given: Any = request.headers.items()
    headers = {name: _content(value) for name, value in given if name not in CHANGED_BY_THE_CLIENT}
    return request.method, request.url, headers, _content(request.body)


def _content(body: Any) -> bytes:  # noqa: ANN401 - botocore has it as text, as bytes, as a file
    if isinstance(body, str):
        return body.encode()
    return body.read() if hasattr(body, "read") else body or b""


def _require_same(operation: str, parameters: Mapping[str, Any]) -> None:
    theirs = _theirs()
    theirs.answer = NOTHING
    getattr(theirs.client, operation)(**parameters)
    transport = _Transport(NOTHING)
    _ours(transport).carry_out(operation, parameters)
    assert _plain(transport.sent[-1]) == _plain(theirs.sent[-1])


@pytest.mark.parametrize("operation,parameters", ASKED)
def test_a_request_is_that_of_the_client(operation: str, parameters: Mapping[str, Any]) -> None:
    _require_same(operation, parameters)


@given(
    key=st.text(PRESENT, min_size=1, max_size=30).filter(lambda key: key.strip("/.") == key),
    metadata=st.dictionaries(
        st.from_regex(r"[a-z][a-z0-9-]{0,9}", fullmatch=True), st.text("ab%20 =/", max_size=9)
    ),
    content=st.binary(max_size=40),
)
def test_so_it_is_for_any_key_and_metadata(key: str, metadata: dict[str, str], content: bytes) -> None:
    where = {"Bucket": "bench", "Key": key}
    checksum = {"ChecksumSHA256": hashlib.sha256(content).hexdigest()}
    _require_same("put_object", {**where, "Metadata": metadata, "Body": content, **checksum})
    _require_same("list_multipart_uploads", {"Bucket": "bench", "Prefix": key})
    _require_same("put_object_tagging", {**where, "Tagging": {"TagSet": [{"Key": "k", "Value": key}]}})


def _outcome(ask: Any) -> tuple[str, object]:  # noqa: ANN401 - two callables of as many shapes
    try:
        return "answer", _bare(ask())
    except ClientError as error:
        return "refusal", _bare(error.response)
    except ResponseParserError:
        return "no XML", None


def _bare(answer: Mapping[str, Any]) -> dict[str, Any]:
    about = {
        name: value
        for name, value in answer["ResponseMetadata"].items()
        if name in {"HTTPStatusCode", "HTTPHeaders", "RequestId", "HostId"}
    }
    return {**answer, "ResponseMetadata": about}


@pytest.mark.slow
@pytest.mark.parametrize("operation,status,headers,body", ANSWERED)
def test_an_answer_means_what_it_means_to_the_client(
    operation: str, status: int, headers: Mapping[str, str], body: bytes
) -> None:
    parameters = next(told for name, told in ASKED if name == operation)
    theirs, answer = _theirs(), (status, headers, body)
    theirs.answer = answer
    ours = _ours(_Transport(answer))
    assert _outcome(lambda: ours.carry_out(operation, parameters)) == _outcome(
        lambda: getattr(theirs.client, operation)(**parameters)
    )
