"""Does no sentence of a store or of the system name, in an entry, whom footage is linked to?"""

from __future__ import annotations

from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bwvdock.core.facts import (
    FACT_TYPES,
    ClipFlagged,
    ClipQuarantined,
    ClipVerified,
    DeliveryRefused,
    DisposalIntended,
    Fact,
    UnlockEnded,
    personal_fields,
)
from bwvdock.core.facts.visibility.withheld import SENTENCES, WITHHELD, without
from bwvdock.runtime.ledger import QUOTING

NAMES = ("CAM-0017", "PC 4711/b", "DCIM/100/SMITH.MP4", "SMITH.MP4")


def refused(reason: str) -> DeliveryRefused:
    return DeliveryRefused(clip="c", destination="store", reason=reason)


@pytest.mark.parametrize(
    "said, kept",
    [
        (
            "403: header x-amz-meta-camera (CAM-0017) is bad",
            "403: header x-amz-meta-camera ((withheld)) is bad",
        ),
        ("officer=PC%204711%2Fb", "officer=(withheld)"),
        ("DCIM/100/SMITH.MP4: Input/output error", "(withheld): Input/output error"),
        ("SMITH.MP4 and SMITH.MP4", "(withheld) and (withheld)"),
        ("CAM-00171 is another camera", "CAM-00171 is another camera"),
        ("it is full", "it is full"),
    ],
)
def test_a_store_s_sentence_is_kept_but_for_the_names(said: str, kept: str) -> None:
    assert without(refused(said), NAMES) == refused(kept)


@given(st.text(), st.lists(st.text(max_size=12), max_size=4), st.text())
def test_whatever_is_said_around_it_a_name_is_not_in_the_entry(
    before: str, names: list[str], after: str
) -> None:
    for name in names:
        fact = without(refused(f"{before} {name} {after}"), names)
        assert len(name) < 4 or f" {name} " not in fact.reason or name in WITHHELD


@pytest.mark.parametrize(
    "fact",
    [
        refused("nothing of the kind"),
        ClipFlagged(clip="c", reason="CAM-0017", case="CAM-0017", actor="CAM-0017"),
        ClipVerified(
            clip="c", destination="CAM-0017", object="CAM-0017", version="", sha256="a", method="read-back"
        ),
    ],
)
def test_what_is_no_sentence_of_others_stays_the_very_same(fact: Fact) -> None:
    assert without(fact, NAMES) is fact
    assert without(fact, ()) is fact
    assert without(fact, ("", "a", "403")) is fact


def test_every_fact_about_a_clip_with_such_a_sentence_is_looked_at() -> None:
    ours = {DisposalIntended}  # the dock's own rule, in the dock's own words
    found = {
        kind
        for kind in FACT_TYPES.values()
        for names in [{field.name for field in fields(kind)} - personal_fields(kind)]
        if "clip" in names and names.intersection(SENTENCES)
    }
    assert found == ours | set(QUOTING)


def test_every_kind_of_sentence_is_read() -> None:
    assert without(ClipQuarantined(clip="c", reason="CAM-0017"), NAMES).reason == WITHHELD
    assert without(UnlockEnded(docking="d", profile="p", failure="CAM-0017"), NAMES).failure == WITHHELD
