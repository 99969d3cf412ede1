"""How does an audit's report look as a page to print?"""

from __future__ import annotations

from collections.abc import Iterator

from bwvdock.cli.audit.values import AuditReport, Row, Section, Table, shown
from bwvdock.cli.output.html_page import escaped, html_page

_WIDE = 8  # columns from which on a table needs the long side of the paper
_STYLE = """
td { overflow-wrap: anywhere; } .number { text-align: right; font-variant-numeric: tabular-nums; }
td.number { white-space: nowrap; } tfoot th, tfoot td { border-top: 2px solid #111; font-weight: bold; }
""".strip()


def as_page(report: AuditReport) -> str:
    """Return the report as one HTML document, everything in it escaped."""
    wide = any(len(table.shown) >= _WIDE for table in report.tables)
    return html_page(report.title, _body(report), style=_STYLE, wide=wide)


def _body(report: AuditReport) -> Iterator[str]:
    yield from (f"<p>{escaped(sentence)}</p>" for sentence in report.made)
    for number, section in enumerate(report.sections):
        yield from _section(number, section)
    if not report.tables and report.nothing:
        yield f"<p>{escaped(report.nothing)}</p>"


def _section(number: int, section: Section) -> Iterator[str]:
    if section.heading:
        yield f'<section aria-labelledby="s{number}">'
        yield f'<h2 id="s{number}">{escaped(section.heading)}</h2>'
    yield from (f"<p>{escaped(sentence)}</p>" for sentence in section.sentences)
    for table in section.tables:
        if table.rows:
            yield from _table(table)
    if section.heading:
        yield "</section>"


def _table(table: Table) -> Iterator[str]:
    yield "<table>"
    yield f"<caption>{escaped(table.caption)}</caption>"
    heads = "".join(f'<th scope="col"{_number(c.right)}>{escaped(c.title)}</th>' for c in table.shown)
    yield f"<thead><tr>{heads}</tr></thead>"
    yield "<tbody>"
    yield from (_row(table, row) for row in table.rows)
    yield "</tbody>"
    if table.total is not None:
        yield f"<tfoot>{_row(table, table.total)}</tfoot>"
    yield "</table>"


def _row(table: Table, row: Row) -> str:
    texts = [escaped(shown(row.get(column.name, ""), column.kind, whole=True)) for column in table.shown]
    first, *others = table.shown
    cells = [f'<th scope="row"{_number(first.right)}>{texts[0]}</th>']
    cells += [
        f"<td{_number(column.right)}>{text}</td>" for column, text in zip(others, texts[1:], strict=True)
    ]
    return f"<tr>{''.join(cells)}</tr>"


def _number(right: bool) -> str:  # noqa: FBT001 - a fact about the column
    return ' class="number"' if right else ""
