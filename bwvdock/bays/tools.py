"""What do the jobs of every bay share?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, tzinfo

from bwvdock.bays.access import CameraAccess
from bwvdock.bays.volumes import OpenVolumes
from bwvdock.core.media.profile import Profile
from bwvdock.core.paced import GiveWay, go_on
from bwvdock.core.ports import Spool
from bwvdock.stages.acquire import CopyMemory, NewThreads, real_threads
from bwvdock.stages.find import Held
from bwvdock.stages.verify import ProveAgain


@dataclass(frozen=True, kw_only=True, slots=True)
class BayTools:
    """What the jobs of every bay are given; `volumes` are opened through `access`.

    `prove_again` asks the required stores for a clip's copies. `zone` is the dock's: cameras that keep local
    time keep that. `new_threads` returns threads of a copier, and `memory` is what all
    copiers share. `give_way` is called by what computes for long.
    """

    access: CameraAccess
    volumes: OpenVolumes
    synchronised: Callable[[], bool]
    profiles: Sequence[Profile]
    held: Held
    new_id: Callable[[], str]
    spool: Spool
    prove_again: ProveAgain
    zone: tzinfo = UTC
    new_threads: NewThreads = real_threads
    memory: CopyMemory = field(default_factory=CopyMemory)
    give_way: GiveWay = go_on
