"""Which rows do the entries of a clip make? The projection writes them, verification computes them too."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bwvdock.core.clips.identity import identity
from bwvdock.core.custody.records import ClipOutcome
from bwvdock.core.moments import nanoseconds
from bwvdock.edges.journal.folds import (
    KnownClip,
)
from bwvdock.edges.journal.people import People

_INT64 = 2**63 - 1


def int64(number: int) -> int:
    """Return the nearest number that an SQLite column holds; a folder's times may lie outside."""
    return min(max(number, -_INT64), _INT64)


def clip_row(
    known: KnownClip, found: Mapping[str, Any], people: People | None = None
) -> tuple[str | int | bytes | None, ...]:
    """Return a clip's row; `found` is the data of its first entry, for the commitments."""
    clip = known.clip
    state, docking, footage, acquired_at, served, owing, due, resumed = moving_row(known)
    recorded_ns, *said = said_row(known)
    people = people or People()
    return (
        clip.id,
        state,
        found["camera"],
        docking,
        bytes.fromhex(identity(clip.camera, clip.files[0], clip.known_by)),
        found["files"][0]["path"],
        clip.size,
        footage,
        recorded_ns,
        clip.sha256,
        acquired_at,
        served,
        owing,
        due,
        *said,
        people.officer,
        people.case,
        resumed,
        *known.meaning,
    )


def said_row(known: KnownClip) -> tuple[int, int, int, str]:
    """Return when a clip was recorded and what was said of it."""
    clip, dated = known.clip, known.clip.dated
    at = nanoseconds(datetime.fromisoformat(dated.recorded_at)) if dated else clip.files[0].mtime_ns
    return int64(at), int(clip.evidential), int(clip.held), clip.retain_until


def sidecar_rows(known: KnownClip) -> list[tuple[bytes, str]]:
    """Return the rows of a clip's sidecars; the same sidecar listed twice is one."""
    clip = known.clip
    identities = (identity(clip.camera, file, clip.known_by) for file in clip.files[1:])
    return sorted({(bytes.fromhex(its), clip.id) for its in identities})


def moving_row(known: KnownClip) -> tuple[str, str, int, str | None, str, str, str, str]:
    """Return what changes of a clip's row as it goes its way."""
    clip, lists = known.clip, (known.served, known.owing, known.due, known.resumed)
    return clip.state, clip.docking, known.footage, known.acquired_at, *lists


def receipt_rows(known: KnownClip) -> list[tuple[str, ...]]:
    """Return the rows of a clip's receipts."""
    clip, received = known.clip, known.received
    return [
        (
            clip.id,
            r.destination,
            r.object,
            r.version,
            r.sha256,
            r.method,
            received[name],
            clip.described.get(name, ""),
            clip.undescribed.get(name, ""),
            known.again.get(name, ""),
        )
        for name, r in clip.receipts.items()
    ]


def failure_rows(known: KnownClip) -> list[tuple[str, ...]]:
    """Return the rows of a clip's copies that were found lost or changed."""
    return [
        (known.clip.id, name, loss.finding, loss.found_at, loss.ended_at, loss.outcome)
        for name, loss in known.failures.items()
    ]


def outcome_row(outcome: ClipOutcome) -> tuple[str | int, ...]:
    """Return the row of a clip's outcome in a docking, but for the docking's id."""
    return outcome.clip, outcome.outcome, outcome.reason, outcome.size, outcome.read
