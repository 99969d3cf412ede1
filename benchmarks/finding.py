"""How long does it take to find footage among a million clips: by camera, officer, case, time, state?

The rows are made as the writer would make them, without their entries: a million real histories take an
hour, and finding reads none of them.
"""

from __future__ import annotations

import sqlite3
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from benchmarks.dock import _Clock
from benchmarks.measure import Contender, median, race, table
from bwvdock.core.clips.identity import ID_BYTES, make_id
from bwvdock.core.clips.states import ClipState
from bwvdock.core.custody.merkle import commitment
from bwvdock.core.custody.records import ClipFilter, ClipRow
from bwvdock.core.moments import iso
from bwvdock.edges.journal import JournalReader, open_journal

CLIPS = 1_000_000
_CAMERAS, _OFFICERS, _CASES = 400, 1000, 20_000
_GAPLESS = 100  # clips of one camera without a gap in their numbers
_ROUNDS = 9
_GOAL = 0.2
_BORN = datetime(2025, 1, 1, tzinfo=UTC)
_STEP = timedelta(seconds=30)


def million_clips(memory: Path, disk: Path) -> str:  # noqa: ARG001 - every section is given both
    """Measure; give the section of the document."""
    root = disk / "finding"
    (root / "state").mkdir(parents=True)
    path = root / "state" / "journal.sqlite3"
    config = root / "bwvdock.toml"
    config.write_text(f'[dock]\nid = "BENCH"\nstate_dir = "{root / "state"}"\n', encoding="utf-8")
    print(f"  making a journal of {CLIPS:,} clips", flush=True)
    with open_journal(path, _Clock()) as journal:
        journal.append([])
    fill(path, CLIPS)
    noon = _BORN + timedelta(days=100, hours=12)
    wanted = {
        "one camera": ClipFilter(camera="CAM-0007"),
        "one officer": ClipFilter(officer="PC-0042"),
        "one case": ClipFilter(case="C-00001"),
        "one officer's day": ClipFilter(officer="PC-0042", since=noon, until=noon + timedelta(days=1)),
        "four hours of all cameras": ClipFilter(since=noon, until=noon + timedelta(hours=4)),
        "in quarantine": ClipFilter(state=ClipState.QUARANTINED),
        "held": ClipFilter(held=True),
        "unassigned, of one camera": ClipFilter(camera="CAM-0007", unassigned=True),
    }
    rows = []
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as plain, JournalReader(path) as reader:
        for name, one in wanted.items():
            found = len(list(reader.clips(one)))
            seconds = _time(partial(_all, reader, one))
            trivial = _time(partial(_rows, plain, found))
            ratio = f"{seconds / trivial:.0f} times"
            rows.append([name, f"{found:,}", f"{seconds * 1000:.0f} ms", ratio, f"{_GOAL * 1000:.0f} ms"])
    rows.append(
        ["`bwvdock clips --camera S`, the whole program", "", f"{_program(config) * 1000:.0f} ms", "", ""]
    )
    head = ["", "clips", "median", "beside reading as many rows in the order of their ids", "to reach"]
    return f"## Finding footage among {CLIPS:,} clips\n\n{table(head, rows)}"


def _all(reader: JournalReader, wanted: ClipFilter) -> list[ClipRow]:
    return list(reader.clips(wanted))


def _rows(db: sqlite3.Connection, count: int) -> list[object]:
    return db.execute("SELECT * FROM clip ORDER BY id LIMIT ?", (count,)).fetchall()


def _time(what: Callable[[], object]) -> float:
    taken = []
    for _ in range(_ROUNDS):
        began = time.perf_counter()
        what()
        taken.append(time.perf_counter() - began)
    return statistics.median(taken)


def _program(config: Path) -> float:
    root = Path(__file__).resolve().parents[1]
    code = f"import sys; sys.path.insert(0, {str(root)!r}); from bwvdock.cli import main; main(sys.argv[1:])"
    command = [sys.executable, "-c", code, "clips", "--camera", "CAM-0007", "--config", str(config)]
    costs = race([Contender(name="clips", command=command, prepare=lambda: None)], rounds=5, budget=30)
    return median([cost.seconds for cost in costs["clips"]])


def fill(path: Path, clips: int, *, docked: Sequence[datetime] = ()) -> None:
    """Give a journal so many clips, each with a receipt; every camera was docked at each of these times.

    Its clips were found in these dockings, the oldest in the first; without one, in a docking of no camera.
    """
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("PRAGMA synchronous = OFF")
        db.execute("BEGIN")
        for field, name, count in (
            ("camera", "CAM-{:04}", _CAMERAS),
            ("officer", "PC-{:04}", _OFFICERS),
            ("case", "C-{:05}", _CASES),
        ):
            values = ((_named(field, n), field, bytes(32), name.format(n)) for n in range(count))
            db.executemany("INSERT INTO private VALUES (?, ?, ?, ?)", values)
        paths = ((_named("path", n), "path", bytes(32), _path(n // _CAMERAS)) for n in range(clips))
        db.executemany("INSERT INTO private VALUES (?, ?, ?, ?)", paths)
        shape = db.execute("PRAGMA table_info(clip)").fetchall()
        columns: dict[str, object] = {row[1]: 0 if row[2] == "INTEGER" else "" for row in shape}
        marks = ", ".join(f":{column}" for column in columns)
        db.executemany(f"INSERT INTO clip VALUES ({marks})", _clips(columns, clips, len(docked)))  # noqa: S608 - column names
        _dock(db, docked)
        db.executemany(
            "INSERT INTO receipt (clip, destination, object, version, sha256, method, received_at)"
            " VALUES (?, 'vault', 'o', '', ?, 'read-back', '2025-01-01T00:00:00Z')",
            ((_id(n), f"{n:064x}") for n in range(clips)),
        )
        db.execute("COMMIT")
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _named(field: str, number: int) -> str:
    return commitment(field, bytes(32), str(number))


def _path(number: int) -> str:
    """Return the path of a camera's clip; one in a hundred numbers is missing."""
    return f"DCIM/100MEDIA/{number + number // _GAPLESS}.MP4"


def _id(number: int) -> str:
    return make_id(1_735_689_600_000 + number * 30_000, number.to_bytes(ID_BYTES, "big"))


def _dock(db: sqlite3.Connection, docked: Sequence[datetime]) -> None:
    columns = [str(row[1]) for row in db.execute("PRAGMA table_info(docking)").fetchall()]
    counts = {str(row[1]): 0 for row in db.execute("PRAGMA table_info(docking)") if row[2] == "INTEGER"}
    marks = ", ".join(f":{column}" for column in columns)
    texts = dict.fromkeys(columns, "") | {"state": "detached", "transport": "mass-storage"}
    db.executemany(
        f"INSERT INTO docking VALUES ({marks})",  # noqa: S608 - column names
        (
            texts
            | counts
            | {
                "id": f"d{camera}-{number}",
                "camera": _named("camera", camera),
                "attached_at": iso(at),
                "detached_at": iso(at + timedelta(hours=1)),
                "complete": 1,
            }
            for number, at in enumerate(docked)
            for camera in range(_CAMERAS)
        ),
    )


def _clips(columns: Mapping[str, object], clips: int, dockings: int) -> Iterator[dict[str, object]]:
    cameras = [_named("camera", n) for n in range(_CAMERAS)]
    officers = [_named("officer", n) for n in range(_OFFICERS)]
    for n in range(clips):
        recorded = _BORN + n * _STEP
        known: dict[str, object] = {
            "id": _id(n),
            "state": "quarantined" if n % 50_000 == 7 else "retired",
            "camera": cameras[camera := n * 7 % _CAMERAS],
            "docking": f"d{camera}-{n * dockings // clips}" if dockings else "d",
            "identity": n.to_bytes(32, "big"),
            "path": _named("path", n),
            "size": 10**8,
            "footage": 10**8,
            "recorded_ns": int(recorded.timestamp()) * 10**9,
            "sha256": f"{n:064x}",
            "acquired_at": "2025-01-01T00:00:00.000Z",
            "served": "vault",
            "officer": "" if n % 100 == 99 else officers[n * 13 % _OFFICERS],
            "case_ref": _named("case", n // 20 % _CASES) if n % 20 == 0 else "",
            "evidential": int(n % 20 == 0),
            "held": int(n % 5000 == 0),
        }
        yield {column: known.get(column, none) for column, none in columns.items()}
