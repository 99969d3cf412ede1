"""proxy.py as a police network has one: everything goes through it, with a user and a password."""

from __future__ import annotations

import sys

from tests.servers.process import HOST, Server

CREDENTIALS = "dock:s3cr3t-0123456789"


class HttpProxy(Server):
    """A proxy for HTTP; `credentials` is "user:password", or "" for a proxy that lets everybody through."""

    def __init__(self, credentials: str = CREDENTIALS) -> None:
        super().__init__()
        self._credentials = credentials

    def _launch(self) -> None:
        words = ["--hostname", HOST, "--port", str(self.port), "--num-workers", "1", "--num-acceptors", "1"]
        asks = ["--basic-auth", self._credentials] if self._credentials else []
        command = [sys.executable, "-m", "proxy", *words, *asks, "--data-dir", str(self.folder)]
        self._await(self._spawn("proxy", command), self.port)
