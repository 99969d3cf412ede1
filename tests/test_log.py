"""Does every fact become one harmless line, wherever the log goes?"""

from __future__ import annotations

import array
import io
import os
import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any, TextIO, cast

import pytest
import structlog

from bwvdock import log
from bwvdock.cli.output import terminal
from bwvdock.core.facts import (
    FACT_TYPES,
    AcquiredPart,
    CameraDetached,
    ClipAcquired,
    ClipClassified,
    ClipFlagged,
    ClipFound,
    ClipQuarantined,
    DeliveryRefused,
    DigestCompared,
    DocumentRefused,
    EventMatch,
    Fact,
    LeftFile,
    SentOfficer,
    SentUnit,
    SourceFile,
    UncleanStart,
    personal_fields,
)
from bwvdock.core.facts.visibility.told import fact_event, seen_of
from bwvdock.edges import journald
from tests.extent import some
from tests.fakes.exceptions import BITING, foreign, ours
from tests.fakes.hostile import HALF, HOSTILE, NUL, assert_seen

PART = AcquiredPart(size=100, sha256="ab" * 32, pieces=("ab" * 32,), resumed_at=40, read_bytes=60)
FILE = SourceFile(path="DCIM/SECRET.MP4", size=100, mtime_ns=1, fingerprint="")
COMPARED = DigestCompared(
    part=0, listed_in=1, algorithm="md5", stated="ab", found="ab", outcome="match", reason=""
)
SAMPLES: dict[str, Any] = {
    "str": "text",
    "int": 7,
    "bool": True,
    "tuple[str, ...]": ("one", "two"),
    "tuple[SourceFile, ...]": (FILE, FILE),
    "tuple[LeftFile, ...]": (LeftFile(path="p", outcome="unknown", reason="r"),),
    "tuple[AcquiredPart, ...]": (PART, PART),
    "tuple[SentOfficer, ...]": (SentOfficer(officer="p", dispatched="d", cleared="c"),),
    "tuple[SentUnit, ...]": (SentUnit(unit="p", dispatched="d", cleared="c"),),
    "tuple[EventMatch, ...]": (
        EventMatch(event="p", basis="certain", role="officer", overlap_ms=1, uncertainty_ms=1),
    ),
    "tuple[DigestCompared, ...]": (COMPARED, COMPARED),
}


@pytest.fixture(autouse=True)
def _leave_structlog_as_it_was() -> Iterator[None]:
    yield
    structlog.reset_defaults()


def sample(kind: type[Fact]) -> Fact:
    return kind(**{f.name: SAMPLES[str(f.type)] for f in fields(kind)})


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class Broken(io.StringIO):
    def write(self, text: str) -> int:
        raise OSError(28, "No space left on device")


OF_PEOPLE = {"officer", "case", "event", "reason", "subject", "basis", "recipient", "by"}


@pytest.mark.parametrize("kind", FACT_TYPES.values(), ids=lambda k: k.kind)
def test_every_fact_is_one_line(kind: type[Fact]) -> None:
    stream = io.StringIO()
    log.configure(stream=stream, environ={})
    log.log_fact(log.get_logger(), sample(kind), camera="CAM-17")
    [line] = stream.getvalue().splitlines()
    assert f" event={kind.kind}" in line
    for field in fields(kind):
        if field.type == "str" and field.default is MISSING:
            shown = f" {field.name}=text" in line
            left_out = field.name in {"camera", *OF_PEOPLE} or (
                kind is ClipClassified and field.name == "name"
            )
            assert shown or left_out
            assert not (shown and field.name in OF_PEOPLE and field.name in personal_fields(kind))


def test_the_log_does_not_say_which_class_a_clip_has() -> None:
    given = ClipClassified(
        clip="c", name="firearms", days=90, basis="unit", restricted=True, destinations=("safe",)
    )
    _, told = fact_event(given)
    assert "firearms" not in str(told) + str(seen_of(given))
    assert "safe" not in str(told) + str(seen_of(given))


def test_the_log_says_who_marked_a_clip_and_leaves_why_and_whose_to_the_journal() -> None:
    flagged = ClipFlagged(clip="c", reason="Mrs Smith says so", case="C-7", actor="1000:ann")
    assert fact_event(flagged) == ("clip_flagged", {"clip": "c", "actor": "1000:ann"})


def test_facts_of_a_clip_tell_what_was_copied_and_no_names() -> None:
    found = ClipFound(clip="c", docking="d", camera="CAM-17", files=(FILE, FILE))
    assert fact_event(found) == (
        "clip_found",
        {"clip": "c", "docking": "d", "camera": "CAM-17", "files": 2, "bytes": 200, "marked": False},
    )
    acquired = ClipAcquired(clip="c", docking="d", parts=(PART,), notes=("cut short",))
    event, told = fact_event(acquired, camera="CAM-17")
    assert event == "clip_acquired"
    assert told["camera"] == "CAM-17"
    assert (told["bytes"], told["read_bytes"], told["resumed_at"]) == (100, 60, 40)
    assert (told["sha256"], told["notes"]) == ("ab" * 32, "cut short")


def test_what_needs_a_person_stands_out() -> None:
    assert log.fact_level(ClipQuarantined(clip="c", reason="r")) == "error"
    assert log.fact_level(DeliveryRefused(clip="c", destination="d", reason="r")) == "error"
    assert log.fact_level(DocumentRefused(clip="c", destination="d", reason="r")) == "error"
    assert log.fact_level(CameraDetached(docking="d", reason="r", residual=3, complete=False)) == "warning"
    assert log.fact_level(CameraDetached(docking="d", reason="r", residual=0, complete=True)) == "info"
    assert log.fact_level(UncleanStart(started_at="", last_entry_at="")) == "warning"


@pytest.mark.parametrize("pretty", [True, False])
def test_nothing_that_a_terminal_acts_upon_gets_through(pretty: bool) -> None:
    stream = Terminal() if pretty else io.StringIO()
    log.configure(stream=stream, environ={"NO_COLOR": "1"})
    log.get_logger(camera="\x1b[2J\u202e\r").error("failed", what="two\nlines")
    assert stream.getvalue().count("\n") == 1
    assert all(c.isprintable() or c == "\n" for c in stream.getvalue())
    assert "\\u{1b}[2J\\u{202e}\\u{d}" in stream.getvalue()


def test_colour_is_for_terminals_that_want_it() -> None:
    shown = {}
    for environ in ({}, {"NO_COLOR": "1"}):
        stream = Terminal()
        log.configure(stream=stream, environ=environ)
        log.get_logger().error("failed")
        shown[bool(environ)] = "\x1b[31m" in stream.getvalue()
    assert shown == {False: True, True: False}


def test_the_stream_that_makes_everything_visible_lets_our_colours_through_and_no_others() -> None:
    stream = Terminal()
    log.configure(stream=cast("TextIO", terminal.Terminal(stream)), environ={})
    log.get_logger(camera="\x1b[2J").error("failed")
    assert stream.getvalue().count("\x1b") == 2
    assert "\x1b[31merror  \x1b[0m failed camera=\\u{1b}[2J" in stream.getvalue()


def test_whatever_exception_is_logged_is_named_and_harmless() -> None:
    """A class whose words are broken, one that is its own cause, one that is neither true nor false."""
    stream = io.StringIO()
    log.configure(stream=stream, environ={})
    for make in (*BITING, *some(foreign(), 20), *ours()):
        stream.seek(0)
        stream.truncate()
        error = make()
        log.get_logger().error("failed", exc_info=error)
        said = stream.getvalue()
        assert type(error).__name__ in said
        assert all(line.isprintable() for line in said.split("\n")), said
        assert max(map(len, said.split("\n"))) < 3000


def test_a_traceback_follows_its_line() -> None:
    stream = io.StringIO()
    log.configure(stream=stream, environ={})
    try:
        int("why")
    except ValueError:
        log.get_logger().error("failed", exc_info=True)
    first, *trace = stream.getvalue().splitlines()
    assert "event=failed" in first
    assert trace[0] == "    Traceback (most recent call last):"
    assert "'why'" in trace[-1]


def test_debug_is_left_out_unless_wanted() -> None:
    stream = io.StringIO()
    log.configure(stream=stream, environ={})
    log.get_logger().debug("detail")
    assert stream.getvalue() == ""
    log.configure(stream=stream, environ={}, level="debug")
    log.get_logger().debug("detail")
    assert "event=detail" in stream.getvalue()


def test_logging_never_raises() -> None:
    for stream in (Broken(), io.StringIO()):
        log.configure(stream=stream, environ={})
        stream.close()
        log.get_logger().error("failed")


# --- journald ------------------------------------------------------------------------------------


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.settimeout(5)
        listener.bind(str(tmp_path / "journal"))
        yield listener


@contextmanager
def connected(folder: Path, *, to: str = "journal") -> Iterator[None]:
    with (folder / "err").open("w") as stream:
        status = os.fstat(stream.fileno())
        environ = {"JOURNAL_STREAM": f"{status.st_dev}:{status.st_ino}"}
        with closing(log.configure(stream=stream, environ=environ, socket_path=str(folder / to))):
            yield


def received(listener: socket.socket) -> dict[str, str]:
    """Read one event as journald does: from the datagram, or from the file descriptor that came instead."""
    content, ancillary, _, _ = listener.recvmsg(4 << 20, socket.CMSG_SPACE(4))
    for _level, _kind, data in ancillary:
        [fd] = array.array("i", data)
        with open(fd, "rb") as file:
            file.seek(0)
            content = file.read()
    return parsed(content)


def parsed(content: bytes) -> dict[str, str]:
    found = {}
    while content:
        line, _, rest = content.partition(b"\n")
        name, equals, value = line.partition(b"=")
        if equals:
            content = rest
        else:
            length = int.from_bytes(rest[:8], "little")
            value, content = rest[8 : 8 + length], rest[9 + length :]
        found[name.decode()] = value.decode()
    return found


def test_journald_gets_fields(tmp_path: Path, journal: socket.socket) -> None:
    with connected(tmp_path):
        log.log_fact(log.get_logger(), ClipQuarantined(clip="c1", reason="it differs"), camera="CAM-17")
    found = received(journal)
    assert found["MESSAGE"] == 'clip_quarantined camera=CAM-17 clip=c1 reason="it differs"'
    assert found["PRIORITY"] == "3"
    assert found["SYSLOG_IDENTIFIER"] == "bwvdock"
    assert (found["EVENT"], found["CAMERA"], found["CLIP"]) == ("clip_quarantined", "CAM-17", "c1")


def test_a_value_with_newlines_arrives_whole(tmp_path: Path, journal: socket.socket) -> None:
    with connected(tmp_path):
        log.get_logger().info("failed", what="one\nPRIORITY=0\ntwo")
    found = received(journal)
    assert found["WHAT"] == "one\nPRIORITY=0\ntwo"
    assert found["PRIORITY"] == "6"
    assert "\n" not in found["MESSAGE"]


def test_what_is_too_large_for_a_datagram_arrives_whole(tmp_path: Path, journal: socket.socket) -> None:
    with connected(tmp_path):
        log.get_logger().info("failed", what="x" * 3_000_000)
    assert len(received(journal)["WHAT"]) == 3_000_000


def test_without_journald_the_line_goes_to_standard_error(tmp_path: Path) -> None:
    with connected(tmp_path, to="nobody"):
        log.get_logger(clip="c1").error("failed")
    assert (tmp_path / "err").read_text() == "failed clip=c1\n"


def test_fields_cannot_pose_as_others() -> None:
    found = journald.fields_of({"event": "e", "level": "info", "message": "no", "_pid": "1", "a-b": "c"}, "m")
    assert found["MESSAGE"] == "m"
    assert found["PID"] == "1"
    assert found["A_B"] == "c"


def test_only_the_very_stream_counts(tmp_path: Path) -> None:
    with (tmp_path / "err").open("w") as stream:
        assert not journald.is_connected(stream, {"JOURNAL_STREAM": "1:2"})
        assert not journald.is_connected(stream, {})
    assert not journald.is_connected(io.StringIO(), {"JOURNAL_STREAM": "1:2"})


@pytest.mark.slow
@pytest.mark.parametrize("pretty", [True, False])
@pytest.mark.parametrize(
    "text", some([*HOSTILE.values(), HALF, NUL], 6), ids=some([*HOSTILE, "half", "nul"], 6)
)
def test_no_text_from_outside_gets_its_way_with_who_reads_the_log(pretty: bool, text: str) -> None:
    stream = Terminal() if pretty else io.StringIO()
    log.configure(stream=stream, environ={"NO_COLOR": "1"})
    for kind in FACT_TYPES.values():
        told = SAMPLES | {"str": text}
        fields_of_it: Any = {f.name: told[str(f.type)] for f in fields(kind)}
        log.log_fact(log.get_logger(), kind(**fields_of_it), camera=text)
    assert stream.getvalue().count("\n") == len(FACT_TYPES)
    assert_seen(stream.getvalue())


def test_nor_with_who_reads_it_in_journald() -> None:
    for text in (*HOSTILE.values(), HALF, NUL):
        event = log.guard(None, "", {"event": "camera_waits", "reason": text, "camera": text})
        told = journald.encode(journald.fields_of(event, log.message_of(event)))
        for value in journald.fields_of(event, log.message_of(event)).values():
            assert_seen(value.replace("\n", " "))
        assert b"\x1b" not in told
