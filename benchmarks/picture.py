"""What do the tables of the benchmarks say at a glance? One SVG of the ratios, drawn from the document.

A bar a ratio: to the right of the middle bwvdock is faster than its peer, to the left slower. Twice as fast
is as far to the right as half as fast to the left. The picture needs nothing else: no script, no other file.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_SECTION = re.compile(r"^<!-- (\w+) -->$\n", re.MULTILINE)
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_WIDTH, _ROW, _TOP, _BOTTOM = 770, 24, 84, 46
_LEFT, _RIGHT = 400, 60  # of the middle of the scale's ends
_MOST = 4.0  # what is beyond is drawn as this, and its number says what it is
_STYLE = """
  svg { color-scheme: light dark; font: 13px system-ui, sans-serif; }
  .paper { fill: #ffffff; } .word { fill: #1c2733; } .quiet { fill: #53616f; }
  .grid { stroke: #d5dce3; } .axis { stroke: #53616f; }
  .faster { fill: #1f6fb2; } .slower { fill: #c98a1b; }
  @media (prefers-color-scheme: dark) {
    .paper { fill: #12181f; } .word { fill: #e7edf3; } .quiet { fill: #a3b0bd; }
    .grid { stroke: #2c3742; } .axis { stroke: #a3b0bd; }
    .faster { fill: #6db6f2; } .slower { fill: #e5b454; }
  }
"""


@dataclass(frozen=True, slots=True)
class _Cell:
    """Where a ratio stands: section, beginnings of its table, row and column; and what it is called."""

    section: str
    heading: str
    row: str
    column: str
    name: str


_CELLS = (
    _Cell("large", "", "acquire |", "`cp` + `sync`", "copy 2 GiB, hashed and read back: cp + sync"),
    _Cell("large", "", "acquire |", "`cp` + `sha256sum`", "copy 2 GiB, hashed and read back: cp + sha256sum"),
    _Cell("large", "", "acquire |", "`rsync -c`", "copy 2 GiB, hashed and read back: rsync -c"),
    _Cell("small", "", "acquire |", "`cp -r` + `sync`", "copy 1,000 clips of 256 KiB: cp -r + sync"),
    _Cell("daemon", "", "1 x", "`cp -r` + `sync`", "1 camera as fast as memory, all safe: cp -r + sync"),
    _Cell("daemon", "", "16 x", "`cp -r` + `sync`", "16 cameras as fast as memory, all safe: cp -r + sync"),
    _Cell("daemon", "", "64 x", "`cp -r` + `sync`", "64 cameras as fast as memory, all safe: cp -r + sync"),
    _Cell("ports", "", "1 x USB 2", "the lesser", "1 camera, USB 2: the port"),
    _Cell("ports", "", "16 x USB 2", "the lesser", "16 cameras, USB 2: the ports, or cp -r and the disk"),
    _Cell("ports", "", "1 x USB 3", "the lesser", "1 camera, USB 3: the port"),
    _Cell("ports", "", "64 x USB 3", "the lesser", "64 cameras, USB 3: cp -r and the disk"),
    _Cell("uploads", "One clip", "bwvdock", "`curl`", "tus, 256 MiB: curl"),
    _Cell("uploads", "One clip", "bwvdock", "tuspy", "tus, 256 MiB: tuspy"),
    _Cell("uploads", "500 clips", "bwvdock", "`curl`", "tus, 500 clips of 1 MiB: curl"),
    _Cell("uploads", "500 clips", "bwvdock", "tuspy", "tus, 500 clips of 1 MiB: tuspy"),
    _Cell("s3", "One clip", "bwvdock", "boto3", "S3, 256 MiB: boto3"),
    _Cell("s3", "One clip", "bwvdock", "`rclone", "S3, 256 MiB: rclone --checksum"),
    _Cell("s3", "One clip", "bwvdock", "`aws", "S3, 256 MiB: aws s3 cp"),
    _Cell("s3", "100 clips", "bwvdock", "boto3", "S3, 100 clips of 1 MiB: boto3"),
    _Cell("s3", "100 clips", "bwvdock", "`rclone", "S3, 100 clips of 1 MiB: rclone --checksum"),
    _Cell("s3", "100 clips", "bwvdock", "`aws", "S3, 100 clips of 1 MiB: aws s3 cp"),
)


def ratios(document: str) -> Iterator[tuple[str, float]]:
    """Yield what each bar stands for with its ratio; none for a section that the document does not have.

    Raises:
        ValueError: the table is there, and has no such row or column: what is drawn must follow it.
    """
    _, *parts = _SECTION.split(document)
    sections = dict(zip(parts[::2], parts[1::2], strict=True))
    for cell in _CELLS:
        if cell.section in sections:
            yield cell.name, _ratio(sections[cell.section], cell)


def _ratio(text: str, cell: _Cell) -> float:
    tables = [part for part in re.split(r"^### ", text, flags=re.MULTILINE) if part.startswith(cell.heading)]
    for table in tables:
        rows = [line for line in table.splitlines() if line.startswith("|")]
        columns = (
            [
                number
                for number, title in enumerate(_fields(rows[0]))
                if title.partition("beside ")[2].startswith(cell.column)
            ]
            if rows
            else []
        )
        for row in rows[2:]:
            if columns and row.removeprefix("| ").startswith(cell.row):
                found = _NUMBER.search(_fields(row)[columns[0]])
                if found is not None:
                    return float(found.group())
    raise ValueError(f"the section {cell.section} has no ratio for {cell.name}")


def _fields(row: str) -> Sequence[str]:
    return [part.strip() for part in row.strip("|").split("|")]


def picture(document: str) -> str:
    """Return the SVG of the document's ratios."""
    found = list(ratios(document))
    height = _TOP + _ROW * len(found) + _BOTTOM
    size = f'viewBox="0 0 {_WIDTH} {height}" width="{_WIDTH}" height="{height}"'
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-labelledby="title">',
            '<title id="title">bwvdock\'s speed beside that of others</title>',
            f"<style>{_STYLE}</style>",
            f'<rect class="paper" width="{_WIDTH}" height="{height}"/>',
            _text(16, 28, "word", "bwvdock's speed beside that of others", size=18),
            _text(16, 48, "quiet", "What bwvdock does is copied, hashed, durable, read back and journalled."),
            _text(16, 66, "quiet", "Most of the others do less. 1 is as fast, 2 twice as fast."),
            *_scale(height),
            *(line for number, (name, ratio) in enumerate(found) for line in _bar(number, name, ratio)),
            "</svg>",
            "",
        ]
    )


def _scale(height: int) -> Iterator[str]:
    for value in (0.25, 0.5, 1.0, 2.0, 4.0):
        x = _place(value)
        kind = "axis" if value == 1.0 else "grid"
        yield f'<path class="{kind}" d="M{x:.1f} {_TOP - 4}V{height - _BOTTOM + 4}"/>'
        yield _text(x, height - _BOTTOM + 22, "quiet", f"{value:g}", anchor="middle")


def _bar(number: int, name: str, ratio: float) -> Iterator[str]:
    y = _TOP + _ROW * number
    middle, end = _place(1.0), _place(ratio)
    kind = "faster" if ratio >= 1 else "slower"
    yield _text(_LEFT - 14, y + 16, "word", name, anchor="end")
    yield (
        f'<rect class="{kind}" x="{min(middle, end):.1f}" y="{y + 4}" width="{abs(end - middle):.1f}" '
        f'height="{_ROW - 8}"/>'
    )
    beyond, anchor = (end + 6, "start") if ratio >= 1 else (end - 6, "end")
    yield _text(beyond, y + 16, "word", f"{ratio:.2f}", anchor=anchor)


def _place(ratio: float) -> float:
    """Return how far to the right a ratio is drawn."""
    share = (math.log(min(max(ratio, 1 / _MOST), _MOST)) / math.log(_MOST) + 1) / 2
    return _LEFT + 30 + share * (_WIDTH - _RIGHT - _LEFT - 30)


def _text(x: float, y: float, kind: str, text: str, *, anchor: str = "start", size: int = 13) -> str:
    return f'<text class="{kind}" x="{x:.1f}" y="{y}" text-anchor="{anchor}" font-size="{size}">{text}</text>'
