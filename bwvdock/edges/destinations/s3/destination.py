"""The destination port on a bucket of an S3-compatible store. May be used from several threads.

The store is the truth: its objects are checked before anything is sent, and after. Notes on the
dock only save work.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from bwvdock.core.clips.clip import Clip
from bwvdock.core.clips.identity import ID_FORM
from bwvdock.core.clips.proof import Assessment, Receipt
from bwvdock.core.media.part_names import part_name
from bwvdock.core.ports import FoundPart, Take, TransferControl
from bwvdock.edges.destinations.s3 import Bucket, Surroundings
from bwvdock.edges.destinations.s3.body import PartUpload, SignedBody, md5_of
from bwvdock.edges.destinations.s3.canary import NOTHING, Canary
from bwvdock.edges.destinations.s3.connection import Answers
from bwvdock.edges.destinations.s3.errors import NotTakenError
from bwvdock.edges.destinations.s3.keys import (
    canary_key,
    content_type,
    document_key,
    metadata,
    note_key_of,
    part_key,
    under,
)
from bwvdock.edges.destinations.s3.lock import LockOrder, Locks, order
from bwvdock.edges.destinations.s3.multipart import MOST_PARTS, UNLISTED, abort
from bwvdock.edges.destinations.s3.objects import Objects, StoredObject
from bwvdock.edges.destinations.s3.parallel import Share, SharedTransfer
from bwvdock.edges.destinations.s3.proof import find, read_whole, words
from bwvdock.edges.destinations.s3.tags import Tags, tags_of
from bwvdock.edges.destinations.s3.upload import PartUploader
from bwvdock.edges.destinations.upload_notes import note_key
from bwvdock.edges.durable import DiskFile
from bwvdock.edges.spool import found_name
from bwvdock.errors import (
    DestinationRefusedError,
    DestinationUnavailableError,
    DurabilityError,
    ObjectConflictError,
    words_of,
)

_PART = re.compile(rf"/({ID_FORM})\.(\d{{1,4}})\.[a-z0-9]+\Z")
_MOST_PAGES = 20  # of a list of abandoned uploads; the rest waits for tomorrow


class S3Destination:
    """One bucket."""

    kind = "s3"

    def __init__(self, bucket: Bucket, surroundings: Surroundings) -> None:
        """Describe it; nothing is asked of the store yet."""
        self.name = surroundings.name
        self._bucket, self._around = bucket, surroundings
        self._answers = Answers(bucket, surroundings)
        self._objects = Objects(self._answers)
        self._locks = Locks(self._answers, self._objects, wanted=bucket.lock != "off")
        self._tags = Tags(self._answers, self._objects, surroundings.notes)
        self._checks = NOTHING
        self._share = Share(surroundings.parallel)
        self._unanswered: set[str] = set()  # keys that were sent to, and perhaps have something now

    def close(self) -> None:
        """Close idle connections."""
        self._answers.close()

    # --- the port ------------------------------------------------------------------------------

    def store(self, clip: Clip, transfer: TransferControl) -> str:
        """Upload every part that is not there yet; return the footage's key."""
        self._locks.require()
        try:
            with self._share.working():
                return self._store_parts(clip, SharedTransfer(transfer))
        except NotTakenError as error:
            self._require_sane(error)
            raise

    def _store_parts(self, clip: Clip, transfer: TransferControl) -> str:
        before = 0
        # The footage comes last: if it is there, its sidecars are too.
        for number in reversed(range(len(clip.parts))):
            self._store_part(clip, number, before, transfer)
            before += clip.parts[number].size
            transfer.reached(before)
        return part_key(self._bucket.prefix, clip, 0)

    def prove(self, clip: Clip, transfer: TransferControl) -> Receipt:
        """Find out what the store has of every part."""
        with self._share.working():
            return self._prove_parts(clip, transfer)

    def _prove_parts(self, clip: Clip, transfer: TransferControl) -> Receipt:
        notes, prefix = self._around.notes, self._bucket.prefix
        found = [
            find(
                self._objects,
                part_key(prefix, clip, number),
                part,
                notes.note(note_key(clip.id, number)),
                self._checks,
                transfer,
            )
            for number, part in enumerate(clip.parts)
        ]
        for number, part in enumerate(clip.parts[1:], start=1):
            if found[number].sha256 != part.sha256:
                raise self._conflict(clip, number, f"sha256 {found[number].sha256}")
        return Receipt(
            destination=self.name,
            object=part_key(prefix, clip, 0),
            version=found[0].stored.version,
            sha256=found[0].sha256,
            method=found[0].method,
            words=words(found[0].stored),
        )

    def parts_there(self, clip: Clip) -> Sequence[int]:
        """Return all parts: their keys follow from the clip."""
        return range(len(clip.parts))

    def read_part(self, clip: Clip, number: int, transfer: TransferControl, take: Take) -> FoundPart | None:
        """Read what is under a part's key now, its newest version."""
        key = part_key(self._bucket.prefix, clip, number)
        with self._share.working():
            return read_whole(self._objects, key, clip.parts[number].size, transfer, take)

    def describe(self, clip: Clip, document: bytes, transfer: TransferControl) -> str:
        """Store the custody document beside the footage; as the newest version if the bucket has versions.

        Locks and tags of existing objects are updated.
        """
        self._locks.require()
        with self._share.working():
            return self._describe(clip, document, transfer)

    def _describe(self, clip: Clip, document: bytes, transfer: TransferControl) -> str:
        self._secure_parts(clip, transfer, tagged_before=self._forget_upload(clip))
        transfer.take(len(document))
        key = document_key(self._bucket.prefix, clip)
        of_others = self._tags.others(key, transfer)  # they would be gone with the document that goes
        body = SignedBody(document)
        tags = {**of_others, **self._tags_of(clip)}
        told = {**self._made_with(clip, key, body.sha256), "ContentMD5": md5_of(document)}
        self._tags.go_along(
            tags, lambda more: self._answers.ask("put_object", Key=key, Body=body, **told, **more)
        )
        stored = self._locks.secure(key, self._objects.require(key), self._order(clip))
        self._tags.secure(key, stored, tags, transfer, tagged_before=False)
        return key

    def keep_note(self, log: str, size: int, note: bytes) -> str:
        """Store a signed checkpoint, beside earlier ones of this log."""
        self._locks.require()
        key = note_key_of(self._bucket.prefix, log, size, note)
        self._answers.ask(
            "put_object",
            Key=key,
            Body=SignedBody(note),
            ContentMD5=md5_of(note),
            ContentType=content_type(key),
        )
        return key

    def assess(self, transfer: TransferControl) -> Assessment:
        """Test the store with a canary, and abort unfinished uploads of ours."""
        transfer.take(0)
        locks = self._locks.proven() if self._bucket.lock != "off" else False
        key = canary_key(self._bucket.prefix, self._around.dock)
        with self._share.working():
            told = SharedTransfer(transfer)
            self._checks = Canary(self._answers, self._objects, key, told, self._share).try_out()
        self._abort_abandoned()
        lock = {True: "; Object Lock: enabled", False: ""}[locks]
        tags = self._tags.learn(self._checks.tags)
        said = f"{self._checks.words}; {tags}{lock}"
        return Assessment(method=self._checks.method, words=said, object_lock=locks)

    def probe(self) -> None:
        """Find out whether the bucket is there for us."""
        self._objects.require_bucket()
        self._locks.require()

    # --- one part ------------------------------------------------------------------------------

    def _store_part(self, clip: Clip, number: int, before: int, transfer: TransferControl) -> None:
        name, part = part_name(clip, number), clip.parts[number]
        if len(part.pieces) > MOST_PARTS:
            raise DestinationRefusedError(
                f"destination {self.name}: {name} has {part.size} bytes, and S3 uploads of 16 MiB parts "
                "end at 156 GiB",
                remedy="Use another destination for it",
            )
        with self._open(clip, number) as file:
            key = part_key(self._bucket.prefix, clip, number)
            upload = PartUpload(
                key=key,
                note=note_key(clip.id, number),
                name=name,
                acquired=part,
                file=file,
                transfer=transfer,
                made_with=self._made_with(clip, key, part.sha256),
                tags=self._tags_of(clip),
                before=before,
            )
            uploader = PartUploader(self._answers, self._around.notes, self._checks, self._share, self._tags)
            stored = None
            if key in self._unanswered or not uploader.never_replaces(upload):
                stored = self._same(clip, number, transfer)
            if stored is None:
                self._unanswered.add(key)
                uploader.upload(upload)
                self._unanswered.discard(key)
                stored = self._same(clip, number, transfer)
            if stored is None:
                raise DestinationUnavailableError(
                    f"destination {self.name}: the store acknowledged {key} but does not have it",
                    remedy="Check the store: what it acknowledges may be lost",
                )
            stored = self._locks.secure(key, stored, self._order(clip))
            uploader.finished(upload, stored)

    def _require_sane(self, refusal: NotTakenError) -> None:
        """Find out that other objects are taken, and given to us: only then is a clip refused.

        Raises:
            DestinationUnavailableError: none is.
        """
        key = canary_key(self._bucket.prefix, self._around.dock)
        body = SignedBody(b"bwvdock")
        try:
            self._answers.ask("put_object", Key=key, Body=body, ContentMD5=md5_of(body.content))
        except DestinationRefusedError:
            raise DestinationUnavailableError(
                f"{refusal.message}; it takes no other object either", remedy=refusal.remedy
            ) from refusal
        self._answers.ask("delete_object", Key=key, meant=UNLISTED)

    def _forget_upload(self, clip: Clip) -> bool:
        """Remove the notes of a proven upload; return whether its objects may bear tags of ours already."""
        keys = [note_key(clip.id, number) for number in range(len(clip.parts))]
        notes = [self._around.notes.note(key) for key in keys]
        if self.name in clip.receipts:  # nothing will be asked of its upload any more
            for key in keys:
                self._around.notes.forget(key)
        return not any(notes) or any(note.get("tagged") for note in notes)

    def _secure_parts(self, clip: Clip, transfer: TransferControl, *, tagged_before: bool) -> None:
        """Lock and tag what is there as it should be by what is known now: a hold, or a later date.

        No lock is ever lifted: whose it is cannot be seen, and the store's people may have set it.
        """
        if self._bucket.lock == "off" and not self._tags.used:
            return
        receipt, tags = clip.receipts.get(self.name), self._tags_of(clip)
        # What nobody keeps, nor locks, the store's own rules may have taken away.
        may_be_gone = self._bucket.lock == "off" and "true" not in tags.values()
        for number in range(len(clip.parts)):
            key = part_key(self._bucket.prefix, clip, number)
            proven = receipt.version if receipt and number == 0 else ""
            stored = self._objects.head(key, version=proven)
            if stored is None and may_be_gone:
                continue
            stored = stored or self._objects.require(key)
            if stored.size != clip.parts[number].size:
                raise self._conflict(clip, number, f"{stored.size} bytes")
            stored = self._locks.secure(key, stored, self._order(clip))
            self._tags.secure(key, stored, tags, transfer, tagged_before=tagged_before)

    def _tags_of(self, clip: Clip) -> Mapping[str, str]:
        return tags_of(self._around.manifest(clip))

    def _open(self, clip: Clip, number: int) -> DiskFile:
        name = found_name(self._around.spool.directory, clip, number)
        again = f"`bwvdock clips retry {clip.id}`"
        remedy = f"See its history with `bwvdock clips show {clip.id}`; upload it again with {again}"
        try:
            file = DiskFile.read(self._around.spool.directory, name)
        except OSError as error:
            why = f"the dock's copy of {name} cannot be read from the spool: {words_of(error)}"
            raise DurabilityError(why, remedy=remedy) from error
        if file.size != clip.parts[number].size:
            found = file.size
            file.close()
            raise DurabilityError(
                f"the dock's copy ({name} in the spool) no longer matches the hash taken at ingest: it has "
                f"{found} bytes, not {clip.parts[number].size}",
                remedy=remedy,
            )
        return file

    def _same(self, clip: Clip, number: int, transfer: TransferControl) -> StoredObject | None:
        """Return what is there if it is the part, or None where nothing does.

        Raises:
            ObjectConflictError: something else does.
        """
        key, part = part_key(self._bucket.prefix, clip, number), clip.parts[number]
        stored = self._objects.head(key)
        if stored is None:
            return None
        if stored.size != part.size:
            raise self._conflict(clip, number, f"{stored.size} bytes")
        claimed = stored.sha256 or self._objects.sha256_of(key, stored, transfer)
        if claimed != part.sha256:
            raise self._conflict(clip, number, f"sha256 {claimed}")
        return stored

    def _conflict(self, clip: Clip, number: int, what: str) -> ObjectConflictError:
        part, key = clip.parts[number], part_key(self._bucket.prefix, clip, number)
        return ObjectConflictError(
            f"destination {self.name}: {key} has other content ({what}) instead of {part.size} bytes with "
            f"SHA-256 {part.sha256} taken at ingest; it was left unchanged",
            remedy=f"See its history with `bwvdock clips show {clip.id}`, and check the store's log",
        )

    def _made_with(self, clip: Clip, key: str, sha256: str) -> dict[str, Any]:
        told = metadata(self._around.manifest(clip), sha256=sha256) if self._checks.metadata else {}
        described = {"Metadata": told} if told else {}
        return {**described, "ContentType": content_type(key), **self._order(clip).headers()}

    def _order(self, clip: Clip) -> LockOrder:
        return order(self._bucket.lock, self._around.manifest(clip), self._around.clock.now())

    # --- what was left behind --------------------------------------------------------------------

    def _abort_abandoned(self) -> None:
        """Abort uploads of trials, and of our clips without a note to resume them; others' are not ours."""
        page: dict[str, str] = {}
        for _ in range(_MOST_PAGES):
            answer = self._answers.ask(
                "list_multipart_uploads",
                Prefix=under(self._bucket.prefix, ""),
                meant=UNLISTED,
                **page,
            )
            for upload in (answer or {}).get("Uploads", []):
                self._abort_if_abandoned(str(upload.get("Key", "")), str(upload.get("UploadId", "")))
            if answer is None or not answer.get("IsTruncated"):
                return
            page = {
                "KeyMarker": str(answer.get("NextKeyMarker", "")),
                "UploadIdMarker": str(answer.get("NextUploadIdMarker", "")),
            }

    def _abort_if_abandoned(self, key: str, upload: str) -> None:
        if key == canary_key(self._bucket.prefix, self._around.dock):  # of a trial that was interrupted
            abort(self._answers, key, upload)
        match = _PART.search(f"/{key}")
        if match is None:
            return
        note = self._around.notes.note(note_key(match[1], int(match[2])))
        if note and note.get("upload") != upload:
            abort(self._answers, key, upload)
