"""Clips that stand in a spool: how they come there, and how their bytes rot."""

from __future__ import annotations

from pathlib import Path

from bwvdock.core.clips.clip import Clip
from bwvdock.core.media.part_names import part_name
from bwvdock.core.ports import Incoming, Spool
from bwvdock.edges.durable import aligned_buffer
from tests.fakes.footage import acquired, found_with


def spooled_clip(spool: Spool, *contents: bytes, number: int = 1) -> Clip:
    """Return an acquired clip whose footage and sidecars, with these contents, stand in the spool."""
    return fill(spool, found_with(*contents, number=number), *contents)


def fill(spool: Spool, clip: Clip, *contents: bytes) -> Clip:
    """Bring a found clip's contents into the spool; give the clip, acquired."""
    for incoming, content in zip(spool.receive(clip), contents, strict=True):
        write(incoming, content)
        incoming.seal()
        incoming.close()
    spool.publish([clip])
    return acquired(clip, *contents)


def write(incoming: Incoming, content: bytes, offset: int = 0) -> None:
    """Write as the copier does, from memory that begins on a page."""
    aligned = aligned_buffer(len(content))[: len(content)]
    aligned[:] = content
    incoming.write(aligned, offset)


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
