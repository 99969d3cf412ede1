"""May an officer see and mark their own clips, after a badge, for a minute, and nothing else?"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bwvdock.cli.output.entry_sentences import happened
from bwvdock.core.checkout.own_clips import OwnClips, Refused, Window, own_clips
from bwvdock.core.custody.story import withheld_entry
from bwvdock.core.facts import ClipClassified, ClipFlagged, FootageConsulted
from bwvdock.core.facts.visibility.told import fact_event
from bwvdock.edges.journal.read.reader import JournalReader
from bwvdock.edges.journal.verify.verify import verify_journal
from bwvdock.errors import BwvdockError
from bwvdock.operators.checkout.requests import ShowOwnClips
from tests.checkout.badged import ANN, BOB
from tests.checkout.own import OwnDock

START = 1000


@pytest.fixture
def dock(tmp_path: Path) -> OwnDock:
    return OwnDock(tmp_path)


def windows(*steps: tuple[int, str]) -> OwnClips:
    """Return what is left of badges at these times; in capitals, of an officer without clips here."""
    found = OwnClips()
    for at_ms, officer in steps:
        found.badge(officer.lower(), has_clips=not officer.isupper(), at_ms=at_ms)
    return found


def test_a_window_is_that_of_one_badge_for_a_minute() -> None:
    own = windows((START, "ann"))
    assert own.window == Window(officer="ann", ends_ms=61_000)
    assert own.held("", START) is Refused.OVER, "without a token nobody acts"
    given = own.claim("t1", START + 1)
    assert given == Window(officer="ann", ends_ms=61_000, token="t1", free=False)  # noqa: S106 - a test's
    assert own.claim("t2", START + 2) is Refused.ELSEWHERE
    for token in ("", "t2", "T1", "t1 ", "ü"):
        assert own.held(token, START + 3) is Refused.OVER
    assert own.held("t1", 60_999) == given
    assert own.held("t1", 61_000) is Refused.OVER
    assert own.window is None


def test_the_same_badge_prolongs_it_and_any_other_ends_it() -> None:
    own = windows((START, "ann"))
    own.claim("t1", START)
    own.badge("ann", has_clips=True, at_ms=50_000)
    assert isinstance(own.held("t1", 109_999), Window)
    again = own.claim("t2", 109_999)
    assert isinstance(again, Window)
    assert own.held("t1", 109_999) is Refused.OVER, "the earlier browser's token"
    for other in ("bob", "", "BOB", "ANN"):
        own = windows((START, "ann"), (START + 1, other))
        assert own.window is None, other
    assert windows((START, "ann"), (START + 1, "bob"), (START + 2, "bob")).window is not None
    assert windows((START, "ann"), (61_000, "bob")).window is not None, "it was over"


@pytest.mark.slow
def test_an_officer_sees_the_clips_of_this_docking_and_no_more(dock: OwnDock) -> None:
    key, earlier = dock.bring("CAM-ann", "1-1", 1, officer="ann")
    dock.take(key)
    dock.clock.pass_ms(60_000)
    _, clips = dock.bring("CAM-ann", "1-1", 2)
    _, others = dock.bring("CAM-bob", "1-2", 1, officer="bob")
    dock.tap(ANN)
    shown = dock.show()
    assert (shown["outcome"], shown["categories"], shown["more"]) == ("shown", ["use-of-force"], 0)
    assert {one["clip"] for one in shown["clips"]} == set(clips)
    assert not {*earlier, *others} & {one["clip"] for one in shown["clips"]}
    assert set(shown["clips"][0]) == {
        "clip",
        "recorded_at",
        "uncertainty_ms",
        "length_ms",
        "size",
        "evidential",
        "case",
        "categories",
    }
    [consulted] = dock.of_kind(FootageConsulted)
    assert (consulted.command, consulted.actor) == ("own clips", "badge:ann")
    assert dock.show(shown["token"])["outcome"] == "shown"
    assert len(dock.of_kind(FootageConsulted)) == 1


@pytest.mark.slow
def test_each_order_is_decided_as_an_operators_and_recorded_with_the_badge_as_actor(dock: OwnDock) -> None:
    _, [clip, other] = dock.bring("CAM-ann", "1-1", 2, officer="ann")
    dock.tap(ANN)
    token = dock.show()["token"]
    assert dock.mark(token, clip, "evidence") == "refused", "a reason is required, as of an operator"
    assert dock.mark(token, clip, "evidence", reason="burglary", case="C-7") == "recorded"
    assert dock.mark(token, clip, "evidence", reason="burglary") == "unchanged"
    assert dock.mark(token, clip, "not-evidence") == "refused"
    assert dock.mark(token, clip, "not-evidence", reason="by mistake") == "recorded"
    assert dock.mark(token, clip, "category", category="use-of-force") == "recorded"
    for category in ("standards", "nobody-looked", "", "unknown"):
        assert dock.mark(token, clip, "category", category=category) == "refused"
    assert dock.mark(token, clip, "hold", reason="r") == "refused"
    assert dock.mark(token, other, "not-mine", reason="on leave") == "recorded"
    assert dock.mark(token, other, "not-mine") == "not-yours", "it is attributed to nobody now"
    me = "badge:ann"
    assert dock.acts() == [
        ("footage_consulted", "", me),
        ("clip_flagged", clip, me),
        ("clip_unflagged", clip, me),
        ("clip_classified", clip, me),
        ("attribution_disputed", other, me),
    ]
    [flagged] = dock.of_kind(ClipFlagged)
    assert (flagged.reason, flagged.case) == ("burglary", "C-7")
    with JournalReader(dock.root / "journal.sqlite3") as reader:
        told = [entry.data["actor"] for entry in reader.history(clip) if entry.kind == "clip_flagged"]
    assert told == [me]
    dock.journal.close()
    assert verify_journal(dock.root / "journal.sqlite3").ok


@pytest.mark.slow
def test_nothing_is_shown_or_recorded_without_a_badge_just_shown(dock: OwnDock) -> None:
    """To whoever has the screen's socket: with no token, that of a window that ended, or of one before."""
    key, [clip] = dock.bring("CAM-ann", "1-1", 1, officer="ann")
    _, [others] = dock.bring("CAM-bob", "1-2", 1, officer="bob")
    marks = {"reason": "r", "category": "use-of-force"}

    def tried(token: str) -> set[str]:
        before = len(dock.facts)
        orders = [(one, act) for one in (clip, others) for act in ("evidence", "category", "not-mine")]
        found = {dock.mark(token, one, act, **marks) for one, act in orders} | {dock.show(token)["outcome"]}
        assert dock.facts[before:] == []
        return found

    assert tried("") == tried("0" * 64) == {"over"}
    dock.tap(ANN)
    assert {dock.mark("", one, "evidence", **marks) for one in (clip, others)} == {"over"}
    token = dock.show()["token"]
    assert dock.show()["outcome"] == "elsewhere"
    assert dock.mark(token, others, "evidence", **marks) == "not-yours"
    assert dock.mark(token, clip[:8], "evidence", **marks) == "not-yours"
    dock.clock.pass_ms(60_000)
    assert tried(token) == {"over"}
    dock.tap(ANN)
    token = dock.show()["token"]
    dock.clock.pass_ms(1000)
    dock.tap(BOB)
    assert tried(token) == {"over"}
    dock.clock.pass_ms(1000)
    dock.tap(ANN)
    token = dock.show()["token"]
    dock.take(key)
    assert dock.mark(token, clip, "evidence", **marks) == "not-yours", "the camera has left"
    dock.restart()
    assert tried(token) == {"over"}


def test_a_clip_of_another_docking_or_not_copied_is_not_there(dock: OwnDock) -> None:
    _, [clip] = dock.bring("CAM-ann", "1-1", 1, officer="ann")
    known = dock.ledger.clip(clip)
    assert known is not None
    found = {
        (docking, officer): [*own_clips([known], officer, docking)]
        for docking in ((known.docking,), ("another",), ())
        for officer in ("ann", "bob", "")
    }
    assert [key for key, clips in found.items() if clips] == [((known.docking,), "ann")]
    assert [*own_clips([replace(known, parts=())], "ann", (known.docking,))] == []


@pytest.mark.slow
def test_a_restricted_clip_is_not_there(dock: OwnDock) -> None:
    _, [clip, other] = dock.bring("CAM-ann", "1-1", 2, officer="ann")
    dock.ledger.record([ClipClassified(clip=clip, name="standards", days=365, basis="unit", restricted=True)])
    dock.tap(ANN)
    shown = dock.show()
    assert [one["clip"] for one in shown["clips"]] == [other]
    assert dock.mark(shown["token"], clip, "not-mine") == "not-yours"


@pytest.mark.slow
def test_no_window_opens_where_there_is_nothing_to_show_or_nobody_wants_it(tmp_path: Path) -> None:
    dock = OwnDock(tmp_path)
    dock.bring("CAM-nobody", "1-1")
    dock.bring("CAM-ann", "1-2", 0, officer="ann")
    for badge in (ANN, BOB, "unknown"):
        dock.tap(badge)
        dock.clock.pass_ms(1000)
        assert dock.screen().own_clips is None
    dock.journal.close()
    (tmp_path / "off").mkdir()
    off = OwnDock(tmp_path / "off", wanted=False)
    off.bring("CAM-ann", "1-1", 1, officer="ann")
    off.tap(ANN)
    assert off.screen().own_clips is None
    answer = off.ask(ShowOwnClips())
    assert isinstance(answer, BwvdockError)
    assert "own_clips = true" in answer.remedy


def test_every_screen_is_told_of_a_window_but_not_whose_it_is(dock: OwnDock) -> None:
    dock.bring("CAM-ann", "1-1", 1, officer="ann")
    dock.tap(ANN)
    told = dock.screen().own_clips
    assert told is not None
    assert (told.seconds_left, told.free) == (60, True)
    token = dock.show()["token"]
    said = str(dock.view.for_screen())
    assert token not in said
    assert "ann" not in said.replace("CAM-ann", "")
    dock.clock.pass_ms(59_001)
    told = dock.screen().own_clips
    assert told is not None
    assert (told.seconds_left, told.free) == (1, False)
    dock.clock.pass_ms(999)
    assert dock.screen().own_clips is None


@pytest.mark.slow
def test_the_badge_is_named_where_officers_are_and_erased_with_them(dock: OwnDock) -> None:
    _, [clip] = dock.bring("CAM-ann", "1-1", 1, officer="ann")
    dock.tap(ANN)
    token = dock.show()["token"]
    assert dock.mark(token, clip, "evidence", reason="r") == "recorded"
    assert dock.mark(token, clip, "not-mine") == "recorded"
    [flagged] = dock.of_kind(ClipFlagged)
    assert fact_event(flagged)[1]["actor"] == "badge", "the log names no officer"
    with JournalReader(dock.root / "journal.sqlite3") as reader:
        entries = {entry.kind: entry for entry in reader.history(clip)}
        said = happened(entries["clip_flagged"])
        assert said == "marked as evidence by somebody with the badge of officer ann, at the dock: r"
        assert "DISPUTED by somebody with the badge" in happened(entries["attribution_disputed"])
        hidden = happened(withheld_entry(entries["attribution_disputed"]))
        assert "ann" not in hidden
        assert "ann" not in happened(withheld_entry(entries["clip_flagged"]))
        fields = {field for field, _ in reader.values_saying("officer", "ann", "").found}
        assert "actor" in fields
        assert "actor" not in {field for field, _ in reader.values_saying("officer", "an", "").found}
        assert reader.unfinished_clip("officer", "ann") == clip, "who marked it is a part of its custody"
        assert reader.unfinished_clip("officer", "bob") == ""
