"""What does a camera say of one of its properties: its value, on which scale, and may it be set?

Source: USB-IF Media Transfer Protocol 1.1, 5.1.2 (DevicePropDesc) and annex C; PIMA 15740, 13.3.3.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from bwvdock.edges.cameras.mtp.wire import Reader, WireError

TEXT: Final = 0xFFFF
_INTEGERS: Final = range(0x0001, 0x000B)  # INT8, UINT8, INT16 ... UINT128
_RANGE: Final = 1
_ENUMERATION: Final = 2

Value = int | str


@dataclass(frozen=True, kw_only=True, slots=True)
class DeviceProperty:
    """The description of a property; a text is as it came, lone surrogates and all.

    Attributes:
        code: its number.
        writable: whether the camera allows it to be set.
        current: its value now.
        least: the lower end of its scale; None where the description names neither a range nor values.
        most: the upper end of it; None likewise.
        values: those that it may have, where the description names them one by one.
    """

    code: int
    writable: bool
    current: Value
    least: Value | None = None
    most: Value | None = None
    values: tuple[Value, ...] = ()


def device_property(data: bytes) -> DeviceProperty:
    """Take a DevicePropDesc dataset apart; what follows a form that is not known is not looked at.

    Raises:
        WireError: it is none, or of a type without a single value.
    """
    read = Reader(data)
    code, kind, access = read.integer(2), read.integer(2), read.integer(1)
    _value(read, kind)  # the value that the camera comes with
    current = _value(read, kind)
    form = read.integer(1)
    least = most = None
    values: tuple[Value, ...] = ()
    if form == _RANGE:
        least, most = _value(read, kind), _value(read, kind)
    elif form == _ENUMERATION:
        values = tuple(_value(read, kind) for _ in range(read.integer(2)))
    return DeviceProperty(
        code=code, writable=access == 1, current=current, least=least, most=most, values=values
    )


def _value(read: Reader, kind: int) -> Value:
    if kind == TEXT:
        return read.string()
    if kind not in _INTEGERS:
        raise WireError(f"a property of the type 0x{kind:04X}")
    return read.integer(1 << (kind - 1) // 2, signed=kind % 2 == 1)


def level(said: DeviceProperty) -> tuple[int, int, int] | None:
    """Return value, empty and full of a property that is a level; None where the camera names no scale.

    Where it names the values one by one, nothing is 0 and the largest is full.
    """
    numbers = [value for value in (said.current, *said.values) if isinstance(value, int)]
    if said.values and len(numbers) == 1 + len(said.values):
        return (numbers[0], 0, max(numbers[1:])) if numbers[0] in numbers[1:] else None
    if isinstance(said.current, int) and isinstance(said.least, int) and isinstance(said.most, int):
        return said.current, said.least, said.most
    return None
