"""What is an audit's report made of, and how is one cell of its tables shown to a person?"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

from bwvdock.cli.moments import localised, when
from bwvdock.cli.output.console import size
from bwvdock.core.visible_text import visible

Row = Mapping[str, object]
WITHHELD = "(withheld)"


class Kind(Enum):
    """What the cells of a column are, and so how they are shown to a person."""

    TEXT = auto()
    COUNT = auto()
    BYTES = auto()
    TIME = auto()
    SPAN = auto()  # milliseconds
    SHARE = auto()  # per mille, of those that the row counts
    FLAG = auto()
    IDS = auto()


_RIGHT = frozenset({Kind.COUNT, Kind.BYTES, Kind.SPAN, Kind.SHARE})


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its name in JSON and CSV, what its cells are, and its heading where that is not its name.

    On a narrow terminal, `wrap`: its texts may be broken over several lines; `drop`: it may be left out, the
    highest first.
    `csv_alone`: people are shown it in a heading, or not at all.
    """

    name: str
    kind: Kind = Kind.TEXT
    heading: str = ""
    wrap: bool = False
    drop: int = 0
    csv_alone: bool = False

    @property
    def head(self) -> str:
        """The heading as a table on a terminal has it."""
        return (self.heading or self.name.replace("_", " ")).upper()

    @property
    def title(self) -> str:
        """The heading as a page has it."""
        text = self.heading or self.name.replace("_", " ")
        return f"{text[:1].upper()}{text[1:]}"

    @property
    def right(self) -> bool:
        """Whether its cells are aligned to the right."""
        return self.kind in _RIGHT


@dataclass(frozen=True, kw_only=True, slots=True)
class Table:
    """Rows with a value for each column; `total` is a last row that is in no CSV and no JSON.

    `prose`: the cells are sentences, so a terminal has a paragraph for each row, headed by the first two.
    """

    caption: str
    columns: Sequence[Column]
    rows: Sequence[Row]
    total: Row | None = None
    prose: bool = False

    @property
    def shown(self) -> list[Column]:
        """The columns that people are shown."""
        return [column for column in self.columns if not column.csv_alone]


@dataclass(frozen=True, kw_only=True, slots=True)
class Section:
    """A part of a report: sentences, and tables."""

    heading: str = ""
    sentences: Sequence[str] = ()
    tables: Sequence[Table] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class AuditReport:
    """A report: how it was made, what to know to read it, and its parts; `document` is it as JSON.

    `nothing` is said in the place of tables that are all empty.
    """

    title: str
    made: Sequence[str]
    sections: Sequence[Section]
    document: object
    nothing: str = ""

    @property
    def tables(self) -> list[Table]:
        """Return its tables that have rows."""
        return [table for section in self.sections for table in section.tables if table.rows]


def shown(value: object, kind: Kind, *, whole: bool = False) -> str:
    """Return a cell as a person reads it; "-" for nothing. `whole`: of a list, all of it."""
    if whole and kind is Kind.IDS and isinstance(value, list | tuple):
        return ", ".join(str(one) for one in value) or "-"
    if value is None:
        return WITHHELD if kind is Kind.TEXT else "-"
    show = _SHOWN.get(kind)
    return show(value) if show else localised(visible(str(value))) or "-"


def _ids(value: Any) -> str:  # noqa: ANN401 - a list of ids
    ids = [str(one) for one in value]
    return f"{ids[0]} and {len(ids) - 1} more" if len(ids) > 1 else "".join(ids) or "-"


def span(ms: int) -> str:
    """Return a length of time as a person reads it: two units where the larger is below ten, "2 h 05 min"."""
    seconds = round(ms / 1000)
    if seconds < _MINUTE:
        return f"{ms / 1000:.1f} s" if ms < 10_000 else f"{seconds} s"
    for unit, name, part, parts in _SPANS:
        if seconds < unit * _FEW:
            whole, rest = divmod(seconds, unit)
            return f"{whole} {name} {rest // part:02} {parts}"
        if seconds < _LONGEST[name]:
            return f"{round(seconds / unit)} {name}"
    return f"{round(seconds / _DAY):,} d"


_MINUTE, _HOUR, _DAY, _FEW = 60, 3600, 86_400, 10
_SPANS = ((_MINUTE, "min", 1, "s"), (_HOUR, "h", _MINUTE, "min"), (_DAY, "d", _HOUR, "h"))
_LONGEST = {"min": _HOUR, "h": 2 * _DAY, "d": 0}

_SHOWN: Mapping[Kind, Callable[[Any], str]] = {
    Kind.COUNT: lambda value: f"{value:,}",
    Kind.BYTES: size,
    Kind.TIME: when,
    Kind.SPAN: span,
    Kind.SHARE: lambda value: f"{value / 10:.1f}%",
    Kind.FLAG: lambda value: "yes" if value else "no",
    Kind.IDS: _ids,
}
