"""What does a store lack that a clip may need? Found out with the canary, and said in words.

Without parts a clip goes in one request; without a list of them an interrupted upload resumes from the dock's
notes; without HEAD the first byte is read; without ranges an object is read back in one go; without metadata
what is there is compared by reading it back. A store that gives nothing back, and compares nothing, proves
nothing: that is said before the first clip goes there.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from bwvdock.core.ports import TransferControl
from bwvdock.edges.destinations.s3.body import SignedBody, base64_of, md5_of
from bwvdock.edges.destinations.s3.connection import Answers, Patient
from bwvdock.edges.destinations.s3.objects import LACKING, Objects, StoredObject
from bwvdock.errors import DestinationUnavailableError

_REFUSED = LACKING | {"400", "403", "404"}
_FORGOTTEN = frozenset({"404", "NoSuchUpload"})
_HEADERS = frozenset({"400", "501"})  # of a request that a store would take without some header
_FIRST, _LAST = 10, 19  # of a range


class Abilities:
    """One trial of what a store can do, under one key; `said` has the words for what it cannot."""

    def __init__(self, answers: Answers, objects: Objects, key: str, transfer: TransferControl) -> None:
        self._plain, self._objects, self._key, self._transfer = answers, objects, key, transfer
        self._answers = Patient(answers, transfer)
        self.said: list[str] = []
        self.stored: StoredObject | None = None  # what was seen after the object was put

    def keeps_metadata(self, content: bytes) -> bool:
        """Put an object that is described as clips are; return whether descriptions are taken.

        Raises:
            DestinationUnavailableError: it takes none without a description either.
        """
        self._objects.answers_head = self._objects.gives_ranges = True
        sha256 = hashlib.sha256(content).hexdigest()
        put: dict[str, Any] = {"Key": self._key, "Body": SignedBody(content), "ContentMD5": md5_of(content)}
        _, word = self._answers.told("put_object", meant=_HEADERS, Metadata={"sha256": sha256}, **put)
        if word:
            self._answers.ask("put_object", **put)
            self.said.append(f"metadata: not taken ({word}); what a clip is, only its custody document says")
            return False
        self.stored = stored = self._objects.head(self._key)
        if stored is not None and stored.sha256 != sha256:
            self.said.append("metadata: not given back")
        if not self._objects.answers_head:
            self.said.append("HEAD: not answered; the first byte is read in its place")
        return True

    def reads(self, content: bytes) -> bool:
        """Return whether what was put is given back."""
        found, word = self._read({})
        if word or found != content:
            self.said.append(f"objects are not given back ({word or 'other bytes'})")
            return False
        found, word = self._read({"Range": f"bytes={_FIRST}-{_LAST}"})
        self._objects.gives_ranges = not word and found == content[_FIRST : _LAST + 1]
        if not self._objects.gives_ranges:
            self.said.append("ranges: not given; a clip is read back in one go")
        return True

    def _read(self, more: dict[str, str]) -> tuple[bytes, str]:
        answer, word = self._answers.told("get_object", meant=_REFUSED | {"416"}, Key=self._key, **more)
        if word:
            return b"", word
        length = answer.get("ContentLength")
        if answer.get("ContentEncoding") or length is None or length > 4096:
            answer["Body"].close()
            return b"", "" if length is None else f"{length} bytes"
        return b"".join(self._plain.blocks(answer["Body"], length, self._transfer)), ""


class PartsTrial:
    """One trial of multipart uploads, under one key; `said` has the words for what is lacking."""

    def __init__(self, answers: Patient, key: str, content: bytes) -> None:
        """Describe it: `content` is what is right, and never becomes an object."""
        self._answers, self._key, self._content = answers, key, content
        self._begun: list[str] = []
        self._checksums = False  # parts need a checksum
        self.said: list[str] = []

    def try_out(self, wrong: Mapping[str, Mapping[str, Any]]) -> Mapping[str, str] | None:
        """Return the store's word for each wrong part that it refuses, "" for one that it takes.

        None: it has no multipart uploads.

        Args:
            wrong: a part for each kind of digest that is wrong with it.
        """
        answer, word = self._begun_with(ChecksumAlgorithm="SHA256")
        self._checksums = not word
        if word:
            answer, word = self._begun_with()
        if word:
            self.said.append(
                f"multipart uploads: none ({word}); a clip goes in one request, 5 GiB at the most"
            )
            return None
        upload = self._with_part(self._named(answer))
        self._list(upload)
        # Each under a number of its own: rclone takes a number once.
        found = {
            kind: self._refused(part, upload, n) for n, (kind, part) in enumerate(wrong.items(), start=2)
        }
        self.tidy_up()
        return found

    def _begun_with(self, **told: str) -> tuple[Mapping[str, Any], str]:
        return self._answers.told("create_multipart_upload", meant=_REFUSED, Key=self._key, **told)

    def begin(self, **told: str) -> dict[str, Any]:
        """Begin an upload; return the parameters that name it."""
        return self._named(self._answers.ask("create_multipart_upload", Key=self._key, **told))

    def tidy_up(self) -> None:
        """Abort what was begun; an answer that was lost is found by the next trial."""
        while self._begun:
            which = {"Key": self._key, "UploadId": self._begun.pop()}
            self._answers.told("abort_multipart_upload", meant=_REFUSED, **which)

    def _named(self, answer: Mapping[str, Any] | None) -> dict[str, Any]:
        upload = str((answer or {}).get("UploadId", ""))
        if not upload:
            raise DestinationUnavailableError(
                f"destination {self._answers.name}: no upload of {self._key} begins: this is not an S3 store",
                remedy="Check what is between the dock and the store: a captive portal, a proxy",
            )
        self._begun.append(upload)
        return {"Key": self._key, "UploadId": upload}

    def _with_part(self, upload: Mapping[str, Any]) -> Mapping[str, Any]:
        right = {"Body": SignedBody(self._content), "ContentMD5": md5_of(self._content)}
        self._answers.ask("upload_part", PartNumber=1, **upload, **self._labelled(right))
        return upload

    def _labelled(self, part: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return a part with the checksum that each needs in such an upload, unless it has one."""
        right = base64_of(hashlib.sha256(part["Body"].content).hexdigest())
        return {"ChecksumSHA256": right, **part} if self._checksums else part

    def _list(self, upload: Mapping[str, Any]) -> None:
        listed, word = self._answers.told("list_parts", meant=_REFUSED, **upload)
        if word or not listed.get("Parts"):
            why = word or "none is listed"
            self.said.append(
                f"list of parts: not given ({why}); an interrupted upload resumes from the dock's notes"
            )

    def _refused(self, wrong: Mapping[str, Any], upload: Mapping[str, Any], number: int) -> str:
        """Send a wrong part after a right one; return the store's word, "" if it takes it."""
        if "ChecksumSHA256" in wrong and not self._checksums:
            return ""
        told = self._labelled(wrong)
        _, word = self._answers.tried("upload_part", statuses={400, 404}, PartNumber=number, **upload, **told)
        if word not in _FORGOTTEN:
            return word
        # rclone forgets a whole upload over one wrong part
        algorithm = {"ChecksumAlgorithm": "SHA256"} if self._checksums else {}
        again = self._with_part(self.begin(**algorithm))
        return self._answers.refused("upload_part", PartNumber=2, **again, **told)
