"""Do arbitrary bytes from a server do no harm: not to the process, not to its memory, not to its time?"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bwvdock.edges.destinations import certificates, header_values
from bwvdock.edges.destinations.connections import Headers
from bwvdock.edges.destinations.s3.transport import is_sound
from bwvdock.edges.destinations.tus import answers
from tests.edges.destinations import test_hostile_s3, test_hostile_tus
from tests.edges.destinations.outcomes import strays
from tests.edges.destinations.s3_rig import S3Dock
from tests.edges.destinations.tus_world import World, world
from tests.fakes.transfer import UNLIMITED
from tests.servers.hostile import LARGE, head, raw
from tests.servers.lies import Lie
from tests.servers.lying_s3 import LyingS3
from tests.servers.lying_tus import LyingTus

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
MOST_MIB = 150
ROOT = Path(__file__).parents[3]
VALUES = st.one_of(
    st.binary(max_size=80),
    st.sampled_from(
        [b"0", b"-1", b"1e9", b"5, 5", b"Fri, 31 Dec 9999 23:59:59 -1200", b"//[::1", b"http://a:b@c:d/"]
    ),
    st.datetimes().map(lambda when: when.strftime("%a, %d %b %Y %H:%M:%S -2359").encode()),
)
NAMES = st.sampled_from(
    [
        *(
            "Location",
            "Retry-After",
            "Date",
            "Upload-Offset",
            "Upload-Length",
            "Upload-Expires",
            "Tus-Resumable",
        ),
        *("Tus-Version", "Tus-Max-Size", "Content-Length", "Content-Encoding", "Transfer-Encoding", "ETag"),
        *("Last-Modified", "Content-Range", "x-amz-object-lock-retain-until-date", "x-amz-meta-sha256"),
        "Connection",
    ]
)
STATUSES = st.sampled_from([100, 101, 103, 200, 201, 204, 206, 301, 302, 304, 307, 308, 400, 401, 403, 404])
MORE_STATUSES = st.sampled_from([405, 409, 410, 412, 413, 416, 423, 429, 460, 500, 501, 503, 507, 599, 999])
BODIES = st.one_of(
    st.binary(max_size=200),
    st.lists(
        st.sampled_from(
            [
                *("<R>", "</R>", "<Code>", "</Code>", "<Part>", "</Part>", "<Error>", "</Error>", "<ETag/>"),
                *("<UploadId>", "</UploadId>", "<IsTruncated>true</IsTruncated>", "<Size>-</Size>", "<Key/>"),
                *("&x;", "x"),
            ]
        ),
        max_size=12,
    ).map(lambda parts: "".join(parts).encode()),
)


@st.composite
def answers_of_bytes(draw: st.DrawFn) -> bytes:
    """Return an answer: mostly HTTP, with headers that are looked at, of any bytes."""
    if draw(st.integers(0, 9)) == 0:
        return draw(st.binary(max_size=300))
    lines = [b"HTTP/1.1 %d Said" % draw(st.one_of(STATUSES, MORE_STATUSES))]
    names = draw(st.lists(NAMES, max_size=6))
    lines += [name.encode() + b": " + draw(VALUES).replace(b"\n", b" ") for name in names]
    return b"\r\n".join([*lines, b"", b""]) + draw(BODIES)


# --- what is read -------------------------------------------------------------------------------------


@pytest.mark.slow
@given(st.binary(max_size=200), st.binary(max_size=60))
@settings(max_examples=10 * settings().max_examples)
def test_every_header_gives_a_value_or_none(one: bytes, two: bytes) -> None:
    text, other = one.decode("latin-1"), two.decode("latin-1")
    assert 0 <= header_values.wait(text, other, now=NOW) <= header_values.MOST_WAIT
    assert (header_values.number(text) or 0) >= 0
    found = header_values.within("https://store.example:8443/files", text)
    assert not found or (found.isascii() and found.isprintable())
    onward = header_values.onward("https://store.example:8443/files", text)
    assert onward is None or onward.startswith("https://store.example:8443/")
    assert header_values.clocks_apart(text, now=NOW).isprintable()
    assert header_values.words(text).isprintable()
    assert Headers.of({"A": text, "a": other}).said("A") is not None
    answers.length(Headers.of({"Content-Length": text}))
    is_sound(one)
    certificates.dates(one)


@pytest.mark.slow
@given(st.datetimes(), st.integers(-2359, 2359))
@settings(max_examples=10 * settings().max_examples)
def test_every_date_gives_a_wait(when: datetime, zone: int) -> None:
    text = when.strftime(f"%a, %d %b %Y %H:%M:%S {zone:+05d}")
    assert 0 <= header_values.wait(text, "", now=NOW) <= header_values.MOST_WAIT
    assert header_values.clocks_apart(text, now=NOW).isprintable()


# --- what is made of it -------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def tus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with LyingTus() as server, world(tmp_path_factory.mktemp("tus"), server) as made:
        made.destination.assess(UNLIMITED)
        made.destination.store(made.clip(number=1), UNLIMITED)
        made.restart(test_hostile_tus.HASTY)
        yield made


@pytest.mark.slow
@given(answers_of_bytes(), st.sampled_from(test_hostile_tus.REQUESTS))
@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
def test_any_bytes_of_a_tus_server_are_a_result_or_an_error(tus: World, said: bytes, method: str) -> None:
    tus.server.lie(Lie(method, instead=True, raw=raw(said)))
    assert strays(test_hostile_tus.calls(tus, 2)) == {}


@pytest.mark.slow
@given(answers_of_bytes(), st.sampled_from(sorted(test_hostile_s3.REQUESTS)))
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
def test_any_bytes_of_an_s3_store_are_a_result_or_an_error(said: bytes, request: str) -> None:
    method, query = test_hostile_s3.REQUESTS[request]
    with tempfile.TemporaryDirectory() as base, LyingS3() as server:
        dock = S3Dock(Path(base), access="AK", secret="SK")  # noqa: S106 (a server of our own believes any)
        stored, fresh = dock.clip(b"x" * 1000, number=1), dock.clip(b"y" * 1000, number=2)
        dock.destination(server.url).store(stored, UNLIMITED)
        port = dock.destination(server.url, answer_seconds=test_hostile_s3.ANSWER_SECONDS)
        server.lie(Lie(method, query=query, instead=True, raw=raw(said)))
        assert strays(test_hostile_s3.calls(port, stored, fresh)) == {}
        dock.close()


# --- how much memory it takes ---------------------------------------------------------------------------

_CLIENT = """
import sys, tempfile
from contextlib import suppress
from pathlib import Path
from bwvdock.errors import BwvdockError
from tests.edges.destinations.s3_rig import S3Dock
from tests.edges.destinations import test_hostile_s3, test_hostile_tus
from tests.edges.destinations.tus_world import destination
from tests.fakes.spooled import spooled_clip
from tests.fakes.transfer import UNLIMITED
from bwvdock.edges.spool import FileSpool

kind, *urls = sys.argv[1:]
for url in urls:
    Path("/proc/self/clear_refs").write_text("5")  # the peak is what is held now
    with tempfile.TemporaryDirectory() as base:
        if kind == "tus":
            spool = FileSpool(Path(base) / "spool", min_free=0)
            clip = spooled_clip(spool, b"x" * 100000)
            port = destination(Path(base), spool, url, test_hostile_tus.HASTY)
        else:
            dock = S3Dock(Path(base), access="AK", secret="SK")
            clip, port = dock.clip(b"x" * 100000), dock.destination(url, answer_seconds=2)
        for call in (lambda: port.assess(UNLIMITED), port.probe, lambda: port.store(clip, UNLIMITED)):
            for _ in range(2):
                with suppress(BwvdockError):
                    call()
    print(next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM")))
"""


def peaks_mib(kind: str, urls: Sequence[str]) -> list[float]:
    """Return the most memory that a process of its own took with each of these servers, in MiB."""
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(_CLIENT), kind, *urls],
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
        timeout=900,
    )
    return [int(peak) / 1024 for peak in done.stdout.split()]


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["tus", "s3"])
@pytest.mark.parametrize("begin", range(4))
def test_no_answer_takes_more_than_a_little_memory(kind: str, begin: int) -> None:
    """To start the process takes longer than to meet a server: each meets several of them."""
    names = list(LARGE)[begin::4]
    with ExitStack() as stack:
        lying = LyingTus if kind == "tus" else LyingS3
        servers = [stack.enter_context(lying(Lie(instead=True, raw=LARGE[name]))) for name in names]
        peaks = dict(zip(names, peaks_mib(kind, [server.url for server in servers]), strict=True))
    assert {name: peak for name, peak in peaks.items() if peak >= MOST_MIB} == {}


def test_a_head_of_an_answer_is_what_it_says() -> None:
    assert head(200, "A: b", length=3) == b"HTTP/1.1 200 Said\r\nA: b\r\nContent-Length: 3\r\n\r\n"
