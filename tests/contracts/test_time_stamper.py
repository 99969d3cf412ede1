"""What does every time-stamping authority promise? Run on the one behind HTTP and on the fake."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from bwvdock.core.custody.time_stamp import query, read_answer
from bwvdock.core.ports.signing import TimeStamper
from bwvdock.edges.signing.time_stamping import HttpTimeStamper
from bwvdock.errors import DestinationUnavailableError
from tests.fakes.time_stamper import FakeTimeStamper
from tests.servers.tsa import TimeStampingServer


@pytest.fixture(params=[pytest.param("http", marks=pytest.mark.slow), "fake"])
def authority(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[TimeStamper]:
    if request.param == "fake":
        yield FakeTimeStamper()
        return
    with TimeStampingServer(tmp_path / "tsa") as server:
        yield HttpTimeStamper(server.url)


@pytest.mark.parametrize("nonce", [0, 127, 128, 2**64 - 1])
def test_what_it_answers_is_about_what_it_was_asked(authority: TimeStamper, nonce: int) -> None:
    stated = read_answer(authority.stamp(query(b"content", nonce)))
    assert (stated.digest, stated.nonce) == (hashlib.sha256(b"content").digest(), nonce)


def test_one_that_is_away_says_so() -> None:
    with pytest.raises(DestinationUnavailableError):
        HttpTimeStamper("http://127.0.0.1:9/").stamp(query(b"", 0))
