"""What does a disk say of its own health (SMART)? smartctl asks it, which needs root."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from bwvdock.edges.inspection.programs import Ran, run
from bwvdock.errors import NotSeenError

_NOT_OPENED = 0b10  # of smartctl's exit status: the device could not be opened
_SECONDS = 15.0  # a disk that sleeps is woken up
_AS_ROOT = "sudo bwvdock doctor"

# Attributes of ATA disks that say that sectors were lost; what vendors mean by others differs.
_SECTORS = {5: "reallocated sectors", 197: "pending sectors", 198: "uncorrectable sectors"}


@dataclass(frozen=True, kw_only=True, slots=True)
class SmartReport:
    """What one disk reports.

    `passed` is its own verdict. `sectors` counts, by what they are called, those that gave errors. `worn` is
    the part of a solid-state disk's life that is used, in per cent; None where it does not say. `critical` is
    whether an NVMe disk gives a critical warning.
    """

    disk: str
    passed: bool
    sectors: Mapping[str, int] = field(default_factory=dict)
    worn: int | None = None
    critical: bool = False


def read_smart(disk: str, *, ask: Callable[..., Ran] = run) -> SmartReport:
    """Return what a disk ("sda") reports of itself.

    Raises:
        NotSeenError: it was not asked, or reports nothing.
    """
    ran = ask("smartctl", "--json", "-H", "-A", f"/dev/{disk}", seconds=_SECONDS, package="smartmontools")
    try:
        said: Any = json.loads(ran.out)
        if ran.code & _NOT_OPENED:
            raise _not_asked(disk, said)
        passed = said["smart_status"]["passed"]
    except (ValueError, RecursionError, KeyError, TypeError):
        raise NotSeenError(
            f"{disk} does not report its health, as virtual disks and most USB adapters do not",
            remedy=f"Look at the disk by its vendor's tool, or: sudo smartctl -x /dev/{disk}",
        ) from None
    nvme = _table(said, "nvme_smart_health_information_log")
    return SmartReport(
        disk=disk,
        passed=passed is True,
        sectors=dict(_sectors(said)),
        worn=_number(nvme.get("percentage_used")),
        critical=bool(_number(nvme.get("critical_warning"))),
    )


def _not_asked(disk: str, said: Mapping[str, Any]) -> NotSeenError:
    messages = _table(said, "smartctl").get("messages")
    texts = (
        [str(m.get("string", "")) for m in messages if isinstance(m, dict)]
        if isinstance(messages, list)
        else []
    )
    why = next(filter(None, texts), "smartctl gives no reason")
    return NotSeenError(f"{disk} was not asked for its health: {why}", remedy=_AS_ROOT)


def _sectors(said: Mapping[str, Any]) -> list[tuple[str, int]]:
    rows = _table(said, "ata_smart_attributes").get("table")
    found = []
    for row in rows if isinstance(rows, list) else []:
        match row:
            case {"id": int(number), "raw": {"value": int(count)}} if number in _SECTORS and count > 0:
                found.append((_SECTORS[number], count))
    return found


def _table(said: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found = said.get(key)
    return found if isinstance(found, dict) else {}


def _number(value: object) -> int | None:
    return value if isinstance(value, int) else None
