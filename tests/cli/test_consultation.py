"""Are officers shown to nobody but those who say why, and only once that is in the journal?"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import pytest

from bwvdock.config.settings import load
from bwvdock.core.clips.roster import Assignment, Roster
from bwvdock.core.facts import ClipAttributed, FootageConsulted
from bwvdock.edges.control import ControlServer
from bwvdock.edges.journal import JournalReader, open_journal
from bwvdock.errors import StorageError
from bwvdock.operators.checkout.requests import CheckoutRequest, OwnClipsRequest
from bwvdock.operators.daemon_client import answering
from bwvdock.operators.orders import decide
from bwvdock.operators.requests import AskCopies, Dispose, Request, Screen, SignNow, Status
from tests.cli.docks import CAMERA, VERIFIED, Dock
from tests.fakes.clock import FakeClock

Capture = pytest.CaptureFixture[str]
WHY = ("--reason", "complaint 12/26")


class NoSpool:
    def check(self, clip: object) -> None:
        raise AssertionError(clip)


class Daemon:
    """A daemon's desk: real decisions, a real journal."""

    def __init__(self, dock: Dock) -> None:
        self._path = dock.config.journal
        self.said: list[FootageConsulted] = []
        self.most = 1_000  # orders, until its disk is full

    def __call__(self, request: Request, actor: str) -> Mapping[str, Any]:
        assert not isinstance(request, Status | Screen | Dispose | SignNow | AskCopies)
        assert not isinstance(request, CheckoutRequest | OwnClipsRequest)
        if self.most == 0:
            raise StorageError("The journal cannot be written: the disk is full.")
        self.most -= 1
        with open_journal(self._path, FakeClock()) as journal, JournalReader(self._path) as reader:
            decision = decide(
                request, journal=journal, reader=reader, spool=NoSpool(), paused=False, actor=actor
            )
            journal.append(decision.facts)
        self.said += [fact for fact in decision.facts if isinstance(fact, FootageConsulted)]
        return decision.answer()


@contextmanager
def daemon(dock: Dock) -> Iterator[Daemon]:
    dock.config.run_dir.mkdir(exist_ok=True)
    desk = Daemon(dock)
    with ControlServer(dock.config.control_socket, answering(desk)):
        yield desk


@pytest.fixture
def known(dock: Dock) -> Dock:
    """Return a dock with one clip of officer 4411."""
    dock.record(ClipAttributed(clip=VERIFIED, officer="4411"))
    return dock


def words(text: str) -> set[str]:
    """Return the words of a text: a digest may have any four digits within."""
    return set(re.findall(r"\w+", text))


def listed(capsys: Capture) -> dict[str, Any]:
    """Return the officers of the clips in the JSON that was printed, by clip."""
    return {clip["id"]: clip["officer"] for clip in json.loads(capsys.readouterr().out)}


def test_a_plain_list_withholds_officers_and_asks_nobody(known: Dock, capsys: Capture) -> None:
    assert known.run("clips", "--json") == 0
    officers = listed(capsys)
    assert officers[VERIFIED] is None
    assert set(officers.values()) == {None, ""}
    assert known.run("clips") == 0
    shown = capsys.readouterr().out
    assert "4411" not in words(shown)
    assert "OFFICER" not in shown


def test_a_list_with_a_reason_shows_them_and_is_an_entry(known: Dock, capsys: Capture) -> None:
    with daemon(known) as desk:
        assert known.run("clips", "list", "--json", *WHY) == 0
        assert listed(capsys)[VERIFIED] == "4411"
        assert known.run("clips", *WHY) == 0
    assert "4411" in capsys.readouterr().out
    said = desk.said[0]
    assert (said.command, said.subject, said.reason) == ("clips list", "all clips", "complaint 12/26")
    assert said.actor.partition(":")[0].isdigit()


def test_finding_by_officer_needs_a_reason(known: Dock, capsys: Capture) -> None:
    with daemon(known) as desk:
        assert known.run("clips", "--officer", "4411") == 2
        complaint = capsys.readouterr()
        assert (complaint.out, desk.said) == ("", [])
        assert "--reason" in complaint.err
        assert known.run("clips", "--officer", "4411", "--json", *WHY) == 0
    assert listed(capsys) == {VERIFIED: "4411"}
    assert [fact.subject for fact in desk.said] == ["4411"]


@pytest.mark.slow
def test_showing_a_clip_withholds_its_officer_without_a_reason(known: Dock, capsys: Capture) -> None:
    assert known.run("clips", "show", VERIFIED) == 0
    shown = capsys.readouterr().out
    assert "4411" not in words(shown)
    assert "withheld" in shown
    assert known.run("clips", "show", VERIFIED, "--json") == 0
    assert "4411" not in words(capsys.readouterr().out)
    with daemon(known) as desk:
        assert known.run("clips", "show", VERIFIED, *WHY) == 0
    assert capsys.readouterr().out.count("4411") == 2
    assert [(fact.command, fact.subject) for fact in desk.said] == [("clips show", VERIFIED)]


@pytest.mark.parametrize(
    "command",
    [
        ("clips", "show", VERIFIED),
        ("clips", "list"),
        ("clips", "--officer", "4411"),
        ("cameras", "roster", CAMERA),
    ],
    ids=" ".join,
)
def test_without_a_daemon_nothing_is_shown_that_nobody_could_record(
    known: Dock, capsys: Capture, command: Sequence[str]
) -> None:
    assert known.run(*command, *WHY) == 3
    complaint = capsys.readouterr()
    assert complaint.out == ""
    assert "not running" in complaint.err


@pytest.mark.slow
def test_where_no_reason_is_required_looking_is_an_entry_all_the_same(known: Dock, capsys: Capture) -> None:
    file = known.config.file
    file.write_text(file.read_text() + "[privacy]\nreason_required = false\n")
    relaxed = Dock(config=load(file))
    with daemon(relaxed) as desk:
        assert relaxed.run("clips", "show", VERIFIED) == 0
        assert "4411" in capsys.readouterr().out
        assert relaxed.run("clips", "--officer", "4411") == 0
        assert relaxed.run("clips") == 0  # what shows no officers is no consultation
    assert [(fact.command, fact.reason) for fact in desk.said] == [
        ("clips show", ""),
        ("clips --officer", ""),
    ]
    assert relaxed.run("clips", "show", VERIFIED) == 3


def test_a_reason_that_cannot_be_recorded_shows_nothing(known: Dock, capsys: Capture) -> None:
    with daemon(known) as desk:
        assert known.run("clips", "show", VERIFIED, "--reason", "\x1b[2J") == 2
    assert (capsys.readouterr().out, desk.said) == ("", [])


@pytest.mark.slow
def test_the_roster_of_a_camera(known: Dock, capsys: Capture) -> None:
    with daemon(known) as desk:
        for officer, begins in (("4411", "2026-03-01T06:00Z"), ("5512", "2026-03-01T14:00Z")):
            assert known.run("cameras", "assign", CAMERA, "--officer", officer, "--from", begins) == 0
        capsys.readouterr()
        assert known.run("cameras", "roster", CAMERA, "--json", *WHY) == 0
        told = json.loads(capsys.readouterr().out)
        assert known.run("cameras", "roster", CAMERA) == 2
    assert [(span["officer"], span["to"]) for span in told] == [
        ("4411", "2026-03-01T14:00:00.000Z"),
        ("5512", None),
    ]
    assert [fact.command for fact in desk.said] == ["cameras roster"]
    with known.reader() as reader:
        spans = Roster(reader.assignments(CAMERA)).spans
    assert spans[0].told == Assignment(officer="4411", begins="2026-03-01T06:00:00.000Z")
