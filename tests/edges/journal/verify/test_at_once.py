# ruff: noqa: S608 - forging statements is what these tests do
"""Are the findings the same, whether entries and ordinary lives are read at once or by the general rules?"""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from bwvdock.core.clips.lifecycle import CLIP_TRANSITIONS, ClipState
from bwvdock.core.custody.exact import read_none
from bwvdock.core.custody.verification import Verification
from bwvdock.core.facts import (
    AttributionDisputed,
    AttributionUpheld,
    CameraDigestCompared,
    CameraEnrolled,
    ClipAcquired,
    ClipAttributed,
    ClipClassified,
    ClipDated,
    ClipDescribed,
    ClipDisposed,
    ClipFact,
    ClipFlagged,
    ClipFound,
    ClipHeld,
    ClipHoldExcepted,
    ClipHoldMatched,
    ClipHoldOver,
    ClipHurried,
    ClipMatched,
    ClipQuarantined,
    ClipRecalled,
    ClipReleased,
    ClipRestored,
    ClipRetired,
    ClipRetried,
    ClipRetrieved,
    ClipUnflagged,
    ClipUnheld,
    ClipUploaded,
    ClipVerified,
    CopyIntended,
    CopyWithdrawn,
    DeliveryRefused,
    DeliveryResumed,
    DisposalIntended,
    DisposalNoticed,
    DocumentRefused,
    EventMatch,
    Fact,
    LossClosed,
    ReleaseIntended,
    RestoreIntended,
    UploadAttempts,
    VerificationFailed,
    VerifiedAgain,
)
from bwvdock.edges.journal import open_journal, verify_journal
from bwvdock.edges.journal.personal_values import reveal
from bwvdock.edges.journal.write.plain_rows import Rows, is_plain
from tests.cli.tampering import change, lay
from tests.edges.journal import stories as tell
from tests.places import in_memory

_CLIPS = 6
_STEPS = 40
_PLACES = ("vault", "nas")
often = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


def both(path: Path) -> Verification:
    """Return what verification finds, which is the same in both ways."""
    at_once, generally = verify_journal(path), verify_journal(path, read=read_none)
    assert _findings(at_once) == _findings(generally)
    assert (at_once.entries, at_once.root) == (generally.entries, generally.root)
    return at_once


def _findings(found: Verification) -> list[list[str]]:
    return [
        sorted(map(repr, found.problems)),
        sorted(map(repr, found.remarks)),
        sorted(error.message for error in found.errors),
    ]


def _next(drawn: random.Random, kind: type[ClipFact], clip: str, number: int) -> ClipFact:
    """Return some fact of a kind; what it says is drawn too."""
    place, actor = drawn.choice(_PLACES), drawn.choice(["ops", "PC-2"])
    waits = drawn.choice([(), (), (), ("nas",)])
    day = f"2026-12-{drawn.randint(10, 28)}T00:00:00.000Z"
    made: dict[type[ClipFact], ClipFact] = {
        ClipFound: ClipFound(
            clip=clip,
            docking=tell.docking_id(1),
            camera=drawn.choice([tell.SERIAL, "CAM-ö"]),
            files=tuple(tell.source(number * 10 + n, size=number + n) for n in range(drawn.randint(1, 3))),
            marked=drawn.random() < 0.2,
        ),
        CopyIntended: CopyIntended(clip=clip, docking=tell.docking_id(1)),
        ClipAcquired: tell.acquired(clip, tell.docking_id(1), number, size=number),
        ClipUploaded: tell.uploaded(clip, place, waits),
        ClipVerified: ClipVerified(
            clip=clip,
            destination=place,
            object="o",
            version="é" * (drawn.random() < 0.1),
            sha256=tell.digest(f"clip{number}"),
            method="read-back",
            awaiting=waits,
            owes_document=drawn.random() < 0.7,
        ),
        ClipDescribed: ClipDescribed(
            clip=clip, destination=place, object="o", sha256="d", revision=drawn.randint(0, 3)
        ),
    }
    said = _said(drawn, clip, place, actor, day) | _meant(drawn, clip, place, actor, day)
    return (made | said | _asked_again(drawn, clip, place))[kind]


def _said(
    drawn: random.Random, clip: str, place: str, actor: str, day: str
) -> dict[type[ClipFact], ClipFact]:
    hold = drawn.choice(["h-1", "h-2"])
    return {
        DocumentRefused: DocumentRefused(clip=clip, destination=place, reason="full", revision=0),
        DeliveryRefused: DeliveryRefused(clip=clip, destination=place, reason="no"),
        DeliveryResumed: DeliveryResumed(clip=clip, actor=actor),
        ClipDated: ClipDated(
            clip=clip, raw=day, recorded_at=day, uncertainty_ms=0, basis="b", retain_until=day
        ),
        ClipAttributed: ClipAttributed(clip=clip, officer=drawn.choice(["", "PC-1"])),
        AttributionDisputed: AttributionDisputed(clip=clip, officer="PC-1", actor=actor),
        AttributionUpheld: AttributionUpheld(
            clip=clip, officer=drawn.choice(["", "PC-1"]), reason="r", actor=actor
        ),
        ClipFlagged: ClipFlagged(clip=clip, case=drawn.choice(["", "C-1"]), actor=actor, reason="r"),
        ClipUnflagged: ClipUnflagged(clip=clip, actor=actor, reason="r"),
        ClipHeld: ClipHeld(clip=clip, actor=actor, reason="r"),
        ClipUnheld: ClipUnheld(clip=clip, actor=actor, reason="r"),
        ClipHoldMatched: ClipHoldMatched(clip=clip, hold=hold, certain=drawn.random() < 0.5, basis="b"),
        ClipHoldOver: ClipHoldOver(clip=clip, hold=hold),
        ClipHoldExcepted: ClipHoldExcepted(clip=clip, hold=hold, actor=actor, reason="r"),
        ClipHurried: ClipHurried(clip=clip, actor=actor),
        DisposalIntended: DisposalIntended(
            clip=clip,
            place=drawn.choice(["spool", place]),
            reason="r",
            early=drawn.random() < 0.3,
            stay=drawn.choice([(), ("vault",)]),
        ),
        ClipDisposed: ClipDisposed(clip=clip, place=drawn.choice(["spool", place]), sha256="s"),
        ReleaseIntended: ReleaseIntended(clip=clip),
        ClipReleased: ClipReleased(clip=clip, kept=True),
        ClipRetired: ClipRetired(clip=clip),
        ClipQuarantined: ClipQuarantined(clip=clip, reason="r", place=drawn.choice(["", place])),
        ClipRecalled: ClipRecalled(clip=clip, actor=drawn.choice(["", actor])),
        ClipRetried: ClipRetried(clip=clip, actor=actor),
        UploadAttempts: UploadAttempts(
            clip=clip,
            destination=place,
            attempts=2,
            first_at=day,
            last_at=day,
            causes=("upload unavailable: 1",),
            last_reason="r",
            bytes_passed=9,
            bytes_again=0,
            outcome="succeeded",
        ),
    }


def _meant(
    drawn: random.Random, clip: str, place: str, actor: str, day: str
) -> dict[type[ClipFact], ClipFact]:
    return {
        ClipMatched: ClipMatched(
            clip=clip,
            events=tuple(
                EventMatch(event=event, basis="possible", role="officer", overlap_ms=0, uncertainty_ms=1)
                for event in drawn.sample(["E1", "E2"], drawn.randint(0, 2))
            ),
        ),
        ClipClassified: ClipClassified(
            clip=clip,
            name=drawn.choice(["", "a", "b"]),
            days=drawn.choice([7, 365]),
            basis=drawn.choice(["person", "event", "unit"]),
            instead=drawn.random() < 0.2,
        ),
        DisposalNoticed: DisposalNoticed(clip=clip, at=day, due=day, days=7),
        CopyWithdrawn: CopyWithdrawn(clip=clip, place=place, until=day),
        RestoreIntended: RestoreIntended(clip=clip, place=place, reason="r", actor=actor),
        ClipRestored: ClipRestored(clip=clip, place=place, sha256="s"),
        CameraDigestCompared: CameraDigestCompared(
            clip=clip, outcome=drawn.choice(["match", "differs"]), compared=()
        ),
    }


def _asked_again(drawn: random.Random, clip: str, place: str) -> dict[type[ClipFact], ClipFact]:
    return {
        VerifiedAgain: VerifiedAgain(
            clip=clip,
            destination=place,
            object="o",
            version="",
            sha256="s",
            method="read-back",
            scheduled=drawn.random() < 0.7,
        ),
        VerificationFailed: VerificationFailed(
            clip=clip,
            destination=place,
            object="o",
            finding=drawn.choice(["missing", "changed"]),
            words="w",
            required=drawn.random() < 0.7,
        ),
        LossClosed: LossClosed(clip=clip, destination=place),
        ClipRetrieved: ClipRetrieved(clip=clip, destination=place, sha256="s"),
    }


def _lives(drawn: random.Random) -> list[Fact]:
    """Return lives of some clips that the law allows, in one docking, one after another or mingled."""
    facts: list[Fact] = [
        tell.started(),
        CameraEnrolled(camera=tell.SERIAL, model="X100", actor="ops"),
        *tell.attached(tell.docking_id(1)),
        tell.listed(tell.docking_id(1), new=_CLIPS),
    ]
    states: dict[str, ClipState | None] = {tell.clip_id(n): None for n in range(_CLIPS)}
    rare = (
        VerificationFailed,
        ClipQuarantined,
        ClipFlagged,
        ClipHeld,
        ClipQuarantined,
        ClipFlagged,
        ClipHeld,
        ClipHoldMatched,
        DeliveryRefused,
        DocumentRefused,
        DeliveryResumed,
    )
    for _ in range(_STEPS * _CLIPS // 4):
        number = drawn.randrange(_CLIPS)
        clip = tell.clip_id(number)
        after = [fact for state, fact in CLIP_TRANSITIONS if state == states[clip]]
        kind = drawn.choice([fact for fact in after if fact not in rare or drawn.random() < 0.1] or after)
        fact = _next(drawn, kind, clip, number)
        if not getattr(fact, "awaiting", ()) and getattr(fact, "required", True):
            states[clip] = CLIP_TRANSITIONS[states[clip], kind]
        facts.append(fact)
    return facts


def _live(path: Path, drawn: random.Random) -> None:
    lay(path, b"")
    facts = _lives(drawn)
    with open_journal(path, tell.SteadyClock(), random=tell.seeded()) as journal:
        while facts:
            many = drawn.randint(1, 40)
            journal.append(facts[:many])
            del facts[:many]


@pytest.fixture
def memory() -> Iterator[Path]:
    """A folder in memory: some hundred journals are written to it."""
    with TemporaryDirectory(dir=in_memory()) as folder:
        yield Path(folder)


@pytest.mark.slow
@often
@given(seed=st.integers(0, 2**32))
def test_any_lives_are_found_to_be_what_they_are_in_both_ways(memory: Path, seed: int) -> None:
    path = memory / "j"
    _live(path, random.Random(seed))
    # Receipts are drawn too, also for clips that were recalled.
    assert {problem.code for problem in both(path).problems} <= {"receipt_digest"}


_FIELDS = (
    ("clip", ("state", "camera", "docking", "identity", "path", "size", "footage", "recorded_ns", "sha256")),
    ("clip", ("acquired_at", "served", "owing", "due", "evidential", "held", "retain_until", "officer")),
    ("clip", ("case_ref", "resumed", "id")),
    ("receipt", ("clip", "destination", "object", "version", "sha256", "method", "received_at", "document")),
    ("receipt", ("proven_at",)),
    ("failed_copy", ("clip", "destination", "finding", "found_at", "ended_at", "outcome")),
    ("sidecar", ("identity", "clip")),
    ("entry", ("leaf", "leaf", "leaf", "leaf_hash", "kind", "clip", "docking", "seq")),
    ("private", ("commitment", "field", "salt", "value")),
    ("docking", ("state", "seen", "copied", "complete", "camera")),
    ("docking_clip", ("outcome", "size", "read")),
)


def _tampering(drawn: random.Random) -> tuple[str, tuple[object, ...]]:
    table, columns = drawn.choice(_FIELDS)
    column, row = drawn.choice(columns), drawn.randrange(30)
    key = {"entry": "seq", "clip": "id", "private": "commitment"}.get(table, columns[0])
    where = f"WHERE {key} IS (SELECT {key} FROM {table} LIMIT 1 OFFSET {row})"
    match drawn.randrange(5):
        case 0:
            return f"DELETE FROM {table} {where}", ()
        case 1:
            value = drawn.choice(
                [None, "", "x", 0, 1, b"\xff", "verified", "vault", "é", "a" * 64, bytes(32)]
            )
            return f"UPDATE {table} SET {column} = ? {where}", (value,)
        case 2:
            other = f"(SELECT {column} FROM {table} LIMIT 1 OFFSET {drawn.randrange(30)})"
            return f"UPDATE {table} SET {column} = {other} {where}", ()
        case 3:
            old, new = drawn.choice(
                [("1", "2"), ("0", "00"), ("vault", "nas"), (":", ": "), ("a", "é"), ("}", "")]
            )
            return f"UPDATE {table} SET {column} = replace({column}, ?, ?) {where}", (old, new)
        case _:
            at = drawn.randrange(400)
            byte = f"x'{drawn.randrange(256):02x}'"
            value = f"substr({column}, 1, {at}) || {byte} || substr({column}, {at + 2})"
            return f"UPDATE {table} SET {column} = CAST({value} AS TEXT) {where}", ()


@pytest.mark.slow
@often
@given(seed=st.integers(0, 2**32))
def test_whatever_is_done_to_a_journal_the_findings_are_the_same(memory: Path, seed: int) -> None:
    drawn = random.Random(seed)
    path = memory / "j"
    whole = memory / f"lives{drawn.randrange(4)}"
    if not whole.exists():
        _live(whole, random.Random(int(whole.name[5:])))
    lay(path, whole.read_bytes())
    said = [_tampering(drawn) for _ in range(drawn.randint(1, 3))]
    note(f"{said!s:.2000}")
    change(path, *said)
    both(path)


def test_an_ordinary_life_is_read_at_once(tmp_path: Path) -> None:
    clip = tell.clip_id(1)
    path = tell.told(tmp_path / "j", [*tell.day(range(1, 2)), *tell.released(clip)])
    with closing(sqlite3.connect(path)) as db:
        query = "SELECT clip, seq, leaf, kind FROM entry WHERE clip = ? ORDER BY seq"
        entries = db.execute(query, (clip,)).fetchall()
        rows, values = Rows(db, [clip]), partial(reveal, db)
        assert len(entries) == 7
        assert is_plain(rows, clip, entries, values)
        assert not is_plain(rows, clip, entries[:-1], values)
        assert not is_plain(rows, tell.clip_id(2), entries, values)
