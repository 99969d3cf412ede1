"""`bwvdock custody erase-values`: which personal values does the journal no longer keep?"""

from __future__ import annotations

from argparse import Namespace
from typing import Any

from bwvdock.cli.moments import begin, read_moment
from bwvdock.cli.orders import carry_out, show
from bwvdock.cli.output.screen import say
from bwvdock.cli.output.terminal import StatusLine
from bwvdock.core.moments import iso
from bwvdock.operators.requests import EraseValues
from bwvdock.units import format_count

_REMEDY = "For example: --before 2026-03-01"


def erase_values(arguments: Namespace) -> int:
    """Erase personal values; those of all clips before a time part by part, so that no other work waits."""
    before = read_moment(arguments.before, begin, remedy=_REMEDY)
    order = EraseValues(
        basis=arguments.basis,
        reason=arguments.reason,
        clips=tuple(arguments.clip or ()),
        camera=arguments.camera or "",
        officer=arguments.officer or "",
        case=arguments.case or "",
        operator=arguments.operator or "",
        before=iso(before) if before else "",
    )
    answer = _part_by_part(arguments, order) if before else carry_out(arguments, order)
    show(arguments, answer)
    return 0


def _part_by_part(arguments: Namespace, order: EraseValues) -> dict[str, Any]:
    """Return what all parts led to; where one fails or is interrupted, what was erased before is said."""
    line, total, first, finished = StatusLine(), 0, dict[str, Any](), False
    try:
        while not finished:
            part = carry_out(arguments, order)
            first = first or part
            total += part["values"]
            finished = not part["values"]
            line.show(f"{format_count(total, 'personal value')} erased so far")
    finally:
        line.show("")
        if total and not finished:
            say(f"{_erased(total)} before this. The same order erases the rest.")
    if total:
        return {**first, "values": total, "message": f"{_erased(total)} in all. {_about(first)}"}
    return first


def _erased(values: int) -> str:
    return format_count(values, "personal value was", "personal values were") + " erased"


def _about(answer: dict[str, Any]) -> str:
    return str(answer["message"]).partition(". ")[2]
