"""Which alerts are about the end of retention?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta

from bwvdock.core.clips.clip import Clip
from bwvdock.core.clips.retention import in_danger
from bwvdock.edges.journal.read.due_footage import RESTRICTED, DueFootage
from bwvdock.errors import BwvdockError
from bwvdock.status.alerts import Alert, AlertCode
from bwvdock.units import count_are, format_count

_NEAR = timedelta(days=7)
_MOST_UNITS = 10  # named in one message, those with the most footage


def footage_near_limit(clips: Iterable[Clip], now: datetime) -> Iterator[Alert]:
    """Return an alert if the retention of clips that no store has ends soon, or has ended."""
    near = [clip for clip in clips if in_danger(clip, now=now, within=_NEAR)]
    if not near:
        return
    first = min(near, key=lambda clip: clip.retain_until)
    past = datetime.fromisoformat(first.retain_until) < now
    yield (Alert.error if past else Alert.warning)(
        AlertCode.FOOTAGE_NEAR_LIMIT,
        f"{count_are(len(near), 'clip')} not proven in an evidence store, and the retention period "
        f"{'has ended' if past else 'ends within 7 days'}: clip {first.id}, kept until "
        f"{first.retain_until}. A clip that no store has is not disposed of.",
        "bwvdock status shows which store cannot be reached; if the clip is evidence: "
        f"bwvdock clips flag {first.id} --evidence --reason R",
    )


def footage_due(due: DueFootage) -> Iterator[Alert]:
    """Return an alert of the footage that nobody has reviewed and that falls due soon: sums, no names."""
    clips = sum(due.unreviewed.values())
    if not clips:
        return
    closed = due.unreviewed.get(RESTRICTED, 0)
    none = due.unreviewed.get("", 0)
    units = sorted((n, unit) for unit, n in due.unreviewed.items() if unit not in {"", RESTRICTED})[::-1]
    said = [f"{unit} {n:,}" for n, unit in units[:_MOST_UNITS]]
    said += [f"other units {rest:,}"] if (rest := sum(n for n, _ in units[_MOST_UNITS:])) else []
    said += [f"without a unit {none:,}"] if none else []
    said += [f"restricted {closed:,}"] if closed else []
    yield Alert.warning(
        AlertCode.FOOTAGE_DUE,
        f"Nobody has reviewed {format_count(clips, 'clip')} that {'falls' if clips == 1 else 'fall'} due "
        f"soon, the first {due.first_due}: {', '.join(said)}.",
        "bwvdock clips list --unreviewed; then: bwvdock clips review CLIP --class NAME",
    )


def consulted_due(due: DueFootage) -> Iterator[Alert]:
    """Return an alert of footage that somebody looked at, and that falls due without a decision since."""
    if not due.consulted:
        return
    clip, until = due.consulted[0]
    others = len(due.consulted) - 1
    more = f" The same is true of {format_count(others, 'other clip')}." if others else ""
    yield Alert.warning(
        AlertCode.CONSULTED_DUE,
        f"Somebody looked at clip {clip} with a reason, and it falls due {until}; since then nobody has "
        f"placed it on hold, marked or reviewed it.{more}",
        f"bwvdock clips hold {clip} --reason R; or, if nothing needs it: bwvdock clips review {clip}",
    )


def disposal_failed(errors: Mapping[str, BwvdockError]) -> Iterator[Alert]:
    """Return an alert for each place where copies cannot be removed, with the reason."""
    for place, error in errors.items():
        yield Alert.error(
            AlertCode.DISPOSAL_FAILED,
            f"Copies that are to be disposed of in {place} are still there: {error.message}",
            f"{error.remedy}\nThen: bwvdock dispose".lstrip(),
            subject=place,
        )


def disposal_waits(*, waits: bool, leapt: bool) -> Iterator[Alert]:
    """Return an alert if disposal waits until the clock is synchronised, or has kept a new time for a day."""
    if waits and leapt:
        yield Alert.error(
            AlertCode.DISPOSAL_WAITS,
            "The dock's clock was set forward by a day or more, and by the new time footage is due. Nothing "
            "is disposed of until the clock has kept that time for a day.",
            "timedatectl status; if that time is wrong, correct it before the day is over",
        )
    elif waits:
        yield Alert.warning(
            AlertCode.DISPOSAL_WAITS,
            "Footage appears to be due, but the clock is not synchronised, so nothing is disposed of.",
            "timedatectl status; then: bwvdock dispose --dry-run",
        )
