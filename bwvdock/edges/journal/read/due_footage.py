"""Which footage falls due soon that nobody has reviewed, and what was looked at and left at that?

Sums, for alerts that anybody may see: of restricted footage no unit is named.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from bwvdock.core.custody.entries import read_leaf
from bwvdock.core.facts import FootageConsulted, FootageExported
from bwvdock.core.moments import iso_of_ns
from bwvdock.edges.journal.units import Units

RESTRICTED = "\0restricted"
"""In the place of a unit: footage of restricted classes, of whatever unit. No unit is called so."""


@dataclass(frozen=True, kw_only=True, slots=True)
class DueFootage:
    """Footage that falls due within some days.

    `unreviewed` counts by unit ("": without one) what nobody has reviewed; `first_due` is the earliest date
    among it. `consulted` are clips that somebody looked at with a reason, or exported, and about which nobody
    decided anything since, with their dates, the earliest first.
    """

    unreviewed: Mapping[str, int] = field(default_factory=dict)
    first_due: str = ""
    consulted: tuple[tuple[str, str], ...] = ()


def due_footage(
    db: sqlite3.Connection, *, noticed: str, consulted: str, restricted: Collection[str] = ()
) -> DueFootage:
    """Return what falls due.

    Args:
        db: the journal.
        noticed: the time before which unreviewed footage counts that falls due.
        consulted: the same of what somebody looked at.
        restricted: the names of the classes that are restricted now, beside what entries say.
    """
    units, counts, first = Units(db), Counter[str](), ""
    rows = db.execute(
        "SELECT camera, recorded_ns, retain_until, restricted, classes FROM clip"
        " WHERE due <> '' AND due < ? AND retain_until < ? AND reviewed = 0 ORDER BY retain_until",
        (noticed, noticed),
    )
    for camera, recorded_ns, until, closed, classes in rows.fetchall():
        first = first or until
        hidden = closed or not set(classes.split("\n")).isdisjoint(restricted)
        counts[RESTRICTED if hidden else units.at(camera, iso_of_ns(recorded_ns))] += 1
    return DueFootage(
        unreviewed=dict(counts), first_due=first, consulted=tuple(_consulted_due(db, consulted))
    )


# A person's decisions about one clip. A class that a unit or an event gave is none.
_DECISIONS = "'clip_flagged', 'clip_unflagged', 'clip_held', 'clip_unheld'"


def _consulted_due(db: sqlite3.Connection, before: str) -> Iterator[tuple[str, str]]:
    rows = db.execute(
        "SELECT id, retain_until, acquired_at FROM clip"
        " WHERE due <> '' AND due < ? AND retain_until < ? ORDER BY retain_until, id",
        (before, before),
    ).fetchall()
    if not rows:
        return
    looked = _looked_at(db, {clip for clip, _, _ in rows})
    for clip, until, _ in rows:
        if clip in looked and not _decided_since(db, clip, looked[clip]):
            yield clip, until


def _looked_at(db: sqlite3.Connection, clips: Collection[str]) -> dict[str, int]:
    """Return the number of the last entry that says that somebody looked at, or exported, each clip."""
    found: dict[str, int] = {}
    # Few entries among very many, which have an index; their order is that of the journal.
    for kind in (FootageConsulted.kind, FootageExported.kind):
        query = "SELECT seq, leaf FROM entry WHERE kind = ? ORDER BY seq"
        for seq, text in db.execute(query, (kind,)):
            for clip in read_leaf(text).data.get("clips", ()):
                if clip in clips:
                    found[clip] = max(seq, found.get(clip, 0))
    return found


def _decided_since(db: sqlite3.Connection, clip: str, seq: int) -> bool:
    row = db.execute(
        "SELECT 1 FROM entry WHERE clip = ? AND seq > ? AND"  # noqa: S608 - our own words
        f" (kind IN ({_DECISIONS}) OR (kind = 'clip_classified'"
        " AND json_extract(leaf, '$.data.basis') = 'person')) LIMIT 1",
        (clip, seq),
    ).fetchone()
    return row is not None
