"""Lies of S3 stores, sorted as those of tus servers are."""

from __future__ import annotations

from tests.servers.lies import Lie
from tests.servers.lying_s3 import LOCK, error_body

DIGESTS = ("content-md5", "x-amz-checksum-sha256", "x-amz-content-sha256")
_XML = {"Content-Type": "application/xml"}


def _fail(method: str, query: str, code: str, status: int, *, first: int = 1, times: int = 1) -> Lie:
    return Lie(
        method,
        query=query,
        first=first,
        times=times,
        instead=True,
        status=status,
        headers=_XML,
        body=error_body(code),
    )


# What can be survived: the object arrives whole in the end, without a person.
S3_SURVIVABLE: dict[str, tuple[Lie, ...]] = {
    "1 answer to a part lost": (Lie("PUT", hang_up=True, times=2),),
    "10 access denied for a moment": (_fail("PUT", "", "AccessDenied", 403),),
    "13 slow down": (_fail("PUT", "", "SlowDown", 503, times=3),),
    "13 503 with Retry-After": (Lie("PUT", instead=True, status=503, headers={"Retry-After": "1"}, times=2),),
    "18 stalled at the last byte": (Lie("PUT", stall=True, times=1),),
    "20 answer to the beginning lost": (Lie("POST", query="uploads", hang_up=True, times=1),),
    "30 completion fails with 200": (_fail("POST", "uploadId", "InternalError", 200),),
    "30 answer to the completion lost": (Lie("POST", query="uploadId", hang_up=True, times=1),),
    "31 If-None-Match ignored": (Lie("*", blind=("if-none-match",)),),
    "32 upload aborted mid-way": (Lie("PUT", query="uploadId", first=2, times=1, forget=1.0),),
    "33 interim 103": (Lie("*", interim=((103, {"Link": "</x>; rel=preload"}),)),),
    "36 captive portal for a while": (
        Lie(instead=True, status=200, headers={"Content-Type": "text/html"}, body=b"<html>", times=3),
    ),
}

# What nobody can succeed with while it lasts: claim nothing, send nothing elsewhere, tell a person.
S3_HOPELESS: dict[str, tuple[Lie, ...]] = {
    "10 access denied for ever": (_fail("*", "", "AccessDenied", 403, times=1_000_000),),
    "14 too large": (_fail("PUT", "", "EntityTooLarge", 400, times=1_000_000),),
    "15 307 elsewhere": (
        Lie("*", instead=True, status=307, headers={"Location": "http://{localhost}{path}"}),
    ),
    "30 completion never works": (_fail("POST", "uploadId", "InternalError", 200, times=1_000_000),),
    "35 clock skewed": (_fail("*", "", "RequestTimeTooSkewed", 403, times=1_000_000),),
    "36 captive portal": (
        Lie(instead=True, status=200, headers={"Content-Type": "text/html"}, body=b"<html>"),
    ),
}

# What looks like success, and is not: only what was proven otherwise may be called verified.
S3_SILENT: dict[str, tuple[Lie, ...]] = {
    "25 digests not checked, and echoed": (Lie("*", blind=DIGESTS),),
    "25 half of the bytes lost": (Lie("PUT", keep=0.5, blind=DIGESTS),),
}

# Of stores that have Object Lock, or say so (`object_lock`, the last two), and of one that has none.
S3_LOCKS: dict[str, tuple[Lie, ...]] = {
    "29 ?retention overwrites": (
        Lie("PUT", query="retention", blind=("retention", "versionId")),
        Lie("PUT", query="legal-hold", blind=("legal-hold", "versionId")),
    ),
    "29 says that it locks, and overwrites": (
        Lie(
            "GET",
            query="object-lock",
            instead=True,
            status=200,
            headers=_XML,
            body=b"<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled></ObjectLockConfiguration>",
        ),
        Lie("PUT", query="retention", blind=("retention", "versionId", *LOCK)),
        Lie("PUT", query="legal-hold", blind=("legal-hold", "versionId", *LOCK)),
        Lie("*", blind=LOCK),
    ),
    "29 locks dropped": (Lie("*", blind=LOCK),),
    "29 locks dropped from multipart": (Lie("POST", query="uploads", blind=LOCK),),
}

# Of stores that know no tags, or keep none of them, or let our key do nothing with them.
S3_TAGS: dict[str, tuple[Lie, ...]] = {
    "41 ?tagging overwrites, and what it put there is given back": (
        Lie(query="tagging", blind=("tagging",)),
    ),
    "41 ?tagging overwrites": (Lie("PUT", query="tagging", blind=("tagging",)),),
    "42 tags dropped": (Lie("PUT", query="tagging", instead=True, status=200),),
    "42 changes of tags dropped": (Lie("PUT", query="tagging", instead=True, status=200, first=2),),
    "43 tags not allowed": (_fail("PUT", "tagging", "AccessDenied", 403, times=1_000_000),),
    "43 reading tags not allowed": (_fail("GET", "tagging", "AccessDenied", 403, times=1_000_000),),
    "44 no tags": (_fail("PUT", "tagging", "NotImplemented", 501, times=1_000_000),),
    "44 no tags, 405": (_fail("PUT", "tagging", "MethodNotAllowed", 405, times=1_000_000),),
    "45 tags fail": (_fail("PUT", "tagging", "InternalError", 500, times=1_000_000),),
    "45 reading tags fails": (_fail("GET", "tagging", "InternalError", 500, times=1_000_000),),
    "45 tags are never answered": (Lie(query="tagging", hang_up=True),),
    "45 tags are no XML": (Lie("GET", query="tagging", instead=True, status=200, body=b"\x00 <"),),
}
