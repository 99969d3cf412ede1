"""A small S3 that lies as it is told: one bucket, multipart, tags, versions with Object Lock. Else honest.

Of a signature it checks only that there is one, and what was signed of the body (x-amz-content-sha256).
"""

from __future__ import annotations

import hashlib
import re
import ssl
from base64 import b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, unquote
from xml.sax.saxutils import escape, unescape

from tests.servers.lies import Lie
from tests.servers.lying import Answer, LyingServer, Request, ranged

LOCK = ("x-amz-object-lock-mode", "x-amz-object-lock-retain-until-date", "x-amz-object-lock-legal-hold")
_RETENTION = {"Mode": LOCK[0], "RetainUntilDate": LOCK[1]}
_HOLD = {"Status": LOCK[2]}
_TAGGING = "x-amz-tagging"
_MOST_TAGS = 10
_CODES = {
    "AccessDenied": 403,
    "BadDigest": 400,
    "InvalidPart": 400,
    "InvalidRequest": 400,
    "InvalidTag": 400,
    "MethodNotAllowed": 405,
    "NoSuchBucket": 404,
    "NoSuchKey": 404,
    "NoSuchObjectLockConfiguration": 404,
    "NoSuchUpload": 404,
    "ObjectLockConfigurationNotFoundError": 404,
    "PreconditionFailed": 412,
    "XAmzContentSHA256Mismatch": 400,
}


class _RefusedError(Exception):
    """An error's code, as S3 spells it."""


@dataclass
class Version:
    """One object, or one version of it."""

    id: str
    content: bytes
    etag: str
    headers: dict[str, str] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)


@dataclass
class Multipart:
    """An upload that is not complete."""

    key: str
    headers: dict[str, str]
    parts: dict[int, bytes] = field(default_factory=dict)


class LyingS3(LyingServer):
    """Serves one bucket, `bucket`, path-style.

    Args:
        lies: To tell, from the start.
        object_lock: Whether the bucket has Object Lock, and so versions.
        opaque_etags: Whether ETags are no MD5 sums, as with encryption.
        page: How many parts are listed at once.
        tls: To serve HTTPS.
    """

    bucket = "evidence"

    def __init__(
        self,
        *lies: Lie,
        object_lock: bool = False,
        opaque_etags: bool = False,
        page: int = 1000,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        super().__init__(*lies, tls=tls)
        self.objects: dict[str, list[Version]] = {}
        self.uploads: dict[str, Multipart] = {}
        self._object_lock = object_lock
        self._opaque = opaque_etags
        self._page = page
        self._created = 0
        self.ranges = True

    def stored(self, bucket: str, key: str, version: str = "") -> bytes:
        """Return the newest version's bytes, or this one's; KeyError or IndexError if there is none."""
        assert bucket == self.bucket
        return [each for each in self.objects[key] if version in {"", each.id}][-1].content

    def forget(self, request: Request, part: float) -> None:
        """Lose a multipart upload, as a lifecycle rule does, or else the object's newest version."""
        self.uploads.pop(request.query.get("uploadId", ""), None)
        if "uploadId" not in request.query:
            self.objects.pop(self._key(request), None)

    @staticmethod
    def _key(request: Request) -> str:
        return unquote(request.path).lstrip("/").partition("/")[2]

    # ------------------------------------------------ what is asked

    def answer(self, request: Request) -> Answer:
        try:
            self._admit(request)
            key = self._key(request)
            return self._of_object(key, request) if key else self._of_bucket(request)
        except _RefusedError as refused:
            return error(str(refused), _CODES[str(refused)])

    def _admit(self, request: Request) -> None:
        if not request.headers.get("authorization", "").startswith("AWS4-HMAC-SHA256 "):
            raise _RefusedError("AccessDenied")
        if unquote(request.path).lstrip("/").partition("/")[0] != self.bucket:
            raise _RefusedError("NoSuchBucket")
        _check(request)

    def _of_bucket(self, request: Request) -> Answer:
        query = request.query if request.method == "GET" else {}
        if "object-lock" in query:
            if not self._object_lock:
                raise _RefusedError("ObjectLockConfigurationNotFoundError")
            return _xml("ObjectLockConfiguration", "<ObjectLockEnabled>Enabled</ObjectLockEnabled>")
        if "uploads" in query:
            return self._list_uploads(query.get("prefix", ""))
        if "versioning" in query:
            return _xml("VersioningConfiguration", "<Status>Enabled</Status>" if self._object_lock else "")
        return Answer(200)

    def _of_object(self, key: str, request: Request) -> Answer:
        query = request.query
        if "uploads" in query or "uploadId" in query:
            return self._of_upload(key, request)
        if "retention" in query:
            return self._of_lock(key, request, "Retention", _RETENTION)
        if "legal-hold" in query:
            return self._of_lock(key, request, "LegalHold", _HOLD)
        if "tagging" in query:
            return self._of_tags(key, request)
        match request.method:
            case "PUT":
                return self._put(key, request)
            case "HEAD" | "GET":
                version = self._version(key, query.get("versionId", ""))
                answer = ranged(request, version.content) if self.ranges else Answer(200, {}, version.content)
                return Answer(answer.status, answer.headers | self._told(version), answer.body)
            case "DELETE":
                return self._delete(key, query.get("versionId", ""))
        raise _RefusedError("MethodNotAllowed")

    # ------------------------------------------------ objects

    def _put(self, key: str, request: Request) -> Answer:
        if request.seen.get("if-none-match") == "*" and key in self.objects:
            raise _RefusedError("PreconditionFailed")
        digested = any(name == "content-md5" or "checksum" in name for name in request.headers)
        if set(LOCK) & set(request.headers) and not digested:
            raise _RefusedError("InvalidRequest")
        version = self._add(key, request.body, self._etag(request.body), self._kept(request))
        return Answer(200, {name: value for name, value in self._told(version).items() if "lock" not in name})

    def _kept(self, request: Request) -> dict[str, str]:
        """Return the headers that an object keeps; those of a lock only where there are locks."""
        if not self._object_lock and set(LOCK) & set(request.seen):
            raise _RefusedError("InvalidRequest")
        declared = {name: value for name, value in request.headers.items() if name == "x-amz-checksum-sha256"}
        return declared | {
            name: value
            for name, value in request.seen.items()
            if name in {*LOCK, _TAGGING} or name.startswith("x-amz-meta-")
        }

    def _add(self, key: str, content: bytes, etag: str, headers: dict[str, str]) -> Version:
        self._created += 1
        tags = dict(parse_qsl(headers.pop(_TAGGING, ""), keep_blank_values=True))
        name = f"version-{self._created}" if self._object_lock else ""
        version = Version(name, content, etag, headers, tags)
        before = self.objects.get(key, []) if self._object_lock else []
        self.objects[key] = [*before, version]
        return version

    def _etag(self, content: bytes) -> str:
        md5 = hashlib.md5(content, usedforsecurity=False).hexdigest()
        return f'"opaque-{md5[::-1]}"' if self._opaque else f'"{md5}"'

    def _version(self, key: str, name: str) -> Version:
        for version in reversed(self.objects.get(key, [])):
            if name in {"", version.id}:
                return version
        raise _RefusedError("NoSuchKey")

    @staticmethod
    def _told(version: Version) -> dict[str, str]:
        named = {"x-amz-version-id": version.id} if version.id else {}
        return version.headers | named | {"ETag": version.etag}

    def _delete(self, key: str, name: str) -> Answer:
        version = self._version(key, name)
        locked = LOCK[1] in version.headers or version.headers.get(LOCK[2]) == "ON"
        if locked and name:
            raise _RefusedError("AccessDenied")
        self.objects[key].remove(version)
        return Answer(204)

    def _of_lock(self, key: str, request: Request, root: str, fields: dict[str, str]) -> Answer:
        if not self._object_lock:
            raise _RefusedError("InvalidRequest")
        version = self._version(key, request.query.get("versionId", ""))
        if request.method == "PUT":
            version.headers |= {header: _text(request.body, name) for name, header in fields.items()}
            return Answer(200)
        if not set(fields.values()) <= set(version.headers):
            raise _RefusedError("NoSuchObjectLockConfiguration")
        return _xml(root, "".join(_element(name, version.headers[header]) for name, header in fields.items()))

    def _of_tags(self, key: str, request: Request) -> Answer:
        version = self._version(key, request.query.get("versionId", ""))
        if request.method == "PUT":
            listed = re.findall(rb"<Tag>(.*?)</Tag>", request.body, re.DOTALL)
            if len(listed) > _MOST_TAGS:
                raise _RefusedError("InvalidTag")
            version.tags = {unescape(_text(tag, "Key")): unescape(_text(tag, "Value")) for tag in listed}
            return Answer(200)
        tags = _each("Tag", ({"Key": name, "Value": value} for name, value in version.tags.items()))
        return _xml("Tagging", f"<TagSet>{tags}</TagSet>")

    # ------------------------------------------------ multipart

    def _of_upload(self, key: str, request: Request) -> Answer:
        name = request.query.get("uploadId", "")
        if request.method == "POST" and not name:
            self._created += 1
            name = f"upload-{self._created}"
            self.uploads[name] = Multipart(key, self._kept(request))
            return _xml("InitiateMultipartUploadResult", _element("Key", key) + _element("UploadId", name))
        upload = self.uploads.get(name)
        if upload is None or upload.key != key:
            raise _RefusedError("NoSuchUpload")
        match request.method:
            case "PUT":
                upload.parts[int(request.query["partNumber"])] = request.body
                return Answer(200, {"ETag": self._etag(request.body)} | _declared(request))
            case "GET":
                return self._list_parts(name, upload, int(request.query.get("part-number-marker", 0)))
            case "POST":
                return self._complete(name, upload, request)
            case "DELETE":
                del self.uploads[name]
                return Answer(204)
        raise _RefusedError("MethodNotAllowed")

    def _complete(self, name: str, upload: Multipart, request: Request) -> Answer:
        if request.seen.get("if-none-match") == "*" and upload.key in self.objects:
            raise _RefusedError("PreconditionFailed")
        listed = re.findall(rb"<Part>(.*?)</Part>", request.body, re.DOTALL)
        asked = [(int(_text(part, "PartNumber")), _text(part, "ETag")) for part in listed]
        held = [(number, self._etag(upload.parts[number])) for number in sorted(upload.parts)]
        if not asked or not {(number, tag.strip('"')) for number, tag in asked} <= {
            (number, tag.strip('"')) for number, tag in held
        }:
            raise _RefusedError("InvalidPart")
        parts = [upload.parts[number] for number, _ in sorted(asked)]
        md5s = b"".join(hashlib.md5(part, usedforsecurity=False).digest() for part in parts)
        etag = f'{self._etag(md5s)[:-1]}-{len(parts)}"'
        version = self._add(upload.key, b"".join(parts), etag, upload.headers)
        del self.uploads[name]
        named = {"x-amz-version-id": version.id} if version.id else {}
        answer = _xml("CompleteMultipartUploadResult", _element("Key", upload.key) + _element("ETag", etag))
        return Answer(200, answer.headers | named, answer.body)

    def _list_parts(self, name: str, upload: Multipart, marker: int) -> Answer:
        left = [number for number in sorted(upload.parts) if number > marker]
        page = left[: self._page]
        more = "true" if len(page) < len(left) else "false"
        head = {"UploadId": name, "PartNumberMarker": marker, "IsTruncated": more}
        if page:
            head["NextPartNumberMarker"] = page[-1]
        listed = (
            {"PartNumber": number, "ETag": self._etag(part), "Size": len(part)}
            for number, part in ((number, upload.parts[number]) for number in page)
        )
        return _xml("ListPartsResult", _elements(head) + _each("Part", listed))

    def _list_uploads(self, prefix: str) -> Answer:
        listed = (
            {"Key": upload.key, "UploadId": name, "Initiated": "2026-01-01T00:00:00.000Z"}
            for name, upload in self.uploads.items()
            if upload.key.startswith(prefix)
        )
        return _xml("ListMultipartUploadsResult", _element("IsTruncated", "false") + _each("Upload", listed))


def error(code: str, status: int) -> Answer:
    """Return an error as S3 gives it."""
    return Answer(status, {"Content-Type": "application/xml"}, error_body(code))


def error_body(code: str) -> bytes:
    """Return the document of an error."""
    return f"<Error><Code>{code}</Code><Message>{code}</Message></Error>".encode()


def _check(request: Request) -> None:
    """Compare the body with the digests that the request declares, as far as they are seen."""
    sha256 = hashlib.sha256(request.body)
    md5 = b64encode(hashlib.md5(request.body, usedforsecurity=False).digest()).decode()
    if request.seen.get("content-md5", md5) != md5:
        raise _RefusedError("BadDigest")
    told = b64encode(sha256.digest()).decode()
    if request.method == "PUT" and request.seen.get("x-amz-checksum-sha256", told) != told:
        raise _RefusedError("BadDigest")
    signed = request.seen.get("x-amz-content-sha256", "UNSIGNED-PAYLOAD")
    if signed not in {"UNSIGNED-PAYLOAD", sha256.hexdigest()}:
        raise _RefusedError("XAmzContentSHA256Mismatch")


def _declared(request: Request) -> dict[str, str]:
    return {name: value for name, value in request.headers.items() if name == "x-amz-checksum-sha256"}


def _text(xml: bytes, name: str) -> str:
    found = re.search(f"<{name}>(.*?)</{name}>", xml.decode(), re.DOTALL)
    return found[1].replace("&quot;", '"') if found else ""


def _xml(root: str, inner: str) -> Answer:
    xmlns = "http://s3.amazonaws.com/doc/2006-03-01/"
    body = f'<?xml version="1.0" encoding="UTF-8"?><{root} xmlns="{xmlns}">{inner}</{root}>'
    return Answer(200, {"Content-Type": "application/xml"}, body.encode())


def _element(name: str, value: object) -> str:
    return f"<{name}>{escape(str(value))}</{name}>"


def _elements(values: Mapping[str, object]) -> str:
    return "".join(_element(name, value) for name, value in values.items())


def _each(name: str, items: Iterable[Mapping[str, object]]) -> str:
    return "".join(f"<{name}>{_elements(item)}</{name}>" for item in items)
