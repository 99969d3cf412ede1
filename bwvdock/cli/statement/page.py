"""How does a custody report look as a page to print?"""

from __future__ import annotations

from collections.abc import Iterator

from bwvdock.cli.output.html_page import escaped, html_page
from bwvdock.cli.statement.values import Report, Section, Sentence, Table

_STYLE = """
th, td { overflow-wrap: anywhere; } .entry { white-space: nowrap; } .time { min-width: 22mm; }
.draft { border: 1px solid #888; padding: 0 1em 1em; margin-top: 1.4em; }
.blank { margin: 2em 0 0; border-bottom: 1px solid #111; width: 110mm; } a { color: inherit; }
@media print { a { text-decoration: none; } .draft { break-before: page; } }
""".strip()


def as_page(report: Report) -> str:
    """Return the report as one HTML document, everything in it escaped."""
    rows = {row.entry for section in report.sections for table in section.tables for row in table.rows}
    page = _Page(rows)
    body = [
        *(f"<p>{page.told(sentence)}</p>" for sentence in report.made),
        *(line for number, section in enumerate(report.sections) for line in page.section(number, section)),
    ]
    return html_page(report.title, body, style=_STYLE)


class _Page:
    """What all sections of a page share: the entries that have a row, to which a number can lead."""

    def __init__(self, rows: set[int]) -> None:
        self._rows = rows

    def section(self, number: int, section: Section) -> Iterator[str]:
        draft = ' class="draft"' if section.numbered else ""
        yield f'<section aria-labelledby="s{number}"{draft}>'
        yield f'<h2 id="s{number}">{escaped(section.heading)}</h2>'
        if section.properties:
            yield "<table>"
            yield f"<caption>{escaped(section.heading)}, and the entries that say so</caption>"
            yield '<thead><tr><th scope="col">What</th><th scope="col">Recorded</th></tr></thead>'
            yield "<tbody>"
            for name, sentence in section.properties:
                yield f'<tr><th scope="row">{escaped(name)}</th><td>{self.told(sentence)}</td></tr>'
            yield "</tbody>"
            yield "</table>"
        if section.sentences:
            kind = "ol" if section.numbered else "ul"
            yield f"<{kind}>"
            yield from (f"<li>{self.told(sentence)}</li>" for sentence in section.sentences)
            yield f"</{kind}>"
        for table in section.tables:
            yield from self._table(table)
        yield from (f'<p class="blank">{escaped(blank)}:</p>' for blank in section.blanks)
        yield "</section>"

    def _table(self, table: Table) -> Iterator[str]:
        yield "<table>"
        yield f"<caption>{escaped(table.caption)}</caption>"
        heads = "".join(f'<th scope="col">{head}</th>' for head in ("Entry", "Time", "By", "What it records"))
        yield f"<thead><tr>{heads}</tr></thead>"
        yield "<tbody>"
        for row in table.rows:
            yield f'<tr id="e{row.entry}"><td class="entry">#{row.entry}</td>'
            yield f'<td class="time">{escaped(row.time)}</td><td>{escaped(row.by)}</td>'
            yield f"<td>{escaped(row.what)}</td></tr>"
        yield "</tbody>"
        yield "</table>"

    def told(self, sentence: Sentence) -> str:
        links = ", ".join(
            f'<a href="#e{seq}">#{seq}</a>' if seq in self._rows else f"#{seq}" for seq in sentence.entries
        )
        return f"{escaped(sentence.text)}{f' [{links}]' if links else ''}"
