"""What did a camera's clock show, according to a file that it writes whenever it is plugged in?

Such a file has the camera's time at docking twice: as its modification time, by the clock that also dates the
footage, and perhaps in its text. A file that was not written at this docking is not used.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from bwvdock.core.media.fields import FieldFormat, field_in
from bwvdock.core.media.names import escape
from bwvdock.core.moments import iso_of_ns, nanoseconds, without_zone

_FAT_NS = 2 * 10**9  # the resolution of FAT
_MOST_SHOWN = 64
_SOURCE = "clock file"


@dataclass(frozen=True, kw_only=True, slots=True)
class ClockRule:
    """Which file shows a camera's clock.

    Attributes:
        file: a pattern for it.
        key: the field of its text with the time; "": the modification time is used.
        format: how the file is written.
        time: how the field is written, as strptime(3) has it; "": ISO 8601, or seconds since 1970.
        within_s: the camera wrote it at most so long before the dock saw it.
    """

    file: str
    key: str = ""
    format: FieldFormat = FieldFormat.JSON
    time: str = ""
    within_s: int = 60


@dataclass(frozen=True, kw_only=True, slots=True)
class ClockTold:
    """What the file showed. `shown_ns` is None where it cannot be used; `source` then says why.

    `zoned`: the file's own time has its offset from UTC; otherwise its zone is the same as the footage's.
    """

    source: str
    raw: str
    shown_ns: int | None
    within_s: int
    zoned: bool = False

    def not_written_anew(self) -> ClockTold:
        """Return this, marked as unusable, for a file that shows the same as at an earlier docking."""
        return replace(self, source=f"{_SOURCE}, the same as at an earlier docking", shown_ns=None)


def told(rule: ClockRule, *, content: bytes, mtime_ns: int, others_ns: Collection[int]) -> ClockTold:
    """Return what the camera's clock showed when it wrote the file.

    Args:
        rule: the profile's.
        content: that of the file; need not be read if the rule has no key.
        mtime_ns: its modification time, in nanoseconds since 1970.
        others_ns: the times of all other files on the medium.
    """

    def answer(raw: str, shown_ns: int | None, why: str = "") -> ClockTold:
        source = f"{_SOURCE}, {why}" if why else _SOURCE
        return ClockTold(source=source, raw=raw, shown_ns=shown_ns, within_s=rule.within_s)

    raw, shown_ns = iso_of_ns(mtime_ns), mtime_ns
    if rule.key:
        said = field_in(content, rule.key, rule.format)[:_MOST_SHOWN]
        raw, moment = escape(said.encode("utf-8", "replace")), _parse(said, rule.time)
        if moment is None:
            return answer(raw, None, "which shows no time")
        # Footage is dated like this file: the time in the text is put into the same zone.
        apart = without_zone(nanoseconds(moment) - mtime_ns)
        if apart is None:
            return answer(raw, None, f"which has a different modification time, {iso_of_ns(mtime_ns)}")
        shown_ns = mtime_ns + apart
    if any(other > shown_ns + _FAT_NS for other in others_ns):
        return answer(raw, None, "older than the newest file: not written at this docking")
    return answer(raw, shown_ns)


def _parse(said: str, form: str) -> datetime | None:
    """Return a time read by the rule; one without a zone is taken as UTC."""
    try:
        if form:
            moment = datetime.strptime(said, form)  # noqa: DTZ007 - its zone is put in below
        elif re.fullmatch(r"\d{1,11}", said, re.ASCII):
            moment = datetime.fromtimestamp(int(said), UTC)
        else:
            moment = datetime.fromisoformat(said)
        return moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        return None
