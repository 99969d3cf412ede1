"""What is stored under a key, by the store's word, and which bytes are they really?

What a store lacks has a second way, if there is one: of a store that answers no HEAD the first byte is read,
of one that gives no ranges the whole object in one go.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bwvdock.core.ports import PIECE_BYTES, TransferControl
from bwvdock.edges.destinations.header_values import number
from bwvdock.edges.destinations.s3.connection import Answers
from bwvdock.errors import DestinationError, DestinationUnavailableError

ABSENT = frozenset({"404", "NoSuchKey", "NotFound", "NoSuchVersion"})
LACKING = frozenset({"405", "501", "MethodNotAllowed", "NotImplemented"})
_EMPTY = frozenset({"416", "InvalidRange"})  # the answer where the first byte of an empty object is asked for
_PLAIN = frozenset({"", "identity", "aws-chunked"})
_ATTEMPTS = 3  # at one range, in a row: a second connection mends most cuts, the caller's patience the others


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredObject:
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
        self.answers_head = True
        self.gives_ranges = True

    def head(self, key: str, *, version: str = "", checksum: bool = False) -> StoredObject | None:
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
        answer = self._looked_at(key, more)
        if answer is None:
            return None
        if not answer.get("ETag") or "ContentLength" not in answer:
            raise DestinationUnavailableError(
                f"destination {self._answers.name}: the server that answers for {key} is not an S3 store, "
                "or a proxy removes ETag and Content-Length",
                remedy="Look what is between the dock and the store: a captive portal, a proxy",
            )
        return _stored(answer)

    def _looked_at(self, key: str, more: Mapping[str, str]) -> Mapping[str, Any] | None:
        if self.answers_head:
            answer, word = self._answers.told("head_object", meant=ABSENT | LACKING, Key=key, **more)
            if not word:
                return answer
            if word in ABSENT:
                return None
            self.answers_head = False
        return self._first_byte(key, more)

    def _first_byte(self, key: str, more: Mapping[str, str]) -> Mapping[str, Any] | None:
        answer, word = self._answers.told(
            "get_object", meant=ABSENT | _EMPTY, Key=key, Range="bytes=0-0", **more
        )
        if word in _EMPTY:
            answer, word = self._answers.told("get_object", meant=ABSENT, Key=key, **more)
        if word:
            return None
        answer["Body"].close()
        length = str(answer.get("ContentRange", "")).rpartition("/")[2]
        return {**answer, "ContentLength": number(length)} if number(length) is not None else answer

    def require(self, key: str) -> StoredObject:
        """Return what is there.

        Raises:
            DestinationUnavailableError: not now; or the whole bucket is not there.
            DestinationError: the bucket is there and has no such object.
        """
        stored = self.head(key)
        if stored is None:
            # Another bucket, or no store at all, says nothing of our objects.
            self.require_bucket()
            raise DestinationError(
                f"destination {self._answers.name}: {key} is missing from the bucket",
                remedy="See in the store's log who removed it; `bwvdock clips retry CLIP` uploads it again",
            )
        return stored

    def require_bucket(self) -> None:
        """Find out that the bucket is there for us.

        Raises:
            DestinationUnavailableError: it is not, or not now.
        """
        if self._answers.told("head_bucket", meant=LACKING)[1]:
            self._answers.ask("list_objects_v2", MaxKeys=1)

    def sha256_of(self, key: str, stored: StoredObject, transfer: TransferControl) -> str:
        """Read the object back, in ranges and within the rate limit, and return its digest.

        Raises:
            DestinationUnavailableError: not now; or it changed meanwhile.
            HaltedError: the transfer was stopped.
        """
        digest = hashlib.sha256()
        for block in self.blocks_of(key, stored, transfer):
            digest.update(block)
        return digest.hexdigest()

    def blocks_of(self, key: str, stored: StoredObject, transfer: TransferControl) -> Iterator[bytes]:
        """Read the object whole, in ranges and within the rate limit; raises what `sha256_of` does."""
        passed = False
        try:
            for offset in range(0, stored.size, PIECE_BYTES) if self.gives_ranges else (0,):
                for block in self._range(key, stored, offset, transfer):
                    passed = True
                    yield block
        except _NoRangesError:
            if passed:  # what was passed on cannot be taken back
                raise DestinationUnavailableError(
                    f"destination {self._answers.name}: {key} was given in ranges, and then whole",
                    remedy="The dock asks again by itself, for the whole object",
                ) from None
            yield from self.blocks_of(key, stored, transfer)

    def _range(
        self, key: str, stored: StoredObject, offset: int, transfer: TransferControl
    ) -> Iterator[bytes]:
        at, failures = offset, 0
        end = min(offset + PIECE_BYTES, stored.size) if self.gives_ranges else stored.size
        while at < end:
            try:
                for block in self._read(key, stored, at, end, transfer):
                    at, failures = at + len(block), 0
                    yield block
            except DestinationUnavailableError:
                failures += 1
                if failures == _ATTEMPTS or not self.gives_ranges:
                    raise

    def _read(
        self, key: str, stored: StoredObject, at: int, end: int, transfer: TransferControl
    ) -> Iterator[bytes]:
        more = {"VersionId": stored.version} if stored.version else {}
        if self.gives_ranges:
            more["Range"] = f"bytes={at}-{end - 1}"
        answer = self._answers.ask("get_object", Key=key, IfMatch=stored.etag, meant={"412"}, **more)
        length = None if answer is None else answer.get("ContentLength")
        encoded = "" if answer is None else str(answer.get("ContentEncoding", ""))
        if answer is not None and length == stored.size != end - at and not encoded and self.gives_ranges:
            answer["Body"].close()
            self.gives_ranges = False
            raise _NoRangesError
        if answer is None or length != end - at or encoded not in _PLAIN:
            raise DestinationUnavailableError(
                f"destination {self._answers.name}: {key} changed while it was read, or something between "
                f"gives other bytes than there are ({length} of {end - at}, Content-Encoding {encoded!r})",
                remedy="Look in the store's log for who writes there; the dock asks again by itself",
            )
        yield from self._answers.blocks(answer["Body"], end - at, transfer)


class _NoRangesError(RuntimeError):
    """The whole object was given where a range was asked for; what was read so far counts for nothing."""


def _stored(answer: Mapping[str, Any]) -> StoredObject:
    until = answer.get("ObjectLockRetainUntilDate")
    return StoredObject(
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
