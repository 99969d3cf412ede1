"""A dock with one tus destination, and a server that lies to it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from bwvdock.core.clips.clip import Clip
from bwvdock.core.ports import TransferControl
from bwvdock.edges.destinations.access import Access
from bwvdock.edges.destinations.connections import Patience
from bwvdock.edges.destinations.http import Web
from bwvdock.edges.destinations.tus.destination import TusDestination
from bwvdock.edges.destinations.upload_notes import Notes, note_key
from bwvdock.edges.spool import FileSpool
from bwvdock.errors import DestinationUnavailableError
from tests.fakes.footage import footage
from tests.fakes.spooled import spooled_clip
from tests.fakes.transfer import UNLIMITED
from tests.servers.lies import Lie
from tests.servers.lying_tus import LyingTus

LONG = Patience(connect=60.0, stall=60.0, answer=60.0)  # a machine under load is no fault of the server
SHORT = Patience(connect=60.0, stall=1.0, answer=1.0)  # for servers that never answer
CALLS = 40  # of `store`, as a dock makes them: again and again
NO_CHECKSUMS = Lie("OPTIONS", drop=("Tus-Checksum-Algorithm",))
CONTENT = footage(5 << 19)  # 2.5 MiB


@dataclass
class World:
    """All that a test needs."""

    base: Path
    spool: FileSpool
    server: LyingTus
    destination: TusDestination

    def restart(self, patience: Patience = LONG) -> TusDestination:
        """Return another destination, as after a restart; it knows what the notes say."""
        self.destination.close()
        self.destination = destination(self.base, self.spool, self.server.url, patience)
        return self.destination

    def clip(self, *contents: bytes, number: int = 1) -> Clip:
        return spooled_clip(self.spool, *(contents or (CONTENT,)), number=number)

    def lie(self, *lies: Lie) -> None:
        """Have the server lie from now on; /upload-1 is the upload that is made next."""
        if any(lie.stall for lie in lies):
            self.restart(SHORT).assess(UNLIMITED)
        made = max((int(name.rpartition("-")[2]) for name in self.names), default=0)
        self.server.lie(*(replace(lie, upload=f"/upload-{made + 1}") if lie.upload else lie for lie in lies))

    @property
    def names(self) -> list[str]:
        """All uploads that were ever asked about."""
        paths = (request.path for request in self.server.requests)
        return [path.rpartition("/")[2] for path in paths if "/upload-" in path]

    def note(self, clip: Clip, part: int = 0) -> dict[str, object]:
        notes = Notes(self.base / "uploads", destination="tus")
        try:
            return notes.note(note_key(clip.id, part))
        finally:
            notes.close()

    def sent(self) -> int:
        """Return the bytes of all PATCHes that arrived."""
        return sum(len(request.body) for request in self.server.asked("PATCH"))


def destination(base: Path, spool: FileSpool, url: str, patience: Patience = LONG) -> TusDestination:
    return TusDestination(
        Web(url, Access(), name="tus", patience=patience),
        name="tus",
        spool=spool,
        notes=Notes(base / "uploads", destination="tus"),
        manifest=lambda clip: {"clip": clip.id, "camera": "CAM-17", "officer": "Łukasz ②", "docking": ""},
    )


@contextmanager
def world(base: Path, server: LyingTus) -> Iterator[World]:
    spool = FileSpool(base / "spool", min_free=0)
    made = World(base, spool, server, destination(base, spool, server.url))
    try:
        yield made
    finally:
        made.destination.close()
        spool.close()


def brought(
    destination: TusDestination, clip: Clip, transfer: TransferControl = UNLIMITED
) -> tuple[str, int]:
    """Store a clip, asking again as a dock does; give its path and the number of calls."""
    for call in range(1, CALLS + 1):
        try:
            return destination.store(clip, transfer), call
        except DestinationUnavailableError as error:
            assert error.remedy  # noqa: PT017
    raise AssertionError(f"not stored in {CALLS} calls")
