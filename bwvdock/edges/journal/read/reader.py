"""What does the journal answer to everybody but its writer?

A JournalReader has a connection of its own (`mode=ro`) and may be opened by any process or thread,
whether the daemon runs or not. Its reads are short, so that they never hold up a checkpoint.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from bwvdock.core.clips.classes.veil import Veil
from bwvdock.core.clips.clip import Clip
from bwvdock.core.clips.lifecycle import ClipState
from bwvdock.core.clips.names import UnknownName
from bwvdock.core.clips.roster import Assignment, UnitSpan
from bwvdock.core.clips.states import SPOOL, Holder
from bwvdock.core.custody.checkpoints import Extension, SizedNote
from bwvdock.core.custody.document import Extract
from bwvdock.core.custody.inclusion_proofs import Subtrees
from bwvdock.core.custody.package import Packaged
from bwvdock.core.custody.records import (
    CameraRow,
    ClipFilter,
    ClipFinding,
    ClipRow,
    DockingSheet,
    Enrolment,
    Entry,
    RecordedClip,
)
from bwvdock.core.custody.story import Story
from bwvdock.core.custody.summary import JournalSummary
from bwvdock.core.facts import CameraClockRead
from bwvdock.core.holdings.holding import Holding
from bwvdock.core.moments import iso
from bwvdock.core.paced import GiveWay, go_on
from bwvdock.edges.journal import checkpoints, lookups, people, units
from bwvdock.edges.journal.database import snapshot, translated, wal_exists
from bwvdock.edges.journal.events.reading import EventReads
from bwvdock.edges.journal.read import clip_rows, reports, summary
from bwvdock.edges.journal.read.audit.audits import Audits
from bwvdock.edges.journal.read.camera_rows import camera_rows
from bwvdock.edges.journal.read.erasures import Erasures
from bwvdock.edges.journal.read.handed_out.extract import extract
from bwvdock.edges.journal.read.handed_out.packaged import packaged
from bwvdock.edges.journal.read.health.reads import HealthReads
from bwvdock.edges.journal.read.holdings import holdings
from bwvdock.edges.journal.read.holds import HoldReports
from bwvdock.edges.journal.read.story import entry_of, own_entries, read_story
from bwvdock.edges.journal.read.veil import connect_veiled, hides_any, hides_of_hold
from bwvdock.edges.journal.verify.last import LastVerification, finding, read_last
from bwvdock.errors import JournalError, UsageError

T = TypeVar("T")
_SHOWN = 5  # candidates listed for an ambiguous prefix
_HELD = tuple(s for s in ClipState if s not in {ClipState.FOUND, ClipState.RETIRED})


class JournalReader(Erasures, EventReads, Audits, HoldReports, HealthReads):
    """A reader of one journal, for one thread at a time. A context manager.

    Every method raises JournalError where the journal cannot be read. `veil` hides clips.
    """

    def __init__(self, path: Path, *, copied: bool = False, veil: Veil | None = None) -> None:
        self._path = path
        self.veil = veil
        self._db, self._immutable = connect_veiled(path, veil, copied=copied)

    @contextlib.contextmanager
    def _question(self) -> Iterator[sqlite3.Connection]:
        with translated(self._path):
            if self._immutable and wal_exists(self._path):  # the daemon has started meanwhile
                self._db.close()
                self._db, self._immutable = connect_veiled(self._path, self.veil)
            yield self._db
        if self._immutable and wal_exists(self._path):
            raise JournalError("The daemon started while its journal was being read.", remedy="Try again.")

    @property
    def partial(self) -> bool:
        """Whether a veil hides any clip of this journal, whatever is asked for."""
        with self._question() as db:
            return self.veil is not None and hides_any(db)

    def hides_of_hold(self, hold: str) -> bool:
        """Return whether a veil hides a clip that a standing hold keeps."""
        with self._question() as db:
            return self.veil is not None and hides_of_hold(db, hold)

    # --- the whole ---

    def summary(self) -> JournalSummary:
        """Return the journal at a glance; takes the same time whatever its size."""
        with self._question() as db, snapshot(db):
            return summary.read_summary(db)

    def extension(self, old: int) -> Extension:
        """Return the journal at this moment, and the proof that its first `old` entries are unchanged."""
        with self._question() as db, snapshot(db):
            return checkpoints.extension(db, old)

    def proof(self, old: int, size: int) -> tuple[bytes, ...]:
        """Return the proof that the first `size` entries begin with the first `old`."""
        with self._question() as db, snapshot(db):
            return checkpoints.proof(db, old, size)

    def root(self, size: int) -> bytes:
        """Return the root over the first `size` entries."""
        with self._question() as db, snapshot(db):
            return checkpoints.root(db, size)

    def handed_out(self, enough: checkpoints.Enough) -> Sequence[SizedNote]:
        """Return the checkpoints to hand out, at most two: confirmed by enough witnesses, and the latest."""
        with self._question() as db, snapshot(db):
            return checkpoints.handed_out(db, enough)

    def last_cosigned(self) -> str:
        """Return the note of the latest checkpoint that any witness confirmed; "" if none did."""
        with self._question() as db, snapshot(db):
            return checkpoints.last_cosigned(db)

    # --- clips ---

    def clips(self, wanted: ClipFilter | None = None) -> Iterator[ClipRow]:
        """Return the clips that are wanted (all, by default), the newest footage first.

        Read in pages, each of them a moment's truth: clips found meanwhile may be missing.
        """
        page: clip_rows.Page | None = clip_rows.START
        while page is not None:
            with self._question() as db, snapshot(db):
                rows, page = clip_rows.read_page(db, wanted or ClipFilter(), page)
            last = read_last(self._path.parent)
            yield from (_with_finding(row, last) for row in rows)

    def clip_row(self, clip: str) -> ClipRow | None:
        """Return one clip as `clips` does, or None for an unknown one."""
        with self._question() as db, snapshot(db):
            row = clip_rows.read_row(db, clip)
        return _with_finding(row, read_last(self._path.parent)) if row else None

    def resolve_clip(self, prefix: str) -> str:
        """Return the id of the one clip whose id begins so.

        Raises:
            UsageError: there is none, or more than one.
        """
        return self._resolve("clip", prefix)

    def clip(self, clip: str) -> Clip | None:
        """Return a clip as its entries make it, or None for an unknown one."""
        with self._question() as db:
            known = lookups.known_clip(db, clip)
        return known.clip if known else None

    def history(self, clip: str) -> list[Entry]:
        """Return every entry that names a clip, oldest first."""
        with self._question() as db, snapshot(db):
            return list(own_entries(db, clip))

    def story(self, clip: str) -> Story | None:
        """Return a clip's entries and what touched it while it was in the dock; None for an unknown clip."""
        with self._question() as db, snapshot(db):
            return read_story(db, clip)

    def extract(
        self, clip: str, enough: checkpoints.Enough = checkpoints.nobody, subtrees: Subtrees | None = None
    ) -> Extract | None:
        """Return a clip's entries with their proofs, for its custody document; None for an unknown clip.

        `enough` says which witnesses are as many as the dock's policy asks for. `subtrees`: what was computed
        for other documents from this journal.

        Raises:
            JournalError: also where an entry is not proven by what the journal keeps of its tree.
        """
        with self._question() as db, snapshot(db):
            return extract(db, clip, enough, subtrees)

    def packaged(self, clips: Sequence[str], fields: Collection[str]) -> Packaged:
        """Return the entries about clips with their proofs, for an evidence package.

        `fields` are the personal fields that it discloses.

        Raises:
            JournalError: also where an entry is not proven by what the journal keeps of its tree.
        """
        with self._question() as db, snapshot(db):
            return packaged(db, clips, fields)

    def held(self, identities: Collection[str]) -> dict[str, Holder]:
        """Return by identity (core/clips/identity.py), the clips that this dock knows, and their states.

        An identity that is not in the answer was never seen here. If several clips share one, the one whose
        footage it is comes first, then those that were acquired; of these the newest is given.
        """
        with self._question() as db:
            return lookups.held(db, identities)

    def held_files(self) -> Iterator[Clip]:
        """Return the clips that have parts in the spool: acquired, and neither retired nor recalled."""
        marks = ", ".join("?" * len(_HELD))
        for clip in self._clips_where(f"clip.state IN ({marks}) AND clip.sha256 <> ''", _HELD):
            if clip.parts and SPOOL not in clip.disposed:
                yield clip

    def clips_of(self, ids: Collection[str]) -> Iterator[Clip]:
        """Return the clips with these ids, at most a few hundred; unknown ids are left out."""
        return self._clips_where(f"clip.id IN ({', '.join('?' * len(ids))})", ids)

    def sent_files(self) -> Iterator[Clip]:
        """Return the clips that ever were acquired, with all destinations that received or proved a copy.

        One that was recalled since, with the parts that it had.
        """
        recalled = "SELECT clip FROM entry WHERE kind IN ('clip_quarantined', 'clip_recalled')"
        where = f"(clip.sha256 <> '' OR clip.id IN ({recalled} AND kind = 'clip_recalled'))"
        return (_as_taken(clip) for clip in self._clips_where(where, ()))

    def _clips_where(self, where: str, values: Collection[str]) -> Iterator[Clip]:
        after = ""
        while True:
            with self._question() as db, snapshot(db):
                page = lookups.clips_page(db, where, values, after=after)
            if not page:
                return
            yield from page
            after = page[-1].id

    # --- dockings ---

    def dockings(
        self, *, since: datetime | None = None, until: datetime | None = None, limit: int = -1
    ) -> list[DockingSheet]:
        """Return the dockings that began within these times, both inclusive, the newest first.

        `limit` says how many at most; -1 for all.
        """
        where = "attached_at >= ? AND attached_at <= ? ORDER BY attached_at DESC, id DESC LIMIT ?"
        bounds = (iso(since) if since else "", iso(until) if until else "~", limit)
        with self._question() as db, snapshot(db):
            return lookups.sheets(db, where, bounds)

    def open_dockings(self) -> list[DockingSheet]:
        """Return the dockings that have begun and not ended, oldest first."""
        with self._question() as db, snapshot(db):
            return lookups.sheets(db, lookups.OPEN_DOCKINGS)

    def docking(self, prefix: str) -> DockingSheet:
        """Return the one docking whose id begins so, with the outcomes of its clips.

        Raises:
            UsageError: there is none, or more than one.
        """
        docking = self._resolve("docking", prefix)
        with self._question() as db, snapshot(db):
            known = lookups.known_docking(db, docking)
            if known is None:
                raise JournalError(f"Docking {docking} vanished.", remedy="Run `bwvdock custody verify`.")
            return lookups.sheet(db, known, with_outcomes=True)

    def camera_clock(self, docking: str) -> Entry | None:
        """Return the entry of what the camera's clock showed at a docking; None if it showed nothing."""
        query = "SELECT leaf, leaf_hash FROM entry WHERE docking = ? AND kind = ? ORDER BY seq LIMIT 1"
        with self._question() as db, snapshot(db):
            row = db.execute(query, (docking, CameraClockRead.kind)).fetchone()
            return entry_of(db, *row) if row else None

    # --- cameras ---

    def cameras(self) -> list[CameraRow]:
        """Return every camera that was enrolled, revoked or docked here, by serial."""
        with self._question() as db, snapshot(db):
            return camera_rows(db)

    def enrolment(self, serial: str) -> Enrolment:
        """Return what operators decided about a serial."""
        with self._question() as db:
            return lookups.enrolment(db, serial)

    def assignments(self, camera: str) -> list[Assignment]:
        """Return who was said to have held a camera, in the order in which it was recorded."""
        with self._question() as db, snapshot(db):
            return people.assignments(db, camera)

    def recorded_clips(self, camera: str, *, since: str) -> list[RecordedClip]:
        """Return the acquired clips that a camera recorded at a time (as the journal writes it) or later."""
        with self._question() as db, snapshot(db):
            return people.recorded_clips(db, camera, clip_rows.bound(datetime.fromisoformat(since)))

    def unit_spans(self, *, subject: str = "") -> list[UnitSpan]:  # noqa: ARG002 - as who asks the daemon has it
        """Return the units of each camera, by its serial, and when it was in them."""
        return self.report(units.unit_spans)

    def unknown_names(self, named: Mapping[str, str], *, subject: str = "") -> list[UnknownName]:  # noqa: ARG002 - as who asks the daemon has it
        """Return which of these names, by what each is that of (`Named`), the journal does not have."""
        return self.report(lambda db: people.unknown_names(db, named))

    # --- the rest ---

    def asked(self, read: Callable[[sqlite3.Connection], T]) -> T:
        """Return what a function reads; from one moment only what it reads in one statement."""
        with self._question() as db:
            return read(db)

    def report(self, read: Callable[[sqlite3.Connection], Iterable[T]]) -> list[T]:
        """Return what a report (reports.py) reads, all of it from one moment of the journal."""
        with self._question() as db, snapshot(db):
            return list(read(db))

    def absences(
        self, span: reports.Period, *, before: datetime, give_way: GiveWay = go_on
    ) -> list[reports.Absence]:
        """Return what is missing of a span of time, and which cameras were not docked since a moment.

        Each camera is read as of a moment of its own: a week of clips takes minutes, and for as long as one
        moment is kept, the journal's write-ahead log cannot begin anew.
        """
        with self._question() as db:
            return list(reports.absences(db, span, before=before, give_way=give_way))

    def retention(self, span: reports.Period, *, now: str) -> list[reports.Kept]:
        """Return every clip acquired within a span, and what retention means for it."""
        return self.report(lambda db: reports.retention(db, span, now=now))

    def removals(self, span: reports.Period) -> list[reports.Removal]:
        """Return every entry about erasing and disposing within a span."""
        return self.report(lambda db: reports.removals(db, span))

    def kept_clips(self, *, until: datetime) -> list[Clip]:
        """Return every acquired clip to be kept until before a moment, or without a date."""
        return self.report(lambda db: reports.kept_clips(db, until=until))

    def holdings(self, required: Collection[str], *, now: datetime, asked_since: str = "") -> list[Holding]:
        """Return what stores have of each clip, as the journal knows it."""
        return self.report(lambda db: holdings(db, required, now=now, asked_since=asked_since))

    def _resolve(self, what: str, prefix: str) -> str:
        wanted = prefix.strip().lower()
        query = f"SELECT id FROM {what} WHERE id >= ? AND id < ? ORDER BY id LIMIT ?"  # noqa: S608 - our word
        with self._question() as db:
            rows = db.execute(query, (wanted, f"{wanted}\U0010ffff", _SHOWN + 1)).fetchall()
        found = [str(row[0]) for row in rows]
        if wanted in found or (wanted and len(found) == 1):
            return found[0]  # the exact id sorts before all that it begins
        lists = f"`bwvdock {what}s list`"
        if not wanted or not found:
            raise UsageError(
                f"There is no {what} whose id begins with {prefix!r}.", remedy=f"{lists} shows the ids."
            )
        more = " and more" if len(found) > _SHOWN else ""
        raise UsageError(
            f"More than one {what} begins with {prefix!r}: {', '.join(found[:_SHOWN])}{more}.",
            remedy="Type more of the id.",
        )

    def close(self) -> None:
        """Close it; closing twice is allowed."""
        self._db.close()

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it."""
        self.close()


def _as_taken(clip: Clip) -> Clip:
    return clip if clip.parts else replace(clip, parts=clip.former)


def _with_finding(row: ClipRow, last: LastVerification) -> ClipRow:
    found = finding(last, row.id)
    if found is None:
        return row
    at, problems = found
    return replace(row, last_verification=ClipFinding(at=at, problems=problems))
