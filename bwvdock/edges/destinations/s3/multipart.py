"""How does a long part of a clip get into the bucket, and resume after an interruption?

As a multipart upload whose parts are the pieces of the journal, 16 MiB each. The store's list of parts says
what it has, and a note on the dock which of them were sent under the journal's digest to a store that is
known to refuse a wrong one. Where a store gives no list, the note alone says what need not be sent again, and
the whole is read back.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from bwvdock.edges.destinations.s3.body import PartUpload, SignedBody, base64_of
from bwvdock.edges.destinations.s3.canary import Checks
from bwvdock.edges.destinations.s3.connection import Answers
from bwvdock.edges.destinations.s3.parallel import Share, send_all
from bwvdock.edges.destinations.upload_notes import Notes
from bwvdock.errors import DestinationUnavailableError

MOST_PARTS = 10_000  # of one multipart upload, by S3's limits: 156 GiB of 16 MiB each
# Not every store lists uploads; rclone answers NoSuchUpload where there is none.
UNLISTED = frozenset({"400", "403", "404", "405", "501", "NoSuchUpload"})
_LOST = frozenset({"NoSuchUpload", "InvalidPart", "InvalidPartOrder", "EntityTooSmall"})
_NO_LIST = frozenset({"403", "405", "501"})  # of the parts of an upload
_ATTEMPTS = 2  # at one part: an upload may be aborted in the middle (a lifecycle rule, an operator)
_MOST_ABORTED = 100  # of one list: the rest waits for the next time


class _UploadLostError(RuntimeError):
    """The store does not know the upload, or not all of its pieces."""


@dataclass(kw_only=True, slots=True)
class _Upload:
    """A multipart upload.

    Attributes:
        id: the store's name for it.
        checksum: it was begun with a checksum for each piece: then every piece needs one.
        etags: the store's answer to each piece that was sent, by number.
        unchecked: there may be pieces that the store did not compare with their digests.
        kept: the pieces that need not be sent again.
    """

    id: str
    checksum: bool = False
    etags: dict[int, str] = field(default_factory=dict)
    unchecked: bool = False
    kept: frozenset[int] = frozenset()

    @classmethod
    def of(cls, note: Mapping[str, Any], pieces: range) -> Self | None:
        """Return the upload that a note describes; None if it describes none."""
        if not note.get("upload"):
            return None
        etags = {number: str(note.get("parts", {}).get(str(number), "")) for number in pieces}
        return cls(
            id=str(note["upload"]),
            checksum=bool(note.get("checksum")),
            etags={number: etag for number, etag in etags.items() if etag},
            unchecked=bool(note.get("unchecked")),
        )

    def note(self) -> dict[str, Any]:
        """Return what is noted of it."""
        parts = {str(number): etag for number, etag in self.etags.items()}
        doubt = {"unchecked": True} if self.unchecked else {}
        return {"upload": self.id, "parts": parts, "checksum": self.checksum, **doubt}


class MultipartUploads:
    """Multipart uploads into one bucket."""

    def __init__(self, answers: Answers, notes: Notes, checks: Checks, share: Share) -> None:
        self._answers, self._notes, self._checks, self._share = answers, notes, checks, share

    def upload(self, part: PartUpload) -> None:
        """Upload a part; the caller checks the result afterwards.

        Raises:
            DestinationUnavailableError: not now.
            DurabilityError: the spool's copy is not what was acquired.
            HaltedError: the transfer was stopped.
        """
        for _ in range(_ATTEMPTS):
            try:
                self._attempt(part)
            except _UploadLostError:
                self._notes.forget(part.note)
            else:
                return
        raise DestinationUnavailableError(
            f"destination {self._answers.name}: the store repeatedly lost the upload of {part.key}",
            remedy="Check whether a lifecycle rule of the bucket aborts uploads too early",
        )

    def _attempt(self, part: PartUpload) -> None:
        upload = self._resume(part) or self._begin(part)
        self._send_pieces(part, upload)
        self._complete(part, upload)

    def _resume(self, part: PartUpload) -> _Upload | None:
        """Return the upload that was interrupted; None if there is none, or the store no longer has it."""
        upload = _Upload.of(upload_note(self._notes, part), part.pieces)
        if upload is None:
            return None
        try:
            listed = self._list_pieces(part, upload)
        except _UploadLostError:
            return None
        if listed is None:
            upload.kept = frozenset(upload.etags)
            if upload.kept and not upload.unchecked:
                upload.unchecked = True  # the store does not say that it still has them
                self._note(part, upload)
        else:
            upload.kept = frozenset(
                number
                for number, etag in upload.etags.items()
                if listed.get(number) == (bare(etag), part.length(number))
            )
        return upload

    def _list_pieces(self, part: PartUpload, upload: _Upload) -> Mapping[int, tuple[str, int]] | None:
        """Return ETag and size of the pieces that the store has; None where it gives no list.

        Raises:
            _UploadLostError: it does not know the upload.
        """
        pieces: dict[int, tuple[str, int]] = {}
        page: dict[str, Any] = {}
        for _ in part.pieces:  # no list that ends has more pages
            answer, refusal = self._answers.told(
                "list_parts", Key=part.key, UploadId=upload.id, meant={"404"} | _LOST | _NO_LIST, **page
            )
            if refusal in _NO_LIST:
                return None
            if refusal:
                raise _UploadLostError
            for piece in answer.get("Parts", []):
                if (number := piece.get("PartNumber", 0)) in part.pieces:
                    pieces[number] = (bare(piece.get("ETag", "")), piece.get("Size", -1))
            following = answer.get("NextPartNumberMarker")
            if not answer.get("IsTruncated") or following == page.get("PartNumberMarker"):
                break
            page = {"PartNumberMarker": following}
        return pieces

    def _begin(self, part: PartUpload) -> _Upload:
        self._abort_strays(part)
        checksum = {"ChecksumAlgorithm": "SHA256"} if self._checks.checksum else {}
        answer = self._answers.ask("create_multipart_upload", Key=part.key, **part.made_with, **checksum)
        upload = _Upload(id=str((answer or {}).get("UploadId", "")), checksum=self._checks.checksum)
        if not upload.id:
            raise DestinationUnavailableError(
                f"destination {self._answers.name}: the server that began an upload of {part.key} is not an "
                "S3 store",
                remedy="Check for a captive portal or a proxy between the dock and the store",
            )
        self._note(part, upload)
        return upload

    def _abort_strays(self, part: PartUpload) -> None:
        # Of this very key: begun by us, and the answer never arrived or its note was lost.
        answer = self._answers.ask("list_multipart_uploads", Prefix=part.key, meant=UNLISTED)
        for stray in (answer or {}).get("Uploads", [])[:_MOST_ABORTED]:
            if stray.get("Key") == part.key:
                abort(self._answers, part.key, str(stray.get("UploadId", "")))

    def _send_pieces(self, part: PartUpload, upload: _Upload) -> None:
        """Send the pieces that the store does not have yet, and note each.

        Raises:
            _UploadLostError: the store no longer knows the upload.
        """
        arrived = part.before + sum(part.length(number) for number in upload.kept)
        part.transfer.reached(arrived)
        noting = threading.Lock()

        def send(number: int) -> None:
            nonlocal arrived
            body = part.body(number)
            answer = self._ask(
                "upload_part",
                part,
                upload,
                PartNumber=number,
                Body=body,
                **digests(body, self._checks, checksum=upload.checksum),
            )
            with noting:
                upload.etags[number] = str(answer.get("ETag", ""))
                upload.unchecked = upload.unchecked or not self._checks.pieces
                self._note(part, upload)
                arrived += len(body)
                part.transfer.reached(arrived)

        left = [number for number in part.pieces if number not in upload.kept]
        send_all(left, send, self._share, look=lambda: part.transfer.take(0))

    def _complete(self, part: PartUpload, upload: _Upload) -> None:
        """Have the store make one object of the pieces.

        Raises:
            _UploadLostError: the store no longer has all of them.
        """
        parts = []
        for number in part.pieces:
            checksum = (
                {"ChecksumSHA256": base64_of(part.acquired.pieces[number - 1])} if upload.checksum else {}
            )
            parts.append({"PartNumber": number, "ETag": upload.etags[number], **checksum})
        answer = self._ask("complete_multipart_upload", part, upload, MultipartUpload={"Parts": parts})
        if etag := answer.get("ETag"):  # RadosGW 16 leaves it empty
            remember_object(self._notes, part, etag=etag, checked=not upload.unchecked)

    def _ask(
        self,
        operation: str,
        part: PartUpload,
        upload: _Upload,
        **parameters: Any,  # noqa: ANN401 - as many shapes as S3 has operations
    ) -> Mapping[str, Any]:
        answer = self._answers.ask(operation, Key=part.key, UploadId=upload.id, meant=_LOST, **parameters)
        if answer is None:
            raise _UploadLostError
        return answer

    def _note(self, part: PartUpload, upload: _Upload) -> None:
        self._notes.remember(part.note, {"sha256": part.acquired.sha256, **upload.note()})


def abort(answers: Answers, key: str, upload: str) -> None:
    """Abort an upload, or find that it is gone, or that the store does not let us."""
    answers.ask("abort_multipart_upload", Key=key, UploadId=upload, meant=UNLISTED)


def bare(etag: object) -> str:
    """Return an ETag without its quotes, which some answers lack."""
    return str(etag).strip('"')


def digests(body: SignedBody, checks: Checks, *, checksum: bool) -> dict[str, str]:
    """Return the digests that a body is sent with, beside the one in its signature."""
    found: dict[str, str] = {}
    if checksum:
        found["ChecksumSHA256"] = base64_of(body.sha256)
    if checks.md5 and not checks.pieces:
        found["ContentMD5"] = body.content_md5()
    return found


def upload_note(notes: Notes, part: PartUpload) -> dict[str, Any]:
    """Return what was noted of the upload of this very content; empty where there is nothing."""
    note = notes.note(part.note)
    sound = note.get("sha256") == part.acquired.sha256 and isinstance(note.get("parts", {}), dict)
    return note if sound else {}


def remember_object(
    notes: Notes,
    part: PartUpload,
    *,
    etag: str,
    checked: bool,
    version: str | None = None,
    tagged: bool = False,
) -> None:
    """Note the object that a part became; whether the store compared its pieces, and whether it has tags."""
    known: dict[str, Any] = {} if version is None else {"version": version}
    known |= {"tagged": True} if tagged else {}
    notes.remember(part.note, {"sha256": part.acquired.sha256, "etag": etag, **known, "checked": checked})
