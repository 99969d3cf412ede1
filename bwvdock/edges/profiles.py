"""Which camera profiles are there? Reads those that come with bwvdock and those of this dock.

One TOML file is one profile; the file's name is the profile's. A file in /etc/bwvdock/profiles
replaces the built-in one of the same name. Every mistake in every file is told at once, with the
file, the key, the value and what to do. The keys are explained in docs/reference/profiles.md.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from difflib import get_close_matches
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

from bwvdock.core.profile import (
    ANY_VIDEO,
    COMMON_SIDECARS,
    FOOTAGE,
    IGNORED,
    VIDEO,
    Belongs,
    Profile,
    SerialFormat,
    SerialRule,
    SidecarRule,
    pattern,
)
from bwvdock.errors import ConfigError

BUILT_IN = Path(__file__).parents[1] / "profiles"
OF_THIS_DOCK = Path("/etc/bwvdock/profiles")

T = TypeVar("T")
E = TypeVar("E", bound=StrEnum)

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
    root = _Table(document, where=str(path), mistakes=mistakes)
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]*", path.stem) or path.stem == ANY_VIDEO.name:
        root.wrong("", path.name, "give the file another name, of a-z, 0-9 and -: it names the profile")
    profile = _profile(root, path.stem)
    if not (profile.contains or profile.label or set(profile.usb) - {"*"}):
        root.wrong("match", document.get("match", {}), "say what tells this camera: usb, contains or label")
    return profile


def _profile(root: _Table, name: str) -> Profile:
    match, clips, marks = root.table("match"), root.table("clips"), root.table("marks")
    sidecars = tuple(_sidecar(table) for table in root.tables("sidecar"))
    profile = Profile(
        name=name,
        summary=root.take("summary", _text, default=""),
        usb=match.take("usb", _each(_usb), default=()),
        contains=match.take("contains", _each(_pattern), default=()),
        label=match.take("label", _label, default=""),
        clips=clips.take("places", _each(_pattern), default=("**",)),
        extensions=clips.take("extensions", _each(_extension), default=FOOTAGE),
        ignore=IGNORED + clips.take("ignore", _each(_pattern), default=_NONE),
        # What a profile says of a sidecar comes first; the common ones need not be said again.
        sidecars=(*sidecars, *COMMON_SIDECARS),
        marks=marks.take("places", _each(_pattern), default=()),
        read_only_marks=marks.take("read_only", _flag, default=False),
        serial=_serial(root.table("serial")) if root.has("serial") else None,
    )
    for table in (root, match, clips, marks):
        table.nothing_else()
    return profile


def _sidecar(table: _Table) -> SidecarRule:
    rule = SidecarRule(
        extensions=table.need("extensions", _each(_sidecar_extension), ()),
        belongs=table.take("belongs", _choice(Belongs), default=Belongs.SAME_STEM),
        anywhere=table.take("anywhere", _flag, default=False),
        alone=table.take("alone", _flag, default=True),
    )
    table.nothing_else()
    return rule


def _serial(table: _Table) -> SerialRule:
    rule = SerialRule(
        file=table.need("file", _pattern, "*"),
        key=table.need("key", _text, "key"),
        format=table.take("format", _choice(SerialFormat), default=SerialFormat.JSON),
    )
    if rule.format is SerialFormat.REGEX:
        try:
            groups = re.compile(rule.key).groups
        except re.error as error:
            table.wrong("key", rule.key, f"write a regular expression: {error}")
        else:
            if not groups:
                table.wrong("key", rule.key, "put the part that is the serial in parentheses")
    table.nothing_else()
    return rule


class _Table:
    """One table of a profile; collects what is wrong with it and goes on."""

    def __init__(
        self, values: Mapping[str, object], *, where: str, mistakes: list[str], path: str = ""
    ) -> None:
        self._values = values
        self._where = where
        self._mistakes = mistakes
        self._path = path
        self._asked: list[str] = []

    def wrong(self, key: str, value: object, remedy: str) -> None:
        """Note a mistake."""
        at = ".".join(part for part in (self._path, key) if part)
        self._mistakes.append(f"{self._where}: {f'{at} = ' if at else ''}{_shown(value)}: {remedy}")

    def has(self, key: str) -> bool:
        """Say whether a key is there."""
        return key in self._values

    def take(self, key: str, parse: Callable[[object], T], *, default: T) -> T:
        """Give a key's value, or the default if it is missing or wrong."""
        self._asked.append(key)
        if key not in self._values:
            return default
        try:
            return parse(self._values[key])
        except ValueError as error:
            self.wrong(key, self._values[key], str(error))
            return default

    def need(self, key: str, parse: Callable[[object], T], otherwise: T) -> T:
        """Give the value of a key that must be there."""
        if key not in self._values:
            self._mistakes.append(f"{self._where}: {self._path}.{key} is missing: write it")
        return self.take(key, parse, default=otherwise)

    def table(self, key: str) -> _Table:
        """Give a table within this one, an empty one if it is not there."""
        return _Table(
            self.take(key, _mapping, default={}), where=self._where, mistakes=self._mistakes, path=key
        )

    def tables(self, key: str) -> list[_Table]:
        """Give the tables of an array."""
        values: Sequence[Mapping[str, object]] = self.take(key, _mappings, default=())
        return [
            _Table(value, where=self._where, mistakes=self._mistakes, path=f"{key}[{n}]")
            for n, value in enumerate(values, start=1)
        ]

    def nothing_else(self) -> None:
        """Note every key that nobody asked for, with the nearest that there is."""
        for key in self._values:
            if key not in self._asked:
                near = get_close_matches(key, self._asked, n=1, cutoff=0.5)
                known = f"did you mean {near[0]}?" if near else f"known here: {', '.join(self._asked)}"
                self.wrong(key, self._values[key], f"unknown key; {known}")


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:79]}…"


def _instead(remedy: str) -> ValueError:
    return ValueError(remedy)


def _text(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise _instead('write a text in quotes, such as "DCIM"')
    return value


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise _instead("write true or false")
    return value


def _mapping(value: object) -> Mapping[str, object]:
    if not isinstance(value, dict):
        raise _instead("this is a table: write it as [name] on a line of its own")
    return value


def _mappings(value: object) -> Sequence[Mapping[str, object]]:
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise _instead("these are tables: write each as [[name]] on a line of its own")
    return value


def _each(parse: Callable[[object], str]) -> Callable[[object], tuple[str, ...]]:
    def parse_all(value: object) -> tuple[str, ...]:
        if not isinstance(value, list) or not value:
            raise _instead('write a list, such as ["one", "two"]')
        return tuple(parse(item) for item in value)

    return parse_all


def _choice(kind: type[E]) -> Callable[[object], E]:
    def parse(value: object) -> E:
        try:
            return kind(_text(value))
        except ValueError:
            raise _instead(f"write one of: {', '.join(kind)}") from None

    return parse


def _usb(value: object) -> str:
    ids = _text(value).lower()
    if not re.fullmatch(r"\*|[0-9a-f]{4}:([0-9a-f]{4}|\*)", ids):
        raise _instead('write "vvvv:pppp" as lsusb prints it, "vvvv:*" or "*"')
    return ids


def _pattern(value: object) -> str:
    glob = _text(value)
    try:
        pattern(glob)
    except ValueError as error:
        raise _instead(f"{error}; write a path from the volume's root, such as DCIM/*/*.MP4") from None
    return glob


def _label(value: object) -> str:
    label = _pattern(value)
    if "/" in label:
        raise _instead("a volume's label has no /")
    return label


def _extension(value: object) -> str:
    extension = _text(value).lower()
    if not re.fullmatch(r"[a-z0-9_]+", extension):
        raise _instead('write extensions without the dot, such as "mp4"')
    return extension


def _sidecar_extension(value: object) -> str:
    extension = _extension(value)
    if extension in VIDEO:
        raise _instead(f"{extension} is footage; list it under [clips] extensions")
    return extension
