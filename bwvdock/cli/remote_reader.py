"""How does a command read the journal where only the daemon may open its file?

The same answers as a JournalReader gives, asked for over the control socket (operators/queries.py). Officers
are in them only where this very process had its consultation recorded before.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from bwvdock.cli.audit.remote import RemoteAudits
from bwvdock.cli.output.console import say
from bwvdock.core.clips.clip import Clip
from bwvdock.core.clips.holds.rows import HeldClip, HoldRow, RequestRow
from bwvdock.core.clips.names import UnknownName
from bwvdock.core.clips.roster import Assignment, UnitSpan
from bwvdock.core.custody.records import CameraRow, ClipFilter, ClipRow, DockingSheet, Enrolment, Entry
from bwvdock.core.custody.story import Story
from bwvdock.core.custody.summary import JournalSummary
from bwvdock.core.events.records import EventFilter, EventRow, FootageFigure, LackRow, MatchRow
from bwvdock.core.health.seen import CameraHealth
from bwvdock.core.holdings.holding import Holding
from bwvdock.core.plain_json import restored
from bwvdock.edges.journal.read import reports
from bwvdock.errors import JournalError, NotRunningError, SilentError
from bwvdock.operators.daemon_client import ask_partly
from bwvdock.operators.queries import written
from bwvdock.operators.requests import Query

T = TypeVar("T")
LEFT_OUT = "This dock has restricted footage that you may not see: it is left out of what follows."


class RemoteReader(RemoteAudits):
    """Asks the daemon. Every method raises JournalError where it cannot be asked."""

    def __init__(self, control_socket: Path) -> None:
        self._control_socket = control_socket
        self.partial = False
        """Whether an answer may have lacked clips that this process may not see."""

    def summary(self) -> JournalSummary:
        """Return the journal at a glance."""
        return self._one(JournalSummary, "summary")

    def clips(self, wanted: ClipFilter | None = None) -> Iterator[ClipRow]:
        """Return the clips that are wanted (all, by default), the newest footage first."""
        yield from self._all(ClipRow, "clips", **dict(written(wanted or ClipFilter())))

    def clip_row(self, clip: str) -> ClipRow | None:
        """Return one clip as `clips` does, or None for an unknown one."""
        return next(iter(self._all(ClipRow, "clip", clip=clip)), None)

    def resolve_clip(self, prefix: str) -> str:
        """Return the id of the one clip whose id begins so; UsageError if there is none, or several."""
        return self._one(str, "resolve-clip", prefix=prefix)

    def history(self, clip: str) -> list[Entry]:
        """Return every entry that names a clip, oldest first."""
        return self._all(Entry, "history", clip=clip)

    def story(self, clip: str) -> Story | None:
        """Return a clip's entries and what touched it while it was in the dock; None for an unknown clip."""
        return next(iter(self._all(Story, "story", clip=clip)), None)

    def cameras(self) -> list[CameraRow]:
        """Return every camera that was enrolled, revoked or docked here, by serial."""
        return self._all(CameraRow, "cameras")

    def enrolment(self, serial: str) -> Enrolment:
        """Return what operators decided about a serial."""
        return self._one(Enrolment, "enrolment", serial=serial)

    def assignments(self, camera: str) -> list[Assignment]:
        """Return who was said to have held a camera, in the order in which it was recorded."""
        return self._all(Assignment, "assignments", camera=camera)

    def unit_spans(self, *, subject: str) -> list[UnitSpan]:
        """Return the units of each camera and when; the consultation of the subject must be recorded."""
        return self._all(UnitSpan, "unit-spans", subject=subject)

    def dockings(self, *, since: datetime | None = None, until: datetime | None = None) -> list[DockingSheet]:
        """Return the dockings that began within these times, both inclusive, the newest first."""
        return self._all(DockingSheet, "dockings", **_texts(reports.Period(since=since, until=until)))

    def docking(self, prefix: str) -> DockingSheet:
        """Return the one docking whose id begins so; UsageError if there is none, or several."""
        return self._one(DockingSheet, "docking", prefix=prefix)

    def camera_clock(self, docking: str) -> Entry | None:
        """Return the entry of what the camera's clock showed at a docking; None if it showed nothing."""
        return next(iter(self._all(Entry, "camera-clock", docking=docking)), None)

    def absences(self, span: reports.Period, *, before: datetime) -> list[reports.Absence]:
        """Return what is missing of a span of time, and which cameras were not docked since a moment."""
        return self._all(reports.Absence, "absences", before=before.isoformat(), **_texts(span))

    def retention(self, span: reports.Period, *, now: str) -> list[reports.Kept]:
        """Return every clip acquired within a span, and what retention means for it."""
        return self._all(reports.Kept, "retention", now=now, **_texts(span))

    def removals(self, span: reports.Period) -> list[reports.Removal]:
        """Return every entry about erasing and disposing within a span."""
        return self._all(reports.Removal, "removals", **_texts(span))

    def kept_clips(self, *, until: datetime) -> list[Clip]:
        """Return every acquired clip to be kept until before a moment, or without a date."""
        return self._all(Clip, "kept-clips", until=until.isoformat())

    def events(self, wanted: EventFilter) -> list[EventRow]:
        """Return the events that are wanted, the latest first."""
        return self._all(EventRow, "events", **dict(written(wanted)))

    def event_clips(self, event: str) -> list[MatchRow]:
        """Return the clips that may be of an event."""
        return self._all(MatchRow, "event-clips", event=event)

    def missing(self, span: reports.Period, *, now: str, subject: str) -> list[LackRow]:
        """Return what is missing beside events; the consultation of the subject must be recorded."""
        return self._all(LackRow, "missing", now=now, subject=subject, **_texts(span))

    def footage_figures(self, span: reports.Period) -> list[FootageFigure]:
        """Return of how many who were sent to events there is footage, by category."""
        return self._all(FootageFigure, "footage-figures", **_texts(span))

    def clip_events(self, clip: str) -> list[MatchRow]:
        """Return the clips that may be of a clip's events; the consultation of it must be recorded."""
        return self._all(MatchRow, "clip-events", clip=clip)

    def holdings(self, required: Collection[str], *, now: datetime, asked_since: str = "") -> list[Holding]:
        """Return what stores have of each clip, as the journal knows it."""
        return self._all(
            Holding, "holdings", required="\n".join(required), now=now.isoformat(), asked_since=asked_since
        )

    def unknown_names(self, named: Mapping[str, str], *, subject: str = "") -> list[UnknownName]:
        """Return which names the journal does not have; of people, the consultation must be recorded."""
        return self._all(UnknownName, "unknown-names", named=json.dumps(dict(named)), subject=subject)

    def holds(self) -> list[HoldRow]:
        """Return every standing hold, those that nobody has ended first, the newest before."""
        return self._all(HoldRow, "holds")

    def hold(self, prefix: str) -> HoldRow:
        """Return the one standing hold whose id begins so; UsageError if there is none, or several."""
        return self._one(HoldRow, "hold", prefix=prefix)

    def held_clips(self, hold: str) -> list[HeldClip]:
        """Return the clips that a standing hold keeps, the earliest recording first."""
        return self._all(HeldClip, "held-clips", hold=hold)

    def requests(self) -> list[RequestRow]:
        """Return every request, the open ones first, the newest before."""
        return self._all(RequestRow, "requests")

    def request(self, prefix: str) -> RequestRow:
        """Return the one request whose id begins so; UsageError if there is none, or several."""
        return self._one(RequestRow, "request", prefix=prefix)

    def serials_docked(self) -> list[str]:
        """Return the serials of the cameras that were docked here, sorted; not those of folders."""
        return self._all(str, "serials-docked")

    def camera_health(self, serials: Iterable[str]) -> list[CameraHealth]:
        """Return the health of these cameras."""
        return [one for serial in serials for one in self._all(CameraHealth, "camera-health", serial=serial)]

    def close(self) -> None:
        """Do nothing: each question has a connection of its own."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _one(self, kind: type[T], what: str, **arguments: str) -> T:
        found = self._all(kind, what, **arguments)
        if len(found) != 1:
            raise _odd()
        return found[0]

    def _all(self, kind: type[T], what: str, **arguments: str) -> list[T]:
        try:
            told, partial = ask_partly(
                self._control_socket, Query(what=what, arguments=tuple(arguments.items()))
            )
        except NotRunningError as silent:
            there = isinstance(silent, SilentError)
            start = "" if there else ", or start the daemon: systemctl start bwvdock"
            raise NotRunningError(
                f"{silent.message} Only root and the daemon may read the journal.",
                remedy=f"Type the same with sudo{start}",
            ) from None
        if partial and not self.partial:
            say(LEFT_OUT)
        self.partial |= partial
        try:
            return [restored(kind, one) for one in told]
        except ValueError:
            raise _odd() from None


def _texts(span: reports.Period) -> dict[str, str]:
    return dict(written(span))


def _odd() -> JournalError:
    return JournalError(
        "The daemon's answer is none that this command knows: they are of different versions.",
        remedy="systemctl restart bwvdock",
    )
