"""Has each message of the log one id for ever, and a sentence that says no more than the log may?"""

from __future__ import annotations

import io
import re
import socket
import uuid
from contextlib import closing
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
import structlog

from bwvdock import log
from bwvdock.cli.output.log_sentences import fact_sentence
from bwvdock.core.facts import (
    FACT_TYPES,
    AcquiredPart,
    ClipAcquired,
    DigestCompared,
    EventMatch,
    Fact,
    LeftFile,
    SentOfficer,
    SentUnit,
    SourceFile,
    personal_fields,
)
from bwvdock.edges import journald
from bwvdock.edges.journald.messages import ALERTS, EVENTS, FACTS, message_id, sentence_of
from bwvdock.status.alerts import AlertCode
from tests.architecture.tree import ROOT
from tests.fakes.hostile import HALF, HOSTILE, NUL, assert_seen

NAMED = "Smith-4411"
_WHEN = "2026-03-01T06:00:00.000Z"
_PART = AcquiredPart(size=100, sha256="ab" * 32, pieces=("ab" * 32,), resumed_at=40, read_bytes=60)


_COMPARED = DigestCompared(
    part=0, listed_in=1, algorithm="md5", stated="ab", found="cd", outcome="differs", reason="r"
)


def all_ids() -> dict[str, str]:
    """Return the id of each message, by its kind and name."""
    return (
        {f"alert {code}": given for code, given in ALERTS.items()}
        | {f"event {name}": message.id for name, message in EVENTS.items()}
        | {f"fact {kind}": given for kind, given in FACTS.items()}
    )


def sample(kind: type[Fact], text: str) -> Fact:
    """Return a fact with this text wherever a person, a file or a reason may be named."""
    told: dict[str, Any] = {
        "str": _WHEN,
        "int": 7,
        "bool": True,
        "tuple[str, ...]": ("one",),
        "tuple[SourceFile, ...]": (SourceFile(path=text, size=100, mtime_ns=1, fingerprint=""),),
        "tuple[LeftFile, ...]": (LeftFile(path=text, outcome="unknown", reason="r"),),
        "tuple[AcquiredPart, ...]": (_PART,),
        "tuple[SentOfficer, ...]": (SentOfficer(officer=text, dispatched="d", cleared="c"),),
        "tuple[SentUnit, ...]": (SentUnit(unit=text, dispatched="d", cleared="c"),),
        "tuple[EventMatch, ...]": (
            EventMatch(event=text, basis="certain", role="officer", overlap_ms=1, uncertainty_ms=1),
        ),
        "tuple[DigestCompared, ...]": (_COMPARED,),
    }
    values = {field.name: told[str(field.type)] for field in fields(kind)}
    hidden = personal_fields(kind) - {"camera", "cameras", "serial", "actor"}
    texts = {field.name for field in fields(kind) if field.type == "str"}
    return kind(**values | dict.fromkeys(hidden & texts, text))


def test_each_message_has_an_id_of_its_own() -> None:
    ids = all_ids()
    assert set(ALERTS) == set(AlertCode)
    assert set(EVENTS) == set(log.Events)
    assert set(FACTS) == set(FACT_TYPES)
    assert len(set(ids.values())) == len(ids)
    assert all(
        re.fullmatch("[0-9a-f]{32}", given) and uuid.UUID(given).version == 4 for given in ids.values()
    )


def test_an_id_that_was_given_stays() -> None:
    file = ROOT / "tests" / "vectors" / "message-ids.txt"
    lines = file.read_text(encoding="utf-8").splitlines()[1:]
    given = dict(line.rsplit(" ", 1) for line in lines)
    ids = all_ids()
    assert {name: ids.get(name) for name in given} == given
    assert set(ids) == set(given), f"add what is new to {file}"


def test_an_alert_has_the_id_of_its_code_and_its_end_that_of_ends() -> None:
    for code in AlertCode:
        assert message_id({"event": "alert_raised", "code": code}) == ALERTS[code]
        assert message_id({"event": "alert_ended", "code": code}) == EVENTS["alert_ended"].id
    assert message_id({"event": "alert_raised", "code": "unheard-of"}) == EVENTS["alert_raised"].id
    assert message_id({"event": "unheard_of"}) == ""


def test_an_event_says_what_is_known_of_it() -> None:
    for event in log.Events:
        assert "{" not in sentence_of({"event": event})
    lost = {"event": log.Events.DESTINATION_LOST, "destination": "county", "reason": "it is full {dock}"}
    assert sentence_of(lost) == "Destination county does not accept uploads: it is full {dock}"


@pytest.mark.parametrize("kind", FACT_TYPES.values(), ids=lambda k: k.kind)
def test_each_fact_has_a_sentence_that_names_nobody_the_log_leaves_out(kind: type[Fact]) -> None:
    said = fact_sentence(sample(kind, NAMED))
    assert said
    assert "\n" not in said
    assert NAMED not in said
    assert said.startswith("Clip ") or said[0].upper() == said[0]


def test_what_cannot_be_worded_has_no_sentence() -> None:
    """Such a fact cannot be: its parts are no parts."""
    broken: Any = ("no part",)
    assert fact_sentence(ClipAcquired(clip="c", docking="d", parts=broken)) == ""


def test_journald_gets_the_sentence_the_fields_and_the_id(tmp_path: Path) -> None:
    path = str(tmp_path / "journal")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.settimeout(5)
        listener.bind(path)
        with (tmp_path / "err").open("w") as stream:
            status = (tmp_path / "err").stat()
            environ = {"JOURNAL_STREAM": f"{status.st_dev}:{status.st_ino}"}
            with closing(log.configure(stream=stream, environ=environ, socket_path=path)):
                log.get_logger().warning(
                    log.Events.ALERT_RAISED,
                    code="paused",
                    alert="The dock is\npaused.",
                    remedy="bwvdock resume",
                )
        structlog.reset_defaults()
        content = listener.recv(4 << 20).decode()
    assert "MESSAGE=The dock is paused.\n" in content
    assert f"MESSAGE_ID={ALERTS['paused']}\n" in content
    assert "CODE=paused\n" in content
    assert "REMEDY=bwvdock resume\n" in content
    assert "SENTENCE" not in content


def test_no_field_poses_as_the_id_or_the_sentence() -> None:
    found = journald.fields_of(
        {"event": "ready", "message_id": "0" * 32, "sentence": "s", "level": "info"}, "m"
    )
    assert found["MESSAGE_ID"] == EVENTS["ready"].id
    assert found["MESSAGE"] == "s"
    assert "MESSAGE_ID" not in journald.fields_of({"event": "e", "message_id": "0" * 32}, "m")


@pytest.mark.slow
@pytest.mark.parametrize("text", [*HOSTILE.values(), HALF, NUL])
def test_a_sentence_is_visible_whoever_wrote_a_part_of_it(text: str) -> None:
    for event in log.Events:
        told = log.add_sentence(None, "", {"event": event, "camera": text, "reason": text, "alert": text})
        shown = journald.fields_of(log.guard(None, "", told), "m")["MESSAGE"]
        assert_seen(shown)
        assert "\n" not in shown


def test_a_level_leaves_out_what_is_below_it_also_when_it_changes() -> None:
    stream = io.StringIO()
    log.configure(stream=stream, environ={}, level="warning")
    logger = log.get_logger()
    logger.info(log.Events.READY)
    assert stream.getvalue() == ""
    log.set_level("debug")
    logger.debug(log.Events.STATUS_ASKED, actor="1000:ann")
    assert "event=status_asked actor=1000:ann" in stream.getvalue()
    structlog.reset_defaults()
