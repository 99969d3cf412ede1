"""Does footage come whole to real stores behind TLS where a proxy, which cuts, is the only way out?"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bwvdock.core.ports import PIECE_BYTES
from bwvdock.edges.destinations.access import Access
from bwvdock.edges.destinations.http import Web
from bwvdock.edges.destinations.s3.destination import S3Destination
from bwvdock.edges.destinations.tus.destination import TusDestination
from bwvdock.edges.destinations.upload_notes import Notes
from bwvdock.edges.spool import FileSpool
from bwvdock.errors import DestinationUnavailableError
from tests.edges.destinations.s3_rig import S3Dock, keys_of
from tests.fakes.footage import footage
from tests.fakes.spooled import spooled_clip
from tests.fakes.transfer import UNLIMITED
from tests.fakes.uploads import Watched
from tests.servers.faults import Cut
from tests.servers.http_proxy import CREDENTIALS, HttpProxy
from tests.servers.process import HOST
from tests.servers.relay import Relay
from tests.servers.s3_rclone import S3Rclone
from tests.servers.tls import Authority, server_context, tls_in_front_of
from tests.servers.tus_node import TusNode

pytestmark = pytest.mark.interop

SIZE = 2 * PIECE_BYTES + 70_000
CUT_AT = PIECE_BYTES + PIECE_BYTES // 2


@pytest.fixture
def proxy() -> Iterator[HttpProxy]:
    with HttpProxy() as made:
        yield made


@pytest.fixture
def credentials(tmp_path: Path) -> str:
    (tmp_path / "proxy").write_text(CREDENTIALS)
    return str(tmp_path / "proxy")


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


def tus(url: str, folder: Path, spool: FileSpool, access: Access) -> TusDestination:
    made = TusDestination(
        Web(url, access, name="county"),
        name="county",
        spool=spool,
        notes=Notes(folder / "uploads", destination="county"),
        manifest=lambda clip: {"clip": clip.id},
    )
    made.assess(UNLIMITED)
    return made


def test_a_tus_upload_resumes_through_a_proxy_that_cuts(
    tmp_path: Path, proxy: HttpProxy, authority: Authority, credentials: str
) -> None:
    spool = FileSpool(tmp_path / "spool", min_free=0)
    clip = spooled_clip(spool, footage(SIZE), number=1)
    transfer = Watched()
    with (
        TusNode() as server,
        tls_in_front_of(server.port, server_context(authority.sign("server"))) as port,
        Relay(proxy.port) as way,
    ):
        url = server.url.replace("http://", "https://").replace(f":{server.port}", f":{port}")
        access = Access(
            proxy=f"http://{HOST}:{way.port}",
            proxy_credentials_file=credentials,
            ca_file=str(authority.ca_file),
        )
        destination = tus(url, tmp_path, spool, access)
        way.arm(Cut(CUT_AT))
        path = destination.store(clip, transfer)  # it asks for the offset and goes on by itself
        assert destination.prove(clip, UNLIMITED).sha256 == clip.sha256
        destination.close()
        assert server.stored_sha256(f"{server.url.rstrip('/')}/{path.rpartition('/')[2]}") == clip.sha256
        assert way.fired
        assert way.sent > SIZE  # all of it went that way
    assert transfer.taken < 1.3 * SIZE  # it resumed, and did not begin anew
    spool.close()


def s3(dock: S3Dock, url: str, way: Relay, file: str, ca_file: str = "") -> S3Destination:
    made = dock.destination(
        url, proxy=f"http://{HOST}:{way.port}", proxy_credentials_file=file, ca_file=ca_file
    )
    made.assess(UNLIMITED)
    return made


def test_an_s3_upload_resumes_through_a_proxy_that_cuts(
    tmp_path: Path, proxy: HttpProxy, authority: Authority, credentials: str
) -> None:
    first, rest = Watched(), Watched()
    with (
        S3Rclone() as server,
        tls_in_front_of(server.port, server_context(authority.sign("server"))) as port,
        Relay(proxy.port) as way,
    ):
        url, ca_file = f"https://{HOST}:{port}", str(authority.ca_file)
        dock = S3Dock(tmp_path, access=server.access_key, secret=server.secret_key)
        server.client().create_bucket(Bucket="evidence")
        clip = dock.clip(footage(SIZE))
        destination = s3(dock, url, way, credentials, ca_file)
        way.arm(Cut(CUT_AT))
        with pytest.raises(DestinationUnavailableError):
            destination.store(clip, first)
        destination = s3(dock, url, way, credentials, ca_file)
        destination.store(clip, rest)
        assert server.stored_sha256("evidence", keys_of(clip)[0]) == clip.sha256
        assert destination.prove(clip, UNLIMITED).sha256 == clip.sha256
        assert way.sent > SIZE
        dock.close()
    assert 0 < rest.taken < SIZE


def test_without_tls_the_proxy_hands_requests_on(tmp_path: Path, proxy: HttpProxy, credentials: str) -> None:
    with S3Rclone() as server, Relay(proxy.port) as way:
        dock = S3Dock(tmp_path, access=server.access_key, secret=server.secret_key)
        server.client().create_bucket(Bucket="evidence")
        clip = dock.clip(footage(70_000))
        s3(dock, server.url, way, credentials).store(clip, UNLIMITED)
        assert server.stored_sha256("evidence", keys_of(clip)[0]) == clip.sha256
        assert way.sent > 70_000
        dock.close()


def test_what_the_proxy_refuses_is_said_of_the_proxy(tmp_path: Path, proxy: HttpProxy) -> None:
    wrong = tmp_path / "wrong"
    wrong.write_text("dock:another")
    where = f"http://{HOST}:{proxy.port}"

    def refused(url: str, file: str = "") -> DestinationUnavailableError:
        with pytest.raises(DestinationUnavailableError) as caught:
            Web(url, Access(proxy=where, proxy_credentials_file=file), name="county").ask("GET", url, {})
        return caught.value

    for url in ("https://evidence.invalid/files", "http://evidence.invalid/files"):
        asks, rejects = refused(url), refused(url, str(wrong))
        assert f"the proxy {HOST}:{proxy.port} asks for a user and a password" in asks.message
        assert "proxy_credentials_file" in asks.remedy
        assert f"the proxy {HOST}:{proxy.port} rejects the dock's user and password" in rejects.message
        assert "another" not in rejects.message
