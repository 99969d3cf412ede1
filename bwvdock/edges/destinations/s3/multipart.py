"""How does one part of a clip get into the bucket, and resume after an interruption?

A part of one piece is one request. A longer one is a multipart upload whose parts are the pieces of the
journal, 16 MiB each: the store's list of parts says what it holds, and a note on the dock which of them
were sent under the journal's digest to a store that is known to refuse a wrong one. Where a store gives no
list, the note alone says what need not be sent again, and the whole is read back; where it has no multipart
uploads, a part goes in one request, and from its beginning after a cut.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bwvdock.core.facts import AcquiredPart
from bwvdock.core.ports import PIECE_BYTES, TransferControl
from bwvdock.edges.destinations.s3.body import PieceBody, SignedBody, base64_of
from bwvdock.edges.destinations.s3.canary import Checks
from bwvdock.edges.destinations.s3.connection import Answers
from bwvdock.edges.destinations.s3.objects import Standing
from bwvdock.edges.destinations.upload_notes import Notes
from bwvdock.edges.durable import DiskFile
from bwvdock.errors import DestinationUnavailableError

_MOST_WHOLE = 5 * 2**30  # bytes of one request, by S3's limits
MOST_PARTS = 10_000  # of one multipart upload, by S3's limits: 156 GiB of 16 MiB each
_LOST = frozenset({"NoSuchUpload", "InvalidPart", "InvalidPartOrder", "EntityTooSmall"})
_EXISTS = frozenset({"412", "PreconditionFailed", "409", "ConditionalRequestConflict"})
# Not every store lists uploads; rclone answers NoSuchUpload where there is none.
UNLISTED = frozenset({"400", "403", "404", "405", "501", "NoSuchUpload"})
NO_LIST = frozenset({"403", "405", "501"})  # of the parts of an upload
_MOST_ABORTED = 100  # of one list: the rest waits for the next time


UNKNOWN: Mapping[int, tuple[str, int]] = {-1: ("", -1)}  # which parts a store has


@dataclass(frozen=True, kw_only=True, slots=True)
class Job:
    """One part to be uploaded.

    `note` is its note's key, `made_with` what asks for metadata and locks when the object is made, `before`
    the bytes of the clip's parts that are there already.
    """

    key: str
    note: str
    name: str
    part: AcquiredPart
    file: DiskFile
    transfer: TransferControl
    made_with: Mapping[str, Any]
    before: int

    def whole(self) -> SignedBody:
        """Return all of it as one body."""
        if not self.part.pieces:
            return SignedBody(b"", sha256=self.part.sha256)
        return PieceBody(
            self.file,
            name=self.name,
            offset=0,
            length=self.part.size,
            sha256=self.part.sha256,
            transfer=self.transfer,
        )

    def body(self, number: int) -> PieceBody:
        """Return the piece with this number, from 1 on, as S3 counts parts."""
        offset = (number - 1) * PIECE_BYTES
        return PieceBody(
            self.file,
            name=self.name,
            offset=offset,
            length=min(PIECE_BYTES, self.part.size - offset),
            sha256=self.part.pieces[number - 1],
            transfer=self.transfer,
        )


class Carrier:
    """Brings parts into one bucket."""

    def __init__(self, answers: Answers, notes: Notes, checks: Checks) -> None:
        self._answers, self._notes, self._checks = answers, notes, checks

    def carry(self, job: Job) -> None:
        """Upload a part; the caller checks the result afterwards.

        Raises:
            DestinationUnavailableError: not now.
            DurabilityError: the spool's copy is not what was acquired.
            HaltedError: the passage stopped it.
        """
        if len(job.part.pieces) <= 1 or not self._checks.multipart:
            self._put(job)
            return
        for _ in range(
            2
        ):  # an upload may be gone in the middle (a lifecycle rule, an operator): begin again, once
            upload, held = self._resume(job)
            if self._send(job, upload, held) and self._complete(job, upload):
                return
        raise DestinationUnavailableError(
            f"destination {self._answers.name}: the store repeatedly lost the upload of {job.key}",
            remedy="Check whether a lifecycle rule of the bucket aborts uploads too early",
        )

    def _put(self, job: Job) -> None:
        if job.part.size > _MOST_WHOLE:
            raise DestinationUnavailableError(
                f"destination {self._answers.name}: it has no multipart uploads, and {job.name} has "
                f"{job.part.size} bytes: more than the 5 GiB that go in one request",
                remedy="Enable multipart uploads in the store, then `systemctl reload bwvdock`",
            )
        body = job.whole()
        more = self._digests(body, checksum=self._checks.checksum)
        if not more:
            # A bucket that locks takes no object without one of them (S3 API, PutObject, Content-MD5).
            more["ContentMD5"] = body.content_md5()
        if self._checks.if_none_match:
            more["IfNoneMatch"] = "*"
        answer = self._answers.ask(
            "put_object", Key=job.key, Body=body, meant=_EXISTS, **job.made_with, **more
        )
        if answer is not None:  # otherwise somebody was faster, and what is there is looked at in any case
            self._remember(job, {"etag": answer.get("ETag", ""), "checked": self._checks.pieces})

    def _digests(self, body: SignedBody, *, checksum: bool) -> dict[str, str]:
        digests: dict[str, str] = {}
        if checksum:
            digests["ChecksumSHA256"] = base64_of(body.sha256)
        if self._checks.md5 and not self._checks.pieces:
            digests["ContentMD5"] = body.content_md5()
        return digests

    # --- in parts ----------------------------------------------------------------------------------

    def _resume(self, job: Job) -> tuple[str, dict[int, str]]:
        """Return the upload and the ETags of the parts that need not be sent again."""
        note = self.note(job)
        upload = str(note.get("upload", ""))
        listed = self._listed(job, upload) if upload else None
        if listed is None:
            return self._begin(job), {}
        noted = note.get("parts", {})
        held = {
            number: etag
            for number in range(1, len(job.part.pieces) + 1)
            if (etag := str(noted.get(str(number), "")))
            and (listed is UNKNOWN or listed.get(number) == (bare(etag), len(job.body(number))))
        }
        if held and listed is UNKNOWN and not note.get("unchecked"):
            self._notes.remember(job.note, {**note, "unchecked": True})  # nobody says that it still has them
        return upload, held

    def _listed(self, job: Job, upload: str) -> Mapping[int, tuple[str, int]] | None:
        """Return the parts that the store has, UNKNOWN where it gives no list, None if there is no upload."""
        parts: dict[int, tuple[str, int]] = {}
        page: dict[str, Any] = {}
        for _ in job.part.pieces:  # no list that ends has more pages
            answer, word = self._answers.told(
                "list_parts", Key=job.key, UploadId=upload, meant={"404"} | _LOST | NO_LIST, **page
            )
            if word:
                return UNKNOWN if word in NO_LIST else None
            for part in answer.get("Parts", []):
                if 0 < (number := part.get("PartNumber", 0)) <= len(job.part.pieces):
                    parts[number] = (bare(part.get("ETag", "")), part.get("Size", -1))
            following = answer.get("NextPartNumberMarker")
            if not answer.get("IsTruncated") or following == page.get("PartNumberMarker"):
                break
            page = {"PartNumberMarker": following}
        return parts

    def _begin(self, job: Job) -> str:
        self._abort_strays(job)
        more = {"ChecksumAlgorithm": "SHA256"} if self._checks.checksum else {}
        answer = self._answers.ask("create_multipart_upload", Key=job.key, **job.made_with, **more)
        upload = str((answer or {}).get("UploadId", ""))
        if not upload:
            raise DestinationUnavailableError(
                f"destination {self._answers.name}: the server that began an upload of {job.key} is not an "
                "S3 store",
                remedy="Check for a captive portal or a proxy between the dock and the store",
            )
        self._notes.remember(
            job.note,
            {"sha256": job.part.sha256, "upload": upload, "parts": {}, "checksum": self._checks.checksum},
        )
        return upload

    def _abort_strays(self, job: Job) -> None:
        # Of this very key: begun by us, and the answer never arrived or its note was lost.
        answer = self._answers.ask("list_multipart_uploads", Prefix=job.key, meant=UNLISTED)
        for stray in (answer or {}).get("Uploads", [])[:_MOST_ABORTED]:
            if stray.get("Key") == job.key:
                abort(self._answers, job.key, str(stray.get("UploadId", "")))

    def _send(self, job: Job, upload: str, held: dict[int, str]) -> bool:
        """Send what is missing; False where the store no longer knows the upload."""
        arrived = job.before + sum(len(job.body(number)) for number in held)
        job.transfer.reached(arrived)
        checksum = bool(self.note(job).get("checksum"))  # of the whole upload, or of none of its parts
        for number in range(1, len(job.part.pieces) + 1):
            if number in held:
                continue
            body = job.body(number)
            answer = self._answers.ask(
                "upload_part",
                Key=job.key,
                UploadId=upload,
                PartNumber=number,
                Body=body,
                meant=_LOST,
                **self._digests(body, checksum=checksum),
            )
            if answer is None:
                self._notes.forget(job.note)
                return False
            self._note_part(job, number, str(answer.get("ETag", "")))
            arrived += len(body)
            job.transfer.reached(arrived)
        return True

    def _note_part(self, job: Job, number: int, etag: str) -> None:
        note = self.note(job)
        note["parts"][str(number)] = etag
        if not self._checks.pieces:
            note["unchecked"] = True
        self._notes.remember(job.note, note)

    def _complete(self, job: Job, upload: str) -> bool:
        note = self.note(job)
        parts = []
        for number, sha256 in enumerate(job.part.pieces, start=1):
            part = {"PartNumber": number, "ETag": note["parts"][str(number)]}
            if note.get("checksum"):
                part["ChecksumSHA256"] = base64_of(sha256)
            parts.append(part)
        answer = self._answers.ask(
            "complete_multipart_upload",
            Key=job.key,
            UploadId=upload,
            MultipartUpload={"Parts": parts},
            meant=_LOST,
        )
        if answer is None:
            self._notes.forget(job.note)
        elif answer.get("ETag"):  # RadosGW 16 leaves it empty
            self._remember(job, {"etag": answer["ETag"], "checked": not note.get("unchecked", False)})
        return answer is not None

    # --- what is remembered ------------------------------------------------------------------------

    def note(self, job: Job) -> dict[str, Any]:
        """Return the note of this very content; empty where there is none."""
        note = self._notes.note(job.note)
        sound = note.get("sha256") == job.part.sha256 and isinstance(note.get("parts", {}), dict)
        return note if sound else {}

    def settle(self, job: Job, standing: Standing) -> None:
        """Remember of a finished object whether it was made of checked pieces, and nothing else of it."""
        note = self.note(job)
        ours = note.get("etag") or _etag_of(note.get("parts", {}), len(job.part.pieces))
        checked = bool(note.get("checked")) if "etag" in note else not note.get("unchecked", False)
        made = {"etag": standing.etag, "version": standing.version}
        self._remember(job, made | {"checked": checked and bare(ours) == bare(standing.etag)})

    def _remember(self, job: Job, told: Mapping[str, object]) -> None:
        self._notes.remember(job.note, {"sha256": job.part.sha256, **told})


def abort(answers: Answers, key: str, upload: str) -> None:
    """Abort an upload, or find that it is gone, or that the store does not let us."""
    answers.ask("abort_multipart_upload", Key=key, UploadId=upload, meant=UNLISTED)


def bare(etag: object) -> str:
    """Return an ETag without its quotes, which some answers lack."""
    return str(etag).strip('"')


def _etag_of(parts: Mapping[str, str], count: int) -> str:
    """Return the ETag that an object of these parts has where ETags are MD5s, as nearly everywhere."""
    try:
        digests = [bytes.fromhex(bare(parts[str(number)])) for number in range(1, count + 1)]
    except (KeyError, ValueError):
        return ""
    return f"{hashlib.md5(b''.join(digests), usedforsecurity=False).hexdigest()}-{count}"
