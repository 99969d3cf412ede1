"""Docks with a tus destination that has been assessed, and one for buckets."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.edges.destinations.s3_rig import S3Dock
from tests.edges.destinations.tus_world import NO_CHECKSUMS, World, world
from tests.fakes.transfer import UNLIMITED
from tests.servers.lying_tus import LyingTus


@pytest.fixture(params=["compares", pytest.param("gives back", marks=pytest.mark.slow)])
def made(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    """One whose server compares digests, and one whose server only gives bytes back."""
    compares = request.param == "compares"
    with LyingTus(downloads=not compares) as server, world(tmp_path, server) as made:
        if not compares:
            server.lie(NO_CHECKSUMS)
        made.destination.assess(UNLIMITED)
        server.lie()
        yield made


@pytest.fixture
def comparing(tmp_path: Path) -> Iterator[World]:
    """One whose server compares digests."""
    with LyingTus() as server, world(tmp_path, server) as made:
        made.destination.assess(UNLIMITED)
        yield made


@pytest.fixture
def dock(tmp_path: Path) -> Iterator[S3Dock]:
    """One that can bring clips to a bucket."""
    dock = S3Dock(tmp_path, access="AK", secret="SK")  # noqa: S106 (a server of our own believes any)
    yield dock
    dock.close()
