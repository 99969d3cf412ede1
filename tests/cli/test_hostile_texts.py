"""Does any text from outside, in any field, get its way with whoever reads what a command prints?

The journal here holds the texts raw, as if every edge had forgotten to escape them: each surface must do for
itself.
"""

from __future__ import annotations

import io
import json
import os
import pty
import termios
from collections.abc import Mapping
from contextlib import redirect_stdout, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bwvdock.cli import main
from bwvdock.cli.output.terminal import Terminal
from bwvdock.core.facts import (
    AcquiredPart,
    CameraAttached,
    CameraAuthorised,
    CameraDetached,
    CameraEnrolled,
    CameraIdentified,
    CameraListed,
    CameraRefused,
    CameraRevoked,
    CameraSettled,
    ClipAcquired,
    ClipFlagged,
    ClipFound,
    ClipHeld,
    ClipSkipped,
    ClipUploaded,
    ClipVerified,
    CopyIntended,
    DestinationAssessed,
    DockStarted,
    DocumentRefused,
    Fact,
    SourceFile,
)
from bwvdock.delivery.describing import write_document
from bwvdock.edges.control import ControlServer
from bwvdock.errors import UsageError
from bwvdock.operators.daemon_client import answering
from bwvdock.operators.requests import Request
from bwvdock.status.alerts import Alert, AlertCode, Severity
from bwvdock.status.values import CameraState, Live, LiveCamera, LiveDestination, SpoolUse, live_to_json
from tests.cli.docks import DOCKING, VERIFIED, Dock, new_dock
from tests.extent import EXTENT, Extent
from tests.fakes.hostile import (
    HALF,
    HOSTILE,
    HOSTILE_AT_ONCE,
    NUL,
    assert_plain_cells,
    assert_safe_to_type,
    assert_seen,
)

pytestmark = pytest.mark.slow

Capture = pytest.CaptureFixture[str]
_DIGEST = "ab" * 32
_SECOND_CLIP, _SECOND_DOCKING = "01hq00000000000009", "01hq00000000000dk9"
SHOWN = (
    ("cameras", "list"),
    ("cameras", "health"),
    ("clips", "list"),
    ("clips", "show", VERIFIED),
    ("dockings", "list"),
    ("dockings", "show", DOCKING),
    ("report", "absence"),
    ("report", "dockings"),
    ("report", "retention"),
    ("report", "erasures"),
    ("dispose", "--dry-run", "--at", "2096-01-01"),
    ("custody", "verify"),
    ("status",),
)
FORMS = (("status", "--short"), ("status", "--nagios"))


def story(text: str) -> list[Fact]:
    """Return a docking in which every text that comes from outside is this one."""
    part = AcquiredPart(size=5, sha256=_DIGEST, pieces=(_DIGEST,), read_bytes=5)
    file = SourceFile(path=text, size=5, mtime_ns=10**18, fingerprint="", volume=text)
    return [
        DockStarted(dock="LEW-03", version="0.1.0", sqlite_version="3", config_sha256=_DIGEST),
        CameraEnrolled(camera=text, model=text, actor=text),
        CameraRevoked(camera=f"{text}2", reason=text, actor=text),
        CameraAttached(docking=DOCKING, camera=text, bay=text, transport=text, usb=text, model=text),
        CameraAuthorised(docking=DOCKING, rule=text),
        CameraIdentified(docking=DOCKING, manufacturer=text, model=text, version=text, serial=text),
        _listed(text),
        ClipFound(clip=VERIFIED, docking=DOCKING, camera=text, files=(file,), notes=(text,)),
        CopyIntended(clip=VERIFIED, docking=DOCKING),
        ClipAcquired(clip=VERIFIED, docking=DOCKING, parts=(part,), notes=(text,)),
        ClipFlagged(clip=VERIFIED, reason=text, case=text, actor=text),
        ClipHeld(clip=VERIFIED, reason=text, actor=text),
        ClipUploaded(clip=VERIFIED, destination="vault", object=text),
        ClipVerified(
            clip=VERIFIED,
            destination="vault",
            object=text,
            version=text,
            sha256=_DIGEST,
            method="read-back",
            words=text,
            owes_document=True,
        ),
        DocumentRefused(clip=VERIFIED, destination="vault", reason=text),
        DestinationAssessed(destination="vault", method="read-back", words=text),
        ClipFound(clip=_SECOND_CLIP, docking=DOCKING, camera=text, files=(file,)),
        ClipSkipped(docking=DOCKING, clip=_SECOND_CLIP, outcome="unreadable", reason=text),
        CameraSettled(docking=DOCKING),
        CameraDetached(docking=DOCKING, reason=text, residual=0, complete=True),
        CameraAttached(docking=_SECOND_DOCKING, camera=text, bay=text, transport=text),
        CameraRefused(docking=_SECOND_DOCKING, reason=text),
    ]


def _listed(text: str) -> CameraListed:
    return CameraListed(
        docking=DOCKING,
        volume=text,
        profile=text,
        seen=2,
        new=2,
        already_held=0,
        not_ready=0,
        unreadable=0,
        refused=0,
        listing_sha256=_DIGEST,
    )


def live(text: str) -> Live:
    """Return a daemon's answer in which every text is this one."""
    told: Any = dict.fromkeys(("serial", "model", "officer", "bay", "transport", "reason"), text)
    camera = LiveCamera(**told, state=CameraState.REFUSED)
    return Live(
        started_at="2026-03-01T05:00:00.000Z",
        cameras=(camera, replace(camera, state=CameraState.FAILED, clips_left=1, files_unknown=1)),
        destinations=(
            LiveDestination(name="vault", kind=text, reachable=False, error=text, method="", words=text),
        ),
        spool=SpoolUse(bytes=10, free_bytes=2**30),
        alerts=(Alert(code=AlertCode.PAUSED, severity=Severity.ERROR, message=text, remedy=text),),
    )


def daemon(dock: Dock, answer: Mapping[str, Any]) -> ControlServer:
    dock.config.run_dir.mkdir(exist_ok=True)
    return ControlServer(dock.config.control_socket, answering(lambda _request, _actor: answer))


TEXTS = HOSTILE_AT_ONCE if EXTENT is Extent.CHECK else HOSTILE


@pytest.fixture(params=TEXTS.values(), ids=list(TEXTS))
def text(request: pytest.FixtureRequest) -> str:
    found: str = request.param
    return found


@pytest.fixture
def hostile_dock(tmp_path: Path, text: str) -> Dock:
    dock = new_dock(tmp_path)
    dock.record(*story(text))
    dock.run("init")  # the vault
    return dock


def test_no_command_obeys_what_it_shows(hostile_dock: Dock, text: str, capsys: Capture) -> None:
    with daemon(hostile_dock, live_to_json(live(text))):
        for command in (*SHOWN, *FORMS):
            hostile_dock.run(*command)
            told = capsys.readouterr()
            assert told.out or told.err
            assert_seen(told.out)
            assert_seen(told.err)


@pytest.mark.slow
def test_json_says_the_same_without_harm(hostile_dock: Dock, text: str, capsys: Capture) -> None:
    capsys.readouterr()
    with daemon(hostile_dock, live_to_json(live(text))):
        for command in SHOWN:
            hostile_dock.run(*command, "--json")
            said = capsys.readouterr()
            told = said.out
            assert_seen(told)
            assert told, (command, said.err)
            json.loads(told)
    hostile_dock.run("clips", "show", VERIFIED, "--json")
    assert json.loads(capsys.readouterr().out)["path"] == text


def test_a_spreadsheet_gets_no_formula(hostile_dock: Dock, capsys: Capture) -> None:
    for report in ("absence", "dockings", "retention", "erasures"):
        hostile_dock.run("report", report, "--csv")
        told = capsys.readouterr().out
        assert_seen(told)
        assert_plain_cells(told)


def test_an_order_answered_with_it_is_shown_without_harm(
    hostile_dock: Dock, text: str, capsys: Capture
) -> None:
    with daemon(hostile_dock, {"message": text}):
        assert hostile_dock.run("clips", "retry", "01") == 0
    told = capsys.readouterr()
    assert_seen(told.out)

    def refuse(_request: Request, _actor: str) -> Mapping[str, Any]:
        raise UsageError(text, remedy=text)

    with ControlServer(hostile_dock.config.control_socket, answering(refuse)):
        assert hostile_dock.run("clips", "retry", "01") == 2
    said = capsys.readouterr().err
    assert_seen(said.replace("\n", " "))  # an error may have several lines


def test_a_custody_document_is_read_as_it_is(hostile_dock: Dock, text: str) -> None:
    document = write_document(hostile_dock.config.journal, VERIFIED, dock="LEW-03", non_evidential_days=31)
    json.loads(document.text)
    assert b"\x1b" not in document.text
    assert b"\n\n" not in document.text


@pytest.mark.parametrize("serial", [HOSTILE["shell"], r"\u{1b}[2J;id", "-x", "CAM 17", "CAM-17", "'"])
def test_what_is_offered_for_typing_is_one_word(tmp_path: Path, serial: str, capsys: Capture) -> None:
    dock = new_dock(tmp_path)
    with daemon(dock, live_to_json(live(serial))):
        dock.run("status", "--json")
    alerts = json.loads(capsys.readouterr().out)["alerts"]
    [refused] = [alert for alert in alerts if alert["code"] == "camera-refused"]
    command = refused["remedy"].partition(": ")[2]
    assert command.startswith("bwvdock cameras enrol ")
    assert_safe_to_type(command, serial)


@pytest.mark.parametrize("text", [HALF, NUL])
def test_half_a_character_is_no_traceback(tmp_path: Path, text: str, capsys: Capture) -> None:
    dock = new_dock(tmp_path)
    with daemon(dock, live_to_json(live(text))):
        for more in ((), ("--json",)):
            dock.run("status", *more)
            told = capsys.readouterr()
            assert told.err == ""
            told.out.encode()
            assert_seen(told.out)


def test_what_a_person_types_is_shown_back_without_harm(tmp_path: Path, capsys: Capture) -> None:
    dock = new_dock(tmp_path)
    for hostile in TEXTS.values():
        for words in (
            ("clips", "list", "--state", hostile),
            ("clips", hostile),
            (hostile,),
            ("report", "absence", "--days", hostile),
            ("cameras", "assign", "--import", f"/nowhere/{hostile[:50]}"),
        ):
            assert main([*words, "--config", str(dock.config.file)]) == 2
            assert_seen(capsys.readouterr().err.replace("\n", " "))


@pytest.mark.parametrize("encoding", ["utf-8", "ascii", "iso-8859-1"])
def test_a_stream_that_cannot_write_a_character_is_no_traceback(encoding: str) -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding=encoding)
    print("Łódź … 東京", HALF, file=Terminal(stream))
    stream.flush()
    assert raw.getvalue().endswith(b"\n")


def test_on_a_terminal_there_are_our_own_colours_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dock = new_dock(tmp_path)
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    dock.record(*story(HOSTILE["colour"]))
    leader, follower = pty.openpty()
    termios.tcsetwinsize(follower, (50, 5000))
    written = b""
    with os.fdopen(leader, "rb", 0) as seen:
        with os.fdopen(follower, "w", encoding="utf-8") as screen, redirect_stdout(screen):
            dock.run("clips", "list")
        with suppress(OSError):  # all was read; one read may give a part of it
            while part := seen.read(100_000):
                written += part
    shown = written.decode()
    assert "\x1b[1m" in shown
    assert "\x1b[32mFORGED" not in shown
    assert "\\u{1b}[32mFORGED" in shown
