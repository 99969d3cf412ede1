"""Which parts can a simulated dock be given that are broken on purpose, to see that the checks find it?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bwvdock.core.ports import Destination
from bwvdock.runtime.jobs import Post
from bwvdock.service.compose import DockJournal
from bwvdock.stages.find import Held
from tests.fakes.disk import FakeDisk
from tests.fakes.spool import FakeSpool
from tests.simulation.edges import FaultyVolume

if TYPE_CHECKING:
    from tests.simulation.dock import DrawnWorker, SimulatedDock


@dataclass(frozen=True)
class Breaks:
    """The parts of an honest dock; a broken one overrides one of the methods."""

    def volume(self, **fields: Any) -> FaultyVolume:  # noqa: ANN401 - of a volume
        """Return a camera's volume."""
        return FaultyVolume(**fields)

    def spool(self, disk: FakeDisk) -> FakeSpool:
        """Return the spool on a disk."""
        return FakeSpool(disk)

    def store(self, store: Destination) -> Destination:
        """Return what the dock has instead of a store."""
        return store

    def journal(self, journal: DockJournal) -> DockJournal:
        """Return what the dock has instead of its journal."""
        return journal

    def held(self, held: Held) -> Held:
        """Return what knows the files that the dock has copied."""
        return held

    def worker(self, dock: SimulatedDock, name: str, post: Post) -> DrawnWorker | None:
        """Return another thread than the usual one, or None."""
        return None


HONEST = Breaks()
