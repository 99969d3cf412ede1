"""A dock with an S3 destination, for tests: spool, notes, keys, and a fresh destination at will."""

from __future__ import annotations

import mmap
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from bwvdock.core.clips.clip import Clip
from bwvdock.core.clips.history import apply
from bwvdock.core.facts import ClipAcquired
from bwvdock.core.media.part_names import part_name
from bwvdock.core.ports import Clock
from bwvdock.edges.destinations.s3 import Bucket, Surroundings, open_bucket
from bwvdock.edges.destinations.s3.destination import S3Destination
from bwvdock.edges.destinations.upload_notes import Notes
from bwvdock.edges.spool import FileSpool
from bwvdock.edges.system import SystemClock
from tests.fakes.footage import found_clip, part_of
from tests.fakes.spooled import rot

PREFIX = "docks/LEW"
MANIFEST = {
    "camera": "Kamera Ü\n\u202e17",
    "officer": "unassigned",
    "recorded_at": "2026-04-30T00:00:00Z",
    "retain_until": "2099-05-31T00:00:00.123Z",
    "evidential": "false",
    "docking": "",
}


class RateLimit:
    """A transfer that counts what is sent, and does something once when so many bytes have passed."""

    def __init__(self, at: int = -1, act: Callable[[], object] = lambda: None) -> None:
        self.taken = 0
        self.held: list[int] = []
        self._at, self._act = at, act

    def take(self, count: int) -> None:
        self.taken += count
        if 0 <= self._at < self.taken:
            self._at = -1
            self._act()

    def reached(self, held: int) -> None:
        self.held.append(held)


class S3Dock:
    """What a dock has of its own. Destinations made of it share nothing but its disk, as after a restart."""

    def __init__(self, base: Path, *, access: str, secret: str) -> None:
        self.base = base
        self.spool = FileSpool(base / "spool", min_free=0)
        self.notes = Notes(base / "uploads", destination="store")
        self.access_file, self.secret_file = base / "access", base / "secret"
        self.access_file.write_text(f"{access}\n")
        self.secret_file.write_text(f"{secret}\n")
        self.manifest: Mapping[str, str] = MANIFEST

    def clip(self, *contents: bytes, number: int = 1) -> Clip:
        """Spool a clip: its footage, then its sidecars."""
        names = ["a.mp4", "a.gps", "a.jpg"]
        clip = found_clip(number, [(name, len(c)) for name, c in zip(names, contents, strict=False)])
        for incoming, content in zip(self.spool.receive(clip), contents, strict=True):
            aligned = memoryview(mmap.mmap(-1, max(len(content), 1)))
            aligned[: len(content)] = content
            incoming.write(aligned[: len(content)], 0)
            incoming.seal()
            incoming.close()
        self.spool.publish([clip])
        parts = tuple(part_of(content) for content in contents)
        return apply(clip, ClipAcquired(clip=clip.id, docking="now", parts=parts))

    def spoil_spool(self, clip: Clip, at: int) -> None:
        """Let one bit of the spooled footage rot."""
        rot(self.base / "spool", clip, at)

    def destination(
        self,
        url: str,
        bucket: str = "evidence",
        *,
        lock: str = "off",
        clock: Clock | None = None,
        answer_seconds: float = 30,
        parallel: int = 1,
        **places: str,
    ) -> S3Destination:
        """Open the bucket, with nothing in memory of any time before."""
        where = Bucket(
            endpoint=url,
            bucket=bucket,
            prefix=PREFIX,
            access_key_file=str(self.access_file),
            secret_key_file=str(self.secret_file),
            lock=lock,
            **places,
        )
        around = Surroundings(
            name="store",
            dock="LEW/03",
            spool=self.spool,
            notes=self.notes,
            manifest=lambda clip: self.manifest,
            clock=clock or SystemClock(),
            answer_seconds=answer_seconds,
            parallel=parallel,
        )
        return open_bucket(where, around)

    def close(self) -> None:
        self.spool.close()
        self.notes.close()


def keys_of(clip: Clip, names: Sequence[int] = (0,)) -> list[str]:
    """Return the keys of a clip's parts."""
    return [f"{PREFIX}/2026/04/30/{part_name(clip, number)}" for number in names]
