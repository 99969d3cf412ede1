"""How does a journal entry read to a person? One sentence for each kind of fact.

Only what the entry says: no sentence here claims more than its fact.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from bwvdock.cli.output.screen import camera_time, size, when
from bwvdock.core.custody.records import Entry

Data = Mapping[str, Any]
_ERASED = "(erased)"


def tell(entry: Entry) -> str:
    """Return an entry's line: when, its number, and what happened."""
    sentence = _SENTENCES.get(entry.kind)
    told = sentence(entry.data) if sentence else entry.kind.replace("_", " ")
    return f"{when(entry.time)}  #{entry.seq:<6} {told}"


def _text(data: Data, key: str) -> str:
    value = data.get(key)
    return _ERASED if value is None else str(value)


def _found(data: Data) -> str:
    files = data.get("files") or ()
    sidecars = f" with {_sidecars(len(files) - 1)}" if len(files) > 1 else ""
    marked = ", marked by its officer" if data.get("marked") else ""
    first = files[0] if files else {}
    return (
        f"found on camera {_text(data, 'camera')} in docking {_text(data, 'docking')}: {_text(first, 'path')}"
        f"{sidecars}, {size(sum(f['size'] for f in files))}{marked}{_notes(data)}"
    )


def _acquired(data: Data) -> str:
    parts = data.get("parts") or ()
    total, read = sum(p["size"] for p in parts), sum(p["read_bytes"] for p in parts)
    kept = sum(p["resumed_at"] for p in parts)
    resumed = (
        f"; {size(kept)} of it stood here from an earlier docking, {size(read)} was read" if kept else ""
    )
    digest = parts[0]["sha256"] if parts else ""
    return (
        f"acquired in docking {_text(data, 'docking')}: {size(total)} copied{resumed}, "
        f"read back from the disk, SHA-256 {digest}{_notes(data)}"
    )


def _notes(data: Data) -> str:
    return "".join(f"; note: {note}" for note in data.get("notes") or ())


def _awaiting(data: Data) -> str:
    names = ", ".join(data.get("awaiting") or ())
    return f"; still to be served: {names}" if names else ""


def _uploaded(data: Data) -> str:
    where = f"{_text(data, 'destination')}, as {_text(data, 'object')}"
    return f"uploaded to {where}: its length matches, its content is not yet compared{_awaiting(data)}"


def _verified(data: Data) -> str:
    version = f", version {data['version']}" if data.get("version") else ""
    return (
        f"{_text(data, 'destination')} proven by {_text(data, 'method')} to hold SHA-256 "
        f"{_text(data, 'sha256')}{version}{_awaiting(data)}"
    )


_STEPS = ((2 * 86_400_000, 86_400_000, "d"), (2 * 3_600_000, 3_600_000, "h"), (120_000, 60_000, "min"))


def _dated(data: Data) -> str:
    until = f"kept until {when(data['retain_until'])} unless it is evidence" if data["retain_until"] else ""
    return (
        f"recorded by the camera {camera_time(_text(data, 'raw'))}, corrected "
        f"{camera_time(_text(data, 'recorded_at'))} UTC{_within(data['uncertainty_ms'])}: "
        f"{_text(data, 'basis')}; {until or 'until when it is kept is not known yet'}"
    )


def camera_clock(data: Data) -> str:
    """Return what a camera's clock showed at its docking, and how far it was off."""
    showed = f"the camera's showed {_text(data, 'raw')}, {_how_far_off(data)} ({_text(data, 'source')})"
    return showed if data["dock_synchronised"] else f"{showed}; the dock's own was not synchronised"


def _how_far_off(data: Data) -> str:
    if not data["understood"]:
        return "from which nothing follows"
    ahead_s = timedelta(seconds=abs(data["offset_ms"]) // 1000)
    return f"{ahead_s} {'ahead' if data['offset_ms'] >= 0 else 'behind'}{_within(data['uncertainty_ms'])}"


def _within(ms: int) -> str:
    """Return how far a time may be off either way, rounded up."""
    if ms < 0:
        return " (how exactly is not known)"
    unit, name = next(((unit, name) for least, unit, name in _STEPS if ms >= least), (1000, "s"))
    return f" ±{-(-ms // unit)} {name}"


def _released(data: Data) -> str:
    if data.get("kept"):
        return "released: the camera's copy is left where it is"
    return "released: the camera's copy is erased"


_SENTENCES: Mapping[str, Callable[[Data], str]] = {
    "clip_found": _found,
    "copy_intended": lambda data: f"copy begun in docking {_text(data, 'docking')}",
    "clip_acquired": _acquired,
    "clip_uploaded": _uploaded,
    "clip_verified": _verified,
    "release_intended": lambda _: "the camera's copy is about to be erased",
    "clip_released": _released,
    "clip_retired": lambda _: "the spool's copy is gone",
    "clip_quarantined": lambda data: f"QUARANTINED: {_text(data, 'reason')}",
    "clip_recalled": lambda data: f"to be copied from its camera again, by order of {_text(data, 'actor')}",
    "clip_retried": lambda data: f"to be served from the spool again, by order of {_text(data, 'actor')}",
    "clip_described": lambda data: (
        f"custody document at {_text(data, 'destination')}: {_text(data, 'object')}"
    ),
    "document_refused": lambda data: (
        f"custody document REFUSED by destination {_text(data, 'destination')}: {_text(data, 'reason')}"
    ),
    "clip_dated": _dated,
    "clip_attributed": lambda data: (
        f"recorded by officer {_text(data, 'officer') or '(unassigned)'}"
        if "officer" in data
        else "attributed to an officer (withheld)"
    ),
    "clip_flagged": lambda data: f"evidence, by {_text(data, 'actor')}: {_text(data, 'reason')}",
    "clip_unflagged": lambda data: f"no evidence, by {_text(data, 'actor')}: {_text(data, 'reason')}",
    "clip_held": lambda data: f"HELD by {_text(data, 'actor')}: {_text(data, 'reason')}",
    "clip_unheld": lambda data: f"no longer held, by {_text(data, 'actor')}: {_text(data, 'reason')}",
    "disposal_intended": lambda data: (
        f"the copy at {_text(data, 'place')} is about to be disposed of: {_text(data, 'reason')}"
    ),
    "clip_disposed": lambda data: f"the copy at {_text(data, 'place')} is disposed of",
    "delivery_refused": lambda data: (
        f"REFUSED by destination {_text(data, 'destination')}: {_text(data, 'reason')}"
    ),
    "delivery_resumed": lambda data: (
        f"to be offered again to those that refused it, by order of {_text(data, 'actor')}"
    ),
    "camera_relisted": lambda data: (
        f"volume {_text(data, 'volume')} listed again, {data['looked']} times: {data['new']:+} ready, "
        f"{data['not_ready']:+} still being written"
    ),
    "files_left": lambda data: (
        f"{len(data['files']) + data['more']} files of volume {_text(data, 'volume')} were NOT taken"
    ),
    "clip_skipped": lambda data: (
        f"not taken in docking {_text(data, 'docking')}: "
        f"{_text(data, 'outcome').replace('_', ' ')}, {_text(data, 'reason')}"
    ),
}


def _sidecars(count: int) -> str:
    return "a sidecar" if count == 1 else f"{count} sidecars"
