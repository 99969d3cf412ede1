"""What is on the terminal at one moment, in just as many lines and columns as it has?

From the top: the headline, cameras in their bays, what waits and where it goes, alerts with their remedies.
Where there is too little room, the fullest form of each part is taken that leaves room for the others: what
does not fit is counted, and what needs a person is shown first.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from rich.text import Text

from bwvdock.cli.moments import localised
from bwvdock.cli.output.console import size
from bwvdock.cli.output.status_text import headline, queue_lines
from bwvdock.cli.watch.bays import Bays
from bwvdock.cli.watch.texts import GRAVE, MILD, STRONG, Glyphs, styled
from bwvdock.status.alerts import Alert, Severity
from bwvdock.status.pace import Paces, said_left
from bwvdock.status.values import LiveCamera, StatusReport
from bwvdock.units import format_count

_VERDICT = r"(running|PAUSED|NOT RUNNING|DOES NOT ANSWER)[^.:]*|\d+ (error|warning)s?"


@dataclass(frozen=True, kw_only=True, slots=True)
class Seen:
    """What is known at a moment.

    Attributes:
        status: the latest report.
        cameras: as the daemon named them last.
        paces: of what is copied and sent.
        old: "" while the daemon's answer is of now; otherwise a sentence that says how old it is.
    """

    status: StatusReport
    cameras: Sequence[LiveCamera]
    paces: Paces
    old: str = ""


def frame(seen: Seen, *, width: int, height: int, glyphs: Glyphs) -> list[Text]:
    """Return at most `height` lines, none wider than `width`."""
    head = list(_head(seen, width, glyphs))
    queue = list(_queue(seen, width, glyphs))
    alerts = [list(_alert(alert, width, glyphs)) for alert in _gravest_first(seen.status.alerts)]
    room = height - len(head)
    # What each of the lower parts has at least: its first line and, of alerts, the gravest with its remedy.
    least_alerts = len(_some(alerts, min(room // 3, 5), width))
    shown = Bays(cameras=seen.cameras, paces=seen.paces, glyphs=glyphs, old=bool(seen.old))
    bays = shown.lines(width, [room - least_alerts - min(1, len(queue)), room - least_alerts])
    room -= len(bays)
    shown_queue = queue if len(queue) + least_alerts <= room else queue[: max(0, room - least_alerts)]
    room -= len(shown_queue)
    parts = [head, bays, shown_queue, _some(alerts, room, width)]
    lines = _spaced([part for part in parts if part], height)
    for line in lines:  # a terminal too narrow for any name and state
        line.truncate(max(0, width))
    return lines


def _spaced(parts: Sequence[list[Text]], height: int) -> list[Text]:
    """Return the parts with a blank line between them, while there is room."""
    spare = height - sum(map(len, parts))
    lines: list[Text] = []
    for number, part in enumerate(parts):
        if number and spare > 0:
            lines.append(styled(""))
            spare -= 1
        lines += part
    return lines[: max(0, height)]


def _head(seen: Seen, width: int, glyphs: Glyphs) -> Iterator[Text]:
    if seen.old:
        for line in glyphs.folded(f"OLD FIGURES: {seen.old}", width, indent=0):
            yield styled(line.ljust(width), "bold reverse red")
    said = headline(seen.status, colour=False)
    grave = not seen.status.dock.running or any(a.severity is Severity.ERROR for a in seen.status.alerts)
    tone = GRAVE if grave else MILD if seen.status.alerts or seen.status.dock.paused else STRONG
    for line in glyphs.folded(said, width, indent=2):
        text = styled(line)
        text.highlight_regex(_VERDICT, tone)
        yield text


def _queue(seen: Seen, width: int, glyphs: Glyphs) -> Iterator[Text]:
    status = replace(seen.status, destinations=seen.paces.smoothed(seen.status.destinations))
    copying = "" if seen.old else _copying(seen)
    for said in [*([copying] if copying else []), *queue_lines(status)]:
        yield from (styled(line) for line in glyphs.folded(said, width, indent=10))


def _copying(seen: Seen) -> str:
    rate, left = seen.paces.of_all(seen.cameras)
    if not rate:
        return ""
    ends = f", {said_left(left)} left" if left is not None else ""
    return f"Copying   {size(rate)}/s{ends}"


def _gravest_first(alerts: Sequence[Alert]) -> list[Alert]:
    return sorted(alerts, key=lambda alert: alert.severity is not Severity.ERROR)


def _alert(alert: Alert, width: int, glyphs: Glyphs) -> Iterator[Text]:
    severity = alert.severity.upper()
    for number, line in enumerate(glyphs.folded(f"{severity} {localised(alert.message)}", width, indent=2)):
        text = styled(line)
        if number == 0:
            text.stylize(GRAVE if alert.severity is Severity.ERROR else MILD, 0, len(severity))
        yield text
    for remedy in alert.remedy.split("\n"):
        yield from (styled(line) for line in glyphs.folded(f"  -> {remedy}", width, indent=5))


def _some(alerts: Sequence[Sequence[Text]], most: int, width: int) -> list[Text]:
    """Return whole alerts that fit, the gravest first, and how many more there are."""
    if most <= 0 or not alerts:
        return []
    whole = [line for alert in alerts for line in alert]
    if len(whole) <= most:
        return whole
    lines: list[Text] = []
    for number, alert in enumerate(alerts):
        if len(lines) + len(alert) > most - 1:
            more = f"{format_count(len(alerts) - number, 'more alert')}: bwvdock status"
            return [*lines, styled(more[:width], MILD)]
        lines += alert
    return lines
