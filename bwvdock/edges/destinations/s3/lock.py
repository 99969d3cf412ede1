"""Is a clip's object locked at the store as it should be?

`?retention` and `?legal-hold` are never sent to a bucket that has not shown that it has Object Lock: stores
that do not know them answer 200 and put their XML in the video's place. Locks are asked for when the object
is made, and whatever the store makes of that is read back from the version's HEAD, because some drop them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bwvdock.edges.destinations.s3.connection import Answers
from bwvdock.edges.destinations.s3.objects import Objects, StoredObject
from bwvdock.errors import DestinationUnavailableError

_NONE = frozenset({"404", "400", "405", "501", "ObjectLockConfigurationNotFoundError", "NotImplemented"})
_NEAR = timedelta(minutes=1)  # a date as near as this has passed when the store looks at it


@dataclass(frozen=True, kw_only=True, slots=True)
class LockOrder:
    """How an object shall be locked: until when, and whether somebody's hold is on it."""

    mode: str
    until: datetime | None
    hold: bool

    def headers(self) -> dict[str, Any]:
        """Return what asks for it when an object is made."""
        asked: dict[str, Any] = {}
        if self.until is not None:
            asked |= {"ObjectLockMode": self.mode, "ObjectLockRetainUntilDate": self.until}
        return asked | ({"ObjectLockLegalHoldStatus": "ON"} if self.hold else {})

    def retained(self, stored: StoredObject) -> bool:
        """Return whether an object is retained for long enough; compliance is more than governance."""
        if self.until is None:
            return True
        until = stored.locked_until
        return stored.lock_mode in {self.mode, "COMPLIANCE"} and until is not None and until >= self.until

    def kept(self, stored: StoredObject) -> bool:
        """Return whether all of it holds for an object."""
        return self.retained(stored) and (stored.held or not self.hold)


def order(lock: str, described: Mapping[str, str], now: datetime) -> LockOrder:
    """Return how a clip's objects shall be locked.

    Args:
        lock: "off", "governance" or "compliance".
        described: the clip's manifest: retained until its date; evidence, which has none, and what an inquiry
            needs, by a legal hold.
        now: a date that has passed locks nothing, and no store takes it.
    """
    if lock == "off":
        return LockOrder(mode="", until=None, hold=False)
    date = described.get("retain_until", "")
    until = datetime.fromisoformat(date).replace(microsecond=0) if date else None
    if until is not None and until < now + _NEAR:
        until = None
    hold = "true" in {described.get("evidential"), described.get("held")}
    return LockOrder(mode=lock.upper(), until=until, hold=hold)


class Locks:
    """The locks of one bucket."""

    def __init__(self, answers: Answers, objects: Objects, *, wanted: bool) -> None:
        self._answers, self._objects = answers, objects
        self._wanted = wanted
        self._proven = False

    def proven(self) -> bool:
        """Ask the bucket whether it has Object Lock."""
        answer = self._answers.ask("get_object_lock_configuration", meant=_NONE)
        settings = (answer or {}).get("ObjectLockConfiguration") or {}
        self._proven = settings.get("ObjectLockEnabled") == "Enabled"
        return self._proven

    def require(self) -> None:
        """Check that a bucket that must lock objects has Object Lock.

        Raises:
            DestinationUnavailableError: the configuration wants locks, and the bucket has not shown any.
        """
        if self._wanted and not self._proven and not self.proven():
            raise DestinationUnavailableError(
                f"destination {self._answers.name}: object_lock is set, but the bucket has no Object Lock, "
                "so "
                "nothing is uploaded",
                remedy="Make a bucket with Object Lock (it is set when a bucket is made) and allow "
                's3:GetBucketObjectLockConfiguration, or set object_lock = "off"',
            )

    def secure(self, key: str, stored: StoredObject, wanted: LockOrder) -> StoredObject:
        """Lock an object as required; return the object found there afterwards.

        Raises:
            DestinationUnavailableError: it is not, whatever the store said.
        """
        if wanted.kept(stored):
            return stored
        self.require()
        if stored.version and self._proven:
            self._set(key, stored, wanted)
        after = self._objects.head(key, version=stored.version)
        same = after is not None and (after.size, after.etag) == (stored.size, stored.etag)
        if after is None or not same or not wanted.kept(after):
            raise DestinationUnavailableError(
                f"destination {self._answers.name}: {key} was not locked, although that was requested",
                remedy="Check whether our key may set retention and legal hold, and the store's log",
            )
        return after

    def _set(self, key: str, stored: StoredObject, wanted: LockOrder) -> None:
        version = {"Key": key, "VersionId": stored.version}
        if not wanted.retained(stored):
            retention = {"Mode": wanted.mode, "RetainUntilDate": wanted.until}
            self._answers.ask("put_object_retention", Retention=retention, **version)
        if wanted.hold and not stored.held:
            self._answers.ask("put_object_legal_hold", LegalHold={"Status": "ON"}, **version)
