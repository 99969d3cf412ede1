"""How do containers and datasets look as bytes? Pure: no device, no clock, no state.

All that comes in was made by a stranger. Whatever the bytes are, each function gives a value or
raises WireError; lengths and counts are checked against the bytes that are really there.
All integers are little-endian. Source: USB-IF Media Transfer Protocol 1.1, chapter and annexes of
the datasets; USB Still Image Capture Device Definition 1.0, section 7.
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from enum import IntEnum
from typing import Final

from bwvdock.edges.cameras.mtp.codes import UNKNOWN, ResponseCode
from bwvdock.errors import UnreadableError

HEADER: Final = 12
MAX_PARAMS: Final = 5

_HEADER = struct.Struct("<IHHI")
_OBJECT_INFO = struct.Struct("<IHHIHIIIIIIIHII")
_OBJECT_INFO_64 = struct.Struct("<IHHQHIIIIIIIHII")
_STORAGE_INFO = struct.Struct("<HHHQQI")
_DATE = re.compile(r"(\d{8})T(\d{6})(?:\.(\d{1,9})\d*)?(?:(Z)|([+-]\d{2}):?(\d{2}))?", re.ASCII)


class WireError(UnreadableError):
    """The camera sent something that is not MTP."""

    def __init__(self, what: str) -> None:
        super().__init__(
            f"The camera sent something that is not MTP: {what}.",
            remedy="Dock it again; if it stays so, report its model and firmware.",
        )


class ContainerKind(IntEnum):
    """Types of containers."""

    COMMAND = 1
    DATA = 2
    RESPONSE = 3
    EVENT = 4


@dataclass(frozen=True, kw_only=True, slots=True)
class ContainerHeader:
    """The head of a container. `length` counts itself; 0xFFFFFFFF means that it does not fit.

    Some cameras give the low 32 bits of a length that does not fit, so it may be any number.
    """

    length: int
    kind: int
    code: int
    transaction: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Response:
    """A response, or an event: they look alike."""

    code: int
    transaction: int
    params: tuple[int, ...] = ()

    @property
    def ok(self) -> bool:
        """Return whether it is 0x2001."""
        return self.code == ResponseCode.OK


@dataclass(frozen=True, kw_only=True, slots=True)
class DeviceInfo:
    """What GetDeviceInfo gives. Strings are as they came, lone surrogates and all."""

    extension_id: int
    extension: str
    operations: frozenset[int]
    events: frozenset[int]
    properties: frozenset[int]
    manufacturer: str
    model: str
    version: str
    serial: str


@dataclass(frozen=True, kw_only=True, slots=True)
class StorageInfo:
    """What GetStorageInfo gives. `capacity` and `free` are bytes; `access` 0 is read-write, 1 read-only."""

    kind: int
    filesystem: int
    access: int
    capacity: int
    free: int
    description: str
    volume: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ObjectInfo:
    """What GetObjectInfo gives. A `size` of None means that it does not fit 32 bits."""

    store: int
    format: int
    protection: int
    size: int | None
    parent: int
    name: str
    created: str
    modified: str


def command(op: int, transaction: int, params: tuple[int, ...] = ()) -> bytes:
    """Make a command container."""
    if len(params) > MAX_PARAMS:
        raise RuntimeError(f"an operation has at most {MAX_PARAMS} parameters, not {len(params)}")
    head = _HEADER.pack(HEADER + 4 * len(params), ContainerKind.COMMAND, op, transaction)
    return head + struct.pack(f"<{len(params)}I", *params)


def data(op: int, transaction: int, payload: bytes) -> bytes:
    """Make the data container of an operation that takes bytes."""
    return _HEADER.pack(HEADER + len(payload), ContainerKind.DATA, op, transaction) + payload


def packed(text: str) -> bytes:
    """Make the string that `text` takes apart: of 1 to 254 UTF-16 units."""
    units = text.encode("utf-16-le") + b"\0\0"
    if not 2 < len(units) <= 2 * 255:
        raise RuntimeError(f"a string of {len(text)} characters")
    return bytes([len(units) // 2]) + units


def cancel_request(transaction: int) -> bytes:
    """Make the data of the class request 0x64, which cancels a transaction."""
    return struct.pack("<HI", 0x4001, transaction)


def status_code(data: bytes) -> int | None:
    """Return the code in the answer to the class request 0x67; None if there is none."""
    return int(struct.unpack_from("<H", data, 2)[0]) if len(data) >= 4 else None


def header(data: bytes | memoryview) -> ContainerHeader:
    """Take the head of a container apart.

    Raises:
        WireError: there are fewer than 12 bytes.
    """
    if len(data) < HEADER:
        raise WireError(f"a container of {len(data)} bytes")
    length, kind, code, transaction = _HEADER.unpack_from(data)
    return ContainerHeader(length=length, kind=kind, code=code, transaction=transaction)


def response(data: bytes | memoryview) -> Response:
    """Take a response container apart; more bytes than it says are not looked at.

    Raises:
        WireError: it is none.
    """
    return _short(data, ContainerKind.RESPONSE)


def event(data: bytes | memoryview) -> Response:
    """Take an event container apart.

    Raises:
        WireError: it is none.
    """
    return _short(data, ContainerKind.EVENT)


def _short(data: bytes | memoryview, kind: ContainerKind) -> Response:
    head = header(data)
    count, odd = divmod(head.length - HEADER, 4)
    if head.kind != kind or odd or not 0 <= count <= MAX_PARAMS or head.length > len(data):
        raise WireError(f"no {kind.name.lower()}, but type {head.kind} with {head.length} bytes")
    params = struct.unpack_from(f"<{count}I", data, HEADER)
    return Response(code=head.code, transaction=head.transaction, params=params)


class Reader:
    """Reads a dataset from its beginning on; never past its end: each read raises WireError instead."""

    def __init__(self, data: bytes, at: int = 0) -> None:
        self._data = data
        self._at = at

    def take(self, count: int) -> bytes:
        """Return the next bytes."""
        piece = self._data[self._at : self._at + count]
        if len(piece) < count:
            raise WireError(f"a dataset that ends {count - len(piece)} bytes early")
        self._at += count
        return piece

    def integer(self, size: int, *, signed: bool = False) -> int:
        """Return an integer of so many bytes."""
        return int.from_bytes(self.take(size), "little", signed=signed)

    def array(self, size: int) -> tuple[int, ...]:
        """Return an array of integers of 2 or 4 bytes, whose count comes first."""
        count = self.integer(4)
        if count * size > len(self._data) - self._at:
            raise WireError(f"an array of {count} items, in {len(self._data)} bytes")
        kind = {2: "H", 4: "I"}[size]
        return struct.unpack(f"<{count}{kind}", self.take(count * size))

    def string(self) -> str:
        """Read a count of UTF-16 units, the closing NUL counted; some cameras leave it out, some pad."""
        units = self.take(2 * self.integer(1))
        return units.decode("utf-16-le", "surrogatepass").rstrip("\0")

    def optional_string(self) -> str:
        """Read a text as `string` does, or "" where the dataset ends before it."""
        return self.string() if self._at < len(self._data) else ""


def handles(data: bytes) -> tuple[int, ...]:
    """Take an array of 32-bit numbers apart: object handles or storage ids.

    Raises:
        WireError: it is none.
    """
    return Reader(data).array(4)


def text(data: bytes) -> str:
    """Take a single string apart.

    Raises:
        WireError: it is none.
    """
    return Reader(data).string()


def integer(data: bytes) -> int:
    """Take a single unsigned integer of 1, 2, 4, 8 or 16 bytes apart; its type follows from its length.

    Raises:
        WireError: it has another length.
    """
    if len(data) not in {1, 2, 4, 8, 16}:
        raise WireError(f"an integer of {len(data)} bytes")
    return int.from_bytes(data, "little")


def device_info(data: bytes) -> DeviceInfo:
    """Take a DeviceInfo dataset apart (MTP 1.1, 5.1.1).

    Raises:
        WireError: it is none.
    """
    read = Reader(data)
    read.take(2)
    extension_id = read.integer(4)
    read.take(2)
    extension = read.string()
    read.take(2)
    operations, events, properties, _, _ = (frozenset(read.array(2)) for _ in range(5))
    return DeviceInfo(
        extension_id=extension_id,
        extension=extension,
        operations=operations,
        events=events,
        properties=properties,
        manufacturer=read.optional_string(),
        model=read.optional_string(),
        version=read.optional_string(),
        serial=read.optional_string(),
    )


def storage_info(data: bytes) -> StorageInfo:
    """Take a StorageInfo dataset apart (MTP 1.1, 5.2.2).

    Raises:
        WireError: it is none.
    """
    read = Reader(data)
    kind, filesystem, access, capacity, free, _ = _STORAGE_INFO.unpack(read.take(_STORAGE_INFO.size))
    return StorageInfo(
        kind=kind,
        filesystem=filesystem,
        access=access,
        capacity=capacity,
        free=free,
        description=read.optional_string(),
        volume=read.optional_string(),
    )


def object_info(data: bytes) -> ObjectInfo:
    """Take an ObjectInfo dataset apart (MTP 1.1, 5.3.1).

    Some Samsung devices give the size eight bytes, which shifts all that follows by four. Where
    the name should begin there are then the four zeros of the sequence number.

    Raises:
        WireError: it is none.
    """
    wide = len(data) > 56 and not any(data[52:56]) and data[56] != 0
    fixed = _OBJECT_INFO_64 if wide else _OBJECT_INFO
    if len(data) < fixed.size:
        raise WireError(f"a description of an object in {len(data)} bytes")
    store, kind, protection, size, *_, parent, _, _, _ = fixed.unpack_from(data)
    read = Reader(data, fixed.size)
    return ObjectInfo(
        store=store,
        format=kind,
        protection=protection,
        size=size if wide or size != UNKNOWN else None,
        parent=parent,
        name=read.string(),
        created=read.optional_string(),
        modified=read.optional_string(),
    )


def time_ns(date: str) -> int | None:
    """Return a DateTime string as nanoseconds since 1970, or None if it has no time.

    `YYYYMMDDThhmmss[.s][Z|+hhmm|-hhmm]` (MTP 1.1, 3.2.5). Mostly there is no zone and the camera's
    local time is meant; it is then taken as UTC, as FAT's times are: the same file always gets the
    same number, which is what distinguishing files needs.
    """
    match = _DATE.fullmatch(date.strip())
    if match is None:
        return None
    day, clock, fraction, _, hours, minutes = match.groups()
    try:
        moment = datetime.strptime(day + clock, "%Y%m%d%H%M%S").replace(tzinfo=_zone(hours, minutes))
        whole = (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(seconds=1)
    except (ValueError, OverflowError):
        return None
    return whole * 1_000_000_000 + int((fraction or "").ljust(9, "0")) if whole >= 0 else None


def bears_zone(date: str) -> bool:
    """Return whether a DateTime string says its own offset from UTC."""
    match = _DATE.fullmatch(date.strip())
    return match is not None and bool(match[4] or match[5])


def _zone(hours: str | None, minutes: str | None) -> timezone:
    if hours is None or minutes is None:
        return UTC
    sign = -1 if hours.startswith("-") else 1
    return timezone(timedelta(hours=int(hours), minutes=sign * int(minutes)))
