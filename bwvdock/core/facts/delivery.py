"""What can have happened to a clip at the evidence stores?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from bwvdock.core.facts.personal import personal


@dataclass(frozen=True, kw_only=True, slots=True)
class ClipUploaded:
    """A destination has as many bytes as the clip; `awaiting` names the required ones that do not yet."""

    kind: ClassVar[str] = "clip_uploaded"
    clip: str
    destination: str
    object: str
    awaiting: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class ClipVerified:
    """A destination's copy was proven, by `method`, to have the digest taken at ingest.

    `words` are the store's own words about its copy (an ETag, an offset, a version's lock). `owes_document`
    says that the clip's custody document is to be stored beside it; a copy verified before there were such
    documents gets none.
    """

    kind: ClassVar[str] = "clip_verified"
    clip: str
    destination: str
    object: str
    version: str
    sha256: str
    method: str
    awaiting: tuple[str, ...] = ()
    words: str = ""
    owes_document: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class ClipDescribed:
    """The clip's custody document was stored beside a destination's copy; `sha256` is the document's.

    `revision` is the clip's when the document was written (core/clips/clip.py): a document that is out of
    date by now does not count.
    """

    kind: ClassVar[str] = "clip_described"
    clip: str
    destination: str
    object: str
    sha256: str
    revision: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class DocumentRefused:
    """A destination with a proven copy refuses the custody document; the receipt remains valid.

    No document is sent there until an operator orders it or the clip changes. `revision` is the
    clip's when the document was sent.
    """

    kind: ClassVar[str] = "document_refused"
    clip: str
    destination: str
    reason: str
    revision: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class DeliveryRefused:
    """A destination permanently refuses the clip. Nothing is sent there until an operator orders it."""

    kind: ClassVar[str] = "delivery_refused"
    clip: str
    destination: str
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class DeliveryResumed:
    """An operator wants a refused clip or document offered to the destinations again."""

    kind: ClassVar[str] = "delivery_resumed"
    clip: str
    actor: str = personal()
