"""What is known about one clip? The fold of its facts.

`apply` is the only way a Clip changes; the journal's projection, the pipeline's memory and
`custody verify` all use it, so they cannot disagree.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bwvdock.core.clips.classes.given import destinations, is_review, kept_until
from bwvdock.core.clips.lifecycle import (
    CLIP_TRANSITIONS,
    LEFT_CAMERA,
    ClipState,
)
from bwvdock.core.clips.proof import Receipt
from bwvdock.core.facts import (
    AcquiredPart,
    ClipClassified,
    ClipDated,
    ClipDescribed,
    DisposalNoticed,
    EventMatch,
    SourceFile,
)
from bwvdock.core.facts.clip import BY_VOLUME
from bwvdock.core.facts.events import CERTAIN
from bwvdock.core.moments import iso_of_ns


@dataclass(frozen=True, kw_only=True, slots=True)
class Clip:
    """One clip: footage with the sidecars that belong to it.

    `camera` is the camera's serial; `docking` the one that found it, or the one that acquired it.
    `known_by` says what makes the identity of its files.
    `uploaded` maps a destination's name to the object there, `receipts` to its proven receipt,
    `described` to the digest of the custody document beside it, `undescribed` to why it refuses that
    document, `refused` to why it refuses the clip. `resumed` are the destinations that it is offered to again
    although its camera's copy is gone, `owing` those that have it and are owed a (newer) document. `revision`
    counts the changes that make a document out of date. `times` is that of `ClipFound`,
    `length_ms` that of the copy (0: unknown).
    `disputed`: somebody disputed to whom it was attributed, and nobody has decided since.
    `marked` is the camera's mark, `flagged` a person's decision since then (None: there is none), `own_hold`
    is a hold by name, `standing` has the standing holds that it is on, and whether it surely matches
    each, `excepted` those that a person took it out of; `hurried` that a person had it put before others;
    `disposal_intended` names the places where a copy is being disposed of, `disposed` those where it is gone.
    `freed` says that the spool's copy goes or went before its date, `staying` names the places whose copies
    were kept then.
    `doubted` are the destinations whose copy was not what it must be, `doubted_at` the one of the last
    quarantine ("" if none). `former` are the parts from before a recall, `earlier` the destinations whose
    receipt is from before the clip was last copied or released from quarantine. `erasing`: its erasing from
    the camera was announced. `events` are those that it may be footage of. `camera_digest` is the outcome of
    the comparison with the camera's own digests ("" for none). `classes` are the entries that give it a
    class, without whose and why, `noticed` the notice that it falls due, which no hold has made void since.
    `again` are the destinations that were asked again since their receipt, when it was due, and proved it;
    `failed` those that lost or changed their copy since, and which of both it was. `withdrawn` maps the
    vaults in which its copy was moved aside to the time before which it is not removed.
    """

    id: str
    state: ClipState
    camera: str
    docking: str
    files: tuple[SourceFile, ...]
    marked: bool
    notes: tuple[str, ...] = ()
    times: str = ""
    known_by: str = BY_VOLUME
    parts: tuple[AcquiredPart, ...] = ()
    uploaded: Mapping[str, str] = field(default_factory=dict)
    receipts: Mapping[str, Receipt] = field(default_factory=dict)
    described: Mapping[str, str] = field(default_factory=dict)
    undescribed: Mapping[str, str] = field(default_factory=dict)
    owing: frozenset[str] = frozenset()
    revision: int = 0
    refused: Mapping[str, str] = field(default_factory=dict)
    resumed: frozenset[str] = frozenset()
    quarantine: str = ""
    dated: ClipDated | None = None
    officer: str = ""
    disputed: bool = False
    flagged: bool | None = None
    case: str = ""
    own_hold: bool = False
    standing: Mapping[str, bool] = field(default_factory=dict)
    excepted: frozenset[str] = frozenset()
    length_ms: int = 0
    hurried: bool = False
    disposal_intended: frozenset[str] = frozenset()
    disposed: frozenset[str] = frozenset()
    freed: bool = False
    staying: frozenset[str] = frozenset()
    doubted: frozenset[str] = frozenset()
    doubted_at: str = ""
    former: tuple[AcquiredPart, ...] = ()
    earlier: frozenset[str] = frozenset()
    erasing: bool = False
    events: tuple[EventMatch, ...] = ()
    camera_digest: str = ""
    classes: tuple[ClipClassified, ...] = ()
    noticed: DisposalNoticed | None = None
    again: frozenset[str] = frozenset()
    failed: Mapping[str, str] = field(default_factory=dict)
    withdrawn: Mapping[str, str] = field(default_factory=dict)

    @property
    def matched(self) -> bool:
        """Whether it is certain to overlap an event that its officer was sent to."""
        return any(match.basis == CERTAIN for match in self.events)

    @property
    def evidential(self) -> bool:
        """Whether it is evidence: a person's decision takes precedence over the camera's mark."""
        return self.marked if self.flagged is None else self.flagged

    @property
    def held(self) -> bool:
        """Whether it is on any hold: one by name, or a standing one."""
        return self.own_hold or bool(self.standing)

    @property
    def retain_until(self) -> str:
        """Until when it is kept (ISO 8601, UTC); "" while it is evidence, and before it was dated."""
        return "" if self.evidential else self.retention_date

    @property
    def retention_date(self) -> str:
        """Until when it is kept unless it is evidence: by date and classes; "" before it was dated."""
        return kept_until(self.dated, self.classes) if self.dated else ""

    @property
    def recorded_at(self) -> str:
        """The best known time of recording, ISO 8601: as it was dated, else the time of its file."""
        return self.dated.recorded_at if self.dated else iso_of_ns(self.files[0].mtime_ns)

    @property
    def reviewed(self) -> bool:
        """Whether a person or a mark says what it is; a hold by name and a certain match do while they last.

        A standing hold says nothing of what a clip is: nobody may have seen it.
        """
        said = self.marked or self.flagged is not None or is_review(self.classes)
        return said or self.own_hold or self.matched

    @property
    def only_to(self) -> frozenset[str] | None:
        """The only destinations that may have it, by its classes; None: any."""
        return destinations(self.classes)

    @property
    def size(self) -> int:
        """Bytes of footage and sidecars, as the camera states them."""
        return sum(f.size for f in self.files)

    @property
    def sha256(self) -> str:
        """The footage's digest taken at ingest, or "" before that."""
        return self.parts[0].sha256 if self.parts else ""

    def leaving(self, place: str) -> bool:
        """Return whether the copy in a place was disposed of, or is about to be."""
        # A copy that is to be uploaded again stays for that, whatever was announced before.
        going = place in self.disposal_intended and not (self.held or self.evidential or self.failed)
        return going or place in self.disposed

    def is_proven(self, destination: str) -> bool:
        """Return whether a destination proved its copy, which was neither disposed of nor found bad since."""
        return destination in self.receipts and destination not in self.disposed | self.doubted

    def owes_document(self, destination: str) -> bool:
        """Return whether a custody document is owed to a destination and may be sent now."""
        return destination in self.owing and (self.state, ClipDescribed) in CLIP_TRANSITIONS

    def offered_again(self, destination: str) -> bool:
        """Return whether an operator has it offered to a destination although its camera's copy is gone."""
        return destination in self.resumed and self.state in LEFT_CAMERA
