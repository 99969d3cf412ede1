"""How long is a clip kept that has classes, and who may have it? Pure rules, over every order of entries."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bwvdock.core.clips.classes.given import classify, destinations, is_restricted, names, priority
from bwvdock.core.clips.classes.rules import RetentionClass, RetentionRules, unit_class
from bwvdock.core.clips.clip import Clip
from bwvdock.core.clips.history import apply, fold
from bwvdock.core.facts import (
    BY_EVENT,
    BY_PERSON,
    BY_UNIT,
    ClipClassified,
    ClipDated,
    ClipFact,
    ClipFlagged,
    ClipFound,
    ClipHeld,
    ClipUnflagged,
    ClipUnheld,
    DisposalNoticed,
    SourceFile,
)
from bwvdock.core.moments import iso

RECORDED = datetime(2026, 3, 1, 9, tzinfo=UTC)
BASES = (BY_PERSON, BY_EVENT, BY_UNIT)


def found(*, marked: bool = False) -> ClipFound:
    file = SourceFile(path="A.MP4", size=1, mtime_ns=0, fingerprint="")
    return ClipFound(clip="c", docking="d", camera="BWV-1", files=(file,), marked=marked)


def dated(
    days: int = 31, *, kept_from: datetime | None = RECORDED, recorded: datetime = RECORDED
) -> ClipDated:
    return ClipDated(
        clip="c",
        raw=iso(recorded),
        recorded_at=iso(recorded),
        uncertainty_ms=0,
        basis="b",
        retain_until=after(days, kept_from or RECORDED),
        kept_from=iso(kept_from) if kept_from else "",
    )


def after(days: int, begins: datetime = RECORDED) -> str:
    return iso(begins + timedelta(days=days))


def given_class(name: str, days: int, *, basis: str = BY_PERSON, instead: bool = False) -> ClipClassified:
    return classify("c", RetentionClass(name=name, days=days), basis=basis, instead=instead)


def life(*facts: ClipFact) -> Clip:
    clip = fold([found(), *facts])
    assert clip is not None
    return clip


def test_without_a_class_the_date_of_its_entry_counts() -> None:
    assert life(dated()).retain_until == after(31)
    assert not life(dated()).reviewed


def test_a_review_takes_the_place_of_what_the_unreviewed_get() -> None:
    """The ceiling of "until reviewed" is over once somebody has."""
    clip = life(dated(365), given_class("", 31))
    assert (clip.retain_until, clip.reviewed, names(clip.classes)) == (after(31), True, [])


def test_a_unit_s_class_is_no_review_and_shortens_nothing() -> None:
    clip = life(dated(31), given_class("firearms", 7, basis=BY_UNIT))
    assert (clip.retain_until, clip.reviewed) == (after(31), False)
    assert life(dated(31), given_class("firearms", 90, basis=BY_UNIT)).retain_until == after(90)


def test_days_count_from_what_the_dating_says_and_not_from_a_doubtful_recording() -> None:
    clip = life(dated(31, kept_from=RECORDED + timedelta(days=5)), given_class("short", 7))
    assert clip.retain_until == after(12)


def test_an_entry_of_an_earlier_version_is_never_shortened() -> None:
    assert life(dated(31, kept_from=None), given_class("short", 7)).retain_until == after(31)
    assert life(dated(31, kept_from=None), given_class("long", 90)).retain_until == after(90)


def test_a_class_before_the_date_counts_once_it_is_dated() -> None:
    assert life(given_class("long", 90)).retain_until == ""
    assert life(given_class("long", 90), dated()).retain_until == after(90)


def test_who_or_what_reviews() -> None:
    for fact, reviewed in (
        (given_class("a", 1), True),
        (given_class("a", 1, basis=BY_EVENT), True),
        (given_class("a", 1, basis=BY_UNIT), False),
        (ClipFlagged(clip="c", reason="r", case="", actor="a"), True),
        (ClipUnflagged(clip="c", reason="r", actor="a"), True),
        (ClipHeld(clip="c", reason="r", actor="a"), True),
    ):
        assert life(dated(), fact).reviewed == reviewed, fact
    marked = fold([found(marked=True)])
    assert marked is not None
    assert marked.reviewed


def test_what_was_only_held_is_unreviewed_again_and_its_notice_void() -> None:
    notice = DisposalNoticed(clip="c", at=after(24), due=after(31), days=7)
    held = ClipHeld(clip="c", reason="r", actor="a")
    clip = life(dated(), notice, held, ClipUnheld(clip="c", reason="r", actor="a"))
    assert (clip.reviewed, clip.noticed) == (False, None)
    assert life(dated(), notice).noticed == notice


classes = st.builds(
    given_class,
    st.sampled_from(["", "a", "b", "c"]),
    st.sampled_from([1, 7, 31, 90, 365]),
    basis=st.sampled_from(BASES),
)


@given(st.lists(classes, min_size=1, max_size=6))
def test_longest_wins_in_whatever_order_and_configuration_shortens_nothing(
    given_them: list[ClipClassified],
) -> None:
    """The same class twice, with fewer days the second time, is a configuration that changed meanwhile."""
    clip = life(dated(31))
    for fact in given_them:
        before = clip
        clip = apply(clip, fact)
        if before.reviewed or not clip.reviewed:
            assert clip.retain_until >= before.retain_until
    longest = max(fact.days for fact in given_them)
    assert clip.retain_until == after(longest if clip.reviewed else max(31, longest))
    assert life(dated(31), *reversed(given_them)).retain_until == clip.retain_until


def test_only_in_place_of_the_others_shortens() -> None:
    clip = life(dated(), given_class("long", 365), given_class("short", 7, instead=True))
    assert (clip.retain_until, names(clip.classes)) == (after(7), ["short"])


def test_the_names_begin_with_the_one_that_decides() -> None:
    clip = life(given_class("a", 7), given_class("z", 90), given_class("b", 31), given_class("", 31))
    assert names(clip.classes) == ["z", "a", "b"]


def routed(name: str, *where: str, restricted: bool = False, rank: int = 0) -> ClipClassified:
    of = RetentionClass(name=name, days=31, restricted=restricted, destinations=where, priority=rank)
    return classify("c", of, basis=BY_PERSON)


def test_a_restricted_class_decides_where_a_clip_goes() -> None:
    nothing, county = routed("a"), routed("b", "county")
    safe = routed("firearms", "safe", restricted=True)
    assert destinations((nothing,)) is None
    assert destinations((nothing, county)) == frozenset({"county"})
    for order in ((safe, county), (county, safe)):
        assert destinations(order) == frozenset({"safe"})
        assert is_restricted(order)
    assert not is_restricted((nothing, county))


def test_the_highest_priority_counts() -> None:
    assert priority(()) == 0
    assert priority((routed("a", rank=3), routed("b", rank=9), routed("c"))) == 9


def test_the_rules_name_what_footage_without_a_class_gets() -> None:
    one = RetentionClass(name="use-of-force", days=365)
    rules = RetentionRules(days=60, classes=(one,))
    assert rules.named("use-of-force") == one
    assert rules.named("nothing") is None
    assert rules.named("") == RetentionClass(name="", days=60)
    assert rules.unreviewed_days == 60


@given(st.text(st.sampled_from("Trojan \u00a0\t7-"), min_size=1, max_size=12), st.data())
def test_a_unit_is_the_same_however_somebody_types_it(unit: str, data: st.DataObject) -> None:
    """In a roster: for a capital letter, the footage of one that is restricted would be open to all."""
    classes = (RetentionClass(name="firearms", days=365, restricted=True, units=("other", unit)),)
    cased = "".join(data.draw(st.sampled_from((letter.lower(), letter.upper()))) for letter in unit)
    typed = data.draw(
        st.sampled_from((cased, f" {cased} ", cased.replace(" ", "  "), cased.replace(" ", "")))
    )
    found = unit_class(classes, typed)
    assert (found is classes[0]) == bool(unit.strip())
    assert unit_class(classes, f"{typed}8") is None
