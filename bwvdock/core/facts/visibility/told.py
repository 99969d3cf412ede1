"""What does the log say of a fact, and what has a sentence about it? Less than the entry says."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from typing import Any

from bwvdock.core.facts import (
    AcquiredPart,
    AttributionDisputed,
    AttributionUpheld,
    CameraAssigned,
    CameraCheckedOut,
    CameraEnrolled,
    CameraReturned,
    CameraRevoked,
    CameraTakenOtherwise,
    ClipAttributed,
    ClipClassified,
    ClipFlagged,
    ClipHeld,
    ClipHoldExcepted,
    ClipHurried,
    ClipUnflagged,
    ClipUnheld,
    DockInitialised,
    EventRecorded,
    Fact,
    FootageConsulted,
    FootageDisclosed,
    FootageExported,
    HoldEnded,
    HoldOpened,
    JournalSucceeded,
    LeftFile,
    RequestClosed,
    RequestCorrected,
    RequestOpened,
    RestoreIntended,
    SampleDrawn,
    SourceFile,
    ValuesErased,
    personal_fields,
)
from bwvdock.core.facts.visibility.actors import unnamed
from bwvdock.core.facts.visibility.withheld import WITHHELD

_TOLD = frozenset({"camera", "actor"})
_OF_PEOPLE = (
    DockInitialised,
    CameraEnrolled,
    CameraRevoked,
    CameraAssigned,
    CameraCheckedOut,
    CameraReturned,
    CameraTakenOtherwise,
    ClipAttributed,
    AttributionDisputed,
    AttributionUpheld,
    ClipFlagged,
    ClipUnflagged,
    ClipHeld,
    ClipHoldExcepted,
    ClipHurried,
    ClipClassified,
    ClipUnheld,
    EventRecorded,
    HoldEnded,
    HoldOpened,
    RequestClosed,
    RequestCorrected,
    RequestOpened,
    FootageConsulted,
    FootageDisclosed,
    FootageExported,
    SampleDrawn,
    ValuesErased,
    JournalSucceeded,
    RestoreIntended,
)


_INTERNAL = frozenset({"known_by", "times"})  # fields that only the journal needs
_COUNTED = {  # fields whose items have personal values, or are many, by what they are counted as
    "officers": "officers",
    "units": "units",
    "events": "events",
    "compared": "digests",
    "commitments": "values",
}


def _hidden(fact: Fact) -> frozenset[str]:
    """Return the fields of a fact that the log leaves out; not everybody may see which class a clip has."""
    hidden = personal_fields(type(fact)) - _TOLD if isinstance(fact, _OF_PEOPLE) else frozenset()
    return hidden | {"name", "destinations"} if isinstance(fact, ClipClassified) else hidden


def fact_event(fact: Fact, *, camera: str = "") -> tuple[str, dict[str, Any]]:
    """Return the canonical log event of a fact: its name and its fields.

    File names, officers, cases and reasons are left out: they are personal data. The journal has them, and
    records who looks at them.

    Args:
        fact: what happened.
        camera: the camera's serial, for facts that do not contain it.
    """
    told: dict[str, Any] = {"camera": camera} if camera else {}
    hidden = _hidden(fact)
    for field in fields(fact):
        if field.name in hidden or field.name in _INTERNAL:
            continue
        value = getattr(fact, field.name)
        told |= _told(field.name, unnamed(value) if field.name == "actor" else value)
    return fact.kind, told


def _told(name: str, value: object) -> dict[str, Any]:
    if not isinstance(value, tuple):
        return {name: value}
    if name in _COUNTED:
        return {_COUNTED[name]: len(value)}
    if name == "files" and value and isinstance(value[0], LeftFile):
        return {"files": len(value)}
    if name == "files":
        files: tuple[SourceFile, ...] = value
        return {"files": len(files), "bytes": sum(f.size for f in files)}
    if name == "parts":
        parts: tuple[AcquiredPart, ...] = value
        return {
            "bytes": sum(p.size for p in parts),
            "read_bytes": sum(p.read_bytes for p in parts),
            "resumed_at": parts[0].resumed_at if parts else 0,
            "sha256": parts[0].sha256 if parts else "",
        }
    return {name: "; ".join(value)} if value else {}


def seen_of(fact: Fact) -> dict[str, Any]:
    """Return the data of a fact for a sentence, without what the log leaves out."""
    hidden = _hidden(fact)
    return {f.name: _data(getattr(fact, f.name)) for f in fields(fact) if f.name not in hidden}


def _data(value: Any) -> Any:  # noqa: ANN401 - of whatever a fact is made
    """Return a value of a fact as data; nothing of it can be changed, so nothing need be copied."""
    if isinstance(value, tuple):
        return tuple(_data(part) for part in value)
    if is_dataclass(value):
        hidden = personal_fields(type(value))  # of a part of a fact
        return {
            f.name: WITHHELD if f.name in hidden else _data(getattr(value, f.name)) for f in fields(value)
        }
    return value
