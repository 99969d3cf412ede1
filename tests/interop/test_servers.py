"""Do the servers run, and does each one's disk show what it was given? Spoken to by hand, not by our code."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from urllib.parse import urljoin

import pytest
import requests

from tests.servers.tus import TusServer
from tests.servers.tus_node import TusNode
from tests.servers.tus_python import TusPython

BYTES = bytes(range(256)) * 1000
HALF = len(BYTES) // 2
TUS = {"Tus-Resumable": "1.0.0"}


def _create(server: TusServer, size: int = len(BYTES)) -> str:
    metadata = f"filename {b64encode(b'clip.mp4').decode()},filetype {b64encode(b'video/mp4').decode()}"
    headers = TUS | {"Upload-Length": str(size), "Upload-Metadata": metadata}
    answer = requests.post(server.url, headers=headers, timeout=10)
    assert answer.status_code == 201
    return urljoin(server.url, answer.headers["Location"])


def _patch(url: str, offset: int, body: bytes, **more: str) -> requests.Response:
    kind = {"Content-Type": "application/offset+octet-stream", "Upload-Offset": str(offset)}
    return requests.patch(url, data=body, headers=TUS | kind | more, timeout=10)


def _offset(url: str) -> int:
    return int(requests.head(url, headers=TUS, timeout=10).headers["Upload-Offset"])


def _checksum(body: bytes) -> dict[str, str]:
    return {"Upload-Checksum": f"sha256 {b64encode(hashlib.sha256(body).digest()).decode()}"}


def test_a_tus_server_keeps_what_it_was_given(tus_server: TusServer) -> None:
    url = _create(tus_server)
    assert _patch(url, 0, BYTES[:HALF]).ok
    assert tus_server.stored(url) == BYTES[:HALF]
    assert _patch(url, HALF, BYTES[HALF:]).ok
    assert tus_server.stored(url) == BYTES
    assert tus_server.stored_sha256(url) == hashlib.sha256(BYTES).hexdigest()


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


@pytest.mark.interop
@pytest.mark.parametrize("kind", [TusNode, TusPython])
def test_an_expired_upload_is_gone(kind: type[TusNode | TusPython]) -> None:
    with kind(expires=1) as server:
        url = _create(server)
        assert _patch(url, 0, BYTES[:HALF]).ok
        asked = (requests.head(url, headers=TUS, timeout=10).status_code for _ in range(20_000))
        assert next(code for code in asked if code >= 400) in {404, 410}


def test_what_is_not_there_is_not_found_on_the_disk(tus_server: TusServer) -> None:
    with pytest.raises(FileNotFoundError):
        tus_server.stored(f"{tus_server.url}/nothing")
