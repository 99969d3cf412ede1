"""Which camera profiles are there? Reads the built-in ones and those of this dock.

Each TOML file is one profile, named after the file. A file in /etc/bwvdock/profiles
replaces the built-in one of the same name. Every mistake in every file is reported at once, with the
file, the key, the value and what to do. The keys are explained in docs/reference/profiles.md.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from bwvdock.config.profile_unlock import MAY_BE_SHOWN, unlock_rule
from bwvdock.config.toml_table import Mistake, Table, choice, each, flag, instead, text, whole
from bwvdock.core.clips.dates.file_times import FileTimes
from bwvdock.core.media.clock_file import ClockRule
from bwvdock.core.media.fields import FieldFormat
from bwvdock.core.media.kinds import FOOTAGE, IGNORED, VIDEO
from bwvdock.core.media.profile import (
    ANY_VIDEO,
    COMMON_SIDECARS,
    Belongs,
    MarkRule,
    Profile,
    SerialRule,
    SidecarRule,
    pattern,
)
from bwvdock.core.media.self_reported.battery import FULL, BatteryRule
from bwvdock.core.media.self_reported.clock_setting import SetClock
from bwvdock.core.media.self_reported.expected import FIRMWARE, OFFICER, Expected, Setting, Where
from bwvdock.errors import ConfigError

BUILT_IN = Path(__file__).parents[1] / "profiles"
OF_THIS_DOCK = Path("/etc/bwvdock/profiles")

_MOST_WITHIN_S = 3600
_SECONDS = whole(1, _MOST_WITHIN_S, what=f"seconds, from 1 to {_MOST_WITHIN_S}")
_MOST_FULL = 1_000_000
_LEVEL = whole(1, _MOST_FULL, what=f"a number from 1 to {_MOST_FULL}")
_PROPERTY = whole(0x5000, 0xDFFF, what="an MTP device property, from 0x5000 to 0xDFFF")
_LONGEST_NAME = 40
_NONE: tuple[str, ...] = ()


class ProfilesError(ConfigError):
    """At least one profile is invalid; `mistakes` has every mistake, by file."""

    def __init__(self, mistakes: Mapping[Path, Sequence[Mistake]]) -> None:
        lines = [f"{path}: {mistake}" for path, found in mistakes.items() for mistake in found]
        super().__init__("\n".join(lines), remedy="Correct these lines, then run: bwvdock config check")
        self.mistakes = mistakes


def load_profiles(folders: Iterable[Path] = (BUILT_IN, OF_THIS_DOCK)) -> tuple[Profile, ...]:
    """Return every profile; one in a later folder replaces one of the same name in an earlier folder.

    A folder that does not exist has no profiles.

    Raises:
        ProfilesError: at least one file is invalid; the message lists every mistake, one per line.
    """
    profiles: dict[str, Profile] = {}
    mistakes: dict[Path, list[Mistake]] = {}
    for folder in folders:
        for path in sorted(folder.glob("*.toml")):
            found: list[Mistake] = []
            profile = _load(path, found)
            profiles[profile.name] = profile
            if found:
                mistakes[path] = found
    if mistakes:
        raise ProfilesError(mistakes)
    return tuple(profiles[name] for name in sorted(profiles))


def _load(path: Path, mistakes: list[Mistake]) -> Profile:
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        mistakes.append(_of_the_file(f"cannot be read: {error}", "correct or remove the file"))
        return ANY_VIDEO
    root = Table(document, mistakes)
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]*", path.stem) or path.stem == ANY_VIDEO.name:
        remedy = "rename the file, using a-z, 0-9 and -: its name is the profile's name"
        mistakes.append(_of_the_file("this is not a valid profile name", remedy))
    profile = _profile(root, path.stem)
    only_unlocks = profile.unlock is not None and not root.has("match")
    if not (profile.contains or profile.label or set(profile.usb) - {"*"} or only_unlocks):
        root.wrong(
            "match", "matches every camera", "say what is special about this one: usb, contains or label"
        )
    return profile


def _of_the_file(message: str, remedy: str) -> Mistake:
    return Mistake(key="", value="", message=message, remedy=remedy)


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
        # A profile's own sidecar rules come first; it need not repeat the common ones.
        sidecars=(*sidecars, *COMMON_SIDECARS),
        marks=marks.take("places", each(_pattern), default=()),
        read_only_marks=marks.take("read_only", flag, default=False),
        mark_fields=tuple(_mark_field(table) for table in marks.tables("field")),
        serial=_serial(root.table("serial")) if root.has("serial") else None,
        clock=_clock(root.table("clock")) if root.has("clock") else None,
        set_clock=root.take("set_clock", choice(*SetClock), default=SetClock.NEVER),
        battery=_battery(root.table("battery")) if root.has("battery") else None,
        expected=_expected(root.table("expect")) if root.has("expect") else None,
        times=root.take("times", _times, default=None),
        unlock=unlock_rule(root.table("unlock", discreet_but_for=MAY_BE_SHOWN))
        if root.has("unlock")
        else None,
    )
    for table in (root, match, clips, marks):
        table.nothing_else()
    return profile


def _sidecar(table: Table) -> SidecarRule:
    rule = SidecarRule(
        extensions=table.need("extensions", each(_extension), (), remedy='write extensions = ["gps"]'),
        belongs=table.take("belongs", choice(*Belongs), default=Belongs.SAME_STEM),
        anywhere=table.take("anywhere", flag, default=False),
        alone=table.take("alone", flag, default=True),
        stem=table.take("stem", text, default=""),
        clips=table.take("clips", each(_clip_name), default=("{}",)),
    )
    _check_stem(table, rule)
    table.nothing_else()
    return rule


def _check_stem(table: Table, rule: SidecarRule) -> None:
    footage = [extension for extension in rule.extensions if extension in VIDEO]
    if footage and not table.has("stem"):
        remedy = "list it under [clips] extensions; for a low-resolution copy of a clip say its stem"
        table.wrong("extensions", f"{footage[0]} is footage", remedy)
    if not table.has("stem"):
        if table.has("clips"):
            table.wrong("stem", "is missing", "say which part of the name is the clip's")
        return
    _check_expression(table, "stem", rule.stem, "the part that its clip's name has too")


def _mark_field(table: Table) -> MarkRule:
    rule = MarkRule(
        extensions=table.need(
            "extensions", each(_sidecar_extension), (), remedy='write extensions = ["json"]'
        ),
        key=table.need("key", text, "key", remedy="give the name of the field with the mark"),
        format=table.take("format", choice(*FieldFormat), default=FieldFormat.JSON),
        values=table.take("values", each(text), default=("true", "yes", "1")),
    )
    _check_key(table, rule.format, rule.key, "the mark")
    table.nothing_else()
    return rule


def _check_key(table: Table, form: FieldFormat, key: str, what: str) -> None:
    if form is FieldFormat.REGEX and table.has("key"):
        _check_expression(table, "key", key, what)


def _check_expression(table: Table, name: str, key: str, what: str) -> None:
    remedy = f"write a regular expression with {what} in parentheses"
    try:
        groups = re.compile(key).groups
    except re.error as error:
        table.wrong(name, f"is not a valid regular expression: {error}", remedy)
    else:
        if not groups:
            table.wrong(name, "has no group in parentheses", remedy)


def _serial(table: Table) -> SerialRule:
    rule = SerialRule(
        file=table.need("file", _pattern, "*", remedy="give the file that contains the serial"),
        key=table.need("key", text, "key", remedy="give the name of the field with the serial"),
        format=table.take("format", choice(*FieldFormat), default=FieldFormat.JSON),
    )
    _check_key(table, rule.format, rule.key, "the serial")
    table.nothing_else()
    return rule


def _clock(table: Table) -> ClockRule:
    rule = ClockRule(
        file=table.need("file", _pattern, "*", remedy="give the file that shows the camera's time"),
        key=table.take("key", text, default=""),
        format=table.take("format", choice(*FieldFormat), default=FieldFormat.JSON),
        time=table.take("time", _time_form, default=""),
        within_s=table.take("within_s", _SECONDS, default=60),
    )
    if rule.key:
        _check_key(table, rule.format, rule.key, "the time")
    elif not table.has("key") and (table.has("format") or table.has("time")):
        remedy = "give the name of the field with the time, or remove format and time"
        table.wrong("key", "is missing", remedy)
    table.nothing_else()
    return rule


def _battery(table: Table) -> BatteryRule:
    rule = BatteryRule(
        file=table.need("file", _pattern, "*", remedy="give the file that says how full the battery is"),
        key=table.need("key", text, "key", remedy="give the name of the field with the level"),
        format=table.take("format", choice(*FieldFormat), default=FieldFormat.JSON),
        full=table.take("full", _LEVEL, default=FULL),
    )
    _check_key(table, rule.format, rule.key, "the level")
    table.nothing_else()
    return rule


def _expected(table: Table) -> Expected:
    settings = tuple(_setting(one) for one in table.tables("setting"))
    officer = table.table("officer") if table.has("officer") else None
    found = Expected(
        firmware=table.take("firmware", each(text), default=()),
        settings=settings,
        officer=_where(officer) if officer else None,
    )
    if not (found.firmware or settings or officer):
        table.wrong("setting", "is missing", "write firmware = [...], [[expect.setting]] or [expect.officer]")
    for name in {s.name for s in settings if [o.name for o in settings].count(s.name) > 1}:
        table.wrong("setting", f"there is more than one of the name {name}", "give each its own name")
    for rest in (table, officer):
        if rest is not None:
            rest.nothing_else()
    return found


def _setting(table: Table) -> Setting:
    found = Setting(
        name=table.need("name", _setting_name, "name", remedy='name it for people: name = "loop recording"'),
        where=_where(table),
        values=table.need("values", each(text), (), remedy='write what is expected: values = ["off"]'),
    )
    table.nothing_else()
    return found


def _setting_name(value: object) -> str:
    name = text(value)
    if name in {FIRMWARE, OFFICER, ""} or len(name) > _LONGEST_NAME or not name.isprintable():
        raise instead(
            f"write a name of at most {_LONGEST_NAME} characters, other than {FIRMWARE} or {OFFICER}"
        )
    return name


def _where(table: Table) -> Where:
    if table.has("property"):
        return Where(code=table.take("property", _PROPERTY, default=0))
    rule = Where(
        file=table.need("file", _pattern, "*", remedy="give the file that says it, or property = 0xD001"),
        key=table.need("key", text, "key", remedy="give the name of the field that says it"),
        format=table.take("format", choice(*FieldFormat), default=FieldFormat.JSON),
    )
    _check_key(table, rule.format, rule.key, "the value")
    return rule


def _times(value: object) -> FileTimes | None:
    return FileTimes(choice(FileTimes.UTC, FileTimes.LOCAL)(value))


def _time_form(value: object) -> str:
    form = text(value)
    moment = datetime(2026, 11, 21, 17, 42, 38, tzinfo=UTC)
    try:
        back = datetime.strptime(moment.strftime(form), form)  # noqa: DTZ007 - only its digits count
    except ValueError as error:
        raise instead(f'write a strptime format, such as "%Y-%m-%d %H:%M:%S": {error}') from None
    if back.replace(tzinfo=UTC) != moment:
        raise instead('write a form with date and time to the second, such as "%Y-%m-%d %H:%M:%S"')
    return form


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


def _clip_name(value: object) -> str:
    name = text(value)
    if name.count("{}") != 1:
        raise instead('write {} once, for the part in parentheses, such as "GH{}"')
    return name


def _sidecar_extension(value: object) -> str:
    extension = _extension(value)
    if extension in VIDEO:
        raise instead(f"{extension} is footage; put it under [clips] extensions")
    return extension
