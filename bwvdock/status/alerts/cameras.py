"""Which alerts are about cameras, the files on them, and their clocks?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bwvdock.core.health.seen import CameraHealth, Verdict
from bwvdock.core.visible_text import option, quoted, visible
from bwvdock.status.alerts import Alert, AlertCode
from bwvdock.status.values import CameraState, LiveCamera
from bwvdock.units import format_count

_SHOWN = 5  # serials in one alert
_SET_TIMES = 'say times = "{}" in its profile in /etc/bwvdock/profiles; then: systemctl reload bwvdock'
_READ_OTHERWISE = {
    "local": ("local time", _SET_TIMES.format("local")),
    "utc": ("UTC", _SET_TIMES.format("utc")),
}


def camera_refused(camera: LiveCamera) -> Iterator[Alert]:
    """Return an alert if the camera was refused."""
    if camera.state is not CameraState.REFUSED:
        return
    if camera.other_bay:
        remedy = (
            f"Check bay {camera.other_bay}: as soon as it is empty, the camera is checked again. If there is "
            "a camera in both bays, both report the same serial: set one of them aside."
        )
    else:
        remedy = f"If the camera is yours: bwvdock cameras enrol {quoted(camera.serial, 'SERIAL')}"
    yield Alert.warning(
        AlertCode.CAMERA_REFUSED,
        f"Camera {camera.serial or '(no serial)'} in bay {camera.bay} was refused: {camera.reason}.",
        remedy,
        subject=camera.serial or camera.bay,
    )


def camera_failed(camera: LiveCamera) -> Iterator[Alert]:
    """Return an alert if the camera cannot be read."""
    if camera.state is CameraState.FAILED:
        yield Alert.error(
            AlertCode.CAMERA_FAILED,
            f"Camera {camera.serial} in bay {camera.bay} failed: {camera.reason}.",
            "Unplug the camera and dock it again; if it fails again, try another bay, then set it aside",
            subject=camera.serial or camera.bay,
        )


def cameras_absent(serials: Sequence[str], days: int) -> Iterator[Alert]:
    """Return an alert if enrolled cameras were not docked for this many days."""
    if serials:
        yield Alert.warning(
            AlertCode.CAMERAS_ABSENT,
            f"{format_count(len(serials), 'enrolled camera')} not docked for {days} days: {few_of(serials)}.",
            f"bwvdock report absence --days {days}; if a camera is lost: "
            "bwvdock cameras revoke SERIAL --reason R",
        )


def folder_silent(serials: Sequence[str]) -> Iterator[Alert]:
    """Return an alert for each folder camera whose file system hangs."""
    for serial in serials:
        yield Alert.error(
            AlertCode.FOLDER_SILENT,
            f"The folder of camera {serial} does not answer: its file system hangs. Nothing is taken "
            "from it; other cameras are served.",
            "See which server or program is behind it: findmnt -T FOLDER; then mount it again",
            subject=serial,
        )


def folder_missing(folders: Sequence[tuple[str, str]]) -> Iterator[Alert]:
    """Return an alert for each folder camera, by serial and path, whose folder is not there."""
    for serial, path in folders:
        yield Alert.error(
            AlertCode.FOLDER_MISSING,
            f"The folder of camera {serial}, {visible(path)}, is not there or cannot be opened. Nothing is "
            "taken from it; other cameras are served.",
            f"Mount or make it, and let the user bwvdock read it: findmnt -T {quoted(path)}; if it is not "
            "used any more, remove its [[source]] and restart bwvdock",
            subject=serial,
        )


def files_unknown(camera: LiveCamera) -> Iterator[Alert]:
    """Return an alert if the camera has files that its profile does not know."""
    if camera.files_unknown:
        yield Alert.warning(
            AlertCode.FILES_UNKNOWN,
            f"{format_count(camera.files_unknown, 'file')} of unknown kind on camera {camera.serial} in "
            f"bay {camera.bay}: not taken, although one may be a clip that lost its name.",
            f"To list them: bwvdock dockings show {camera.docking}; then add them to a profile in "
            "/etc/bwvdock/profiles, under extensions or ignore",
            subject=camera.serial,
        )


def marks_meaningless(camera: LiveCamera) -> Iterator[Alert]:
    """Return an alert if every clip on the camera has the same mark."""
    if camera.marks_ignored:
        yield Alert.warning(
            AlertCode.MARKS_MEANINGLESS,
            f"Every clip on camera {camera.serial} in bay {camera.bay} is marked ({camera.marks_ignored}). "
            "Such marks mean nothing and were ignored.",
            f"bwvdock clips list {option('--camera', camera.serial)}; if some are evidence: "
            "bwvdock clips flag CLIP --evidence --reason R. If the camera marks everything, remove the mark "
            "from its profile",
            subject=camera.serial,
        )


def marks_frequent(camera: LiveCamera) -> Iterator[Alert]:
    """Return an alert if nearly every clip on the camera has the same mark: all of those are evidence."""
    if camera.marked_often:
        yield Alert.warning(
            AlertCode.MARKS_FREQUENT,
            f"Nearly every clip on camera {camera.serial} in bay {camera.bay} is marked "
            f"({camera.marked_often}). Those clips are kept as evidence until a person removes the mark.",
            f"bwvdock clips list {option('--camera', camera.serial)} --evidential; where nobody marked a "
            "clip: bwvdock clips unflag CLIP --reason R. If the camera marks its clips, remove the mark from "
            "its profile",
            subject=camera.serial,
        )


def camera_settings_differ(camera: LiveCamera) -> Iterator[Alert]:
    """Return an alert if the camera says otherwise of itself than its profile expects."""
    if camera.drift:
        yield Alert.warning(
            AlertCode.CAMERA_SETTINGS_DIFFER,
            f"Camera {camera.serial} in bay {camera.bay} says otherwise of itself than its profile expects: "
            f"{camera.drift}.",
            "Set the camera with its maker's program, or change [expect] in its profile in "
            "/etc/bwvdock/profiles; the dock writes nothing to cameras",
            subject=camera.serial,
        )


def camera_officer_differs(camera: LiveCamera) -> Iterator[Alert]:
    """Return an alert if the camera says another officer's id than the roster."""
    if camera.officer_differs:
        yield Alert.warning(
            AlertCode.CAMERA_OFFICER_DIFFERS,
            f"Camera {camera.serial} in bay {camera.bay} says another officer's id than that of the officer "
            "to whom it is assigned. Its footage is attributed by the assignments.",
            f"Find out who had the camera: bwvdock cameras roster {quoted(camera.serial, 'SERIAL')} "
            "--reason 'another officer in the camera'; then correct the assignment, or the id in the camera "
            "with its maker's program",
            subject=camera.serial,
        )


def times_doubtful(serial: str, *, clips: int, first: str, fits: str) -> Iterator[Alert]:
    """Return an alert if clips of a camera have impossible times, or times that another reading fits better.

    Args:
        serial: the camera's.
        clips: how many.
        first: the id of one of them.
        fits: the reading that fits better ("local", "utc", "an hour earlier", ...); "" for none.
    """
    if clips:
        reading, remedy = _READ_OTHERWISE.get(fits, (fits, "set its clock"))
        verb = "Read" if fits in _READ_OTHERWISE else "Taken"
        also = f" {verb} as {reading}, they fit." if fits else ""
        yield Alert.warning(
            AlertCode.TIMES_DOUBTFUL,
            f"The times of {format_count(clips, 'clip')} from camera {serial} do not fit its last "
            f"docking, for example clip {first}: they may be attributed to the wrong officer.{also}",
            f"bwvdock clips show {first}; compare the camera's clock with the time, then {remedy}",
            subject=serial,
        )


def clips_duplicated(serial: str, *, clips: int, first: str, others: Sequence[str]) -> Iterator[Alert]:
    """Return an alert that clips of a camera were received before, from other ones.

    Args:
        serial: the camera's.
        clips: how many.
        first: the id of one of them.
        others: the serials of the cameras from which they were received before.
    """
    yield Alert.warning(
        AlertCode.CLIPS_DUPLICATED,
        f"Footage of camera {few_of(others)} was found on camera {serial}: "
        f"{format_count(clips, 'clip')} of its last docking, for example clip {first}, with the same bytes "
        f"as footage received before. It was copied, and is attributed, as footage of {serial}.",
        f"bwvdock clips show {first} names the clip that was received before; find out to which camera the "
        "card belongs, and put it back",
        subject=serial,
    )


def few_of(serials: Sequence[str]) -> str:
    """Return the first few of these serials, each once, and how many more there are."""
    different = list(dict.fromkeys(serials))
    more = f" and {len(different) - _SHOWN:,} more" if len(different) > _SHOWN else ""
    return ", ".join(different[:_SHOWN]) + more


def camera_digest_differs(serial: str, *, clips: int, first: str) -> Iterator[Alert]:
    """Return an alert if a camera's own digests of clips are not those of what was received from it."""
    yield Alert.error(
        AlertCode.CAMERA_DIGEST_DIFFERS,
        f"{format_count(clips, 'clip')} of camera {serial or '(erased)'}: the digest that the camera keeps "
        "beside the footage is not that of what the dock read from it. The dock's copy is what was read, and "
        "it is kept and uploaded like any other. The footage or the digest may have been changed on the "
        f"camera, or the camera may have written one of them wrongly. One of these clips is {first}.",
        f"bwvdock clips show {first} says whether a second read gave the same bytes; to keep the clip until "
        f"that is explained, which ends this alert: bwvdock clips hold {first} --reason WHY",
        subject=serial,
    )


def camera_set_aside(health: CameraHealth) -> Iterator[Alert]:
    """Return an alert if a docked camera is to be set aside, by what was seen of it."""
    if health.verdict is Verdict.SET_ASIDE:
        why = "; ".join(one.text for one in health.reasons if one.verdict is Verdict.SET_ASIDE)
        yield Alert.warning(
            AlertCode.CAMERA_SET_ASIDE,
            f"Set this camera aside: {health.serial}. Seen at this dock: {why}.",
            f"Once it is safe to remove, take it out of service and have it checked: bwvdock cameras health "
            f"{quoted(health.serial, 'SERIAL')}",
            subject=health.serial,
        )
