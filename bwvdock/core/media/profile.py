"""How is a model of camera described, and which of the known models is this one?

A Profile is declarative: how a camera is recognised (USB ids *and* what its volume holds), where
its clips, sidecars and marks are, and which files contain its serial and its clock. grouping.py sorts a
listing into clips; config/profiles.py loads profiles.

A pattern is a path from the volume's root: `*` and `?` stay within one name, `[0-9]` is a class,
`**` is any number of folders. Letter case never matters, because FAT does not preserve it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from bwvdock.core.clips.dates.file_times import FileTimes
from bwvdock.core.media.clock_file import ClockRule
from bwvdock.core.media.fields import FieldFormat, field_in, json_field
from bwvdock.core.media.kinds import FOOTAGE, IGNORED
from bwvdock.core.media.names import escape_serial
from bwvdock.core.media.self_reported.battery import BatteryRule
from bwvdock.core.media.self_reported.clock_setting import SetClock
from bwvdock.core.media.self_reported.expected import Expected
from bwvdock.core.media.unlock import UnlockRule


class Belongs(StrEnum):
    """How a sidecar's name shows which clip it belongs to."""

    SAME_STEM = "same-stem"  # CLIP.gps or CLIP.MP4.gps beside CLIP.MP4
    STEM_PREFIX = "stem-prefix"  # 20260101_120000_N.gps beside 20260101_120000_NF.mp4
    FOLDER = "folder"  # event.json in the folder of an event: it belongs to the first clip there


@dataclass(frozen=True, kw_only=True, slots=True)
class SidecarRule:
    """Which files go with a clip.

    Attributes:
        extensions: without the dot, in lower case.
        belongs: how the names are compared.
        anywhere: the sidecar may be in another folder than its clip.
        alone: a sidecar without its clip is taken as an item of its own.
        stem: a regular expression with one group that the name without its extension must match; "" is any.
        clips: the possible names of its clip, with `{}` for the group. A rule with a stem may have an
            extension of footage, for low-resolution copies. One without its clip is footage.
    """

    extensions: tuple[str, ...]
    belongs: Belongs = Belongs.SAME_STEM
    anywhere: bool = False
    alone: bool = True
    stem: str = ""
    clips: tuple[str, ...] = ("{}",)

    def own_stems(self, stem: str) -> tuple[str, ...]:
        """Return what the stems of its clips may be, in small letters; none if the rule is not for it."""
        if not self.stem:
            return (stem,)
        found = _stem(self.stem).fullmatch(stem)
        return tuple(clip.casefold().replace("{}", found[1]) for clip in self.clips) if found else ()


@cache
def _stem(expression: str) -> re.Pattern[str]:
    return re.compile(expression, re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True, kw_only=True, slots=True)
class SerialRule:
    """Where a camera's serial is on its volume.

    Attributes:
        file: a pattern for the settings file.
        key: the field, as core/media/fields.py has it.
        format: how the file is written.
    """

    file: str
    key: str
    format: FieldFormat = FieldFormat.JSON


@dataclass(frozen=True, kw_only=True, slots=True)
class MarkRule:
    """Which field of a clip's sidecar says that the clip was marked on the camera.

    Attributes:
        extensions: of the sidecars that have it, without the dot, in lower case.
        key: the field, as core/media/fields.py has it; in JSON the field may also be true or false.
        format: how the file is written.
        values: the texts of the field that mean a mark; letter case does not matter.
    """

    extensions: tuple[str, ...]
    key: str
    format: FieldFormat = FieldFormat.JSON
    values: tuple[str, ...] = ("true", "yes", "1")


# Sidecars that any camera may have. Those that are useless without their clip, or whose extension any
# program may use, are not taken on their own.
COMMON_SIDECARS = (
    # GoPro: the low-resolution copy of GH010042.MP4, GX010042.MP4 or GS010042.360 is GL010042.LRV.
    SidecarRule(extensions=("lrv",), stem="GL(.*)", clips=("GH{}", "GX{}", "GS{}")),
    # Sony XAVC: C0001M01.XML and C0001T01.JPG, in another folder, belong to C0001.MP4.
    SidecarRule(extensions=("xml",), stem="(.*[0-9]{4})M[0-9]{2}"),
    SidecarRule(extensions=("jpg",), stem="(.*[0-9]{4})T[0-9]{2}", anywhere=True, alone=False),
    SidecarRule(extensions=("3gf", "glv", "gps", "gpx", "key", "lrf", "lrv", "nmea", "sec", "srt", "thm")),
    SidecarRule(
        extensions=(
            *("csv", "idx", "jpg", "json", "log", "map", "moi", "txt", "vtt", "xml"),
            *("md5", "sha", "sha1", "sha224", "sha256", "sha384", "sha512", "sig"),
        ),
        alone=False,
    ),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Profile:
    """One model, or family, of cameras.

    Attributes:
        name: its name in the journal.
        summary: one line for a person.
        usb: ids it is recognised by: `vvvv:pppp`, `vvvv:*`, or `*`; none is the same as `*`.
        contains: patterns; each must match at least one path on the volume.
        label: a pattern for the volume's label; "" is any.
        clips: patterns of the places where footage is kept.
        extensions: what footage ends in, in lower case.
        sidecars: what goes with a clip; the first rule that names an extension decides.
        marks: patterns of the places and names that a mark on the camera gives a clip.
        read_only_marks: the FAT read-only bit is a mark.
        mark_fields: fields of sidecars that are marks.
        serial: which file has the camera's serial.
        clock: which file shows its clock.
        set_clock: whether its clock is set.
        battery: which file says how full its battery is.
        expected: what is expected of its firmware, settings and officer id.
        times: what its files' times are; None: what is usual for their file system.
        ignore: patterns of what is never footage.
        unlock: how it is made to show its disk. A profile may have only this; it then matches no volume.
    """

    name: str
    summary: str = ""
    usb: tuple[str, ...] = ()
    contains: tuple[str, ...] = ()
    label: str = ""
    clips: tuple[str, ...] = ("**",)
    extensions: tuple[str, ...] = FOOTAGE
    sidecars: tuple[SidecarRule, ...] = COMMON_SIDECARS
    marks: tuple[str, ...] = ()
    read_only_marks: bool = False
    mark_fields: tuple[MarkRule, ...] = ()
    serial: SerialRule | None = None
    clock: ClockRule | None = None
    set_clock: SetClock = SetClock.NEVER
    battery: BatteryRule | None = None
    expected: Expected | None = None
    times: FileTimes | None = None
    ignore: tuple[str, ...] = IGNORED
    unlock: UnlockRule | None = None

    def times_of(self, told: FileTimes) -> FileTimes:
        """Return what a file's time is; what the file says of it itself counts before the profile."""
        return told if told is FileTimes.ZONED else self.times or told


ANY_VIDEO = Profile(name="any-video", summary="Takes footage wherever it is on an unknown volume")
"""The profile used where no other matches. It is in code, so that no broken file can disable it."""


@cache
def pattern(glob: str) -> re.Pattern[str]:
    """Compile a pattern (see the module's docstring).

    Raises:
        ValueError: it has an empty part, leads upwards, or has a class that is not closed.
    """
    try:
        return re.compile(_expression(glob), re.IGNORECASE | re.DOTALL)
    except re.error as error:  # the only remaining error is a range such as [9-0]
        raise ValueError(f"has an invalid class: {error.msg}") from error


def _expression(glob: str) -> str:
    parts = glob.split("/")
    if any(part in {"", ".", ".."} for part in parts):
        raise ValueError("has an empty part, or one that leads out of the volume")
    expression = ""
    for part in parts[:-1]:
        expression += "(?:[^/]+/)*" if part == "**" else _name(part) + "/"
    if parts[-1] != "**":
        expression += _name(parts[-1])
    else:  # all below a folder, and the folder itself
        expression = f"{expression[:-1]}(?:/.+)?" if expression.endswith("/") else expression + ".+"
    return expression


def _name(part: str) -> str:
    if "**" in part:
        raise ValueError("** must be a whole part of the path")
    out, rest = "", part
    while rest:
        character, rest = rest[0], rest[1:]
        if character == "[":
            inside, closed, rest = rest.partition("]")
            if not closed or not re.fullmatch(r"!?[\w-]+", inside):
                raise ValueError("has a class that is empty, not closed, or not of letters and digits")
            out += f"[{inside.replace('!', '^', 1)}]"
        else:
            out += {"*": "[^/]*", "?": "[^/]"}.get(character, re.escape(character))
    return out


def matches(globs: Iterable[str], path: str) -> bool:
    """Return whether a path matches any of the patterns."""
    together = tuple(globs)
    return bool(together) and _any_of(together).fullmatch(path) is not None


@cache
def _any_of(globs: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(map(_expression, globs)), re.IGNORECASE | re.DOTALL)


def names_model(profiles: Iterable[Profile], usb: str) -> bool:
    """Return whether a profile names these USB ids in full, which makes the camera a known model."""
    return bool(usb) and any(usb.lower() in _all_ids(profile) for profile in profiles)


def _all_ids(profile: Profile) -> tuple[str, ...]:
    return profile.usb + (profile.unlock.usb if profile.unlock else ())


def choose(profiles: Collection[Profile], *, usb: str, label: str, paths: Sequence[str]) -> Profile:
    """Return the most specific profile whose conditions all hold; ANY_VIDEO if there is none.

    USB ids count most, then a label, then the number and length of matching patterns; the name decides
    between equals, so that the result is always the same.

    Args:
        profiles: all that are known.
        usb: the camera's ids, `vvvv:pppp`, or "" where it has none.
        label: the volume's label.
        paths: every path of its listing.
    """
    fitting = [p for p in profiles if _fits(p, usb=usb.lower(), label=label, paths=paths)]
    return min(fitting, key=lambda p: (*(-n for n in _weight(p, usb.lower())), p.name), default=ANY_VIDEO)


def _fits(profile: Profile, *, usb: str, label: str, paths: Sequence[str]) -> bool:
    if profile.unlock and not (profile.usb or profile.label or profile.contains):
        return False
    if profile.usb and not _usb_weight(profile, usb) and "*" not in profile.usb:
        return False
    if profile.label and not pattern(profile.label).fullmatch(label):
        return False
    return all(any(map(pattern(glob).fullmatch, paths)) for glob in profile.contains)


def _usb_weight(profile: Profile, usb: str) -> int:
    if not usb:
        return 0
    if usb in profile.usb:
        return 2
    return 1 if f"{usb.partition(':')[0]}:*" in profile.usb else 0


def _weight(profile: Profile, usb: str) -> tuple[int, int, int, int]:
    said = sum(len(re.sub(r"[*?/]|\[[^]]*\]", "", glob)) for glob in profile.contains)
    return _usb_weight(profile, usb), bool(profile.label), len(profile.contains), said


def serial_in(rule: SerialRule, content: bytes) -> str:
    """Return the serial in a settings file, escaped, or "" if there is none."""
    return escape_serial(field_in(content, rule.key, rule.format).encode("utf-8", "replace"))


def is_marked(rule: MarkRule, content: bytes) -> bool:
    """Return whether a field of a sidecar says that its clip was marked; an unreadable one does not."""
    told = field_in(content, rule.key, rule.format)
    if rule.format is FieldFormat.JSON and isinstance(value := json_field(content, rule.key), bool):
        told = str(value)
    return told.casefold() in {value.casefold() for value in rule.values}
