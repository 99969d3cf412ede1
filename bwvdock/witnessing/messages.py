"""What does a worker report that asked a witness?"""

from __future__ import annotations

from dataclasses import dataclass

from bwvdock.core.custody.witnessing import Contradiction
from bwvdock.errors import BwvdockError


@dataclass(frozen=True, kw_only=True, slots=True)
class Fed:
    """What a witness (its verifier key) answered about the checkpoint of a size.

    Exactly one of these is given: `line`, its cosignature without a newline; `contradiction`; or `error`, why
    nothing is known.
    """

    witness: str
    size: int
    line: str = ""
    contradiction: Contradiction | None = None
    error: BwvdockError | None = None
