"""What does the journal say, when somebody asks who may not read its file?

Operators ask the daemon, over its control socket. Each question is answered from a reader of its own, in the
connection's own thread: the thread that owns the journal never waits for it. Officers are left out, unless
the very process that asks has had its consultation recorded, of the very thing that it asks about.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, fields, replace
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

from bwvdock.core.clips.classes.veil import Veil
from bwvdock.core.clips.clip import Clip
from bwvdock.core.clips.holds.rows import HoldRow, RequestRow, withheld_hold, withheld_request
from bwvdock.core.clips.lifecycle import ClipState
from bwvdock.core.clips.names import Named, UnknownName
from bwvdock.core.custody.records import ClipFilter, ClipRow, Entry
from bwvdock.core.custody.story import Story, withheld_entry, withheld_story
from bwvdock.core.plain_json import plain
from bwvdock.edges.control import Parts
from bwvdock.edges.journal.read.reader import JournalReader
from bwvdock.edges.journal.read.reports import Period
from bwvdock.edges.peer import Peer
from bwvdock.errors import UsageError
from bwvdock.operators.audit.queries import AUDIT_QUERIES
from bwvdock.operators.events import queries as of_events
from bwvdock.operators.requests import CONFIGURATION, Consult, Query

T = TypeVar("T")
Arguments = Mapping[str, str]
GRANT_SECONDS = 600.0
_MOST_GRANTS = 1000
_PART = 200  # values in one line of an answer
_NOT_OF_PEOPLE = frozenset({Named.CAMERA, Named.EVENT, Named.CASE, Named.CLASS})

# --- officers ------------------------------------------------------------------------------------


def withheld(clip: ClipRow) -> ClipRow:
    """Return a clip without its officer and its case; that there is none may be known."""
    officer, case = clip.officer and None, clip.case and None  # what was withheld already stays so
    return replace(clip, officer=officer, case=case)


def subject_of(wanted: ClipFilter) -> str:
    """Return what a consultation of these clips is about, as the journal has it."""
    if wanted.officer is not None:
        return wanted.officer
    if wanted.unit is not None:
        return wanted.unit
    asked = ", ".join(f"{name} {value}" for name, value in asdict(wanted).items() if value)
    return asked or "all clips"


# --- arguments as texts -----------------------------------------------------------------------------


def written(value: Any) -> Iterator[tuple[str, str]]:  # noqa: ANN401 - a dataclass
    """Write a value's fields as arguments; those that are None or False are left out."""
    for field in fields(value):
        told = plain(getattr(value, field.name))
        if told is not None and told is not False:
            yield field.name, str(told)


def _filter(arguments: Arguments) -> ClipFilter:
    said = dict(arguments)
    state = said.get("state")
    return ClipFilter(
        camera=said.get("camera"),
        officer=said.get("officer"),
        state=None if state is None else ClipState(state),
        since=_moment(said.get("since")),
        until=_moment(said.get("until")),
        case=said.get("case"),
        unit=said.get("unit"),
        of_class=said.get("of_class"),
        event=said.get("event"),
        **{name: name in said for name in ("evidential", "held", "unassigned", "unreviewed")},
    )


def _span(arguments: Arguments) -> Period:
    return Period(since=_moment(arguments.get("since")), until=_moment(arguments.get("until")))


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


# --- the questions -----------------------------------------------------------------------------------


class Question:
    """One question: its arguments, and whether officers may be shown of a subject."""

    def __init__(self, reader: JournalReader, arguments: Arguments, seen: Callable[[str], bool]) -> None:
        self.reader: JournalReader = reader
        self.arguments: Arguments = arguments
        self.seen: Callable[[str], bool] = seen

    def must_see(self, subject: str) -> None:
        """Check that the consultation of this subject was recorded.

        Raises:
            UsageError: it was not.
        """
        if not self.seen(subject):
            raise UsageError(
                "This shows officers' names, so a reason is required."
                " Your reason and user name are recorded.",
                remedy="Add --reason R, for example: --reason 'disclosure, case C-7'",
            )


def _clips(asked: Question) -> Iterable[ClipRow]:
    wanted = _filter(asked.arguments)
    if wanted.officer is not None or wanted.unit is not None:  # a team may be two people
        asked.must_see(subject_of(wanted))
    seen = asked.seen(subject_of(wanted))
    return (clip if seen else withheld(clip) for clip in asked.reader.clips(wanted))


def _clip(asked: Question) -> Iterable[ClipRow]:
    clip = asked.reader.clip_row(asked.arguments["clip"])
    if clip is not None:
        yield clip if asked.seen(clip.id) else withheld(clip)


def _history(asked: Question) -> Iterable[Entry]:
    seen = asked.seen(asked.arguments["clip"])
    return (e if seen else withheld_entry(e) for e in asked.reader.history(asked.arguments["clip"]))


def _story(asked: Question) -> Iterable[Story]:
    story = asked.reader.story(asked.arguments["clip"])
    if story is not None:
        yield story if asked.seen(asked.arguments["clip"]) else withheld_story(story)


def _assignments(asked: Question) -> Iterable[object]:
    asked.must_see(asked.arguments["camera"])
    return asked.reader.assignments(asked.arguments["camera"])


def _unit_spans(asked: Question) -> Iterable[object]:
    asked.must_see(asked.arguments["subject"])
    return asked.reader.unit_spans(subject=asked.arguments["subject"])


def _unknown_names(asked: Question) -> Iterable[UnknownName]:
    named: dict[str, str] = json.loads(asked.arguments["named"])
    people = [value for what, value in named.items() if Named(what) not in _NOT_OF_PEOPLE]
    if people:
        subject = asked.arguments["subject"]
        asked.must_see(subject if subject in people else people[0])
    return asked.reader.unknown_names(named)


def _kept(asked: Question) -> Iterable[Clip]:
    kept = asked.reader.kept_clips(until=datetime.fromisoformat(asked.arguments["until"]))
    return (replace(clip, officer="", events=()) for clip in kept)


def _clock(asked: Question) -> Iterable[Entry]:
    entry = asked.reader.camera_clock(asked.arguments["docking"])
    return [] if entry is None else [withheld_entry(entry)]


def _absences(asked: Question) -> Iterable[object]:
    before = datetime.fromisoformat(asked.arguments["before"])
    return asked.reader.absences(_span(asked.arguments), before=before)


def _holdings(asked: Question) -> Iterable[object]:
    required = [name for name in asked.arguments["required"].split("\n") if name]
    now = datetime.fromisoformat(asked.arguments["now"])
    return asked.reader.holdings(required, now=now, asked_since=asked.arguments.get("asked_since", ""))


def _hold(asked: Question) -> Iterable[HoldRow]:
    row = asked.reader.hold(asked.arguments["prefix"])
    yield row if asked.seen(row.id) else withheld_hold(row)


def _request(asked: Question) -> Iterable[RequestRow]:
    row = asked.reader.request(asked.arguments["prefix"])
    yield row if asked.seen(row.id) else withheld_request(row)


def _holds(asked: Question) -> Iterable[HoldRow]:
    seen = asked.seen("holds")
    return (row if seen else withheld_hold(row) for row in asked.reader.holds())


def _requests(asked: Question) -> Iterable[RequestRow]:
    seen = asked.seen("requests")
    return (row if seen else withheld_request(row) for row in asked.reader.requests())


QUERIES: Mapping[str, Callable[[Question], Iterable[object]]] = {
    "summary": lambda asked: [asked.reader.summary()],
    "clips": _clips,
    "resolve-clip": lambda asked: [asked.reader.resolve_clip(asked.arguments["prefix"])],
    "clip": _clip,
    "history": _history,
    "story": _story,
    "cameras": lambda asked: asked.reader.cameras(),
    "enrolment": lambda asked: [asked.reader.enrolment(asked.arguments["serial"])],
    "assignments": _assignments,
    "serials-docked": lambda asked: asked.reader.serials_docked(),
    "camera-health": lambda asked: asked.reader.camera_health([asked.arguments["serial"]]),
    "dockings": lambda asked: asked.reader.dockings(**asdict(_span(asked.arguments))),
    "docking": lambda asked: [asked.reader.docking(asked.arguments["prefix"])],
    "camera-clock": _clock,
    "absences": _absences,
    "unit-spans": _unit_spans,
    "unknown-names": _unknown_names,
    "retention": lambda asked: asked.reader.retention(_span(asked.arguments), now=asked.arguments["now"]),
    "events": of_events.events,
    "event-clips": of_events.event_clips,
    "clip-events": of_events.clip_events,
    "missing": lambda asked: of_events.missing(asked, _span(asked.arguments)),
    "footage-figures": lambda asked: asked.reader.footage_figures(_span(asked.arguments)),
    "removals": lambda asked: asked.reader.removals(_span(asked.arguments)),
    "kept-clips": _kept,
    **AUDIT_QUERIES,
    "holdings": _holdings,
    "holds": _holds,
    "hold": _hold,
    "held-clips": lambda asked: asked.reader.held_clips(asked.arguments["hold"]),
    "requests": _requests,
    "request": _request,
}

SUMS = frozenset(
    {
        "summary",
        "events",
        "missing",
        "footage-figures",
        "figures",
        "timeliness",
        "coverage",
        "came-later",
        "camera-health",
        "observations",
        "holds",
        "hold",
        "requests",
    }
)
"""The questions that are answered with counts of everything, and list no clip.

They are asked without a veil: a figure that depends on who asks is none, and an event whose footage somebody
may not see does not lack footage. So is what alerts follow from (`summary`), where a clip's id may be: a copy
that was lost is lost for everybody.
"""

OF_ONE = frozenset(
    {
        "resolve-clip",
        "clip",
        "history",
        "story",
        "cameras",
        "enrolment",
        "assignments",
        "serials-docked",
        "dockings",
        "camera-clock",
        "unit-spans",
        "seed",
    }
)
"""The questions about one clip, or about no footage: nothing is missing in the answer."""

PARTIAL = {"partial": True}
"""What an answer ends with that may lack clips, because the journal has some that who asks may not see."""


class Queries:
    """Answers questions, from any number of threads."""

    def __init__(
        self,
        journal: Path,
        *,
        configuration: Mapping[str, str] | None = None,
        reason_required: bool = True,
        others: Mapping[str, Callable[[Arguments], Iterable[object]]] | None = None,
        monotonic: Callable[[], float] = time.monotonic,
        veil_of: Callable[[Peer], Veil | None] = lambda _: None,
    ) -> None:
        """Take the file; each question opens it anew.

        Args:
            journal: the file.
            configuration: the `file` that the daemon read at its start, and its `content`.
            reason_required: a consultation without a reason lets nobody see officers.
            others: what answers a question that is not about the journal, by its name.
            monotonic: the clock by which a consultation ends.
            veil_of: returns which clips a process may not see; None: it may see all.
        """
        self._journal = journal
        self._configuration = configuration
        self._reason_required = reason_required
        self._others = others or {}
        self._monotonic = monotonic
        self._veil_of = veil_of
        self._lock = threading.Lock()
        self._grants: dict[tuple[int, int, str], float] = {}

    def consulted(self, peer: Peer, consultation: Consult) -> None:
        """Remember that a process had its consultation of something recorded."""
        if self._reason_required and not consultation.reason.strip():
            return
        with self._lock:
            now = self._monotonic()
            kept = {who: end for who, end in self._grants.items() if end > now}
            self._grants = dict(list(kept.items())[-_MOST_GRANTS:])
            self._grants[peer.pid, peer.uid, consultation.subject] = now + GRANT_SECONDS

    def answer(self, query: Query, peer: Peer) -> Parts:
        """Answer part by part; each part is read when the client asks for it.

        A list may lack what the person who asks may not see: then it ends with PARTIAL, so that nobody takes
        it for all there is. Whether it does lack anything is not said.

        Raises:
            UsageError: there is no such question, or its arguments are none.
            JournalError: the journal cannot be read.
        """
        if query.what == CONFIGURATION and self._configuration is not None:
            yield [dict(self._configuration)]
            return None
        if (other := self._others.get(query.what)) is not None:
            yield [plain(value) for value in other(dict(query.arguments))]
            return None
        ask = QUERIES.get(query.what)
        if ask is None:
            raise UsageError(
                f"The daemon knows no question {query.what!r}: it and the command are of different versions.",
                remedy="systemctl restart bwvdock",
            )
        veil = None if query.what in SUMS else self._veil_of(peer)
        with JournalReader(self._journal, veil=veil) as reader:
            asked = Question(reader, dict(query.arguments), lambda subject: self._may_see(peer, subject))
            try:
                values = iter(ask(asked))
                while part := [plain(value) for value in islice(values, _PART)]:
                    yield part
            except (ValueError, KeyError, TypeError, OverflowError) as error:
                raise UsageError("The question cannot be understood.") from error
            return PARTIAL if query.what not in OF_ONE and reader.partial else None

    def _may_see(self, peer: Peer, subject: str) -> bool:
        with self._lock:
            return self._grants.get((peer.pid, peer.uid, subject), 0.0) > self._monotonic()
