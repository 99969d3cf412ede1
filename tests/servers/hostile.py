"""Answers that break HTTP, or its readers, byte by byte: what is sent on the socket in place of an answer.

Each is sent until it ends, the client hangs up, or the server is closed. `TUS` and `S3` are what fits one
protocol, `ANY` breaks both.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from itertools import chain, cycle, repeat

MIB = 1 << 20


@dataclass(frozen=True)
class Raw:
    """What is sent; with a `pause` (seconds) after each piece. The connection is closed at its end."""

    pieces: Callable[[], Iterable[bytes]]
    pause: float = 0.0


def raw(*pieces: bytes) -> Raw:
    """Send these."""
    return Raw(lambda: pieces)


def answer(status: int, *headers: str, body: bytes = b"", length: bool = True) -> Raw:
    """Send an answer with these header lines, of which any character is one byte."""
    return raw(head(status, *headers, length=len(body) if length else None), body)


def head(status: int, *headers: str, length: int | None = None) -> bytes:
    """Return the head of an answer."""
    lines = [f"HTTP/1.1 {status} Said", *headers]
    if length is not None:
        lines.append(f"Content-Length: {length}")
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


def endless(first: bytes, again: bytes) -> Raw:
    """Send one thing, then another for ever."""
    return Raw(lambda: chain([first], repeat(again)))


def drip(first: bytes, slowly: bytes, pause: float = 0.05) -> Raw:
    """Send one thing, then the bytes of another one at a time, for ever; without any, nothing."""
    crumbs = [bytes([byte]) for byte in slowly] or [b""]
    return Raw(lambda: chain([first], cycle(crumbs)), pause)


def bomb(*lines: str, status: int) -> Raw:
    """Send an answer of some 600 KB that is 600 MiB when it is unpacked."""
    return Raw(lambda: [head(status, *lines, GZIP, length=len(_bomb())), _bomb()])


@cache
def _bomb() -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    first, again = (packer.compress(bytes(MIB)) + packer.flush(zlib.Z_FULL_FLUSH) for _ in range(2))
    return first + 599 * again  # a block that was flushed stands for itself


BLOCK = b"x" * 65536
GZIP = "Content-Encoding: gzip"
LATIN = "Location: /\xe9\xff\x80/\x9b31m"
UNPARSABLE = "Location: http://[::1"

# What a reader must come out of within its deadline, and with little memory.
LARGE: dict[str, Raw] = {
    "302, a gzip bomb": bomb("Location: /other", status=302),
    "200, a gzip bomb": bomb("ETag: 1", "Tus-Resumable: 1.0.0", "Upload-Offset: 1", status=200),
    "500, a gzip bomb": bomb(status=500),
    "307, an endless body": endless(head(307, "Location: /elsewhere"), BLOCK),
    "200, an endless body": endless(head(200, "Tus-Resumable: 1.0.0", "ETag: 1"), BLOCK),
    "403, an endless body": endless(head(403), BLOCK),
    "500, endless chunks": endless(head(500, "Transfer-Encoding: chunked"), b"10000\r\n" + BLOCK + b"\r\n"),
    "200, endless chunks": endless(head(200, "Transfer-Encoding: chunked"), b"10000\r\n" + BLOCK + b"\r\n"),
    "200, chunks of one byte": endless(head(200, "Transfer-Encoding: chunked"), b"1\r\nx\r\n" * 9000),
    "400, a chunk of -1 bytes": endless(head(400, "Transfer-Encoding: chunked") + b"-1\r\n", BLOCK),
    "200, a chunk of -1 bytes": endless(head(200, "Transfer-Encoding: chunked") + b"-1\r\n", BLOCK),
    "200, an endless trailer": endless(head(200, "Transfer-Encoding: chunked") + b"0\r\n", b"a: b\r\n" * 999),
    "an endless status line": endless(b"HTTP/1.1 200 ", BLOCK),
    "an endless header": endless(b"HTTP/1.1 200 OK\r\nX: ", BLOCK),
    "endless headers": endless(b"HTTP/1.1 200 OK\r\n", b"X: y\r\n" * 9000),
    "a flood of 100": endless(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 2000),
    "a flood of 103": endless(b"", b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" * 2000),
    "200, 99 MB promised": endless(head(200, "Tus-Resumable: 1.0.0", "ETag: 1", length=99_000_000), BLOCK),
    "200, XML without an end": endless(head(200), b"<a>" * 20000),
    "200, XML of 700,000 elements": answer(200, body=b"<a>" + b"<b/>" * 700_000 + b"</a>"),
}  # fmt: skip

SLOW: dict[str, Raw] = {
    "a head at a byte a moment": drip(b"", head(200, "X: y", length=0)),
    "a body at a byte a moment": drip(head(200, "Tus-Resumable: 1.0.0", "ETag: 1", length=10_000), b"x"),
    "an error's body at a byte a moment": drip(head(500, length=10_000), b"x"),
    "interim answers at a byte a moment": drip(b"", b"HTTP/1.1 103 Early Hints\r\n\r\n"),
    "silence": drip(b"", b""),
    "a head and silence": drip(b"HTTP/1.1 200 OK\r\n", b""),
}

BROKEN: dict[str, Raw] = {
    "nothing": raw(b""),
    "half a status line": raw(b"HTTP/1"),
    "no HTTP": raw(b"SSH-2.0-OpenSSH_9.2\r\n"),
    "zeros": raw(bytes(4096)),
    "HTTP/0.9": raw(b"<html>hello</html>"),
    "HTTP/2.0": raw(b"HTTP/2.0 200 OK\r\n\r\n"),
    "status 000": raw(b"HTTP/1.1 000 What\r\n\r\n"),
    "status 999": answer(999),
    "status 1000": raw(b"HTTP/1.1 1000 What\r\n\r\n"),
    "status of words": raw(b"HTTP/1.1 abc What\r\n\r\n"),
    "101": answer(101, "Upgrade: h2c", "Connection: Upgrade"),
    "a head cut off": raw(b"HTTP/1.1 200 OK\r\nETag: 1\r\nContent-Le"),
    "NUL in a header": answer(200, "ETag: \0\0", "Tus-Resumable: 1.0.0\0"),
    "headers without a colon": answer(200, "nothing", ": nothing", " folded"),
    "a body cut off": raw(head(200, "ETag: 1", "Tus-Resumable: 1.0.0", length=500), b"<a>"),
    "two lengths": answer(200, "Content-Length: 1", "Content-Length: 7", body=b"1234567", length=False),
    "a negative length": answer(200, "Content-Length: -5", "Tus-Resumable: 1.0.0", length=False),
    "a length of 10,000 digits": answer(200, "Content-Length: " + "9" * 10_000, "ETag: 1", length=False),
    "a length of words": answer(200, "Content-Length: many", "ETag: 1", length=False),
    "a chunk of words": raw(head(200, "Transfer-Encoding: chunked"), b"zz\r\nhello\r\n"),
    "a chunk beyond the end": raw(head(200, "Transfer-Encoding: chunked"), b"ffffffffffffffff\r\nhello"),
    "204 with a body": answer(204, "Tus-Resumable: 1.0.0", body=b"there should be none"),
    "gzip that is none": answer(200, GZIP, "Tus-Resumable: 1.0.0", body=b"not gzip at all"),
    "301, Latin-1": answer(301, LATIN),
    "302, Latin-1": answer(302, LATIN),
    "307, Latin-1": answer(307, LATIN),
    "308, Latin-1": answer(308, LATIN),
    "301, unparsable": answer(301, UNPARSABLE),
    "307, unparsable": answer(307, UNPARSABLE),
    "308, unparsable": answer(308, UNPARSABLE),
    "307, to itself": answer(307, "Location: ?again"),
    "307, a control character": answer(307, "Location: /a\x1b[2Jb c"),
    "307, without a Location": answer(307),
    "201, Latin-1": answer(201, LATIN, "Tus-Resumable: 1.0.0"),
    "201, unparsable": answer(201, UNPARSABLE, "Tus-Resumable: 1.0.0"),
    "503, Retry-After -1200": answer(503, "Retry-After: Fri, 31 Dec 9999 23:59:59 -1200"),
    "503, Retry-After of many digits": answer(503, "Retry-After: " + "9" * 5000),
    "429, Retry-After inf": answer(429, "Retry-After: inf", "Date: never"),
    "503, Retry-After from Date -2359": answer(
        503, "Retry-After: Mon, 01 Jan 0001 00:00:00 +2359", "Date: Fri, 31 Dec 9999 23:59:59 -2359"
    ),
    "503, Retry-After garbage": answer(503, "Retry-After: \xff\xfe", "Date: \xff"),
    "401, Date garbage": answer(401, "Date: Mon, 99 Foo 99999 99:99:99 +9999"),
    "403, Date of the year 9999": answer(403, "Date: Fri, 31 Dec 9999 23:59:59 -1200"),
    "412, Tus-Version acts on a terminal": answer(412, "Tus-Version: \x1b[2J\x9b31m"),
}

TUS: dict[str, Raw] = {
    f"Upload-Offset {value!r}": answer(
        status,
        "Tus-Resumable: 1.0.0",
        f"Upload-Offset: {value}",
        "Upload-Length: \xb2",
        "Upload-Expires: \xff",
    )
    for status in (200, 204)
    for value in ("-1", "1_0", "\xb9", "9" * 400, "1, 1", "", "1e3", "0x10")
}

S3: dict[str, Raw] = {
    "Last-Modified garbage": raw(head(200, "Last-Modified: garbage", 'ETag: "1"', length=7)),
    "Last-Modified 9999 -1200": answer(200, "Last-Modified: Fri, 31 Dec 9999 23:59:59 -1200", 'ETag: "1"'),
    "a lock until garbage": answer(200, "x-amz-object-lock-retain-until-date: soon", 'ETag: "1"'),
    "typed headers of garbage": answer(
        200,
        'ETag: "1"',
        *(f"x-amz-{name}: \xff" for name in ("delete-marker", "missing-meta", "mp-parts-count")),
        "x-amz-server-side-encryption-bucket-key-enabled: \xff",
        "x-amz-meta-sha256: \xff\x00",
        "Expires: \xff",
    ),
    "two Codes": answer(403, body=b"<Error><Code>A</Code><Code>B</Code><Message>C</Message></Error>"),
    "two Codes and an empty Message": answer(500, body=b"<Error><Code/><Code>B</Code><Message/></Error>"),
    "an Error in an Error": answer(400, body=b"<Error><Error><Code/></Error><Code><x/></Code></Error>"),
    "no XML in a 2xx": answer(200, 'ETag: "1"', body=b"\x00\xff not XML"),
    "XML that is cut off": answer(200, 'ETag: "1"', body=b"<ListPartsResult><Part>"),
    "XML of another kind": answer(200, 'ETag: "1"', body=b"<html><body/></html>"),
    "XML with numbers of words": answer(
        200,
        body=b"<R><IsTruncated>x</IsTruncated><NextPartNumberMarker>x</NextPartNumberMarker><Part><PartNumber>x"
        b"</PartNumber><Size>-</Size><LastModified>x</LastModified></Part></R>",
    ),
    "XML whose lists lack what they are of": answer(
        200,
        body=b"<R><IsTruncated>true</IsTruncated><Part/><Part><ETag/></Part><Upload/><Upload><Key/></Upload>"
        b"<Version/><DeleteMarker/><TagSet><Tag/></TagSet><UploadId/></R>",
    ),
    "XML in UTF-16": answer(200, body="<?xml version='1.0' encoding='utf-16'?><R/>".encode("utf-16")),
    "XML in a code page": answer(200, body=b"<?xml version='1.0' encoding='cp037'?>\x4c\xd9\x61\x6e"),
    "XML with a billion laughs": answer(
        200,
        body=b'<!DOCTYPE a [<!ENTITY a "%b"><!ENTITY b "%b">]><R>&b;</R>' % (b"a" * 5000, b"&a;" * 5000),
    ),
    "an error with a billion laughs": answer(
        400, body=b'<!DOCTYPE a [<!ENTITY a "A"><!ENTITY b "&a;&a;">]><Error><Code>&b;</Code></Error>'
    ),
    "XML 100,000 deep": answer(200, body=b"<a>" * 100_000 + b"</a>" * 100_000),
}  # fmt: skip

ANY: dict[str, Raw] = {**LARGE, **SLOW, **BROKEN}
