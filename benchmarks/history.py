"""How is a journal with the entries of a million clips made in minutes, so that `custody verify` accepts it?

The writer makes every entry but those of the clips: it would take an hour for these. They follow the texts,
and the rows, that the writer's own functions make of one clip: only what differs from clip to clip is put in.
What was made wrongly, verification would find.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from benchmarks.dock import _Clock
from benchmarks.verifying import docking_begun, docking_ended
from bwvdock.core.clips.identity import ID_BYTES, identity, make_id
from bwvdock.core.custody.entries import Stamp, encode
from bwvdock.core.custody.merkle import SALT_BYTES, GrowingTree, Tree, commitment, leaf_hash
from bwvdock.core.custody.records import outcome_of, settled_outcome
from bwvdock.core.facts import (
    AcquiredPart,
    ClipAcquired,
    ClipAttributed,
    ClipDated,
    ClipFact,
    ClipFound,
    ClipReleased,
    ClipUploaded,
    ClipVerified,
    DockStarted,
    DockStopped,
    Fact,
    SourceFile,
)
from bwvdock.core.moments import iso, nanoseconds
from bwvdock.edges.journal import lookups, open_journal, tiles
from bwvdock.edges.journal.folds import KnownClip, add_clip_fact, add_clip_outcomes
from bwvdock.edges.journal.people import People
from bwvdock.edges.journal.tree import read_tree, write_tree
from bwvdock.edges.journal.write.rows import clip_row, outcome_row, receipt_rows

OF_A_CAMERA = 100  # clips of each camera, which is docked once, and of each officer
_ATTRIBUTED = 10  # one clip in so many has an officer
_AT_ONCE = 20  # dockings in one transaction
_BORN = datetime(2025, 1, 1, tzinfo=UTC)
_KEPT_UNTIL = "2099-01-01T00:00:00.000Z"  # so that nothing is due while something is measured
_SIZE = 100_000_000

# What differs from clip to clip: the value in the clip that the texts are made of -> its name.
_SAMPLE = {
    "clip": "0" * 25 + "c",
    "docking": "0" * 25 + "d",
    "camera": "ca" * 32,
    "path": "ba" * 32,
    "officer": "0f" * 32,
    "mtime_ns": "1000000001002003004",
    "recorded_at": "2001-02-03T04:05:06.789Z",
    "fingerprint": "fe" * 32,
    "sha256": "5a" * 32,
    "t": "2002-03-04T05:06:07.890Z",
    "bt": "987654321012",
    "nonce": "9e" * 16,
    "prev": "12" * 32,
    "seq": "987654321098",
}


class _Steady(_Clock):
    """A clock that is read half an hour later each time."""

    def boottime_ms(self) -> int:
        self._ms += 1_800_000
        return self._ms

    def stamp(self) -> Stamp:
        return Stamp(t=iso(self.now()), bt=self.boottime_ms(), boot=self.boot_id(), ntp=self.synchronised())


def camera_of(docking: int) -> str:
    """Return the serial of the camera that was docked so many dockings after the first."""
    return f"CAMERA-{docking:06}"


def officer_of(number: int) -> str:
    """Return the id of an officer."""
    return f"PC-{number:06}"


def long_journal(path: Path, clips: int) -> int:
    """Make a journal with so many clips, a hundred of each camera; return how many entries it has.

    `clips` is a multiple of a hundred. Every clip was found, acquired, dated, proven in the vault and left on
    its camera; each tenth one was attributed to an officer.
    """
    clock, dockings = _Steady(), range(clips // OF_A_CAMERA)
    with open_journal(path, clock) as journal:
        config = hashlib.sha256(b"configuration").hexdigest()
        started = DockStarted(dock="BENCH", version="0", sqlite_version="3", config_sha256=config)
        journal.append([started])
        for some in _parts(dockings):
            journal.append([fact for number in some for fact in _begun(number)])
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        _Clips(db, clock, clips).write()
    with open_journal(path, clock) as journal:
        for some in _parts(dockings):
            journal.append([fact for number in some for fact in docking_ended(docking_id(number))])
        journal.append([DockStopped()])
        return journal.size()


def _parts(numbers: range) -> Iterator[range]:
    return (numbers[first : first + _AT_ONCE] for first in range(0, len(numbers), _AT_ONCE))


def docking_id(number: int) -> str:
    """Return the id of a docking."""
    return make_id(1_735_689_600_000 + number, number.to_bytes(ID_BYTES, "big"))


def clip_id(number: int) -> str:
    """Return the id of a clip."""
    return make_id(1_735_700_000_000 + number * 1000, number.to_bytes(ID_BYTES, "big"))


def _begun(number: int) -> list[Fact]:
    return docking_begun(docking_id(number), camera_of(number), bay="1-1", clips=OF_A_CAMERA)


def _sample() -> list[ClipFact]:
    """Return the life of the clip that the texts are made of."""
    clip, docking, sha256 = (_SAMPLE[name] for name in ("clip", "docking", "sha256"))
    file = SourceFile(
        path=_SAMPLE["path"],
        size=_SIZE,
        mtime_ns=int(_SAMPLE["mtime_ns"]),
        fingerprint=_SAMPLE["fingerprint"],
        volume="lun0-part1",
        extension=".mp4",
    )
    part = AcquiredPart(size=_SIZE, sha256=sha256, pieces=(sha256,), read_bytes=_SIZE)
    at, there = _SAMPLE["recorded_at"], f"{clip}/0.mp4"
    return [
        ClipFound(clip=clip, docking=docking, camera=_SAMPLE["camera"], files=(file,), times="utc"),
        ClipAcquired(clip=clip, docking=docking, parts=(part,)),
        ClipDated(
            clip=clip,
            raw=at,
            recorded_at=at,
            uncertainty_ms=2000,
            basis="the camera's clock was read when it was docked, and was right",
            retain_until=_KEPT_UNTIL,
            rule="camera-clock",
            times="utc",
        ),
        ClipAttributed(clip=clip, officer=_SAMPLE["officer"]),
        ClipUploaded(clip=clip, destination="vault", object=there),
        ClipVerified(
            clip=clip,
            destination="vault",
            object=there,
            version="",
            sha256=sha256,
            method="read-back",
        ),
        ClipReleased(clip=clip, kept=True),
    ]


def _template(fact: Fact) -> str:
    """Return the text of a fact's entry, with a place for each value that differs."""
    stamp = Stamp(t=_SAMPLE["t"], bt=int(_SAMPLE["bt"]), boot=_Clock().boot_id(), ntp=True)
    text, _ = encode(
        fact,
        seq=int(_SAMPLE["seq"]),
        stamp=stamp,
        nonce=_SAMPLE["nonce"],
        prev=_SAMPLE["prev"],
        commit=lambda _, value: value,
    )
    text = text.replace("%", "%%")
    for name, value in _SAMPLE.items():
        text = text.replace(value, f"%({name})s")
    return text


class _Clips:
    """The clips of a journal that has their dockings."""

    def __init__(self, db: sqlite3.Connection, clock: _Steady, clips: int) -> None:
        self._db, self._clock, self._clips = db, clock, clips
        life = _sample()
        self._texts = [(type(fact), fact.kind, hasattr(fact, "docking"), _template(fact)) for fact in life]
        known: KnownClip | None = None
        for fact in life:
            known = add_clip_fact(known, fact, _SAMPLE["t"])
        assert known is not None
        self._known = known
        [self._acquired] = [fact for fact in life if isinstance(fact, ClipAcquired)]
        found = {"camera": _SAMPLE["camera"], "files": [{"path": _SAMPLE["path"]}]}
        columns = [str(row[1]) for row in db.execute("PRAGMA table_info(clip)")]
        self._row = dict(zip(columns, clip_row(known, found, People(officer="")), strict=True))
        cameras = "SELECT value, commitment FROM private WHERE field = 'camera'"
        self._cameras = dict(db.execute(cameras))
        self._officers: dict[str, int] = {}
        self._officer: tuple[int, str] = (-1, "")
        tree = read_tree(db)
        self._tree = GrowingTree(tree)
        self._last = str(
            db.execute("SELECT leaf_hash FROM entry WHERE seq = ?", (tree.size - 1,)).fetchone()[0].hex()
        )

    def write(self) -> None:
        """Write them all."""
        db = self._db
        db.execute("PRAGMA journal_mode = OFF")
        db.execute("PRAGMA synchronous = OFF")
        db.execute("PRAGMA cache_size = -400000")
        # Made anew in the end, each in one go.
        indexes = db.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND sql <> ''")
        kept = indexes.fetchall()
        for name, _ in kept:
            db.execute(f"DROP INDEX {name}")
        for some in _parts(range(self._clips // OF_A_CAMERA)):
            db.execute("BEGIN")
            for number in some:
                self._docking(number)
            tiles.grow(db, self._tree.size)
            write_tree(db, Tree(self._tree.size, self._tree.edge))
            db.execute("COMMIT")
        db.execute("BEGIN")
        state, served = self._row["state"], self._row["served"]
        db.execute("INSERT INTO tally VALUES (?, ?, ?, ?)", (state, served, self._clips, self._clips * _SIZE))
        db.executemany("INSERT INTO attribution VALUES (?, ?)", self._officers.items())
        for _, sql in kept:
            db.execute(sql)
        db.execute("COMMIT")

    def _docking(self, number: int) -> None:
        stamp, docking = self._clock.stamp(), docking_id(number)
        first = number * OF_A_CAMERA
        clips = [
            self._values(number, clip, stamp) for clip in range(first, min(first + OF_A_CAMERA, self._clips))
        ]
        db = self._db
        entries = [row for values in clips for row in self._entries(values)]
        db.executemany("INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?)", entries)
        rows = [self._clip_row(values) for values in clips]
        marks = ", ".join(f":{column}" for column in self._row)
        db.executemany(f"INSERT INTO clip VALUES ({marks})", rows)  # noqa: S608 - names of columns
        [receipt] = receipt_rows(self._known)
        receipts = [tuple(self._filled(value, values) for value in receipt) for values in clips]
        db.executemany(f"INSERT INTO receipt VALUES ({', '.join('?' * len(receipt))})", receipts)  # noqa: S608
        outcome = settled_outcome(None, outcome_of(self._acquired))
        outcomes = [(docking, *outcome_row(replace(outcome, clip=values["clip"]))) for values in clips]
        db.executemany("INSERT INTO docking_clip VALUES (?, ?, ?, ?, ?, ?)", outcomes)
        known = lookups.known_docking(db, docking)
        assert known is not None
        row = lookups.docking_row(add_clip_outcomes(known, [(None, outcome)] * len(clips)))
        db.execute(f"INSERT OR REPLACE INTO docking VALUES ({', '.join('?' * len(row))})", row)  # noqa: S608
        db.execute("INSERT OR REPLACE INTO destination VALUES ('vault', ?)", (stamp.t,))

    def _values(self, docking: int, number: int, stamp: Stamp) -> dict[str, Any]:
        """Return the values of one clip, by their names in the sample; make what they commit to."""
        recorded = _BORN + timedelta(seconds=30 * number)
        path = f"DCIM/100MEDIA/VID_{number % OF_A_CAMERA:06}.MP4"
        camera = camera_of(docking)
        officer = ""
        if number % _ATTRIBUTED == 0:
            officer = self._of_officer(number // (OF_A_CAMERA * _ATTRIBUTED))
        self._officers[officer] = self._officers.get(officer, 0) + 1
        return {
            "clip": clip_id(number),
            "docking": docking_id(docking),
            "serial": camera,
            "camera": self._cameras[camera],
            "path": self._commit("path", path),
            "plain_path": path,
            "officer": officer,
            "mtime_ns": nanoseconds(recorded),
            "recorded_at": iso(recorded),
            "fingerprint": hashlib.sha256(f"f{number}".encode()).hexdigest(),
            "sha256": hashlib.sha256(f"clip{number}".encode()).hexdigest(),
            "t": stamp.t,
            "bt": stamp.bt,
        }

    def _of_officer(self, number: int) -> str:
        if self._officer[0] != number:
            self._officer = number, self._commit("officer", officer_of(number))
        return self._officer[1]

    def _commit(self, field: str, value: str) -> str:
        salt = os.urandom(SALT_BYTES)
        made = commitment(field, salt, value)
        self._db.execute("INSERT INTO private VALUES (?, ?, ?, ?)", (made, field, salt, value))
        return made

    def _entries(self, values: dict[str, Any]) -> Iterator[tuple[object, ...]]:
        for fact, kind, of_docking, text in self._texts:
            if fact is ClipAttributed and not values["officer"]:
                continue
            seq = self._tree.size
            values |= {"seq": seq, "nonce": os.urandom(16).hex(), "prev": self._last}
            leaf = text % values
            hashed = leaf_hash(leaf)
            self._tree.append(hashed)
            self._last = hashed.hex()
            yield seq, leaf, hashed, kind, values["clip"], values["docking"] if of_docking else None

    def _clip_row(self, values: Mapping[str, Any]) -> dict[str, object]:
        file = replace(
            self._known.clip.files[0],
            path=values["plain_path"],
            mtime_ns=values["mtime_ns"],
            fingerprint=values["fingerprint"],
        )
        known_as = identity(values["serial"], file, self._known.clip.known_by)
        row = {column: self._filled(value, values) for column, value in self._row.items()}
        return row | {
            "identity": bytes.fromhex(known_as),
            "recorded_ns": values["mtime_ns"],
            "officer": values["officer"],
        }

    def _filled(self, value: object, values: Mapping[str, Any]) -> object:
        """Return a value of the sample's rows as it is in the clip's."""
        if isinstance(value, str):
            for name in ("clip", "docking", "camera", "path", "sha256", "t"):
                value = value.replace(_SAMPLE[name], str(values[name]))
        return value
