"""A dock that delivers: real journal, spool, lanes and destinations, in one thread and on a clock by hand.

Back-off costs no time here, but for what a server has asked for: that is waited for.

As a program it delivers until nothing is left to do, or until it is killed. Arguments: ROOT PLACE, where
PLACE is a Place as JSON.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from bwvdock.core.clips.clip import Clip
from bwvdock.core.clips.lifecycle import ClipState
from bwvdock.core.media.part_names import part_name
from bwvdock.core.ports import Destination
from bwvdock.edges.destinations.access import Access
from bwvdock.edges.destinations.connections import Patience
from bwvdock.edges.destinations.http import Web
from bwvdock.edges.destinations.s3 import Bucket, Surroundings, open_bucket
from bwvdock.edges.destinations.tus.destination import TusDestination
from bwvdock.edges.destinations.upload_notes import Notes
from bwvdock.edges.spool import FileSpool
from bwvdock.edges.system import SystemClock
from bwvdock.errors import DestinationUnavailableError
from tests.fakes.camera import camera_with
from tests.fakes.destination import FakeDestination
from tests.fakes.station import Station

NAME = "store"
_UPLOADING, _ASKING = f"upload {NAME}", f"ask {NAME}"
_LONGEST_REST_MS = 301_000
_PAUSE = 0.05  # seconds between two tries: a server that starts again is not asked a thousand times
_MOST_PAUSE = 3.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """Where to deliver: a tus endpoint, or an S3 endpoint with a bucket and keys. `patience` in seconds."""

    url: str
    bucket: str = ""
    access: str = ""
    secret: str = ""
    patience: float = 4.0


def destination(place: Place, root: Path, spool: FileSpool) -> Destination:
    """Build the real one."""
    notes = Notes(root / "uploads", destination=NAME)
    if not place.bucket:
        patience = Patience(connect=5.0, stall=place.patience, answer=place.patience)
        web = Web(place.url, Access(), name=NAME, patience=patience)
        return TusDestination(
            web, name=NAME, spool=spool, notes=notes, manifest=lambda clip: {"clip": clip.id}
        )
    (root / "access").write_text(place.access, encoding="ascii")
    (root / "secret").write_text(place.secret, encoding="ascii")
    bucket = Bucket(
        endpoint=place.url,
        bucket=place.bucket,
        access_key_file=str(root / "access"),
        secret_key_file=str(root / "secret"),
    )
    around = Surroundings(
        name=NAME,
        dock="LEW-03",
        spool=spool,
        notes=notes,
        manifest=lambda clip: {"clip": clip.id},
        clock=SystemClock(),
        connect_seconds=place.patience,
        answer_seconds=2 * place.patience,
    )
    return open_bucket(bucket, around)


def acquire(root: Path, contents: Sequence[bytes]) -> list[str]:
    """Have a dock take clips with these contents; give their ids. Nothing is delivered yet."""
    root.mkdir(parents=True, exist_ok=True)
    nowhere = FakeDestination(lambda clip, part: b"", name=NAME)
    station = Station(root, destinations=[nowhere], held_up=(_UPLOADING, _ASKING))
    station.enrol()
    station.visit(camera_with({f"DCIM/100TEST/{n}.MP4": content for n, content in enumerate(contents)}))
    clips = sorted(station.ledger.clips.values(), key=lambda clip: clip.files[0].path)
    assert [clip.state for clip in clips] == [ClipState.ACQUIRED] * len(contents)
    station.journal.close()
    station.spool.close()
    return [clip.id for clip in clips]


Make = Callable[[Place, Path, FileSpool], Destination]


class Dock:
    """A dock on what a folder holds, as after a restart. A context manager.

    Args:
        held: nothing is uploaded before `deliver` is called; else as soon as the dock turns.
        make: builds the destination.
    """

    def __init__(self, root: Path, place: Place, *, held: bool = True, make: Make = destination) -> None:
        self.root = root
        self._spool = FileSpool(root / "spool", min_free=0)
        self.destination = make(place, root, self._spool)
        self.station = Station(root, destinations=[self.destination], held_up=(_UPLOADING,) if held else ())

    def assess(self, patience: float) -> None:
        """Try the destination out, for so many seconds at the most."""
        self._go_on(lambda: self.station.delivery.queues[NAME].assessment is not None, patience)

    def deliver(self, patience: float) -> bool:
        """Go on until nothing is left to do; False if so many seconds were not enough."""
        return self._go_on(lambda: not self._waiting(), patience)

    def deliver_in(self, rounds: int) -> None:
        """Go on for so many rounds, each of which is longer than any rest."""
        for _ in range(rounds):
            self._turn()

    def _go_on(self, done: Callable[[], bool], patience: float) -> bool:
        until = time.monotonic() + patience
        while not done():
            if time.monotonic() > until:
                return False
            self._turn(done)
        return True

    def _turn(self, done: Callable[[], bool] = lambda: False) -> None:
        station = self.station
        for worker in station.held_up.values():
            worker.go_on(station.inbox.put)
        station.turn()
        if done() or any(worker.jobs for worker in station.held_up.values()):
            return
        error = station.delivery.errors.get(NAME)
        asked = error.retry_after if isinstance(error, DestinationUnavailableError) else 0.0
        threading.Event().wait(min(max(asked, _PAUSE), _MOST_PAUSE))
        station.clock.pass_ms(_LONGEST_REST_MS)

    def _waiting(self) -> list[Clip]:
        return [clip for clip in self.station.ledger.clips.values() if NAME not in clip.refused]

    # --- what has become of a clip -------------------------------------------------------------------

    def clip(self, clip_id: str) -> Clip:
        """Return a clip as the journal has it."""
        clip = self.station.journal.clip(clip_id)
        assert clip is not None
        return clip

    def kept(self, clip: Clip) -> bool:
        """Return whether the dock's own copy is there and sound."""
        try:
            content = (self.root / "spool" / part_name(clip, 0)).read_bytes()
        except FileNotFoundError:
            return False
        return hashlib.sha256(content).hexdigest() == clip.sha256

    def said(self, clip: Clip) -> str:
        """Return why a clip is not there, in a person's sight."""
        lane = self.station.delivery.queues[NAME]
        parked = lane.parked.get(clip.id, "")
        error = self.station.delivery.errors.get(NAME)
        told = clip.quarantine or clip.refused.get(NAME, "") or parked or (error.message if error else "")
        if not told and lane.assessment is not None and lane.assessment.method is None:
            return lane.assessment.words  # of which `status` makes the alert destination-proves-nothing
        return told

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.station.journal.close()
        self.station.spool.close()
        self._spool.close()
        close = getattr(self.destination, "close", None)
        if close is not None:
            close()


def copied(source: Path, root: Path) -> Path:
    """Return a dock like another, to be used up."""
    shutil.copytree(source, root)
    return root


def words(root: Path, place: Place) -> list[str]:
    """Return the command that delivers in a process of its own."""
    return [sys.executable, "-m", "tests.faults.ours", str(root), json.dumps(asdict(place))]


def main(root: str, place: str) -> None:
    """Deliver."""
    with Dock(Path(root), Place(**json.loads(place)), held=False) as dock:
        dock.deliver(120)


if __name__ == "__main__":
    main(*sys.argv[1:])
