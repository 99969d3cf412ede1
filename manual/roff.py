"""How does a text become a man page? Markdown and the parts of a page, in the macros of man(7)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from markdown_it import MarkdownIt
from markdown_it.token import Token

_LONGEST_WORD = 40  # which may not be broken: a list in JSON is broken after its commas
_PAGES = {"configuration.md": "bwvdock.toml(5)", "cli.md": "bwvdock(1)"}


def escaped(text: str) -> str:
    """Return a text that roff shows as it is."""
    return text.replace("\\", "\\e").replace("-", "\\-").replace("'", "\\(aq").replace("`", "\\(ga")


def bold(text: str) -> str:
    """Return a text in bold, as it is typed."""
    long = any(len(word) > _LONGEST_WORD for word in text.split())
    shown = re.sub(r",(?=\S)", r",\\:", escaped(text)) if long else escaped(text)
    return f"\\fB{shown}\\fR"


def line(text: str) -> str:
    """Return a line of text that roff does not take for a request."""
    return f"\\&{text}" if text.startswith((".", "'")) else text


def heading(name: str, section: str, date: str, version: str) -> str:
    """Return the first lines of a page: its name, and that no word is broken."""
    header = f'.TH {escaped(name.upper())} {section} "{date}" "bwvdock {version}" "bwvdock manual"'
    return f"{header}\n.nr HY 0\n.nh\n.ad l"  # a command that is broken in two cannot be copied


def title(text: str) -> str:
    """Return the heading of a section."""
    return f'.SH "{escaped(text.upper())}"'


def subtitle(text: str) -> str:
    """Return the heading of a part of a section."""
    return f'.SS "{escaped(text)}"'


def item(tag: str, body: Iterable[str]) -> Iterator[str]:
    """Return an entry of a list: its tag, in roff, and what is said of it."""
    yield ".TP"
    yield line(tag)
    said = [part for part in body if part]
    yield from said or ["\\&"]


def example(lines: Iterable[str]) -> Iterator[str]:
    """Return lines as they are typed."""
    yield from (".PP", ".RS 4", ".EX")
    yield from (line(escaped(text)) for text in lines)
    yield from (".EE", ".RE")


def markdown(text: str) -> list[Token]:
    """Return the tokens of a Markdown text with tables."""
    return MarkdownIt("commonmark").enable("table").parse(text)


def rendered(tokens: Sequence[Token], *, depth: int = 1) -> Iterator[str]:
    """Return the roff lines of Markdown tokens.

    Args:
        tokens: whole blocks.
        depth: the level of the headings that begin a section; those below it begin a part of one.
    """
    number = 0
    while number < len(tokens):
        token = tokens[number]
        end = _end(tokens, number)
        inside = tokens[number + 1 : end]
        match token.type:
            case "heading_open":
                level = int(token.tag[1:])
                words = inline(inside[0], plain=True)
                yield title(words) if level <= depth else subtitle(words)
            case "paragraph_open":
                yield ".PP"
                yield from _lines(inside)
            case "fence" | "code_block":
                yield from example(token.content.rstrip("\n").split("\n"))
            case "bullet_list_open" | "ordered_list_open":
                yield from _list(inside, ordered=token.type.startswith("ordered"))
            case "table_open":
                yield from _table(inside)
            case _:
                raise ValueError(f"no man page has {token.type}")
        number = end + 1


def inline(token: Token, *, plain: bool = False) -> str:
    """Return a line of Markdown in roff; plain: without fonts, escapes and the places of links."""
    shown: list[str] = []
    links: list[str] = []
    for part in token.children or ():
        if part.type == "link_open":
            links.append(str(part.attrGet("href") or ""))
        elif part.type != "link_close":
            shown.append(_plain_part(part) if plain else _part(part))
        elif where := "" if plain else _reference(links.pop()):
            if shown[-1].endswith(".md"):  # the text is the place
                shown[-1] = where[2:-1]
            else:
                shown.append(where)
    return "".join(shown)


def _plain_part(part: Token) -> str:
    return "\n" if part.type in {"softbreak", "hardbreak"} else part.content


def _part(part: Token) -> str:
    match part.type:
        case "text":
            return escaped(part.content)
        case "code_inline":
            return bold(part.content)
        case "softbreak" | "hardbreak":
            return "\n"
        case "strong_open" | "em_open":
            return "\\fB" if part.tag == "strong" else "\\fI"
        case "strong_close" | "em_close":
            return "\\fR"
        case _:
            raise ValueError(f"no man page has {part.type}")


def _reference(target: str) -> str:
    """Return where a link leads, for somebody who reads on a terminal; "" within the page."""
    file = target.partition("#")[0]
    if not file:
        return ""
    if target.startswith("http"):
        return f" <{escaped(target)}>"
    if page := _PAGES.get(file):
        return f" (\\fB{escaped(page.partition('(')[0])}\\fR({page[-2]}))"
    path = re.sub(r"^(\.\./)+", "", file)
    return f" ({escaped(path if '/' in path else f'reference/{path}')})"


def _end(tokens: Sequence[Token], start: int) -> int:
    """Return where the block that a token opens is closed."""
    if tokens[start].nesting == 0:
        return start
    return next(
        number
        for number in range(start + 1, len(tokens))
        if tokens[number].level == tokens[start].level and tokens[number].nesting == -1
    )


def _lines(inside: Sequence[Token]) -> Iterator[str]:
    for token in inside:
        yield from (line(text) for text in inline(token).split("\n"))


def _list(inside: Sequence[Token], *, ordered: bool) -> Iterator[str]:
    number, count = 0, 0
    while number < len(inside):
        end = _end(inside, number)
        count += 1
        yield f".IP {count}. 4" if ordered else ".IP \\(bu 2"
        body = list(rendered(inside[number + 1 : end]))
        yield from body[1:] if body[:1] == [".PP"] else body
        number = end + 1
    yield ".PP"


def _table(inside: Sequence[Token]) -> Iterator[str]:
    """Return a table as a list: a terminal is too narrow for sentences in columns."""
    rows: list[list[Token]] = []
    for token in inside:
        if token.type == "tr_open":
            rows.append([])
        elif token.type == "inline":
            rows[-1].append(token)
    [head, *others] = rows
    names = [inline(cell, plain=True) for cell in head]
    for first, *rest in others:
        said = []
        for name, cell in zip(names[1:], rest, strict=True):
            text = inline(cell)
            last = cell is rest[-1]
            said.append(f"{escaped(name)}: {text}{'' if last else '.'}" if name and text else text)
        yield from item(inline(first), [line(text) for text in said])
