"""Which of the docked cameras is an officer offered? None that cannot be shown to be right.

What is seen of each camera is given; whether one is safe is the judgement that `bwvdock status` shows.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    """What came of a badge, or of a camera that was taken or returned."""

    TAKE = "take"
    TAKEN = "taken"
    TAKEN_ANOTHER = "taken-another"
    TAKEN_TWO = "taken-two"
    NOT_TAKEN = "not-taken"
    UNKNOWN_BADGE = "unknown-badge"
    NONE_SAFE = "none-safe"
    NONE_CHARGED = "none-charged"
    NONE_SUITABLE = "none-suitable"
    HAS_ONE = "has-one"
    RETURNED = "returned"


class WhenHeld(StrEnum):
    """What happens where an officer already has a camera that is not docked here."""

    REFUSE = "refuse"
    EXCHANGE = "exchange"
    ALLOW = "allow"


@dataclass(frozen=True, kw_only=True, slots=True)
class Rules:
    """What [checkout] says.

    Attributes:
        min_battery: percent; a camera whose battery is not known is offered only if it is 0.
        max_offset_ms: how far the camera's clock may be off where that was measured.
        take_within_ms: how long an offer lasts.
        models: those that are offered, without case; empty for all.
        other_units: a camera of a unit may be offered to officers of others; never a restricted unit's.
        when_held: the rule for an officer who already has a camera.
    """

    min_battery: int = 80
    max_offset_ms: int = 60_000
    take_within_ms: int = 60_000
    models: frozenset[str] = frozenset()
    other_units: bool = False
    when_held: WhenHeld = WhenHeld.REFUSE


@dataclass(frozen=True, kw_only=True, slots=True)
class Candidate:
    """A docked camera that is admitted, as it is seen now.

    Attributes:
        serial: the camera.
        bay: its bay's name.
        safe: it is shown as safe to remove.
        docked_ms: when it was docked, by the clock since boot.
        battery: percent; None where it is not known.
        offset_ms: by how much its clock was off, either way; None where it was not measured.
        models: what it is called: as enrolled, as it says itself.
        unit: its own unit; "" for none.
        restricted: footage of that unit is restricted.
        officer: to whom it is assigned now; "" for nobody: only then it is a pool camera.
        set_aside: its health says that it should not be used.
    """

    serial: str
    bay: str
    safe: bool
    docked_ms: int
    battery: int | None = None
    offset_ms: int | None = None
    models: frozenset[str] = frozenset()
    unit: str = ""
    restricted: bool = False
    officer: str = ""
    set_aside: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Choice:
    """The camera that is offered, or why none is."""

    outcome: Outcome
    camera: Candidate | None = None


def choose(
    candidates: Iterable[Candidate],
    *,
    officer: str,
    unit: str,
    held: Collection[str],
    rules: Rules,
    but: Collection[str] = (),
) -> Choice:
    """Return which camera an officer is offered.

    Args:
        candidates: the docked cameras.
        officer: who asks.
        unit: the officer's unit, "" for none.
        held: the serials of the cameras that are assigned to the officer now, wherever they are.
        rules: of the configuration.
        but: cameras that are not offered now: another officer may be about to take one of them.
    """
    docked = list(candidates)
    own = [one for one in docked if one.officer and one.officer == officer]
    if own:
        return _best(own, but, rules)
    if held and rules.when_held is WhenHeld.REFUSE:
        return Choice(outcome=Outcome.HAS_ONE)
    pool = [one for one in docked if not one.officer and _is_of(one, unit, rules)]
    return _best(pool, but, rules)


def same_unit(one: str, other: str) -> bool:
    """Return whether two names are of one unit: letters of either case and any blanks are the same."""
    return "".join(one.split()).casefold() == "".join(other.split()).casefold()


def _is_of(one: Candidate, unit: str, rules: Rules) -> bool:
    """Return whether a pool camera is of the right model, and may be given to an officer of this unit."""
    if rules.models and not {name.strip().casefold() for name in one.models} & rules.models:
        return False
    if one.unit and same_unit(one.unit, unit):
        return True
    return not one.restricted and (not one.unit or rules.other_units)


def _best(cameras: Sequence[Candidate], but: Collection[str], rules: Rules) -> Choice:
    """Return the camera that has been docked longest of those that may be taken: use spreads evenly so."""
    if not cameras:
        return Choice(outcome=Outcome.NONE_SUITABLE)
    safe = [one for one in cameras if one.safe]
    if not safe:
        return Choice(outcome=Outcome.NONE_SAFE)
    right = [one for one in safe if _is_right(one, rules) and one.serial not in but]
    if not right:
        return Choice(outcome=Outcome.NONE_SUITABLE)
    charged = [one for one in right if _is_charged(one, rules)]
    if not charged:
        return Choice(outcome=Outcome.NONE_CHARGED)
    best = min(charged, key=lambda one: (one.docked_ms, one.serial, one.bay))
    return Choice(outcome=Outcome.TAKE, camera=best)


def _is_right(one: Candidate, rules: Rules) -> bool:
    in_time = one.offset_ms is None or abs(one.offset_ms) <= rules.max_offset_ms
    return in_time and not one.set_aside


def _is_charged(one: Candidate, rules: Rules) -> bool:
    return rules.min_battery == 0 or (one.battery is not None and one.battery >= rules.min_battery)
