"""What must the bays know of the journal?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from bwvdock.core.custody.records import DockingSheet, Enrolment


class DockingRecords(Protocol):
    """What the journal knows of dockings and cameras."""

    def docking(self, docking: str) -> DockingSheet | None:
        """Return one docking's balance."""
        ...

    def open_dockings(self) -> Sequence[DockingSheet]:
        """Return the dockings that have begun and not ended."""
        ...

    def enrolment(self, serial: str) -> Enrolment:
        """Return what operators decided about a serial."""
        ...

    def last_complete(self, serial: str) -> datetime | None:
        """Return when a camera's last docking began that took all there was to take."""
        ...

    def last_clock_shown(self, serial: str) -> str:
        """Return what a camera's clock showed, as it came, when it was last read; "" if it never was."""
        ...
