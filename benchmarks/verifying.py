"""How many entries a second does `custody verify` check, by processor time, and how much memory does it take?

The journal is made by the writer: dockings of twenty clips, each from being found to its custody document.
"""

from __future__ import annotations

import hashlib
import resource
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.dock import _Clock
from benchmarks.measure import measure, table
from bwvdock.core.facts import (
    AcquiredPart,
    CameraAttached,
    CameraAuthorised,
    CameraDetached,
    CameraListed,
    CameraSettled,
    ClipAcquired,
    ClipAttributed,
    ClipDated,
    ClipDescribed,
    ClipFound,
    ClipUploaded,
    ClipVerified,
    CopyIntended,
    DockStarted,
    Fact,
    SourceFile,
)
from bwvdock.core.moments import iso
from bwvdock.edges.journal import open_journal
from bwvdock.edges.journal.verify.verify import verify_journal
from bwvdock.runtime.turn_priority import look_for_garbage_rarely

ENTRIES = 400_000
_FEWER = 50_000
_CLIPS = 20  # of a docking
_CAMERAS, _OFFICERS = 64, 200
_GOAL = 25_000
_BORN = datetime(2026, 1, 1, tzinfo=UTC)


def verifying(memory: Path, disk: Path) -> str:  # noqa: ARG001 - every section is given both
    """Measure; return the section of the document."""
    rows = []
    for entries in (_FEWER, ENTRIES):
        path = disk / f"verifying-{entries}" / "journal.sqlite3"
        path.parent.mkdir()
        print(f"  making a journal of {entries:,} entries", flush=True)
        made = make_journal(path, entries)
        cost = measure([sys.executable, "-m", "benchmarks.verifying", str(path)])
        rate, peak = made / cost.told["cpu"], cost.peak_mib
        goal = f"{_GOAL:,}" if entries == ENTRIES else ""
        rows.append([f"{made:,}", f"{cost.told['cpu']:.1f}", f"{rate:,.0f}", goal, f"{peak:.0f}"])
    head = ["entries", "CPU s", "entries a second", "to reach", "peak MiB"]
    return f"## A full `custody verify --journal-only`\n\n{table(head, rows)}"


def make_journal(path: Path, entries: int) -> int:
    """Make a journal of about so many entries; return how many it has."""
    with open_journal(path, _Clock()) as journal:
        [last] = journal.append(
            [DockStarted(dock="BENCH", version="0", sqlite_version="3", config_sha256=_digest("c"))]
        )
        docking = 0
        while last + 1 < entries:
            *_, last = journal.append(docking_facts(docking))
            docking += 1
    return last + 1


def docking_facts(number: int) -> list[Fact]:
    """Return the facts of one docking, with the whole lives of its clips."""
    docking, camera = f"01dk{number:022}", f"CAM-{number % _CAMERAS:04}"
    clips = [fact for n in range(_CLIPS) for fact in _clip(number * _CLIPS + n, docking, camera)]
    begun = docking_begun(docking, camera, bay=f"1-{number % 9}", clips=_CLIPS)
    return [*begun, *clips, *docking_ended(docking)]


def docking_begun(docking: str, camera: str, *, bay: str, clips: int) -> list[Fact]:
    """Return the facts from a docking's begin to the listing of so many clips, all of them new."""
    return [
        CameraAttached(docking=docking, camera=camera, bay=bay, transport="mass-storage", model="X"),
        CameraAuthorised(docking=docking, rule="enrolled"),
        CameraListed(
            docking=docking,
            volume="lun0-part1",
            profile="generic-dcf",
            seen=clips,
            new=clips,
            already_held=0,
            not_ready=0,
            unreadable=0,
            refused=0,
            listing_sha256=_digest(docking),
        ),
    ]


def docking_ended(docking: str) -> list[Fact]:
    """Return the facts of a docking's end, all of it taken."""
    return [
        CameraSettled(docking=docking),
        CameraDetached(docking=docking, reason="removed", residual=0, complete=True),
    ]


def _clip(number: int, docking: str, camera: str) -> list[Fact]:
    clip, sha256, at = f"01hq{number:022}", _digest(f"clip{number}"), _BORN + timedelta(seconds=number)
    there, size = f"{clip}/0.mp4", 400_000_000 + number
    mtime_ns = int(at.timestamp()) * 10**9
    file = SourceFile(
        path=f"DCIM/100MEDIA/VID_{number:06}.MP4",
        size=size,
        mtime_ns=mtime_ns,
        fingerprint=_digest(f"f{number}"),
        volume="lun0-part1",
        extension=".mp4",
    )
    pieces = tuple(_digest(f"{number}.{piece}") for piece in range(3))
    part = AcquiredPart(size=size, sha256=sha256, pieces=pieces, read_bytes=size)
    dated = ClipDated(
        clip=clip,
        raw=iso(at),
        recorded_at=iso(at),
        uncertainty_ms=2000,
        basis="the camera's clock was read when it was docked, and was right",
        retain_until=iso(at + timedelta(days=31)),
        rule="camera-clock",
        times="utc",
    )
    return [
        ClipFound(clip=clip, docking=docking, camera=camera, files=(file,), times="utc"),
        CopyIntended(clip=clip, docking=docking),
        ClipAcquired(clip=clip, docking=docking, parts=(part,), header_s=int(at.timestamp())),
        dated,
        ClipAttributed(clip=clip, officer=f"PC-{number % _OFFICERS:04}"),
        ClipUploaded(clip=clip, destination="vault", object=there),
        ClipVerified(
            clip=clip,
            destination="vault",
            object=there,
            version="",
            sha256=sha256,
            method="read-back",
            owes_document=True,
        ),
        ClipDescribed(
            clip=clip,
            destination="vault",
            object=f"{there}.json",
            sha256=_digest(f"d{number}"),
            revision=2,
        ),
    ]


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _verify(path: Path) -> None:
    """Verify one journal in this process; print what that took."""
    look_for_garbage_rarely()  # as the command does
    began = time.process_time()
    verification = verify_journal(path)
    print(f"cpu={time.process_time() - began:.3f}")
    print(f"peak_mib={resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f}")
    if not verification.ok:
        sys.exit(str(verification.problems[:3] or verification.errors[:3]))


if __name__ == "__main__":
    _verify(Path(sys.argv[1]))
