"""How is it shown what a camera's own digests say of a clip?"""

from __future__ import annotations

import json

import pytest

from bwvdock.cli.output.entry_sentences import happened
from bwvdock.cli.statement.text import as_text
from bwvdock.core.custody.records import Entry
from bwvdock.core.facts import CameraDigestCompared, DigestCompared
from bwvdock.core.media.digest_files import Unread
from bwvdock.core.media.signed_video import PRESENT
from tests.cli.docks import LEFT, QUARANTINED, VERIFIED, Dock
from tests.cli.test_consultation import WHY, daemon
from tests.cli.test_statement import story_and_report

Capture = pytest.CaptureFixture[str]


def compared(
    part: int, listed_in: int, outcome: str, reason: str = "", algorithm: str = "md5"
) -> DigestCompared:
    stated, found = ("", "") if outcome == "not-comparable" else ("ab", "ab" if outcome == "match" else "cd")
    return DigestCompared(
        part=part, listed_in=listed_in, algorithm=algorithm, stated=stated, found=found, outcome=outcome,
        reason=reason,
    )  # fmt: skip


@pytest.mark.parametrize(
    "one,said",
    [
        (compared(0, 1, "match"), "MD5 of the footage, in sidecar 1, is ab, as received"),
        (compared(2, 1, "differs"), "MD5 of sidecar 2, in sidecar 1, is ab; MD5 of what was received is cd"),
        (compared(0, 1, "match", "why"), "MD5 of the footage, in sidecar 1, is ab, as received (why)"),
        (
            compared(0, -1, "not-comparable", PRESENT, "onvif-media-signing"),
            f"ONVIF media signing in the footage: not compared ({PRESENT})",
        ),
        (
            compared(0, 1, "not-comparable", Unread.SIGNATURE, "signature"),
            f"signature in sidecar 1: not compared ({Unread.SIGNATURE})",
        ),
        (
            compared(0, 3, "not-comparable", Unread.NOT_TEXT, ""),
            f"in sidecar 3: not compared ({Unread.NOT_TEXT})",
        ),
    ],
)
def test_a_line_says_who_stated_what_and_what_was_received(one: DigestCompared, said: str) -> None:
    names = DigestCompared.__dataclass_fields__
    data = {"outcome": one.outcome, "compared": [{name: getattr(one, name) for name in names}]}
    entry = Entry(seq=7, time="", kind=CameraDigestCompared.kind, data=data, leaf_hash="")
    overall, _, line = happened(entry).partition(": ")
    assert line == said
    assert ("DIFFERS" in overall) is (one.outcome == "differs")


@pytest.mark.slow
def test_a_clip_shows_the_outcome_of_its_last_copy_and_lists_have_it_too(dock: Dock, capsys: Capture) -> None:
    dock.record(
        CameraDigestCompared(clip=VERIFIED, outcome="differs", compared=(compared(0, 1, "differs"),)),
        CameraDigestCompared(clip=QUARANTINED, outcome="match", compared=(compared(0, 1, "match"),)),
    )
    assert dock.run("clips", "show", VERIFIED) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert "Attested: the camera's own digest DIFFERS from what was received Recorded:" in shown
    assert "MD5 of what was received is cd" in shown
    assert dock.run("clips", "list", "--json") == 0
    found = {clip["id"]: clip["camera_digest"] for clip in json.loads(capsys.readouterr().out)}
    assert {clip: found[clip] for clip in (VERIFIED, QUARANTINED, LEFT)} == {
        VERIFIED: "differs", QUARANTINED: "match", LEFT: "",
    }  # fmt: skip
    with daemon(dock):
        assert dock.run("clips", "show", LEFT, *WHY) == 0
    assert "Attested" not in capsys.readouterr().out


def test_the_report_for_a_court_says_it_among_errors_and_what_it_does_not_show(dock: Dock) -> None:
    dock.record(CameraDigestCompared(clip=VERIFIED, outcome="differs", compared=(compared(0, 1, "differs"),)))
    story, report = story_and_report(dock, VERIFIED)
    [seq] = [entry.seq for entry in story.own if entry.kind == CameraDigestCompared.kind]
    rows = {
        section.heading: [row.entry for table in section.tables for row in table.rows]
        for section in report.sections
    }
    assert [heading for heading, entries in rows.items() if seq in entries] == [
        next(heading for heading in rows if "rror" in heading)
    ]
    text = " ".join(as_text(report).split())
    assert "Attested by the camera" in text
    assert "who could change the footage on the camera could change the digest too" in text


@pytest.mark.parametrize(
    "again,said",
    [
        ("", ""),
        ("same", "; read from the camera a second time: the same bytes as received"),
        ("other", "; read from the camera a second time: OTHER bytes than received"),
        ("failed", "; it could not be read from the camera a second time"),
    ],
)
def test_what_a_second_read_showed_is_at_the_end(again: str, said: str) -> None:
    data = {"outcome": "differs", "compared": [], "read_again": again}
    entry = Entry(seq=7, time="", kind=CameraDigestCompared.kind, data=data, leaf_hash="")
    assert happened(entry).endswith(f"DIFFERS from what was received: {said}")
