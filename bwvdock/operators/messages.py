"""How does a request reach the thread that answers it?"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bwvdock.core.clips.classes.veil import Veil
from bwvdock.errors import BwvdockError, NotRunningError
from bwvdock.operators.requests import Request

Answer = Mapping[str, Any] | BwvdockError


@dataclass(frozen=True, slots=True)
class Asked:
    """A request of an operator from the control socket; the answer is passed to `answer`.

    `veil` says which clips the operator may not see, and so give no order about; None: they may see all.
    """

    request: Request
    actor: str
    answer: Callable[[Answer], None]
    veil: Veil | None = None


def nobody_answers(asked: Asked) -> None:
    """Answer that no request can be answered: no handler is set."""
    asked.answer(NotRunningError("The daemon cannot answer requests yet.", remedy="Ask again in a moment."))


@dataclass(frozen=True, slots=True)
class Checked:
    """The spool's copy that an operator's order depends on was read; `error` says what is wrong with it."""

    asked: Asked
    error: BwvdockError | None
