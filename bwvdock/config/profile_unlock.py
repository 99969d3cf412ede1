"""What does the [unlock] table of a profile say: how is a camera made to show its disk?

Everything is bounded, and only class and vendor requests are allowed: a wrong rule can make a camera refuse,
and no more. The keys are explained in docs/reference/profiles.md.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from enum import StrEnum
from typing import Final

from bwvdock.config.toml_table import Parser, Table, choice, instead, text, whole
from bwvdock.core.media.unlock import (
    MOST_BYTES,
    MOST_MS,
    MOST_STEPS,
    USUAL_MS,
    BulkIn,
    BulkOut,
    ControlIn,
    ControlOut,
    ExpectedReply,
    Message,
    Step,
    UnlockRule,
)

MAY_BE_SHOWN: Final = frozenset({"endpoint", "request_type", "request", "length", "at", "timeout_ms"})
"""Keys in [unlock] whose numbers a mistake may show; any other key may contain a PIN by mistake."""

_PLACE: Final = "{secret}"
_IN: Final = 0x80
_KIND_OF_REQUEST: Final = 0x60  # 0 there is "standard": the requests of USB itself
_NOTHING: Final = Message(pieces=(b"",))


class _Do(StrEnum):
    BULK_OUT = "bulk-out"
    BULK_IN = "bulk-in"
    CONTROL = "control"


def unlock_rule(table: Table) -> UnlockRule:
    """Return the rule in the table; mistakes are recorded in the table."""
    steps = tuple(_step(step) for step in table.tables("step"))
    rule = UnlockRule(
        usb=table.need("usb", _ids, (), remedy='write usb = ["vvvv:pppp"], its ids while it is locked'),
        model=table.take("model", text, default=""),
        credential=table.need(
            "credential",
            _credential,
            "secret",
            remedy="give the name of the systemd credential with the secret",
        ),
        steps=steps,
    )
    if not 1 <= len(steps) <= MOST_STEPS:
        table.wrong("step", f"{len(steps)} steps", f"write 1 to {MOST_STEPS} steps, each as [[unlock.step]]")
    elif not any(isinstance(step, BulkOut | ControlOut) and step.message.has_secret for step in steps):
        table.wrong("step", "no step sends the secret", f"write {_PLACE} where a step should send it")
    table.nothing_else()
    return rule


def _step(table: Table) -> Step:
    do = table.need("do", choice(*_Do), _Do.BULK_OUT, remedy='write do = "bulk-out"')
    step: Step
    if do is _Do.CONTROL:
        step = _control(table)
    elif do is _Do.BULK_OUT:
        endpoint = table.need("endpoint", _number(0x01, 0x0F), 1, remedy="write endpoint = 0x01")
        step = BulkOut(endpoint=endpoint, message=_message(table), timeout_ms=_timeout(table))
    else:
        endpoint = table.need("endpoint", _number(0x81, 0x8F), 0x81, remedy="write endpoint = 0x81")
        step = BulkIn(endpoint=endpoint, reply=_reply(table), timeout_ms=_timeout(table))
    table.nothing_else()
    return step


def _control(table: Table) -> Step:
    request_type = table.need(
        "request_type", _request_type, _IN | 0x40, remedy="write the request's bmRequestType"
    )
    request = table.need("request", _number(0, 0xFF), 0, remedy="write the request's bRequest")
    value = table.take("value", _number(0, 0xFFFF), default=0)
    index = table.take("index", _number(0, 0xFFFF), default=0)
    if not request_type & _IN:
        return ControlOut(
            request_type=request_type,
            request=request,
            value=value,
            index=index,
            message=_message(table, may_be_empty=True),
            timeout_ms=_timeout(table),
        )
    return ControlIn(
        request_type=request_type,
        request=request,
        value=value,
        index=index,
        length=table.need("length", _number(1, MOST_BYTES), 1, remedy="write the number of bytes to read"),
        reply=_reply(table),
        timeout_ms=_timeout(table),
    )


def _message(table: Table, *, may_be_empty: bool = False) -> Message:
    given = [key for key in ("text", "hex") if table.has(key)]
    by_text = table.take("text", _template(str.encode), default=_NOTHING)
    by_hex = table.take("hex", _template(_from_hex), default=_NOTHING)
    if len(given) > 1 or not (given or may_be_empty):
        which = "both text and hex are given" if given else "neither text nor hex is given"
        table.wrong("text", which, "give either text or hex")
    return by_hex if given == ["hex"] else by_text


def _reply(table: Table) -> ExpectedReply:
    by_text = table.take("expect", _fixed(str.encode), default=b"")
    by_hex = table.take("expect_hex", _fixed(_from_hex), default=b"")
    if by_text and by_hex:
        remedy = "give either expect or expect_hex"
        table.wrong("expect", "both expect and expect_hex are given", remedy)
    return ExpectedReply(
        expected=by_hex or by_text, at=table.take("at", _number(0, MOST_BYTES - 1), default=0)
    )


def _timeout(table: Table) -> int:
    return table.take("timeout_ms", _number(1, MOST_MS), default=USUAL_MS)


def _template(to_bytes: Callable[[str], bytes]) -> Parser[Message]:
    def parse(value: object) -> Message:
        pieces = tuple(to_bytes(piece) for piece in text(value).split(_PLACE))
        if len(pieces) > 2:
            raise instead(f"write {_PLACE} at most once")
        _bounded(b"".join(pieces))
        return Message(pieces=pieces)

    return parse


def _fixed(to_bytes: Callable[[str], bytes]) -> Parser[bytes]:
    def parse(value: object) -> bytes:
        if _PLACE in text(value):
            raise instead("the expected reply must not contain the secret")
        return _bounded(to_bytes(text(value)))

    return parse


def _bounded(data: bytes) -> bytes:
    if len(data) > MOST_BYTES:
        raise instead(f"write at most {MOST_BYTES} bytes")
    return data


def _from_hex(digits: str) -> bytes:
    try:
        return bytes.fromhex(digits)
    except ValueError:
        raise instead('write pairs of hexadecimal digits, such as "45 3a 02"') from None


def _number(least: int, most: int) -> Parser[int]:
    return whole(least, most, what=f"a number from {least:#x} to {most:#x} ({least} to {most})")


def _request_type(value: object) -> int:
    given = _number(0, 0xFF)(value)
    if given & _KIND_OF_REQUEST not in {0x20, 0x40} or given & 0x1F > 3:
        raise instead("write the bmRequestType of a class or vendor request, such as 0x40 or 0xc0")
    return given


def _ids(value: object) -> tuple[str, ...]:
    # None is allowed: a template to be copied matches no camera.
    if not isinstance(value, list):
        raise instead('write a list, such as ["1234:abcd"]')
    ids = tuple(text(item).lower() for item in value)
    if not all(re.fullmatch(r"[0-9a-f]{4}:[0-9a-f]{4}", item) for item in ids):
        raise instead('write full ids, "vvvv:pppp": a step that unlocks one model may lock another')
    return ids


def _credential(value: object) -> str:
    name = text(value)
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,254}", name):
        raise instead(
            "write the name of a systemd credential: letters, digits, . _ and -; not the secret itself"
        )
    return name
