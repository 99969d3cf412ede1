"""How does a journal entry read to a person? One sentence for each kind of fact.

A sentence says what the entry records, and no more.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from bwvdock.cli.moments import localised, offset_ms, when
from bwvdock.cli.output.screen import camera_time, size
from bwvdock.core.custody.records import Entry
from bwvdock.core.visible_text import visible
from bwvdock.units import format_count

Data = Mapping[str, Any]
_ERASED = "(erased)"


def tell(entry: Entry) -> str:
    """Return the line of an entry: its time, its number, and what happened."""
    sentence = _SENTENCES.get(entry.kind)
    happened = sentence(entry.data) if sentence else entry.kind.replace("_", " ")
    return f"{when(entry.time)}  #{entry.seq:<6} {visible(localised(happened))}"


def _text(data: Data, key: str) -> str:
    value = data.get(key)
    return _ERASED if value is None else str(value)


def _found(data: Data) -> str:
    files = data.get("files") or ()
    sidecars = f" with {_sidecars(len(files) - 1)}" if len(files) > 1 else ""
    marked = ", marked on the camera" if data.get("marked") else ""
    first = files[0] if files else {}
    return (
        f"found on camera {_text(data, 'camera')} in docking {_text(data, 'docking')}: {_text(first, 'path')}"
        f"{sidecars}, {size(sum(f['size'] for f in files))}{marked}{_notes(data)}"
    )


def _acquired(data: Data) -> str:
    parts = data.get("parts") or ()
    total, read = sum(p["size"] for p in parts), sum(p["read_bytes"] for p in parts)
    kept = sum(p["resumed_at"] for p in parts)
    resumed = f" ({size(kept)} kept from an earlier docking, {size(read)} read now)" if kept else ""
    digest = parts[0]["sha256"] if parts else ""
    return (
        f"acquired in docking {_text(data, 'docking')}: {size(total)} copied{resumed}, "
        f"read back from the disk, SHA-256 {digest}{_notes(data)}"
    )


def _notes(data: Data) -> str:
    return "".join(f"; note: {note}" for note in data.get("notes") or ())


def _awaiting(data: Data) -> str:
    names = ", ".join(data.get("awaiting") or ())
    return f"; still to go to: {names}" if names else ""


def _uploaded(data: Data) -> str:
    return (
        f"uploaded to {_text(data, 'destination')} as {_text(data, 'object')}: length matches; "
        f"content not yet compared{_awaiting(data)}"
    )


def _verified(data: Data) -> str:
    version = f", version {data['version']}" if data.get("version") else ""
    return (
        f"copy at {_text(data, 'destination')} proven by {_text(data, 'method')}: SHA-256 "
        f"{_text(data, 'sha256')}{version}{_awaiting(data)}"
    )


_STEPS = ((2 * 86_400_000, 86_400_000, "d"), (2 * 3_600_000, 3_600_000, "h"), (120_000, 60_000, "min"))


def _dated(data: Data) -> str:
    kind = {"utc": " UTC", "zoned": " UTC", "local": " local time"}.get(data.get("times", ""), "")
    until = (
        f"kept until {when(data['retain_until'])} unless marked as evidence" if data["retain_until"] else ""
    )
    return (
        f"camera time {camera_time(_text(data, 'raw'))}{kind}, dated {when(_text(data, 'recorded_at'))}"
        f"{_within(data['uncertainty_ms'])}: "
        f"{_text(data, 'basis')}; {until or 'retention date not yet known'}"
    )


def camera_clock(data: Data, read_at: str = "") -> str:
    """Return what a camera's clock showed when it was docked, and how far it was off.

    Args:
        data: of the entry that records it.
        read_at: when the entry was written; a clock that is nearer to the dock's local time than to UTC
            shows local time.
    """
    off = _how_far_off(data, read_at)
    showed = f"the camera's clock showed {_text(data, 'raw')}, {off} ({_text(data, 'source')})"
    return showed if data["dock_synchronised"] else f"{showed}; the dock's clock was not synchronised"


def _how_far_off(data: Data, read_at: str) -> str:
    if not data["understood"]:
        return "which was not understood, so no correction was made"
    as_utc = data["offset_ms"]
    as_local = as_utc if data.get("zoned") or not read_at else as_utc - offset_ms(read_at)
    off, kept = (as_local, " of local time") if abs(as_local) < abs(as_utc) else (as_utc, "")
    ahead_s = timedelta(seconds=abs(off) // 1000)
    return f"{ahead_s} {'ahead' if off >= 0 else 'behind'}{kept}{_within(data['uncertainty_ms'])}"


def _within(ms: int) -> str:
    """Return the accuracy of a time, rounded up."""
    if ms < 0:
        return " (accuracy unknown)"
    unit, name = next(((unit, name) for least, unit, name in _STEPS if ms >= least), (1000, "s"))
    return f" ±{-(-ms // unit)} {name}"


def _attributed(data: Data) -> str:
    officer = _text(data, "officer")
    return (
        f"attributed to officer {officer} (from the camera assignment)" if officer else "no officer assigned"
    )


def _released(data: Data) -> str:
    if data.get("kept"):
        return "released: the camera's copy was left on the camera"
    return "released: the camera's copy was erased"


def _ordered(data: Data) -> str:
    if data.get("actor") == "":
        return "because the spool had no copy that matches the hash taken at ingest"
    return f"ordered by {_text(data, 'actor')}"


_SENTENCES: Mapping[str, Callable[[Data], str]] = {
    "clip_found": _found,
    "copy_intended": lambda data: f"copying started in docking {_text(data, 'docking')}",
    "clip_acquired": _acquired,
    "clip_uploaded": _uploaded,
    "clip_verified": _verified,
    "release_intended": lambda _: "the camera's copy is about to be erased",
    "clip_released": _released,
    "clip_retired": lambda _: "the spool's copy was removed",
    "clip_quarantined": lambda data: f"QUARANTINED: {_text(data, 'reason')}",
    "clip_recalled": lambda data: f"to be copied from its camera again, {_ordered(data)}",
    "clip_retried": lambda data: f"to be uploaded again from the spool, ordered by {_text(data, 'actor')}",
    "clip_described": lambda data: (
        f"custody document stored at {_text(data, 'destination')}: {_text(data, 'object')}"
    ),
    "document_refused": lambda data: (
        f"custody document REFUSED by destination {_text(data, 'destination')}: {_text(data, 'reason')}"
    ),
    "clip_dated": _dated,
    "clip_attributed": lambda data: (
        _attributed(data) if "officer" in data else "attributed to an officer (withheld)"
    ),
    "clip_flagged": lambda data: f"marked as evidence by {_text(data, 'actor')}: {_text(data, 'reason')}",
    "clip_unflagged": lambda data: (
        f"no longer marked as evidence, by {_text(data, 'actor')}: {_text(data, 'reason')}"
    ),
    "clip_held": lambda data: f"placed on LEGAL HOLD by {_text(data, 'actor')}: {_text(data, 'reason')}",
    "clip_unheld": lambda data: f"legal hold ended by {_text(data, 'actor')}: {_text(data, 'reason')}",
    "disposal_intended": lambda data: (
        f"the copy at {_text(data, 'place')} is about to be disposed of: {_text(data, 'reason')}"
    ),
    "clip_disposed": lambda data: f"the copy at {_text(data, 'place')} was disposed of",
    "delivery_refused": lambda data: (
        f"REFUSED by destination {_text(data, 'destination')}: {_text(data, 'reason')}"
    ),
    "delivery_resumed": lambda data: (
        f"to be offered again to the destinations that refused it, ordered by {_text(data, 'actor')}"
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
    return format_count(count, "sidecar")
