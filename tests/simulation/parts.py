"""Which parts is a simulated dock given? Honest ones, unless a break (breaks.py) overrides one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bwvdock.bays.erasing import EraseRules
from bwvdock.checkout.checkouts import Checkouts
from bwvdock.core.clips.classes.rules import RetentionRules
from bwvdock.core.ports import Destination, Keeper
from bwvdock.runtime.jobs import Post
from bwvdock.service.assemble import DockJournal
from bwvdock.stages.find import Held
from tests.fakes.disk import FakeDisk
from tests.fakes.power import PoweredJournal
from tests.fakes.spool import FakeSpool
from tests.simulation.edges import FaultyFolder, FaultyStore, FaultyVolume
from tests.simulation.mtp import Cable


@dataclass(frozen=True)
class Breaks:
    """The parts of an honest dock; a broken one overrides one of the methods."""

    def volume(self, **fields: Any) -> FaultyVolume:  # noqa: ANN401 - of a volume
        """Return a camera's volume."""
        return FaultyVolume(**fields)

    def folder(self, **fields: Any) -> FaultyVolume:  # noqa: ANN401 - of a volume
        """Return the volume of a folder that is treated as a camera."""
        return FaultyFolder(**fields)

    def cable(self, volume: FaultyVolume) -> Cable:
        """Return the camera that is read over MTP, on its cable."""
        return Cable(volume)

    def erasing(self, rules: EraseRules) -> EraseRules:
        """Return the rules by which cameras are erased."""
        return rules

    def retention(self, rules: RetentionRules) -> RetentionRules:
        """Return the rules by which footage is kept."""
        return rules

    def spool(self, disk: FakeDisk) -> FakeSpool:
        """Return the spool on a disk."""
        return FakeSpool(disk)

    def keeper(self, spool: FakeSpool) -> Keeper:
        """Return what disposes of copies in the spool."""
        return spool

    def store(self, store: FaultyStore) -> Destination:
        """Return what the dock has instead of a store."""
        return store

    def held(self, held: Held) -> Held:
        """Return what knows the files that the dock has copied."""
        return held

    def post(self, post: Post) -> Post:
        """Return what takes the messages of the dock's threads."""
        return post

    def journal(self, journal: PoweredJournal) -> DockJournal:
        """Return what records facts."""
        return journal

    def checkouts(self, checkouts: Checkouts) -> Checkouts:
        """Return what checks cameras out."""
        return checkouts


HONEST = Breaks()
