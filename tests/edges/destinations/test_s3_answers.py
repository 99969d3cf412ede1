"""What does the S3 destination make of refusals, and of its own secrets?"""

from __future__ import annotations

import pytest

from bwvdock.errors import (
    AccessDeniedError,
    DestinationError,
    DestinationRefusedError,
    DestinationUnavailableError,
)
from tests.edges.destinations.s3_rig import S3Dock
from tests.fakes.clock import FakeClock
from tests.fakes.transfer import UNLIMITED
from tests.servers.lies import Lie, refuse
from tests.servers.lying_s3 import LyingS3, error_body

pytestmark = pytest.mark.slow  # a client of botocore takes its time to come up


def refused_with(code: str, status: int) -> Lie:
    return Lie("PUT", instead=True, status=status, body=error_body(code))


# --- what it answers ------------------------------------------------------------------------------------


def test_a_captive_portal_is_no_store(dock: S3Dock) -> None:
    clip = dock.clip(b"footage")
    with LyingS3(Lie(instead=True, status=200, body=b"<html><title>Welcome</title></html>")) as server:
        destination = dock.destination(server.url)
        for call in (destination.store, destination.prove):
            with pytest.raises(DestinationUnavailableError, match="not an S3 store"):
                call(clip, UNLIMITED)


@pytest.mark.parametrize(
    "given,seconds",
    [
        ("7", 7),
        ("-5", 0),
        ("0", 0),
        ("nan", 0),
        ("soon", 0),
        ("99999999", 3600),
        ("Sat, 14 Mar 2026 11:00:00 GMT", 1700),
        ("Sat, 14 Mar 2026 09:00:00 GMT", 0),
    ],
)
def test_retry_after_is_heeded(dock: S3Dock, given: str, seconds: int) -> None:
    clip = dock.clip(b"footage")
    with LyingS3(refuse("PUT", 503, Retry_After=given)) as server:
        with pytest.raises(DestinationUnavailableError) as caught:
            dock.destination(server.url, clock=FakeClock()).store(clip, UNLIMITED)
        assert caught.value.retry_after == seconds
        assert len(server.asked("PUT")) == 1, "no retries but our own"


@pytest.mark.parametrize(
    "code,status,kind,remedy",
    [
        ("AccessDenied", 403, AccessDeniedError, "secret_key_file"),
        ("SignatureDoesNotMatch", 403, AccessDeniedError, "secret_key_file"),
        ("ExpiredToken", 401, AccessDeniedError, "access_key_file"),
        ("RequestTimeTooSkewed", 403, DestinationUnavailableError, "timedatectl"),
        ("NoSuchBucket", 404, DestinationUnavailableError, "Create the bucket"),
        ("AuthorizationHeaderMalformed", 400, DestinationUnavailableError, "region"),
        ("PermanentRedirect", 301, DestinationUnavailableError, "endpoint"),
        ("BadDigest", 400, DestinationUnavailableError, "network"),
        ("QuotaExceeded", 403, DestinationUnavailableError, "room"),
        ("InsufficientStorage", 507, DestinationUnavailableError, "room"),
        ("SlowDown", 503, DestinationUnavailableError, "by itself"),
        ("EntityTooLarge", 400, DestinationRefusedError, "limit"),
        ("", 413, DestinationRefusedError, "limit"),
    ],
)
def test_each_refusal_says_who_must_act(
    dock: S3Dock, code: str, status: int, kind: type[DestinationError], remedy: str
) -> None:
    clip = dock.clip(b"footage")
    with LyingS3(refused_with(code, status)) as server, pytest.raises(kind) as caught:
        dock.destination(server.url).store(clip, UNLIMITED)
    assert type(caught.value) is kind
    assert remedy in caught.value.remedy


def test_a_read_that_is_refused_says_who_must_act_too(dock: S3Dock) -> None:
    clip = dock.clip(b"footage")
    with LyingS3(Lie(blind=("x-amz-content-sha256", "x-amz-checksum-sha256", "content-md5"))) as server:
        destination = dock.destination(server.url)
        destination.assess(UNLIMITED)
        destination.store(clip, UNLIMITED)
        server.lie(Lie("GET", instead=True, status=403, body=error_body("AccessDenied")))
        with pytest.raises(AccessDeniedError, match="get_object was answered 403 AccessDenied"):
            destination.prove(clip, UNLIMITED)


def test_a_redirect_says_from_where_and_to_where(dock: S3Dock) -> None:
    headers = {"Location": "https://new.example.org/\x9b2J?X-Amz-Signature=secret"}
    with (
        LyingS3(Lie("PUT", instead=True, status=307, headers=headers)) as server,
        pytest.raises(DestinationUnavailableError) as caught,
    ):
        dock.destination(server.url).store(dock.clip(b"footage"), UNLIMITED)
    said = "put_object was answered 307: Temporary Redirect; it redirects"
    assert caught.value.message.endswith(f"{said} {server.url} to https://new.example.org/\\u{{9b}}2J")
    assert "endpoint" in caught.value.remedy


def test_a_head_that_is_refused_by_a_store_whose_clock_is_another_names_both_times(dock: S3Dock) -> None:
    clock = FakeClock()
    date = {"Date": "Sat, 14 Mar 2026 19:00:00 GMT"}
    with LyingS3(Lie(instead=True, status=403, headers=date)) as server:
        probe = dock.destination(server.url, clock=clock).probe
        with pytest.raises(DestinationUnavailableError) as caught:
            probe()
    ours = clock.now().strftime("%Y-%m-%d %H:%M:%S UTC")
    assert f"this dock's clock says {ours}, the store's 2026-03-14 19:00:00 UTC" in caught.value.message
    assert "timedatectl" in caught.value.remedy


def test_what_a_store_says_cannot_act_on_a_terminal(dock: S3Dock) -> None:
    clip = dock.clip(b"footage")
    body = "<Error><Code>No</Code><Message>\u202e\u009b31m" + "x" * 5000 + "</Message></Error>"
    with (
        LyingS3(Lie("PUT", instead=True, status=400, body=body.encode())) as server,
        pytest.raises(DestinationUnavailableError) as caught,
    ):
        dock.destination(server.url).store(clip, UNLIMITED)
    assert caught.value.message.isprintable()
    assert len(caught.value.message) < 500


# --- secrets --------------------------------------------------------------------------------------------


def test_a_rotated_key_is_used_at_once(dock: S3Dock) -> None:
    clip = dock.clip(b"footage")
    with LyingS3() as server:
        destination = dock.destination(server.url)
        destination.store(clip, UNLIMITED)
        dock.access_file.write_text("ROTATED\n")
        server.requests.clear()
        destination.prove(clip, UNLIMITED)
        assert all("Credential=ROTATED/" in request.headers["authorization"] for request in server.requests)


@pytest.mark.parametrize("content", [None, b"", b"\xff\xfe", b"x" * 5000])
def test_a_secret_that_is_none_is_said_by_its_place_alone(dock: S3Dock, content: bytes | None) -> None:
    clip = dock.clip(b"footage")
    if content is None:
        dock.secret_file.unlink()
    else:
        dock.secret_file.write_bytes(content)
    with LyingS3() as server:
        with pytest.raises(AccessDeniedError) as caught:
            dock.destination(server.url).store(clip, UNLIMITED)
        assert str(dock.secret_file) in caught.value.message
        assert server.requests == []
