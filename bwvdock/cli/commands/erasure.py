"""`bwvdock custody erase-values`: which personal values does the journal no longer keep?"""

from __future__ import annotations

from argparse import Namespace

from bwvdock.cli.moments import begin, read_moment
from bwvdock.cli.orders import carry_out, show
from bwvdock.core.moments import iso
from bwvdock.operators.requests import EraseValues

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
        before=iso(before) if before else "",
    )
    answer = carry_out(arguments, order)
    if before:
        total, part = answer["values"], answer
        while part["values"]:
            part = carry_out(arguments, order)
            total += part["values"]
        if total:
            message = f"{total:,} personal values were erased in all. {_about(answer)}"
            answer = {**answer, "values": total, "message": message}
    show(arguments, answer)
    return 0


def _about(answer: dict[str, object]) -> str:
    return str(answer["message"]).partition(". ")[2]
