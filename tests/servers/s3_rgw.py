"""Ceph's RadosGW: real Object Lock. It knows no `x-amz-checksum-sha256`, but checks MD5 and payload hash."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import uuid
from collections.abc import Sequence
from pathlib import Path
from string import Template

from tests.servers.process import HERE, HOST, Process, ServerError, free_port
from tests.servers.s3 import S3Server

_POOL = "default.rgw.buckets.data"
_STRIPE = 64 << 20  # bytes; below the 90 MiB that the store takes at once
_PATIENCE = 120.0  # seconds for one of Ceph's commands, which wait until the store has gathered
_UPLOAD = rb"\.(2~[A-Za-z0-9_.-]{31})"


class S3Rgw(S3Server):
    """Monitor, manager, store and gateway from Debian's packages.

    An object is named by bucket and key, and by its version's id where the bucket has versions, as one with
    Object Lock has. Its bytes are fetched from the store beneath the gateway with the store's own tool.
    """

    def __init__(self, *, disks: int = 1, gateway: Sequence[str] = ()) -> None:
        """Make the folders.

        Args:
            disks: how many; each keeps a copy of everything, in a folder of its own (`disk`).
            gateway: options of the gateway's, beside those that it needs.
        """
        super().__init__()
        if not shutil.which("radosgw"):
            raise ServerError("RadosGW is not installed: type `make interop-rgw`")
        for name in ("run", "mon", "mgr", "osd", "rgw", "read"):
            (self.folder / name).mkdir()
        self._disks, self._gateway = range(disks), gateway
        for number in self._disks:
            self.disk(number).mkdir()
        self._fsid = str(uuid.uuid4())
        self._mon_v2, self._mon_v1 = free_port(), free_port()
        self._made = False

    def disk(self, number: int) -> Path:
        """Return the folder of a disk: before the first start another file system may be mounted there."""
        return self.folder / "osd" / str(number)

    def add_user(self, name: str, *, access_key: str, secret_key: str) -> None:
        """Add a user, who may do nothing in other users' buckets until their policy says so."""
        keys = [f"--access-key={access_key}", f"--secret={secret_key}"]
        self._ask("radosgw-admin", "user", "create", f"--uid={name}", f"--display-name={name}", *keys)

    @property
    def _environment(self) -> dict[str, str]:
        return {"CEPH_CONF": str(self.folder / "ceph.conf")}

    def _launch(self) -> None:
        if not self._made:
            self._make_monitor()
        self._await(self._daemon("ceph-mon", "-i", "a"), self._mon_v2)
        self._daemon("ceph-mgr", "-i", "x")
        if not self._made:
            self._make_store()
        for number in self._disks:
            self._daemon("ceph-osd", "-i", str(number))
        if not self._made:
            self.add_user("tester", access_key=self.access_key, secret_key=self.secret_key)
        self._made = True
        # Without both overrides a gateway that need not show who it is waits for ever.
        trust = ["--ms_mon_client_mode=crc", "--auth_client_required=none"]
        listen = f"--rgw_frontends=beast endpoint={HOST}:{self.port}"
        self._await(self._daemon("radosgw", "-n", "client.rgw.a", *trust, listen, *self._gateway), self.port)

    def _daemon(self, *command: str) -> Process:
        return self._spawn(command[0], [*command, "-f"], self._environment)

    def _make_monitor(self) -> None:
        template = Template((HERE / "ceph/ceph.conf").read_text(encoding="utf-8"))
        values = {"fsid": self._fsid, "host": HOST, "folder": self.folder, "stripe": _STRIPE}
        copies = {"copies": len(self._disks), "least": len(self._disks) // 2 + 1}
        filled = template.substitute(values, **copies, mon_v2=self._mon_v2, mon_v1=self._mon_v1)
        (self.folder / "ceph.conf").write_text(filled, encoding="utf-8")
        addresses = f"[v2:{HOST}:{self._mon_v2},v1:{HOST}:{self._mon_v1}]"
        monmap = str(self.folder / "monmap")
        self._ask("monmaptool", "--create", "--fsid", self._fsid, "--addv", "a", addresses, monmap)
        self._ask("ceph-mon", "--mkfs", "-i", "a", "--monmap", monmap)

    def _make_store(self) -> None:
        for number in self._disks:
            name = str(uuid.uuid4())
            self._ask("ceph", "osd", "new", name)  # numbers them in order
            self._ask("ceph-osd", "-i", str(number), "--mkfs", "--osd-uuid", name)

    def _ask(self, *command: str) -> bytes:
        done = subprocess.run(
            command,
            env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", **self._environment},
            cwd=self.folder,
            capture_output=True,
            timeout=_PATIENCE,
            check=False,
        )
        if done.returncode:
            raise ServerError(
                f"{' '.join(command)}: {done.stderr.decode(errors='replace')}\n{self.log[-4000:]}"
            )
        return done.stdout

    def pieces(self, *name: str) -> Sequence[Path]:
        """Fetch an object's bytes, or its parts', from the store; FileNotFoundError if there is none."""
        bucket, key, *version = name
        marker = json.loads(self._ask("radosgw-admin", "bucket", "stats", f"--bucket={bucket}"))["marker"]
        head = f"{marker}__:{version[0]}_{key}" if version else f"{marker}_{key}"
        there = set(self._ask("rados", "-p", _POOL, "ls").decode().splitlines())
        if head not in there:
            raise FileNotFoundError(f"RadosGW keeps no {'/'.join(name)}")
        manifest = self._ask("rados", "-p", _POOL, "getxattr", head, "user.rgw.manifest")
        upload = re.search(re.escape(key.encode()) + _UPLOAD, manifest)
        if upload is None:
            return [self._fetch(head)]
        prefix = f"{marker}__multipart_{key}.{upload[1].decode()}."
        numbers = sorted(int(part.removeprefix(prefix)) for part in there if part.startswith(prefix))
        return [self._fetch(f"{prefix}{number}") for number in numbers]

    def _fetch(self, name: str) -> Path:
        path = self.folder / "read" / str(uuid.uuid4())
        self._ask("rados", "-p", _POOL, "get", name, str(path))
        if path.stat().st_size >= _STRIPE:
            raise ServerError(f"{name} may go on in another stripe, which is not looked for here")
        return path
