"""What does an acknowledgement of this store prove? It is tested with an object whose digest is wrong.

Sent are, as one object and as a part of a multipart upload each: the right digest, which must be taken;
then a wrong SHA-256 in the signature, a wrong Content-MD5, a wrong x-amz-checksum-sha256, which a store that
checks refuses. A digest that a store merely repeats proves nothing: that it computes one itself is believed
when it gives it for bytes that were sent without any.

What a store lacks is found out before a clip needs it (abilities.py). Last come tags, put and changed on the
same object, which must stay what it is: there are stores that put the tags in its place, and then even give
them back.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from bwvdock.core.clips.proof import ProofMethod
from bwvdock.core.ports import TransferControl
from bwvdock.edges.destinations.s3.abilities import Abilities, PartsTrial
from bwvdock.edges.destinations.s3.body import UNSIGNED, SignedBody, base64_of, md5_of
from bwvdock.edges.destinations.s3.connection import Answers, Patient
from bwvdock.edges.destinations.s3.objects import Objects, StoredObject
from bwvdock.edges.destinations.s3.parallel import Share, at_once
from bwvdock.edges.destinations.s3.tags import (
    EVIDENTIAL,
    HELD,
    OVERWRITES,
    REFUSING,
    RETAIN_UNTIL,
    TagSupport,
    Trial,
    put,
    read,
    refusal,
    untouched,
)
from bwvdock.errors import BwvdockError, DestinationError, DestinationUnavailableError

_TAGS = (
    {EVIDENTIAL: "false", HELD: "false", RETAIN_UNTIL: "2000-01-01"},
    {EVIDENTIAL: "true", HELD: "true"},
)
_ENOUGH = 1024  # bytes: what is checked is checked at any size
_FORGIVEN = frozenset({"400", "403", "404", "405", "501"})  # of tidying up: a lock may forbid it
_MOST_TIDIED = 100  # of one list: the rest waits for the next trial


@dataclass(frozen=True, kw_only=True, slots=True)
class Checks:
    """What a store was seen to refuse, of objects and of parts alike, and what it computes itself."""

    payload: bool = False
    md5: bool = False
    checksum: bool = False
    if_none_match: bool = False
    computed: bool = False
    metadata: bool = True
    reads: bool = True
    multipart: bool = True
    tags: Trial = Trial()  # noqa: RUF009 - it is frozen
    words: str = "not tested yet"

    @property
    def pieces(self) -> bool:
        """Whether a piece with a wrong SHA-256 is refused."""
        return self.payload or self.checksum

    @property
    def method(self) -> ProofMethod | None:
        """The strongest proof that there is; None where nothing proves anything."""
        if self.pieces:
            return ProofMethod.PIECES_CHECKED
        if self.computed:
            return ProofMethod.STORE_COMPUTED
        return ProofMethod.READ_BACK if self.reads else None


NOTHING = Checks()


def composite(pieces: Collection[str]) -> str:
    """Return the checksum that S3 has of an object in parts: the SHA-256 of theirs, and their number."""
    whole = hashlib.sha256(b"".join(map(bytes.fromhex, pieces))).hexdigest()
    return f"{base64_of(whole)}-{len(pieces)}"


class Canary:
    """One trial, under one key. What it leaves behind the next one takes away."""

    def __init__(
        self, answers: Answers, objects: Objects, key: str, transfer: TransferControl, share: Share
    ) -> None:
        self._answers, self._objects, self._key = Patient(answers, transfer), objects, key
        self._share = share
        self._content = secrets.token_bytes(_ENOUGH)
        self._other = secrets.token_bytes(_ENOUGH)
        self._said: list[str] = []
        self._abilities = Abilities(answers, objects, key, transfer)
        self._parts = PartsTrial(self._answers, key, self._content)
        self._known: StoredObject | None = None  # what was last seen there, and nothing was sent there since

    def try_out(self) -> Checks:
        """Find out what the store refuses: of objects and, at once if an uploader is spare, of parts.

        Raises:
            DestinationUnavailableError: it does not take even what is right.
            HaltedError: it was halted.
        """
        wrong = {
            "payload digest": self._mislabelled,
            "Content-MD5": self._wrong_md5,
            "x-amz-checksum-sha256": self._wrong_checksum,
        }
        try:
            found, parts = at_once(
                lambda: self._try_objects({kind: make() for kind, make in wrong.items()}),
                lambda: self._parts.try_out({kind: make() for kind, make in wrong.items()}),
                self._share,
            )
            payload, md5, checksum = (self._refuses(kind, found, parts) for kind in wrong)
            self._said.append(f"If-None-Match: {'honoured' if self._if_none_match else 'not honoured'}")
            computed = not (payload or checksum) and self._computes(in_parts=parts is not None)
            tags = self._keeps_tags()
        finally:
            self._tidy_up()
        return Checks(
            payload=payload,
            md5=md5,
            checksum=checksum,
            if_none_match=self._if_none_match,
            computed=computed,
            metadata=self._metadata,
            reads=self._reads,
            multipart=parts is not None,
            tags=tags,
            words="; ".join([*self._said, *self._abilities.said, *self._parts.said]),
        )

    def _try_objects(self, wrong: Mapping[str, Mapping[str, Any]]) -> Mapping[str, str]:
        """Return the store's word for each wrong object that it refuses, "" for one that it takes."""
        self._metadata = self._abilities.keeps_metadata(self._content)
        self._reads = self._abilities.reads(self._content)
        before = self._abilities.stored or self._look()
        found = {kind: self._sent(told) for kind, told in wrong.items()}
        after = self._look()
        if not all(found.values()) or before is None or after is None or before.etag != after.etag:
            self._put(self._content)  # one of the wrong ones may be there
            found = {kind: self._object_refused(told) for kind, told in wrong.items()}
        self._if_none_match = self._honours_if_none_match()
        return found

    def _sent(self, wrong: Mapping[str, Any]) -> str:
        return self._answers.refused("put_object", Key=self._key, **wrong)

    def _wrong_md5(self) -> dict[str, Any]:
        return {"Body": SignedBody(self._other), "ContentMD5": md5_of(self._content)}

    def _mislabelled(self) -> dict[str, Any]:
        # The right MD5 goes with it: a bucket with a default retention refuses what has none.
        body = SignedBody(self._other, sha256=hashlib.sha256(self._content).hexdigest())
        return {"Body": body, "ContentMD5": md5_of(self._other)}

    def _wrong_checksum(self) -> dict[str, Any]:
        wrong = base64_of(hashlib.sha256(self._content).hexdigest())
        return {"Body": SignedBody(self._other), "ChecksumSHA256": wrong}

    def _refuses(self, what: str, objects: Mapping[str, str], parts: Mapping[str, str] | None) -> bool:
        whole = objects[what]
        if parts is None or not whole:
            self._said.append(f"wrong {what}: object {_said(whole)}")
            return bool(whole)
        self._said.append(f"wrong {what}: object {_said(whole)}, part {_said(parts[what])}")
        return bool(parts[what])

    def _object_refused(self, wrong: Mapping[str, Any]) -> str:
        before = self._known or self._look()
        word = self._sent(wrong)
        after = self._look()
        if before is None or after is None:
            raise DestinationUnavailableError(
                f"destination {self._answers.name}: the store accepted {self._key} but does not have it",
                remedy="Check the store: anything that it acknowledges may be lost",
            )
        if not word:
            self._put(self._content)  # what is there is the wrong one
        return word if after.etag == before.etag else ""

    def _look(self) -> StoredObject | None:
        self._known = self._objects.head(self._key)
        return self._known

    def _put(self, content: bytes) -> None:
        self._known = None
        self._answers.ask("put_object", Key=self._key, Body=SignedBody(content), ContentMD5=md5_of(content))

    def _honours_if_none_match(self) -> bool:
        before = self._known or self._look()
        word = self._answers.refused(
            "put_object",
            statuses={400, 412, 501},
            Key=self._key,
            Body=SignedBody(self._other),
            IfNoneMatch="*",
        )
        after = self._look()
        kept = before is not None and after is not None and before.etag == after.etag
        return kept and word in {"PreconditionFailed", "412"}

    def _computes(self, *, in_parts: bool) -> bool:
        """Return whether the store gives the right SHA-256 of what it was sent with no digest at all."""
        self._known = None
        unsigned: dict[str, Any] = {"Body": SignedBody(self._content, sha256=UNSIGNED)}
        expected = hashlib.sha256(self._content).hexdigest()
        self._answers.ask("put_object", Key=self._key, **unsigned)
        whole = self._checksum() == base64_of(expected)
        if not in_parts:
            self._said.append(f"own SHA-256: {'given' if whole else 'not given'}")
            return whole
        place = self._parts.begin(ChecksumAlgorithm="SHA256")
        answer = self._answers.ask("upload_part", PartNumber=1, meant={"400"}, **place, **unsigned)
        if answer is not None:
            parts = {"Parts": [{"PartNumber": 1, "ETag": answer.get("ETag", "")}]}
            self._answers.ask("complete_multipart_upload", MultipartUpload=parts, meant={"400"}, **place)
        parts_too = answer is not None and self._checksum() == composite([expected])
        self._said.append(f"own SHA-256: {'provided' if whole and parts_too else 'not provided'}")
        return whole and parts_too

    def _checksum(self) -> str:
        stored = self._objects.head(self._key, checksum=True)
        return stored.checksum if stored else ""

    # --- tags --------------------------------------------------------------------------------------

    def _keeps_tags(self) -> Trial:
        try:
            return self._tag_it()
        except DestinationError as error:
            # No clip shall wait because of tags. But if this is not answered either, it is not their doing.
            self._objects.head(self._key)
            return Trial(words=f"not tested ({error.message})")

    def _tag_it(self) -> Trial:
        before = self._known or self._look()
        version = before.version if before else ""
        for tags in _TAGS:
            word = put(self._answers, self._key, version, tags)
            if not untouched(before, self._objects.head(self._key)):
                return OVERWRITES
            there, unread = read(self._answers, self._key, version) if not word else ({}, word)
            if unread:
                return refusal(unread)
            if there != tags:
                return Trial(words="accepted but not kept")
        return Trial(schedule=TagSupport.KEPT, along=self._tags_go_along(), words="kept")

    def _tags_go_along(self) -> bool:
        self._known = None
        _, word = self._answers.tried(
            "put_object",
            statuses=REFUSING,
            Key=self._key,
            Body=SignedBody(self._content),
            ContentMD5=md5_of(self._content),
            Tagging=urlencode(_TAGS[0]),
        )
        return not word and read(self._answers, self._key, "") == (_TAGS[0], "")

    # --- tidying up --------------------------------------------------------------------------------

    def _tidy_up(self) -> None:
        _leave_it(self._parts.tidy_up)
        _leave_it(self._delete)

    def _delete(self) -> None:
        if (stored := self._known or self._look()) is not None and not stored.version:
            if self._answers.ask("delete_object", Key=self._key, meant=_FORGIVEN) is None:
                self._said.append(f"objects cannot be deleted: {self._key} stays")
            return
        listed = self._answers.ask("list_object_versions", Prefix=self._key, meant=_FORGIVEN) or {}
        versions = [*listed.get("Versions", []), *listed.get("DeleteMarkers", [])]
        for version in versions[:_MOST_TIDIED]:
            if version.get("Key") == self._key and version.get("VersionId"):
                which = {"Key": self._key, "VersionId": version["VersionId"]}
                self._answers.ask("delete_object", meant=_FORGIVEN, **which)


def _said(word: str) -> str:
    return f"refused with {word}" if word else "TAKEN"


def _leave_it(tidy: Callable[[], object]) -> None:
    try:
        tidy()
    except BwvdockError:
        return  # the next trial tidies up; this one's findings, or its error, are what matters
