"""Can a person read what happened to a clip: when it was recorded, and who did what?"""

from __future__ import annotations

from dataclasses import fields, replace

import pytest

from bwvdock.cli.output.entry_sentences import happened, tell
from bwvdock.core.custody.records import Entry
from bwvdock.core.custody.story import EVENTS, withheld_entry
from bwvdock.core.facts import CLIP_FACTS, FACT_TYPES, Fact, personal_fields

STORY_KINDS = {*EVENTS, *(kind.kind for kind in CLIP_FACTS)}
_FILE = {"path": "A.MP4", "size": 5}
_PART = {"size": 5, "read_bytes": 5, "resumed_at": 0, "sha256": "ab"}
_TIMES = "2026-03-14T15:00:00.000Z"
_MATCH = {"event": "E-1", "basis": "certain", "role": "officer", "overlap_ms": 60_000, "uncertainty_ms": 1000}
_SAMPLES: dict[str, object] = {
    "str": _TIMES,
    "int": 7,
    "bool": True,
    "tuple[str, ...]": ("one", "two"),
    "tuple[SourceFile, ...]": (_FILE, _FILE),
    "tuple[DigestCompared, ...]": (
        {
            "part": 0,
            "listed_in": 1,
            "algorithm": "md5",
            "stated": "ab",
            "found": "cd",
            "outcome": "differs",
            "reason": "r",
        },
    ),
    "tuple[AcquiredPart, ...]": (_PART, _PART),
    "tuple[EventMatch, ...]": (_MATCH, _MATCH | {"basis": "possible"}),
}


def told(uncertainty_ms: int, until: str = "2026-04-14T13:02:09.000Z") -> str:
    data = {
        "raw": "2026-03-14T14:02:11.000Z",
        "recorded_at": "2026-03-14T13:02:09.000Z",
        "uncertainty_ms": uncertainty_ms,
        "basis": "its clock was read",
        "retain_until": until,
    }
    return tell(Entry(seq=7, time="2026-03-14T15:00:00.000Z", kind="clip_dated", data=data, leaf_hash=""))


@pytest.mark.parametrize(
    "ms,shown",
    [
        (-1, "+00:00 (accuracy unknown): its clock was read"),
        (0, "+00:00 ±0 s: "),
        (1, "+00:00 ±1 s: "),
        (2000, "+00:00 ±2 s: "),
        (119_500, "+00:00 ±120 s: "),
        (120_001, "+00:00 ±3 min: "),
        (7_200_000, "+00:00 ±2 h: "),
        (172_800_001, "+00:00 ±3 d: "),
    ],
)
def test_how_far_a_time_may_be_off(ms: int, shown: str) -> None:
    line = told(ms)
    assert "camera time 2026-03-14 14:02:11, dated 2026-03-14 13:02:09+00:00" in line
    assert shown in line


def test_until_when_it_is_kept() -> None:
    assert "unless marked as evidence" in told(0)
    assert told(0, until="").endswith("retention date not yet known")


def sample(kind: type[Fact]) -> dict[str, object]:
    """Return the data of an entry of a kind, with something in each field."""
    return {field.name: _SAMPLES[str(field.type)] for field in fields(kind)}


@pytest.mark.parametrize(
    "kind", [k for k in FACT_TYPES.values() if k.kind in STORY_KINDS], ids=lambda k: k.kind
)
def test_each_kind_in_a_story_has_a_sentence_and_names_nobody_whose_name_is_withheld(
    kind: type[Fact],
) -> None:
    entry = Entry(seq=7, time="2026-03-14T15:00:00.000Z", kind=kind.kind, data=sample(kind), leaf_hash="")
    said = happened(entry)
    assert said != kind.kind.replace("_", " ")
    withheld = withheld_entry(entry)
    names = {name for name in ("officer", "actor", "case", "subject") if name in entry.data}
    assert not names & withheld.data.keys()
    assert "E-1" not in happened(withheld)
    if "actor" in said:
        assert "(withheld)" in happened(withheld)
    emptied = replace(entry, data={**entry.data, **dict.fromkeys(personal_fields(kind))})
    assert "None" not in happened(emptied)


def test_an_attribution_names_who_entered_the_assignment() -> None:
    assigned = Entry(
        seq=3,
        time="2026-03-14T15:00:00.000Z",
        kind="camera_assigned",
        data={"officer": "4411", "actor": "1000:sgt", "camera": "C", "valid_from": "", "valid_to": ""},
        leaf_hash="",
    )
    attributed = replace(assigned, seq=4, kind="clip_attributed", data={"clip": "c", "officer": "4411"})
    assert happened(attributed, [assigned]) == (
        "attributed to officer 4411 (assignment entered by 1000:sgt on 2026-03-14 15:00:00+00:00, entry #3)"
    )
    assert happened(attributed) == "attributed to officer 4411 (from the camera assignment)"
    assert happened(replace(attributed, data={"officer": ""}), [assigned]) == "no officer assigned"
    assert happened(replace(attributed, data={}), [assigned]) == "attributed to an officer (withheld)"
    assert happened(replace(attributed, data={"officer": None}), [assigned]).endswith("officer (erased)")
