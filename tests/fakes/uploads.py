"""Clips in a real spool, to be brought somewhere, and passages that watch or stop them."""

from __future__ import annotations

import mmap
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bwvdock.core.clip import Clip, apply
from bwvdock.core.facts import ClipAcquired
from bwvdock.edges.spool import FileSpool, part_name
from bwvdock.errors import HaltedError
from tests.fakes.footage import found_clip, part_of

NAMES = ("clip.mp4", "clip.gps", "clip.thm", "clip.xml")


def spooled_clip(spool: FileSpool, contents: Sequence[bytes], *, number: int = 1) -> Clip:
    """Give an acquired clip whose parts have these contents; they stand in the spool."""
    clip = found_clip(number, [(name, len(content)) for name, content in zip(NAMES, contents, strict=False)])
    for incoming, content in zip(spool.receive(clip), contents, strict=True):
        if content:
            aligned = memoryview(mmap.mmap(-1, len(content)))
            aligned[:] = content
            incoming.write(aligned, 0)
        incoming.seal()
        incoming.close()
    spool.publish([clip])
    parts = tuple(part_of(content) for content in contents)
    return apply(clip, ClipAcquired(clip=clip.id, docking="now", parts=parts))


def rot(folder: Path, clip: Clip, at: int, *, part: int = 0) -> None:
    """Flip a bit of a spooled part."""
    flip_bit(folder / part_name(clip, part), at)


def flip_bit(path: Path, at: int) -> None:
    """Flip a bit of a file's byte `at`, in place: other names of the file see it too."""
    path.chmod(0o600)
    with path.open("r+b") as file:
        file.seek(at)
        [byte] = file.read(1)
        file.seek(at)
        file.write(bytes([byte ^ 1]))


@dataclass
class Watched:
    """A passage that counts, and stops when `halt_at` bytes have gone."""

    halt_at: int | None = None
    taken: int = 0
    held: list[int] = field(default_factory=list)

    def take(self, count: int) -> None:
        """Let so many more pass."""
        if self.halt_at is not None and self.taken + count > self.halt_at:
            raise HaltedError("told to stop")
        self.taken += count

    def reached(self, held: int) -> None:
        """Remember it."""
        self.held.append(held)
