"""One store for a whole fleet: RadosGW with Object Lock on three disks, and what its access log says."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from tests.servers.disk import FileDisk
from tests.servers.s3_rgw import S3Rgw

BUCKET = "bwv-evidence"
DISKS = 3
_DISK_BYTES = 2 << 30
_LINE = re.compile(
    r' beast: \S+ \S+ - (?P<user>\S+) \[(?P<at>[^]]+)\] "(?P<method>\S+) (?P<target>\S+) [^"]*" '
    r"(?P<code>\d+) (?P<size>\d+) .* latency=(?P<took>[0-9.]+)s$",
    re.MULTILINE,
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Access:
    """A line of the gateway's access log: who asked for what, at which second, and what came of it."""

    user: str
    at: float
    method: str
    target: str
    code: int
    size: int
    took: float

    @property
    def stored(self) -> bool:
        """Whether it brought the bytes of something."""
        return self.method == "PUT" and self.code < 300


@contextmanager
def fleet_store(users: Sequence[str]) -> Iterator[S3Rgw]:
    """Run the store, with a bucket that locks and that these users may use: their keys are their names."""
    with ExitStack() as stack:
        server = S3Rgw(disks=DISKS)
        for number in range(DISKS):
            stack.enter_context(FileDisk(server.disk(number), _DISK_BYTES))
        stack.enter_context(server)
        for user in users:
            server.add_user(user, access_key=user, secret_key=user)
        client = server.client()
        client.create_bucket(Bucket=BUCKET, ObjectLockEnabledForBucket=True)
        client.put_bucket_policy(Bucket=BUCKET, Policy=_policy([*users, "tester"]))
        yield server


def _policy(users: Sequence[str]) -> str:
    allowed = {
        "Effect": "Allow",
        "Principal": {"AWS": [f"arn:aws:iam:::user/{user}" for user in users]},
        "Action": "s3:*",
        "Resource": [f"arn:aws:s3:::{BUCKET}", f"arn:aws:s3:::{BUCKET}/*"],
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [allowed]})


def accesses(server: S3Rgw) -> list[Access]:
    """Return what the gateway has logged of requests, in the order in which they began."""
    log = server.folder / "run" / "client.rgw.a.log"
    return parsed(log.read_text(encoding="utf-8", errors="replace"))


def parsed(text: str) -> list[Access]:
    """Return the requests that lines of an access log are about, in the order in which they began."""
    found = [
        Access(
            user=line["user"],
            at=datetime.strptime(line["at"], "%d/%b/%Y:%H:%M:%S.%f %z").timestamp(),
            method=line["method"],
            target=line["target"],
            code=int(line["code"]),
            size=int(line["size"]),
            took=float(line["took"]),
        )
        for line in _LINE.finditer(text)
    ]
    return sorted(found, key=lambda access: access.at)


@dataclass(frozen=True, kw_only=True, slots=True)
class Kept:
    """What stands under a key: its versions' ids, how many were deleted, and the digest of the newest."""

    versions: Sequence[str]
    deleted: int
    sha256: str


def footage_in(server: S3Rgw) -> dict[str, Kept]:
    """Return what the bucket holds of footage, by key: listed, fetched and hashed with boto3."""
    client = server.client()
    versions: dict[str, list[str]] = {}
    deleted: dict[str, int] = {}
    for page in client.get_paginator("list_object_versions").paginate(Bucket=BUCKET):
        for version in page.get("Versions", []):
            versions.setdefault(version["Key"], []).append(version["VersionId"])
        for marker in page.get("DeleteMarkers", []):
            deleted[marker["Key"]] = deleted.get(marker["Key"], 0) + 1
    found = {}
    for key in (key for key in versions if key.lower().endswith(".mp4")):
        digest = sha256()
        for block in client.get_object(Bucket=BUCKET, Key=key)["Body"].iter_chunks(1 << 20):
            digest.update(block)
        found[key] = Kept(versions=versions[key], deleted=deleted.get(key, 0), sha256=digest.hexdigest())
    return found


def unfinished_in(server: S3Rgw) -> int:
    """Return how many multipart uploads the bucket has that nobody finished."""
    return len(server.client().list_multipart_uploads(Bucket=BUCKET).get("Uploads", []))
