"""What can a command ask of the daemon, and how is that written as one line of JSON?

    {"request": "flag", "clips": ["01kge4"], "reason": "burglary", "case": "C-7"}

edges/control.py sends the line; operators/orders.py decides what a request leads to.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any, ClassVar, get_args, get_type_hints

from bwvdock.core.moments import iso
from bwvdock.errors import UsageError

Texts = tuple[str, ...]
Rows = tuple[Texts, ...]

_ROW_FIELDS = 5
_FIRST_YEAR, _LAST_YEAR = 2000, 2199  # in which somebody can have held a camera; others are slips of the pen
_MOST_MISTAKES = 100


@dataclass(frozen=True, kw_only=True, slots=True)
class Status:
    """Report the live status."""

    name: ClassVar[str] = "status"


@dataclass(frozen=True, kw_only=True, slots=True)
class Pause:
    """Stop copying and uploading."""

    name: ClassVar[str] = "pause"


@dataclass(frozen=True, kw_only=True, slots=True)
class Resume:
    """Resume copying and uploading."""

    name: ClassVar[str] = "resume"


@dataclass(frozen=True, kw_only=True, slots=True)
class Enrol:
    """Admit a camera to this dock."""

    name: ClassVar[str] = "enrol"
    serial: str
    model: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Revoke:
    """Withdraw a camera's admission."""

    name: ClassVar[str] = "revoke"
    serial: str
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Assign:
    """Record who held cameras when. `correct` allows it to contradict earlier assignments.

    A row is (line, serial, officer, from, to): its line in the file, or "", and times as the journal writes
    them; `to` is "" for an open end.
    """

    name: ClassVar[str] = "assign"
    rows: Rows
    correct: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Retry:
    """Release a clip from quarantine. `clip` is an id or a prefix of one."""

    name: ClassVar[str] = "retry"
    clip: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Flag:
    """Mark clips as evidence. Each of `clips` is an id or a prefix of one, here and below."""

    name: ClassVar[str] = "flag"
    clips: Texts
    reason: str
    case: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Unflag:
    """Remove the evidence mark from clips."""

    name: ClassVar[str] = "unflag"
    clips: Texts
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Hold:
    """Place clips on legal hold: no copy may be erased or disposed of."""

    name: ClassVar[str] = "hold"
    clips: Texts
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Unhold:
    """End the legal hold of clips."""

    name: ClassVar[str] = "unhold"
    clips: Texts
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Dispose:
    """Dispose now of footage past its retention date."""

    name: ClassVar[str] = "dispose"


@dataclass(frozen=True, kw_only=True, slots=True)
class Consult:
    """Record that a person is about to see who is linked to footage, or to export footage."""

    name: ClassVar[str] = "consult"
    command: str
    subject: str
    reason: str = ""


Request = (
    Status
    | Pause
    | Resume
    | Enrol
    | Revoke
    | Assign
    | Retry
    | Flag
    | Unflag
    | Hold
    | Unhold
    | Dispose
    | Consult
)
_REQUESTS: dict[str, type[Request]] = {kind.name: kind for kind in get_args(Request)}


def encode(request: Request) -> bytes:
    """Return the line of a request."""
    return json.dumps({"request": request.name, **asdict(request)}).encode() + b"\n"


def decode(line: bytes) -> Request:
    """Return the request in a line.

    Raises:
        UsageError: it is not a request that this version knows.
    """
    try:
        document = json.loads(line)
        kind = _REQUESTS[document.pop("request")]
        hints = get_type_hints(kind)
        wanted = {f.name: hints[f.name] for f in fields(kind)}
        request = kind(**{name: _typed(value, wanted[name]) for name, value in document.items()})
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise UsageError(
            "The daemon does not know this request: it is a different version from this command.",
            remedy="systemctl restart bwvdock",
        ) from None
    if isinstance(request, Assign):
        _check_rows(request.rows)
    return request


def assigned_time(text: str, *, typed: str = "") -> str:
    """Return a time of an assignment as the journal writes it.

    Args:
        text: the time.
        typed: what a person typed for it, to name it by.

    Raises:
        ValueError: it is not an ISO 8601 time with a UTC offset, or is in an impossible year.
    """
    try:
        moment = datetime.fromisoformat(text)
        written = iso(moment)
    except (ValueError, OverflowError):
        moment, written = None, ""
    if moment is None or moment.tzinfo is None:
        raise ValueError(f"{(typed or text)!r} is not an ISO 8601 time with a UTC offset")
    if not f"{_FIRST_YEAR}" <= written[:4] <= f"{_LAST_YEAR}":
        raise ValueError(f"{(typed or text)!r} is not in the years {_FIRST_YEAR} to {_LAST_YEAR}")
    return written


def _check_rows(rows: Rows) -> None:
    """Refuse rows that no roster can have; whether they contradict each other is checked later.

    Raises:
        UsageError: with each such row's line and what is wrong with it.
    """
    mistakes = [mistake for row in rows for mistake in _mistakes(row)]
    if mistakes:
        shown = [*mistakes[:_MOST_MISTAKES], *(["and more"] if len(mistakes) > _MOST_MISTAKES else [])]
        lines = "\n".join(f"  {mistake}" for mistake in shown)
        raise UsageError(
            f"Nothing was recorded:\n{lines}", remedy="Correct these rows, then enter them again."
        )


def _mistakes(row: Texts) -> Iterator[str]:
    if len(row) != _ROW_FIELDS:
        yield "a row has a line, a serial, an officer and two times"
        return
    line, _, _, begins, ends = row
    for time in (begins, ends) if ends else (begins,):
        try:
            assigned_time(time)
        except ValueError as error:
            yield f"line {line}: {error}" if line else f"{error}"


def _typed(value: Any, kind: Any) -> Any:  # noqa: ANN401 - JSON values, and types as they are declared
    if kind in {Texts, Rows}:
        item = str if kind == Texts else Texts
        if not isinstance(value, list):
            raise TypeError("expected a list")
        return tuple(_typed(one, item) for one in value)
    if type(value) is not kind:
        raise TypeError(f"expected {kind}")
    return value
