"""How are checks carried out so that one that hangs, or is broken, is one line and not the end?"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from enum import IntEnum

from bwvdock.doctor.findings import Check, Finding, Result, unseen
from bwvdock.errors import BwvdockError

SECONDS = 10.0
_MOST_FINDINGS = 200


class Turn(IntEnum):
    """When a probe runs: those of a turn run at once, each in a thread of its own.

    Root looks at the dock's own folders as their owner, and rights belong to the whole process: so
    the probes that change them by themselves come first, one after the other; those that may need root are
    next; the last ones run with the owner's rights.
    """

    ALONE = 0
    AS_ASKED = 1
    AS_OWNER = 2


@dataclass(frozen=True, kw_only=True, slots=True)
class Probe:
    """One look at something. `look` returns what came of its `checks`, and may raise anything, or hang."""

    checks: tuple[Check, ...]
    look: Callable[[], Iterable[Finding]]
    subject: str = ""
    seconds: float = SECONDS
    turn: Turn = Turn.AS_ASKED


@dataclass(slots=True)
class _Looking:
    """A probe at work, in `thread`; None where it was not begun. `found` is set last, and whole."""

    probe: Probe
    thread: threading.Thread | None = None
    found: list[Finding] | None = None
    began: float = field(default_factory=time.monotonic)


def carry_out(
    probes: Sequence[Probe], *, as_owner: Callable[[], AbstractContextManager[None]] = nullcontext
) -> list[Finding]:
    """Return what came of each probe, in their order.

    A probe that does not end in its time is left behind, and not begun again before it has ended: what hangs
    for days, in a daemon, holds one thread.

    Args:
        probes: what to look at.
        as_owner: takes the rights of the owner of the dock's folders while it is entered.
    """
    found: dict[int, list[Finding]] = {}
    left = {thread.name for thread in threading.enumerate()}

    def together(numbers: Sequence[int]) -> None:
        looking = {number: _begin(probes[number], left) for number in numbers}
        found.update({number: _end(one) for number, one in looking.items()})

    of_turn = {turn: [n for n, probe in enumerate(probes) if probe.turn is turn] for turn in Turn}
    for number in of_turn[Turn.ALONE]:
        together([number])
    together(of_turn[Turn.AS_ASKED])
    try:
        with as_owner():
            together(of_turn[Turn.AS_OWNER])
    except (BwvdockError, OSError) as trouble:
        found.update({n: _failed(probes[n], trouble) for n in of_turn[Turn.AS_OWNER] if n not in found})
    return [finding for number in range(len(probes)) for finding in found[number]]


def _begin(probe: Probe, left: Collection[str]) -> _Looking:
    looking = _Looking(probe=probe)
    name = f"check {probe.checks[0]} {probe.subject}"
    if name in left:
        why = "an earlier look has not returned"
        looking.found = _unsaid(probe, why, "See what hangs: journalctl -k; systemctl status bwvdock")
        return looking
    thread = threading.Thread(target=_look, args=(looking,), name=name, daemon=True)
    try:
        thread.start()
    except RuntimeError as trouble:  # there are no more threads
        looking.found = _failed(probe, trouble)
    else:
        looking.thread = thread
    return looking


def _look(looking: _Looking) -> None:
    probe = looking.probe
    try:
        found = [finding for finding, _ in zip(probe.look(), range(_MOST_FINDINGS), strict=False)]
        looking.found = found or _unsaid(probe, "it found nothing to look at", "bwvdock doctor --help")
    except Exception as trouble:  # noqa: BLE001 - one check fails, the others are reported all the same
        looking.found = _failed(probe, trouble)


def _end(looking: _Looking) -> list[Finding]:
    probe = looking.probe
    if looking.thread is not None:
        looking.thread.join(max(0.0, looking.began + probe.seconds - time.monotonic()))
    if looking.found is not None:
        return looking.found
    return _unsaid(
        probe,
        f"nothing answered within {probe.seconds:g} s",
        "Try again; if it lasts, see what hangs: journalctl -k; systemctl status bwvdock",
    )


def _failed(probe: Probe, trouble: Exception) -> list[Finding]:
    if isinstance(trouble, BwvdockError):
        return _unsaid(probe, trouble.message.rstrip("."), trouble.remedy or "sudo bwvdock doctor")
    kind = type(trouble).__name__
    return _unsaid(
        probe,
        f"the check met an error that it was not prepared for ({kind}: {_words(trouble)})",
        "Please report it to the maintainers, with this line",
    )


def _unsaid(probe: Probe, why: str, remedy: str) -> list[Finding]:
    return [unseen(check, why, remedy, subject=probe.subject) for check in probe.checks]


def _words(trouble: Exception) -> str:
    try:
        return str(trouble)
    except Exception:  # noqa: BLE001 - a class of a library whose words are broken too
        return "it cannot be put into words"


def left_out(probes: Iterable[Probe], checks: Iterable[Check], why: str, remedy: str) -> list[Probe]:
    """Return the probes; what makes one of some checks is replaced by what says that it was left out."""
    out = frozenset(checks)

    def one(probe: Probe) -> Probe:
        if out.isdisjoint(probe.checks):
            return probe
        said = _unsaid(probe, why, remedy)
        return Probe(checks=probe.checks, look=lambda: said, subject=probe.subject)

    return [one(probe) for probe in probes]


def counted(findings: Iterable[Finding]) -> dict[Result, int]:
    """Return how many findings there are of each result."""
    counts = dict.fromkeys(Result, 0)
    for finding in findings:
        counts[finding.result] += 1
    return counts
