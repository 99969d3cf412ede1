"""Which values do readers of the journal get about standing holds and requests?

A personal value that was emptied from the journal, or that nobody gave, is ""; None where it is withheld:
to see it is a consultation. Times are as in core/custody/records.py, days are ISO 8601.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any


@dataclass(frozen=True, kw_only=True, slots=True)
class StoreReach:
    """How far a hold has come at a store that has copies of its clips.

    `copies` of them are there. Beside `described` of them is a custody document that says held; `owing` are
    still to get it, `refused` never will. `locks`: the store was proven to lock objects.
    """

    destination: str
    copies: int
    described: int
    owing: int
    refused: int
    locks: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class HoldRow:
    """A standing hold. `clips` counts what it keeps now, `uncertain` those of them that may not match.

    `open`: nobody has ended it; otherwise `kept_until_end` counts what it kept then. `stores` is filled where
    one hold is asked for.
    """

    id: str
    camera: str
    officer: str | None
    unit: str | None
    event: str | None
    place: str
    place_kind: str
    since: str
    until: str
    review: str
    request: str
    reason: str | None
    requester: str | None
    actor: str | None
    opened_at: str
    ended_at: str | None
    ended_for: str | None
    ended_by: str | None
    open: bool
    clips: int
    uncertain: int
    kept_until_end: int | None = None
    stores: tuple[StoreReach, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class HeldClip:
    """A clip that a standing hold keeps; `basis` says why, or what is not known of it."""

    clip: str
    recorded_at: str
    certain: bool
    basis: str


@dataclass(frozen=True, kw_only=True, slots=True)
class RequestEntry:
    """An entry that names a request: `what` was done by whom, for which clips. `package` is an export's."""

    seq: int
    at: str
    what: str
    actor: str | None
    clips: tuple[str, ...] = ()
    package: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class RequestRow:
    """A request for footage. `holds` are its standing holds, `entries` are what was done for it.

    `open`: nobody has closed it.
    """

    id: str
    about: str
    received: str
    due: str
    rule: str
    by: str | None
    reason: str | None
    actor: str | None
    opened_at: str
    outcome: str
    closed_at: str | None
    closed_for: str | None
    closed_by: str | None
    open: bool
    holds: tuple[str, ...] = ()
    entries: tuple[RequestEntry, ...] = ()


def withheld_hold(row: HoldRow) -> HoldRow:
    """Return a hold without whom it is about and what people typed; that there is none may be known."""
    names = ("officer", "unit", "event", "reason", "requester", "actor", "ended_for", "ended_by")
    hidden: dict[str, Any] = {name: getattr(row, name) and None for name in names}
    return replace(row, **hidden)


def withheld_request(row: RequestRow) -> RequestRow:
    """Return a request without who made it and what people typed."""
    row = replace(row, entries=tuple(replace(one, actor=one.actor and None) for one in row.entries))
    names = ("by", "reason", "actor", "closed_for", "closed_by")
    hidden: dict[str, Any] = {name: getattr(row, name) and None for name in names}
    return replace(row, **hidden)
