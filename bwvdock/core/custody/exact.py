"""Is a text exactly an entry as this version writes it, and what does it say? One regular expression answers.

A few times as fast as reading JSON, writing it again and comparing. What no pattern here matches may still be
an entry (with characters that are not ASCII, with large numbers): `read_leaf`, `is_canonical` and `decode`
(entries.py) decide then. What one does match is canonical, and means what they say it means.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import MISSING, dataclass
from functools import cache
from typing import Any

from bwvdock.core.custody.entries import FIRST, Field, Shape, plan_of
from bwvdock.core.facts import FACT_TYPES, LATEST, Fact

_TEXT = r"[ !#-\[\]-~]*"  # printable ASCII that JSON does not escape
_INTEGER = r"(?:0|-?[1-9][0-9]{0,14})"  # all of these are within 2^53 - 1
_DECIMAL = r"(?:0|-?[1-9][0-9]{0,24})"
_TIME = r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z"
_COMMA = '(?:,(?=")|(?=}))'  # after a member that may be the last
_PLAIN = {str: f'"({_TEXT})"', int: f"({_INTEGER})", bool: "(true|false)"}

_Reader = tuple[str, int, Callable[[str, Callable[[str], str]], Any] | None]
"""How a field's value is made: its name, its group, and a function of the group's text; None for the text."""


@dataclass(frozen=True, slots=True)
class ExactForm:
    """The form of all entries of one kind and version.

    The groups of its pattern are the boot, the time since boot, each field of the fact in the order of their
    names, the nonce (none in the first version), `prev`, `seq` and `t`. `clip`, `docking` and `destination`
    are the groups of these fields, -1 where there is none. `commits` says whether entries of this kind have
    personal values.
    """

    version: int
    kind: type[Fact]
    match: Callable[[str], re.Match[str] | None]
    readers: tuple[_Reader, ...]
    clip: int
    docking: int
    destination: int
    at: Mapping[str, int]
    values: Mapping[str, Callable[[tuple[str, ...], Callable[[str], str]], Any]]
    personal: tuple[tuple[str, int], ...]
    optional: tuple[tuple[str, int], ...]
    parts: tuple[tuple[_PartForm, int], ...]
    lists: Mapping[str, _PartForm]
    commits: bool

    def commitments(self, groups: tuple[str, ...]) -> Iterator[tuple[str, str]]:
        """Yield (field, commitment) of every personal value."""
        for name, at in self.personal:
            yield name, groups[at]
        for name, at in self.optional:
            if groups[at]:
                yield name, groups[at]
        for form, at in self.parts:
            if groups[at] is not None:
                for found in form.pattern.finditer(groups[at]):
                    yield from ((name, found[number]) for name, number in form.personal)

    def read(self, name: str, groups: tuple[str, ...], reveal: Callable[[str], str]) -> Any:  # noqa: ANN401
        """Return the value of one field; its default if the entry does not have it."""
        return self.values[name](groups, reveal)

    def parts_of(self, name: str, groups: tuple[str, ...], *wanted: str) -> list[tuple[str | None, ...]]:
        """Return of each part that a field names some fields, as texts; None for a field that it lacks."""
        form = self.lists[name]
        at = [form.at[one] for one in wanted]
        return [found.group(*at) for found in form.pattern.finditer(groups[self.at[name]])]

    def fact(self, groups: tuple[str, ...], reveal: Callable[[str], str]) -> Fact:
        """Return the fact; personal values as `reveal` gives them."""
        return self.kind(**_values(self.readers, groups, reveal))


Read = Callable[[object, object], tuple[ExactForm, tuple[Any, ...]] | None]
"""A function: (kind, text) -> the form that a text has exactly, and its groups; None for every other."""


def read_exact(kind: object, text: object) -> tuple[ExactForm, tuple[Any, ...]] | None:
    """Return the form that an entry's text has exactly, and its groups; None for every other text."""
    if not isinstance(text, str):
        return None
    form = _FORMS[kind, text[-2:-1]]  # its end is ,"v":1}
    if form is None or (found := form.match(text)) is None:
        return None
    return form, found.groups()


def read_none(kind: object, text: object) -> None:
    """Return that no text has an exact form: everything is then read by entries.py, for a comparison."""


def _values(
    readers: tuple[_Reader, ...], groups: tuple[Any, ...], reveal: Callable[[str], str]
) -> dict[str, Any]:
    return {
        name: text if read is None else read(text, reveal)
        for name, at, read in readers
        if (text := groups[at]) is not None  # otherwise the field has its default
    }


def _one(field: Field, at: int, version: int) -> Callable[[tuple[str, ...], Callable[[str], str]], Any]:
    read = _reader(field, version) or (lambda text, _: text)
    return lambda groups, reveal: field.default if groups[at] is None else read(groups[at], reveal)


def _reader(field: Field, version: int) -> Callable[[str, Callable[[str], str]], Any] | None:
    match field.shape:
        case Shape.PERSONAL | Shape.OPTIONAL:
            nothing = field.shape is Shape.OPTIONAL
            return lambda text, reveal: "" if nothing and not text else reveal(text)
        case Shape.DECIMAL:
            return lambda text, _: int(text)
        case Shape.TEXTS:
            return lambda text, _: tuple(text[2:-2].split('","')) if len(text) > len("[]") else ()
        case Shape.PARTS:
            return _part_form(field.declared, version).read
        case Shape.PLAIN if field.declared is str:
            return None
        case Shape.PLAIN if field.declared is int:
            return lambda text, _: int(text)
        case Shape.PLAIN:
            return lambda text, _: text == "true"


# --- patterns ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _PartForm:
    kind: Callable[..., Any]
    readers: tuple[_Reader, ...]
    pattern: re.Pattern[str]
    personal: tuple[tuple[str, int], ...]
    at: Mapping[str, int]

    def read(self, text: str, reveal: Callable[[str], str]) -> tuple[Any, ...]:
        """Return the parts that a list of them names."""
        each = self.pattern.finditer(text)
        return tuple(self.kind(**_values(self.readers, found.groups(), reveal)) for found in each)


def _sorted(kind: type, version: int) -> tuple[Field, ...]:
    return tuple(sorted(plan_of(kind, version), key=lambda field: field.name))


def _object(fields: tuple[Field, ...], version: int) -> str:
    # A comma after each member but the last, whichever of them are there.
    required = [f.default is MISSING or f.shape is Shape.PERSONAL for f in fields]
    members = ""
    for number, f in enumerate(fields):
        member = f'"{f.name}":{_of(f, version)}{"," if any(required[number + 1 :]) else _COMMA}'
        members += member if required[number] else f"(?:{member})?"
    return rf"\{{{members}\}}"


def _of(field: Field, version: int) -> str:
    match field.shape:
        case Shape.PLAIN:
            return _PLAIN[field.declared]
        case Shape.PERSONAL | Shape.OPTIONAL:
            return _PLAIN[str]
        case Shape.DECIMAL:
            return f'"({_DECIMAL})"'
        case Shape.TEXTS:
            return rf'(\[(?:"{_TEXT}"(?:,"{_TEXT}")*)?\])'
        case Shape.PARTS:
            one = _uncaptured(_object(_sorted(field.declared, version), version))
            return rf"(\[(?:{one}(?:,{one})*)?\])"


def _uncaptured(pattern: str) -> str:
    return re.sub(r"(?<!\\)\((?!\?)", "(?:", pattern)


@cache
def _part_form(kind: type, version: int) -> _PartForm:
    fields = _sorted(kind, version)
    readers = tuple((f.name, number, _reader(f, version)) for number, f in enumerate(fields))
    personal = tuple((f.name, n) for n, f in enumerate(fields, start=1) if f.shape is Shape.PERSONAL)
    at = {f.name: number for number, f in enumerate(fields, start=1)}
    return _PartForm(kind, readers, re.compile(_object(fields, version)), personal, at)


def _form(kind: type[Fact], version: int) -> ExactForm:
    plan, fields = plan_of(kind, version), _sorted(kind, version)
    at = {f.name: number for number, f in enumerate(fields, start=2)}
    nonce = "" if version == FIRST else r'"nonce":"([0-9a-f]{32})",'
    pattern = (
        rf'\{{"boot":"({_TEXT})","bt":({_INTEGER}),"data":{_object(fields, version)},"kind":"{kind.kind}",'
        rf'{nonce}"ntp":(?:true|false),"prev":"({_TEXT})","seq":({_INTEGER}),"t":"({_TIME})","v":{version}\}}'
    )
    lists = {f.name: _part_form(f.declared, version) for f in plan if f.shape is Shape.PARTS}
    shapes = {f.shape for f in plan}
    return ExactForm(
        version=version,
        kind=kind,
        match=re.compile(pattern).fullmatch,
        readers=tuple((f.name, at[f.name], _reader(f, version)) for f in fields),
        clip=at.get("clip", -1),
        docking=at.get("docking", -1),
        destination=at.get("destination", -1),
        at=at,
        values={f.name: _one(f, at[f.name], version) for f in fields},
        personal=tuple((f.name, at[f.name]) for f in plan if f.shape is Shape.PERSONAL),
        optional=tuple((f.name, at[f.name]) for f in plan if f.shape is Shape.OPTIONAL),
        parts=tuple((form, at[name]) for name, form in lists.items() if form.personal),
        lists=lists,
        commits=bool(shapes & {Shape.PERSONAL, Shape.OPTIONAL}) or any(f.personal for f in lists.values()),
    )


class _Forms(dict[tuple[object, str], ExactForm | None]):
    """The forms by kind and version, each made when an entry wants it: to compile them all takes 0.1 s."""

    def __missing__(self, key: tuple[object, str]) -> ExactForm | None:
        name, version = key
        if not isinstance(name, str) or name not in FACT_TYPES or version not in _VERSIONS:
            return None
        return self.setdefault(key, _form(FACT_TYPES[name], int(version)))


_VERSIONS = {str(version) for version in range(FIRST, LATEST + 1)}
_FORMS = _Forms()
