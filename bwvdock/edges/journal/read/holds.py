"""Which standing holds and requests are there, and what do they keep, as a reader answers it?"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from typing import Any, Protocol, TypeVar

from bwvdock.core.clips.holds.rows import HeldClip, HoldRow, RequestEntry, RequestRow, StoreReach
from bwvdock.core.custody.entries import read_leaf
from bwvdock.core.custody.story import NAMING
from bwvdock.core.facts import (
    ClipHoldMatched,
    ClipHoldOver,
    DestinationAssessed,
    FootageDisclosed,
    RequestCorrected,
)
from bwvdock.core.moments import iso_of_ns
from bwvdock.edges.journal.holds.tables import KnownHold, KnownRequest, known_holds, known_requests
from bwvdock.edges.journal.personal_values import reveal_optional
from bwvdock.edges.journal.read.story import IS_EVENT
from bwvdock.errors import UsageError

T = TypeVar("T")
_SHOWN = 5  # candidates listed for an ambiguous prefix


class HoldReports(Protocol):
    """The part of the reader that answers it; the reader has the connection."""

    def report(self, read: Callable[[sqlite3.Connection], Iterable[T]]) -> list[T]:
        """Return what a function reads, all of it from one moment of the journal."""
        ...

    def holds(self) -> list[HoldRow]:
        """Return every standing hold, those that nobody has ended first, the newest before."""
        rows = self.report(lambda db: _hold_rows(db, known_holds(db, "1")))
        return sorted(rows, key=lambda row: (row.open, row.id), reverse=True)

    def hold(self, prefix: str) -> HoldRow:
        """Return the one standing hold whose id begins so, with how far it has come at the stores.

        Raises:
            UsageError: there is none, or more than one.
        """
        rows = self.report(lambda db: known_holds(db, "1"))
        wanted = _resolved("hold", prefix, [row.id for row in rows])
        return self.report(lambda db: _hold_rows(db, known_holds(db, "id = ?", (wanted,)), reach=True))[0]

    def held_clips(self, hold: str) -> list[HeldClip]:
        """Return the clips that a standing hold keeps, the earliest recording first."""
        return self.report(lambda db: _held_clips(db, hold))

    def holds_of_clip(self, clip: str) -> list[tuple[str, bool]]:
        """Return the standing holds that a clip is on, and whether it surely matches each."""
        query = "SELECT hold, certain FROM clip_hold WHERE clip = ? ORDER BY hold"
        return self.report(
            lambda db: [(str(hold), bool(sure)) for hold, sure in db.execute(query, (clip,)).fetchall()]
        )

    def requests(self) -> list[RequestRow]:
        """Return every request, the open ones first, the newest before."""
        rows = self.report(lambda db: [_request_row(db, known) for known in known_requests(db, "1")])
        return sorted(rows, key=lambda row: (row.open, row.id), reverse=True)

    def request(self, prefix: str) -> RequestRow:
        """Return the one request whose id begins so, with what the journal has of it.

        Raises:
            UsageError: there is none, or more than one.
        """
        rows = self.requests()
        wanted = _resolved("request", prefix, [row.id for row in rows])
        return self.report(
            lambda db: [
                _request_row(db, known, entries=True) for known in known_requests(db, "id = ?", (wanted,))
            ]
        )[0]

    def has_bay(self, bay: str) -> bool:
        """Return whether a camera was ever docked in a bay of this name."""
        query = "SELECT 1 FROM docking WHERE bay = ? LIMIT 1"
        return bool(self.report(lambda db: db.execute(query, (bay,)).fetchall()))


def _resolved(what: str, prefix: str, ids: list[str]) -> str:
    wanted = prefix.strip().lower()
    found = [one for one in ids if one.startswith(wanted)] if wanted else []
    if wanted in found or len(found) == 1:
        return wanted if wanted in found else found[0]
    lists = {"hold": "bwvdock clips holds", "request": "bwvdock request list"}[what]
    if not found:
        raise UsageError(
            f"There is no {what} whose id begins with {prefix!r}.",
            remedy=f"`{lists}` shows the ids; each begins with {what[0]}-.",
        )
    more = " and more" if len(found) > _SHOWN else ""
    shown = ", ".join(found[:_SHOWN])
    raise UsageError(
        f"More than one {what} begins with {prefix!r}: {shown}{more}.", remedy="Type more of the id."
    )


def _hold_rows(
    db: sqlite3.Connection, holds: Iterable[KnownHold], *, reach: bool = False
) -> Iterator[HoldRow]:
    rows = [_hold_row(db, known, reach=reach) for known in holds]
    let_go = Counter[str]() if all(row.open for row in rows) else _let_go(db)
    for row in rows:
        yield row if row.open else replace(row, kept_until_end=row.clips + let_go[row.id])


def _let_go(db: sqlite3.Connection) -> Counter[str]:
    """Return how many clips each hold no longer keeps because it was ended."""
    query = f"SELECT clip, leaf FROM entry WHERE kind = '{ClipHoldOver.kind}'"  # noqa: S608 - our own words
    found: set[tuple[str, str]] = set()
    for clip, leaf in db.execute(query):
        with suppress(ValueError, RecursionError, KeyError, TypeError):  # altered: verification says so
            found.add((clip, str(read_leaf(leaf).data["hold"])))
    return Counter(hold for _, hold in found)


def _hold_row(db: sqlite3.Connection, known: KnownHold, *, reach: bool) -> HoldRow:
    count = "SELECT count(*), coalesce(sum(certain = 0), 0) FROM clip_hold WHERE hold = ?"
    clips, uncertain = db.execute(count, (known.id,)).fetchone()
    typed = ("camera", "officer", "unit", "event", "place", "reason", "requester", "actor")
    said: dict[str, Any] = {name: reveal_optional(db, getattr(known, name)) for name in typed}
    return HoldRow(
        id=known.id,
        **said,
        place_kind=known.place_kind,
        since=known.since,
        until=known.until,
        review=known.review,
        request=known.request,
        opened_at=known.opened_at,
        ended_at=known.ended_at or None,
        ended_for=reveal_optional(db, known.ended_for) or None,
        ended_by=reveal_optional(db, known.ended_by) or None,
        open=not known.ended_at,
        clips=clips,
        uncertain=uncertain,
        stores=tuple(_reach(db, known.id)) if reach else (),
    )


def _reach(db: sqlite3.Connection, hold: str) -> Iterator[StoreReach]:
    """Yield how far a hold has come at each store: a custody document is owed after each change."""
    query = (
        "SELECT destination, count(*), sum(document <> ''), sum(document_refused <> '') FROM receipt"
        " WHERE clip IN (SELECT clip FROM clip_hold WHERE hold = ?) GROUP BY destination ORDER BY destination"
    )
    for name, copies, described, refused in db.execute(query, (hold,)).fetchall():
        yield StoreReach(
            destination=name,
            copies=copies,
            described=described,
            owing=copies - described - refused,
            refused=refused,
            locks=_locks(db, name),
        )


def _locks(db: sqlite3.Connection, destination: str) -> bool:
    query = f"SELECT leaf FROM entry WHERE {IS_EVENT} AND kind = ? ORDER BY seq DESC"  # noqa: S608 - our words
    for (leaf,) in db.execute(query, (DestinationAssessed.kind,)):
        with suppress(ValueError, RecursionError, KeyError, TypeError):  # altered: verification says so
            data = read_leaf(leaf).data
            if data["destination"] == destination:
                return bool(data.get("object_lock"))
    return False


def _held_clips(db: sqlite3.Connection, hold: str) -> Iterator[HeldClip]:
    query = (
        "SELECT clip_hold.clip, recorded_ns, certain FROM clip_hold JOIN clip ON clip.id = clip_hold.clip"
        " WHERE hold = ? ORDER BY recorded_ns, clip_hold.clip"
    )
    for clip, recorded_ns, certain in db.execute(query, (hold,)).fetchall():
        yield HeldClip(
            clip=clip,
            recorded_at=iso_of_ns(recorded_ns),
            certain=bool(certain),
            basis=_basis(db, clip, hold),
        )


def _basis(db: sqlite3.Connection, clip: str, hold: str) -> str:
    query = "SELECT leaf FROM entry WHERE clip = ? AND kind = ? ORDER BY seq DESC"
    for (leaf,) in db.execute(query, (clip, ClipHoldMatched.kind)):
        with suppress(ValueError, RecursionError, KeyError, TypeError):  # altered: verification says so
            data = read_leaf(leaf).data
            if data["hold"] == hold:
                return str(data["basis"])
    return ""


def _request_row(db: sqlite3.Connection, known: KnownRequest, *, entries: bool = False) -> RequestRow:
    holds = db.execute("SELECT id FROM standing_hold WHERE request = ? ORDER BY id", (known.id,)).fetchall()
    return RequestRow(
        id=known.id,
        about=known.about,
        received=known.received,
        due=known.due,
        rule=known.rule,
        **{name: reveal_optional(db, getattr(known, name)) for name in ("by", "reason", "actor")},
        opened_at=known.opened_at,
        outcome=known.outcome,
        closed_at=known.closed_at or None,
        closed_for=reveal_optional(db, known.closed_for) or None,
        closed_by=reveal_optional(db, known.closed_by) or None,
        open=not known.closed_at,
        holds=tuple(str(row[0]) for row in holds),
        entries=_entries(db, known.id) if entries else (),
    )


def _entries(db: sqlite3.Connection, request: str) -> tuple[RequestEntry, ...]:
    """Return what was looked at, exported or handed over for a request, and what was corrected of it."""
    found = [*_done_for(db, request), *_corrections(db, request)]
    return tuple(sorted(found, key=lambda one: one.seq))


def _corrections(db: sqlite3.Connection, request: str) -> Iterator[RequestEntry]:
    query = f"SELECT seq, leaf FROM entry WHERE kind = '{RequestCorrected.kind}'"  # noqa: S608 - our own words
    for seq, text in db.execute(query).fetchall():
        with suppress(ValueError, RecursionError, KeyError):  # altered: verification says so
            leaf = read_leaf(text)
            said = leaf.data
            if said["request"] == request:
                before = f"received {said['received_before']}, due {said['due_before'] or '-'}"
                now = f"corrected: received {said['received']}, due {said['due'] or '-'}"
                actor = reveal_optional(db, str(said["actor"]))
                yield RequestEntry(seq=seq, at=leaf.stamp.t, what=f"{now} (before: {before})", actor=actor)


def _done_for(db: sqlite3.Connection, request: str) -> Iterator[RequestEntry]:
    kinds = ", ".join(f"'{kind}'" for kind in NAMING)
    query = (
        f"SELECT seq, kind, leaf FROM entry WHERE {IS_EVENT} AND kind IN ({kinds})"  # noqa: S608 - our own words
        f" AND (instr(leaf, ?) OR kind = '{FootageDisclosed.kind}') ORDER BY seq"
    )
    for seq, kind, text in db.execute(query, (request,)).fetchall():
        with suppress(ValueError, RecursionError):  # altered: verification says so
            leaf = read_leaf(text)
            named = str(leaf.data.get("request") or "")
            # That of a disclosure may be anybody's reference, so the entry only commits to it.
            named = reveal_optional(db, named) if kind == FootageDisclosed.kind else named
            if named == request:
                yield RequestEntry(
                    seq=seq,
                    at=leaf.stamp.t,
                    what=str(leaf.data.get("command") or kind.replace("_", " ")),
                    actor=reveal_optional(db, str(leaf.data.get("actor", ""))),
                    clips=tuple(map(str, leaf.data.get("clips") or ())),
                    package=str(leaf.data.get("tagmanifest_sha256") or leaf.data.get("package") or ""),
                )
