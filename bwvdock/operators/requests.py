"""What can a command ask of the daemon, and how is that written as one line of JSON?

    {"request": "flag", "clips": ["01kge4"], "reason": "burglary", "case": "C-7"}

edges/control.py sends the line; operators/orders.py decides what a request leads to.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from typing import Any, ClassVar, get_args, get_type_hints

from bwvdock.errors import UsageError

Texts = tuple[str, ...]
Rows = tuple[Texts, ...]


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
        return kind(**{name: _typed(value, wanted[name]) for name, value in document.items()})
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise UsageError(
            "The daemon does not know this request: it is a different version from this command.",
            remedy="systemctl restart bwvdock",
        ) from None


def _typed(value: Any, kind: Any) -> Any:  # noqa: ANN401 - JSON values, and types as they are declared
    if kind in {Texts, Rows}:
        item = str if kind == Texts else Texts
        if not isinstance(value, list):
            raise TypeError("expected a list")
        return tuple(_typed(one, item) for one in value)
    if type(value) is not kind:
        raise TypeError(f"expected {kind}")
    return value
