"""Every state x fact pair, and what the tables promise as a whole."""

from __future__ import annotations

from pathlib import Path

import pytest

from bwvdock.core import facts as f
from bwvdock.core.clips.lifecycle import (
    CLIP_TRANSITIONS,
    DOCKING_TRANSITIONS,
    ClipState,
    DockingState,
    IllegalFactError,
    advance_clip,
    advance_docking,
    mermaid,
)

CLIP_EXAMPLES: dict[type[f.ClipFact], f.ClipFact] = {
    type(fact): fact
    for fact in (
        f.ClipFound(clip="c", docking="d", camera="BWV-1", files=()),
        f.CopyIntended(clip="c", docking="d"),
        f.ClipAcquired(clip="c", docking="d", parts=()),
        f.ClipUploaded(clip="c", destination="vault", object="o"),
        f.ClipVerified(
            clip="c", destination="vault", object="o", version="", sha256="00", method="read-back"
        ),
        f.ReleaseIntended(clip="c"),
        f.ClipReleased(clip="c", kept=False),
        f.ClipRetired(clip="c"),
        f.ClipQuarantined(clip="c", reason="r"),
        f.ClipRecalled(clip="c", actor="0:root"),
        f.ClipRetried(clip="c", actor="0:root"),
        f.ClipDescribed(clip="c", destination="vault", object="o.custody.json", sha256="00"),
        f.DocumentRefused(clip="c", destination="vault", reason="r"),
        f.DeliveryRefused(clip="c", destination="vault", reason="r"),
        f.DeliveryResumed(clip="c", actor="0:root"),
        f.ClipDated(
            clip="c",
            raw="2026-03-14T10:15:00.000Z",
            recorded_at="2026-03-14T09:15:00.000Z",
            uncertainty_ms=2000,
            basis="mtp",
            retain_until="2026-04-14T09:15:00.000Z",
        ),
        f.ClipAttributed(clip="c", officer="PC 1234"),
        f.AttributionDisputed(clip="c", officer="PC 1234", reason="r", actor="badge:PC 1234"),
        f.AttributionUpheld(clip="c", officer="PC 1234", reason="r", actor="0:root"),
        f.ClipFlagged(clip="c", reason="r", case="R v X", actor="0:root"),
        f.ClipUnflagged(clip="c", reason="r", actor="0:root"),
        f.ClipHeld(clip="c", reason="r", actor="0:root"),
        f.ClipUnheld(clip="c", reason="r", actor="0:root"),
        f.ClipHoldMatched(clip="c", hold="h-1", certain=True, basis="b"),
        f.ClipHoldOver(clip="c", hold="h-1"),
        f.ClipHoldExcepted(clip="c", hold="h-1", reason="r", actor="0:root"),
        f.ClipHurried(clip="c", reason="r", actor="0:root"),
        f.ClipMatched(
            clip="c",
            events=(
                f.EventMatch(event="e", basis="certain", role="officer", overlap_ms=1, uncertainty_ms=2),
            ),
        ),
        f.ClipClassified(clip="c", name="use-of-force", days=90, basis=f.BY_PERSON),
        f.CopyWithdrawn(clip="c", place="vault", until="2026-03-21T10:15:00.000Z"),
        f.RestoreIntended(clip="c", place="vault", reason="r", actor="0:root"),
        f.ClipRestored(clip="c", place="vault", sha256="00"),
        f.DisposalNoticed(clip="c", at="2026-03-14T10:15:00.000Z", due="2026-03-21T10:15:00.000Z", days=7),
        f.DisposalIntended(clip="c", place="vault", reason="r"),
        f.ClipDisposed(clip="c", place="vault", sha256="00"),
        f.UploadAttempts(
            clip="c",
            destination="vault",
            attempts=2,
            first_at="2026-03-14T10:15:00.000Z",
            last_at="2026-03-14T10:16:00.000Z",
            causes=("upload unavailable: 1",),
            last_reason="r",
            bytes_passed=5,
            bytes_again=2,
            outcome="succeeded",
        ),
        f.CameraDigestCompared(clip="c", outcome="match", compared=()),
        f.VerifiedAgain(
            clip="c", destination="vault", object="o", version="", sha256="00", method="read-back"
        ),
        f.VerificationFailed(clip="c", destination="vault", object="o", finding="missing", words="w"),
        f.LossClosed(clip="c", destination="vault"),
        f.ClipRetrieved(clip="c", destination="vault", sha256="00"),
    )
}
DOCKING_EXAMPLES: dict[type[f.DockingFact], f.DockingFact] = {
    type(fact): fact
    for fact in (
        f.CameraAttached(docking="d", camera="BWV-1", bay="1-1", transport="mass-storage"),
        f.CameraAuthorised(docking="d", rule="enrolled"),
        f.CameraRefused(docking="d", reason="not enrolled"),
        f.UnlockIntended(docking="d", profile="p", reason="r"),
        f.UnlockEnded(docking="d", profile="p"),
        f.CameraIdentified(docking="d", manufacturer="M", model="X", version="1", serial="S"),
        f.CameraClockRead(
            docking="d",
            source="mtp",
            raw="20260314T101500",
            understood=True,
            offset_ms=-5,
            uncertainty_ms=1001,
            dock_synchronised=True,
        ),
        f.ClockSetIntended(
            docking="d", profile="p", clock_times="utc", zone="", ahead_ms=9000, uncertainty_ms=1000
        ),
        f.CameraOfficerDiffers(docking="d", profile="p"),
        f.CameraBatteryRead(docking="d", source="camera", percent=40),
        f.ClockSetEnded(docking="d", intended_in="d", failure="it refused"),
        f.CameraListed(
            docking="d",
            volume="v",
            profile="p",
            seen=0,
            new=0,
            already_held=0,
            not_ready=0,
            unreadable=0,
            refused=0,
            listing_sha256="",
        ),
        f.CameraRelisted(
            docking="d", volume="v", looked=1, seen=0, new=1, not_ready=-1, unreadable=0, refused=0
        ),
        f.FilesLeft(docking="d", volume="v", files=(f.LeftFile(path="p", outcome="unknown", reason="r"),)),
        f.ClipSkipped(docking="d", clip="c", outcome="unreadable", reason="r"),
        f.CameraSettled(docking="d"),
        f.CameraDetached(docking="d", reason="removed", residual=0, complete=True),
    )
}


def test_the_examples_cover_every_fact_there_is() -> None:
    """A new fact must be thought about here."""
    assert set(CLIP_EXAMPLES) == set(f.CLIP_FACTS)
    assert set(DOCKING_EXAMPLES) == set(f.DOCKING_FACTS)


@pytest.mark.parametrize("state", [None, *ClipState])
def test_a_clip_moves_as_the_table_says_or_not_at_all(state: ClipState | None) -> None:
    """Each fact either stands in the state's row of the table or raises."""
    for kind in f.CLIP_FACTS:
        expected = CLIP_TRANSITIONS.get((state, kind))
        if expected is None:
            with pytest.raises(IllegalFactError, match=kind.kind):
                advance_clip(state, CLIP_EXAMPLES[kind])
        else:
            assert advance_clip(state, CLIP_EXAMPLES[kind]) is expected, kind


@pytest.mark.parametrize("state", [None, *DockingState])
def test_a_docking_moves_as_the_table_says_or_not_at_all(state: DockingState | None) -> None:
    """Each fact either stands in the state's row of the table or raises."""
    for kind in f.DOCKING_FACTS:
        expected = DOCKING_TRANSITIONS.get((state, kind))
        if expected is None:
            with pytest.raises(IllegalFactError, match=kind.kind):
                advance_docking(state, DOCKING_EXAMPLES[kind])
        else:
            assert advance_docking(state, DOCKING_EXAMPLES[kind]) is expected, kind


def test_a_fact_that_awaits_other_destinations_moves_nothing() -> None:
    """One of two required stores is not enough."""
    uploaded = f.ClipUploaded(clip="c", destination="a", object="o", awaiting=("b",))
    assert advance_clip(ClipState.ACQUIRED, uploaded) is ClipState.ACQUIRED
    verified = f.ClipVerified(
        clip="c", destination="a", object="o", version="", sha256="", method="read-back", awaiting=("b",)
    )
    assert advance_clip(ClipState.UPLOADED, verified) is ClipState.UPLOADED


def _paths_to(goal: ClipState) -> list[list[ClipState]]:
    """Every way without a loop from nothing to `goal`."""
    paths: list[list[ClipState]] = []
    stack: list[tuple[ClipState | None, list[ClipState]]] = [(None, [])]
    while stack:
        state, walked = stack.pop()
        if state is goal:
            paths.append(walked)
            continue
        for (before, _), after in CLIP_TRANSITIONS.items():
            if before is state and after not in walked:
                stack.append((after, [*walked, after]))
    return paths


@pytest.mark.parametrize("goal", [ClipState.RELEASING, ClipState.RELEASED, ClipState.RETIRED])
def test_no_way_leads_to_erasing_but_through_verified(goal: ClipState) -> None:
    """The whole point: never without a good copy."""
    paths = _paths_to(goal)
    assert paths
    assert all(ClipState.VERIFIED in path for path in paths)


def test_only_a_person_leads_a_clip_out_of_quarantine() -> None:
    """The facts that an operator causes, and no others."""
    ways_out = {
        kind
        for (state, kind), after in CLIP_TRANSITIONS.items()
        if state is ClipState.QUARANTINED and after is not state
    }
    assert ways_out == {f.ClipRecalled, f.ClipRetried}


def test_a_refused_camera_is_never_listed() -> None:
    """Neither listed nor settled: only let in, or gone; what was begun before may yet tell its end."""
    after_refusal = {kind for (state, kind) in DOCKING_TRANSITIONS if state is DockingState.REFUSED}
    assert after_refusal == {f.CameraAuthorised, f.CameraDetached, f.UnlockEnded, f.ClockSetEnded}


def test_every_state_can_be_reached_and_every_docking_can_end() -> None:
    """No island in the tables."""
    assert set(CLIP_TRANSITIONS.values()) == set(ClipState)
    assert set(DOCKING_TRANSITIONS.values()) == set(DockingState)
    for state in set(DockingState) - {DockingState.DETACHED}:
        assert DOCKING_TRANSITIONS[state, f.CameraDetached] is DockingState.DETACHED


def test_the_diagram_in_the_docs_is_drawn_from_the_tables() -> None:
    """`make docs` writes it; a table that changed without it fails here."""
    page = Path(__file__).parents[3] / "docs" / "reference" / "lifecycle.md"
    assert mermaid() in page.read_text(encoding="utf-8")
