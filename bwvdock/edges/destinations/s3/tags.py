"""Do a clip's objects bear the tags that say what it is now, so that a bucket's own rules can go by them?

Metadata of an object never changes, its tags can change, and lifecycle rules filter by them. They are a
service and no proof: no clip waits for tags that were never there. But a tag that is no longer true is not
left in silence: a rule that removes non-evidential footage would use it.

`?tagging` is never sent to a store that has not shown with its canary that it keeps tags, and keeps the
object: stores that do not know it answer 200 and put its XML in the video's place. Tags go along when an
object is made in one request (`x-amz-tagging`) only where the canary's did: a store without them, or a key
that may not set them, refuses the whole object then. RadosGW 16 forgets those of multipart uploads.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TypeVar
from urllib.parse import urlencode

from bwvdock.core.ports import TransferControl
from bwvdock.edges.destinations.http import LostAnswerError
from bwvdock.edges.destinations.s3.connection import Answers, Patient
from bwvdock.edges.destinations.s3.objects import ABSENT, Objects, StoredObject
from bwvdock.edges.destinations.upload_notes import Notes
from bwvdock.errors import (
    AccessDeniedError,
    DestinationError,
    DestinationRefusedError,
    DestinationUnavailableError,
)

EVIDENTIAL, HELD, RETAIN_UNTIL = "bwvdock-evidential", "bwvdock-held", "bwvdock-retain-until"
REFUSING = frozenset({400, 403, 404, 405, 501})  # HTTP statuses that say no, and not "later"
_OURS = frozenset({EVIDENTIAL, HELD, RETAIN_UNTIL})
_MOST = 10  # tags of one object, by S3's limits
_UNTAGGED = ABSENT | {"NoSuchTagSet", "NoSuchTagSetError"}
_NO_TAGS = frozenset({"NotImplemented", "501", "MethodNotAllowed", "405"})
_DENIED = frozenset({"AccessDenied", "403"})
_NOTE = "tags"
_REMEDY = (
    "Allow our key s3:GetObjectTagging and s3:PutObjectTagging (s3:GetObjectVersionTagging and "
    "s3:PutObjectVersionTagging where the bucket has versions), see that the object has room for our three "
    "tags, then `systemctl reload bwvdock`. Where no rule of the bucket goes by tags, tags.json among the "
    "destination's notes (STATE/uploads) can be removed instead"
)

TagSet = Mapping[str, str]
Given = TypeVar("Given")


class TagSupport(StrEnum):
    """Whether a store keeps tags. NONE: it has none at all, so none can be wrong; UNSURE: who knows."""

    KEPT = "kept"
    NONE = "none"
    UNSURE = "unsure"


@dataclass(frozen=True, kw_only=True, slots=True)
class Trial:
    """What came of trying it out. `along`: tags that are sent with an object are kept as well."""

    schedule: TagSupport = TagSupport.UNSURE
    along: bool = False
    words: str = "not tested yet"


OVERWRITES = Trial(schedule=TagSupport.NONE, words="put in the object's place")


def tags_of(described: Mapping[str, str]) -> TagSet:
    """Return the tags of a clip with this manifest.

    Nothing of them says who or what: other people may read tags than objects. The date is the day (UTC) in
    which the clip's time is over; evidence has none.
    """
    until = described.get("retain_until", "")
    said = {EVIDENTIAL: described.get("evidential") or "false", HELD: described.get("held") or "false"}
    return said | ({RETAIN_UNTIL: until[: len("2026-04-30")]} if until else {})


def ours(tags: TagSet) -> TagSet:
    """Return those that the dock sets."""
    return {name: value for name, value in tags.items() if name in _OURS}


def others(tags: TagSet) -> TagSet:
    """Return those that the store's people set."""
    return {name: value for name, value in tags.items() if name not in _OURS}


def read(answers: Patient, key: str, version: str) -> tuple[TagSet, str]:
    """Return the tags of an object, or the store's word for that it does not give them.

    Raises:
        DestinationUnavailableError: not now.
    """
    answer, word = answers.tried("get_object_tagging", statuses=REFUSING, **_of(key, version))
    if word in _UNTAGGED:
        return {}, ""
    return {str(tag.get("Key")): str(tag.get("Value")) for tag in answer.get("TagSet", [])}, word


def put(answers: Patient, key: str, version: str, tags: TagSet) -> str:
    """Replace all tags of an object; return the store's words if it refuses them.

    Somebody must look at the object afterwards.

    Raises:
        DestinationUnavailableError: not now.
    """
    listed = {"TagSet": [{"Key": name, "Value": value} for name, value in tags.items()]}
    return answers.tried("put_object_tagging", statuses=REFUSING, Tagging=listed, **_of(key, version))[1]


def _of(key: str, version: str) -> dict[str, str]:
    return {"Key": key} | ({"VersionId": version} if version else {})


def _right(there: TagSet, wanted: TagSet) -> bool:
    # Somebody may have added one of theirs in between.
    return ours(there) == ours(wanted) and wanted.items() <= there.items()


def untouched(before: StoredObject | None, after: StoredObject | None) -> bool:
    """Return whether the same object is still there."""
    return (
        before is not None
        and after is not None
        and (before.size, before.etag, before.version) == (after.size, after.etag, after.version)
    )


def refusal(word: str) -> Trial:
    """Return what a refusal of tags means."""
    if word in _NO_TAGS:
        return Trial(schedule=TagSupport.NONE, words=f"it has none ({word})")
    if word in _DENIED:
        return Trial(words=f"not allowed to our key ({word})")
    return Trial(words=f"refused with {word}")


class Tags:
    """The tags of one bucket's objects. May be used from several threads."""

    def __init__(self, answers: Answers, objects: Objects, notes: Notes) -> None:
        """Describe it; nothing is asked of the store yet."""
        self._answers, self._objects, self._notes = answers, objects, notes
        self._trial = Trial()
        self._left = ""
        self.went_along = False  # objects that were made since may bear tags from their beginning

    @property
    def used(self) -> bool:
        """Whether objects here may bear tags of ours: the store has kept tags, now or at any time before."""
        return self._trial.schedule is TagSupport.KEPT or bool(self._notes.note(_NOTE))

    def learn(self, trial: Trial) -> str:
        """Hear what came of the canary; give words for it, and for what has been left without tags since."""
        if trial.schedule is TagSupport.KEPT and not self._notes.note(_NOTE):
            # Before the first is put: from then on some may be out of date.
            self._notes.remember(_NOTE, {"kept": True})
        self._trial, left, self._left = trial, self._left, ""
        self.went_along = self.went_along or trial.along
        return f"tags: {trial.words}" + (f"; left without: {left}" if left else "")

    def go_along(self, tags: TagSet, put_object: Callable[[Mapping[str, str]], Given]) -> Given:
        """Have an object made with its tags, where the store takes them so; without them where it does not.

        Args:
            tags: the object's.
            put_object: makes it, with parameters besides those that it knows; raises as `Answers.ask` does.
        """
        if not self._trial.along or len(tags) > _MOST:
            return put_object({})
        try:
            return put_object({"Tagging": urlencode(tags)})
        except LostAnswerError:
            raise
        except DestinationError as error:
            self._trial = replace(self._trial, along=False)  # until the store is tried out again
            if not isinstance(error, AccessDeniedError | DestinationRefusedError):
                raise
            return put_object({})

    def others(self, key: str, transfer: TransferControl) -> TagSet:
        """Return the tags that somebody else gave what is there; none where nothing does.

        Raises:
            DestinationUnavailableError: not now.
        """
        if self._trial.schedule is not TagSupport.KEPT:
            return {}
        return others(read(Patient(self._answers, transfer), key, "")[0])

    def secure(
        self,
        key: str,
        stored: StoredObject,
        wanted: TagSet,
        transfer: TransferControl,
        *,
        tagged_before: bool,
    ) -> None:
        """See to it that an object bears these tags, and those of others that it has, or none of ours.

        Args:
            key: the object's.
            stored: what was found there.
            wanted: ours, and those of others that are to be put there again.
            transfer: may end a rest that the store asks for. One that began anew after each request
                too many would never end.
            tagged_before: whether it may bear tags of ours that are out of date.

        Raises:
            DestinationUnavailableError: not now; or tags of ours that it has, or may have, are not true and
                stay; or they were put in its place.
        """
        if self._trial.schedule is TagSupport.KEPT:
            answers = Patient(self._answers, transfer)
            there, word = read(answers, key, stored.version)
            if not word:
                self._change(answers, key, stored, there, {**others(there), **wanted})
                return
            self._trial = Trial(words=refusal(word).words)  # until the store is tried out again
        if self._trial.schedule is TagSupport.UNSURE and self.used:
            if tagged_before:
                raise self._untrue(key, self._trial.words)
            self._left = f"{key} ({self._trial.words})"

    def _change(
        self, answers: Patient, key: str, stored: StoredObject, there: TagSet, wanted: TagSet
    ) -> None:
        why, asked = "", wanted
        if len(wanted) > _MOST:
            why, asked = "no room: S3 has ten in all", {**ours(there), **others(wanted)}
        if not _right(there, asked):
            word = put(answers, key, stored.version, asked)
            self._require_untouched(key, stored)
            after, unread = read(answers, key, stored.version)
            there = there if unread else after
            if not _right(there, asked):
                why = refusal(word or unread).words if word or unread else "accepted but not kept"
        if why and ours(there) not in ({}, ours(wanted)):
            raise self._untrue(key, why)
        if why:
            self._left = f"{key} ({why})"

    def _require_untouched(self, key: str, stored: StoredObject) -> None:
        if not untouched(stored, self._objects.head(key, version=stored.version)):
            self._trial = OVERWRITES
            raise DestinationUnavailableError(
                f"destination {self._answers.name}: {key} is another object since its tags were set, "
                "although the test showed no such effect; no more are set there",
                remedy="Check the store: its copy may be lost; `bwvdock clips retry CLIP` uploads it again",
            )

    def _untrue(self, key: str, why: str) -> DestinationUnavailableError:
        return DestinationUnavailableError(
            f"destination {self._answers.name}: the tags of {key} may say what is no longer so, and cannot "
            f"be changed ({why}): a rule of the bucket may go by them",
            remedy=_REMEDY,
        )
