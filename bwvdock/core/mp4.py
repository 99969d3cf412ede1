"""Does a recording look like a whole MP4 file? A walk over its outermost boxes.

ISO/IEC 14496-12, section 4.2: a file is a row of boxes, each with its size and its type. A camera
that loses power leaves one with no `moov`, which players refuse though the footage is all there:
worth a note, never a reason to leave evidence on a camera. Left out here: what stands inside a box.
"""

from __future__ import annotations

from collections.abc import Callable

ReadAt = Callable[[int, int], bytes]

EXTENSIONS = frozenset({"mp4", "m4v", "mov", "3gp"})
_MAX_BOXES = 4096  # a fragmented recording of a whole shift stays below; a hostile file does not
_HEADER, _LARGE_HEADER = 8, 16


def notes(read_at: ReadAt, size: int) -> tuple[str, ...]:
    """Say what is odd about an MP4 file; nothing is the good answer.

    Args:
        read_at: gives up to so many bytes (second) from an offset (first) on.
        size: of the file, in bytes.
    """
    if size == 0:
        return ("the file is empty",)
    found, oddity = _walk(read_at, size)
    if not found & {b"ftyp", b"moov", b"mdat"}:
        return ("not an MP4 file: it begins with no box of one",)
    if b"moov" not in found and b"moof" not in found:
        return ("no moov: the recording was cut short",)
    if not found & {b"mdat", b"moof"}:
        return ("no mdat: the file holds no footage",)
    return (oddity,) if oddity else ()


def _walk(read_at: ReadAt, size: int) -> tuple[set[bytes], str]:
    """Give the types of the outermost boxes, and what stopped the walk before the end."""
    found: set[bytes] = set()
    offset = 0
    for _ in range(_MAX_BOXES):
        if offset == size:
            return found, ""
        header = read_at(offset, _LARGE_HEADER)
        length = _length(header, size - offset)
        if length < _HEADER or not _is_type(header[4:8]):
            return found, f"bytes that belong to no box begin at {offset}"
        found.add(header[4:8])
        if length > size - offset:
            return found, f"box {header[4:8].decode()} at {offset} is cut short"
        offset += length
    return found, ""


def _length(header: bytes, rest: int) -> int:
    """Give a box's length; 0 if its header makes none."""
    length = int.from_bytes(header[:4], "big")
    if length == 0:  # to the end of the file
        return rest
    if length != 1:
        return length
    large = int.from_bytes(header[8:16], "big") if len(header) == _LARGE_HEADER else 0
    return large if large >= _LARGE_HEADER else 0


def _is_type(name: bytes) -> bool:
    return len(name) == 4 and all(32 <= byte < 127 for byte in name)
