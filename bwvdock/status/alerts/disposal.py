"""Which alerts are about the end of retention?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta

from bwvdock.core.clips.clip import Clip
from bwvdock.core.clips.retention import in_danger
from bwvdock.errors import BwvdockError
from bwvdock.status.alerts import Alert, AlertCode
from bwvdock.units import count_are

_NEAR = timedelta(days=7)


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


def disposal_failed(errors: Mapping[str, BwvdockError]) -> Iterator[Alert]:
    """Return an alert for each place where copies cannot be removed, with the reason."""
    for place, error in errors.items():
        yield Alert.error(
            AlertCode.DISPOSAL_FAILED,
            f"Copies that are to be disposed of in {place} are still there: {error.message}",
            f"{error.remedy}\nThen: bwvdock dispose".lstrip(),
            subject=place,
        )


def disposal_waits(*, waits: bool) -> Iterator[Alert]:
    """Return an alert if disposal waits until the clock is synchronised."""
    if waits:
        yield Alert.warning(
            AlertCode.DISPOSAL_WAITS,
            "Footage appears to be due, but the clock is not synchronised, so nothing is disposed of.",
            "timedatectl status; then: bwvdock dispose --dry-run",
        )
