"""What can have happened to a clip at the evidence stores?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from bwvdock.core.facts.personal import personal


@dataclass(frozen=True, kw_only=True, slots=True)
class ClipUploaded:
    """A destination holds all bytes; `awaiting` names the required ones that do not yet."""

    kind: ClassVar[str] = "clip_uploaded"
    clip: str
    destination: str
    object: str
    awaiting: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class ClipVerified:
    """A destination's copy was proven, by `method`, to have the digest taken at ingest.

    `words` is what the store itself said of its copy (an ETag, an offset, a version's lock), as it said it.
    `owes_document` says that the clip's custody document is to be laid beside it; what was verified before
    there were such documents is owed none.
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
    """The clip's custody document was laid beside a destination's copy; `sha256` is the document's.

    `revision` is the clip's when the document was written (core/clip.py): one that was overtaken on its way
    does not count.
    """

    kind: ClassVar[str] = "clip_described"
    clip: str
    destination: str
    object: str
    sha256: str
    revision: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class DocumentRefused:
    """A destination that holds a proven copy does not take the custody document; the receipt stands.

    No document is brought there until an operator orders it, or more is learnt of the clip. `revision` is the
    clip's when the document was sent.
    """

    kind: ClassVar[str] = "document_refused"
    clip: str
    destination: str
    reason: str
    revision: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class DeliveryRefused:
    """A destination will never take the clip as it is. Nothing is sent there until an operator orders it."""

    kind: ClassVar[str] = "delivery_refused"
    clip: str
    destination: str
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class DeliveryResumed:
    """An operator wants what destinations had refused, the clip or its document, offered to them again."""

    kind: ClassVar[str] = "delivery_resumed"
    clip: str
    actor: str = personal()
