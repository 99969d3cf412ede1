"""How does a custody report look as a page: one file without scripts or anything that is loaded, for A4?"""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from bwvdock.cli.statement.values import Report, Section, Sentence, Table
from bwvdock.core.visible_text import visible

_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
_STYLE = """
@page { size: A4; margin: 18mm 16mm; }
body { font: 10pt/1.4 Georgia, "Times New Roman", serif; color: #111; }
body { max-width: 178mm; margin: 0 auto; padding: 1em; }
h1 { font-size: 16pt; margin: 0 0 .4em; }
h2 { font-size: 12pt; margin: 1.4em 0 .4em; border-bottom: 1px solid #888; }
table { border-collapse: collapse; width: 100%; margin: .6em 0; font-size: 9pt; }
caption { text-align: left; font-style: italic; padding-bottom: .3em; }
th, td { border: 1px solid #999; padding: .25em .4em; text-align: left; vertical-align: top; }
th, td { overflow-wrap: anywhere; }
thead { display: table-header-group; } tr { break-inside: avoid; } h2 { break-after: avoid; }
.entry { white-space: nowrap; } .time { min-width: 22mm; }
.draft { border: 1px solid #888; padding: 0 1em 1em; margin-top: 1.4em; }
.blank { margin: 2em 0 0; border-bottom: 1px solid #111; width: 110mm; } a { color: inherit; }
@media print { body { padding: 0; max-width: none; } a { text-decoration: none; } }
@media print { .draft { break-before: page; } }
""".strip()


def as_page(report: Report) -> str:
    """Return the report as one HTML document, everything in it escaped."""
    rows = {row.entry for section in report.sections for table in section.tables for row in table.rows}
    page = _Page(rows)
    lines = [
        "<!DOCTYPE html>",
        '<html lang="en-GB">',
        "<head>",
        '<meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">',
        f"<title>{_shown(report.title)}</title>",
        f"<style>\n{_STYLE}\n</style>",
        "</head>",
        "<body>",
        "<main>",
        f"<h1>{_shown(report.title)}</h1>",
        *(f"<p>{page.told(sentence)}</p>" for sentence in report.made),
        *(line for number, section in enumerate(report.sections) for line in page.section(number, section)),
        "</main>",
        "</body>",
        "</html>",
    ]
    return "\n".join(lines) + "\n"


class _Page:
    """What all sections of a page share: the entries that have a row, to which a number can lead."""

    def __init__(self, rows: set[int]) -> None:
        self._rows = rows

    def section(self, number: int, section: Section) -> Iterator[str]:
        draft = ' class="draft"' if section.numbered else ""
        yield f'<section aria-labelledby="s{number}"{draft}>'
        yield f'<h2 id="s{number}">{_shown(section.heading)}</h2>'
        if section.properties:
            yield "<table>"
            yield f"<caption>{_shown(section.heading)}, and the entries that say so</caption>"
            yield '<thead><tr><th scope="col">What</th><th scope="col">Recorded</th></tr></thead>'
            yield "<tbody>"
            for name, sentence in section.properties:
                yield f'<tr><th scope="row">{_shown(name)}</th><td>{self.told(sentence)}</td></tr>'
            yield "</tbody>"
            yield "</table>"
        if section.sentences:
            kind = "ol" if section.numbered else "ul"
            yield f"<{kind}>"
            yield from (f"<li>{self.told(sentence)}</li>" for sentence in section.sentences)
            yield f"</{kind}>"
        for table in section.tables:
            yield from self._table(table)
        yield from (f'<p class="blank">{_shown(blank)}:</p>' for blank in section.blanks)
        yield "</section>"

    def _table(self, table: Table) -> Iterator[str]:
        yield "<table>"
        yield f"<caption>{_shown(table.caption)}</caption>"
        heads = "".join(f'<th scope="col">{head}</th>' for head in ("Entry", "Time", "By", "What it records"))
        yield f"<thead><tr>{heads}</tr></thead>"
        yield "<tbody>"
        for row in table.rows:
            yield f'<tr id="e{row.entry}"><td class="entry">#{row.entry}</td>'
            yield f'<td class="time">{_shown(row.time)}</td><td>{_shown(row.by)}</td>'
            yield f"<td>{_shown(row.what)}</td></tr>"
        yield "</tbody>"
        yield "</table>"

    def told(self, sentence: Sentence) -> str:
        links = ", ".join(
            f'<a href="#e{seq}">#{seq}</a>' if seq in self._rows else f"#{seq}" for seq in sentence.entries
        )
        return f"{_shown(sentence.text)}{f' [{links}]' if links else ''}"


def _shown(text: str) -> str:
    return escape(visible(text), quote=True)
