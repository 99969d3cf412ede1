"""Which alerts are about clips: not taken, lost, unassigned, quarantined, recalled, refused or parked?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from bwvdock.status.alerts import Alert, AlertCode
from bwvdock.status.alerts.cameras import few_of
from bwvdock.status.values import LiveCamera
from bwvdock.units import count_are, format_count


def clips_skipped(camera: LiveCamera) -> Iterator[Alert]:
    """Return an alert if files on the camera could not be taken."""
    if camera.clips_left:
        yield Alert.warning(
            AlertCode.CLIPS_SKIPPED,
            f"{format_count(camera.clips_left, 'file')} on camera {camera.serial} in bay {camera.bay} "
            "NOT taken. The docking has the reason for each of them.",
            f"bwvdock dockings show {camera.docking}; what can be read later is taken when the camera is "
            "docked again",
            subject=camera.serial,
        )


def clips_lost(serials: Sequence[str], days: int) -> Iterator[Alert]:
    """Return an alert if clips that were seen in these days left their camera before they were copied.

    `serials` has the camera of each clip.
    """
    if serials:
        yield Alert.error(
            AlertCode.CLIPS_LOST,
            f"{format_count(len(serials), 'clip')} seen at a docking in the last {days} days, without a "
            f"copy in the spool, and no longer on the camera at its next docking: {few_of(serials)}.",
            "If no other dock has them, take these cameras out of use: deleted files can often be "
            f"recovered. bwvdock report absence --days {days}",
        )


def numbers_missing(serials: Sequence[str], days: int) -> Iterator[Alert]:
    """Return an alert if the file numbers of these cameras' recordings of these days have gaps."""
    if serials:
        yield Alert.warning(
            AlertCode.NUMBERS_MISSING,
            f"File numbers are missing between recordings of the last {days} days: {few_of(serials)}. "
            "The files may have been deleted on the camera, or copied at another dock.",
            f"bwvdock report absence --days {days}",
        )


def clips_unassigned(unassigned: int) -> Iterator[Alert]:
    """Return an alert if clips have no officer."""
    if unassigned:
        yield Alert.warning(
            AlertCode.CLIPS_UNASSIGNED,
            f"{count_are(unassigned, 'clip')} unassigned: no assignment covers the time of recording, or "
            "somebody disputed whose it is.",
            "bwvdock clips list --unassigned; then: bwvdock cameras assign SERIAL --officer ID --from T, or, "
            "where the roster is right: bwvdock clips uphold CLIP --reason R",
        )


def clips_quarantined(quarantined: int) -> Iterator[Alert]:
    """Return an alert if clips are in quarantine."""
    if quarantined:
        yield Alert.error(
            AlertCode.CLIPS_QUARANTINED,
            f"{count_are(quarantined, 'clip')} in quarantine and {'needs' if quarantined == 1 else 'need'} a "
            "decision.",
            "bwvdock clips list --state quarantined; then: bwvdock clips show CLIP",
        )


def clips_recalled(recalled: Mapping[str, int]) -> Iterator[Alert]:
    """Return an alert if cameras that are not docked have clips to be copied again: how many, by serial."""
    if recalled:
        yield Alert.error(
            AlertCode.CLIPS_RECALLED,
            f"{format_count(sum(recalled.values()), 'clip')} to be copied from the camera again: neither "
            "the spool nor a store is known to have a good copy. The camera may have the only one: "
            f"{few_of(sorted(recalled))}.",
            "Dock the camera again before it is used; then: bwvdock clips list --state found",
        )


def clips_refused(destination: str, refused: Mapping[str, str], *, required: bool) -> Iterator[Alert]:
    """Return an alert if a destination permanently refused clips: the id of each, and the reason."""
    if refused:
        first = min(refused)
        stay = " They stay in the spool and will not become verified." if required else ""
        yield Alert.error(
            AlertCode.CLIPS_REFUSED,
            f"Destination {destination} permanently refused {format_count(len(refused), 'clip')}."
            f"{stay} Clip {first}: {refused[first]}.",
            f"bwvdock clips show {first}; when fixed: bwvdock clips retry {first}",
            subject=destination,
        )


def clips_parked(destination: str, parked: Mapping[str, str]) -> Iterator[Alert]:
    """Return an alert if clips keep failing at a destination: the id of each, and its last error."""
    if parked:
        first = min(parked)
        yield Alert.warning(
            AlertCode.CLIPS_PARKED,
            f"{format_count(len(parked), 'clip')} failed repeatedly at destination {destination} "
            f"while others succeeded; retried once an hour. Clip {first}: {parked[first]}.",
            f"bwvdock clips show {first}; to try at once: bwvdock clips retry {first}",
            subject=destination,
        )
