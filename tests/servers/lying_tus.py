"""A small tus 1.0 server that lies as it is told. Where it is not told, it checks checksums and offsets."""

from __future__ import annotations

import base64
import binascii
import hashlib
import ssl
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from tests.servers.lies import Lie
from tests.servers.lying import Answer, LyingServer, Request, ranged

_PATH = "/files"
_TUS = {"Tus-Resumable": "1.0.0"}
_CAN = {
    "Tus-Version": "1.0.0",
    "Tus-Extension": "creation,checksum,expiration,termination",
    "Tus-Checksum-Algorithm": "sha1,sha256",
}
_BODY = "application/offset+octet-stream"


@dataclass
class Upload:
    """One upload: what was promised, and what has come."""

    size: int
    metadata: str
    content: bytearray = field(default_factory=bytearray)


class LyingTus(LyingServer):
    """Uploads are named upload-1, upload-2, … in the order of their creation.

    A PATCH whose Upload-Offset is not seen goes to the end.

    Args:
        lies: To tell, from the start.
        token: Bearer token that it wants; empty for none.
        expires: An `Upload-Expires` that it promises.
        metadata: Keys without which it refuses an upload.
        downloads: Whether it gives content back.
        at_once: Whether an upload may be made with its bytes.
        tls: To serve HTTPS.
    """

    def __init__(
        self,
        *lies: Lie,
        token: str = "",
        expires: str = "",
        metadata: tuple[str, ...] = (),
        downloads: bool = False,
        at_once: bool = False,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        super().__init__(*lies, tls=tls)
        self.uploads: dict[str, Upload] = {}
        self._created = 0
        self._token = token
        self._expires = {"Upload-Expires": expires} if expires else {}
        self._metadata = metadata
        self._downloads = downloads
        self._at_once = at_once

    @property
    def url(self) -> str:
        """Its endpoint."""
        return super().url + _PATH

    def stored(self, url: str) -> bytes:
        """Return what it holds of the upload with this URL; KeyError if it knows none."""
        return bytes(self.uploads[urlsplit(url).path.rpartition("/")[2]].content)

    def lose(self, name: str) -> None:
        """Forget an upload altogether, as one that has expired."""
        with self.lock:
            del self.uploads[name]

    def forget(self, request: Request, part: float) -> None:
        upload = self._upload(request)
        if upload is not None:
            del upload.content[round(len(upload.content) * (1 - part)) :]

    def facts(self, request: Request) -> dict[str, object]:
        upload = self._upload(request) or Upload(0, "")
        offset = len(upload.content)
        claimed = int(request.headers.get("upload-offset", 0)) + len(request.body)
        known = {"size": upload.size, "offset": offset, "beyond": upload.size + 1, "half": offset // 2}
        newest = f"upload-{self._created}"
        return super().facts(request) | known | {"claimed": claimed, "id": newest}

    def _upload(self, request: Request) -> Upload | None:
        return self.uploads.get(request.path.rpartition("/")[2])

    def answer(self, request: Request) -> Answer:
        if request.method == "OPTIONS":
            more = {"Tus-Extension": f"{_CAN['Tus-Extension']},creation-with-upload"} if self._at_once else {}
            return Answer(204, _TUS | _CAN | more)
        if self._token and request.headers.get("authorization") != f"Bearer {self._token}":
            return Answer(401, _TUS | {"WWW-Authenticate": "Bearer"})
        if request.method != "GET" and request.headers.get("tus-resumable") != "1.0.0":
            return Answer(412, _CAN)
        if request.method == "POST":
            return self._create(request) if request.path == _PATH else Answer(405, _TUS)
        upload = self._upload(request)
        return Answer(404, _TUS) if upload is None else self._treat(upload, request)

    def _treat(self, upload: Upload, request: Request) -> Answer:
        match request.method:
            case "HEAD":
                return Answer(200, self._state(upload) | {"Cache-Control": "no-store"})
            case "PATCH":
                return self._append(upload, request)
            case "DELETE":
                del self.uploads[request.path.rpartition("/")[2]]
                return Answer(204, _TUS)
            case "GET" if self._downloads:
                return ranged(request, bytes(upload.content))
        return Answer(405, _TUS)

    def _create(self, request: Request) -> Answer:
        given = request.headers.get("upload-metadata")
        keys = {pair.split(" ")[0] for pair in (given or "").split(",")}
        if given == "" or not keys.issuperset(self._metadata):
            return Answer(400, _TUS)
        if request.body and (not self._at_once or request.headers.get("content-type") != _BODY):
            return Answer(415, _TUS)
        self._created += 1
        name = f"upload-{self._created}"
        made = self.uploads[name] = Upload(int(request.headers["upload-length"]), given or "")
        made.content += request.body
        offset = {"Upload-Offset": str(len(made.content))} if request.body else {}
        return Answer(201, _TUS | self._expires | offset | {"Location": f"{self.url}/{name}"})

    def _state(self, upload: Upload) -> dict[str, str]:
        unfinished = self._expires if len(upload.content) < upload.size else {}
        offset = {"Upload-Offset": str(len(upload.content)), "Upload-Length": str(upload.size)}
        return _TUS | unfinished | offset

    def _append(self, upload: Upload, request: Request) -> Answer:
        if request.headers.get("content-type") != _BODY:
            return Answer(415, _TUS)
        if int(request.seen.get("upload-offset", len(upload.content))) != len(upload.content):
            return Answer(409, _TUS)
        if refusal := _checksum(request):
            return Answer(refusal, _TUS)
        if len(upload.content) + len(request.body) > upload.size:
            return Answer(413, _TUS)
        upload.content += request.body
        state = self._state(upload)
        del state["Upload-Length"]
        return Answer(204, state)


def _checksum(request: Request) -> int:
    """Return the status with which a request's checksum is refused, 0 if it is right or not given."""
    if "upload-checksum" not in request.seen:
        return 0
    name, _, told = request.seen["upload-checksum"].partition(" ")
    if name not in {"sha1", "sha256"}:
        return 400
    try:
        digest = base64.b64decode(told, validate=True)
    except binascii.Error:
        return 400
    return 0 if hashlib.new(name, request.body).digest() == digest else 460
