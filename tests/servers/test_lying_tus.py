"""Is the liar honest where it is not told to lie, and does it tell every lie in the tables?"""

from __future__ import annotations

import hashlib
import http.client
from base64 import b64encode
from functools import cache
from urllib.parse import urljoin

import pytest
import requests

from tests.servers import lies
from tests.servers.lies import Lie, location, refuse
from tests.servers.lying_tus import LyingTus

TUS = {"Tus-Resumable": "1.0.0"}
BODY = TUS | {"Content-Type": "application/offset+octet-stream"}
BYTES = bytes(range(256))
TOKEN = "open sesame"  # noqa: S105


def _create(server: LyingTus) -> requests.Response:
    headers = TUS | {"Upload-Length": str(len(BYTES)), "Upload-Metadata": "filename YQ=="}
    return requests.post(server.url, headers=headers, timeout=60)


def _patch(url: str, offset: int, body: bytes, **more: str) -> requests.Response:
    return requests.patch(url, data=body, headers=BODY | {"Upload-Offset": str(offset)} | more, timeout=60)


def _offset(url: str) -> int:
    return int(requests.head(url, headers=TUS, timeout=60).headers["Upload-Offset"])


def test_it_is_an_honest_server_where_it_is_not_told_to_lie() -> None:
    with LyingTus() as server:
        url = _create(server).headers["Location"]
        assert _patch(url, 0, BYTES[:100]).headers["Upload-Offset"] == "100"
        assert _patch(url, 0, BYTES).status_code == 409
        wrong = {"Upload-Checksum": f"sha256 {b64encode(hashlib.sha256(b'x').digest()).decode()}"}
        assert _patch(url, 100, BYTES[100:], **wrong).status_code == 460
        assert _offset(url) == 100
        right = {"Upload-Checksum": f"sha256 {b64encode(hashlib.sha256(BYTES[100:]).digest()).decode()}"}
        assert _patch(url, 100, BYTES[100:], **right).status_code == 204
        assert server.stored(url) == BYTES
        assert requests.delete(url, headers=TUS, timeout=60).status_code == 204
        assert requests.head(url, headers=TUS, timeout=60).status_code == 404


def test_it_wants_its_token_and_its_version() -> None:
    with LyingTus(token=TOKEN) as server:
        assert _create(server).status_code == 401
        assert (
            requests.post(server.url, headers={"Authorization": f"Bearer {TOKEN}"}, timeout=60).status_code
            == 412
        )
        assert server.asked("POST")[1].headers["authorization"] == f"Bearer {TOKEN}"


def test_a_lie_is_told_from_the_first_as_often_as_it_says() -> None:
    with LyingTus(refuse("HEAD", 423, first=2, times=2)) as server:
        url = _create(server).headers["Location"]
        asked = [requests.head(url, headers=TUS, timeout=60).status_code for _ in range(4)]
        assert asked == [200, 423, 423, 200]


def test_a_lie_about_one_upload_is_not_told_of_another() -> None:
    with LyingTus(Lie(upload="/upload-1", instead=True, status=404)) as server:
        urls = [_create(server).headers["Location"] for _ in range(2)]
        assert [requests.head(url, headers=TUS, timeout=60).status_code for url in urls] == [404, 200]


def test_a_short_offset_is_true_and_a_silent_loss_is_not() -> None:
    with LyingTus(*lies.TUS_SURVIVABLE["2 short offset"]) as server:
        url = _create(server).headers["Location"]
        assert _patch(url, 0, BYTES).headers["Upload-Offset"] == "128"
        assert len(server.stored(url)) == 128
    with LyingTus(*lies.TUS_SILENT["25 bytes lost, and owned to when asked"]) as server:
        url = _create(server).headers["Location"]
        assert _patch(url, 0, BYTES).headers["Upload-Offset"] == "256"
        assert _offset(url) == 128


def test_what_was_stored_is_forgotten() -> None:
    with LyingTus(*lies.TUS_SURVIVABLE["7 offset goes backwards"]) as server:
        url = _create(server).headers["Location"]
        _patch(url, 0, BYTES[:100])
        assert [_offset(url) for _ in range(3)] == [100, 50, 50]


def test_an_early_answer_comes_before_the_body() -> None:
    with LyingTus(*lies.TUS_SURVIVABLE["14 413 early"]) as server:
        url = _create(server).headers["Location"]
        client = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
        client.putrequest("PATCH", url)
        client.putheader("Content-Length", str(2 << 20))
        client.endheaders()
        assert client.getresponse().status == 413
        client.close()
        assert _patch(url, 0, BYTES).ok


@pytest.mark.slow
@pytest.mark.parametrize(
    "form", ["/files/{id}", "files/{id}", "//{here}/files/{id}", "http://{here}/files/{id}?a=b"]
)
def test_a_location_has_the_form_that_is_ordered(form: str) -> None:
    with LyingTus(location(form)) as server:
        given = _create(server).headers["Location"]
        assert given == form.format(here=f"127.0.0.1:{server.port}", id="upload-1")
        assert _offset(urljoin(server.url, given)) == 0


def test_a_cached_answer_is_old_unless_a_fresh_one_is_asked_for() -> None:
    with LyingTus(Lie("HEAD", cached=True)) as server:
        url = _create(server).headers["Location"]
        assert _offset(url) == 0
        _patch(url, 0, BYTES)
        assert _offset(url) == 0
        fresh = requests.head(url, headers=TUS | {"Cache-Control": "no-cache"}, timeout=60)
        assert fresh.headers["Upload-Offset"] == "256"


@pytest.mark.slow
def test_an_answer_that_is_lost_was_meant_and_a_stalled_one_never_comes() -> None:
    with LyingTus(Lie("PATCH", hang_up=True, times=1), Lie("PATCH", stall=True, first=2)) as server:
        url = _create(server).headers["Location"]
        with pytest.raises(requests.ConnectionError):
            _patch(url, 0, BYTES[:100])
        assert _offset(url) == 100
        with pytest.raises(requests.ReadTimeout):
            requests.patch(url, data=BYTES[100:], headers=BODY | {"Upload-Offset": "100"}, timeout=0.2)
        assert server.stored(url) == BYTES


def test_an_interim_answer_comes_first() -> None:
    with LyingTus(*lies.TUS_SURVIVABLE["33 interim 104"]) as server:
        client = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
        client.request("OPTIONS", "/files")
        answer = client.getresponse()  # http.client knows no interim answer but 100
        assert (answer.status, answer.getheader("Upload-Limit")) == (104, "max-size=1000000")
        client.close()


@pytest.mark.slow
@pytest.mark.parametrize(
    "lies",
    [
        pytest.param(told, id=name)
        for table in (lies.TUS_SURVIVABLE, lies.TUS_HOPELESS, lies.TUS_SILENT)
        for name, told in table.items()
    ],
)
def test_every_lie_in_the_tables_shows(lies: tuple[Lie, ...]) -> None:
    assert _walk(*lies) != _honest_walk()


@cache
def _honest_walk() -> list[object]:
    return _walk()


def _walk(*told: Lie) -> list[object]:
    """Go through an upload, and a second one, as nobody should: whatever is said."""
    with LyingTus(*told) as server:
        seen: list[object] = []
        for path in ("/files/upload-1", "/files/upload-2"):
            for number in range(5):
                for method, url, body in (
                    ("POST", "/files", b""),
                    ("HEAD", path, b""),
                    ("PATCH", path, bytes(2 << 20) if number == 4 else BYTES),
                ):
                    seen.append(_ask(server, method, url, body, number * len(BYTES)))
                    if seen[-1] is TimeoutError:
                        return seen
        return [*seen, {name: bytes(upload.content) for name, upload in server.uploads.items()}]


def _ask(server: LyingTus, method: str, url: str, body: bytes, offset: int) -> object:
    headers = BODY | {"Upload-Length": "2560", "Upload-Offset": str(offset)}
    wrong = {"Upload-Checksum": f"sha256 {b64encode(bytes(32)).decode()}"} if offset == 512 else {}
    client = http.client.HTTPConnection("127.0.0.1", server.port, timeout=0.2)
    try:
        client.request(method, url, body, headers | wrong)
        answer = client.getresponse()
        kept = {name: value.replace(str(server.port), "PORT") for name, value in answer.getheaders()}
        return (answer.status, kept, answer.read())
    except OSError as error:
        return type(error)
    except http.client.HTTPException as error:
        return type(error)
    finally:
        client.close()
