"""Docks with a tus destination that has been assessed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bwvdock.passage import FREE_PASSAGE
from tests.edges.destinations.tus_world import NO_CHECKSUMS, World, world
from tests.servers.lying_tus import LyingTus


@pytest.fixture(params=["compares", "gives back"])
def made(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    """One whose server compares digests, and one whose server only gives bytes back."""
    compares = request.param == "compares"
    with LyingTus(downloads=not compares) as server, world(tmp_path, server) as made:
        if not compares:
            server.lie(NO_CHECKSUMS)
        made.destination.assess(FREE_PASSAGE)
        server.lie()
        yield made


@pytest.fixture
def comparing(tmp_path: Path) -> Iterator[World]:
    """One whose server compares digests."""
    with LyingTus() as server, world(tmp_path, server) as made:
        made.destination.assess(FREE_PASSAGE)
        yield made
