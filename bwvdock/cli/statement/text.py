"""How does a custody report read in a terminal, or on paper from one? 80 columns."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from bwvdock.cli.statement.values import Report, Section, Sentence, Table
from bwvdock.core.visible_text import visible

WIDTH = 80


def as_text(report: Report) -> str:
    """Return the report as plain text, no line longer than 80 columns but for a word that is."""
    lines = [*_wrapped(report.title), "=" * min(WIDTH, len(report.title)), ""]
    for sentence in report.made:
        lines += _wrapped(_told(sentence))
    for section in report.sections:
        lines += ["", *_wrapped(section.heading), "-" * min(WIDTH, len(section.heading)), *_section(section)]
    return "\n".join(lines) + "\n"


def _section(section: Section) -> Iterator[str]:
    for name, sentence in section.properties:
        yield from _wrapped(f"{name + ':':<11} {_told(sentence)}", indent=12)
    for number, sentence in enumerate(section.sentences, start=1):
        if section.numbered:
            yield from _wrapped(f"{number:>2}. {_told(sentence)}", indent=4)
        else:
            yield from _wrapped(f"- {_told(sentence)}", indent=2)
    for table in section.tables:
        yield from _table(table)
    for blank in section.blanks:
        yield ""
        yield f"{blank}: ".ljust(WIDTH - 1, "_")


def _table(table: Table) -> Iterator[str]:
    yield ""
    yield from _wrapped(f"{table.caption}:")
    for row in table.rows:
        yield from _wrapped(f"#{row.entry:<6} {row.time}  {row.by}", indent=8)
        yield from _wrapped(row.what, start=8, indent=8)


def _told(sentence: Sentence) -> str:
    return f"{sentence.text}{references(sentence)}"


def references(sentence: Sentence) -> str:
    """Return the numbers of a sentence's entries in brackets, "" for one that has none."""
    return f" [{', '.join(f'#{seq}' for seq in sentence.entries)}]" if sentence.entries else ""


def _wrapped(text: str, *, indent: int = 0, start: int = 0) -> list[str]:
    return textwrap.wrap(
        visible(text),
        WIDTH,
        initial_indent=" " * start,
        subsequent_indent=" " * indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
