"""Which clips are to be compared with events again, and what does comparing them give?

Two questions for a thread beside the one that owns the journal. `find` says which clips what is new may
concern; `compare` takes some of them and returns the matches that are not recorded yet. Both only read.
"""

from __future__ import annotations

import json
import sqlite3
from collections import OrderedDict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any

from bwvdock.core.custody.entries import read_leaf
from bwvdock.core.events.matching import REACH_MS, Match, Recording, Rules, Sendings, Sent, matches, recording
from bwvdock.core.facts import (
    AttributionDisputed,
    AttributionUpheld,
    CameraAssigned,
    CameraEnrolled,
    ClipAcquired,
    ClipAttributed,
    ClipDated,
    ClipMatched,
    EventMatch,
    EventRecorded,
    EventsMatched,
)
from bwvdock.core.facts.events import BY_OFFICER, BY_UNIT
from bwvdock.core.moments import iso_of_ns, nanoseconds
from bwvdock.core.paced import GiveWay, go_on, paced
from bwvdock.edges.journal.personal_values import reveal
from bwvdock.edges.journal.units import CAMERAS, OF_UNIT, Units

_MS = 10**6
_LONGEST_CLIP_MS = 86_400_000
_SOME = 64  # rows between two times at which another thread may go first
_REMEMBERED = 256  # officers and units whose events are in memory
_OF_OFFICER = (ClipAttributed.kind, AttributionDisputed.kind, AttributionUpheld.kind)
_OF_CLIPS = (ClipAcquired.kind, ClipDated.kind, *_OF_OFFICER)
_OF_CAMERAS = (CameraAssigned.kind, CameraEnrolled.kind)
NEWS = (*_OF_CLIPS, *_OF_CAMERAS, EventRecorded.kind)
"""The kinds of entries after which some clips are to be compared."""

_Key = tuple[str, str]
_Span = tuple[int, int]
Remembered = OrderedDict[_Key, Sendings]


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """The clips that the first `entries` entries may concern, in the order in which to compare them.

    `news` says whether anything in them was not compared before.
    """

    entries: int
    clips: tuple[str, ...] = ()
    news: bool = False


# --- which clips -------------------------------------------------------------------------------------


def last_matching(db: sqlite3.Connection, rules: Rules) -> int | None:
    """Return up to which entry clips and events were compared by these rules; None if they never were."""
    row = db.execute(
        "SELECT leaf FROM entry WHERE kind = 'events_matched' ORDER BY seq DESC LIMIT 1"
    ).fetchone()
    if row is None:
        return None
    data = read_leaf(row[0]).data
    before, after, longest = (data[name] * 1000 for name in ("before_s", "after_s", "longest_s"))
    same = rules == Rules(before_ms=before, after_ms=after, longest_ms=longest)
    return int(data["entries"]) if same else None


def is_uncompared(db: sqlite3.Connection, clip: str, rules: Rules) -> bool:
    """Return whether anything is new that may concern a clip, and was not compared by these rules yet."""
    if db.execute("SELECT 1 FROM event LIMIT 1").fetchone() is None:
        return False
    since = last_matching(db, rules)
    if since is None:
        return True
    own = f"clip = ? AND kind IN ({', '.join(map(repr, _OF_CLIPS))})"
    if db.execute(f"SELECT 1 FROM entry WHERE {own} AND seq >= ? LIMIT 1", (clip, since)).fetchone():  # noqa: S608
        return True
    new = "SELECT 1 FROM entry WHERE kind = ? AND seq >= ? LIMIT 1"
    return any(db.execute(new, (kind, since)).fetchone() for kind in (*_OF_CAMERAS, EventRecorded.kind))


def find(db: sqlite3.Connection, rules: Rules, since: int | None, *, give_way: GiveWay = go_on) -> Found:
    """Return which clips are to be compared.

    Args:
        db: the journal.
        rules: the margins.
        since: the number of the first entry that is new; None where nothing was compared by these rules.
        give_way: called now and then: there may be very many new events.
    """
    (entries,) = db.execute("SELECT size FROM tree").fetchone()
    if db.execute("SELECT 1 FROM event LIMIT 1").fetchone() is None:
        return Found(entries=entries)
    clips: set[str] = set()
    spans: dict[_Key, list[_Span]] = {}
    if since is None:
        sent = db.execute("SELECT role, who, dispatched, cleared FROM sent")
        _add_spans(spans, paced(sent, give_way, every=_SOME), rules)
        clips.update(row[0] for row in db.execute("SELECT DISTINCT clip FROM clip_event"))
        news = True
    else:
        news = _add_news(db, since, rules, clips, spans, give_way)
    for key, windows in paced(spans.items(), give_way):
        clips.update(_clips_of(db, key, windows))
    return Found(entries=entries, clips=tuple(_in_order(db, clips, give_way)), news=news)


def _add_news(
    db: sqlite3.Connection,
    since: int,
    rules: Rules,
    clips: set[str],
    spans: dict[_Key, list[_Span]],
    give_way: GiveWay,
) -> bool:
    by_unit = db.execute("SELECT 1 FROM sent WHERE role = ? LIMIT 1", (BY_UNIT,)).fetchone() is not None
    marks = ", ".join("?" * len(NEWS))
    query = f"SELECT kind, clip, leaf FROM entry WHERE seq >= ? AND kind IN ({marks}) ORDER BY seq"  # noqa: S608
    cameras: set[str] = set()
    news = False
    for kind, clip, leaf in paced(db.execute(query, (since, *NEWS)), give_way, every=_SOME):
        news = True
        if clip is not None:
            clips.add(clip)
        elif kind == EventRecorded.kind:
            data = read_leaf(leaf).data
            sent = [(BY_OFFICER, one["officer"], one) for one in data["officers"]]
            sent += [(BY_UNIT, one["unit"], one) for one in data["units"]]
            _add_spans(spans, ((role, who, s["dispatched"], s["cleared"]) for role, who, s in sent), rules)
            clips.update(
                row[0] for row in db.execute("SELECT clip FROM clip_event WHERE event = ?", (data["event"],))
            )
        elif by_unit:
            cameras.add(read_leaf(leaf).data["camera"])
    for camera in cameras:
        clips.update(row[0] for row in db.execute("SELECT id FROM clip WHERE camera = ?", (camera,)))
    return news


def _add_spans(
    spans: dict[_Key, list[_Span]], sent: Iterable[tuple[str, str, str, str]], rules: Rules
) -> None:
    reach = REACH_MS + _LONGEST_CLIP_MS
    for role, who, dispatched, cleared in sent:
        begins = _ms(dispatched)
        ends = _ms(cleared) if cleared else begins + rules.longest_ms
        span = begins - rules.before_ms - reach, ends + rules.after_ms + reach
        spans.setdefault((role, who), []).append(span)


def _clips_of(db: sqlite3.Connection, key: _Key, windows: Sequence[_Span]) -> Iterator[str]:
    role, who = key
    where, values = "officer = ? AND officer IS NOT NULL", [who]
    if role == BY_UNIT:
        unit = reveal(db, who)
        if unit is None:
            return
        where, values = CAMERAS, [unit, unit]
    query = f"SELECT id FROM clip WHERE {where} AND recorded_ns BETWEEN ? AND ?"  # noqa: S608 - our own words
    for first, last in _merged(windows):
        yield from (row[0] for row in db.execute(query, (*values, first * _MS, last * _MS)))


def _merged(windows: Sequence[_Span]) -> Iterator[_Span]:
    begin: int | None = None
    end = 0
    for first, last in sorted(windows):
        if begin is None or first > end:
            if begin is not None:
                yield begin, end
            begin, end = first, last
        end = max(end, last)
    if begin is not None:
        yield begin, end


def _in_order(db: sqlite3.Connection, clips: Collection[str], give_way: GiveWay) -> Iterator[str]:
    """Return acquired clips by officer and time, so that what is read for one is of use for the next."""
    found = []
    for some in paced(_parts(sorted(clips), 500), give_way):
        query = f"SELECT officer, recorded_ns, id FROM clip WHERE id IN ({_marks(some)})"  # noqa: S608
        found += [row for row in db.execute(query, some) if row[0] is not None]
    return (row[2] for row in sorted(found))


# --- comparing ---------------------------------------------------------------------------------------


@dataclass(slots=True)
class Pairing:
    """Compares clips with events, all as of one moment of the journal.

    `remembered` are the events of the officers and units that were read last. What has changed in them since
    is found again by `find`, and compared then.
    """

    db: sqlite3.Connection
    rules: Rules
    remembered: Remembered = field(default_factory=OrderedDict)
    _units: Units = field(init=False)
    _by_unit: bool = field(init=False)

    def __post_init__(self) -> None:
        """Begin with no officer and no unit read."""
        self._units = Units(self.db)
        by_unit = "SELECT 1 FROM sent WHERE role = ? LIMIT 1"
        self._by_unit = self.db.execute(by_unit, (BY_UNIT,)).fetchone() is not None

    def compare(self, clips: Sequence[str]) -> list[ClipMatched]:
        """Return the matches of some clips, at most a few hundred, that are not what is recorded."""
        rows = self.db.execute(
            f"SELECT id, camera, officer, recorded_ns FROM clip WHERE id IN ({_marks(clips)})",  # noqa: S608
            clips,
        ).fetchall()
        dated, recorded = _recordings(self.db, clips), _recorded(self.db, clips)
        facts = []
        order = {clip: number for number, clip in enumerate(clips)}
        for clip, camera, officer, recorded_ns in sorted(rows, key=lambda row: order[row[0]]):
            found, more = self._matches(dated.get(clip), camera, officer, recorded_ns)
            told = [(one.event, one.basis, one.role, one.overlap_ms) for one in found]
            if (told, more) != recorded.get(clip, ([], 0)):
                facts.append(self._fact(clip, found, more, dated[clip] if found else None))
        return facts

    def _matches(
        self, clip: Recording | None, camera: str, officer: str | None, recorded_ns: int
    ) -> tuple[list[Match], int]:
        if clip is None or officer is None:
            return [], 0
        sendings = [self._sent((BY_OFFICER, officer))] if officer else []
        if self._by_unit and (unit := self._units.at(camera, iso_of_ns(recorded_ns))):
            sendings.append(self._sent((BY_UNIT, unit)))
        return matches(clip, sendings, self.rules)

    def _sent(self, key: _Key) -> Sendings:
        if key not in self.remembered:
            if len(self.remembered) >= _REMEMBERED:
                self.remembered.popitem(last=False)
            self.remembered[key] = Sendings(_sent(self.db, *key))
        self.remembered.move_to_end(key)
        return self.remembered[key]

    def _fact(self, clip: str, found: Sequence[Match], more: int, dated: Recording | None) -> ClipMatched:
        return ClipMatched(
            clip=clip,
            events=tuple(
                EventMatch(
                    event=reveal(self.db, one.event) or "",
                    basis=one.basis,
                    role=one.role,
                    overlap_ms=one.overlap_ms,
                    uncertainty_ms=dated.uncertainty_ms if dated else -1,
                )
                for one in found
            ),
            more=more,
        )


def _sent(db: sqlite3.Connection, role: str, who: str) -> Iterator[Sent]:
    """Yield to which events an officer (a commitment) or a unit (its name) was sent; not to erased ones."""
    condition = "who = ?" if role == BY_OFFICER else f"who {OF_UNIT}"
    rows = db.execute(
        "SELECT event, dispatched, cleared FROM sent JOIN private ON commitment = event"  # noqa: S608
        f" WHERE role = ? AND {condition}",
        (role, who),
    )
    for event, dispatched, cleared in rows:
        yield Sent(
            event=event,
            role=role,
            dispatched_ms=_ms(dispatched),
            cleared_ms=_ms(cleared) if cleared else None,
        )


def _recordings(db: sqlite3.Connection, clips: Sequence[str]) -> dict[str, Recording]:
    """Return when clips were recorded, by their latest dates; those without a date are left out."""
    dated = _latest(db, ClipDated.kind, ("recorded_at", "raw", "uncertainty_ms", "rule"), clips)
    taken = _latest(db, ClipAcquired.kind, ("header_s", "length_ms"), clips)
    found = {}
    for clip, (recorded_at, raw, uncertainty_ms, rule) in dated.items():
        header_s, length_ms = taken.get(clip, (0, 0))
        found[clip] = recording(
            recorded_ns=nanoseconds(datetime.fromisoformat(recorded_at)),
            raw_ns=nanoseconds(datetime.fromisoformat(raw)),
            header_s=header_s or 0,
            length_ms=length_ms or 0,
            uncertainty_ms=uncertainty_ms,
            rule=rule or "",
        )
    return found


def _latest(
    db: sqlite3.Connection, kind: str, names: Sequence[str], clips: Sequence[str]
) -> dict[str, list[Any]]:
    """Return some plain fields of the last entry of a kind of each clip, as SQLite reads them."""
    paths = ", ".join(f"'$.data.{name}'" for name in names)
    rows = db.execute(
        f"SELECT clip, json_extract(leaf, {paths}) FROM entry"  # noqa: S608 - our own words
        f" WHERE clip IN ({_marks(clips)}) AND kind = ? ORDER BY clip, seq",
        (*clips, kind),
    )
    return {clip: json.loads(texts) for clip, texts in rows}


def _recorded(
    db: sqlite3.Connection, clips: Sequence[str]
) -> Mapping[str, tuple[list[tuple[str, str, str, int]], int]]:
    """Return the matches that are recorded of clips, and how many more."""
    rows = db.execute(
        f"SELECT clip, leaf FROM entry WHERE clip IN ({_marks(clips)}) AND kind = '{ClipMatched.kind}'"  # noqa: S608
        " ORDER BY clip, seq",
        clips,
    )
    found = {}
    for clip, entries in groupby(rows, key=itemgetter(0)):
        *_, (_, leaf) = entries
        data = read_leaf(leaf).data
        told = [(one["event"], one["basis"], one["role"], one["overlap_ms"]) for one in data["events"]]
        found[clip] = told, data.get("more", 0)
    return found


def matched_by(rules: Rules, entries: int) -> EventsMatched:
    """Return the fact that all was compared."""
    return EventsMatched(
        entries=entries,
        before_s=rules.before_ms // 1000,
        after_s=rules.after_ms // 1000,
        longest_s=rules.longest_ms // 1000,
    )


def _ms(text: str) -> int:
    return nanoseconds(datetime.fromisoformat(text)) // _MS


def _marks(values: Collection[str]) -> str:
    return ", ".join("?" * len(values))


def _parts(values: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    return (values[n : n + size] for n in range(0, len(values), size))
