"""How do matches of clips and events read to a person, and in JSON?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from itertools import groupby
from typing import Any

from bwvdock.cli.output.texts import within
from bwvdock.core.events.records import MatchRow
from bwvdock.units import format_count


def how(found: MatchRow) -> str:
    """Return how sure it is that a clip is of an event."""
    overlap = f"overlaps by {found.overlap_ms // 1000} s as dated" if found.overlap_ms else "near it as dated"
    return f"{found.basis}, by {found.role}: {overlap}{within(found.uncertainty_ms)}"


def event_lines(clip: str, matches: Sequence[MatchRow]) -> Iterator[str]:
    """Yield a line for each event that a clip may be of: how sure that is, and which others are of it.

    Args:
        clip: its id.
        matches: of its events, with all their clips.
    """
    for event, found in groupby(matches, key=lambda one: one.event):
        rows = list(found)
        others = [row for row in rows if row.clip != clip]
        cameras = len({row.camera for row in others})
        of_it = f"; {format_count(len(others), 'other clip')} of {format_count(cameras, 'camera')} too"
        for own in (row for row in rows if row.clip == clip):
            yield f"{event or '(erased)'}: {how(own)}{of_it if others else ''}"


def of_clip(clip: str, matches: Sequence[MatchRow]) -> list[dict[str, Any]]:
    """Return the events that a clip may be of, each with the other clips that may be of it, for JSON."""
    found: dict[str, dict[str, Any]] = {}
    for row in matches:
        told = asdict(row)
        event = told.pop("event")
        one = found.setdefault(event, {"event": event, "clips": []})
        if row.clip == clip:
            one |= {name: told[name] for name in ("basis", "role", "overlap_ms", "uncertainty_ms")}
        else:
            one["clips"].append(told)
    return list(found.values())
