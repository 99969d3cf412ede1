"""What does the thread report that reads the health of cameras?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bwvdock.core.health.seen import CameraHealth
from bwvdock.errors import BwvdockError


@dataclass(frozen=True, kw_only=True, slots=True)
class HealthRead:
    """The health of some cameras, as the journal says; or `error` says why that is not known."""

    found: Sequence[CameraHealth] = ()
    error: BwvdockError | None = None
