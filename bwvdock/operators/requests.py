"""What can a command ask of the daemon, and how is that written as one line of JSON?

    {"request": "flag", "clips": ["01kge4"], "reason": "burglary", "case": "C-7"}

edges/control.py sends the line; operators/orders.py decides what a request leads to.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, ClassVar, get_args, get_type_hints

from bwvdock.errors import UsageError
from bwvdock.operators.assigned_rows import Rows, Texts, check_rows
from bwvdock.operators.attribution.requests import AttributionOrder
from bwvdock.operators.audit.disclosure import Disclose, DrawSample
from bwvdock.operators.checkout.requests import CheckoutRequest, OwnClipsRequest
from bwvdock.operators.events.requests import ImportEvents
from bwvdock.operators.holds.requests import HoldOrder, RequestOrder
from bwvdock.operators.observed import BackedUp, Verified
from bwvdock.operators.retention.requests import Restore, Review

Pairs = tuple[tuple[str, str], ...]

MOST_TEXT = 4096  # characters; what an order may record of it is less still (decisions.py)
MOST_CLIPS = 5000  # named in one request: more than a command line holds
CONFIGURATION = "configuration"  # the one Query that is not about the journal
_MOST_ARGUMENTS = 32
_ROWS_PER_SECOND = 250


@dataclass(frozen=True, kw_only=True, slots=True)
class Status:
    """Report the live status."""

    name: ClassVar[str] = "status"


@dataclass(frozen=True, kw_only=True, slots=True)
class Screen:
    """Report what a screen at the dock shows; its user may ask this, and about own clips, alone."""

    name: ClassVar[str] = "screen"


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
    """Admit a camera to this dock. `unit` is the one that it belongs to, "" to leave that as it is."""

    name: ClassVar[str] = "enrol"
    serial: str
    model: str = ""
    unit: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class EnrolRows:
    """Admit many cameras. A row is (line, serial, model, unit); the last two may be ""."""

    name: ClassVar[str] = "enrol_rows"
    rows: Rows


@dataclass(frozen=True, kw_only=True, slots=True)
class Revoke:
    """Withdraw a camera's admission."""

    name: ClassVar[str] = "revoke"
    serial: str
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Assign:
    """Record who held cameras when. `correct` allows it to contradict earlier assignments.

    A row is (line, serial, officer, from, to), or has a unit as well: its line in the file, or "", and times
    as the journal writes them; `to` is "" for an open end.
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
    """Place clips on hold: no copy may be erased or disposed of."""

    name: ClassVar[str] = "hold"
    clips: Texts
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Unhold:
    """End the hold of clips."""

    name: ClassVar[str] = "unhold"
    clips: Texts
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Hurry:
    """Put clips before all others that wait. The reason may be left out."""

    name: ClassVar[str] = "hurry"
    clips: Texts
    reason: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Dispose:
    """Dispose now of footage past its retention date, or free the spool of `proven` copies before it."""

    name: ClassVar[str] = "dispose"
    proven: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class AskCopies:
    """Have destinations asked now for every copy that they have proven: one of them, or all ("")."""

    name: ClassVar[str] = "ask_copies"
    destination: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class SignNow:
    """Have a checkpoint of the journal signed now, and return it."""

    name: ClassVar[str] = "checkpoint"


@dataclass(frozen=True, kw_only=True, slots=True)
class Consult:
    """Record that a person is about to see who is linked to footage.

    `clips` are the whole ids of the clips that are looked at, where it is about these; `for_request` is the
    request that it is for.
    """

    name: ClassVar[str] = "consult"
    command: str
    subject: str
    reason: str = ""
    clips: Texts = ()
    for_request: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Exported:
    """Record that these clips were exported; `tagmanifest_sha256` is the digest of the package's tagmanifest.

    It is given once the package is complete.
    """

    name: ClassVar[str] = "exported"
    clips: Texts
    tagmanifest_sha256: str
    reason: str
    for_request: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class EraseValues:
    """Erase personal values: of clips, of clips before a time, or one value wherever it is.

    The value is a camera's serial, an officer's id, a unit, a case reference, an event's id, or an operator
    as the journal names one. Exactly one of them, `clips` and `before` is given. Of all values, and of all
    clips, some are looked at at once: while the answer has a member `after`, the order is repeated with that.
    """

    name: ClassVar[str] = "erase_values"
    basis: str
    reason: str = ""
    clips: Texts = ()
    camera: str = ""
    officer: str = ""
    case: str = ""
    operator: str = ""
    unit: str = ""
    event: str = ""
    before: str = ""
    after: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Query:
    """What does the journal say? No order and no entry: `what` is one of operators/queries.py.

    Each of `arguments` is a name and a text.
    """

    name: ClassVar[str] = "query"
    what: str
    arguments: Pairs = ()


Request = (
    Status
    | Screen
    | Pause
    | Resume
    | Enrol
    | EnrolRows
    | Revoke
    | Assign
    | ImportEvents
    | Retry
    | Flag
    | Unflag
    | Hold
    | Unhold
    | Review
    | AttributionOrder
    | HoldOrder
    | RequestOrder
    | Restore
    | Hurry
    | Dispose
    | Consult
    | Exported
    | SignNow
    | AskCopies
    | EraseValues
    | Verified
    | BackedUp
    | Disclose
    | DrawSample
    | CheckoutRequest
    | OwnClipsRequest
)
_REQUESTS: dict[str, type[Request | Query]] = {kind.name: kind for kind in (*get_args(Request), Query)}


_LISTS = (Assign, EnrolRows, ImportEvents)


def more_seconds(request: Request) -> float:
    """Return how many seconds more than another order a list may take, on both sides of the socket.

    It is recorded part by part, after the work for cameras.
    """
    return len(request.rows) / _ROWS_PER_SECOND if isinstance(request, _LISTS) else 0.0


def encode(request: Request | Query, *, claim: int | None = None) -> bytes:
    """Return a request's line; `claim` is the user who logged in and typed it, if known."""
    document = {"request": request.name, **asdict(request)}
    if claim is not None:
        document["login_uid"] = claim
    return json.dumps(document).encode() + b"\n"


def decode(line: bytes) -> Request | Query:
    """Read a request's line: total, so that whatever comes is a request that can be answered, or refused.

    Raises:
        UsageError: it is not a request that this version knows, or it cannot be carried out.
    """
    return decode_claim(line)[0]


def decode_claim(line: bytes) -> tuple[Request | Query, int | None]:
    """Read a request's line, and which user logged in and typed it, if the line says so.

    Raises:
        UsageError: as `decode` does.
    """
    try:
        document = json.loads(line)
        kind = _REQUESTS[document.pop("request")]
        claim = _uid(document.pop("login_uid", None))
        hints = get_type_hints(kind)
        wanted = {f.name: hints[f.name] for f in fields(kind)}
        request = kind(**{name: _READERS[wanted[name]](value) for name, value in document.items()})
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise UsageError(
            "The daemon cannot use this request: it is not one that this version knows, or a text in it is "
            "not text.",
            remedy="Are command and daemon of one version? systemctl restart bwvdock",
        ) from None
    if isinstance(request, Assign):
        check_rows(request.rows)
    return request, claim


def _uid(value: object) -> int | None:
    if value is None or (type(value) is int and 0 <= value < 2**32):
        return value
    raise TypeError("a user's number is wanted")


def _text(value: object) -> str:
    if not isinstance(value, str) or "\0" in value:
        raise TypeError("a text is wanted")
    if len(value) > MOST_TEXT:
        raise UsageError(
            f"A text in this order has {len(value):,} characters; at most {MOST_TEXT:,} are taken. "
            "Nothing was recorded.",
            remedy="Shorten the reason, or what else is long, and enter it again.",
        )
    value.encode()  # ValueError for half of a surrogate pair, which neither a file nor SQLite can hold
    return value


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise TypeError("true or false is wanted")
    return value


def _count(value: object) -> int:
    if type(value) is not int or not 0 <= value < 2**53:
        raise TypeError("a number is wanted")
    return value


def _texts(value: object) -> Texts:
    return tuple(_text(one) for one in _list(value, most=MOST_CLIPS))


def _rows(value: object) -> Rows:
    rows = tuple(_texts(row) for row in _list(value))
    if not rows:
        raise ValueError("rows are wanted")
    return rows


def _pairs(value: object) -> Pairs:
    pairs = tuple(_texts(pair) for pair in _list(value, most=_MOST_ARGUMENTS))
    return tuple((name, said) for name, said in pairs)


def _list(value: object, *, most: int | None = None) -> list[object]:
    if not isinstance(value, list) or (most is not None and len(value) > most):
        raise TypeError("a list is wanted")
    return value


_READERS: Mapping[Any, Callable[[object], Any]] = {
    str: _text,
    int: _count,
    bool: _flag,
    Texts: _texts,
    Rows: _rows,
    Pairs: _pairs,
}
