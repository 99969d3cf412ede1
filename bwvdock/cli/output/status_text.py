"""How is the dock's status shown to a person, with up to forty cameras docked?

The first line says whether the dock is running and how many alerts there are. Then come the bays in the order
of their ports, then the queue and the destinations; alerts come last, just above the prompt.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import timedelta

from bwvdock.cli.moments import localised, when
from bwvdock.cli.output.console import BOLD, GREEN, RED, YELLOW, cells, paint, size, table, wrapped
from bwvdock.core.media.self_reported.battery import BatterySource
from bwvdock.core.visible_text import visible
from bwvdock.status.alerts import AlertCode, Severity
from bwvdock.status.values import CameraState, LiveCamera, LiveDestination, StatusReport
from bwvdock.units import format_age, format_count

_BAR = 10
_COLOUR = re.compile("\x1b\\[[0-9]*m")
_LONGEST_S = 30 * 86400  # of a time left that means anything
_ALWAYS = frozenset({"BAY", "CAMERA", "STATE"})
_STATES = {
    CameraState.ATTACHED: ("reading", ""),
    CameraState.WAITING: ("waiting", ""),
    CameraState.COPYING: ("copying", YELLOW),
    CameraState.SAFE_TO_REMOVE: ("SAFE TO REMOVE", GREEN),
    CameraState.REFUSED: ("REFUSED", RED),
    CameraState.FAILED: ("FAILED", RED),
}
_COLOUR_OF_LABEL = dict(_STATES.values())
LABELS = {state: label for state, (label, _) in _STATES.items()}
"""What people read for the state of a docked camera."""


def render(
    status: StatusReport, width: int | None = None, *, height: int | None = None, colour: bool = False
) -> str:
    """Return a status report as text.

    Args:
        status: the report.
        width: of the terminal, or None for any width.
        height: how many lines it may have, or None for any number. What does not fit is counted: alerts
            first, the least grave before the others, then the queue and the stores, then cameras.
        colour: whether to use colours.
    """
    head = headline(status, colour=colour)
    bays = _bays(status.cameras, width, colour=colour) if status.cameras else []
    queue = [wrapped(line, width, indent=10) for line in queue_lines(status)]
    alerts = list(_alerts(status, width, colour=colour))
    if height is not None:
        wide = width or 80
        most = height - _lines([head], wide)
        bays = _first(bays, most - 1, wide, of=len(status.cameras))
        most -= _lines(bays, wide) + bool(bays)
        queue = queue if _lines(queue, wide) < most else []
        most -= _lines(queue, wide) + bool(queue)
        alerts = _last(alerts, most, wide)
    blocks = [head, "\n".join(bays), "\n".join(queue), *alerts]
    return "\n\n".join(block for block in blocks if block) + "\n"


def _lines(blocks: Sequence[str], width: int) -> int:
    """Return how many lines of a terminal texts take, one below the other."""
    lines = (line for block in blocks for line in _COLOUR.sub("", block).split("\n"))
    return sum(max(1, -(-cells(line) // width)) for line in lines)


def _first(rows: Sequence[str], most: int, width: int, *, of: int) -> list[str]:
    """Return the first rows of a table with its heading, and how many of so many are not shown."""
    if _lines(rows, width) <= most:
        return list(rows)
    end = next(end for end in range(len(rows), -1, -1) if _lines(rows[:end], width) < most or not end)
    return [*rows[:end], f"and {of - max(0, end - 1)} more: bwvdock status"]


def _last(alerts: Sequence[str], most: int, width: int) -> list[str]:
    """Return the last alerts, which are the gravest, below how many are not shown."""
    for left in range(len(alerts) + 1):
        more = [f"{format_count(left, 'more alert')}: bwvdock status"] if left else []
        shown = [*more, *alerts[left:]]
        if _lines(shown, width) + len(shown) <= most:  # each below a blank line
            return shown
    return []


def headline(status: StatusReport, *, colour: bool) -> str:
    """Return the line that says whether there is anything to do."""
    dock = status.dock
    where = f"{dock.id} {dock.site}".strip()
    state = "running"
    if not dock.running:
        state = "DOES NOT ANSWER" if dock.silent else "NOT RUNNING"
        state += _source(status)
    elif dock.paused:
        state = "PAUSED"
    others = [
        a.severity for a in status.alerts if a.code not in {AlertCode.PAUSED, AlertCode.DAEMON_NOT_RUNNING}
    ]
    errors, warnings = others.count(Severity.ERROR), others.count(Severity.WARNING)
    counted = [format_count(errors, "error")] if errors else []
    counted += [format_count(warnings, "warning")] if warnings else []
    verdict = f"{state}, {' and '.join(counted)}" if counted else state
    tone = RED if errors or not dock.running else YELLOW if warnings or dock.paused else GREEN
    named, told = paint(where, BOLD, on=colour), paint(verdict, tone, on=colour)
    if not dock.running:
        return f"{named}: {told}."
    summary = _summary(status.cameras)
    return f"{told}. {named}: {summary}" if dock.paused else f"{named}: {told}. {summary}"


def _summary(cameras: Sequence[LiveCamera]) -> str:
    if not cameras:
        return "No camera is docked."
    counts = Counter(camera.state for camera in cameras)
    states = [f"{counts[s]} {_STATES[s][0].lower()}" for s in reversed(CameraState) if counts[s]]
    return f"{format_count(len(cameras), 'camera')} docked: {', '.join(states)}."


def _bays(cameras: Sequence[LiveCamera], width: int | None, *, colour: bool) -> list[str]:
    rows = [
        (
            camera.bay,
            camera.serial or "(no serial)",
            camera.officer,
            _STATES[camera.state][0],
            _bar(camera),
            progress(camera),
            remark(camera),
        )
        for camera in sorted(cameras, key=lambda c: natural(c.bay))
    ]
    head = ("BAY", "CAMERA", "OFFICER", "STATE", "COPIED", "CLIPS", "REMARK")
    lines = _table(head, rows, None, colour=colour)
    if width is None or all(cells(line) <= width for line in _table(head, rows, None, colour=False)):
        return lines
    # What is said of a camera is never cut: it has lines of its own.
    first, *others = _table(head[:-1], [row[:-1] for row in rows], width, colour=colour)
    others, below = others[: len(rows)], others[len(rows) :]
    remarks = [wrapped(f"    ({visible(row[-1])})", width, indent=5) if row[-1] else "" for row in rows]
    return [first, *("\n".join(filter(None, both)) for both in zip(others, remarks, strict=True)), *below]


def _table(
    head: Sequence[str], rows: Sequence[Sequence[str]], width: int | None, *, colour: bool
) -> list[str]:
    shown = [i for i, name in enumerate(head) if name in _ALWAYS or any(row[i] for row in rows)]
    state = shown.index(head.index("STATE"))
    return table(
        [head[i] for i in shown],
        [[row[i] for i in shown] for row in rows],
        drop=("CLIPS", "OFFICER", "COPIED"),
        fits=width,
        colours=colour,
        colour=lambda row, column: _COLOUR_OF_LABEL[row[state]] if column == state else "",
    )


def remark(camera: LiveCamera) -> str:
    """Return what must be said beside the state of a camera, "" for nothing."""
    said = " taken" in camera.reason  # with how many and why
    left = f"{format_count(camera.clips_left, 'clip')} not taken" if camera.clips_left and not said else ""
    unknown = camera.files_unknown if not said else 0
    others = f"{format_count(unknown, 'file')} of unknown kind" if unknown else ""
    return "; ".join(part for part in (camera.reason, left, others, _battery(camera)) if part)


def _battery(camera: LiveCamera) -> str:
    if camera.battery is None:
        return ""
    when = " at docking" if camera.battery_source == BatterySource.FILE else ""
    return f"battery{when} {camera.battery} %"


def natural(bay: str) -> list[tuple[int, str]]:
    """Return a key that sorts bay "1-2.10" after "1-2.9"."""
    return [(int(part), "") if part.isdecimal() else (0, part) for part in re.split(r"(\d+)", bay)]


def _bar(camera: LiveCamera) -> str:
    if camera.state not in {CameraState.COPYING, CameraState.WAITING} or not camera.bytes_total:
        return ""
    share = min(1.0, camera.bytes_copied / camera.bytes_total)
    done = int(share * _BAR)
    return f"[{'#' * done}{'.' * (_BAR - done)}] {int(share * 100):>3}%"


def progress(camera: LiveCamera) -> str:
    """Return how many clips and bytes of a camera were copied, of how many."""
    if not camera.clips_total:
        return "nothing new" if camera.state is CameraState.SAFE_TO_REMOVE else ""
    if camera.state is CameraState.SAFE_TO_REMOVE and camera.clips_copied == camera.clips_total:
        return f"{format_count(camera.clips_total, 'clip')}, {size(camera.bytes_total)}"
    counts = f"{camera.clips_copied:,} of {format_count(camera.clips_total, 'clip')}"
    return f"{counts}, {size(camera.bytes_copied)} of {size(camera.bytes_total)}"


def _source(status: StatusReport) -> str:
    """Return from where the rest is known while no daemon says it."""
    if status.journal.entries:
        return " (what follows is from the journal)"
    return "" if _says_nothing(status) else " (and no journal can be read: there may be none yet)"


def _says_nothing(status: StatusReport) -> bool:
    """Return whether there is a journal, or was one, and nothing of it could be read."""
    troubles = {AlertCode.JOURNAL_LOST, AlertCode.JOURNAL_DAMAGED, AlertCode.JOURNAL_FULL}
    return not status.journal.entries and any(alert.code in troubles for alert in status.alerts)


def queue_lines(status: StatusReport) -> Iterator[str]:
    """Return what waits, where it goes, and what spool and journal hold: a line for each."""
    queue = status.queue
    if nothing := _says_nothing(status) or not (status.dock.running or status.journal.entries):
        yield "Clips     not known: no journal can be read"
    elif queue.clips:
        oldest = f", oldest from {when(queue.oldest_at)}" if queue.oldest_at else ""
        hurried = f"; {queue.hurried:,} hurried" if queue.hurried else ""
        yield f"Waiting   {format_count(queue.clips, 'clip')}, {size(queue.bytes)}{oldest}{hurried}"
    else:
        yield "Waiting   nothing"
    clips = [f"{state} {count:,}" for state, count in status.clips.items() if count]
    if not nothing:
        yield f"Clips     {', '.join(clips) or 'none yet'}"
    for store in status.destinations:
        yield visible(f"Store     {_store(store, running=status.dock.running)}")
    if status.spool.bytes is not None or status.spool.free_bytes is not None:
        free = max(0, status.spool.free_bytes) if status.spool.free_bytes is not None else None
        yield f"Spool     {size(status.spool.bytes)} used, {size(free)} available"
    root = f", root {status.journal.root[:16]}…" if status.journal.root else ""
    entries = "not readable" if nothing else format_count(status.journal.entries, "entry", "entries")
    signed = f", signed {when(status.journal.checkpoint_at)}" if status.journal.checkpoint_at else ""
    yield f"Journal   {entries}{root}{signed}"
    if verified := status.journal.verified_at:
        found = status.journal.problems
        problems = format_count(found, "problem") if found else "no problem"
        yield f"Verified  {when(verified)}: {problems} found in what was read"
    if backup := status.journal.backup_at:
        yield f"Backup    {when(backup)}"


def _store(store: LiveDestination, *, running: bool) -> str:
    unasked = "not contacted since the start" if running else "not asked"
    # A store that answers and refuses everything is one that cannot be uploaded to, not one that is away.
    reach = {True: "reachable", False: f"DOES NOT ACCEPT UPLOADS: {store.error}", None: unasked}[
        store.reachable
    ]
    if store.reachable and store.error:
        reach = f"UPLOADS FAIL: {store.error}"
    proof = ", PROVES NOTHING" if store.method == "" else f", proof by {store.method}" if store.method else ""
    receipt = f", last receipt {when(store.last_receipt_at)}" if store.last_receipt_at else ""
    return f"{store.name} ({store.kind}): {reach}{proof}{_sending(store)}{receipt}"


def _sending(store: LiveDestination) -> str:
    if not store.clips_sending:
        return ""
    sent, total = size(store.bytes_sent), size(store.bytes_sending)
    confirmed = ""
    if store.bytes_confirmed < store.bytes_sent:
        all_of_it = "all " if store.bytes_sent >= store.bytes_sending else ""
        confirmed = f" ({all_of_it}sent; {size(store.bytes_confirmed)} confirmed by the store)"
    clips = format_count(store.clips_sending, "clip")
    return f", {clips} uploading: {sent} of {total}{_pace(store)}{confirmed}"


def _pace(store: LiveDestination) -> str:
    """Return how fast a store is sent to and for how long still; "" while nothing moves, or all is sent."""
    rate, outstanding = store.bytes_per_second, store.bytes_sending - store.bytes_sent
    if rate <= 0 or outstanding <= 0:
        return ""
    left = timedelta(seconds=min(-(-outstanding // rate), _LONGEST_S + 1))
    ends = "more than a month left" if left.total_seconds() > _LONGEST_S else f"{format_age(left)} left"
    return f" at {size(rate)}/s, {ends}"


def _alerts(status: StatusReport, width: int | None, *, colour: bool) -> Iterator[str]:
    for alert in sorted(status.alerts, key=lambda alert: alert.severity is Severity.ERROR):
        tone = RED if alert.severity is Severity.ERROR else YELLOW
        severity = alert.severity.upper()
        message = wrapped(f"{severity} {visible(localised(alert.message))}", width, indent=2)
        head = paint(severity, tone, on=colour)
        # Commands stay in one piece.
        # The arrow before each line: no text from elsewhere begins one.
        remedy = "".join(f"\n  -> {visible(line)}" for line in alert.remedy.split("\n"))
        yield f"{head}{message.removeprefix(severity)}{remedy}"
