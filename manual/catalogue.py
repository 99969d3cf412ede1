"""What does `journalctl -x` say of each message? The catalogue of journald, in its own format.

An alert's meaning is that of docs/reference/status-json.md; what to type is the remedy that
the message has. An
entry of the journal is explained by the declaration of its fact.
"""

from __future__ import annotations

import inspect
import re
import textwrap
from collections.abc import Iterator
from pathlib import Path

from bwvdock.core.facts import FACT_TYPES
from bwvdock.edges.journald.messages import ALERTS, EVENTS, FACTS
from manual import roff

_ROOT = Path(__file__).resolve().parents[1]
_DOCS = "file:///usr/share/doc/bwvdock/docs"
_WIDTH = 78


def catalogue() -> str:
    """Return the whole catalogue."""
    return "\n".join((*_alerts(), *_events(), *_facts()))


def meanings() -> dict[str, tuple[str, str]]:
    """Return severity and meaning of each alert, as the reference has them."""
    text = (_ROOT / "docs" / "reference" / "status-json.md").read_text(encoding="utf-8")
    rows = re.findall(
        r"^\| `([a-z-]+)` \| ([a-z ,]+) \| (.+) \|$", text.partition("## Alerts")[2], re.MULTILINE
    )
    return {code: (severity, _plain(meaning)) for code, severity, meaning in rows}


def _alerts() -> Iterator[str]:
    told = meanings()
    for code, given in ALERTS.items():
        severity, meaning = told[code]
        yield _entry(
            given,
            f"Alert {code} ({severity})",
            [
                f"What it means: {meaning}.",
                "What to do:\n@REMEDY@",
                "`bwvdock status` shows it while it lasts.",
            ],
            "reference/status-json.md",
        )


def _events() -> Iterator[str]:
    for name, message in EVENTS.items():
        does = ["What to do:\n@REMEDY@"] if message.advises else []
        yield _entry(message.id, f"Event {name}", [message.meaning, *does], "how-to/look-after-a-dock.md")


def _facts() -> Iterator[str]:
    for kind, given in FACTS.items():
        said = (inspect.getdoc(FACT_TYPES[kind]) or "").partition("\n\n")[0]
        meaning = " ".join(_plain(said).split())
        yield _entry(
            given,
            f"Entry {kind}",
            [f"{meaning}.", "It is in the journal of this dock."],
            "reference/entries.md",
        )


def _entry(given: str, subject: str, paragraphs: list[str], document: str) -> str:
    body = "\n\n".join("\n".join(map(_filled, text.split("\n"))) for text in paragraphs)
    return (
        f"-- {given}\nSubject: {subject}\nDefined-By: bwvdock\nSupport: {_DOCS}/README.md\n"
        f"Documentation: man:bwvdock-status(1) {_DOCS}/{document}\n\n{body}\n"
    )


def _filled(text: str) -> str:
    # A line of the catalogue that begins with "-- " or is a field in @ would be something else.
    return (
        text if "@" in text else textwrap.fill(text, _WIDTH, break_long_words=False, break_on_hyphens=False)
    )


def _plain(text: str) -> str:
    """Return a line of Markdown as plain text."""
    return " ".join(
        roff.inline(token, plain=True) for token in roff.markdown(text.rstrip(".")) if token.type == "inline"
    )
