"""Where does a simulated camera get its footage from?

loop.mp4 (made by fixtures/generate.py) is eight seconds of fragmented MP4: H.264 and AAC. A clip
is that loop repeated: each repetition gets the fragment numbers and decode times that follow the
one before, so the clip is real and plays for as long as its size says, and nothing is encoded.

Box layouts: ISO/IEC 14496-12, sections 8.2 (moov), 8.8 (movie fragments).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

LOOP = Path(__file__).with_name("loop.mp4")

_CONTAINERS = frozenset({b"moov", b"trak", b"mdia", b"moof", b"traf"})
_DATED = frozenset({b"mvhd", b"tkhd", b"mdhd"})
_FIRST_DAY = 3_850_070_400  # 1 January 2026, in seconds since 1904 as MP4 counts them
_YEAR = 365 * 24 * 60 * 60
_DURATION_IS_PRESENT, _DEFAULT_DURATION_IS_PRESENT = 0x100, 0x08
# Optional fields of tfhd before the default duration, and of trun before the samples: flag -> bytes.
_BEFORE_DURATION = {0x01: 8, 0x02: 4}
_BEFORE_SAMPLES = {0x01: 4, 0x04: 4}
_PER_SAMPLE = (0x100, 0x200, 0x400, 0x800)


@dataclass(frozen=True, kw_only=True, slots=True)
class Box:
    """A box of an MP4 file: what it is, and where it begins and ends (bytes)."""

    kind: bytes
    start: int
    end: int


def boxes(data: bytes, start: int = 0, end: int | None = None) -> Iterator[Box]:
    """Return the boxes between two offsets, and those within containers after each container.

    Raises:
        ValueError: a box is larger than what holds it, or smaller than its own head.
    """
    end = len(data) if end is None else end
    while start < end:
        size, kind = struct.unpack_from(">I4s", data, start)
        if size < 8 or start + size > end:
            raise ValueError(f"box {kind!r} at {start} states {size} bytes")
        yield Box(kind=kind, start=start, end=start + size)
        if kind in _CONTAINERS:
            yield from boxes(data, start + 8, start + size)
        start += size


@dataclass(frozen=True, kw_only=True, slots=True)
class _Time:
    """A decode time in the loop: its offset, its value, and its clock's ticks per second."""

    at: int
    ticks: int
    rate: int


@dataclass(frozen=True, kw_only=True, slots=True)
class _Fragment:
    """A moof with its mdat; offsets within `data` alone."""

    data: bytes
    number_at: int
    times: tuple[_Time, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class _Loop:
    """The loop in parts, and how long it plays (seconds)."""

    head: bytes
    dates_at: tuple[int, ...]
    fragments: tuple[_Fragment, ...]
    seconds: float


def write_clip(path: Path, size: int, *, seed: int) -> None:
    """Write a playable clip of `size` bytes.

    It has at least one fragment, so it is never shorter than some 150 KB, and up to 7 bytes are
    left out where they cannot be filled. Clips of different seeds differ in every fragment.

    Args:
        path: the new file.
        size: bytes.
        seed: determines the time of recording and the numbers of the fragments.
    """
    loop = _loop()
    head = bytearray(loop.head)
    for at in loop.dates_at:
        struct.pack_into(">II", head, at, *(2 * [_FIRST_DAY + seed * 3607 % _YEAR]))
    fragments = [(fragment, bytearray(fragment.data)) for fragment in loop.fragments]
    number = 1 + seed * 65_537 % 2**30
    left = size - len(head)
    with path.open("wb") as file:
        file.write(head)
        for count in range(1 + max(0, left) // min(len(f.data) for f in loop.fragments)):
            turn, which = divmod(count, len(fragments))
            fragment, data = fragments[which]
            if count and len(data) > left:
                break
            _follow(fragment, data, number=number + count, seconds=turn * loop.seconds)
            file.write(data)
            left -= len(data)
        if left >= 8:  # cameras, too, leave such free space where they reserved more than they used
            file.write(struct.pack(">I4s", left, b"free") + bytes(left - 8))


def _follow(fragment: _Fragment, data: bytearray, *, number: int, seconds: float) -> None:
    struct.pack_into(">I", data, fragment.number_at, number)
    for time in fragment.times:
        struct.pack_into(">Q", data, time.at, time.ticks + round(seconds * time.rate))


@cache
def _loop() -> _Loop:
    data = LOOP.read_bytes()
    top = [box for box in boxes(data) if box.kind in {b"ftyp", b"moov", b"moof", b"mdat"}]
    head = data[: top[1].end]
    rates = _rates(head)
    pairs = [(moof, mdat) for moof, mdat in zip(top[2::2], top[3::2], strict=True)]
    fragments = tuple(_fragment(data[moof.start : mdat.end], rates) for moof, mdat in pairs)
    return _Loop(
        head=head,
        dates_at=tuple(box.start + 12 for box in boxes(head) if box.kind in _DATED),
        fragments=fragments,
        seconds=max(end for fragment in fragments for end in _plays_until(fragment, rates)),
    )


def _rates(head: bytes) -> dict[int, int]:
    """Return the ticks per second of each track."""
    tracks = [struct.unpack_from(">I", head, b.start + 20)[0] for b in boxes(head) if b.kind == b"tkhd"]
    rates = [struct.unpack_from(">I", head, b.start + 20)[0] for b in boxes(head) if b.kind == b"mdhd"]
    return dict(zip(tracks, rates, strict=True))


def _fragment(data: bytes, rates: dict[int, int]) -> _Fragment:
    times: list[_Time] = []
    number_at = track = 0
    for box in boxes(data):
        if box.kind == b"mfhd":
            number_at = box.start + 12
        elif box.kind == b"tfhd":
            track = struct.unpack_from(">I", data, box.start + 12)[0]
        elif box.kind == b"tfdt":  # version 1: 64 bits, which ffmpeg always writes
            ticks = struct.unpack_from(">Q", data, box.start + 12)[0]
            times.append(_Time(at=box.start + 12, ticks=ticks, rate=rates[track]))
    return _Fragment(data=data, number_at=number_at, times=tuple(times))


def _plays_until(fragment: _Fragment, rates: dict[int, int]) -> Iterator[float]:
    """Return the second at which each track of a fragment ends."""
    track = ticks = default = 0
    for box in boxes(fragment.data):
        if box.kind not in {b"tfhd", b"tfdt", b"trun"}:
            continue
        flags = struct.unpack_from(">I", fragment.data, box.start + 8)[0] & 0xFFFFFF
        if box.kind == b"tfhd":
            track = struct.unpack_from(">I", fragment.data, box.start + 12)[0]
            at = box.start + 16 + sum(size for flag, size in _BEFORE_DURATION.items() if flags & flag)
            default = struct.unpack_from(">I", fragment.data, at)[0]
            if not flags & _DEFAULT_DURATION_IS_PRESENT:
                default = 0
        elif box.kind == b"tfdt":
            ticks = struct.unpack_from(">Q", fragment.data, box.start + 12)[0]
        else:
            yield (ticks + _ticks_of_run(fragment.data, box, flags, default)) / rates[track]


def _ticks_of_run(data: bytes, box: Box, flags: int, default: int) -> int:
    count: int = struct.unpack_from(">I", data, box.start + 12)[0]
    if not flags & _DURATION_IS_PRESENT:
        return count * default
    first = box.start + 16 + sum(size for flag, size in _BEFORE_SAMPLES.items() if flags & flag)
    step = 4 * sum(bool(flags & flag) for flag in _PER_SAMPLE)
    return sum(struct.unpack_from(">I", data, first + n * step)[0] for n in range(count))
