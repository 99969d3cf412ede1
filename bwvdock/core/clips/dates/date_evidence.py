"""What evidence is there of when one clip was recorded: its file, its header, its camera's clock, the dock?

Which of it counts is decided in dating.py.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import tzinfo

from bwvdock.core.clips.dates.file_times import FileTimes, Reading, read_file_time
from bwvdock.core.facts import CameraClockRead
from bwvdock.core.moments import JITTER_NS, iso_of_ns, without_zone

NO_CAMERA_BEFORE_NS = 1_104_537_600 * 10**9  # 2005: earlier is a clock that was never set (1970, 1980, 2000)
_MS = 10**6
_SECOND_NS = 10**9
_MINUTE_NS = 60 * _SECOND_NS
_SET_NS = 5 * _MINUTE_NS  # a clock that is no farther off was set by somebody, in that zone


@dataclass(frozen=True, kw_only=True, slots=True)
class VideoHeader:
    """The movie header's time of recording (s since 1970) and its length.

    `length_ms` is 0 where the header has no length.
    """

    created_s: int
    length_ms: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Docked:
    """What is known about time at one docking of a camera.

    Attributes:
        at_ns: when it was docked, by the dock's clock.
        listed_ns: when its files were listed: none was written later.
        previous_ns: when a docking began that left nothing new behind: what is new was recorded since; None
            where no docking proves that.
        clock: what the camera's own clock showed, where it could be read.
        trusted: whether the dock's own clock was synchronised. If not, there is no retention date yet.
    """

    at_ns: int
    listed_ns: int
    previous_ns: int | None
    clock: CameraClockRead | None
    trusted: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Evidence:
    """All the evidence there is of one clip."""

    raw_ns: int
    docked: Docked
    header: VideoHeader | None
    times: FileTimes
    zone: tzinfo

    def possible(self, moments: Iterable[int]) -> tuple[int, ...]:
        """Return the moments at which it can have been recorded."""
        earliest, docked = NO_CAMERA_BEFORE_NS, self.docked
        if docked.previous_ns is not None:
            earliest = max(earliest, docked.previous_ns - JITTER_NS)
        return tuple(m for m in moments if earliest <= m <= docked.listed_ns + JITTER_NS)

    def said_too(self, moments: Iterable[int]) -> tuple[int, ...]:
        """Return the moments that the footage's own header says too."""
        return tuple(m for m in moments if any(abs(a) <= JITTER_NS for a in _apart(m, self.header)))

    def confirmed(self, moments: Iterable[int]) -> tuple[int, ...]:
        """Return the moments whose reading of the digits the header confirms.

        By its standard the header is UTC, but some firmware writes local time: a header with the same digits
        as the file may be either, and confirms nothing.
        """
        return tuple(m for m in self.said_too(moments) if m != self.raw_ns)

    def read_as(self, times: FileTimes) -> Reading:
        """Return what the file's time means if it is read as that."""
        return read_file_time(self.raw_ns, times, self.zone)

    def other_times(self) -> FileTimes | None:
        """Return what the digits could be instead; None where they say it themselves."""
        return {FileTimes.UTC: FileTimes.LOCAL, FileTimes.LOCAL: FileTimes.UTC}.get(self.times)


# --- the camera's clock ------------------------------------------------------------------------------


def compare_clocks(docked: Docked, times: FileTimes, zone: tzinfo) -> tuple[FileTimes, int | None]:
    """Return what the camera's clock shows, and how far it is off in that; None where it was not read.

    A clock that is right as local time and wrong as UTC keeps local time, whatever was assumed; and the
    other way round.
    """
    clock = docked.clock
    if clock is None or not (clock.understood and clock.dock_synchronised):
        return times, None
    as_utc = clock.offset_ms * _MS
    if clock.zoned:
        return times, as_utc
    shown = read_file_time(docked.at_ns + as_utc, FileTimes.LOCAL, zone)
    as_local = min((moment - docked.at_ns for moment in shown.moments), key=abs)
    if times is FileTimes.ZONED:
        return times, min(as_utc, as_local, key=abs)
    right = [abs(as_utc) <= _SET_NS, abs(as_local) <= _SET_NS]
    if right == [True, False]:
        times = FileTimes.UTC
    elif right == [False, True]:
        times = FileTimes.LOCAL
    return times, as_local if times is FileTimes.LOCAL else as_utc


# --- the footage's own header ------------------------------------------------------------------------


def _apart(moment_ns: int, header: VideoHeader | None) -> tuple[int, ...]:
    """Return what a moment differs by from when the header says that the recording began, and ended.

    A camera gives its file the time at which it began to write, or ended.
    """
    if header is None or header.created_s * _SECOND_NS < NO_CAMERA_BEFORE_NS:
        return ()
    apart = moment_ns - header.created_s * _SECOND_NS
    return apart, apart - header.length_ms * _MS


def cross_check(evidence: Evidence) -> tuple[str, bool]:
    """Return what the footage's own header adds, and whether it contradicts the file's time."""
    moments = evidence.read_as(evidence.times).moments
    if evidence.header is None or not _apart(0, evidence.header):
        return "", False
    if evidence.said_too(moments):
        return "; the date in the video header agrees", False
    for apart in _apart(moments[0], evidence.header):
        rest = without_zone(apart)
        if rest is not None:
            minutes = (apart - rest) // _MINUTE_NS
            return f"; the date in the video header differs by {minutes} min, which fits a time zone", False
    began = iso_of_ns(evidence.header.created_s * _SECOND_NS)
    return f"; the date in the video header differs ({began}), so the recording date is uncertain", True


def header_fits(evidence: Evidence) -> str:
    """Return as what the file's time would agree with its header, where it does not as it was read."""
    other = evidence.other_times()
    if other is not FileTimes.LOCAL or evidence.said_too(evidence.read_as(evidence.times).moments):
        return ""
    return other if evidence.confirmed(evidence.possible(evidence.read_as(other).moments)) else ""
