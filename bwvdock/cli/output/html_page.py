"""How does every page to print begin and end: one file without scripts or anything that is loaded, for A4?"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from bwvdock.core.visible_text import visible

_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
_STYLE = """
body { font: 10pt/1.4 Georgia, "Times New Roman", serif; color: #111; }
body { max-width: 178mm; margin: 0 auto; padding: 1em; } .wide { max-width: 265mm; }
h1 { font-size: 16pt; margin: 0 0 .4em; }
h2 { font-size: 12pt; margin: 1.4em 0 .4em; border-bottom: 1px solid #888; }
table { border-collapse: collapse; width: 100%; margin: .6em 0; font-size: 9pt; }
caption { text-align: left; font-style: italic; padding-bottom: .3em; }
th, td { border: 1px solid #999; padding: .25em .4em; text-align: left; vertical-align: top; }
thead { display: table-header-group; } tr { break-inside: avoid; } h2 { break-after: avoid; }
@media print { body { padding: 0; max-width: none; } }
""".strip()


def html_page(title: str, body: Iterable[str], *, style: str, wide: bool = False) -> str:
    """Return one HTML document.

    Args:
        title: of the page and its first heading.
        body: the lines below that heading, with everything in them escaped.
        style: what this kind of page adds to the rules of all.
        wide: it is printed on the long side of the paper.
    """
    side = "A4 landscape" if wide else "A4"
    lines = [
        "<!DOCTYPE html>",
        '<html lang="en-GB">',
        "<head>",
        '<meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">',
        f"<title>{escaped(title)}</title>",
        f"<style>\n@page {{ size: {side}; margin: 18mm 16mm; }}\n{_STYLE}\n{style}\n</style>",
        "</head>",
        '<body class="wide">' if wide else "<body>",
        "<main>",
        f"<h1>{escaped(title)}</h1>",
        *body,
        "</main>",
        "</body>",
        "</html>",
    ]
    return "\n".join(lines) + "\n"


def escaped(text: str) -> str:
    """Return a text as it can be in a page: visible, and never markup."""
    return escape(visible(text), quote=True)
