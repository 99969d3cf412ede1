"""resumable-upload's server: enforces checksums and offsets, locks an upload while a PATCH is committed."""

from __future__ import annotations

from tests.servers.process import HOST, installed
from tests.servers.tus import PATH, TusServer


class TusPython(TusServer):
    """The `serve` command of the PyPI package.

    Args:
        expires: Seconds after its creation when an unfinished upload is gone; None for never.
        options: More words for its command line.
    """

    checksums = frozenset({"sha1", "sha256"})

    def __init__(self, *options: str, expires: int | None = None) -> None:
        super().__init__()
        expiry = ["--upload-expiry", str(expires), "--cleanup-interval", "1"] if expires else []
        self.options = [*expiry, *options]

    def _launch(self) -> None:
        where = ["--host", HOST, "--port", str(self.port), "--base-path", PATH]
        disk = ["--upload-dir", str(self.directory), "--db-path", str(self.folder / "uploads.sqlite3")]
        words = [*where, *disk, "--checksum-algorithms", ",".join(sorted(self.checksums)), *self.options]
        self._await(self._spawn("server", [installed("resumable-upload"), "serve", *words]), self.port)
