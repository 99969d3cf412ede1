"""What does a page say to who reads it, and is it whole: every element closed, every cell under a heading?"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

_VOID = frozenset({"meta", "br"})


@dataclass
class TableShown:
    """A table: its caption, its headings, its rows, and those of its foot."""

    caption: str = ""
    head: list[str] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)
    foot: list[list[str]] = field(default_factory=list)


@dataclass
class PageShown:
    """A page: its title, all of its text, and its tables."""

    title: str = ""
    text: str = ""
    tables: list[TableShown] = field(default_factory=list)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.page, self.open = PageShown(), list[str]()
        self.cell: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag not in {"script", "img", "link", "iframe"}, "a page loads nothing"
        assert not any((value or "").startswith("http") or name.startswith("on") for name, value in attrs)
        if tag not in _VOID:
            self.open.append(tag)
        if tag == "table":
            self.page.tables.append(TableShown())
        elif tag == "tr":
            if "thead" not in self.open:
                (self.page.tables[-1].foot if "tfoot" in self.open else self.page.tables[-1].rows).append([])
        elif tag in {"th", "td"}:
            assert tag == "td" or dict(attrs).get("scope") in {"col", "row"}
            self.cell = []

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag
        text = "".join(self.cell)
        if tag in {"th", "td"} and "thead" in self.open:
            self.page.tables[-1].head.append(text)
        elif tag in {"th", "td"}:
            (self.page.tables[-1].foot if "tfoot" in self.open else self.page.tables[-1].rows)[-1].append(
                text
            )

    def handle_data(self, data: str) -> None:
        self.cell.append(data)
        if "style" not in self.open:
            self.page.text += data
        if self.open[-1:] == ["title"]:
            self.page.title += data
        if self.open[-1:] == ["caption"]:
            self.page.tables[-1].caption += data


def read_page(source: str) -> PageShown:
    """Read a page; assert that it is whole and loads nothing."""
    assert source.startswith("<!DOCTYPE html>\n<html lang=")
    assert "Content-Security-Policy" in source
    assert re.search(r"<h1>[^<]+</h1>", source)
    reader = _Reader()
    reader.feed(source)
    reader.close()
    assert reader.open == []
    for table in reader.page.tables:
        assert table.caption
        assert all(len(row) == len(table.head) for row in (*table.rows, *table.foot))
    return reader.page
