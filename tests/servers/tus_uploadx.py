"""@uploadx/core speaking tus: enforces checksums but not offsets; answers the last PATCH 200 with JSON."""

from __future__ import annotations

from tests.servers.tus import NodeTusServer


class TusUploadx(NodeTusServer):
    """Its locations are scheme-relative. Options: of its `DiskStorageOptions`, as maxUploadSize (bytes)."""

    script = "tus_uploadx.mjs"
    checksums = frozenset({"md5", "sha1", "sha256"})
