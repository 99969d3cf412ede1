"""What does the store report under a key, and which bytes are really there?"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bwvdock.core.ports import PIECE_BYTES, TransferControl
from bwvdock.edges.destinations.s3.connection import Answers
from bwvdock.errors import DestinationError, DestinationUnavailableError

ABSENT = frozenset({"404", "NoSuchKey", "NotFound", "NoSuchVersion"})
_ATTEMPTS = 3  # at one range, in a row: a second connection mends most cuts, the caller's patience the others


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """The answer to a HEAD. `sha256` is what our metadata claims, `checksum` the store's own."""

    size: int
    etag: str
    version: str
    sha256: str
    checksum: str
    lock_mode: str
    locked_until: datetime | None
    held: bool


class Objects:
    """The objects of one bucket."""

    def __init__(self, answers: Answers) -> None:
        self._answers = answers

    def head(self, key: str, *, version: str = "", checksum: bool = False) -> Standing | None:
        """Return what is there, or None.

        Args:
            key: the object's.
            version: "" for the newest.
            checksum: whether the store's own SHA-256 is asked for.

        Raises:
            DestinationUnavailableError: not now, or what answers is not an S3 store.
        """
        more: dict[str, str] = {"VersionId": version} if version else {}
        more |= {"ChecksumMode": "ENABLED"} if checksum else {}
        answer = self._answers.ask("head_object", Key=key, meant=ABSENT, **more)
        if answer is None:
            return None
        if not answer.get("ETag") or "ContentLength" not in answer:
            raise DestinationUnavailableError(
                f"destination {self._answers.name}: the server that answered for {key} is not an S3 store",
                remedy="Check for a captive portal or a proxy between the dock and the store",
            )
        return _standing(answer)

    def require(self, key: str) -> Standing:
        """Return what is there.

        Raises:
            DestinationUnavailableError: not now; or the whole bucket is not there.
            DestinationError: the bucket is there and has no such object.
        """
        standing = self.head(key)
        if standing is None:
            # Another bucket, or no store at all, says nothing of our objects.
            self._answers.ask("head_bucket")
            raise DestinationError(
                f"destination {self._answers.name}: {key} is missing from the bucket",
                remedy="Check the store's log for who removed it; `bwvdock clips retry` uploads it again",
            )
        return standing

    def sha256_of(self, key: str, standing: Standing, transfer: TransferControl) -> str:
        """Read the object back, in ranges and within the rate limit, and return its digest.

        Raises:
            DestinationUnavailableError: not now; or it changed meanwhile.
            HaltedError: the passage stopped it.
        """
        digest = hashlib.sha256()
        for offset in range(0, standing.size, PIECE_BYTES):
            for block in self._range(key, standing, offset, transfer):
                digest.update(block)
        return digest.hexdigest()

    def _range(self, key: str, standing: Standing, offset: int, transfer: TransferControl) -> Iterator[bytes]:
        at, end, failures = offset, min(offset + PIECE_BYTES, standing.size), 0
        while at < end:
            try:
                for block in self._read(key, standing, at, end, transfer):
                    at, failures = at + len(block), 0
                    yield block
            except DestinationUnavailableError:
                failures += 1
                if failures == _ATTEMPTS:
                    raise

    def _read(
        self, key: str, standing: Standing, at: int, end: int, transfer: TransferControl
    ) -> Iterator[bytes]:
        more = {"VersionId": standing.version} if standing.version else {}
        answer = self._answers.ask(
            "get_object", Key=key, Range=f"bytes={at}-{end - 1}", IfMatch=standing.etag, meant={"412"}, **more
        )
        if answer is None or answer["ContentLength"] != end - at:
            raise DestinationUnavailableError(
                f"destination {self._answers.name}: {key} changed during reading, or cannot be read in "
                "ranges",
                remedy="Check the store's log for who writes there; the dock tries again by itself",
            )
        yield from self._answers.blocks(answer["Body"], end - at, transfer)


def _standing(answer: Mapping[str, Any]) -> Standing:
    until = answer.get("ObjectLockRetainUntilDate")
    return Standing(
        size=int(answer["ContentLength"]),
        etag=str(answer["ETag"]),
        version=_version(answer),
        sha256=next((v for name, v in answer.get("Metadata", {}).items() if name.lower() == "sha256"), ""),
        checksum=str(answer.get("ChecksumSHA256", "")),
        lock_mode=str(answer.get("ObjectLockMode", "")),
        locked_until=until if isinstance(until, datetime) else None,
        held=answer.get("ObjectLockLegalHoldStatus") == "ON",
    )


def _version(answer: Mapping[str, Any]) -> str:
    version = str(answer.get("VersionId", ""))
    return "" if version == "null" else version
