"""What does the journal know of dockings and cameras? As the bays need it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from bwvdock.core.clips.clip import Clip
from bwvdock.core.clips.safety import is_in_doubt
from bwvdock.core.clips.states import Holder
from bwvdock.core.custody.records import ClockSetting, DockingSheet, Enrolment, Received, ThoroughDocking


class DockingRecords(Protocol):
    """What the journal knows of dockings and cameras."""

    def docking(self, docking: str) -> DockingSheet | None:
        """Return one docking's balance."""
        ...

    def open_dockings(self) -> Sequence[DockingSheet]:
        """Return the dockings that have begun and not ended."""
        ...

    def doubted_since(self, docking: str) -> Sequence[Clip]:
        """Return the clips of a docking's camera that went to quarantine since it began and are not copied.

        They are in quarantine still, or were recalled.
        """
        ...

    def same_footage(self, sha256: str) -> Sequence[Received]:
        """Return the acquired clips whose footage has a digest, the first of each camera."""
        ...

    def held(self, identities: Collection[str]) -> Mapping[str, Holder]:
        """Return by identity, the clips that this dock knows, and their states."""
        ...

    def enrolment(self, serial: str) -> Enrolment:
        """Return what operators decided about a serial."""
        ...

    def thorough_dockings(self, serial: str) -> Sequence[ThoroughDocking]:
        """Return a camera's last dockings that left nothing new on the volumes that they listed."""
        ...

    def last_clock_setting(self, serial: str) -> ClockSetting | None:
        """Return the last docking in which a camera's clock was to be set; None if it never was."""
        ...

    def last_clock_shown(self, serial: str) -> str:
        """Return what a camera's clock showed, as it came, when it was last read; "" if it never was."""
        ...


def may_be_lost(records: DockingRecords, docking: str, required: Collection[str], *, read: bool) -> bool:
    """Return whether the camera may have the only good copy of a clip since a docking began.

    The dock has none of one that was recalled, not even where copying it again failed.

    Args:
        records: what the journal knows.
        docking: the docking.
        required: the destinations that every clip needs.
        read: copies that were in doubt were read again; if not, one that still is in doubt may be bad.
    """
    doubted = records.doubted_since(docking)
    return any(not clip.parts or (not read and is_in_doubt(clip, required)) for clip in doubted)
