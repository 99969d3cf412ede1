"""What belongs to the story of a clip, beside the entries that name it?

From the moment at which it was found until nothing of it is left in this dock, whatever happened to the dock
or was ordered there touched the clip: a start, a pause, an outage, a reload. What was under way when it was
found did so as well.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from bwvdock.core.custody.records import Entry
from bwvdock.core.facts import (
    FACT_TYPES,
    CameraAssigned,
    CameraEnrolled,
    CameraRevoked,
    ClipMatched,
    ConfigReloaded,
    DestinationAssessed,
    DockClockSeen,
    DockInitialised,
    DockPaused,
    DockResumed,
    DockStarted,
    DockStopped,
    FootageConsulted,
    FootageDisclosed,
    FootageExported,
    HoldEnded,
    HoldOpened,
    JournalAsWitnessed,
    JournalNotAsWitnessed,
    JournalSucceeded,
    LogKeyNew,
    SampleDrawn,
    SignerForgot,
    StoreBack,
    StoreLost,
    UncleanStart,
    ValuesErased,
    personal_fields,
)

ALWAYS = tuple(
    fact.kind
    for fact in (
        ConfigReloaded,
        DockInitialised,
        DockPaused,
        DockResumed,
        DockStarted,
        DockStopped,
        JournalAsWitnessed,
        JournalNotAsWitnessed,
        JournalSucceeded,
        SignerForgot,
        StoreBack,
        StoreLost,
        UncleanStart,
    )
)
"""What touches every clip that is in the dock."""

IF_NOTABLE = (DestinationAssessed.kind, DockClockSeen.kind, LogKeyNew.kind)
"""What every dock records, and touches a clip where something was wrong."""

OF_ITS_CAMERA = (CameraEnrolled.kind, CameraRevoked.kind)
"""What touches the clips of one camera."""

OF_ITS_HOLDS = (HoldOpened.kind, HoldEnded.kind)
"""What touches the clips that were on the standing hold that it names."""

NAMING = (FootageConsulted.kind, FootageDisclosed.kind, FootageExported.kind, SampleDrawn.kind)
"""What touches the clips that it names, at any time."""

OF_ITS_VALUES = (ValuesErased.kind,)
"""What touches the clips in whose entries the values were that it names, at any time."""

EVENTS = tuple(sorted((*ALWAYS, *IF_NOTABLE, *OF_ITS_CAMERA, *NAMING, *OF_ITS_VALUES, CameraAssigned.kind)))

_WITHHELD = frozenset(
    {
        "officer",
        "badge",
        "unit",
        "case",
        "event",
        "category",
        "reason",
        "requester",
        "by",
        "actor",
        "subject",
        "basis",
        "recipient",
        "request",
    }
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Story:
    """The entries about one clip: `own` name it, `events` touched it while it was in the dock.

    `before` says what its entries refer to: how the dockings began and ended in which it was on the camera,
    the start of the dock in whose time it was found, and the assignment that its officer follows from.
    `by_earlier_version`: its first entry is of version 1; nothing in NOT_IN_VERSION_1 was recorded then.
    """

    own: tuple[Entry, ...] = ()
    events: tuple[Entry, ...] = ()
    before: tuple[Entry, ...] = ()
    by_earlier_version: bool = False

    def whole(self) -> list[Entry]:
        """Return all of it, in the order of the journal."""
        entries = {entry.seq: entry for entry in (*self.before, *self.events, *self.own)}
        return [entries[seq] for seq in sorted(entries)]


NOT_IN_VERSION_1 = (
    "outages of destinations, failed attempts of uploads, starts without a stop before them, reloads of the "
    "configuration and repeated proofs"
)
"""What versions of bwvdock whose entries are of version 1 did not record."""


def notable(kind: str, data: Mapping[str, Any]) -> bool:
    """Return whether an event of a kind in IF_NOTABLE says that something was wrong."""
    if kind == DockClockSeen.kind:
        return not data["synchronised"] or data["stepped_ms"] != 0
    if kind == LogKeyNew.kind:
        return bool(data["before"])  # the first key takes the place of none
    return bool(data["method"] == "")


def under_way(before: Iterable[Entry]) -> list[Entry]:
    """Return the pause and the outages that were not over.

    Args:
        before: the entries of DockPaused, DockResumed, StoreLost and StoreBack before a moment, and of
            DockStarted, in any order. A dock that starts knows of no outage; a pause lasts.
    """
    paused: Entry | None = None
    lost: dict[str, Entry] = {}
    for entry in sorted(before, key=lambda entry: entry.seq):
        match entry.kind:
            case DockPaused.kind:
                paused = entry
            case DockResumed.kind:
                paused = None
            case StoreLost.kind:
                lost[entry.data["destination"]] = entry
            case StoreBack.kind:
                lost.pop(entry.data["destination"], None)
            case DockStarted.kind:
                lost.clear()
    return [*([paused] if paused else []), *lost.values()]


# --- without a consultation ---------------------------------------------------------------------------


def withheld_fields(kind: str) -> Collection[str]:
    """Return the fields of a kind that only somebody may see whose consultation was recorded."""
    if kind in {CameraRevoked.kind, DockInitialised.kind}:  # there a reason need not be a commitment
        return {"reason", "actor"}
    fact = FACT_TYPES.get(kind)
    return _WITHHELD & personal_fields(fact) if fact else _WITHHELD


def withheld_entry(entry: Entry) -> Entry:
    """Return an entry without people, cases, events and reasons; that there is none may be known."""
    if entry.kind == ClipMatched.kind:
        events = [{name: one[name] for name in one if name != "event"} for one in entry.data["events"]]
        return replace(entry, data={**entry.data, "events": events})
    hidden = {name for name in withheld_fields(entry.kind) if entry.data.get(name)}
    if not hidden:
        return entry
    return replace(entry, data={name: value for name, value in entry.data.items() if name not in hidden})


def withheld_story(story: Story) -> Story:
    """Return a story without what `withheld_entry` leaves out."""
    return Story(
        own=tuple(map(withheld_entry, story.own)),
        events=tuple(map(withheld_entry, story.events)),
        before=tuple(map(withheld_entry, story.before)),
        by_earlier_version=story.by_earlier_version,
    )
