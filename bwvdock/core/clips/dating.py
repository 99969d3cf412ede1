"""When was a clip recorded, how certain is that, and until when is the clip kept?

A camera's clock is a witness, not the truth. It is believed if it was compared with the dock's own clock, or
if its time lies between two dockings. If its time is impossible, it is not believed and the docking's time is
used instead: no clip was recorded after its camera was docked.

Times are nanoseconds since 1970. A camera's clock has no zone: it is taken as UTC.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from bwvdock.core.facts import CameraClockRead, ClipDated
from bwvdock.core.moments import JITTER_NS, iso_of_ns, without_zone

NOT_KNOWN = -1  # as an uncertainty: the accuracy is unknown
_UNCHECKED = "the camera's own time; the dock's clock was not synchronised, so it cannot be used as a check"
_MS = 10**6
_SECOND_NS = 10**9
_MINUTE_NS = 60 * _SECOND_NS
_DAY_NS = 24 * 3600 * 10**9
_NO_CAMERA_BEFORE_NS = 1_104_537_600 * 10**9  # 2005: earlier is a clock that was never set (1970, 1980, 2000)


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
        previous_ns: when its last complete docking began: what is new was recorded since; None: never before.
        newest_ns: the latest time of any file on the camera.
        clock: what the camera's own clock showed, where it could be read.
        trusted: whether the dock's own clock was synchronised. If not, there is no retention date yet.
    """

    at_ns: int
    previous_ns: int | None
    newest_ns: int
    clock: CameraClockRead | None
    trusted: bool


def date(
    clip: str, raw_ns: int, docked: Docked, *, non_evidential_days: int, header: VideoHeader | None = None
) -> ClipDated:
    """Date a clip.

    Args:
        clip: its id.
        raw_ns: the time of its file on the camera.
        docked: the docking that found it.
        non_evidential_days: for how many days after recording non-evidential footage is kept.
        header: the video header, written by the same clock of the camera.
    """
    said, contradicts = _cross_check(raw_ns, header)
    if not docked.trusted:
        return ClipDated(
            clip=clip,
            raw=iso_of_ns(raw_ns),
            recorded_at=iso_of_ns(raw_ns),
            uncertainty_ms=NOT_KNOWN,
            basis=_UNCHECKED + said,
            retain_until="",
        )
    recorded_ns, uncertainty_ms, basis, believed = _judge(raw_ns, docked)
    sure = believed and not contradicts
    kept_from_ns = recorded_ns if sure else max(recorded_ns, docked.at_ns)
    return ClipDated(
        clip=clip,
        raw=iso_of_ns(raw_ns),
        recorded_at=iso_of_ns(recorded_ns),
        uncertainty_ms=uncertainty_ms,
        basis=basis + said,
        retain_until=iso_of_ns(kept_from_ns + non_evidential_days * _DAY_NS),
    )


def date_late(
    clip: str, raw_ns: int, *, now_ns: int, docked_ns: int | None, non_evidential_days: int
) -> ClipDated:
    """Date a clip that was acquired while the time was unknown, now that it is known.

    Args:
        clip: its id.
        raw_ns: the time of its file on the camera.
        now_ns: the time now, by a synchronised clock.
        docked_ns: when its camera was docked, by the clock since boot; None where that is unknown, and then
            the clip is kept as if it had been docked now.
        non_evidential_days: as for `date`.
    """
    at_ns, how = now_ns, "the time of docking is unknown, so the time of this entry is used"
    if docked_ns is not None:
        at_ns, how = docked_ns, "the time of docking is known from the dock's clock since boot"
    docked = Docked(at_ns=at_ns, previous_ns=None, newest_ns=raw_ns, clock=None, trusted=True)
    fact = date(clip, raw_ns, docked, non_evidential_days=non_evidential_days)
    late = f"dated later, because the dock's clock was not synchronised then; {how}"
    return replace(fact, basis=f"{fact.basis} ({late})")


def _judge(raw_ns: int, docked: Docked) -> tuple[int, int, str, bool]:
    """Return the recording's time, its uncertainty in ms, how it is known, and whether it is believed."""
    clock = docked.clock
    if clock is not None and clock.understood and clock.dock_synchronised:
        corrected = raw_ns - clock.offset_ms * _MS
        if _possible(corrected, docked):
            how = f"the camera's clock was read ({clock.source}): {clock.offset_ms} ms ahead of the dock's"
            return corrected, clock.uncertainty_ms, how, True
        return _stand_in(docked, "the camera's clock was read, but the file's time is still impossible")
    if docked.newest_ns > docked.at_ns + JITTER_NS:
        ahead_s = (docked.newest_ns - docked.at_ns) // 10**9
        return _stand_in(
            docked, f"the camera's newest file is dated {ahead_s} s after docking, so its clock is ahead"
        )
    if not _possible(raw_ns, docked):
        return _stand_in(docked, "the camera's time is impossible, so its clock was not set")
    if docked.previous_ns is None:
        # It may well be right, and best shows who held the camera; but retention must not rely on it.
        return (
            raw_ns,
            NOT_KNOWN,
            "the camera's own time, unconfirmed; retention counts from the docking",
            False,
        )
    bound = max(docked.at_ns - raw_ns, raw_ns - docked.previous_ns, 0) // _MS
    return raw_ns, bound, "the camera's own time, between its last docking and this one", True


def _cross_check(raw_ns: int, header: VideoHeader | None) -> tuple[str, bool]:
    """Return what the video header adds, and whether it contradicts the file's time.

    A camera dates its file when it starts or ends writing. One of the two times may be local time.
    """
    if header is None or header.created_s * _SECOND_NS < _NO_CAMERA_BEFORE_NS:
        return "", False
    began = header.created_s * _SECOND_NS
    for apart in (raw_ns - began, raw_ns - began - header.length_ms * _MS):
        rest = without_zone(apart)
        if rest == apart:
            return "; the date in the video header agrees", False
        if rest is not None:
            minutes = (apart - rest) // _MINUTE_NS
            return f"; the date in the video header differs by {minutes} min, which fits a time zone", False
    return (
        f"; the date in the video header differs ({iso_of_ns(began)}), so the recording date is uncertain",
        True,
    )


def _possible(moment_ns: int, docked: Docked) -> bool:
    earliest = _NO_CAMERA_BEFORE_NS if docked.previous_ns is None else docked.previous_ns - JITTER_NS
    return earliest <= moment_ns <= docked.at_ns + JITTER_NS


def _stand_in(docked: Docked, why: str) -> tuple[int, int, str, bool]:
    since = docked.previous_ns
    uncertainty = NOT_KNOWN if since is None else max(docked.at_ns - since, 0) // _MS
    return docked.at_ns, uncertainty, f"{why}; the docking's time is used instead", False
