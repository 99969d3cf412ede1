"""Which standing holds and requests were recorded, and which clips does each hold keep?

Only commitments are in these tables; the values are in `private`. The projection and `custody verify` both
fold with `add_hold_fact` and `add_request_fact`.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass, field, fields, replace
from typing import Any

from bwvdock.core.clips.lifecycle import IllegalFactError
from bwvdock.core.facts import HoldEnded, HoldOpened, RequestClosed, RequestCorrected, RequestOpened
from bwvdock.edges.journal.database import write_rows
from bwvdock.edges.journal.folds import KnownClip

HoldFact = HoldOpened | HoldEnded
RequestFact = RequestOpened | RequestCorrected | RequestClosed


@dataclass(frozen=True, kw_only=True, slots=True)
class KnownHold:
    """A row of table standing_hold: what a person typed is there as commitments."""

    id: str
    camera: str
    officer: str
    unit: str
    event: str
    place: str
    place_kind: str
    since: str
    until: str
    review: str
    request: str
    reason: str
    requester: str
    actor: str
    opened_at: str
    ended_at: str = ""
    ended_for: str = ""
    ended_by: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class KnownRequest:
    """A row of table request: what a person typed is there as commitments."""

    id: str
    about: str
    received: str
    due: str
    rule: str
    by: str
    reason: str
    actor: str
    opened_at: str
    outcome: str = ""
    closed_at: str = ""
    closed_for: str = ""
    closed_by: str = ""


_OF_HOLD = tuple(f.name for f in fields(KnownHold))
_OF_REQUEST = tuple(f.name for f in fields(KnownRequest))


def add_hold_fact(known: KnownHold | None, fact: HoldFact, data: Mapping[str, Any], when: str) -> KnownHold:
    """Return what is known of a hold after `fact`; `data` is its entry's, with commitments.

    Raises:
        IllegalFactError: a hold began twice, or one ended that was not in force.
    """
    if isinstance(fact, HoldOpened):
        if known is not None:
            raise IllegalFactError(f"hold {fact.hold} began twice")
        said = {name: data[name] for name in _OF_HOLD if name in data}
        return KnownHold(id=fact.hold, opened_at=when, **said)
    if known is None or known.ended_at:
        raise IllegalFactError(f"hold {fact.hold} ended, and was not in force")
    return replace(known, ended_at=when, ended_for=data["reason"], ended_by=data["actor"])


def add_request_fact(
    known: KnownRequest | None, fact: RequestFact, data: Mapping[str, Any], when: str
) -> KnownRequest:
    """Return what is known of a request after `fact`; `data` is its entry's, with commitments.

    Raises:
        IllegalFactError: a request was opened twice, one corrected that there is not, or one closed that was
            not open.
    """
    if isinstance(fact, RequestOpened):
        if known is not None:
            raise IllegalFactError(f"request {fact.request} was opened twice")
        said = {name: data[name] for name in _OF_REQUEST if name in data}
        return KnownRequest(id=fact.request, opened_at=when, **said)
    if isinstance(fact, RequestCorrected):
        if known is None:
            raise IllegalFactError(f"request {fact.request} was corrected, and there is none")
        return replace(known, received=fact.received, due=fact.due, rule=fact.rule)
    if known is None or known.closed_at:
        raise IllegalFactError(f"request {fact.request} was closed, and was not open")
    said = {"closed_for": data["reason"], "closed_by": data["actor"]}
    return replace(known, outcome=fact.outcome, closed_at=when, **said)


def hold_rows(known: KnownClip) -> list[tuple[str, str, int]]:
    """Return the rows of the standing holds that a clip is on."""
    return sorted((hold, known.clip.id, int(certain)) for hold, certain in known.clip.standing.items())


# --- the projection ------------------------------------------------------------------------------


@dataclass(slots=True)
class StandingBatch:
    """What one transaction's facts change about holds and requests."""

    db: sqlite3.Connection
    when: str
    _holds: dict[str, KnownHold] = field(default_factory=dict)
    _requests: dict[str, KnownRequest] = field(default_factory=dict)

    def add(self, fact: HoldFact | RequestFact, data: Mapping[str, Any]) -> None:
        """Take in a fact.

        Raises:
            IllegalFactError: it cannot follow what is known.
        """
        if isinstance(fact, HoldOpened | HoldEnded):
            hold = self._holds.get(fact.hold) or known_hold(self.db, fact.hold)
            self._holds[fact.hold] = add_hold_fact(hold, fact, data, self.when)
        else:
            request = self._requests.get(fact.request) or known_request(self.db, fact.request)
            self._requests[fact.request] = add_request_fact(request, fact, data, self.when)

    def write(self, clips: Collection[tuple[KnownClip | None, KnownClip]]) -> None:
        """Write it, and the holds of the clips: each before and after."""
        _replace(self.db, "standing_hold", [astuple(known) for known in self._holds.values()])
        _replace(self.db, "request", [astuple(known) for known in self._requests.values()])
        changed = [
            now for before, now in clips if now.clip.standing != (before.clip.standing if before else {})
        ]
        write_rows(self.db, "DELETE FROM clip_hold WHERE clip = ?", [(now.clip.id,) for now in changed])
        write_rows(
            self.db,
            "INSERT INTO clip_hold VALUES (?, ?, ?)",
            [row for now in changed for row in hold_rows(now)],
        )


def _replace(db: sqlite3.Connection, table: str, rows: Sequence[tuple[Any, ...]]) -> None:
    if rows:
        marks = ", ".join("?" * len(rows[0]))
        write_rows(db, f"INSERT OR REPLACE INTO {table} VALUES ({marks})", rows)  # noqa: S608 - our own words


# --- questions -----------------------------------------------------------------------------------


def known_hold(db: sqlite3.Connection, hold: str) -> KnownHold | None:
    """Return the row of a hold."""
    return next(known_holds(db, "id = ?", (hold,)), None)


def known_holds(db: sqlite3.Connection, where: str, values: Sequence[str] = ()) -> Iterator[KnownHold]:
    """Yield the rows that meet a condition (ours, never a user's text), by id: the oldest first."""
    query = f"SELECT {', '.join(_OF_HOLD)} FROM standing_hold WHERE {where} ORDER BY id"  # noqa: S608 - see above
    for row in db.execute(query, values).fetchall():
        yield KnownHold(**dict(zip(_OF_HOLD, row, strict=True)))


def known_request(db: sqlite3.Connection, request: str) -> KnownRequest | None:
    """Return the row of a request."""
    return next(known_requests(db, "id = ?", (request,)), None)


def known_requests(db: sqlite3.Connection, where: str, values: Sequence[str] = ()) -> Iterator[KnownRequest]:
    """Yield the rows that meet a condition (ours, never a user's text), by id: the oldest first."""
    query = f"SELECT {', '.join(_OF_REQUEST)} FROM request WHERE {where} ORDER BY id"  # noqa: S608 - see above
    for row in db.execute(query, values).fetchall():
        yield KnownRequest(**dict(zip(_OF_REQUEST, row, strict=True)))
