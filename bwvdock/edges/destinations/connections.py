"""How long does a connection wait, and for what? Added to urllib3's, which has no word for it.

urllib3 applies the *connect* timeout to each block that is sent (psf/requests#5263), so that a large
block on a slow link dies of a timeout that was meant for something else. Here three are kept apart.
"""

from __future__ import annotations

import http.client
import socket
import ssl
from dataclasses import dataclass
from typing import Any

from requests import PreparedRequest
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection

_POOLED = 32  # connections kept: as many as there may be uploaders


@dataclass(frozen=True, kw_only=True, slots=True)
class Patience:
    """Seconds: until a connection is made, until one block is taken, until an answer begins."""

    connect: float = 10.0
    stall: float = 60.0
    answer: float = 120.0


PATIENCE = Patience()


class _FinalResponse(http.client.HTTPResponse):
    """An answer; interim ones before it (103, 104) are passed over. http.client does so with 100 only."""

    def begin(self) -> None:
        """Read up to the headers of the final answer."""
        super().begin()
        while 100 <= self.status < 200 and self.status != 101:
            vars(self).update(headers=None, msg=None)  # else it holds that it has begun
            super().begin()


def _pools(stall: float) -> dict[str, Any]:
    """Make the kinds of pools whose connections give each block `stall` seconds."""

    class Http(HTTPConnection):
        response_class = _FinalResponse

        def putrequest(
            self,
            method: str,
            url: str,
            skip_host: bool = False,  # noqa: FBT001, FBT002 - urllib3 calls it so
            skip_accept_encoding: bool = False,  # noqa: FBT001, FBT002
        ) -> None:
            _begin_to_send(self, stall)
            super().putrequest(method, url, skip_host=skip_host, skip_accept_encoding=skip_accept_encoding)

    class Https(Http, HTTPSConnection):
        pass

    class HttpPool(HTTPConnectionPool):
        ConnectionCls = Http

    class HttpsPool(HTTPSConnectionPool):
        ConnectionCls = Https

    return {"http": HttpPool, "https": HttpsPool}


def _begin_to_send(connection: HTTPConnection, stall: float) -> None:
    if connection.sock is None:
        connection.connect()
    connection.sock.settimeout(stall)  # until the answer is awaited


class StoreAdapter(HTTPAdapter):
    """Connections that trust the given context alone, and have patience."""

    def __init__(self, context: ssl.SSLContext, patience: Patience) -> None:
        self._context = context
        self._stall = patience.stall
        super().__init__(pool_maxsize=_POOLED)

    def init_poolmanager(
        self,
        connections: int,
        maxsize: int,
        block: bool = False,  # noqa: FBT001, FBT002 - requests calls it so
        **pool_kwargs: object,
    ) -> None:
        """Make the pools; requests calls this."""
        options = [
            (socket.IPPROTO_TCP, socket.TCP_NODELAY, 1),
            (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1),
            (socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, int(1000 * self._stall)),
        ]
        super().init_poolmanager(
            connections, maxsize, block, ssl_context=self._context, socket_options=options, **pool_kwargs
        )
        self.poolmanager.pool_classes_by_scheme = _pools(self._stall)

    def cert_verify(self, conn: object, url: object, verify: object, cert: object) -> None:
        """Leave it to the context: requests would have its own list of authorities trusted as well."""

    def build_connection_pool_key_attributes(
        self,
        request: PreparedRequest,
        verify: object,  # noqa: ARG002 - the context decides
        cert: object = None,  # noqa: ARG002
    ) -> tuple[Any, Any]:
        """Return scheme, host and port; the context says the rest."""
        host, _ = super().build_connection_pool_key_attributes(request, verify=True)
        return host, {}
