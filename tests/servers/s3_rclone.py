"""`rclone serve s3` on a folder: what it gets wrong. It checks MD5 only, and echoes a false SHA-256."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tests.servers.process import HOST, installed
from tests.servers.s3 import S3Server


class S3Rclone(S3Server):
    """An object is a file: bucket/key. There is no Object Lock: `?retention` overwrites the object."""

    @property
    def directory(self) -> Path:
        """Where it keeps its buckets."""
        return self.folder / "buckets"

    def pieces(self, *name: str) -> Sequence[Path]:
        """Return the one file of an object; FileNotFoundError if there is none."""
        path = self.directory.joinpath(*name)
        if not path.is_file():
            raise FileNotFoundError(f"rclone keeps no {'/'.join(name)}")
        return [path]

    def _launch(self) -> None:
        self.directory.mkdir(exist_ok=True)
        where = ["--addr", f"{HOST}:{self.port}", "--auth-key", f"{self.access_key},{self.secret_key}"]
        own = {"RCLONE_CONFIG": "", "RCLONE_CACHE_DIR": str(self.folder / "cache")}
        command: list[str | Path] = [installed("rclone"), "serve", "s3", *where, self.directory]
        self._await(self._spawn("server", command, own), self.port)
