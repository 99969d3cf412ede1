"""What is expected of a camera's firmware, settings and officer id, and what does it say instead?

A camera says what it says: whether it is so, nobody here can see. Nothing is ever written to it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bwvdock.core.media.fields import FieldFormat, field_in, json_field
from bwvdock.core.media.names import escape

FIRMWARE = "firmware"
OFFICER = "officer id"
_MOST_SHOWN = 64


@dataclass(frozen=True, kw_only=True, slots=True)
class Where:
    """Where a camera says something: in a field of a file, or as an MTP device property.

    Attributes:
        file: a pattern for the file; "" where it is a property.
        key: the field, as core/media/fields.py has it; in JSON it may also be true or false.
        format: how the file is written.
        code: the property's number; 0 where it is a file.
    """

    file: str = ""
    key: str = ""
    format: FieldFormat = FieldFormat.JSON
    code: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Setting:
    """A setting, and the values that it may have; letter case does not matter."""

    name: str
    where: Where
    values: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Expected:
    """What a profile expects of its cameras.

    Attributes:
        firmware: the versions that are in use; none is any.
        settings: what is compared.
        officer: where the camera says whose it is; it is compared with the roster.
    """

    firmware: tuple[str, ...] = ()
    settings: tuple[Setting, ...] = ()
    officer: Where | None = None

    @property
    def places(self) -> Mapping[str, Where]:
        """Where all of it is, by name; the firmware is what the camera says when it is opened."""
        own = {setting.name: setting.where for setting in self.settings}
        return own | ({OFFICER: self.officer} if self.officer else {})


def shown(value: object) -> str:
    """Return a value as it is shown and compared: escaped, and at most 64 characters of it; "" for none."""
    if isinstance(value, bool):
        value = str(value).lower()
    said = str(value)[:_MOST_SHOWN].strip() if isinstance(value, int | str) else ""
    return escape(said.encode("utf-8", "surrogatepass"))


def in_file(where: Where, content: bytes) -> str:
    """Return what a file says, as `shown` has it."""
    if where.format is FieldFormat.JSON and isinstance(value := json_field(content, where.key), bool):
        return shown(value)
    return shown(field_in(content, where.key, where.format))


def differences(expected: Expected, says: Mapping[str, str]) -> tuple[str, ...]:
    """Return a line for each thing that a camera says otherwise than expected; what is not known is none."""
    wanted = {setting.name: setting.values for setting in expected.settings}
    if expected.firmware:
        wanted = {FIRMWARE: expected.firmware} | wanted
    return tuple(
        f"{name}: says {said}, expected {' or '.join(values)}"
        for name, values in wanted.items()
        if (said := says.get(name, "")) and said.casefold() not in {value.casefold() for value in values}
    )


def expectations(expected: Expected | None, says: Mapping[str, str]) -> list[str]:
    """Return a line for each thing that is expected, with what the camera says."""
    if expected is None:
        return []
    wanted = {setting.name: setting.values for setting in expected.settings}
    if expected.firmware:
        wanted = {FIRMWARE: expected.firmware} | wanted
    lines = [
        f"{name}: says {says.get(name) or 'nothing that is known'}, expected {' or '.join(values)}"
        for name, values in wanted.items()
    ]
    return lines + ([f"{OFFICER}: says {says.get(OFFICER) or 'none'}"] if expected.officer else [])


def contradicts(officer: str, held_by: str) -> bool:
    """Return whether a camera says another officer than the roster; not if one of them says nobody."""
    return bool(officer and held_by) and officer.casefold() != held_by.strip().casefold()
