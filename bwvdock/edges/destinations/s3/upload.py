"""How does one part of a clip get into the bucket?

A part of one piece is one request. A longer one is a multipart upload (multipart.py), or one request where
the store has no multipart uploads: from its beginning after an interruption.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from bwvdock.edges.destinations.s3.body import PartUpload
from bwvdock.edges.destinations.s3.canary import Checks
from bwvdock.edges.destinations.s3.connection import Answers
from bwvdock.edges.destinations.s3.multipart import (
    MultipartUploads,
    bare,
    digests,
    remember_object,
    upload_note,
)
from bwvdock.edges.destinations.s3.objects import StoredObject
from bwvdock.edges.destinations.s3.parallel import Share
from bwvdock.edges.destinations.s3.tags import Tags
from bwvdock.edges.destinations.upload_notes import Notes
from bwvdock.errors import DestinationUnavailableError

_MOST_IN_ONE_REQUEST = 5 * 2**30  # bytes, by S3's limits
_EXISTS = frozenset({"412", "PreconditionFailed", "409", "ConditionalRequestConflict"})


class PartUploader:
    """Uploads parts into one bucket."""

    def __init__(self, answers: Answers, notes: Notes, checks: Checks, share: Share, tags: Tags) -> None:
        self._answers, self._notes, self._checks = answers, notes, checks
        self._share, self._tags = share, tags

    def never_replaces(self, part: PartUpload) -> bool:
        """Return whether a part that the store may have already can be sent to it without looking first.

        So it is with one request to a store that was seen to refuse it where something is; and where the dock
        remembers no earlier request, because what is there need not be sent again.
        """
        in_one = len(part.pieces) <= 1
        return in_one and self._checks.if_none_match and not upload_note(self._notes, part)

    def upload(self, part: PartUpload) -> None:
        """Upload a part; the caller checks the result afterwards.

        Raises:
            DestinationUnavailableError: not now.
            DurabilityError: the spool's copy is not what was acquired.
            HaltedError: the transfer was stopped.
        """
        if len(part.pieces) > 1 and self._checks.multipart:
            MultipartUploads(self._answers, self._notes, self._checks, self._share).upload(part)
        else:
            self._put(part)

    def _put(self, part: PartUpload) -> None:
        """Upload a part in one request; what another process was faster to store is left as it is."""
        if part.acquired.size > _MOST_IN_ONE_REQUEST:
            raise DestinationUnavailableError(
                f"destination {self._answers.name}: it has no multipart uploads, and {part.name} has "
                f"{part.acquired.size} bytes: more than the 5 GiB that go in one request",
                remedy="Enable multipart uploads in the store, then `systemctl reload bwvdock`",
            )
        body = part.whole()
        # A bucket that locks takes no object without a digest (S3 API, PutObject, Content-MD5).
        digest = digests(body, self._checks, checksum=self._checks.checksum) or {
            "ContentMD5": body.content_md5()
        }
        condition = {"IfNoneMatch": "*"} if self._checks.if_none_match else {}
        told = {**part.made_with, **digest, **condition}
        answer = self._tags.go_along(
            part.tags,
            lambda more: self._answers.ask(
                "put_object", Key=part.key, Body=body, meant=_EXISTS, **told, **more
            ),
        )
        if answer is not None:
            remember_object(self._notes, part, etag=answer.get("ETag", ""), checked=self._checks.pieces)

    def finished(self, part: PartUpload, stored: StoredObject) -> None:
        """Remember whether an object was made of pieces that the store checked, and forget its upload.

        Args:
            part: the part.
            stored: the object that is there, made by this dock or by anyone else.
        """
        note = upload_note(self._notes, part)
        checked = bool(note.get("checked")) if "etag" in note else not note.get("unchecked", False)
        ours = note.get("etag") or _etag_of(note.get("parts", {}), len(part.pieces))
        remember_object(
            self._notes,
            part,
            etag=stored.etag,
            version=stored.version,
            checked=checked and bare(ours) == bare(stored.etag),
            tagged=len(part.pieces) <= 1 and self._tags.went_along,
        )


def _etag_of(etags: Mapping[str, str], count: int) -> str:
    """Return the ETag that an object of these pieces has where ETags are MD5s, as nearly everywhere."""
    try:
        found = [bytes.fromhex(bare(etags[str(number)])) for number in range(1, count + 1)]
    except (KeyError, ValueError):
        return ""
    return f"{hashlib.md5(b''.join(found), usedforsecurity=False).hexdigest()}-{count}"
