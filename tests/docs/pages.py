"""What do the documents ask a reader to type, and what do they show?

A code block is for typing (`shell`) where its language says so (`sh`, `console`), or where it has none and is
no TOML, JSON or CSV either: what nobody has thought of is typed, and fails. Every line is typed; where some
begin with "$ ", these are typed, and the others are what is shown then.
"""

from __future__ import annotations

import csv
import json
import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from markdown_it import MarkdownIt
from markdown_it.token import Token

from tests.architecture.tree import ROOT

FOLDERS = ("docs/tutorial", "docs/how-to", "docs/reference", "docs/explanation")
_TYPED = frozenset({"sh", "bash", "shell", "console"})
_PROMPT = "$ "
_OURS = re.compile(r"(?:sudo )?bwvdock |journalctl ")
_STATES = {"bwvdock status --nagios"}  # its exit code says how the dock is


@dataclass(frozen=True, kw_only=True, slots=True)
class Block:
    """A code block: its page, the number of its first line, its language ("" for none) and its text."""

    page: str
    line: int
    language: str
    text: str

    @property
    def where(self) -> str:
        """Its page and line, as editors understand it."""
        return f"{self.page}:{self.line}"

    @property
    def shell(self) -> bool:
        """Whether it is for typing."""
        return self.language in _TYPED or (not self.language and not _is_data(self.text))

    @property
    def commands(self) -> list[Command]:
        """What is typed, in order: a command has all its lines."""
        return list(_commands(self.text))


@dataclass(frozen=True, kw_only=True, slots=True)
class Command:
    """A command as it is typed, and the lines that the page shows below it."""

    typed: str
    shown: tuple[str, ...] = ()


def pages() -> list[str]:
    """Return the documents whose commands are tried, by their paths from the root."""
    found = [path for folder in FOLDERS for path in (ROOT / folder).glob("*.md")]
    return ["README.md", "CONTRIBUTING.md", *sorted(path.relative_to(ROOT).as_posix() for path in found)]


def blocks(page: str) -> list[Block]:
    """Return the code blocks of a document."""
    return [
        Block(page=page, line=token.map[0] + 1, language=token.info.strip(), text=token.content)
        for token in _tokens(page)
        if token.type in {"fence", "code_block"} and token.map is not None
    ]


def spans(page: str) -> list[str]:
    """Return the code within the sentences and tables of a document."""
    children = [child for token in _tokens(page) for child in token.children or ()]
    return [child.content for child in children if child.type == "code_inline"]


def named(page: str) -> Block:
    """Return the commands of bwvdock that a page's sentences and tables name, as if they were a block."""
    typed = [span for span in spans(page) if _OURS.match(span) and span not in _STATES]
    return Block(page=page, line=1, language="", text="\n".join(typed))


@cache
def _tokens(page: str) -> Sequence[Token]:
    return MarkdownIt().enable("table").parse((ROOT / page).read_text(encoding="utf-8"))


def _is_data(text: str) -> bool:
    for read in (tomllib.loads, json.loads, _table):
        try:
            read(text)
        except (ValueError, csv.Error):
            continue
        return True
    return False


def _table(text: str) -> None:
    """Read comma separated values; ValueError if they are none."""
    rows = list(csv.reader(text.splitlines(), strict=True))
    if len({len(row) for row in rows}) != 1 or len(rows[0]) < 2 or any(" " in name for name in rows[0]):
        raise ValueError(text)


def _commands(text: str) -> Iterator[Command]:
    prompted = any(line.startswith(_PROMPT) for line in text.splitlines())
    typed: list[str] = []
    shown: list[str] = []
    for line in text.splitlines():
        if _open(typed):
            typed.append(line)
        elif line.startswith(_PROMPT) or not prompted:
            yield from _command(typed, shown)
            typed, shown = [line.removeprefix(_PROMPT) if prompted else line], []
        else:
            shown.append(line)
    yield from _command(typed, shown)


def _command(typed: list[str], shown: list[str]) -> Iterator[Command]:
    first = typed[0].lstrip() if typed else ""
    if first and not first.startswith("#"):
        yield Command(typed="\n".join(typed), shown=tuple(shown))


def _open(typed: list[str]) -> bool:
    """Return whether what was typed so far is not a whole command."""
    document = re.search(r"<<-?\s*['\"]?(\w+)", typed[0]) if typed else None
    if document:
        return document[1] not in typed[1:]
    loop = re.match(r"\s*(?:for|while|until)\b", typed[0]) if typed else None
    if loop and typed[-1].split()[-1:] != ["done"]:
        return True
    quote = ""
    for line in typed:
        for character, before in zip(line, f" {line}", strict=False):
            if not quote and character == "#" and before == " ":
                break
            if character in "'\"" and quote in {"", character} and before != "\\":
                quote = "" if quote else character
    return bool(quote) or bool(typed and typed[-1].endswith("\\"))
