"""Which clips are drawn for a review, so that anybody can draw them again?

The rule, in words: take the root of the first checkpoint that was signed after the period. Write it in
hexadecimal, then a space, then the clip's id, and take the SHA-256 of that text, in hexadecimal. In each
group, the clips whose digests come first in order are drawn. Nobody chooses a number: the root was fixed
before the draw, and depends on all entries before it.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from heapq import nsmallest
from itertools import groupby
from operator import itemgetter

from bwvdock.core.facts import SampleDrawn
from bwvdock.core.moments import iso_of_ns
from bwvdock.edges.journal.personal_values import reveal, reveal_optional
from bwvdock.edges.journal.read.audit.copies import gone_copies, where_left
from bwvdock.edges.journal.read.audit.scope import Asked, scope
from bwvdock.edges.journal.read.story import IS_EVENT


class Per(StrEnum):
    """What the groups are from which clips are drawn."""

    UNIT = "unit"
    OFFICER = "officer"
    DOCK = "dock"  # all clips are one group


@dataclass(frozen=True, kw_only=True, slots=True)
class Seed:
    """A checkpoint of the journal's first `size` entries: its root, its signed note, and who confirmed it.

    `made_at` is when the dock stored it. `size` is 0 where none was signed at that time or later.
    """

    size: int
    root: str = ""
    made_at: str = ""
    note: str = ""
    witnesses: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Candidate:
    """A clip that might be drawn; `rank` is its place among those that were, 0 for the others.

    `of` is how many there are in its group. What is below `rank` is "" for one that was not drawn.
    """

    group: str
    of: int
    clip: str
    digest: str
    rank: int = 0
    camera: str = ""
    recorded_at: str = ""
    certain: bool = False
    copy: str = ""


def seed(db: sqlite3.Connection, until: str) -> Seed:
    """Return the first checkpoint that was signed at a time (ISO 8601, UTC) or later."""
    row = db.execute(
        "SELECT size, root, made_at, note FROM checkpoint WHERE made_at >= ? ORDER BY size LIMIT 1", (until,)
    ).fetchone()
    if row is None:
        return Seed(size=0)
    names = db.execute(
        "SELECT witness FROM cosignature WHERE size = ? ORDER BY witness", (row[0],)
    ).fetchall()
    witnesses = tuple(str(name).partition("+")[0] for (name,) in names)
    return Seed(size=row[0], root=row[1].hex(), made_at=row[2], note=row[3], witnesses=witnesses)


def digest_of(root: str, clip: str) -> str:
    """Return what decides a clip's place in the draw."""
    return hashlib.sha256(f"{root} {clip}".encode()).hexdigest()


def draw(
    db: sqlite3.Connection, asked: Asked, seeded: Seed, *, per: Per, wanted: int, whole: bool = False
) -> Iterator[Candidate]:
    """Yield the clips that are drawn, group by group and in their order; then the others, if `whole`.

    Drawn from are the clips that were copied before the checkpoint was signed: what came later could have
    been chosen by somebody who knew the root.
    """
    group = {Per.UNIT: "unit", Per.OFFICER: "coalesce(officer, '')", Per.DOCK: "''"}[per]
    query = (
        f"SELECT {group} AS its, clip.id FROM temp.audit_item AS item JOIN clip ON clip.id = item.id"  # noqa: S608
        " WHERE acquired_at <= ? ORDER BY its, clip.id"
    )
    with scope(db, asked), gone_copies(db):
        for its, rows in groupby(db.execute(query, (seeded.made_at,)), key=itemgetter(0)):
            name = _name_of(db, its) if per is Per.OFFICER else str(its)
            members = _Members(seeded.root, (str(clip) for _, clip in rows), keep=whole)
            drawn = nsmallest(wanted, members)
            of = members.count
            for rank, (digest, clip) in enumerate(drawn, start=1):
                yield _drawn(db, asked, Candidate(group=name, of=of, clip=clip, digest=digest), rank)
            for digest, clip in sorted({*members.kept} - {*drawn}):
                yield Candidate(group=name, of=of, clip=clip, digest=digest)


def _name_of(db: sqlite3.Connection, committed: str) -> str:
    return (reveal(db, committed) or "(erased)") if committed else ""


class _Members:
    """The clips of a group with their digests; counts them, and keeps them if that is asked for."""

    def __init__(self, root: str, clips: Iterator[str], *, keep: bool) -> None:
        self._root, self._clips, self._keep = root, clips, keep
        self.count, self.kept = 0, list[tuple[str, str]]()

    def __iter__(self) -> Iterator[tuple[str, str]]:
        for clip in self._clips:
            self.count += 1
            one = digest_of(self._root, clip), clip
            if self._keep:
                self.kept.append(one)
            yield one


def _drawn(db: sqlite3.Connection, asked: Asked, one: Candidate, rank: int) -> Candidate:
    here, in_store = where_left(asked.vaults)
    camera, at, certain, is_here, is_there = db.execute(
        f"SELECT clip.camera, item.at, item.certain, {here}, {in_store}"  # noqa: S608 - our own words
        " FROM clip JOIN temp.audit_item AS item ON item.id = clip.id WHERE clip.id = ?",
        (one.clip,),
    ).fetchone()
    return Candidate(
        group=one.group,
        of=one.of,
        clip=one.clip,
        digest=one.digest,
        rank=rank,
        camera=reveal_optional(db, camera),
        recorded_at=iso_of_ns(int(at)),
        certain=bool(certain),
        copy="here" if is_here else "in a store" if is_there else "disposed of",
    )


def came_later(db: sqlite3.Connection, asked: Asked, seeded: Seed) -> int:
    """Return how many clips of the period were copied after the checkpoint, so that none of them is drawn."""
    query = (
        "SELECT count(*) FROM temp.audit_item AS item JOIN clip ON clip.id = item.id WHERE acquired_at > ?"
    )
    with scope(db, asked):
        return int(db.execute(query, (seeded.made_at,)).fetchone()[0])


def earlier_draws(db: sqlite3.Connection, since: str, until: str) -> Iterator[int]:
    """Yield the numbers of the entries of draws from periods that overlap this one (`until` not included)."""
    query = (
        f"SELECT seq FROM entry WHERE {IS_EVENT} AND kind = ?"  # noqa: S608 - our own words
        " AND iif(json_valid(leaf), json_extract(leaf, '$.data.since') < ?"
        " AND json_extract(leaf, '$.data.until') > ?, 1) ORDER BY seq"
    )
    yield from (int(seq) for (seq,) in db.execute(query, (SampleDrawn.kind, until, since)))
