"""What is a custody report made of? Headings, sentences and tables; each names the entries behind it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Sentence:
    """One statement, and the numbers of the journal entries that it follows from; none for one of ours."""

    text: str
    entries: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """One entry: its number, when it was written, who observed or did it, and what it says."""

    entry: int
    time: str
    by: str
    what: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Table:
    """Entries in the order of the journal, with a caption."""

    caption: str
    rows: Sequence[Row]


@dataclass(frozen=True, kw_only=True, slots=True)
class Section:
    """A part of the report.

    `properties` are names with a sentence each, `sentences` paragraphs; they are numbered in a draft that
    somebody is to sign. `blanks` are the lines to be filled in by hand at its end.
    """

    heading: str
    sentences: Sequence[Sentence] = ()
    properties: Sequence[tuple[str, Sentence]] = ()
    tables: Sequence[Table] = ()
    numbered: bool = False
    blanks: Sequence[str] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """A report about one clip, and how it was made."""

    clip: str
    title: str
    made: Sequence[Sentence]
    sections: Sequence[Section] = field(default=())
