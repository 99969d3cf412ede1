"""Does whatever reaches a witness give back what it answers, whoever implements the port?"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bwvdock.core.custody.c2sp.checkpoint import read_signed_checkpoint
from bwvdock.core.custody.c2sp.submission import read_cosignature_lines
from bwvdock.core.ports.witness import Witness, WitnessAnswer
from bwvdock.edges.witnessing.client import HttpWitness
from tests.fakes.witness import FakeWitness
from tests.witness.logs import Log, Station
from tests.witness.test_http_server import serving

LOG = Log()


@pytest.fixture(params=["fake", "http"])
def witness(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Witness]:
    if request.param == "http":
        with serving(tmp_path) as (_, port):
            client = HttpWitness(f"http://127.0.0.1:{port}/", name="hq")
            yield client
            client.close()
        return
    station = Station(tmp_path)
    station.logs.add("LEW-03", str(LOG.key))
    with station.store() as store:
        yield FakeWitness(station, store)


@pytest.mark.slow
def test_a_checkpoint_is_confirmed_and_published(witness: Witness) -> None:
    assert witness.latest(LOG.origin) == b""
    answer = witness.add_checkpoint(LOG.request(0, 5))
    assert answer.status == 200
    assert len(read_cosignature_lines(answer.body)) == 1
    assert read_signed_checkpoint(witness.latest(LOG.origin)).checkpoint == LOG.head(5)


@pytest.mark.slow
def test_refusals_come_back_as_they_are(witness: Witness) -> None:
    witness.add_checkpoint(LOG.request(0, 5))
    assert witness.add_checkpoint(LOG.request(0, 9)) == WitnessAnswer(409, b"5\n")
    assert witness.add_checkpoint(LOG.branch(2).request(5, 9)).status == 422
    assert witness.add_checkpoint(b"nonsense").status == 400
    assert witness.add_checkpoint(Log(origin="unknown.example/x").request(0, 1)).status == 404
