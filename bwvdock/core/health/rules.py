"""Is a camera to be set aside? The thresholds, and what follows from what was seen.

Only the last dockings count, so that a camera that was repaired is good again after as many. What a bay, the
dock's disk or another camera may have caused never sets a camera aside: a broken connection only if it was so
in two bays, a slow reading only beside other cameras of its model that were read about the same time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from itertools import pairwise

from bwvdock.core.health.seen import BatteryThen, CameraHealth, Cause, DockingSeen, Reason, Verdict
from bwvdock.units import format_count

LOOKED_AT = 10
"""The last dockings that are looked at: the latest RECENT decide, those before are what is usual for it."""
RECENT = 5
"""The last dockings that decide: after so many without a fault a camera is good again."""
ENOUGH = 3
"""With fewer dockings a camera is not called good."""
UNREADABLE_DOCKINGS = 2
"""A file that cannot be read may be one bad recording; at a second docking it is the card or the camera."""
OTHER_BYTES_DOCKINGS = 2
"""Other bytes on a second read were seen at so many dockings: what is copied from it cannot be relied on."""
BREAKS_WATCHED, BREAKS_SET_ASIDE, BAYS_OF_BREAKS = 2, 3, 2
"""People pull a camera out and put it back once. Three times, in two bays, it is its plug or its cable."""
SLOW_WATCHED, SLOW_SET_ASIDE = 2, 3
"""So many dockings at which it was slow: one may have met a busy dock."""
SLOW_FACTOR, PEERS = 3, 3
"""Slow is less than a third of the middle rate of at least three others of its model."""
SLOWER_FACTOR = 2
"""Slower is less than half of its own earlier rate: the dock may be the cause, so it is only watched."""
JUMP_MS, JUMPS_WATCHED, JUMPS_SET_ASIDE = 1_800_000, 2, 3
"""A clock that is set, or changes to summer time, moves once. One that often does loses its time."""
DRIFT_MS_PER_DAY, DRIFTS_WATCHED = 10_000, 2
"""A sound crystal loses two seconds a day; with ten, clips are dated wrongly within a week."""
BATTERY_LOW, LOW_WATCHED = 10, 3
"""Below ten percent at so many dockings: a long shift does that too, so it is only watched."""
BATTERY_FACTOR = 2
"""Less than half of what was usual at its earlier dockings: how long it was used may be the cause."""

_DAY_S = 86_400


def judge(serial: str, model: str, seen: Sequence[DockingSeen]) -> CameraHealth:
    """Return a camera's health.

    Args:
        serial: the camera's.
        model: its model, "" where it is not known.
        seen: its dockings at this dock at which it was read, the latest first. More than LOOKED_AT are not
            looked at.
    """
    looked_at = seen[:LOOKED_AT]
    recent, before = looked_at[:RECENT], looked_at[RECENT:]
    reasons = tuple(found for rule in _RULES for found in rule(recent, looked_at))
    clocks = [one for one in looked_at if one.clock_ms is not None]
    return CameraHealth(
        serial=serial,
        model=model,
        verdict=_verdict(reasons, dockings=len(looked_at)),
        reasons=reasons,
        dockings=len(looked_at),
        since=looked_at[-1].at if looked_at else "",
        last_docked_at=looked_at[0].at if looked_at else "",
        rate=middle_rate(recent),
        rate_before=middle_rate(before),
        others_rate=next((_others(one) for one in recent if _others(one)), None),
        unreadable=sum(one.unreadable for one in looked_at),
        left_early=sum(one.left_early for one in looked_at),
        breaks=sum(one.broke for one in looked_at),
        quarantined=sum(one.quarantined for one in looked_at),
        clock_ms=clocks[0].clock_ms if clocks else None,
        clock_set=bool(clocks) and clocks[0].clock_set,
        clock_left_ms=clocks[0].clock_left_ms if clocks else None,
        clock_ms_per_day=next((_per_day(later, one) for later, one in pairwise(clocks)), None),
        battery_at_docking=middle_battery(recent),
        battery_at_docking_before=middle_battery(before),
        batteries=tuple(BatteryThen(at=one.at, percent=level) for one, level in _batteries(looked_at)),
    )


def middle_rate(seen: Sequence[DockingSeen]) -> int | None:
    """Return the middle one of the rates at these dockings; None where none is known."""
    rates = [one.rate for one in seen if one.rate is not None]
    return _middle(rates) if rates else None


def middle_battery(seen: Sequence[DockingSeen]) -> int | None:
    """Return the middle one of what was said of the battery at these dockings; None where nothing was."""
    levels = [level for _, level in _batteries(seen)]
    return _middle(levels) if levels else None


def _batteries(seen: Sequence[DockingSeen]) -> list[tuple[DockingSeen, int]]:
    return [(one, one.battery) for one in seen if one.battery is not None]


def _middle(figures: Sequence[int]) -> int:
    return sorted(figures)[(len(figures) - 1) // 2]


def _verdict(reasons: Sequence[Reason], *, dockings: int) -> Verdict:
    found = {reason.verdict for reason in reasons}
    for verdict in (Verdict.SET_ASIDE, Verdict.WATCH):
        if verdict in found:
            return verdict
    return Verdict.GOOD if dockings >= ENOUGH else Verdict.NOT_ENOUGH_SEEN


# --- the reasons ---------------------------------------------------------------------------------

_Seen = Sequence[DockingSeen]


def _reason(cause: Cause, hits: int, recent: _Seen, text: str, *, aside: bool) -> Reason:
    at = f"at {hits} of its last {format_count(len(recent), 'docking')}"
    verdict = Verdict.SET_ASIDE if aside else Verdict.WATCH
    return Reason(cause=cause, verdict=verdict, dockings=hits, of=len(recent), text=text.format(at=at))


def _unreadable(recent: _Seen, _: _Seen) -> Iterator[Reason]:
    hit = [one for one in recent if one.unreadable]
    if hit:
        files = format_count(sum(one.unreadable for one in hit), "file")
        text = f"{files} could not be read, {{at}}"
        yield _reason(Cause.UNREADABLE, len(hit), recent, text, aside=len(hit) >= UNREADABLE_DOCKINGS)


def _other_bytes(recent: _Seen, _: _Seen) -> Iterator[Reason]:
    hit = [one for one in recent if one.differing]
    if hit:
        text = "a second read of a clip gave other bytes, {at}"
        yield _reason(Cause.OTHER_BYTES, len(hit), recent, text, aside=len(hit) >= OTHER_BYTES_DOCKINGS)


def _breaks(recent: _Seen, _: _Seen) -> Iterator[Reason]:
    hit = [one for one in recent if one.broke]
    if len(hit) < BREAKS_WATCHED:
        return
    several = len({one.bay for one in hit}) >= BAYS_OF_BREAKS
    where = "in several bays" if several else "in one bay only: try another"
    text = f"gone before it was safe to remove and back within a minute, {{at}}, {where}"
    yield _reason(Cause.BREAKS, len(hit), recent, text, aside=several and len(hit) >= BREAKS_SET_ASIDE)


def _others(one: DockingSeen) -> int | None:
    return _middle(one.others) if len(one.others) >= PEERS else None


def _slow(recent: _Seen, _: _Seen) -> Iterator[Reason]:
    hit = [one for one in recent if one.rate and (usual := _others(one)) and one.rate * SLOW_FACTOR < usual]
    if len(hit) >= SLOW_WATCHED:
        text = "read at less than a third of the speed of others of its model, {at}"
        yield _reason(Cause.SLOW, len(hit), recent, text, aside=len(hit) >= SLOW_SET_ASIDE)


def _slower(recent: _Seen, looked_at: _Seen) -> Iterator[Reason]:
    now, then = ([one for one in part if one.rate] for part in (recent, looked_at[RECENT:]))
    rate, before = middle_rate(now), middle_rate(then)
    enough = len(now) >= ENOUGH and len(then) >= ENOUGH
    if enough and rate is not None and before is not None and rate * SLOWER_FACTOR < before:
        hits = sum((one.rate or 0) * SLOWER_FACTOR < before for one in now)
        text = "read at less than half of its earlier speed, {at}; the dock may be the cause"
        yield _reason(Cause.SLOWER, hits, recent, text, aside=False)


def _clock_pairs(recent: _Seen, looked_at: _Seen) -> Iterator[tuple[DockingSeen, DockingSeen]]:
    """Return the recent readings of its clock, each with the one before it."""
    known = [one for one in looked_at if one.clock_ms is not None]
    return ((later, one) for later, one in pairwise(known) if later in recent)


def _left_ms(earlier: DockingSeen) -> int | None:
    """Return how far ahead a clock was when its docking ended; None where nobody knows: the dock set it."""
    return earlier.clock_left_ms if earlier.clock_set else earlier.clock_ms


def _moved_ms(later: DockingSeen, earlier: DockingSeen) -> int:
    """Return by how much a clock moved of itself between two dockings; 0 where nobody knows."""
    left = _left_ms(earlier)
    return 0 if left is None else (later.clock_ms or 0) - left


def _per_day(later: DockingSeen, earlier: DockingSeen) -> int | None:
    """Return how many milliseconds a clock gained a day between two readings; None within a day.

    None too where the dock set it in between, and what it showed then was not seen.
    """
    if _left_ms(earlier) is None:
        return None
    apart_s = (datetime.fromisoformat(later.at) - datetime.fromisoformat(earlier.at)).total_seconds()
    return round(_moved_ms(later, earlier) * _DAY_S / apart_s) if apart_s >= _DAY_S else None


def _clock_jumps(recent: _Seen, looked_at: _Seen) -> Iterator[Reason]:
    hits = sum(abs(_moved_ms(*pair)) >= JUMP_MS for pair in _clock_pairs(recent, looked_at))
    if hits >= JUMPS_WATCHED:
        text = "its clock had moved by half an hour or more since the docking before, {at}"
        yield _reason(Cause.CLOCK_JUMPS, hits, recent, text, aside=hits >= JUMPS_SET_ASIDE)


def _clock_drifts(recent: _Seen, looked_at: _Seen) -> Iterator[Reason]:
    slow = [pair for pair in _clock_pairs(recent, looked_at) if abs(_moved_ms(*pair)) < JUMP_MS]
    hits = sum(abs(_per_day(*pair) or 0) > DRIFT_MS_PER_DAY for pair in slow)
    if hits >= DRIFTS_WATCHED:
        text = "its clock had gained or lost more than ten seconds a day, {at}"
        yield _reason(Cause.CLOCK_DRIFTS, hits, recent, text, aside=False)


def _battery_low(recent: _Seen, _: _Seen) -> Iterator[Reason]:
    hits = sum(level < BATTERY_LOW for _, level in _batteries(recent))
    if hits >= LOW_WATCHED:
        text = "its battery was below ten percent when it was docked, {at}; it may have been used for long"
        yield _reason(Cause.BATTERY_LOW, hits, recent, text, aside=False)


def _battery_falls(recent: _Seen, looked_at: _Seen) -> Iterator[Reason]:
    now, then = _batteries(recent), _batteries(looked_at[RECENT:])
    level, before = middle_battery(recent), middle_battery(looked_at[RECENT:])
    enough = len(now) >= ENOUGH and len(then) >= ENOUGH
    if enough and level is not None and before is not None and level * BATTERY_FACTOR < before:
        hits = sum(one * BATTERY_FACTOR < before for _, one in now)
        text = "its battery was less than half as full as at the dockings before, {at}; it may have been "
        text += "used for longer"
        yield _reason(Cause.BATTERY_FALLS, hits, recent, text, aside=False)


_RULES: Sequence[Callable[[_Seen, _Seen], Iterator[Reason]]] = (
    _unreadable,
    _other_bytes,
    _breaks,
    _slow,
    _slower,
    _clock_jumps,
    _clock_drifts,
    _battery_low,
    _battery_falls,
)
