"""Does the daemon answer what its journal's file would, and show officers to nobody who did not say why?"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bwvdock.cli.remote_reader import RemoteReader
from bwvdock.core.custody.records import ClipFilter
from bwvdock.core.events.records import EventFilter
from bwvdock.core.facts import (
    CameraAssigned,
    ClipAttributed,
    ClipFlagged,
    ClipHoldMatched,
    ClipMatched,
    ClipUnflagged,
    EventMatch,
    EventRecorded,
    FootageDisclosed,
    HoldOpened,
    RequestOpened,
    SentOfficer,
    SentUnit,
)
from bwvdock.edges.control import ControlServer
from bwvdock.edges.journal.read.audit.sample import Per, Seed
from bwvdock.edges.journal.read.audit.scope import Asked
from bwvdock.edges.journal.read.reader import JournalReader
from bwvdock.edges.journal.read.reports import Period
from bwvdock.edges.peer import Peer
from bwvdock.errors import NotRunningError, UsageError
from bwvdock.operators.daemon_client import answering, ask
from bwvdock.operators.queries import GRANT_SECONDS, QUERIES, Queries, subject_of, written
from bwvdock.operators.requests import CONFIGURATION, Consult, Query, Request
from tests.cli.docks import CAMERA, DOCKING, VERIFIED, Dock, used_dock

UNIT = "Team 7"
HOLD, REQUEST = "h-1", "r-1"
OFFICER = "PC-4411"
EVENT = "26-0117433"
PEER = Peer(pid=100, uid=1000)
BEGINS = datetime(2000, 1, 1, tzinfo=UTC)
LATEST = Seed(size=1, root="ab" * 32, made_at="2090-01-01T00:00:00.000Z")
ALL = Period(since=BEGINS, until=datetime(2090, 1, 1, tzinfo=UTC))


@pytest.fixture
def dock(tmp_path: Path) -> Dock:
    made = used_dock(tmp_path)
    made.record(
        CameraAssigned(
            camera=CAMERA,
            officer=OFFICER,
            valid_from="2000-01-01T00:00:00.000Z",
            valid_to="",
            actor="0:root",
            unit=UNIT,
        ),
        ClipAttributed(clip=VERIFIED, officer=OFFICER),
        ClipFlagged(clip=VERIFIED, reason="burglary", case="C-7", actor="0:root"),
        EventRecorded(
            event=EVENT,
            category="assault",
            officers=(SentOfficer(officer=OFFICER, dispatched="2026-03-01T22:00:00.000Z", cleared=""),),
            units=(SentUnit(unit=UNIT, dispatched="2026-03-01T22:00:00.000Z", cleared=""),),
            actor="0:root",
        ),
        ClipMatched(
            clip=VERIFIED,
            events=(
                EventMatch(event=EVENT, basis="possible", role="officer", overlap_ms=0, uncertainty_ms=1),
            ),
        ),
        FootageDisclosed(
            clips=(VERIFIED,),
            package="",
            exported=False,
            recipient=f"solicitor of {OFFICER}",
            reason="burglary",
            request="C-7",
            actor="0:root",
        ),
        HoldOpened(hold=HOLD, officer=OFFICER, request=REQUEST, reason="burglary", actor="0:root"),
        ClipHoldMatched(clip=VERIFIED, hold=HOLD, certain=False, basis="a doubt"),
        RequestOpened(
            request=REQUEST, about="foi", received="2026-03-14", by=OFFICER, reason="burglary", actor="0:root"
        ),
        later=1000,
    )
    return made


@pytest.fixture
def remote(dock: Dock) -> Iterator[RemoteReader]:
    def carry_out(_request: Request, _actor: str) -> Mapping[str, Any]:
        return {"message": "done"}

    dock.config.run_dir.mkdir(exist_ok=True)
    with ControlServer(dock.config.control_socket, answering(carry_out, Queries(dock.config.journal))):
        yield RemoteReader(dock.config.control_socket)


def consult(dock: Dock, subject: str, reason: str = "complaint 12/26") -> None:
    ask(dock.config.control_socket, Consult(command="clips", subject=subject, reason=reason))


QUESTIONS: dict[str, Callable[[Any], object]] = {
    "summary": lambda reader: reader.summary(),
    "cameras": lambda reader: reader.cameras(),
    "enrolment": lambda reader: reader.enrolment(CAMERA),
    "resolve-clip": lambda reader: reader.resolve_clip(VERIFIED[:18]),
    "dockings": lambda reader: reader.dockings(),
    "dockings of a span": lambda reader: reader.dockings(since=ALL.since, until=ALL.until),
    "docking": lambda reader: reader.docking(DOCKING),
    "camera-clock": lambda reader: reader.camera_clock(DOCKING),
    "camera-health": lambda reader: reader.camera_health([CAMERA]),
    "serials-docked": lambda reader: reader.serials_docked(),
    "unit-spans": lambda reader: reader.unit_spans(subject="units"),
    "absences": lambda reader: reader.absences(ALL, before=datetime(2090, 1, 1, tzinfo=UTC)),
    "retention": lambda reader: reader.retention(Period(), now="2090-01-01T00:00:00.000Z"),
    "removals": lambda reader: reader.removals(Period()),
    "unknown-names": lambda reader: reader.unknown_names(
        {"camera": CAMERA[:-1], "unit": "Team 8", "event": EVENT, "case": "C-8", "class": "none"},
        subject="Team 8",
    ),
    "figures": lambda reader: reader.figures(Asked(by_unit=True)),
    "disclosures": lambda reader: reader.disclosures(Period()),
    "timeliness": lambda reader: reader.timeliness(Asked(unit=UNIT, required=("vault",))),
    "coverage": lambda reader: reader.coverage(Asked(by_month=False)),
    "seed": lambda reader: reader.seed("2026-03-01T00:00:00.000Z"),
    "sample": lambda reader: reader.sample(Asked(), LATEST, per=Per.OFFICER, wanted=1, whole=True),
    "came-later": lambda reader: reader.came_later(Asked(), LATEST),
    "observations": lambda reader: reader.observations(Asked(by_month=False), now=ALL.until),
    "earlier-draws": lambda reader: reader.earlier_draws("", "~"),
    "clips": lambda reader: list(reader.clips()),
    "clips of a filter": lambda reader: list(reader.clips(ClipFilter(camera=CAMERA, evidential=True))),
    "clips of none": lambda reader: list(reader.clips(ClipFilter(camera="nobody"))),
    "clip": lambda reader: reader.clip_row(VERIFIED),
    "no clip": lambda reader: reader.clip_row("01hqxx"),
    "history": lambda reader: reader.history(VERIFIED),
    "story": lambda reader: reader.story(VERIFIED),
    "story of none": lambda reader: reader.story("01hqxx"),
    "assignments": lambda reader: reader.assignments(CAMERA),
    "events": lambda reader: list(reader.events(EventFilter())),
    "events of a filter": lambda reader: list(reader.events(EventFilter(since=BEGINS, without_footage=True))),
    "events of an id": lambda reader: list(reader.events(EventFilter(event=EVENT))),
    "event-clips": lambda reader: reader.event_clips(EVENT),
    "clip-events": lambda reader: reader.clip_events(VERIFIED),
    "missing": lambda reader: reader.missing(ALL, now="2090-01-01T00:00:00.000Z", subject="missing"),
    "footage-figures": lambda reader: reader.footage_figures(ALL),
    "holdings": lambda reader: reader.holdings(["vault", "nas"], now=datetime(2023, 12, 1, tzinfo=UTC)),
    "holds": lambda reader: reader.holds(),
    "hold": lambda reader: reader.hold(HOLD),
    "held-clips": lambda reader: reader.held_clips(HOLD),
    "requests": lambda reader: reader.requests(),
    "request": lambda reader: reader.request(REQUEST),
}
CLOSED = {
    "assignments",
    "unit-spans",
    "clip-events",
    "missing",
    "figures",
    "timeliness",
    "sample",
    "unknown-names",
}
"""What is answered to nobody who did not say why."""
FILTERED = subject_of(ClipFilter(camera=CAMERA, evidential=True))
OF_PEOPLE = (UNIT, "Team 8", "units", "officers")
OF_HOLDS = ("holds", "requests", HOLD, REQUEST)
OF_EVENTS = ("events", EVENT, "missing")
SUBJECTS = (VERIFIED, CAMERA, *OF_PEOPLE, "disclosures", "all clips", *OF_HOLDS, *OF_EVENTS, FILTERED)


def test_the_daemon_answers_as_the_file_does_once_officers_may_be_shown(
    dock: Dock, remote: RemoteReader
) -> None:
    for subject in SUBJECTS:
        consult(dock, subject)
    with JournalReader(dock.config.journal) as reader:
        wanted = {name: ask_it(reader) for name, ask_it in QUESTIONS.items()}
    assert {name: ask_it(remote) for name, ask_it in QUESTIONS.items()} == wanted


def test_every_question_is_tried_here() -> None:
    assert {question.partition(" of")[0] for question in QUESTIONS} - {"no clip"} | {"kept-clips"} == set(
        QUERIES
    )


def test_what_is_kept_is_told_without_officers(dock: Dock, remote: RemoteReader) -> None:
    with JournalReader(dock.config.journal) as reader:
        until = datetime(2090, 1, 1, tzinfo=UTC)
        kept = reader.kept_clips(until=until)
        assert [clip.id for clip in remote.kept_clips(until=until)] == [clip.id for clip in kept]
    assert not any(clip.officer or clip.events for clip in remote.kept_clips(until=until))
    assert VERIFIED in [clip.id for clip in kept]


@pytest.mark.parametrize(
    "ask_it",
    [
        lambda reader: reader.figures(Asked(by_unit=True)),
        lambda reader: reader.timeliness(Asked(unit=UNIT)),
        lambda reader: reader.coverage(Asked(by_unit=True)),
        lambda reader: reader.sample(Asked(by_unit=True), LATEST, per=Per.UNIT, wanted=1),
        lambda reader: reader.sample(Asked(), LATEST, per=Per.OFFICER, wanted=1),
        lambda reader: reader.came_later(Asked(unit=UNIT), LATEST),
        lambda reader: reader.unit_spans(subject="units"),
        lambda reader: reader.unknown_names({"officer": OFFICER}, subject=OFFICER),
        lambda reader: reader.unknown_names({"unit sent": UNIT}, subject="all clips"),
    ],
)
def test_what_is_of_units_or_officers_is_answered_to_nobody_who_did_not_say_why(
    dock: Dock, remote: RemoteReader, ask_it: Callable[[Any], object]
) -> None:
    consult(dock, "all clips")
    with pytest.raises(UsageError, match="a reason is required"):
        ask_it(remote)


def test_no_answer_names_an_officer_to_who_did_not_say_why(remote: RemoteReader) -> None:
    told = {name: repr(ask_it(remote)) for name, ask_it in QUESTIONS.items() if name not in CLOSED}
    assert {name for name, text in told.items() if OFFICER in text or UNIT in text} == set()
    closed = {"clip", "clips", "history", "story", "disclosures", "hold", "holds", "request", "requests"}
    told = {name: text for name, text in told.items() if name in closed}
    assert len(told) == 9
    for secret in ("C-7", "burglary", "0:root", EVENT):
        assert {name for name, text in told.items() if secret in text} == set()


def test_who_held_a_camera_and_an_officers_clips_are_refused(dock: Dock, remote: RemoteReader) -> None:
    for ask_it in (
        lambda: remote.assignments(CAMERA),
        lambda: list(remote.clips(ClipFilter(officer=OFFICER))),
        lambda: list(remote.clips(ClipFilter(unit=UNIT))),
        lambda: remote.unit_spans(subject="units"),
        lambda: remote.events(EventFilter(officer=OFFICER)),
        lambda: remote.events(EventFilter(unit=UNIT)),
        lambda: remote.clip_events(VERIFIED),
        lambda: remote.missing(ALL, now="2090-01-01T00:00:00.000Z", subject="missing"),
    ):
        with pytest.raises(UsageError, match="a reason is required"):
            ask_it()
    consult(dock, OFFICER)
    assert [clip.officer for clip in remote.clips(ClipFilter(officer=OFFICER))] == [OFFICER]
    with pytest.raises(UsageError, match="a reason is required"):
        remote.assignments(CAMERA)
    consult(dock, UNIT)
    assert [clip.camera for clip in remote.clips(ClipFilter(unit=UNIT))][:1] == [CAMERA]


def test_a_consultation_of_one_thing_opens_no_other(dock: Dock, remote: RemoteReader) -> None:
    consult(dock, "01hq00000000000002")
    assert OFFICER not in repr(remote.history(VERIFIED))
    consult(dock, VERIFIED)
    assert OFFICER in repr(remote.history(VERIFIED))
    assert OFFICER not in repr(list(remote.clips()))


def test_a_consultation_without_a_reason_opens_nothing(dock: Dock, remote: RemoteReader) -> None:
    consult(dock, VERIFIED, reason=" ")
    assert OFFICER not in repr(remote.history(VERIFIED))


def answers(queries: Queries, query: Query, peer: Peer = PEER) -> list[Any]:
    return [value for part in queries.answer(query, peer) for value in part]


def test_a_consultation_is_the_very_processs_and_ends(dock: Dock) -> None:
    now = [1000.0]
    queries = Queries(dock.config.journal, monotonic=lambda: now[0])
    queries.consulted(PEER, Consult(command="clips show", subject=VERIFIED, reason="why"))
    query = Query(what="clip", arguments=(("clip", VERIFIED),))
    assert answers(queries, query)[0]["officer"] == OFFICER
    for other in (Peer(pid=101, uid=1000), Peer(pid=100, uid=1001)):
        assert answers(queries, query, other)[0]["officer"] is None
    now[0] += GRANT_SECONDS
    assert answers(queries, query)[0]["officer"] is None


def test_without_a_daemon_it_is_said_who_may_read(tmp_path: Path) -> None:
    with pytest.raises(NotRunningError, match="Only root and the daemon") as caught:
        RemoteReader(tmp_path / "s").cameras()
    assert "sudo" in caught.value.remedy


@pytest.mark.slow
def test_many_clips_come_in_parts(dock: Dock, remote: RemoteReader) -> None:
    again = (
        ClipUnflagged(clip=VERIFIED, reason="x", actor="a"),
        ClipFlagged(clip=VERIFIED, reason="x", case="", actor="a"),
    )
    dock.record(*again * 150, later=2000)  # each an entry of one clip's history
    assert len(remote.history(VERIFIED)) > 300


names = st.sampled_from(["clip", "prefix", "docking", "camera", "since", "until", "before", "now", "state"])
texts = (
    st.sampled_from([VERIFIED, DOCKING, CAMERA, "", "2026-03-01", "2026-03-01T06:00:00+00:00"]) | st.text()
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.sampled_from([*QUERIES, "drop"]), st.dictionaries(names | st.text(max_size=5), texts, max_size=4))
def test_any_question_is_answered_or_refused_in_words(
    dock: Dock, what: str, arguments: dict[str, str]
) -> None:
    queries = Queries(dock.config.journal)
    try:
        told = answers(queries, Query(what=what, arguments=tuple(arguments.items())))
    except UsageError:
        return
    assert OFFICER not in repr(told)


def test_a_filter_is_written_without_what_it_does_not_say() -> None:
    wanted = ClipFilter(camera="CAM", held=True, since=BEGINS)
    assert dict(written(wanted)) == {"camera": "CAM", "held": "True", "since": BEGINS.isoformat()}


@pytest.mark.few(3)
@pytest.mark.parametrize("time", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "x", ""])
@pytest.mark.parametrize("what,name", [("absences", "before"), ("clips", "since"), ("dockings", "until")])
def test_a_time_beyond_the_calendar_is_answered(dock: Dock, what: str, name: str, time: str) -> None:
    queries = Queries(dock.config.journal)
    with suppress(UsageError):  # anything else would be a mistake in the daemon
        answers(queries, Query(what=what, arguments=((name, time),)))


def test_the_configuration_is_answered_where_the_daemon_gave_one(dock: Dock) -> None:
    query = Query(what=CONFIGURATION)
    given = {"file": "/etc/bwvdock/bwvdock.toml", "content": "x"}
    assert answers(Queries(dock.config.journal, configuration=given), query) == [given]
    with pytest.raises(UsageError, match="knows no question"):
        answers(Queries(dock.config.journal), query)
