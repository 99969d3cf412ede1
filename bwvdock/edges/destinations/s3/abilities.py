"""What does a store lack that a clip may need? Found out with the canary, and said in words.

Without parts a clip goes in one request; without a list of them an interrupted upload resumes from the dock's
notes; without HEAD the first byte is read; without ranges an object is read back in one go; without metadata
what is there is compared by reading it back. A store that gives nothing back, and compares nothing, proves
nothing: that is said before the first clip goes there.
"""

from __future__ import annotations

import hashlib
from typing import Any

from bwvdock.core.ports import TransferControl
from bwvdock.edges.destinations.s3.body import SignedBody, md5_of
from bwvdock.edges.destinations.s3.connection import Answers, Patient
from bwvdock.edges.destinations.s3.objects import LACKING, Objects
from bwvdock.errors import DestinationUnavailableError

_REFUSED = LACKING | {"400", "403", "404"}
_HEADERS = frozenset({"400", "501"})  # of a request that a store would take without some header
_FIRST, _LAST = 10, 19  # of a range


class Abilities:
    """One trial of what a store can do, under one key; `said` has the words for what it cannot."""

    def __init__(self, answers: Answers, objects: Objects, key: str, transfer: TransferControl) -> None:
        self._plain, self._objects, self._key, self._transfer = answers, objects, key, transfer
        self._answers = Patient(answers, transfer)
        self.said: list[str] = []

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
        standing = self._objects.head(self._key)
        if standing is not None and standing.sha256 != sha256:
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

    def takes_parts(self, content: bytes) -> bool:
        """Return whether there are multipart uploads."""
        answer, word = self._answers.told("create_multipart_upload", meant=_REFUSED, Key=self._key)
        if word:
            self.said.append(
                f"multipart uploads: none ({word}); a clip goes in one request, 5 GiB at the most"
            )
            return False
        upload = {"Key": self._key, "UploadId": str(answer.get("UploadId", ""))}
        if not upload["UploadId"]:
            raise DestinationUnavailableError(
                f"destination {self._plain.name}: no upload of {self._key} begins: this is not an S3 store",
                remedy="Check what is between the dock and the store: a captive portal, a proxy",
            )
        part = {"PartNumber": 1, "Body": SignedBody(content), "ContentMD5": md5_of(content)}
        self._answers.ask("upload_part", **upload, **part)
        listed, word = self._answers.told("list_parts", meant=_REFUSED, **upload)
        if word or not listed.get("Parts"):
            why = word or "none is listed"
            self.said.append(
                f"list of parts: not given ({why}); an interrupted upload resumes from the dock's notes"
            )
        self._answers.told("abort_multipart_upload", meant=_REFUSED, **upload)
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
