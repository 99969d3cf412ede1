"""A dock with a restricted clip that everything names which can name a clip, and what to ask about it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from bwvdock.core.clips.classes.given import classify
from bwvdock.core.clips.classes.rules import RetentionClass
from bwvdock.core.custody.checkpoints import StoredCheckpoint
from bwvdock.core.facts import (
    BY_UNIT,
    CameraAssigned,
    CameraDigestCompared,
    ClipAcquired,
    ClipDated,
    ClipDisposed,
    ClipHoldMatched,
    ClipMatched,
    DisposalIntended,
    EventMatch,
    EventRecorded,
    Fact,
    FootageConsulted,
    FootageDisclosed,
    FootageExported,
    HoldOpened,
    RequestOpened,
    SampleDrawn,
    SentOfficer,
    VerificationFailed,
)
from bwvdock.edges.journal import open_journal
from tests.cli.docks import CAMERA, DOCKING, QUARANTINED, VERIFIED, Dock, made_once, take, used_dock
from tests.fakes.clock import FakeClock

FIREARMS = RetentionClass(name="firearms", days=90, restricted=True, groups=("bwvdock-firearms",))
FAR = "2090-01-01T00:00:00.000Z"
EVENT, HOLD, REQUEST, PACKAGE = "E-1", "h-01hqhold", "r-01hqrequest", "ab" * 32
OFFICER = "4411"
ROOT = "cd" * 32
TWIN = "01hq00000000000004"
BEGINS, ENDS = "2026-03-01T00:00:00.000Z", "2026-03-01T01:00:00.000Z"


def dock_with_a_restricted_clip(folder: Path) -> Dock:
    """Return the used dock, whose verified clip is of the firearms unit; some of it was disposed of.

    It is certain to be of an event, on a standing hold, asked for, looked at, exported, handed over and drawn
    (each time alone, and beside one that everybody may see); a store lost it, its camera's digest differs,
    and the same bytes came from another camera.
    """
    return made_once(_restrict, folder)


def _restrict(folder: Path) -> Dock:
    made = used_dock(folder)
    match = EventMatch(event=EVENT, basis="certain", role="officer", overlap_ms=1000, uncertainty_ms=0)
    made.record(
        classify(VERIFIED, FIREARMS, basis=BY_UNIT),
        _dated(VERIFIED),
        _dated(QUARANTINED),
        DisposalIntended(clip=VERIFIED, place="spool", reason="r"),
        ClipDisposed(clip=VERIFIED, place="spool", sha256="00"),
        CameraAssigned(
            camera=CAMERA, officer=OFFICER, valid_from=BEGINS, valid_to="", actor="0:root", unit="A"
        ),
        EventRecorded(
            event=EVENT,
            officers=(SentOfficer(officer=OFFICER, dispatched=BEGINS, cleared=ENDS),),
            units=(),
            actor="0:root",
        ),
        ClipMatched(clip=VERIFIED, events=(match,)),
        ClipMatched(clip=QUARANTINED, events=(replace(match, basis="possible"),)),
        RequestOpened(
            request=REQUEST, about="foi", received="2026-03-01", by="b", reason="r", actor="0:root"
        ),
        HoldOpened(hold=HOLD, event=EVENT, request=REQUEST, reason="r", actor="0:root"),
        ClipHoldMatched(clip=VERIFIED, hold=HOLD, certain=True, basis=""),
        ClipHoldMatched(clip=QUARANTINED, hold=HOLD, certain=False, basis=""),
        CameraDigestCompared(clip=VERIFIED, outcome="differs", compared=()),
        *(fact for clips in ((VERIFIED,), (VERIFIED, QUARANTINED)) for fact in _naming(clips)),
        *(_noted(fact) for fact in take(made, TWIN, b"twin" * 1000)),
        VerificationFailed(clip=VERIFIED, destination="vault", object="o", finding="missing", words="404"),
    )
    with open_journal(made.config.journal, FakeClock(ms=1_000_000)) as journal:
        journal.keep_checkpoint(StoredCheckpoint(size=1, root=bytes.fromhex(ROOT), made_at=ENDS, note=""))
    return made


def _dated(clip: str) -> ClipDated:
    return ClipDated(
        clip=clip,
        raw=FAR,
        recorded_at=BEGINS,
        uncertainty_ms=0,
        basis="b",
        retain_until="2026-04-01T00:00:00.000Z",
    )


def _naming(clips: tuple[str, ...]) -> list[Fact]:
    return [
        FootageConsulted(
            command="custody export",
            subject=" ".join(clips),
            reason="r",
            actor="0:root",
            clips=clips,
            request=REQUEST,
        ),
        FootageExported(clips=clips, tagmanifest_sha256=PACKAGE, reason="r", actor="0:root", request=REQUEST),
        FootageDisclosed(
            clips=clips,
            package=PACKAGE,
            exported=True,
            recipient="CPS",
            reason="r",
            actor="0:root",
            request=REQUEST,
        ),
        SampleDrawn(
            since=BEGINS,
            until=ENDS,
            per="dock",
            wanted=1,
            size=1,
            root="00" * 32,
            population=2,
            clips=clips,
            reason="r",
            actor="0:root",
        ),
    ]


def _noted(fact: Fact) -> Fact:
    if isinstance(fact, ClipAcquired):
        note = f"the same bytes were received before, from another camera, as clip {VERIFIED}"
        return replace(fact, notes=(note,))
    return fact


_AUDIT = {"smallest": "1", "zone": "Europe/London", "vaults": "vault", "required": "vault"}
ARGUMENTS: Mapping[str, Mapping[str, str]] = {
    "resolve-clip": {"prefix": VERIFIED},
    "clip": {"clip": VERIFIED},
    "history": {"clip": VERIFIED},
    "story": {"clip": VERIFIED},
    "enrolment": {"serial": CAMERA},
    "assignments": {"camera": CAMERA},
    "docking": {"prefix": DOCKING},
    "camera-clock": {"docking": DOCKING},
    "camera-health": {"serial": CAMERA},
    "absences": {"before": FAR},
    "unit-spans": {"subject": "units"},
    "unknown-names": {"named": json.dumps({"camera": CAMERA, "case": "C-7"}), "subject": CAMERA},
    "retention": {"now": FAR},
    "kept-clips": {"until": FAR},
    "events": {"event": EVENT},
    "event-clips": {"event": EVENT},
    "clip-events": {"clip": VERIFIED},
    "missing": {"now": FAR, "subject": "events"},
    "figures": _AUDIT,
    "timeliness": _AUDIT,
    "coverage": _AUDIT,
    "seed": {"until": BEGINS},
    "sample": {**_AUDIT, "per": "dock", "wanted": "5", "root": "00" * 32, "made_at": FAR, "whole": "yes"},
    "came-later": {**_AUDIT, "root": "00" * 32, "made_at": BEGINS},
    "earlier-draws": {"since": BEGINS, "until": ENDS},
    "observations": {**_AUDIT, "now": FAR},
    "disclosures": {"since": BEGINS},
    "holdings": {"required": "vault", "now": BEGINS},
    "hold": {"prefix": HOLD},
    "held-clips": {"hold": HOLD},
    "request": {"prefix": REQUEST},
}
"""What each question is asked about: all that it can say of the restricted clip."""

SUBJECTS = (VERIFIED, QUARANTINED, TWIN, CAMERA, EVENT, HOLD, REQUEST)
"""What somebody may have a consultation of, beside what is about everything."""
