"""The servers of the matrix: how each is made, spoken to by us and others, and looked into."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from itertools import count
from typing import Protocol
from urllib.parse import urljoin

import requests

from tests.faults.matrix import Trouble
from tests.faults.ours import Place
from tests.servers.disk import SmallDisk
from tests.servers.faults import BlackHole, Stall
from tests.servers.process import Server
from tests.servers.s3 import S3Server
from tests.servers.s3_rclone import S3Rclone
from tests.servers.s3_swift import S3Swift
from tests.servers.tus import TusServer
from tests.servers.tus_node import TusNode
from tests.servers.tus_python import TusPython
from tests.servers.tus_uploadx import TusUploadx

_TUS = {"Tus-Resumable": "1.0.0"}
_buckets = count(1)


class Store(Protocol):
    """A server with room for one cell: what is told to clients, and what stands on its disk."""

    def place(self, through: Callable[[str], str]) -> Place:
        """Return what a dock is told, by way of a proxy."""
        ...

    def sha256(self, name: str) -> str:
        """Return the digest of what stands on its disk; FileNotFoundError if there is nothing."""
        ...

    def take_away(self) -> None:
        """End every upload that is not finished, as a stranger or a lifecycle rule would."""
        ...


class TusStore:
    """A tus server's endpoint."""

    def __init__(self, server: TusServer) -> None:
        self.server = server
        self._before = self._uploads()

    def place(self, through: Callable[[str], str]) -> Place:
        return Place(url=through(self.server.url))

    def sha256(self, name: str) -> str:
        return self.server.stored_sha256(urljoin(self.server.url, name))

    def take_away(self) -> None:
        for name in self._uploads() - self._before:
            with suppress(requests.RequestException):
                requests.delete(f"{self.server.url}/{name}", headers=_TUS, timeout=10)

    def _uploads(self) -> set[str]:
        return {path.name for path in self.server.directory.glob("*")}


class S3Store:
    """A bucket of its own."""

    def __init__(self, server: S3Server) -> None:
        self.server = server
        self._s3 = server
        self._bucket = f"cell-{next(_buckets)}"
        server.client().create_bucket(Bucket=self._bucket)

    def place(self, through: Callable[[str], str]) -> Place:
        s3 = self._s3
        return Place(url=through(s3.url), bucket=self._bucket, access=s3.access_key, secret=s3.secret_key)

    def sha256(self, name: str) -> str:
        return self._s3.stored_sha256(self._bucket, name)

    def take_away(self) -> None:
        client = self._s3.client()
        for upload in client.list_multipart_uploads(Bucket=self._bucket).get("Uploads", []):
            client.abort_multipart_upload(Bucket=self._bucket, Key=upload["Key"], UploadId=upload["UploadId"])


@dataclass(frozen=True, kw_only=True, slots=True)
class Column:
    """One server.

    Attributes:
        disk: the folder, below the server's own, that it keeps bytes in.
        expiring: gives one that drops unfinished uploads after so many seconds.
        waits: it answers nobody else about an upload for as long as a stalled connection for it is open.
    """

    name: str
    make: Callable[[], Server]
    disk: str
    expiring: Callable[[int], Server] | None = None
    waits: bool = False

    @property
    def tus(self) -> bool:
        """Whether other people's tus clients can be brought here too."""
        return issubclass(self.make, TusServer) if isinstance(self.make, type) else False

    def has(self, trouble: Trouble) -> bool:
        """Whether a row can be made with this server."""
        if trouble.expires:
            return self.expiring is not None
        if self.waits and any(isinstance(fault, Stall | BlackHole) for fault in trouble.faults):
            return False  # the relay holds that connection open for ever: what is in the way never ends
        if "body_limit" in trouble.nginx:
            return self.tus  # S3 has parts of at least 5 MiB
        return not trouble.disk or bool(self.disk)

    def is_special(self, trouble: Trouble) -> bool:
        """Whether a row needs a server of its own."""
        return bool(trouble.expires or trouble.disk)

    def start(self, trouble: Trouble, stack: ExitStack) -> tuple[Server, SmallDisk | None]:
        """Start a server as a row wants it; give its disk, too, if that is a small one."""
        if trouble.expires and self.expiring is not None:
            return stack.enter_context(self.expiring(trouble.expires)), None
        server, disk = self.make(), None
        if trouble.disk:
            disk = stack.enter_context(SmallDisk(server.folder / self.disk, trouble.disk))
        return stack.enter_context(server), disk


def store_of(server: Server) -> Store:
    """Return room for one cell."""
    if isinstance(server, TusServer):
        return TusStore(server)
    assert isinstance(server, S3Server)
    return S3Store(server)


COLUMNS: Mapping[str, Column] = {
    column.name: column
    for column in (
        Column(
            name="@tus/server", make=TusNode, disk="uploads", expiring=lambda s: TusNode(expires=float(s))
        ),
        Column(
            name="resumable-upload", make=TusPython, disk="uploads", expiring=lambda s: TusPython(expires=s)
        ),
        Column(name="@uploadx/core", make=TusUploadx, disk="uploads"),
        Column(name="Swift", make=S3Swift, disk="devices/sda1"),
        Column(name="rclone", make=S3Rclone, disk="", waits=True),
    )
}
