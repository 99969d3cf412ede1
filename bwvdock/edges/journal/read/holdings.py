"""What has each store, by its receipts, and when was it last asked again?

Functions of a connection. A store may have a million copies: they are read in pages.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterator
from dataclasses import replace
from datetime import datetime

from bwvdock.core.clips.classes.routing import required_of
from bwvdock.core.clips.clip import Clip
from bwvdock.core.custody.entries import read_leaf
from bwvdock.core.holdings.draw import Drawn, HeldCopy, Spent, draw, whole
from bwvdock.core.holdings.holding import Holding, Standing
from bwvdock.core.holdings.rules import DAY, Reverify
from bwvdock.core.moments import iso
from bwvdock.core.paced import GiveWay, go_on
from bwvdock.edges.journal.lookups import clips_of, known_clip

_PAGE = 2000
# What is past its date goes from the stores too, and is no longer asked for; but for what was never asked for
# since its receipt, while its copies here wait for that.
_KEPT = (
    "(clip.retain_until = '' OR clip.held"
    " OR clip.retain_until >= CASE receipt.proven_at WHEN '' THEN :waiting ELSE :now END)"
)
_COPIES = (
    "SELECT receipt.clip, clip.size, received_at, proven_at FROM receipt JOIN clip ON clip.id = receipt.clip"
)


def drawn(  # noqa: PLR0913 - it is all that a choice depends on
    db: sqlite3.Connection,
    destination: str,
    rules: Reverify,
    *,
    now: datetime,
    night: str,
    seed: bytes,
    sampled: bool = False,
    everything: bool = False,
    give_way: GiveWay = go_on,
) -> Drawn:
    """Return which copies a destination is asked for now.

    `sampled`: the night's sample was drawn already; `everything`: all that have been there for long enough.
    """
    if everything:
        return whole(held_copies(db, destination, rules, now=now, give_way=give_way), rules, now=now)
    before = spent(db, destination, night)
    before = replace(before, sampled=before.sampled or sampled)
    if before.sampled:
        copies = due_copies(db, destination, rules, now=now)
    else:
        copies = held_copies(db, destination, rules, now=now, give_way=give_way)
    return draw(copies, rules, now=now, seed=seed, spent=before)


def held_copies(
    db: sqlite3.Connection,
    destination: str,
    rules: Reverify,
    *,
    now: datetime,
    give_way: GiveWay = go_on,
) -> Iterator[HeldCopy]:
    """Return every copy that a store has proven, of clips that are still to be kept there, by clip.

    `give_way` is called between the pages: a store may have a million.
    """
    query = (  # the + has it walk along the clips, and not sort them for each page
        f"{_COPIES} WHERE receipt.clip > :after AND +destination = :destination AND {_KEPT}"
        f" ORDER BY receipt.clip LIMIT {_PAGE}"
    )
    values = _values(destination, rules, now)
    after = ""
    while True:
        give_way()
        page = db.execute(query, {**values, "after": after}).fetchall()
        yield from (_copy(row) for row in page)
        if len(page) < _PAGE:
            return
        after = page[-1][0]


def due_copies(
    db: sqlite3.Connection, destination: str, rules: Reverify, *, now: datetime
) -> Iterator[HeldCopy]:
    """Return those of them that may be due now; an index finds them."""
    query = f"{_COPIES} WHERE destination = :destination AND {_KEPT} AND proven_at {{which}}"
    values = {
        **_values(destination, rules, now),
        "received": iso(now - rules.first),
        "proven": iso(now - max(rules.every - DAY, DAY / 2)),
    }
    for which in ("= '' AND received_at <= :received", "> '' AND proven_at <= :proven"):
        yield from (_copy(row) for row in db.execute(query.replace("{which}", which), values).fetchall())


def spent(db: sqlite3.Connection, destination: str, night: str) -> Spent:
    """Return what a store was chosen to be asked for in a night, as the entries say."""
    query = "SELECT leaf FROM entry WHERE kind = 'copies_drawn' ORDER BY seq DESC"
    clips = size = 0
    sampled = False
    for (text,) in db.execute(query):
        data = read_leaf(text).data
        if data["night"] < night:
            break
        if (data["destination"], data["night"]) == (destination, night):
            clips += data["first"] + data["due"] + data["sample"]
            size += data["bytes"]
            sampled = sampled or data["sample"] > 0
    return Spent(clips=clips, bytes=size, sampled=sampled)


def _values(destination: str, rules: Reverify, now: datetime) -> dict[str, str]:
    return {"destination": destination, "now": iso(now), "waiting": iso(now - rules.wait)}


def _copy(row: tuple[str, int, str, str]) -> HeldCopy:
    clip, size, received_at, proven_at = row
    return HeldCopy(clip=clip, size=size, received_at=received_at, proven_at=proven_at)


_RECEIPTS = (
    "SELECT receipt.clip, destination, object, version, receipt.sha256, method, received_at, proven_at,"
    " state, retain_until <> '' AND retain_until < :now AND NOT held, classes <> ''"
    " FROM receipt JOIN clip ON clip.id = receipt.clip"
    " WHERE (receipt.clip, destination) > (:after, :place)"
    " ORDER BY receipt.clip, destination LIMIT :most"
)
_FAILURES = (
    "SELECT clip, destination, finding, found_at, ended_at FROM failed_copy"
    " WHERE ended_at = '' OR (:asked <> '' AND found_at >= :asked)"
)
_WAITING = (
    "SELECT id FROM clip WHERE acquired_at IS NOT NULL AND state <> 'retired' AND classes = '' AND"
    " instr(char(10) || served || char(10), char(10) || :destination || char(10)) = 0 ORDER BY id"
)
_CLASSIFIED = (
    "SELECT id, served FROM clip"
    " WHERE acquired_at IS NOT NULL AND state <> 'retired' AND classes <> '' ORDER BY id"
)


def holdings(
    db: sqlite3.Connection, required: Collection[str], *, now: datetime, asked_since: str = ""
) -> Iterator[Holding]:
    """Return the copies that stores have proven, those that were lost, those that required stores lack.

    `asked_since`: when the stores were asked for everything, "" if they were not.
    """
    rows = db.execute(_FAILURES, {"asked": asked_since}).fetchall()
    failures = {(clip, place): (finding, at) for clip, place, finding, at, _ in rows}
    for held in _with_receipt(db, required, now=iso(now)):
        finding, at = failures.get((held.clip, held.destination), ("", ""))
        again = _proven_since(db, held) if held.proven_at < asked_since else held.proven_at
        yield replace(held, finding=finding, found_at=at, proven_at=again)
    still = {(clip, place) for clip, place, _, _, ended in rows if not ended}
    for clip, place in sorted(still):
        finding, at = failures[clip, place]
        yield Holding(
            clip=clip,
            destination=place,
            required=place in _required(db, clip, required),
            standing=Standing(finding),
            found_at=at,
            finding=finding,
        )
    for clip, place in _waiting(db, required):
        if (clip, place) not in still:
            yield Holding(clip=clip, destination=place, required=True, standing=Standing.WAITING)


def _waiting(db: sqlite3.Connection, required: Collection[str]) -> Iterator[tuple[str, str]]:
    """Yield the clips that a required destination has not proven, with its name."""
    for place in required:
        for (clip,) in db.execute(_WAITING, {"destination": place}):
            yield clip, place
    for clip, served in db.execute(_CLASSIFIED):
        for place in _required(db, clip, required):
            if place not in served.split("\n"):
                yield clip, place


def _required(db: sqlite3.Connection, clip: str, required: Collection[str]) -> Collection[str]:
    """Return which destinations must have a clip: those of the configuration, or those of its classes."""
    known = known_clip(db, clip)
    return required_of(known.clip, required) if known else required


def _proven_since(db: sqlite3.Connection, held: Holding) -> str:
    """Return when a store last proved a copy, whatever it was asked for."""
    query = "SELECT leaf FROM entry WHERE clip = ? AND kind = 'verified_again' ORDER BY seq DESC"
    for (text,) in db.execute(query, (held.clip,)):
        leaf = read_leaf(text)
        if leaf.data["destination"] == held.destination:
            return max(held.proven_at, leaf.stamp.t)
    return held.proven_at


def _with_receipt(db: sqlite3.Connection, required: Collection[str], *, now: str) -> Iterator[Holding]:
    after, place = "", ""
    while True:
        values = {"now": now, "after": after, "place": place, "most": _PAGE}
        page = db.execute(_RECEIPTS, values).fetchall()
        for (
            clip,
            name,
            object_,
            version,
            sha256,
            method,
            received_at,
            proven_at,
            state,
            over,
            of_class,
        ) in page:
            yield Holding(
                clip=clip,
                destination=name,
                required=name in (_required(db, clip, required) if of_class else required),
                standing=_standing(db, clip, name, over=bool(over), may_be_gone=state not in _WHOLE),
                object=object_,
                version=version,
                sha256=sha256,
                method=method,
                received_at=received_at,
                proven_at=proven_at or received_at,
            )
        if len(page) < _PAGE:
            return
        after, place = page[-1][:2]


_WHOLE = frozenset({"acquired", "uploaded", "verified"})


def _standing(db: sqlite3.Connection, clip: str, place: str, *, over: bool, may_be_gone: bool) -> Standing:
    if not over and not may_be_gone:
        return Standing.PROVEN
    known = known_clip(db, clip)  # the few whose copies are disposed of one by one
    if known is not None and place in known.clip.disposed:
        return Standing.DISPOSED
    return Standing.PAST if over else Standing.PROVEN


def clips_with_losses(db: sqlite3.Connection, *, most: int, after: str) -> list[Clip]:
    """Return clips with a copy that was lost or changed and not proven anew, by id; those after an id."""
    ids = "SELECT DISTINCT clip FROM failed_copy WHERE ended_at = '' AND clip > ? ORDER BY clip LIMIT ?"
    return list(clips_of(db, f"clip.id IN ({ids})", (after, most)))
