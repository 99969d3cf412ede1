"""How is the day of a plan drawn? One SVG that needs nothing else: no script, no font, no other file.

Three diagrams above each other over the same 24 hours. Light or dark, as the reader prefers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from bwvdock.cli.plan import words
from bwvdock.core.planning.answer import Answer
from bwvdock.core.planning.station import DAY, Station

_WIDTH, _HEIGHT = 770, 600
_LEFT, _RIGHT, _TOP = 90, 30, 92  # of the first diagram
_TALL, _APART = 120, 52  # each diagram, and between two
_STYLE = """
  svg { color-scheme: light dark; font: 13px system-ui, sans-serif; }
  .paper { fill: #ffffff; } .word { fill: #1c2733; } .quiet { fill: #53616f; }
  .grid { stroke: #d5dce3; } .axis { stroke: #8492a0; }
  .area { fill: #1f6fb2; fill-opacity: .22; } .line { fill: none; stroke: #1f6fb2; stroke-width: 1.8; }
  .most { fill: none; stroke: #b3261e; stroke-width: 1.4; stroke-dasharray: 5 4; } .warn { fill: #b3261e; }
  @media (prefers-color-scheme: dark) {
    .paper { fill: #12181f; } .word { fill: #e7edf3; } .quiet { fill: #a3b0bd; }
    .grid { stroke: #2c3742; } .axis { stroke: #6b7885; }
    .area { fill: #6db6f2; fill-opacity: .25; } .line { stroke: #6db6f2; }
    .most { stroke: #ff8a80; } .warn { fill: #ff8a80; }
  }
"""


def picture(station: Station, found: Answer) -> str:
    """Return the SVG of the day."""
    series = found.series
    diagrams = (
        _Diagram(
            title="Cameras that are not safe yet", values=series.unsafe, filled=series.unsafe, shown=_number
        ),
        _Diagram(
            title="Clips on the dock that are not proven yet",
            values=series.unproven_clips,
            filled=series.unproven_clips,
            shown=_number,
        ),
        _Diagram(
            title="Bytes on the disk; filled: not proven yet",
            values=series.disk,
            filled=series.unproven_bytes,
            shown=words.amount,
            limit=station.disk,
        ),
    )
    size = f'viewBox="0 0 {_WIDTH} {_HEIGHT}" width="{_WIDTH}" height="{_HEIGHT}"'
    tone = "quiet" if found.works else "warn"
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-labelledby="title">',
        f"<style>{_STYLE}</style>",
        f'<rect class="paper" width="{_WIDTH}" height="{_HEIGHT}"/>',
        f'<text id="title" class="word" x="{_LEFT}" y="30" font-size="17">{_title(station)}</text>',
        f'<text class="{tone}" x="{_LEFT}" y="52">{_verdict(found)}</text>',
    ]
    for number, diagram in enumerate(diagrams):
        lines += diagram.lines(_TOP + number * (_TALL + _APART))
    return "\n".join([*lines, "</svg>", ""])


def _title(station: Station) -> str:
    return f"{station.cameras:,} cameras a day, {words.amount(station.per_shift)} each, {_line(station)}"


def _line(station: Station) -> str:
    return f"uplink {words.bits(max(part.rate for part in station.hours))}" if station.remote else "no uplink"


def _verdict(found: Answer) -> str:
    failing = [shortage for shortage in found.shortages if shortage.fails]
    if not failing:
        return "One day of many alike. The plan works."
    day = "One day of many alike." if found.steady else "The first day."
    return f"{day} The plan does not work: {', '.join(shortage.lack for shortage in failing)}."


@dataclass(frozen=True, kw_only=True, slots=True)
class _Diagram:
    """One diagram: a line, what is filled below it, how values are shown, a limit that may be drawn."""

    title: str
    values: Sequence[int]
    filled: Sequence[int]
    shown: Callable[[int], str]
    limit: int = 0

    def lines(self, top: int) -> Iterator[str]:
        """Yield its elements; `top` is where it begins."""
        greatest = max(*self.values, 1)
        near = 0 < self.limit <= 3 * greatest
        scale = max(greatest, self.limit) if near else greatest
        yield f'<text class="word" x="{_LEFT}" y="{top - 10}" font-weight="600">{self.title}</text>'
        for level in sorted({0, scale // 2, scale}):
            y = _y(level, scale, top)
            yield f'<path class="{"grid" if level else "axis"}" d="M{_LEFT} {y}H{_WIDTH - _RIGHT}"/>'
            yield _text(_LEFT - 8, float(y) + 4, self.shown(level), anchor="end")
        for hour in range(0, 25, 3):
            x = _x(hour * 3600)
            yield f'<path class="axis" d="M{x:.1f} {top + _TALL}v5"/>'
            yield _text(x, top + _TALL + 20, f"{hour % 24:02}:00", anchor="middle")
        yield f'<path class="area" d="{_steps(self.filled, scale, top)}V{top + _TALL}H{_LEFT}Z"/>'
        yield f'<path class="line" d="{_steps(self.values, scale, top)}"/>'
        if near:
            y = _y(self.limit, scale, top)
            yield f'<path class="most" d="M{_LEFT} {y}H{_WIDTH - _RIGHT}"/>'
            says = f"the disk: {self.shown(self.limit)}"
            yield _text(_WIDTH - _RIGHT, top - 10, says, anchor="end", tone="warn")


def _text(x: float, y: float, text: str, *, anchor: str, tone: str = "quiet") -> str:
    return f'<text class="{tone}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{text}</text>'


def _x(second: int) -> float:
    return _LEFT + (_WIDTH - _LEFT - _RIGHT) * second / DAY


def _y(level: int, scale: int, top: int) -> str:
    return f"{top + _TALL - _TALL * level / scale:.1f}"


def _steps(values: Sequence[int], scale: int, top: int) -> str:
    """Return a path that has a value until the next one; it begins at the left and ends at the right."""
    step = DAY // len(values)
    drawn: list[str] = []
    at = 0
    for value, run in groupby(values):
        y = _y(value, scale, top)
        drawn.append(f"V{y}" if drawn else f"M{_LEFT} {y}")
        at += step * len(list(run))
        drawn.append(f"H{_x(at):.1f}")
    return "".join(drawn)


def _number(value: int) -> str:
    return f"{value:,}"
