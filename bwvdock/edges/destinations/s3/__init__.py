"""Which bucket of an S3-compatible store is it, and how does a dock without one get by?

The libraries that speak S3 are loaded when the first bucket is opened, and not before: they are an extra
(`bwvdock[s3]`) and take some 8 MB of a dock's memory.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bwvdock.core.clips.clip import Clip
from bwvdock.core.ports import Clock
from bwvdock.edges.destinations.upload_notes import Notes
from bwvdock.edges.spool import FileSpool
from bwvdock.errors import ConfigError

if TYPE_CHECKING:
    from bwvdock.edges.destinations.s3.destination import S3Destination


@dataclass(frozen=True, kw_only=True, slots=True)
class Bucket:
    """Where it is and who may enter.

    Secrets and certificates are places: a whole path, or the name of a systemd credential; "" for none.
    `lock` is "off", "governance" or "compliance".
    """

    endpoint: str
    bucket: str
    access_key_file: str
    secret_key_file: str
    region: str = ""
    prefix: str = ""
    ca_file: str = ""
    client_cert: str = ""
    client_key: str = ""
    proxy: str = ""
    proxy_credentials_file: str = ""
    lock: str = "off"


@dataclass(frozen=True, kw_only=True, slots=True)
class Surroundings:
    """What a bucket's destination needs of the dock that it is part of.

    Attributes:
        name: as the configuration has it.
        dock: the dock's id; its canary bears it.
        spool: where clips come from.
        notes: what is remembered of uploads that are under way.
        manifest: describes a clip in plain names and values (core/custody/manifest.py).
        clock: signs requests, and says whether a date has passed.
        connect_seconds: how long connecting may take, and one block of a body (128 KiB) on its way out:
            urllib3 knows no other limit there.
        answer_seconds: how long an answer may take: completing a large object takes minutes.
        parallel: how many uploaders the destination has; a long clip is sent by those that are idle as well.
    """

    name: str
    dock: str
    spool: FileSpool
    notes: Notes
    manifest: Callable[[Clip], Mapping[str, str]]
    clock: Clock
    connect_seconds: float = 30
    answer_seconds: float = 180
    parallel: int = 1


def open_bucket(bucket: Bucket, surroundings: Surroundings) -> S3Destination:
    """Return the destination of a bucket; nothing is asked of the store yet.

    Raises:
        ConfigError: the extra is not installed.
    """
    try:
        from bwvdock.edges.destinations.s3.destination import S3Destination  # noqa: PLC0415 - see above
    except ModuleNotFoundError as error:
        if not (error.name or "").startswith("botocore"):
            raise
        raise ConfigError(
            f'[[destination]] {surroundings.name}: kind = "s3" needs botocore, which is not installed',
            remedy="pip install 'bwvdock[s3]' (the Debian package includes it)",
        ) from error
    return S3Destination(bucket, surroundings)
