"""Does the stand-alone verifier compute until when a clip is kept as the dock does, of any classes?"""

from __future__ import annotations

from dataclasses import asdict

from hypothesis import given
from hypothesis import strategies as st

from bwvdock.core.clips.history import fold
from bwvdock.core.facts import ClipFact
from tests.core.clips.test_classes import BASES, RECORDED, dated, found, given_class
from verifier.bwvdock_verify import Entry, Story

DAYS = st.sampled_from([1, 7, 31, 365, 36500])
CLASSES = st.builds(
    given_class, st.sampled_from(["", "a", "b"]), DAYS, basis=st.sampled_from(BASES), instead=st.booleans()
)
DATES = st.builds(dated, DAYS, kept_from=st.sampled_from([None, RECORDED]))


def entry(seq: int, fact: ClipFact) -> Entry:
    return Entry(2, seq, fact.kind, "", 0, "", "", "", asdict(fact), (), known=True)


@given(st.lists(st.one_of(CLASSES, DATES), max_size=7))
def test_both_compute_the_same_date_in_whatever_order(facts: list[ClipFact]) -> None:
    clip = fold([found(), *facts])
    assert clip is not None
    story = Story("c")
    for seq, fact in enumerate([found(), *facts]):
        story.add(entry(seq, fact))
    assert (story.kept_until() or "") == clip.retain_until
