"""How do MTP's datasets look as bytes? The responder's own encoder, written from the specification alone.

It shares nothing with bwvdock's codec: a mistake made in both would be seen by nobody.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tests.fakes.mtp.contents import FOLDER, Item, Store

COMMAND, DATA, RESPONSE, EVENT = 1, 2, 3, 4
UNKNOWN_LENGTH = 0xFFFF_FFFF

U16, U32, U64, U128, STR = 0x0004, 0x0006, 0x0008, 0x000A, 0xFFFF


@dataclass(frozen=True, kw_only=True, slots=True)
class Command:
    """A command container as it came from the host."""

    length: int
    kind: int
    op: int
    tid: int
    params: tuple[int, ...]


def decode_command(raw: bytes) -> Command:
    """Take a command apart; raises struct.error if it is none."""
    length, kind, op, tid = struct.unpack_from("<IHHI", raw)
    count = (len(raw) - 12) // 4
    return Command(length=length, kind=kind, op=op, tid=tid, params=struct.unpack_from(f"<{count}I", raw, 12))


def header(length: int, kind: int, code: int, tid: int) -> bytes:
    return struct.pack("<IHHI", length, kind, code, tid & 0xFFFF_FFFF)


def response(code: int, tid: int, params: Sequence[int] = ()) -> bytes:
    body = struct.pack(f"<{len(params)}I", *(param & 0xFFFF_FFFF for param in params))
    return header(12 + len(body), RESPONSE, code, tid) + body


def event(code: int, params: Sequence[int] = (), tid: int = 0) -> bytes:
    body = struct.pack(f"<{len(params)}I", *params)
    return header(12 + len(body), EVENT, code, tid) + body


def string(text: str) -> bytes:
    """A length byte in UTF-16 units, the closing NUL counted; nothing at all for an empty string."""
    if not text:
        return b"\0"
    units = text.encode("utf-16-le", "surrogatepass") + b"\0\0"
    if len(units) > 2 * 255:
        raise ValueError("too long for an MTP string")
    return bytes([len(units) // 2]) + units


def array16(values: Iterable[int]) -> bytes:
    held = list(values)
    return struct.pack(f"<I{len(held)}H", len(held), *held)


def array32(values: Iterable[int]) -> bytes:
    held = list(values)
    return struct.pack(f"<I{len(held)}I", len(held), *held)


def device_info(
    *, operations: Iterable[int], extension: tuple[int, str], serial: str, properties: Iterable[int] = ()
) -> bytes:
    return b"".join(
        [
            struct.pack("<HIH", 100, extension[0], 100),
            string(extension[1]),
            struct.pack("<H", 0),
            array16(sorted(operations)),
            array16([0x4002, 0x4003, 0x4004, 0x4005]),
            array16([0x5011, *properties]),
            array16([]),
            array16([0x3001, 0xB982]),
            string("Example"),
            string("BWC-100"),
            string("1.0"),
            string(serial),
        ]
    )


def storage_info(store: Store, objects: int) -> bytes:
    numbers = struct.pack(
        "<HHHQQI", store.type, 2, store.access, store.capacity, store.free, max(1000 - objects, 0)
    )
    return numbers + string(store.description) + string(store.volume)


def object_info(item: Item, *, samsung: bool) -> bytes:
    """The 52 fixed bytes and four strings; with `samsung` the size takes eight bytes and all shifts."""
    size = item.content.size if item.info_size is None else item.info_size
    parent = item.parent if item.info_parent is None else item.info_parent
    wide = struct.pack("<Q", size) if samsung else struct.pack("<I", min(size, 0xFFFF_FFFF))
    return b"".join(
        [
            struct.pack("<IHH", item.store, item.format, item.protection),
            wide,
            struct.pack("<HIIIIII", 0, 0, 0, 0, 0, 0, 0),
            struct.pack("<IHII", parent, 1 if item.format == FOLDER else 0, 0, 0),
            string(item.name) if item.raw_name is None else item.raw_name,
            string(item.created),
            string(item.modified),
            string(""),
        ]
    )


def prop_value(item: Item, prop: int, size_bytes: int = 8) -> tuple[int, bytes] | None:
    """Return an object property's data type and value; None for one that it does not have."""
    size = item.content.size if item.prop_size is None else item.prop_size
    wide = struct.pack("<Q", size) if size_bytes == 8 else struct.pack("<I", min(size, 0xFFFF_FFFF))
    name = string(item.name) if item.raw_name is None else item.raw_name
    known: dict[int, tuple[int, bytes]] = {
        0xDC01: (U32, struct.pack("<I", item.store)),
        0xDC02: (U16, struct.pack("<H", item.format)),
        0xDC03: (U16, struct.pack("<H", item.protection)),
        0xDC04: (U64 if size_bytes == 8 else U32, wide),
        0xDC07: (STR, name),
        0xDC08: (STR, string(item.created)),
        0xDC09: (STR, string(item.modified)),
        0xDC0B: (U32, struct.pack("<I", item.parent if item.info_parent is None else item.info_parent)),
        0xDC41: (U128, struct.pack("<QQ", item.handle, item.store)),
        0xDC44: (STR, name),
    }
    return known.get(prop)


PROPS = (0xDC01, 0xDC02, 0xDC03, 0xDC04, 0xDC07, 0xDC08, 0xDC09, 0xDC0B, 0xDC41, 0xDC44)


def prop_list(entries: Sequence[tuple[int, int, int, bytes]], count_error: int) -> bytes:
    body = b"".join(struct.pack("<IHH", handle, prop, kind) + value for handle, prop, kind, value in entries)
    return struct.pack("<I", len(entries) + count_error) + body


def level(code: int, value: int, scale: bytes, *, kind: str = "B") -> bytes:
    """Return the description of a level; `scale` is its form, as `range_of` and `values_of` make it."""
    number = {"b": 1, "B": 2, "h": 3, "H": 4, "i": 5, "I": 6}[kind]
    packed = struct.pack(f"<{kind}", value)
    return struct.pack("<HHB", code, number, 0) + packed + packed + scale


def range_of(least: int, most: int, *, kind: str = "B") -> bytes:
    """Return the form of a range in steps of one."""
    return b"\1" + struct.pack(f"<3{kind}", least, most, 1)


def values_of(*values: int, kind: str = "B") -> bytes:
    """Return the form that names each value."""
    return b"\2" + struct.pack(f"<H{len(values)}{kind}", len(values), *values)
