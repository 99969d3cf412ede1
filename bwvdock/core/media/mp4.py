"""Does a recording look like a complete MP4 file, judged by its outermost boxes?

ISO/IEC 14496-12, section 4.2: a file is a row of boxes, each with its size and its type. A camera that loses
power leaves a file without `moov`, which players refuse although the footage is there: worth a note, but
never a reason to leave footage on a camera.

Inside the boxes only the movie header (section 8.2.2) is read, which has the time at which recording began.
It is from the same clock as the modification time, but firmware sets each by itself: if they differ, one of
them is wrong.
"""

from __future__ import annotations

from collections.abc import Callable

from bwvdock.core.clips.dates.date_evidence import VideoHeader

ReadAt = Callable[[int, int], bytes]

EXTENSIONS = frozenset({"mp4", "m4v", "mov", "3gp"})
_MAX_BOXES = 4096  # enough for a fragmented recording of a whole shift; a bound for a hostile file
_HEADER, _LARGE_HEADER = 8, 16


_SINCE_1904_S = 2_082_844_800  # from 1 January 1904, which MP4 counts from, to 1 January 1970
_LAST_S = 253_402_300_799  # the end of the year 9999
_LONGEST_MS = 366 * 24 * 3600 * 1000  # no camera records for a year; a hostile header may claim it


def header(read_at: ReadAt, size: int) -> VideoHeader | None:
    """Return the movie header of an MP4 file, or None if it has no time.

    Args:
        read_at: gives up to so many bytes (second) from an offset (first) on.
        size: of the file, in bytes.
    """
    moov = _find(read_at, b"moov", 0, size)
    mvhd = moov and _find(read_at, b"mvhd", *moov)
    if not mvhd:
        return None
    start, end = mvhd
    body = read_at(start, min(end - start, 32))
    wide = body[:1] == b"\x01"  # version 1 has 64 bits for times and duration
    width = 8 if wide else 4
    if len(body) < 8 + 3 * width or body[0] > 1:
        return None
    created = int.from_bytes(body[4 : 4 + width], "big")
    scale_at = 4 + 2 * width
    scale = int.from_bytes(body[scale_at : scale_at + 4], "big")
    length = int.from_bytes(body[scale_at + 4 : scale_at + 4 + width], "big")
    created_s = created - _SINCE_1904_S
    if not 0 < created_s <= _LAST_S:
        return None
    length_ms = length * 1000 // scale if scale else 0
    return VideoHeader(created_s=created_s, length_ms=length_ms if length_ms <= _LONGEST_MS else 0)


def _find(read_at: ReadAt, kind: bytes, start: int, end: int) -> tuple[int, int] | None:
    """Return where the body of the first box of a kind begins and ends, between two offsets."""
    offset = start
    for _ in range(_MAX_BOXES):
        head = read_at(offset, _LARGE_HEADER) if offset < end else b""
        length = _length(head, end - offset)
        if length < _HEADER or length > end - offset or not _is_type(head[4:8]):
            return None
        if head[4:8] == kind:
            large = head[:4] == b"\x00\x00\x00\x01"
            return offset + (_LARGE_HEADER if large else _HEADER), offset + length
        offset += length
    return None


def notes(read_at: ReadAt, size: int) -> tuple[str, ...]:
    """Return notes on what is wrong with an MP4 file; none if nothing is.

    Args:
        read_at: gives up to so many bytes (second) from an offset (first) on.
        size: of the file, in bytes.
    """
    if size == 0:
        return ("the file is empty",)
    found, oddity = _walk(read_at, size)
    if not found & {b"ftyp", b"moov", b"mdat"}:
        return ("not an MP4 file: it does not begin with an MP4 box",)
    if b"moov" not in found and b"moof" not in found:
        return ("no moov: the recording is incomplete",)
    if not found & {b"mdat", b"moof"}:
        return ("no mdat: the file has no footage",)
    return (oddity,) if oddity else ()


def _walk(read_at: ReadAt, size: int) -> tuple[set[bytes], str]:
    """Return the types of the outermost boxes, and what stopped the walk before the end."""
    found: set[bytes] = set()
    offset = 0
    for _ in range(_MAX_BOXES):
        if offset == size:
            return found, ""
        header = read_at(offset, _LARGE_HEADER)
        length = _length(header, size - offset)
        if length < _HEADER or not _is_type(header[4:8]):
            return found, f"bytes outside any box from {offset} on"
        found.add(header[4:8])
        if length > size - offset:
            return found, f"the file ends inside its {header[4:8].decode()} box: the recording is incomplete"
        offset += length
    return found, ""


def _length(header: bytes, rest: int) -> int:
    """Return the length of a box; 0 if its header has none."""
    length = int.from_bytes(header[:4], "big")
    if length == 0:  # to the end of the file
        return rest
    if length != 1:
        return length
    large = int.from_bytes(header[8:16], "big") if len(header) == _LARGE_HEADER else 0
    return large if large >= _LARGE_HEADER else 0


def _is_type(name: bytes) -> bool:
    return len(name) == 4 and all(32 <= byte < 127 for byte in name)
