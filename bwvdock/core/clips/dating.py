"""When was a clip recorded, as far as that can be known, and until when is it kept for that?

A camera's clock is evidence, not truth. It is believed where it was compared with the dock's own, or where
what it says lies between two dockings; a clock that says what cannot be is not believed at all, and then
the docking's time stands in: no clip was recorded after its camera was docked.

Times are nanoseconds since 1970. A camera's clock has no zone: it is taken as UTC.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from bwvdock.core.facts import CameraClockRead, ClipDated
from bwvdock.core.moments import JITTER_NS, iso_of_ns, without_zone

NOT_KNOWN = -1  # as an uncertainty: nothing says how far off the time may be
_MS = 10**6
_SECOND_NS = 10**9
_MINUTE_NS = 60 * _SECOND_NS
_DAY_NS = 24 * 3600 * 10**9
_NO_CAMERA_BEFORE_NS = 1_104_537_600 * 10**9  # 2005: earlier is a clock that was never set (1970, 1980, 2000)


@dataclass(frozen=True, kw_only=True, slots=True)
class VideoHeader:
    """What the movie header says: when the recording was made (s since 1970), and how long it is.

    `length_ms` is 0 where it does not say.
    """

    created_s: int
    length_ms: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Docked:
    """What is known of time around one docking of a camera.

    Attributes:
        at_ns: when it was docked, by the dock's clock.
        previous_ns: when its last complete docking began: what is new was recorded since; None: never before.
        newest_ns: the latest time that any file on the camera bears.
        clock: what its own clock said, where it could be read.
        trusted: whether the dock's own clock was synchronised. If not, nothing is known of when to dispose.
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
        raw_ns: the time that its footage bears on the camera.
        docked: the docking that found it.
        non_evidential_days: for how many days after its recording footage is kept that is no evidence.
        header: what the footage's own header says, by the same clock of the camera.
    """
    said, contradicts = _cross_check(raw_ns, header)
    if not docked.trusted:
        return ClipDated(
            clip=clip,
            raw=iso_of_ns(raw_ns),
            recorded_at=iso_of_ns(raw_ns),
            uncertainty_ms=NOT_KNOWN,
            basis=f"the camera's own time; the dock's clock was not synchronised and tells nothing{said}",
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
    """Date a clip that was acquired while nobody knew the time, now that it is known.

    Args:
        clip: its id.
        raw_ns: the time that its footage bears on the camera.
        now_ns: the time now, by a clock that is synchronised.
        docked_ns: when its camera was docked, where the clock since boot tells; None where it does not, and
            then the clip is kept as if it had come now.
        non_evidential_days: as for `date`.
    """
    at_ns, how = now_ns, "it counts as docked when the time was known again"
    if docked_ns is not None:
        at_ns, how = docked_ns, "when it was docked is known by the dock's clock since boot"
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
        return _stand_in(docked, "the camera's clock was read, and its files still bear impossible times")
    if docked.newest_ns > docked.at_ns + JITTER_NS:
        ahead_s = (docked.newest_ns - docked.at_ns) // 10**9
        return _stand_in(docked, f"the camera's clock is at least {ahead_s} s ahead: its newest file says so")
    if not _possible(raw_ns, docked):
        return _stand_in(docked, "the camera's time cannot be: its clock was not set")
    if docked.previous_ns is None:
        # It may well be right, and says best who held the camera; but nothing is thrown away on its word.
        return raw_ns, NOT_KNOWN, "the camera's own time, not confirmed; kept from its docking on", False
    bound = max(docked.at_ns - raw_ns, raw_ns - docked.previous_ns, 0) // _MS
    return raw_ns, bound, "the camera's own time, between its last docking and this one", True


def _cross_check(raw_ns: int, header: VideoHeader | None) -> tuple[str, bool]:
    """Return what the footage's own header adds, and whether it contradicts the file's time.

    A camera gives its file the time at which it began to write, or ended. One of the two may be local time.
    """
    if header is None or header.created_s * _SECOND_NS < _NO_CAMERA_BEFORE_NS:
        return "", False
    began = header.created_s * _SECOND_NS
    for apart in (raw_ns - began, raw_ns - began - header.length_ms * _MS):
        rest = without_zone(apart)
        if rest == apart:
            return "; the footage's own header says the same", False
        if rest is not None:
            minutes = (apart - rest) // _MINUTE_NS
            return f"; the footage's own header differs by {minutes} min, as a time zone does", False
    return f"; the footage's own header contradicts it and says {iso_of_ns(began)}: kept as if in doubt", True


def _possible(moment_ns: int, docked: Docked) -> bool:
    earliest = _NO_CAMERA_BEFORE_NS if docked.previous_ns is None else docked.previous_ns - JITTER_NS
    return earliest <= moment_ns <= docked.at_ns + JITTER_NS


def _stand_in(docked: Docked, why: str) -> tuple[int, int, str, bool]:
    since = docked.previous_ns
    uncertainty = NOT_KNOWN if since is None else max(docked.at_ns - since, 0) // _MS
    return docked.at_ns, uncertainty, f"{why}; the docking's time stands in", False
