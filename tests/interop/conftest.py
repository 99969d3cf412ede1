"""Real servers for the tests of uploads. Each starts once; tests make uploads or a bucket of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.servers.tus import TusServer
from tests.servers.tus_node import TusNode
from tests.servers.tus_python import TusPython
from tests.servers.tus_uploadx import TusUploadx

_REAL = {"tus_server", "s3_server", "s3_bucket"}
_TUS = [TusNode, TusPython, TusUploadx]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark each test that starts a real server, so that `make check` leaves it out."""
    for item in items:
        if _REAL & set(getattr(item, "fixturenames", ())):
            item.add_marker("interop")


@pytest.fixture(scope="session", params=_TUS, ids=lambda kind: kind.__name__)
def tus_server(request: pytest.FixtureRequest) -> Iterator[TusServer]:
    """Each of the tus servers in turn. Who freezes or kills one leaves it running."""
    with request.param() as server:
        yield server
