"""What can be recorded about standing holds, and about the requests that people answer with footage?

A standing hold is on whatever matches it, now and later. Whom it is about, why, and who
asked are personal data: entries commit to them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from bwvdock.core.facts.visibility.personal import personal


@dataclass(frozen=True, kw_only=True, slots=True)
class HoldOpened:
    """A person placed a standing hold on every clip that matches, also on clips that come later.

    All that is given must match; "" is anything. `since` and `until` bound the time of recording (UTC, both
    inclusive). `place` is where the camera was docked, and `place_kind` what that names: "dock", "site" or
    "bay". `review` is the day on which a person is asked whether it is still needed (ISO 8601; "" for
    none); the hold stays until a person ends it. `request` is the request that it belongs to.
    """

    kind: ClassVar[str] = "hold_opened"
    hold: str
    camera: str = personal(optional=True)
    officer: str = personal(optional=True)
    unit: str = personal(optional=True)
    event: str = personal(optional=True)
    place: str = personal(optional=True)
    place_kind: str = ""
    since: str = ""
    until: str = ""
    review: str = ""
    request: str = ""
    reason: str = personal()
    requester: str = personal(optional=True)
    actor: str = personal()


@dataclass(frozen=True, kw_only=True, slots=True)
class HoldEnded:
    """A person ended a standing hold; other holds on the same clips are unchanged."""

    kind: ClassVar[str] = "hold_ended"
    hold: str
    reason: str = personal()
    actor: str = personal()


@dataclass(frozen=True, kw_only=True, slots=True)
class ClipHoldMatched:
    """The clip matches a standing hold: no copy may be erased or disposed of.

    `certain`: all that the hold asks for is known of the clip. Otherwise it may match, and is kept; `basis`
    says what is not known.
    """

    kind: ClassVar[str] = "clip_hold_matched"
    clip: str
    hold: str
    certain: bool
    basis: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ClipHoldOver:
    """A standing hold that the clip was on was ended by a person: it keeps this clip no longer."""

    kind: ClassVar[str] = "clip_hold_over"
    clip: str
    hold: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ClipHoldExcepted:
    """A person took the clip out of a standing hold, which keeps the others."""

    kind: ClassVar[str] = "clip_hold_excepted"
    clip: str
    hold: str
    reason: str = personal()
    actor: str = personal()


@dataclass(frozen=True, kw_only=True, slots=True)
class RequestOpened:
    """A person recorded a request for footage; `about` is its kind: "foi", "subject-access" and others.

    `received` and `due` are days (ISO 8601) in the dock's zone; `due` is "" where no rule sets one,
    and `rule` says which did.
    """

    kind: ClassVar[str] = "request_opened"
    request: str
    about: str
    received: str
    due: str = ""
    rule: str = ""
    by: str = personal()
    reason: str = personal()
    actor: str = personal()


@dataclass(frozen=True, kw_only=True, slots=True)
class RequestCorrected:
    """A person corrected when a request was received, or is due; the earlier entries stay as they are.

    `received`, `due` and `rule` are as of `request_opened`, and replace them; `received_before` and
    `due_before` are what was known until then.
    """

    kind: ClassVar[str] = "request_corrected"
    request: str
    received: str
    due: str = ""
    rule: str = ""
    received_before: str
    due_before: str = ""
    reason: str = personal()
    actor: str = personal()


@dataclass(frozen=True, kw_only=True, slots=True)
class RequestClosed:
    """A person closed a request: `outcome` is one of a closed list, "" where none was given."""

    kind: ClassVar[str] = "request_closed"
    request: str
    outcome: str = ""
    reason: str = personal()
    actor: str = personal()
