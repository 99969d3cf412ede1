"""When was a clip recorded, how certain is that, and until when is the clip kept?

A camera's clock is a witness, not the truth. It is believed if it was compared with the dock's own clock, or
if its time lies between two dockings. If its time is impossible, it is not believed and the docking's time is
used instead: no clip was recorded after its camera was listed.

The one rule: a clip is dated by its own evidence (its file's time, its header), by its camera's (the clock
that was read, an earlier docking that left nothing behind) and by the dock's clock. No other clip is
considered, so no other clip can change its date. Only this module decides what each piece of evidence counts.

Times are nanoseconds since 1970. For local times see file_times.py.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, tzinfo
from enum import StrEnum

from bwvdock.core.clips.dates.date_evidence import (
    NO_CAMERA_BEFORE_NS,
    Docked,
    Evidence,
    VideoHeader,
    compare_clocks,
    cross_check,
    header_fits,
)
from bwvdock.core.clips.dates.file_times import FileTimes, Reading
from bwvdock.core.facts import ClipDated
from bwvdock.core.moments import JITTER_NS, iso_of_ns

NOT_KNOWN = -1  # as an uncertainty: the accuracy is unknown
_UNCHECKED = "the camera's own time; the dock's clock was not synchronised, so it cannot be used as a check"
_MS = 10**6
_SECOND_NS = 10**9
_MINUTE_NS = 60 * _SECOND_NS
_HOUR_NS = 60 * _MINUTE_NS
_DAY_NS = 24 * _HOUR_NS
_DRIFT_NS = 15 * _MINUTE_NS  # what a clock that was set drifts in months; more is another hour


class DateRule(StrEnum):
    """Which rule gave a clip its date."""

    CLOCK_READ = "clock-read"  # the camera's clock was compared with the dock's, and the time corrected
    BETWEEN_DOCKINGS = "between-dockings"  # its own time, which lies between two dockings
    CAMERA_TIME = "camera-time"  # its own time, which nothing confirms and nothing contradicts
    HEADER = "header"  # only the other reading of its time is possible, and the video header confirms it
    DOCKING_TIME = "docking-time"  # its own time is impossible: the docking's is used instead
    DOCK_CLOCK_UNKNOWN = "dock-clock-unknown"  # the dock's own clock was not synchronised


def is_certain(uncertainty_ms: int | None, rule: str | None) -> bool:
    """Return whether a date may be shown plainly: its accuracy is known, and it is the camera's own time.

    Args:
        uncertainty_ms: of the clip's `ClipDated`; None if that cannot be read.
        rule: likewise; None or "" in entries of earlier versions.
    """
    return uncertainty_ms not in {None, NOT_KNOWN} and rule not in {
        DateRule.DOCKING_TIME,
        DateRule.DOCK_CLOCK_UNKNOWN,
    }


@dataclass(frozen=True, kw_only=True, slots=True)
class TimesDoubt:
    """What the dates of one docking's clips show about their camera's clock.

    Attributes:
        docking: the docking.
        clips: how many clips have times that are impossible, or that another reading fits better.
        first: one of them.
        fits: that reading ("local", "utc", "an hour earlier", ...); "" for none.
    """

    docking: str
    clips: int = 0
    first: str = ""
    fits: str = ""

    def adding(self, dated: ClipDated, *, listed_ns: int) -> TimesDoubt:
        """Return this with one more clip's date; `listed_ns` is when it was listed, by the dock's clock."""
        if dated.rule != DateRule.DOCKING_TIME and not dated.fits and not _odd(dated, listed_ns):
            return self
        return replace(
            self, clips=self.clips + 1, first=self.first or dated.clip, fits=self.fits or dated.fits
        )


def _odd(dated: ClipDated, listed_ns: int) -> bool:
    """Return whether a date that no clock could confirm is before any camera's, or after its own listing.

    A dock's clock that was never set itself says nothing of the second.
    """
    if dated.rule != DateRule.DOCK_CLOCK_UNKNOWN:
        return False
    if dated.recorded_at < iso_of_ns(NO_CAMERA_BEFORE_NS):
        return True
    return listed_ns > NO_CAMERA_BEFORE_NS and dated.recorded_at > iso_of_ns(listed_ns + JITTER_NS)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Judged:
    """The date that one clip's evidence gives; it is kept from no earlier than `latest_ns`."""

    recorded_ns: int
    latest_ns: int
    uncertainty_ms: int
    rule: DateRule
    basis: str
    fits: str = ""


def date(
    clip: str,
    raw_ns: int,
    docked: Docked,
    *,
    non_evidential_days: int,
    header: VideoHeader | None = None,
    times: FileTimes = FileTimes.UTC,
    zone: tzinfo = UTC,
) -> ClipDated:
    """Date a clip.

    Args:
        clip: its id.
        raw_ns: the time of its file on the camera; a time without a zone is written as if it were UTC.
        docked: the docking that found it.
        non_evidential_days: for how many days after recording non-evidential footage is kept.
        header: the video header, written by the same clock of the camera.
        times: what the file's time is, by its profile or its file system.
        zone: the dock's zone, for local times.
    """
    times, error_ns = compare_clocks(docked, times, zone)
    evidence = Evidence(raw_ns=raw_ns, docked=docked, header=header, times=times, zone=zone)
    said, contradicts = cross_check(evidence)
    judged = _judge(evidence, error_ns) if docked.trusted else _as_said(evidence)
    sure = judged.rule in {DateRule.CLOCK_READ, DateRule.BETWEEN_DOCKINGS} and not contradicts
    kept_from_ns = judged.latest_ns if sure else max(judged.latest_ns, docked.at_ns)
    return ClipDated(
        clip=clip,
        raw=iso_of_ns(raw_ns),
        recorded_at=iso_of_ns(judged.recorded_ns),
        uncertainty_ms=judged.uncertainty_ms,
        basis=judged.basis + said,
        retain_until=iso_of_ns(kept_from_ns + non_evidential_days * _DAY_NS) if docked.trusted else "",
        rule=judged.rule,
        times=times,
        zone=str(zone) if times is FileTimes.LOCAL else "",
        fits=judged.fits or header_fits(evidence),
        kept_from=iso_of_ns(kept_from_ns) if docked.trusted else "",
    )


def date_late(
    clip: str,
    raw_ns: int,
    *,
    now_ns: int,
    docked_ns: int | None,
    non_evidential_days: int,
    times: FileTimes = FileTimes.UTC,
    zone: tzinfo = UTC,
) -> ClipDated:
    """Date a clip that was acquired while the time was unknown, now that it is known.

    Args:
        clip: its id.
        raw_ns: the time of its file on the camera.
        now_ns: the time now, by a synchronised clock.
        docked_ns: when its camera was docked, by the clock since boot; None where that is unknown, and then
            the clip is kept as if it had been docked now.
        non_evidential_days: as for `date`.
        times: what the file's time is.
        zone: the dock's zone.
    """
    at_ns, how = now_ns, "the time of docking is unknown, so the time of this entry is used"
    if docked_ns is not None:
        at_ns, how = docked_ns, "the time of docking is known from the dock's clock since boot"
    docked = Docked(at_ns=at_ns, listed_ns=now_ns, previous_ns=None, clock=None, trusted=True)
    fact = date(clip, raw_ns, docked, non_evidential_days=non_evidential_days, times=times, zone=zone)
    late = f"dated later, because the dock's clock was not synchronised then; {how}"
    return replace(fact, basis=f"{fact.basis} ({late})")


# --- the verdict -------------------------------------------------------------------------------------


def _judge(evidence: Evidence, error_ns: int | None) -> _Judged:
    reading, clock, because = evidence.read_as(evidence.times), evidence.docked.clock, ""
    if clock is not None and error_ns is not None:
        how = f"the camera's clock was read ({clock.source}): {error_ns // _MS} ms ahead of the dock's"
        said = evidence.confirmed(reading.moments) or reading.moments
        if corrected := evidence.possible(m - error_ns for m in said):
            spread = (corrected[-1] - corrected[0]) // _MS
            return _Judged(
                recorded_ns=corrected[0],
                latest_ns=corrected[-1],
                uncertainty_ms=clock.uncertainty_ms + spread,
                rule=DateRule.CLOCK_READ,
                basis=how + (f"; {reading.oddity}" if spread else "") + _as(evidence),
            )
        because = f"{how}, but the file's time corrected by it is impossible; "
    moments = evidence.possible(reading.moments)
    if not moments:
        return _not_believed(evidence, reading, because)
    moments = evidence.confirmed(moments) or moments
    odd = f"; {reading.oddity}, and may mean either" if len(moments) > 1 else ""
    return _believed(evidence, moments, because, odd + _as(evidence))


def _believed(evidence: Evidence, moments: tuple[int, ...], because: str, remarks: str) -> _Judged:
    docked, recorded = evidence.docked, moments[0]
    if because or docked.previous_ns is None:
        # It may well be right, and best shows who held the camera; but retention must not rely on it.
        return _Judged(
            recorded_ns=recorded,
            latest_ns=moments[-1],
            uncertainty_ms=NOT_KNOWN,
            rule=DateRule.CAMERA_TIME,
            basis=f"{because}the camera's own time, unconfirmed; retention counts from the docking{remarks}",
        )
    bound = max(docked.listed_ns - recorded, recorded - docked.previous_ns, 0) // _MS
    return _Judged(
        recorded_ns=recorded,
        latest_ns=moments[-1],
        uncertainty_ms=bound,
        rule=DateRule.BETWEEN_DOCKINGS,
        basis=f"the camera's own time, between its last docking and this one{remarks}",
    )


def _not_believed(evidence: Evidence, reading: Reading, because: str) -> _Judged:
    docked, other = evidence.docked, evidence.other_times()
    read_otherwise = evidence.possible(evidence.read_as(other).moments) if other else ()
    since = docked.previous_ns
    uncertainty = NOT_KNOWN if since is None else max(docked.at_ns - since, 0) // _MS
    why = because + _why_not(evidence, reading)
    if other and (confirmed := evidence.confirmed(read_otherwise)):
        return _Judged(
            recorded_ns=confirmed[0],
            latest_ns=confirmed[-1],
            uncertainty_ms=uncertainty,
            rule=DateRule.HEADER,
            basis=f"{why}; read as {_words(other)} it is possible, and the date in the video header agrees",
            fits=other,
        )
    return _Judged(
        recorded_ns=docked.at_ns,
        latest_ns=docked.at_ns,
        uncertainty_ms=uncertainty,
        rule=DateRule.DOCKING_TIME,
        basis=f"{why}; the docking's time is used instead{_as(evidence)}",
        fits=str(other) if other and read_otherwise else _other_hour(evidence, reading),
    )


def _as_said(evidence: Evidence) -> _Judged:
    reading = evidence.read_as(evidence.times)
    odd = f"; {reading.oddity}, and may mean either" if reading.oddity else ""
    return _Judged(
        recorded_ns=reading.moments[0],
        latest_ns=reading.moments[-1],
        uncertainty_ms=NOT_KNOWN,
        rule=DateRule.DOCK_CLOCK_UNKNOWN,
        basis=f"{_UNCHECKED}{odd}{_as(evidence)}",
    )


def _why_not(evidence: Evidence, reading: Reading) -> str:
    earliest, docked = reading.moments[0], evidence.docked
    if earliest > docked.listed_ns + JITTER_NS:
        ahead_s = (earliest - docked.listed_ns) // _SECOND_NS
        return f"the camera's time is impossible: {ahead_s} s after it was listed, so its clock is ahead"
    if docked.previous_ns is not None and reading.moments[-1] >= NO_CAMERA_BEFORE_NS:
        return "the camera's time is impossible: at a later docking this clip was not on the camera"
    return "the camera's time is impossible, so its clock was not set"


def _other_hour(evidence: Evidence, reading: Reading) -> str:
    """Return the hour by which the file's time would have to be moved to be possible; "" for none.

    A clock is an hour off if nobody changed it with the season.
    """
    if 0 < reading.moments[0] - evidence.docked.listed_ns <= _DRIFT_NS:
        return ""
    for hours, words in ((-1, "an hour earlier"), (1, "an hour later")):
        if evidence.possible(m + hours * _HOUR_NS for m in reading.moments):
            return words
    return ""


def _as(evidence: Evidence) -> str:
    return (
        f"; its time is {_words(evidence.times)} ({evidence.zone})"
        if evidence.times is FileTimes.LOCAL
        else ""
    )


def _words(times: FileTimes) -> str:
    return {FileTimes.UTC: "UTC", FileTimes.LOCAL: "local time"}.get(times, "in its own zone")
