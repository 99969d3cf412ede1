"""Which camera profiles are there? Reads those that come with bwvdock and those of this dock.

One TOML file is one profile; the file's name is the profile's. A file in /etc/bwvdock/profiles
replaces the built-in one of the same name. Every mistake in every file is told at once, with the
file, the key, the value and what to do. The keys are explained in docs/reference/profiles.md.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from bwvdock.core.clockfile import ClockRule
from bwvdock.core.fields import FieldFormat
from bwvdock.core.profile import (
    ANY_VIDEO,
    COMMON_SIDECARS,
    FOOTAGE,
    IGNORED,
    VIDEO,
    Belongs,
    MarkRule,
    Profile,
    SerialRule,
    SidecarRule,
    pattern,
)
from bwvdock.edges.profiletable import Table, choice, each, flag, instead, text
from bwvdock.edges.profileunlock import unlock_rule
from bwvdock.errors import ConfigError

BUILT_IN = Path(__file__).parents[1] / "profiles"
OF_THIS_DOCK = Path("/etc/bwvdock/profiles")

_MOST_WITHIN_S = 3600
_NONE: tuple[str, ...] = ()


def load_profiles(folders: Iterable[Path] = (BUILT_IN, OF_THIS_DOCK)) -> tuple[Profile, ...]:
    """Read every profile; in a later folder one replaces that of the same name in an earlier.

    A folder that is not there has no profiles.

    Raises:
        ConfigError: at least one file is wrong; the message lists every mistake, one per line.
    """
    profiles: dict[str, Profile] = {}
    mistakes: list[str] = []
    for folder in folders:
        for path in sorted(folder.glob("*.toml")):
            profile = _load(path, mistakes)
            profiles[profile.name] = profile
    if mistakes:
        raise ConfigError("\n".join(mistakes), remedy="Correct these lines, then: bwvdock config check")
    return tuple(profiles[name] for name in sorted(profiles))


def _load(path: Path, mistakes: list[str]) -> Profile:
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        mistakes.append(f"{path}: cannot be read: {error}; correct or remove the file")
        return ANY_VIDEO
    root = Table(document, where=str(path), mistakes=mistakes)
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]*", path.stem) or path.stem == ANY_VIDEO.name:
        root.wrong("", path.name, "give the file another name, of a-z, 0-9 and -: it names the profile")
    profile = _profile(root, path.stem)
    only_unlocks = profile.unlock is not None and not root.has("match")
    if not (profile.contains or profile.label or set(profile.usb) - {"*"} or only_unlocks):
        root.wrong("match", document.get("match", {}), "say what tells this camera: usb, contains or label")
    return profile


def _profile(root: Table, name: str) -> Profile:
    match, clips, marks = root.table("match"), root.table("clips"), root.table("marks")
    sidecars = tuple(_sidecar(table) for table in root.tables("sidecar"))
    profile = Profile(
        name=name,
        summary=root.take("summary", text, default=""),
        usb=match.take("usb", each(_usb), default=()),
        contains=match.take("contains", each(_pattern), default=()),
        label=match.take("label", _label, default=""),
        clips=clips.take("places", each(_pattern), default=("**",)),
        extensions=clips.take("extensions", each(_extension), default=FOOTAGE),
        ignore=IGNORED + clips.take("ignore", each(_pattern), default=_NONE),
        # What a profile says of a sidecar comes first; the common ones need not be said again.
        sidecars=(*sidecars, *COMMON_SIDECARS),
        marks=marks.take("places", each(_pattern), default=()),
        read_only_marks=marks.take("read_only", flag, default=False),
        mark_fields=tuple(_mark_field(table) for table in marks.tables("field")),
        serial=_serial(root.table("serial")) if root.has("serial") else None,
        clock=_clock(root.table("clock")) if root.has("clock") else None,
        unlock=unlock_rule(root.table("unlock", discreet=True)) if root.has("unlock") else None,
    )
    for table in (root, match, clips, marks):
        table.nothing_else()
    return profile


def _sidecar(table: Table) -> SidecarRule:
    rule = SidecarRule(
        extensions=table.need("extensions", each(_sidecar_extension), ()),
        belongs=table.take("belongs", choice(Belongs), default=Belongs.SAME_STEM),
        anywhere=table.take("anywhere", flag, default=False),
        alone=table.take("alone", flag, default=True),
    )
    table.nothing_else()
    return rule


def _mark_field(table: Table) -> MarkRule:
    rule = MarkRule(
        extensions=table.need("extensions", each(_sidecar_extension), ()),
        key=table.need("key", text, "key"),
        format=table.take("format", choice(FieldFormat), default=FieldFormat.JSON),
        values=table.take("values", each(text), default=("true", "yes", "1")),
    )
    _check_expression(table, rule.format, rule.key, "the mark")
    table.nothing_else()
    return rule


def _check_expression(table: Table, form: FieldFormat, key: str, what: str) -> None:
    if form is not FieldFormat.REGEX:
        return
    try:
        groups = re.compile(key).groups
    except re.error as error:
        table.wrong("key", key, f"write a regular expression: {error}")
    else:
        if not groups:
            table.wrong("key", key, f"put the part that is {what} in parentheses")


def _serial(table: Table) -> SerialRule:
    rule = SerialRule(
        file=table.need("file", _pattern, "*"),
        key=table.need("key", text, "key"),
        format=table.take("format", choice(FieldFormat), default=FieldFormat.JSON),
    )
    _check_expression(table, rule.format, rule.key, "the serial")
    table.nothing_else()
    return rule


def _clock(table: Table) -> ClockRule:
    rule = ClockRule(
        file=table.need("file", _pattern, "*"),
        key=table.take("key", text, default=""),
        format=table.take("format", choice(FieldFormat), default=FieldFormat.JSON),
        time=table.take("time", _time_form, default=""),
        within_s=table.take("within_s", _seconds, default=60),
    )
    if rule.key:
        _check_expression(table, rule.format, rule.key, "the time")
    elif table.has("format") or table.has("time"):
        table.wrong("key", "", "say which field of the file tells the time, or leave format and time out")
    table.nothing_else()
    return rule


def _time_form(value: object) -> str:
    form = text(value)
    moment = datetime(2026, 11, 21, 17, 42, 38, tzinfo=UTC)
    try:
        back = datetime.strptime(moment.strftime(form), form)  # noqa: DTZ007 - only its digits count
    except ValueError as error:
        raise instead(f'write it as strptime has it, such as "%Y-%m-%d %H:%M:%S": {error}') from None
    if back.replace(tzinfo=UTC) != moment:
        raise instead('it must tell the date and the time to the second, such as "%Y-%m-%d %H:%M:%S"')
    return form


def _seconds(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= _MOST_WITHIN_S:
        raise instead(f"write seconds, from 1 to {_MOST_WITHIN_S}")
    return value


def _usb(value: object) -> str:
    ids = text(value).lower()
    if not re.fullmatch(r"\*|[0-9a-f]{4}:([0-9a-f]{4}|\*)", ids):
        raise instead('write "vvvv:pppp" as lsusb prints it, "vvvv:*" or "*"')
    return ids


def _pattern(value: object) -> str:
    glob = text(value)
    try:
        pattern(glob)
    except ValueError as error:
        raise instead(f"{error}; write a path from the volume's root, such as DCIM/*/*.MP4") from None
    return glob


def _label(value: object) -> str:
    label = _pattern(value)
    if "/" in label:
        raise instead("a volume's label has no /")
    return label


def _extension(value: object) -> str:
    extension = text(value).lower()
    if not re.fullmatch(r"[a-z0-9_]+", extension):
        raise instead('write extensions without the dot, such as "mp4"')
    return extension


def _sidecar_extension(value: object) -> str:
    extension = _extension(value)
    if extension in VIDEO:
        raise instead(f"{extension} is footage; list it under [clips] extensions")
    return extension
