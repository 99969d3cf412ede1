"""Is the story of a clip what happened in its time, whoever the officer follows from, and no more?"""

from __future__ import annotations

import re
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bwvdock.core.custody.story import EVENTS, Story, withheld_story
from bwvdock.core.facts import (
    CameraAssigned,
    CameraEnrolled,
    CameraRevoked,
    ClipAttributed,
    ClipDisposed,
    ClipFlagged,
    ConfigReloaded,
    DestinationAssessed,
    DisposalIntended,
    DockClockSeen,
    DockPaused,
    DockResumed,
    DockStopped,
    Fact,
    FootageConsulted,
    FootageExported,
    StoreBack,
    StoreLost,
    UncleanStart,
    ValuesErased,
)
from bwvdock.edges.journal import Journal, JournalReader
from bwvdock.edges.journal.database import index_script
from tests.edges.journal.stories import (
    SERIAL,
    ask,
    attached,
    clip_id,
    found,
    journal_at,
    listed,
    started,
    transfer,
)
from tests.places import in_memory

CLIP, OTHER = clip_id(1), clip_id(2)
T = "2023-11-14T00:00:00.000Z"
OUTAGE = StoreLost(destination="vault", since=T, reason="it is full")
ENDED = StoreBack(destination="vault", lost_since=T, since=T, times=1)
ACTOR = "1000:ann"
RELOADED = ConfigReloaded(config_sha256="cd" * 32)


def assigned(officer: str, begins: str = T, ends: str = "", *, camera: str = SERIAL) -> CameraAssigned:
    return CameraAssigned(camera=camera, officer=officer, valid_from=begins, valid_to=ends, actor=ACTOR)


def story_of(journal: Journal, path: Path, clip: str = CLIP) -> Story:
    with closing(JournalReader(path)) as reader:
        story = reader.story(clip)
    assert story is not None
    assert journal.size() > 0
    return story


def kinds(story: Story) -> list[str]:
    return [entry.kind for entry in story.events]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.sqlite3"


def begin(path: Path, *before: Fact) -> Journal:
    """Return a journal in which a clip was taken, after these."""
    journal = journal_at(path)
    journal.append([started(), *before, *attached("d1"), listed("d1", new=1), *transfer(CLIP, "d1", 1)])
    return journal


def test_what_happened_in_its_time_is_in_it(path: Path) -> None:
    with begin(path, RELOADED, DockPaused(actor=ACTOR), DockResumed(actor=ACTOR), OUTAGE, ENDED) as journal:
        within: list[Fact] = [OUTAGE, ENDED, DockPaused(actor=ACTOR), DockResumed(actor=ACTOR), RELOADED]
        within += [DockStopped(), started(), UncleanStart(started_at=T, last_entry_at=T)]
        journal.append(within)
        story = story_of(journal, path)
        assert kinds(story) == [fact.kind for fact in within]
        gone: list[Fact] = [
            DisposalIntended(clip=CLIP, place=place, reason="old") for place in ("spool", "vault")
        ]
        gone += [ClipDisposed(clip=CLIP, place=place, sha256="00") for place in ("spool", "vault")]
        journal.append([*gone, DockStopped(), started(), OUTAGE])
        assert kinds(story_of(journal, path)) == [fact.kind for fact in within], "it was gone by then"


def test_what_was_under_way_when_it_was_found_is_in_it(path: Path) -> None:
    with begin(path, DockPaused(actor=ACTOR), started(), OUTAGE) as journal:
        assert kinds(story_of(journal, path)) == ["dock_paused", "store_lost"]
    with JournalReader(path) as reader:
        assert reader.story("01hq") is None


def test_an_outage_from_before_the_last_start_is_not_known_to_last(path: Path) -> None:
    with begin(path, OUTAGE, started()) as journal:
        assert kinds(story_of(journal, path)) == []
        assert next(entry.kind for entry in story_of(journal, path).before) == "dock_started"


def test_days_on_which_all_was_well_are_left_out(path: Path) -> None:
    def seen(*, synchronised: bool, stepped: int = 0) -> DockClockSeen:
        return DockClockSeen(
            source="chrony", synchronised=synchronised, error_ms=1, most_ms=1, stepped_ms=stepped
        )

    with begin(path) as journal:
        journal.append(
            [
                seen(synchronised=True),
                seen(synchronised=False),
                seen(synchronised=True, stepped=-5),
                DestinationAssessed(destination="vault", method="read-back", words=""),
                DestinationAssessed(destination="vault", method="", words="it says nothing"),
            ]
        )
        assert kinds(story_of(journal, path)) == [
            "dock_clock_seen",
            "dock_clock_seen",
            "destination_assessed",
        ]


def test_what_was_ordered_about_its_camera_is_in_it(path: Path) -> None:
    def about(camera: str) -> list[Fact]:
        enrolled = CameraEnrolled(camera=camera, model="", actor=ACTOR)
        return [CameraRevoked(camera=camera, reason="lost", actor=ACTOR), enrolled]

    with begin(path, *about(SERIAL)) as journal:
        journal.append([*about("CAM-99"), *about(SERIAL)])
        story = story_of(journal, path)
        assert sorted(kinds(story)) == ["camera_enrolled", "camera_revoked"]
        assert {entry.data["camera"] for entry in story.events} == {SERIAL}


def test_the_officer_s_assignment_is_named(path: Path) -> None:
    before = [assigned("4409", ends="2023-11-14T12:00:00.000Z"), assigned("4411", camera="CAM-99")]
    deciding = assigned("4411", begins="2023-11-14T12:00:00.000Z")
    with begin(path, *before, deciding) as journal:
        journal.append([ClipAttributed(clip=CLIP, officer="4411")])
        told = [entry for entry in story_of(journal, path).before if entry.kind == "camera_assigned"]
        assert [(entry.data["officer"], entry.data["actor"]) for entry in told] == [("4411", ACTOR)]
        later = assigned("4412", begins="2023-11-14T13:00:00.000Z", ends="2023-11-16T00:00:00.000Z")
        journal.append([later, ClipAttributed(clip=CLIP, officer="4412"), assigned("4413", camera="CAM-99")])
        told = [entry for entry in story_of(journal, path).before if entry.kind == "camera_assigned"]
        assert "4412" in [entry.data["officer"] for entry in told]
        assert "4413" not in [entry.data["officer"] for entry in told]


def test_consultations_and_exports_are_found_by_their_clip_whenever_they_were(path: Path) -> None:
    def consulted(subject: str, *clips: str) -> FootageConsulted:
        return FootageConsulted(command="c", subject=subject, reason="r", actor=ACTOR, clips=clips)

    exported = FootageExported(clips=(OTHER, CLIP), tagmanifest_sha256="00", reason="CPS", actor=ACTOR)
    with begin(path, consulted(OTHER, OTHER)) as journal:
        journal.append([consulted("any", CLIP), consulted(CLIP), consulted(OTHER, OTHER), exported])
        story = story_of(journal, path)
        assert kinds(story) == ["footage_consulted", "footage_consulted", "footage_exported"]


def test_without_a_consultation_nobody_is_named(path: Path) -> None:
    revoked = CameraRevoked(camera=SERIAL, reason="Mrs Smith", actor=ACTOR)
    flagged = ClipFlagged(clip=CLIP, reason="Mrs Smith", case="C-7", actor=ACTOR)
    consulted = FootageConsulted(command="c", subject=CLIP, reason="Mrs Smith", actor=ACTOR, clips=(CLIP,))
    with begin(path, assigned("4411")) as journal:
        journal.append([DockPaused(actor=ACTOR), revoked, flagged, consulted])
        journal.append([ClipAttributed(clip=CLIP, officer="4411")])
        story = story_of(journal, path)
    for secret in ("4411", "Mrs Smith", "C-7", ACTOR):
        assert secret in repr(story)
        # As a word: a digest may have any four digits within.
        assert not re.search(rf"\b{re.escape(secret)}\b", repr(withheld_story(story)))
    assert SERIAL in repr(withheld_story(story))


def test_the_index_has_the_kinds_that_are_asked_for() -> None:
    written = index_script().partition("entry_of_event")[2]
    named = [part for part in written.split("'")[1::2] if part in written]
    assert tuple(named) == EVENTS


def test_a_clip_that_was_only_found_has_a_story(path: Path) -> None:
    with journal_at(path) as journal:
        journal.append([started(), *attached("d1"), found(OTHER, "d1", 2)])
        assert [entry.kind for entry in story_of(journal, path, OTHER).own] == ["clip_found"]


@pytest.mark.slow
@settings(max_examples=10)
@given(st.lists(st.tuples(st.integers(0, 99), st.integers(1, 3)), max_size=4))
def test_a_story_has_the_erasures_of_the_clip_s_own_values_and_of_no_other_s(
    chosen: list[tuple[int, int]],
) -> None:
    """Whichever values are erased, linked ones too; each entry with the commitments of the clip alone."""
    with TemporaryDirectory(dir=in_memory()) as folder:
        path = Path(folder) / "journal.sqlite3"
        with begin(path) as journal:
            journal.append(transfer(OTHER, "d1", 2))
            for clip, case in ((CLIP, "K/1"), (OTHER, "K/1"), (OTHER, "K/2")):
                journal.append([ClipFlagged(clip=clip, reason="r", case=case, actor=ACTOR)])
            erasures = [_erase(journal, path, *which) for which in chosen]
            for clip in (CLIP, OTHER):
                own = " ".join(leaf for (leaf,) in ask(path, f"SELECT leaf FROM entry WHERE clip = '{clip}'"))  # noqa: S608
                wanted = [[one for one in gone if one in own] for gone in erasures]
                story = story_of(journal, path, clip)
                told = [e.data["commitments"] for e in story.events if e.kind == ValuesErased.kind]
                assert told == [ours for ours in wanted if ours]
                assert kinds(withheld_story(story)) == kinds(story)


def _erase(journal: Journal, path: Path, first: int, count: int) -> list[str]:
    """Have some of the values erased that are stored, one at the least; return their commitments."""
    stored = ask(path, "SELECT commitment, field FROM private ORDER BY commitment")
    _, field = stored[first % len(stored)]
    gone = [committed for committed, its in stored if its == field][:count]
    journal.append([ValuesErased(field=field, commitments=tuple(gone), basis="s.47", actor=ACTOR)])
    return gone
