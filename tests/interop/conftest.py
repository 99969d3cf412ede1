"""Real servers for the tests of uploads. Each starts once; tests make uploads or a bucket of its own."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from itertools import count

import pytest

from tests.servers.s3 import S3Server
from tests.servers.s3_rclone import S3Rclone
from tests.servers.s3_rgw import S3Rgw
from tests.servers.s3_swift import S3Swift
from tests.servers.tus import TusServer
from tests.servers.tus_node import TusNode
from tests.servers.tus_python import TusPython
from tests.servers.tus_uploadx import TusUploadx

_REAL = {"tus_server", "s3_server", "s3_bucket", "rgw", "aics_witness"}
_TUS = [TusNode, TusPython, TusUploadx]
_S3 = [S3Swift, S3Rclone]
_numbers = count(1)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark each test that starts a real server, so that `make check` leaves it out."""
    for item in items:
        wanted = set(getattr(item, "fixturenames", ()))
        if _REAL & wanted:
            item.add_marker("interop")
        if "rgw" in wanted:
            item.add_marker("rgw")


@pytest.fixture(scope="session", params=_TUS, ids=lambda kind: kind.__name__)
def tus_server(request: pytest.FixtureRequest) -> Iterator[TusServer]:
    """Each of the tus servers in turn. Who freezes or kills one leaves it running."""
    with request.param() as server:
        yield server


@pytest.fixture(scope="session", params=_S3, ids=lambda kind: kind.__name__)
def s3_server(request: pytest.FixtureRequest) -> Iterator[S3Server]:
    """Each of the S3 servers in turn. Who freezes or kills one leaves it running."""
    with request.param() as server:
        yield server


@pytest.fixture(autouse=True)
def _is_there(request: pytest.FixtureRequest) -> None:
    """A server that ended in one test (one of Node's whose file is removed may) fails that one alone."""
    for name in {"tus_server", "s3_server"} & set(request.fixturenames):
        request.getfixturevalue(name).revive()


@pytest.fixture
def s3_bucket(s3_server: S3Server) -> str:
    """Return the name of a new, empty bucket."""
    name = f"bucket-{next(_numbers)}"
    s3_server.client().create_bucket(Bucket=name)
    return name


@pytest.fixture(scope="session")
def rgw() -> Iterator[S3Rgw]:
    """RadosGW, which has Object Lock; only where Ceph is installed (`make interop-rgw`)."""
    if not shutil.which("radosgw"):
        pytest.skip("`make interop-rgw` installs RadosGW")
    with S3Rgw() as server:
        yield server
