"""What can have happened to a clip at the evidence stores?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from bwvdock.core.facts.visibility.personal import personal


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


@dataclass(frozen=True, kw_only=True, slots=True)
class UploadAttempts:
    """Attempts to deliver a clip to a destination: recorded at their end, or each hour, once one has failed.

    `attempts` ended since the last such entry: the first began at `first_at`, the last ended at `last_at`.
    `causes` are the steps that failed, why, and how often ("upload unavailable: 3"); `last_reason` is what
    the dock saw the last time. `bytes_passed` went to the destination, or were read back from it to
    complete an upload; `bytes_again` of them are more than what it was found to hold of the clip since:
    they went there more than once. `outcome`: the last attempt "succeeded" or "failed" for good, or the
    clip is still to be delivered ("pending").
    """

    kind: ClassVar[str] = "upload_attempts"
    clip: str
    destination: str
    attempts: int
    first_at: str
    last_at: str
    causes: tuple[str, ...]
    last_reason: str
    bytes_passed: int
    bytes_again: int
    outcome: str


@dataclass(frozen=True, kw_only=True, slots=True)
class VerifiedAgain:
    """A destination proved its copy once more, by `method`: before another copy went, or as [reverify] says.

    The fields are those of ClipVerified. `scheduled`: it was due by that, so at the earliest as many
    hours after the receipt as that says.
    """

    kind: ClassVar[str] = "verified_again"
    clip: str
    destination: str
    object: str
    version: str
    sha256: str
    method: str
    words: str = ""
    scheduled: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class StoreLost:
    """A destination does not accept uploads: recorded when that was noticed, at `since`.

    `reason` is what the dock saw. The rule is that of the alert DESTINATION_UNREACHABLE. While it fails and
    recovers at short intervals, nothing more is recorded until it has answered for ten minutes.
    """

    kind: ClassVar[str] = "store_lost"
    destination: str
    since: str
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class StoreBack:
    """A destination that was lost answers again: recorded once it has answered for ten minutes.

    Also recorded when the dock stops before that. It was lost at `lost_since`, answered again without a
    further interruption from `since` on, and was lost `times` times in between. One that rejects the dock's
    credentials does answer.
    """

    kind: ClassVar[str] = "store_back"
    destination: str
    lost_since: str
    since: str
    times: int
