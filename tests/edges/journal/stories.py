# ruff: noqa: S608 - statements of our own words are what tests of a journal are made of
"""What happens on a dock, told in facts, for tests of the journal."""

from __future__ import annotations

import hashlib
import random
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from importlib import resources
from pathlib import Path
from typing import Any

from bwvdock.core.clips.dates.dating import DateRule
from bwvdock.core.facts import (
    AcquiredPart,
    CameraAttached,
    CameraAuthorised,
    CameraDetached,
    CameraEnrolled,
    CameraListed,
    CameraSettled,
    ClipAcquired,
    ClipDated,
    ClipFound,
    ClipReleased,
    ClipRetired,
    ClipUploaded,
    ClipVerified,
    CopyIntended,
    DockStarted,
    DockStopped,
    Fact,
    SourceFile,
)
from bwvdock.core.media.sightings import Transport
from bwvdock.core.moments import iso
from bwvdock.core.ports import ClockState
from bwvdock.edges.journal import Journal, open_journal
from bwvdock.edges.journal.database import APPLICATION_ID, MIGRATIONS
from tests.fakes.journals import lay_empty_journal

SERIAL = "CAM-17"
BORN = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)


@dataclass
class SteadyClock:
    """A clock that moves by `step` milliseconds each time it is asked."""

    ticks: int = 0
    step: int = 1
    boot: str = "0d7b7a9e-boot"
    synced: bool = True
    born: datetime = field(default=BORN)

    def now(self) -> datetime:
        self.ticks += self.step
        return self.born + timedelta(milliseconds=self.ticks)

    def boottime_ms(self) -> int:
        return 60_000 + self.ticks

    def boot_id(self) -> str:
        return self.boot

    def synchronised(self) -> bool:
        return self.synced

    def state(self) -> ClockState:
        return ClockState(source="", error_ms=-1, most_ms=-1)


def seeded(seed: int = 7) -> Callable[[int], bytes]:
    """Return reproducible salts."""
    return random.Random(seed).randbytes


def journal_at(path: Path, clock: SteadyClock | None = None) -> Journal:
    lay_empty_journal(path)
    return open_journal(path, clock or SteadyClock(), random=seeded(7 + entries(path)))


def entries(path: Path) -> int:
    """Count the entries of a journal, 0 where it cannot be read: no two openings have the same nonces."""
    with suppress(sqlite3.Error):
        return int(ask(path, "SELECT count(*) FROM entry")[0][0])
    return 0


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def started() -> DockStarted:
    return DockStarted(dock="LEW-03", version="0.1.0", sqlite_version="3.40.1", config_sha256=digest("c"))


def source(number: int, *, size: int = 1000, path: str = "") -> SourceFile:
    return SourceFile(
        path=path or f"DCIM/100MEDIA/VID_{number:06}.MP4",
        size=size,
        mtime_ns=1_700_000_000_000_000_000 + number * 10**9,
        fingerprint=digest(f"f{number}"),
        volume="lun0-part1",
    )


def attached(docking: str, *, camera: str = SERIAL, bay: str = "1-2.1") -> list[Fact]:
    return [
        CameraAttached(
            docking=docking, camera=camera, bay=bay, transport=Transport.MASS_STORAGE, model="X100"
        ),
        CameraAuthorised(docking=docking, rule="enrolled"),
    ]


def listed(docking: str, *, new: int, **others: int) -> CameraListed:
    told: dict[str, Any] = {"already_held": 0, "not_ready": 0, "unreadable": 0, "refused": 0} | others
    return CameraListed(
        docking=docking,
        volume="lun0-part1",
        profile="generic-dcf",
        seen=new + sum(told.values()),
        new=new,
        listing_sha256=digest("listing"),
        **told,
    )


def found(clip: str, docking: str, number: int, *, camera: str = SERIAL, size: int = 1000) -> ClipFound:
    return ClipFound(clip=clip, docking=docking, camera=camera, files=(source(number, size=size),))


def acquired(clip: str, docking: str, number: int, *, size: int = 1000) -> ClipAcquired:
    part = AcquiredPart(
        size=size, sha256=digest(f"clip{number}"), pieces=(digest(f"piece{number}"),), read_bytes=size
    )
    return ClipAcquired(clip=clip, docking=docking, parts=(part,))


def dated(clip: str, moment: str, accuracy_ms: int = 1000) -> ClipDated:
    """Return that a camera's clock was read, so that the time of a clip is known so well."""
    return ClipDated(
        clip=clip,
        raw=moment,
        recorded_at=moment,
        uncertainty_ms=accuracy_ms,
        basis="read",
        retain_until=iso(datetime.fromisoformat(moment) + timedelta(days=31)),
        rule=DateRule.CLOCK_READ,
    )


def uploaded(clip: str, destination: str = "vault", awaiting: tuple[str, ...] = ()) -> ClipUploaded:
    return ClipUploaded(clip=clip, destination=destination, object=f"{clip}/0.mp4", awaiting=awaiting)


def verified(
    clip: str, number: int, destination: str = "vault", awaiting: tuple[str, ...] = ()
) -> ClipVerified:
    return ClipVerified(
        clip=clip,
        destination=destination,
        object=f"{clip}/0.mp4",
        version="",
        sha256=digest(f"clip{number}"),
        method="read-back",
        awaiting=awaiting,
    )


def clip_id(number: int) -> str:
    return f"01hq{number:014}"


def docking_id(number: int) -> str:
    return f"01dk{number:014}"


def transfer(clip: str, docking: str, number: int) -> list[Fact]:
    """Tell a clip's way from found to verified: five facts."""
    return [
        found(clip, docking, number),
        CopyIntended(clip=clip, docking=docking),
        acquired(clip, docking, number),
        uploaded(clip),
        verified(clip, number),
    ]


def released(clip: str) -> list[Fact]:
    return [ClipReleased(clip=clip, kept=True), ClipRetired(clip=clip)]


def whole_docking(docking: str, numbers: Sequence[int]) -> list[Fact]:
    """Tell a docking from plug to pull in which every clip is copied and verified."""
    middle = [fact for n in numbers for fact in transfer(clip_id(n), docking, n)]
    return [
        *attached(docking),
        listed(docking, new=len(numbers)),
        *middle,
        CameraSettled(docking=docking),
        CameraDetached(docking=docking, reason="removed", residual=0, complete=True),
    ]


def day(numbers: Sequence[int] = range(3)) -> list[Fact]:
    """Tell a dock's day: start, an enrolment, one whole docking, stop."""
    return [
        started(),
        CameraEnrolled(camera=SERIAL, model="", actor="ops"),
        *whole_docking(docking_id(1), numbers),
        DockStopped(),
    ]


def told(path: Path, facts: Iterable[Fact] | None = None) -> Path:
    """Return a closed journal in which this happened."""
    with journal_at(path) as journal:
        journal.append(list(day() if facts is None else facts))
    return path


def ask(path: Path, query: str) -> list[tuple[Any, ...]]:
    """Return what a query answers, past all our own code."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as db:
        return db.execute(query).fetchall()


def tamper(path: Path, *statements: str) -> None:
    """Change a closed journal as somebody could who may write the file: its triggers are out of the way."""
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        triggers = "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'"
        kept = db.execute(triggers).fetchall()
        for name, _ in kept:
            db.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            db.execute(statement)
        for _, made in kept:
            db.execute(made)


def as_of(path: Path, version: int) -> Path:
    """Make a closed journal what an earlier version left behind: its tables, with what they could hold.

    Its entries stay what they are: real ones of an earlier version are in fixtures/state/.
    """
    new = path.rename(path.with_name("of-today"))
    scripts = resources.files("bwvdock.edges.journal")
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        for name in MIGRATIONS[:version]:
            db.executescript(scripts.joinpath(name).read_text(encoding="utf-8"))
        tables = db.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall()
        db.execute("ATTACH ? AS new", (str(new),))
        db.execute("DELETE FROM dock")
        for (table,) in tables:
            columns = ", ".join(row[1] for row in db.execute(f"PRAGMA main.table_info({table})").fetchall())
            db.execute(f"INSERT INTO main.{table} ({columns}) SELECT {columns} FROM new.{table}")
        db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        db.execute(f"PRAGMA user_version = {version}")
    return path
