"""What does a person read of a plan?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bwvdock.cli.output.console import print_line, print_table
from bwvdock.cli.plan import words
from bwvdock.cli.plan.inputs import ASSUMED, CONFIGURED, TYPED, Inputs
from bwvdock.core.planning.answer import Answer, ShiftAnswer
from bwvdock.core.planning.station import DAY, Hours, Station
from bwvdock.core.visible_text import visible
from bwvdock.units import format_count

_HEAD = ("SHIFT", "CAMERAS", "FIRST SAFE", "HALF", "95 %", "LAST SAFE", "WAIT", "ALL PROVEN")

_LEGEND = (
    "Times are from the end of a shift. Safe: the camera may be taken.",
    "Wait: for a port; how many cameras, and the longest.",
    "Proven: every required store is known to hold the clips.",
)


def print_plan(planned: Inputs, found: Answer) -> None:
    """Print what is planned and what follows from it."""
    rows = list(_inputs(planned.station))
    print_table(
        ("PLANNED", "", "FROM"),
        [(name, value, _source(planned, options)) for options, name, value in rows],
        wrap=("",),
    )
    if planned.file:
        print_line(f"The configuration is {visible(planned.file)}.")
    print()
    print_table(_HEAD, [_shift(shift) for shift in found.shifts], right=_HEAD[1:])
    for line in _LEGEND:
        print_line(line)
    print()
    print_table(("RESULT", ""), list(_results(planned.station, found)))
    print()
    print_verdict(planned.station, found)


def print_verdict(station: Station, found: Answer) -> None:
    """Print whether the plan works, what it lacks and what would do."""
    print_line("The plan works." if found.works else "The plan does not work.")
    for shortage in found.shortages:
        print_line(f"- {words.message(shortage, station)}", indent=2)
        print_line(f"  {words.remedy(shortage)}.", indent=2)


def _source(planned: Inputs, options: str) -> str:
    """Return where the values of some options are from: what somebody chose counts before a default."""
    sources = {planned.sources[option] for option in options.split()}
    return next(source for source in (TYPED, CONFIGURED, ASSUMED) if source in sources)


def _inputs(station: Station) -> Iterator[tuple[str, str, str]]:
    """Yield the options of each input, its name and its value."""
    first, *others = station.shifts
    rest = "".join(f", {shift.cameras:,} at {words.clock(shift.at)}" for shift in others)
    yield "shift cameras", "shifts", f"{first.cameras:,} cameras at {words.clock(first.at)}{rest}"
    yield "arrive-within", "arrive within", words.length(first.within)
    clips = format_count(station.clips_per_camera, "clip")
    size = words.amount(station.clip)
    yield "per-shift clip", "footage", f"{words.amount(station.per_shift)} a camera, {clips} of {size}"
    ports = f"{station.ports:,} of {words.speed(station.port_rate)}{_hubs(station)}"
    yield "ports port-speed hub-ports hub-speed", "ports", ports
    yield "disk disk-speed", "disk", f"{words.amount(station.disk)}, writes {words.speed(station.disk_rate)}"
    yield "min-free", "stays free", words.amount(station.min_free)
    yield "uplink uplink-hours", "uplink", _hours(station.hours)
    yield "store", "required stores", ", ".join(station.stores)
    yield "parallel", "uploads at once", f"{station.parallel} to each store"
    yield (
        "retention-days evidence evidence-days",
        "kept",
        f"{station.retention_days:,} days{_evidence(station)}",
    )
    yield "outage-days", "uplink may fail", format_count(station.outage_days, "day")
    yield "docks", "docks", f"{station.docks:,}"


def _hubs(station: Station) -> str:
    if not station.hub_ports:
        return ""
    return f", {station.hub_ports:,} share a hub of {words.speed(station.hub_rate)}"


def _evidence(station: Station) -> str:
    return f"; evidence, {station.evidence} %, {station.evidence_days:,} days" if station.evidence else ""


def _hours(hours: Sequence[Hours]) -> str:
    if len({part.rate for part in hours}) == 1:
        return words.bits(hours[0].rate)
    parts = [(part.start, part.end % DAY, part.rate) for part in hours]
    if parts[0][2] == parts[-1][2]:  # it passes midnight
        parts = [*parts[1:-1], (parts[-1][0], parts[0][1], parts[0][2])]
    return ", ".join(
        f"{words.bits(rate)} {words.clock(start)}-{words.clock(end)}" for start, end, rate in parts if rate
    )


def _shift(shift: ShiftAnswer) -> Sequence[str]:
    safe = (shift.first, shift.half, shift.most, shift.last)
    wait = f"{shift.waited:,}: {words.micro(shift.longest)}" if shift.waited else "-"
    return [
        words.clock(shift.at),
        f"{shift.cameras:,}",
        *map(words.micro, safe),
        wait,
        words.micro(shift.proven),
    ]


def _results(station: Station, found: Answer) -> Iterator[tuple[str, str]]:
    half, longest = words.micro(found.usual_wait), words.micro(found.longest_wait)
    yield "officers wait", f"half at most {half}, all at most {longest}, until safe"
    if station.remote:
        allowed = sum(part.end - part.start for part in station.hours if part.rate)
        yield "uplink", f"busy for {words.length(found.uplink_seconds)} of {words.length(allowed)} a day"
    yield "disk needed", words.amount(found.disk_needed)
    if station.remote:
        yield "uplink may fail", words.outage(found)
        yield "catching up", words.catching_up(found, station)
    docks = f", of all {station.docks:,} docks" if station.docks > 1 else ""
    yield "each store holds", f"{words.amount(found.store_held)} in {found.store_clips:,} clips{docks}"
    rates = f"{words.speed(found.store_mean)} on average, {words.speed(found.store_peak)} at most"
    yield "each store takes", f"{rates}{docks}"
