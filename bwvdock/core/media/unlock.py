"""How is a camera brought to show its disk, when it shows a configuration interface first?

An UnlockRule is declarative, a part of a profile: for which cameras, what is sent to them and what
they must answer. The secret is not in it: only the name that systemd knows it by. Who carries the
steps out is edges/cameras/unlock.py; when, unlocking.py in the package's root.
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
    """What is sent: fixed bytes, or what stands before the secret and what stands after it."""

    pieces: tuple[bytes, ...]

    @property
    def has_secret(self) -> bool:
        """Whether the secret stands in it."""
        return len(self.pieces) > 1

    def with_secret(self, secret: bytes) -> bytes:
        """Return the bytes that go to the camera."""
        return secret.join(self.pieces)


@dataclass(frozen=True, kw_only=True, slots=True)
class Reply:
    """What must come back: `expected` at the offset `at`. No `expected`: any reply will do."""

    expected: bytes = b""
    at: int = 0

    def is_in(self, got: bytes) -> bool:
        """Return whether that is the reply."""
        return len(got) >= self.at and got[self.at :].startswith(self.expected)


@dataclass(frozen=True, kw_only=True, slots=True)
class BulkOut:
    """Send a message to a bulk endpoint."""

    endpoint: int
    message: Message
    timeout_ms: int = USUAL_MS


@dataclass(frozen=True, kw_only=True, slots=True)
class BulkIn:
    """Have a reply from a bulk endpoint."""

    endpoint: int
    reply: Reply
    timeout_ms: int = USUAL_MS


@dataclass(frozen=True, kw_only=True, slots=True)
class ControlOut:
    """Make a control request of the vendor's or of the class that sends a message."""

    request_type: int
    request: int
    value: int
    index: int
    message: Message
    timeout_ms: int = USUAL_MS


@dataclass(frozen=True, kw_only=True, slots=True)
class ControlIn:
    """Make a control request that gives a reply of up to `length` bytes."""

    request_type: int
    request: int
    value: int
    index: int
    length: int
    reply: Reply
    timeout_ms: int = USUAL_MS


Step = BulkOut | BulkIn | ControlOut | ControlIn


@dataclass(frozen=True, kw_only=True, slots=True)
class UnlockRule:
    """How one model is unlocked.

    Attributes:
        usb: the full ids that it has while it is locked; none: the rule is a shape to copy.
        model: what it must call itself (its USB product string); "" is anything. Ids alone may be
            those of several cameras that want different things.
        credential: the name of the systemd credential that holds the secret.
        steps: in order.
    """

    usb: tuple[str, ...]
    credential: str
    steps: tuple[Step, ...]
    model: str = ""

    def is_for(self, *, usb: str, model: str) -> bool:
        """Return whether a camera with these ids, which calls itself that, is unlocked by it."""
        return usb.lower() in self.usb and self.model in {"", model}
