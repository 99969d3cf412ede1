"""How does an audit's report look as a page: one file without scripts or anything that is loaded, for A4?"""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from bwvdock.cli.audit.values import AuditReport, Row, Section, Table, shown
from bwvdock.core.visible_text import visible

_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
_WIDE = 8  # columns from which on a table needs the long side of the paper
_STYLE = """
body { font: 10pt/1.4 Georgia, "Times New Roman", serif; color: #111; }
body { max-width: 178mm; margin: 0 auto; padding: 1em; } .wide { max-width: 265mm; }
h1 { font-size: 16pt; margin: 0 0 .4em; }
h2 { font-size: 12pt; margin: 1.4em 0 .4em; border-bottom: 1px solid #888; }
table { border-collapse: collapse; width: 100%; margin: .6em 0; font-size: 9pt; }
caption { text-align: left; font-style: italic; padding-bottom: .3em; }
th, td { border: 1px solid #999; padding: .25em .4em; text-align: left; vertical-align: top; }
td { overflow-wrap: anywhere; } .number { text-align: right; font-variant-numeric: tabular-nums; }
td.number { white-space: nowrap; } tfoot th, tfoot td { border-top: 2px solid #111; font-weight: bold; }
thead { display: table-header-group; } tr { break-inside: avoid; } h2 { break-after: avoid; }
@media print { body { padding: 0; max-width: none; } }
""".strip()


def as_page(report: AuditReport) -> str:
    """Return the report as one HTML document, everything in it escaped."""
    wide = any(len(table.shown) >= _WIDE for table in report.tables)
    side = "A4 landscape" if wide else "A4"
    lines = [
        "<!DOCTYPE html>",
        '<html lang="en-GB">',
        "<head>",
        '<meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">',
        f"<title>{_shown(report.title)}</title>",
        f"<style>\n@page {{ size: {side}; margin: 18mm 16mm; }}\n{_STYLE}\n</style>",
        "</head>",
        '<body class="wide">' if wide else "<body>",
        "<main>",
        f"<h1>{_shown(report.title)}</h1>",
        *(f"<p>{_shown(sentence)}</p>" for sentence in report.made),
    ]
    for number, section in enumerate(report.sections):
        lines += _section(number, section)
    if not report.tables and report.nothing:
        lines.append(f"<p>{_shown(report.nothing)}</p>")
    return "\n".join([*lines, "</main>", "</body>", "</html>"]) + "\n"


def _section(number: int, section: Section) -> Iterator[str]:
    if section.heading:
        yield f'<section aria-labelledby="s{number}">'
        yield f'<h2 id="s{number}">{_shown(section.heading)}</h2>'
    yield from (f"<p>{_shown(sentence)}</p>" for sentence in section.sentences)
    for table in section.tables:
        if table.rows:
            yield from _table(table)
    if section.heading:
        yield "</section>"


def _table(table: Table) -> Iterator[str]:
    yield "<table>"
    yield f"<caption>{_shown(table.caption)}</caption>"
    heads = "".join(f'<th scope="col"{_number(c.right)}>{_shown(c.title)}</th>' for c in table.shown)
    yield f"<thead><tr>{heads}</tr></thead>"
    yield "<tbody>"
    yield from (_row(table, row) for row in table.rows)
    yield "</tbody>"
    if table.total is not None:
        yield f"<tfoot>{_row(table, table.total)}</tfoot>"
    yield "</table>"


def _row(table: Table, row: Row) -> str:
    texts = [_shown(shown(row.get(column.name, ""), column.kind, whole=True)) for column in table.shown]
    first, *others = table.shown
    cells = [f'<th scope="row"{_number(first.right)}>{texts[0]}</th>']
    cells += [
        f"<td{_number(column.right)}>{text}</td>" for column, text in zip(others, texts[1:], strict=True)
    ]
    return f"<tr>{''.join(cells)}</tr>"


def _number(right: bool) -> str:  # noqa: FBT001 - a fact about the column
    return ' class="number"' if right else ""


def _shown(text: str) -> str:
    return escape(visible(text), quote=True)
