"""How do botocore's requests go over the wire, and what of an answer does it get to see?

botocore reads every answer whole, unpacks it, and parses whatever is in it, needed or not. So it sends
nothing itself: each request goes through `Web`, as those of every other protocol, and of the answer botocore
is given the headers that are asked for here, and a body of bounded length that can be XML of S3.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from xml.etree import ElementTree as ET

from botocore.awsrequest import AWSPreparedRequest, HeadersDict
from botocore.parsers import ResponseParserError

from bwvdock.edges.destinations.connections import Headers, Reply
from bwvdock.edges.destinations.header_values import number
from bwvdock.edges.destinations.http import Web
from bwvdock.edges.destinations.s3.body import SignedBody

_MOST_BYTES = 1024 * 1024  # of XML: a thousand parts or versions take a half of it
_MOST_MARKS = 40_000  # of "<": what is made of XML is many times as large as the XML
_PATIENT = {"CompleteMultipartUpload": 5.0}  # times as long as others: large objects take minutes
_OURS = {"content-length", "expect", "host", "transfer-encoding"}
_NEEDED = {
    "content-encoding",
    "content-length",
    "content-range",
    "date",
    "etag",
    "location",
    "retry-after",
    "x-amz-version-id",
}
_NEEDED_KINDS = ("x-amz-meta-", "x-amz-checksum-", "x-amz-object-lock-")
_UNTIL = "x-amz-object-lock-retain-until-date"
_DECLARED = re.compile(rb"\s*<\?xml[^>]*encoding=[\"']([^\"']*)")


class _SentBody:
    """A body of ours as `Web` sends it: from its beginning each time it is asked for. To be closed."""

    def __init__(self, body: SignedBody) -> None:
        self._body = body
        self._blocks: Generator[memoryview] | None = None

    def __len__(self) -> int:
        return len(self._body)

    def __iter__(self) -> Iterator[memoryview]:
        self.close()
        self._blocks = self._body.blocks()
        return self._blocks

    def close(self) -> None:
        """Read no more of the disk."""
        if self._blocks is not None:
            self._blocks.close()


class Footage:
    """The body of an answer that is footage, read as it comes."""

    def __init__(self, web: Web, reply: Reply) -> None:
        self._web, self._reply = web, reply

    def read(self, most: int) -> bytes:
        """Read up to so many bytes of footage.

        Raises:
            DestinationUnavailableError: it broke off.
        """
        with self._web.translated():
            return self._reply.block(most)

    def close(self) -> None:
        """Close the answer; the connection is kept if it can be."""
        self._reply.close()


@dataclass(frozen=True, kw_only=True, slots=True)
class StoreAnswer:
    """What botocore's parser is given of an answer."""

    status: int
    headers: Mapping[str, str]
    body: bytes | Footage


class BotocoreTransport:
    """Sends what botocore has made ready."""

    def __init__(self, web: Web, *, answer_seconds: float) -> None:
        """Send through `web`, where an answer may take so long."""
        self._web, self._answer_seconds = web, answer_seconds

    def send(self, request: AWSPreparedRequest, *, operation: str, streams: bool) -> StoreAnswer:
        """Send a request and give its answer.

        Args:
            request: signed.
            operation: of S3.
            streams: whether its answer is footage.

        Raises:
            DestinationUnavailableError: there is no answer.
            ResponseParserError: it is none of S3's.
        """
        with _sendable(request.body) as sent:
            reply = self._web.send(
                request.method,
                request.url,
                _headers(request),
                sent,
                longest=_PATIENT.get(operation, 1.0) * self._answer_seconds,
            )
        headers = HeadersDict(_needed(reply.headers))  # as a parser looks for them, in any case
        if streams and reply.status < 300:
            return StoreAnswer(status=reply.status, headers=headers, body=Footage(self._web, reply))
        content = self._content(reply, bare=request.method == "HEAD")
        refused = reply.status == 200 and _says_error(content)
        return StoreAnswer(status=500 if refused else reply.status, headers=headers, body=content)

    def _content(self, reply: Reply, *, bare: bool) -> bytes:
        if reply.status >= 300:  # the status says enough where the words are of no use
            found = reply.beginning(_MOST_BYTES, seconds=self._answer_seconds)
            reply.close()
            return found if is_sound(found) else b""
        with self._web.reading(reply):
            found = b"" if bare else reply.words(_MOST_BYTES).lstrip()
        if not is_sound(found):
            raise ResponseParserError("this is not XML of S3")
        return found


def _says_error(body: bytes) -> bool:
    """Return whether a body is an error, or broken off: the status was sent before that was known."""
    try:
        return bool(body) and ET.fromstring(body).tag == "Error"  # noqa: S314 - it is_sound: no document type
    except ET.ParseError:
        return True


def is_sound(body: bytes) -> bool:
    """Return whether a body may be XML of S3: UTF-8, no document type, and not made to fill the memory."""
    declared = _DECLARED.match(body)
    if declared and declared[1].lower() not in {b"utf-8", b"utf8", b"us-ascii"}:
        return False
    with suppress(UnicodeDecodeError):
        body.decode("utf-8")
        begins = not body or body.lstrip().startswith(b"<")
        return begins and body.count(b"<") <= _MOST_MARKS and b"<!DOCTYPE" not in body.upper()
    return False


def _headers(request: AWSPreparedRequest) -> dict[str, str]:
    given: Iterable[tuple[str, Any]] = request.headers.items()
    texts = ((name, value.decode() if isinstance(value, bytes) else str(value)) for name, value in given)
    return {name: value for name, value in texts if name.lower() not in _OURS}


@contextmanager
def _sendable(body: object) -> Iterator[_SentBody | bytes | None]:
    if isinstance(body, SignedBody):
        with closing(_SentBody(body)) as closed:
            yield closed
    elif isinstance(body, str):
        yield body.encode()
    elif body is None or isinstance(body, bytes):
        yield body
    else:
        raise TypeError(f"botocore made a body of another kind: {type(body).__name__}")


def _needed(headers: Headers) -> dict[str, str]:
    """Return the headers that are asked for; what has a type, only where it is of that type."""
    found = {
        name: value for name, value in headers.items() if name in _NEEDED or name.startswith(_NEEDED_KINDS)
    }
    if number(found.get("content-length", "")) is None:
        found.pop("content-length", None)
    if not _is_moment(found.get(_UNTIL, "")):
        found.pop(_UNTIL, None)
    return found


def _is_moment(text: str) -> bool:
    with suppress(ValueError):
        return datetime.fromisoformat(text).tzinfo is not None
    return False
