"""`bwvdock custody erase-values`: which personal values does the journal no longer keep?"""

from __future__ import annotations

from argparse import Namespace
from dataclasses import replace
from typing import Any

from bwvdock.cli.moments import begin, read_moment
from bwvdock.cli.orders import carry_out, show
from bwvdock.cli.output.console import say
from bwvdock.cli.output.terminal import StatusLine
from bwvdock.core.moments import iso
from bwvdock.operators.requests import EraseValues
from bwvdock.units import format_count

_REMEDY = "For example: --before 2026-03-01"


def erase_values(arguments: Namespace) -> int:
    """Erase personal values, part by part where all have to be looked at, so that no other work waits."""
    before = read_moment(arguments.before, begin, remedy=_REMEDY)
    order = EraseValues(
        basis=arguments.basis,
        reason=arguments.reason,
        clips=tuple(arguments.clip or ()),
        camera=arguments.camera or "",
        officer=arguments.officer or "",
        unit=arguments.unit or "",
        case=arguments.case or "",
        event=arguments.event or "",
        operator=arguments.operator or "",
        before=iso(before) if before else "",
    )
    show(arguments, _part_by_part(arguments, order))
    return 0


def _part_by_part(arguments: Namespace, order: EraseValues) -> dict[str, Any]:
    """Return what all parts led to; where one fails or is interrupted, what was erased before is said."""
    line, parts, after = StatusLine(), list[dict[str, Any]](), ""
    try:
        while not parts or after:
            part = carry_out(arguments, replace(order, after=after))
            after = part.pop("after", "")
            if part["values"] or not parts:
                parts.append(part)
            if after:
                line.show(f"{format_count(_values(parts), 'personal value')} erased so far")
    finally:
        line.show("")
        if after and _values(parts):
            say(f"{_erased(_values(parts))} before this. The same order erases the rest.")
    return _in_all([part for part in parts if part["values"]] or parts)


def _in_all(parts: list[dict[str, Any]]) -> dict[str, Any]:
    if len(parts) == 1:
        return parts[0]
    total = _values(parts)
    return {**parts[0], "values": total, "message": f"{_erased(total)} in all. {_about(parts[0])}"}


def _values(parts: list[dict[str, Any]]) -> int:
    return sum(part["values"] for part in parts)


def _erased(values: int) -> str:
    return format_count(values, "personal value was", "personal values were") + " erased"


def _about(answer: dict[str, Any]) -> str:
    return str(answer["message"]).partition(". ")[2]
