"""Does a custody report say what the entries say, name each of them, and claim nothing more?"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from bwvdock.cli.statement.command import compose
from bwvdock.cli.statement.faults import KnownFaults, known_faults, read_faults
from bwvdock.cli.statement.page import as_page
from bwvdock.cli.statement.sections import NOT_CLAIMED
from bwvdock.cli.statement.text import WIDTH, as_text
from bwvdock.cli.statement.values import Report, Sentence
from bwvdock.core.custody.story import Story
from bwvdock.core.facts import (
    AttributionDisputed,
    AttributionUpheld,
    CameraAssigned,
    ClipAttributed,
    ClipFlagged,
    ClipQuarantined,
    ConfigReloaded,
    DockPaused,
    DockResumed,
    DockStarted,
    FootageConsulted,
    FootageExported,
    StoreBack,
    StoreLost,
    UncleanStart,
    UploadAttempts,
    VerifiedAgain,
)
from tests.cli.docks import CAMERA, DOCKING, LEFT, QUARANTINED, VERIFIED, Dock
from tests.cli.test_consultation import daemon
from tests.fakes.hostile import HOSTILE

pytestmark = pytest.mark.slow

Capture = pytest.CaptureFixture[str]
WHY = ("--reason", "disclosure, R v X")
T = "2026-03-14T11:00:00.000Z"
VOID = frozenset({"meta", "br", "hr"})


@pytest.fixture
def eventful(dock: Dock) -> Dock:
    """Return a dock on which much has happened to a clip that was verified."""
    dock.record(
        CameraAssigned(
            camera=CAMERA,
            officer="4411",
            valid_from="2023-01-01T06:00:00.000Z",
            valid_to="",
            actor="1000:sgt",
        ),
        ClipAttributed(clip=VERIFIED, officer="4411"),
        DockPaused(actor="1000:ann"),
        DockResumed(actor="1000:ann"),
        StoreLost(destination="vault", since=T, reason="it is full"),
        StoreBack(destination="vault", lost_since=T, since=T, times=1),
        DockStarted(dock="LEW-03", version="0.2.0", sqlite_version="3", config_sha256="ab" * 32),
        UncleanStart(started_at=T, last_entry_at=T),
        ConfigReloaded(config_sha256="cd" * 32),
        ClipFlagged(clip=VERIFIED, reason="burglary", case="C-7", actor="1000:ann"),
        UploadAttempts(
            clip=VERIFIED,
            destination="vault",
            attempts=3,
            first_at=T,
            last_at=T,
            causes=("upload unavailable: 2",),
            last_reason="no route",
            bytes_passed=9,
            bytes_again=4,
            outcome="succeeded",
        ),
        VerifiedAgain(
            clip=VERIFIED,
            destination="vault",
            object="o",
            version="",
            sha256="ef" * 32,
            method="pieces-checked",
        ),
        FootageConsulted(
            command="clips show", subject=VERIFIED, reason="r", actor="1000:ann", clips=(VERIFIED,)
        ),
        FootageExported(clips=(VERIFIED,), tagmanifest_sha256="01" * 32, reason="CPS", actor="1000:ann"),
    )
    return dock


def story_and_report(dock: Dock, clip: str, faults: KnownFaults | None = None) -> tuple[Story, Report]:
    with dock.reader() as reader:
        row, story = reader.clip_row(clip), reader.story(clip)
    assert row is not None
    assert story is not None
    known = faults or KnownFaults(reviewed="2026-11-29")
    return story, compose(row, story, made=[Sentence("Made for a test.")], faults=known)


def sentences(report: Report) -> Iterator[Sentence]:
    for section in report.sections:
        yield from section.sentences
        yield from (sentence for _, sentence in section.properties)


def rows(report: Report) -> list[int]:
    return [row.entry for section in report.sections for table in section.tables for row in table.rows]


@pytest.mark.parametrize("clip", [VERIFIED, QUARANTINED, LEFT])
def test_each_entry_of_the_story_is_in_it_once(eventful: Dock, clip: str) -> None:
    story, report = story_and_report(eventful, clip)
    assert sorted(rows(report)) == [entry.seq for entry in story.whole()]


@pytest.mark.parametrize("clip", [VERIFIED, QUARANTINED, LEFT])
def test_each_sentence_names_its_entries_and_others_say_nothing_of_the_clip(
    eventful: Dock, clip: str
) -> None:
    story, report = story_and_report(eventful, clip)
    there = {entry.seq for entry in story.whole()}
    about = {clip, CAMERA, DOCKING, "4411", "C-7", "LEW-03", "vault", "1000:", "burglary", "0.2.0"}
    assert any(sentence.entries for sentence in sentences(report))
    for sentence in sentences(report):
        assert set(sentence.entries) <= there
        if not sentence.entries:
            assert not [word for word in about if word in sentence.text], sentence.text
            assert not re.search(r"[0-9a-f]{16}", sentence.text)


def test_what_this_version_records_is_not_said_to_be_missing(eventful: Dock) -> None:
    _, report = story_and_report(eventful, VERIFIED)
    assert "did not record" not in as_text(report)


def test_it_never_says_that_anybody_recorded_the_footage(eventful: Dock) -> None:
    for clip in (VERIFIED, QUARANTINED, LEFT):
        _, report = story_and_report(eventful, clip)
        told = as_text(report).replace("\n", " ")
        assert "as received" in told
        assert not re.search(r"\bas recorded|recorded by", told)
        for sentence in NOT_CLAIMED:
            assert re.sub(r"\s+", " ", sentence) in re.sub(r"\s+", " ", told)


def test_what_went_wrong_is_under_its_heading(eventful: Dock) -> None:
    _, report = story_and_report(eventful, VERIFIED)
    wrong = next(section for section in report.sections if section.heading.startswith("Errors"))
    told = " ".join(row.what for table in wrong.tables for row in table.rows)
    for word in ("PAUSED", "resumed", "OUTAGE", "UNCLEAN", "configuration file", "marked as evidence"):
        assert word in told
    assert "upload unavailable: 2" in told
    assert {row.by for table in wrong.tables for row in table.rows} == {"the dock", "1000:ann"}
    assert "errors and refusals: none; retries: 1; starts and stops: 2; outages: 2; acts of operators: 4" in (
        wrong.sentences[0].text
    )


def test_a_quarantine_is_an_error(dock: Dock) -> None:
    dock.record(ClipQuarantined(clip=VERIFIED, reason="the vault holds something else"))
    _, report = story_and_report(dock, VERIFIED)
    wrong = next(section for section in report.sections if section.heading.startswith("Errors"))
    assert [row.what for table in wrong.tables for row in table.rows] == [
        "QUARANTINED: the vault holds something else"
    ]


def test_a_store_s_own_word_is_told_as_the_store_s(eventful: Dock) -> None:
    _, report = story_and_report(eventful, VERIFIED)
    [again] = [
        row
        for section in report.sections
        for table in section.tables
        for row in table.rows
        if "checked again" in row.what
    ]
    assert again.by == "store vault, to the dock"
    assert "compared by the store when it was received" in again.what


def test_known_faults_are_those_of_the_versions_that_ran(eventful: Dock) -> None:
    text = """reviewed = 2026-11-29
[[fault]]
versions = ["0.2.0"]
known_since = 2026-11-01
what = "It counts wrongly."
effect = "Sums may be wrong."
[[fault]]
versions = ["0.3.0"]
known_since = 2026-11-02
what = "Another."
effect = "None."
"""
    _, report = story_and_report(eventful, VERIFIED, read_faults(text))
    faults = next(section for section in report.sections if section.heading.startswith("Known"))
    assert [sentence.text for sentence in faults.sentences] == [
        "The dock ran bwvdock 0.1.0, 0.2.0.",
        "Known since 2026-11-01, in 0.2.0: It counts wrongly. Sums may be wrong.",
    ]
    _, report = story_and_report(eventful, VERIFIED)
    faults = next(section for section in report.sections if section.heading.startswith("Known"))
    assert faults.sentences[1].text == "Faults of this version: none known to us on 2026-11-29."


def test_the_list_of_faults_that_is_shipped_can_be_read() -> None:
    known = known_faults()
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", known.reviewed)
    assert all(fault.versions and fault.what and fault.effect for fault in known.faults)


# --- text and page ------------------------------------------------------------------------------------


def test_the_text_fits_eighty_columns(eventful: Dock) -> None:
    for clip in (VERIFIED, QUARANTINED, LEFT):
        for line in as_text(story_and_report(eventful, clip)[1]).splitlines():
            assert len(line) <= WIDTH or len(line.split()) <= 1, line


class Page(HTMLParser):
    """Reads a page, and sees that what is opened is closed and nothing is loaded."""

    def __init__(self, document: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.feed(document)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.texts.append(data)


def test_the_page_stands_alone(eventful: Dock) -> None:
    document = as_page(story_and_report(eventful, VERIFIED)[1])
    page = Page(document)
    assert document.startswith("<!DOCTYPE html>")
    assert page.open == []
    names = [tag for tag, _ in page.tags]
    assert not {"script", "link", "img", "iframe", "object", "embed", "base", "form"} & set(names)
    assert dict(page.tags)["html"] == {"lang": "en-GB"}
    assert names.count("h1") == 1
    assert names.count("h2") == 8
    assert names.count("table") == names.count("caption") == names.count("thead")
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    for _, attributes in page.tags:
        assert not {"src", "style", "action"} & attributes.keys()
        assert not [name for name in attributes if name.startswith("on")]
        if href := attributes.get("href"):
            assert href.startswith("#")
            assert href[1:] in ids
    assert "url(" not in document
    assert "@import" not in document
    assert "@page { size: A4" in document


def test_page_and_text_say_the_same(eventful: Dock) -> None:
    _, report = story_and_report(eventful, VERIFIED)
    page = " ".join("".join(Page(as_page(report)).texts).split())
    for sentence in sentences(report):
        assert " ".join(sentence.text.split()) in page
    for section in report.sections:
        for table in section.tables:
            for row in table.rows:
                assert f"#{row.entry} {row.time}{row.by} {row.what}" in page


@pytest.mark.parametrize("name", HOSTILE)
def test_nothing_that_is_shown_acts(eventful: Dock, name: str) -> None:
    hostile = "<script>alert(1)</script>\"'&" + HOSTILE[name]
    if "\0" in hostile or any("\ud800" <= character <= "\udfff" for character in hostile):
        hostile = "<script>alert(1)</script>\"'&"
    eventful.record(StoreLost(destination="vault", since=T, reason=hostile))
    _, report = story_and_report(eventful, VERIFIED)
    page = Page(as_page(report))
    assert "script" not in [tag for tag, _ in page.tags]
    assert "\x1b" not in as_text(report)


# --- the command --------------------------------------------------------------------------------------


def test_a_report_is_a_consultation_that_it_shows(eventful: Dock, capsys: Capture) -> None:
    with daemon(eventful) as desk:
        assert eventful.run("custody", "report", VERIFIED[:18], *WHY) == 0
    told = capsys.readouterr().out
    assert [(fact.command, fact.clips, fact.reason) for fact in desk.said] == [
        ("custody report", (VERIFIED,), WHY[1])
    ]
    assert "with `custody report`: disclosure, R v X" in told
    for word in ("4411", "assignment entered by 1000:sgt", "C-7", "Draft: witness statement", "902(14)"):
        assert word in re.sub(r"\s+", " ", told)


def test_without_a_daemon_there_is_no_report(eventful: Dock, capsys: Capture) -> None:
    assert eventful.run("custody", "report", VERIFIED, *WHY) == 3
    assert eventful.run("custody", "report", VERIFIED) == 2
    assert capsys.readouterr().out == ""


def test_a_copy_gives_the_report_in_each_form(eventful: Dock, tmp_path: Path, capsys: Capture) -> None:
    copy = tmp_path / "copy.sqlite3"
    copy.write_bytes(eventful.config.journal.read_bytes())
    asked = ("custody", "report", VERIFIED, "--journal", str(copy), *WHY)
    assert eventful.run(*asked, "--format", "html") == 0
    page = Page(capsys.readouterr().out)
    assert any("4411" in text for text in page.texts)
    assert eventful.run(*asked, "--json") == 0
    document: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert (document["clip"], document["reason"]) == (VERIFIED, WHY[1])
    assert document["journal"]["entries"] > 0
    properties = dict(document["sections"][0]["properties"])
    assert properties["Officer"]["text"].startswith(
        "attributed to officer 4411 (assignment entered by 1000:sgt"
    )
    notes = copy.with_name(copy.name + ".consultations.jsonl").read_text().splitlines()
    assert [json.loads(note)["command"] for note in notes] == ["custody report"] * 2


def test_the_officer_is_whom_the_last_entry_about_that_names(eventful: Dock) -> None:
    def officer() -> str:
        _, report = story_and_report(eventful, VERIFIED)
        [said] = [
            said for section in report.sections for name, said in section.properties if name == "Officer"
        ]
        return said.text

    eventful.record(AttributionDisputed(clip=VERIFIED, officer="4411", reason="on leave", actor="badge:4411"))
    assert officer() == (
        "that it is officer 4411's was DISPUTED by somebody with the badge of officer 4411, at the dock: on "
        "leave; attributed to nobody until this is decided"
    )
    eventful.record(AttributionUpheld(clip=VERIFIED, officer="4411", reason="seen", actor="1000:sgt"))
    assert officer() == (
        "attributed to officer 4411 as the roster says, although this was disputed: decided by 1000:sgt: seen"
    )
