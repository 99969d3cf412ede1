"""How is a camera made to show its disk when it shows a configuration interface first?

An UnlockRule is a declarative part of a profile: for which cameras, what is sent to them and what they must
answer. It does not contain the secret, only the name of the systemd credential. edges/cameras/unlock.py
carries out the steps; bays/unlocking.py decides when.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

MOST_STEPS: Final = 16
MOST_BYTES: Final = 1024  # of a message and of a reply
MOST_SECRET_BYTES: Final = 256
MOST_MS: Final = 10_000  # for one step
USUAL_MS: Final = 2_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Message:
    """A message: fixed bytes, or the bytes before the secret and those after it."""

    pieces: tuple[bytes, ...]

    @property
    def has_secret(self) -> bool:
        """Whether it contains the secret."""
        return len(self.pieces) > 1

    def with_secret(self, secret: bytes) -> bytes:
        """Return the bytes that are sent to the camera."""
        return secret.join(self.pieces)


@dataclass(frozen=True, kw_only=True, slots=True)
class ExpectedReply:
    """The required reply: `expected` at the offset `at`; if `expected` is empty, any reply."""

    expected: bytes = b""
    at: int = 0

    def is_in(self, got: bytes) -> bool:
        """Return whether a reply is the required one."""
        return len(got) >= self.at and got[self.at :].startswith(self.expected)


@dataclass(frozen=True, kw_only=True, slots=True)
class BulkOut:
    """Send a message to a bulk endpoint."""

    endpoint: int
    message: Message
    timeout_ms: int = USUAL_MS


@dataclass(frozen=True, kw_only=True, slots=True)
class BulkIn:
    """Read a reply from a bulk endpoint."""

    endpoint: int
    reply: ExpectedReply
    timeout_ms: int = USUAL_MS


@dataclass(frozen=True, kw_only=True, slots=True)
class ControlOut:
    """Make a vendor or class control request that sends a message."""

    request_type: int
    request: int
    value: int
    index: int
    message: Message
    timeout_ms: int = USUAL_MS


@dataclass(frozen=True, kw_only=True, slots=True)
class ControlIn:
    """Make a control request that returns a reply of up to `length` bytes."""

    request_type: int
    request: int
    value: int
    index: int
    length: int
    reply: ExpectedReply
    timeout_ms: int = USUAL_MS


Step = BulkOut | BulkIn | ControlOut | ControlIn


@dataclass(frozen=True, kw_only=True, slots=True)
class UnlockRule:
    """How one model is unlocked.

    Attributes:
        usb: the full ids that it has while it is locked; none: the rule is a template to copy.
        model: its USB product string; "" is any. Several cameras may have the same ids and need different
            steps.
        credential: the name of the systemd credential that holds the secret.
        steps: in order.
    """

    usb: tuple[str, ...]
    credential: str
    steps: tuple[Step, ...]
    model: str = ""

    def is_for(self, *, usb: str, model: str) -> bool:
        """Return whether the rule is for a camera with these ids and this product string."""
        return usb.lower() in self.usb and self.model in {"", model}
