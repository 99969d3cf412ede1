"""OpenStack Swift with s3api: checks SHA-256, MD5 and payload hash, of objects and parts. No Object Lock."""

from __future__ import annotations

import getpass
import hashlib
import json
import os
import subprocess
from collections.abc import Sequence
from pathlib import Path
from string import Template

from tests.servers.process import HERE, HOST, Process, free_port, installed
from tests.servers.s3 import S3Server

_KINDS = ("account", "container", "object")
_SUFFIX = "bwvdock"
_ACCOUNT = "AUTH_test"
_METADATA = "user.swift.metadata"
_PARTS = 4  # the rings' part power: a partition is the first so many bits of the path's hash


class S3Swift(S3Server):
    """Four daemons on one device. An object is one file, or a manifest that lists the files of its parts."""

    access_key = "test:tester"
    secret_key = "testing"  # noqa: S105

    def __init__(self) -> None:
        super().__init__()
        self._ports = {kind: free_port() for kind in _KINDS}
        self._device = self.folder / "devices/sda1"
        self._device.mkdir(parents=True)
        (self.folder / "cache").mkdir()
        self._configure()

    def _configure(self) -> None:
        for kind, port in {**self._ports, "proxy": self.port}.items():
            self._fill(
                "proxy.conf" if kind == "proxy" else "storage.conf", f"{kind}.conf", kind=kind, port=port
            )
        self._fill("swift.conf", "swift.conf")
        rings = [f"{kind}={port}" for kind, port in self._ports.items()]
        command: list[str | Path] = [installed("python"), HERE / "swift/rings.py", self.folder, HOST, *rings]
        subprocess.run(command, check=True, capture_output=True)

    def _fill(self, template: str, name: str, **more: object) -> None:
        known = {"host": HOST, "folder": self.folder, "user": getpass.getuser(), "suffix": _SUFFIX}
        text = Template((HERE / "swift" / template).read_text(encoding="utf-8"))
        filled = text.substitute(known, region=self.region, secret=self.secret_key, **more)
        (self.folder / name).write_text(filled, encoding="utf-8")

    def _launch(self) -> None:
        started = [(self._daemon(kind), port) for kind, port in {**self._ports, "proxy": self.port}.items()]
        for process, port in started:
            self._await(process, port)

    def _daemon(self, kind: str) -> Process:
        return self._spawn(
            kind, [installed(f"swift-{kind}-server"), self.folder / f"{kind}.conf", "--verbose"]
        )

    def pieces(self, *name: str) -> Sequence[Path]:
        """Return an object's file, or those of its parts; FileNotFoundError if there is none."""
        path = self._file("/".join(name))
        if b"X-Static-Large-Object" not in os.getxattr(path, _METADATA):
            return [path]
        return [self._file(part["name"].lstrip("/")) for part in json.loads(path.read_bytes())]

    def _file(self, name: str) -> Path:
        """Find the newest file of container/object by the hash of its path; a tombstone (.ts) is none."""
        digest = hashlib.md5(f"/{_ACCOUNT}/{name}{_SUFFIX}".encode(), usedforsecurity=False).hexdigest()
        partition = int(digest[:8], 16) >> (32 - _PARTS)
        folder = self._device / "objects" / str(partition) / digest[-3:] / digest
        files = sorted(path for path in folder.glob("*") if path.suffix in {".data", ".ts"})
        if not files or files[-1].suffix == ".ts":
            raise FileNotFoundError(f"Swift keeps no {name}")
        return files[-1]
