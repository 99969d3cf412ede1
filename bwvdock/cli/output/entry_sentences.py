"""How does a journal entry read to a person? One sentence for each kind of fact.

A sentence says what the entry records, and no more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from bwvdock.cli.moments import localised, when
from bwvdock.cli.output import dock_sentences
from bwvdock.cli.output.console import camera_time, size
from bwvdock.cli.output.digest_sentences import compared
from bwvdock.cli.output.texts import Data, person, text, within
from bwvdock.core.custody.records import Entry
from bwvdock.core.facts import CameraAssigned, ClipAttributed
from bwvdock.core.facts.events import CERTAIN
from bwvdock.core.visible_text import visible
from bwvdock.units import format_count


def tell(entry: Entry, among: Iterable[Entry] = ()) -> str:
    """Return the line of an entry: its time, its number, and what happened.

    `among`: the other entries of the story, which may say who entered an assignment.
    """
    return f"{when(entry.time)}  #{entry.seq:<6} {happened(entry, among)}"


def happened(entry: Entry, among: Iterable[Entry] = ()) -> str:
    """Return what an entry says happened, in one sentence."""
    sentence = _SENTENCES.get(entry.kind) or dock_sentences.SENTENCES.get(entry.kind)
    said = sentence(entry.data) if sentence else entry.kind.replace("_", " ")
    if entry.kind == ClipAttributed.kind and entry.data.get("officer"):
        said = _attributed(entry, among)
    return visible(localised(said))


def _found(data: Data) -> str:
    files = data.get("files") or ()
    sidecars = f" with {_sidecars(len(files) - 1)}" if len(files) > 1 else ""
    marked = ", marked on the camera" if data.get("marked") else ""
    first = files[0] if files else {}
    return (
        f"found on camera {text(data, 'camera')} in docking {text(data, 'docking')}: {text(first, 'path')}"
        f"{sidecars}, {size(sum(f['size'] for f in files))}{marked}{_notes(data)}"
    )


def _acquired(data: Data) -> str:
    parts = data.get("parts") or ()
    total, read = sum(p["size"] for p in parts), sum(p["read_bytes"] for p in parts)
    kept = sum(p["resumed_at"] for p in parts)
    resumed = f" ({size(kept)} kept from an earlier docking, {size(read)} read now)" if kept else ""
    digest = parts[0]["sha256"] if parts else ""
    return (
        f"acquired in docking {text(data, 'docking')}: {size(total)} copied{resumed}, "
        f"SHA-256 {digest} of what came from the camera; read back from the disk and compared{_notes(data)}"
    )


def _reason(data: Data) -> str:
    return f": {person(data, 'reason')}" if data.get("reason") != "" else ""


def _notes(data: Data) -> str:
    return "".join(f"; note: {note}" for note in data.get("notes") or ())


def _awaiting(data: Data) -> str:
    names = ", ".join(data.get("awaiting") or ())
    return f"; still to go to: {names}" if names else ""


def _uploaded(data: Data) -> str:
    return (
        f"uploaded to {text(data, 'destination')} as {text(data, 'object')}: length matches; "
        f"content not yet compared{_awaiting(data)}"
    )


def _verified(data: Data) -> str:
    version = f", version {data['version']}" if data.get("version") else ""
    return (
        f"copy at {text(data, 'destination')} proven by {text(data, 'method')}: SHA-256 "
        f"{text(data, 'sha256')}{version}{_awaiting(data)}"
    )


def _failed_again(data: Data) -> str:
    found = "is MISSING" if data["finding"] == "missing" else "was CHANGED"
    return f"the copy at {text(data, 'destination')}, proven before, {found}: {text(data, 'words')}"


def _dated(data: Data) -> str:
    kind = {"utc": " UTC", "zoned": " UTC", "local": " local time"}.get(data.get("times", ""), "")
    until = (
        f"kept until {when(data['retain_until'])} unless marked as evidence" if data["retain_until"] else ""
    )
    return (
        f"camera time {camera_time(text(data, 'raw'))}{kind}, dated {when(text(data, 'recorded_at'))}"
        f"{within(data['uncertainty_ms'])}: "
        f"{text(data, 'basis')}; {until or 'retention date not yet known'}"
    )


def _attributed(entry: Entry, among: Iterable[Entry]) -> str:
    officer = text(entry.data, "officer")
    assignments = [
        one
        for one in among
        if one.kind == CameraAssigned.kind and one.seq <= entry.seq and one.data.get("officer") == officer
    ]
    if not assignments:
        return f"attributed to officer {officer} (from the camera assignment)"
    last = max(assignments, key=lambda one: one.seq)
    return (
        f"attributed to officer {officer} (assignment entered by {person(last.data, 'actor')} on "
        f"{when(last.time)}, entry #{last.seq})"
    )


def _officer(data: Data) -> str:
    if "officer" not in data:
        return "attributed to an officer (withheld)"
    return (
        f"attributed to officer {text(data, 'officer')}" if data["officer"] != "" else "no officer assigned"
    )


def _disputed(data: Data) -> str:
    return (
        f"that it is officer {person(data, 'officer')}'s was DISPUTED by {person(data, 'actor')}"
        f"{_reason(data)}; attributed to nobody until this is decided"
    )


def _upheld(data: Data) -> str:
    whom = f"to officer {person(data, 'officer')}" if data.get("officer") != "" else "to nobody"
    return (
        f"attributed {whom} as the roster says, although this was disputed: decided by "
        f"{person(data, 'actor')}{_reason(data)}"
    )


def _matched(data: Data) -> str:
    if not data["events"]:
        return "compared with the events from dispatch: it can be of none of them"
    more = f"; {data['more']:,} more are possible" if data.get("more") else ""
    return f"compared with the events from dispatch: {'; '.join(map(_match, data['events']))}{more}"


def _match(found: Data) -> str:
    event = f"event {text(found, 'event')}" if "event" in found else "an event (withheld)"
    how = "overlaps" if found["basis"] == CERTAIN else "may overlap"
    who = f"to which its {found['role']} was sent"
    return (
        f"{how} {event}, {who}, by {found['overlap_ms'] // 1000} s as dated{within(found['uncertainty_ms'])}"
    )


def _classified(data: Data) -> str:
    named = (f"class {text(data, 'name')}" if data["name"] else "no class") if "name" in data else "a class"
    by = {"event": "by a matched event", "unit": "as its unit's footage"}.get(
        data["basis"], f"reviewed by {person(data, 'actor')}"
    )
    more = [f"kept for {format_count(data['days'], 'day')} from its recording at least"]
    more += ["restricted"] if data["restricted"] else []
    more += [f"to go to {', '.join(data['destinations'])} only"] if data.get("destinations") else []
    more += ["in place of its other classes"] if data["instead"] else []
    return f"{by}: {named}, {', '.join(more)}{_reason(data)}"


def _released(data: Data) -> str:
    if data.get("kept"):
        return "released: the camera's copy was left on the camera"
    return "released: the camera's copy was erased"


def _ordered(data: Data) -> str:
    if data.get("actor") == "":
        return "because the spool had no copy that matches the hash taken at ingest"
    return f"ordered by {person(data, 'actor')}"


_SENTENCES: Mapping[str, Callable[[Data], str]] = {
    "clip_found": _found,
    "copy_intended": lambda data: f"copying started in docking {text(data, 'docking')}",
    "clip_acquired": _acquired,
    "camera_digest_compared": compared,
    "clip_uploaded": _uploaded,
    "clip_verified": _verified,
    "release_intended": lambda _: "the camera's copy is about to be erased",
    "clip_released": _released,
    "clip_retired": lambda _: "the spool's copy was removed",
    "clip_quarantined": lambda data: f"QUARANTINED: {text(data, 'reason')}",
    "clip_recalled": lambda data: f"to be copied from its camera again, {_ordered(data)}",
    "clip_retried": lambda data: f"to be uploaded again from the spool, ordered by {person(data, 'actor')}",
    "clip_described": lambda data: (
        f"custody document stored at {text(data, 'destination')}: {text(data, 'object')}"
    ),
    "document_refused": lambda data: (
        f"custody document REFUSED by destination {text(data, 'destination')}: {text(data, 'reason')}"
    ),
    "clip_dated": _dated,
    "clip_attributed": _officer,
    "attribution_disputed": _disputed,
    "attribution_upheld": _upheld,
    "clip_flagged": lambda data: f"marked as evidence by {person(data, 'actor')}: {person(data, 'reason')}",
    "clip_unflagged": lambda data: (
        f"no longer marked as evidence, by {person(data, 'actor')}: {person(data, 'reason')}"
    ),
    "clip_held": lambda data: f"placed ON HOLD by {person(data, 'actor')}: {person(data, 'reason')}",
    "clip_unheld": lambda data: f"hold ended by {person(data, 'actor')}: {person(data, 'reason')}",
    "verification_failed": _failed_again,
    "loss_closed": lambda data: (
        f"the copy at {text(data, 'destination')} is not uploaded again: the clip is past its retention date"
    ),
    "clip_retrieved": lambda data: (
        f"read back from {text(data, 'destination')} into the spool and compared: SHA-256 "
        f"{text(data, 'sha256')}; to be uploaded again"
    ),
    "clip_hold_matched": lambda data: (
        f"on STANDING HOLD {text(data, 'hold')}"
        f"{'' if data['certain'] else ', which it may match'}: {text(data, 'basis')}"
    ),
    "clip_hold_over": lambda data: (
        f"standing hold {text(data, 'hold')} was ended and no longer keeps this clip"
    ),
    "clip_hold_excepted": lambda data: (
        f"taken out of standing hold {text(data, 'hold')} by {person(data, 'actor')}{_reason(data)}"
    ),
    "clip_hurried": lambda data: f"put before all others by {person(data, 'actor')}{_reason(data)}",
    "clip_matched": _matched,
    "clip_classified": _classified,
    "disposal_noticed": lambda data: (
        f"NOTICE: nobody has reviewed it, and it falls due {when(text(data, 'due'))}; it is not disposed of "
        f"within {format_count(data['days'], 'day')} of this entry"
    ),
    "disposal_intended": lambda data: (
        f"the copy at {text(data, 'place')} is about to be disposed of: {text(data, 'reason')}"
    ),
    "copy_withdrawn": lambda data: (
        f"the copy at {text(data, 'place')} was moved aside; it can be restored until "
        f"{when(text(data, 'until'))}"
    ),
    "restore_intended": lambda data: (
        f"the copy at {text(data, 'place')} is about to be restored, ordered by "
        f"{person(data, 'actor')}: {person(data, 'reason')}"
    ),
    "clip_restored": lambda data: (
        f"the copy at {text(data, 'place')} is back and was read: SHA-256 {text(data, 'sha256')}"
    ),
    "clip_disposed": lambda data: f"the copy at {text(data, 'place')} was disposed of",
    "delivery_refused": lambda data: (
        f"REFUSED by destination {text(data, 'destination')}: {text(data, 'reason')}"
    ),
    "delivery_resumed": lambda data: (
        f"to be offered again to the destinations that refused it, ordered by {person(data, 'actor')}"
    ),
    "camera_relisted": lambda data: (
        f"volume {text(data, 'volume')} listed again, {data['looked']} times: {data['new']:+} ready, "
        f"{data['not_ready']:+} still being written"
    ),
    "files_left": lambda data: (
        f"{len(data['files']) + data['more']} files of volume {text(data, 'volume')} were NOT taken"
    ),
    "clip_skipped": lambda data: (
        f"not taken in docking {text(data, 'docking')}: "
        f"{text(data, 'outcome').replace('_', ' ')}, {text(data, 'reason')}"
    ),
}


def _sidecars(count: int) -> str:
    return format_count(count, "sidecar")
