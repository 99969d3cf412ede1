"""What do the files of a volume show? Its profile, its camera's serial and clock, the marks on clips.

Only small files that the profile names are read, and of each no more than a settings file has.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace

from bwvdock.core.clips.dates.file_times import FileTimes
from bwvdock.core.media import clock_file
from bwvdock.core.media.clock_file import ClockTold
from bwvdock.core.media.grouping import extension_of
from bwvdock.core.media.profile import Profile, choose, is_marked, matches, serial_in
from bwvdock.core.media.self_reported import battery
from bwvdock.core.media.self_reported.expected import in_file
from bwvdock.core.ports import CameraFile, CameraVolume, FileStatus
from bwvdock.errors import NotReadyError, UnreadableError

_SETTINGS_BYTES = 256 * 1024
_MARK_BYTES = 64 * 1024  # a field in a sidecar; a larger file is something else

TOO_LARGE = "a sidecar is too large to be searched for a mark"
UNREADABLE = "a sidecar could not be searched for a mark"


def choose_profile(
    volume: CameraVolume, listing: Iterable[CameraFile], *, profiles: Collection[Profile], usb: str
) -> Profile:
    """Return the profile that fits a volume best."""
    return choose(profiles, usb=usb, label=volume.label, paths=[f.path for f in listing])


def told_serial(volume: CameraVolume, *, profiles: Collection[Profile], usb: str) -> str:
    """Return the serial in a settings file on the volume, escaped, or "".

    Raises:
        CameraGoneError: the camera was unplugged.
        UnreadableError: the volume's root cannot be read.
    """
    listing = volume.list()
    rule = choose_profile(volume, listing, profiles=profiles, usb=usb).serial
    if rule is None:
        return ""
    for file in sorted(listing, key=lambda f: f.path):
        if file.status is FileStatus.READY and matches([rule.file], file.path):
            try:
                return serial_in(rule, _read(volume, file, _SETTINGS_BYTES))
            except (NotReadyError, UnreadableError):
                continue
    return ""


def told_clock(volume: CameraVolume, listing: Sequence[CameraFile], profile: Profile) -> ClockTold | None:
    """Return what the camera's clock showed, from the file that the profile names; None if there is none.

    Raises:
        CameraGoneError: the camera was unplugged.
    """
    rule = profile.clock
    if rule is None:
        return None
    ready = [file for file in listing if file.status is FileStatus.READY]
    found = [file for file in ready if matches([rule.file], file.path)]
    if not found:
        return None
    # Of several, for example one for each day, the last that was written.
    newest = max(found, key=lambda file: (file.mtime_ns, file.path))
    others = [file.mtime_ns for file in ready if file not in found]
    try:
        content = _read(volume, newest, _SETTINGS_BYTES) if rule.key else b""
    except (NotReadyError, UnreadableError):
        return None
    told = clock_file.told(rule, content=content, mtime_ns=newest.mtime_ns, others_ns=others)
    return replace(told, zoned=newest.times is FileTimes.ZONED)


def told_battery(volume: CameraVolume, listing: Sequence[CameraFile], profile: Profile) -> int | None:
    """Return what the file that the profile names says of the battery, in percent; None for nothing.

    Raises:
        CameraGoneError: the camera was unplugged.
    """
    rule = profile.battery
    ready = [file for file in listing if file.status is FileStatus.READY] if rule else []
    found = [file for file in ready if rule and matches([rule.file], file.path)]
    if rule is None or not found:
        return None
    newest = max(found, key=lambda file: (file.mtime_ns, file.path))
    others = [file.mtime_ns for file in ready if file not in found]
    try:
        content = _read(volume, newest, _SETTINGS_BYTES)
    except (NotReadyError, UnreadableError):
        return None
    return battery.told(rule, content=content, mtime_ns=newest.mtime_ns, others_ns=others)


def told_settings(volume: CameraVolume, listing: Sequence[CameraFile], profile: Profile) -> Mapping[str, str]:
    """Return what files say of the settings that the profile names, by name; "" where they do not say it.

    Raises:
        CameraGoneError: the camera was unplugged.
    """
    places = profile.expected.places if profile.expected else {}
    contents: dict[str, bytes] = {}
    for pattern in {where.file for where in places.values() if where.file}:
        ready = [
            file for file in listing if file.status is FileStatus.READY and matches([pattern], file.path)
        ]
        if not ready:
            continue
        with suppress(NotReadyError, UnreadableError):
            newest = max(ready, key=lambda file: (file.mtime_ns, file.path))
            contents[pattern] = _read(volume, newest, _SETTINGS_BYTES)
    return {
        name: in_file(where, contents[where.file]) if where.file in contents else ""
        for name, where in places.items()
        if where.file
    }


def told_marks(
    volume: CameraVolume, sidecars: Iterable[CameraFile], profile: Profile
) -> tuple[bool, tuple[str, ...]]:
    """Return the candidates with the marks in their sidecars, and notes on unreadable sidecars."""
    marked, notes = False, []
    for file in sidecars:
        rules = [rule for rule in profile.mark_fields if extension_of(file.path) in rule.extensions]
        if not rules:
            continue
        if file.size > _MARK_BYTES:
            notes.append(TOO_LARGE)
            continue
        try:
            content = _read(volume, file, _MARK_BYTES)
        except (NotReadyError, UnreadableError):
            notes.append(UNREADABLE)
            continue
        marked = marked or any(is_marked(rule, content) for rule in rules)
    return marked, tuple(notes)


def _read(volume: CameraVolume, file: CameraFile, most: int) -> bytes:
    buffer = memoryview(bytearray(min(file.size, most)))
    done = 0
    with volume.open(file) as source:
        while done < len(buffer) and (count := source.readinto(buffer[done:])):
            done += count
    return bytes(buffer[:done])
