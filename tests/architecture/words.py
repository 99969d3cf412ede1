"""Is what people read plain English, and does every docstring begin with what is returned or done?

Only string literals are read: names are judged elsewhere.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from tests.architecture.syntax import functions_of, nodes_of

SAY_INSTEAD = {
    r"(?<!there )\b(?:is|are|was|were) no (?!longer\b|more\b)\w+": "is not a ...",
    r"\bno evidence\b": "not marked as evidence; non-evidential",
    r"\bmend(?:s|ed|ing)?\b": "fix, correct",
    r"\bstands?\b(?! in for\b)": "is, is stored",
    r"\b(?:goes|go|going|went) on\b": "resumes, continues",
    r"\btells?\b|\btold\b|\btelling\b": "says, reports, shows, is asked to",
    r"\b(?:brought|brings? (?:it|them|a clip|clips|every))\b": "uploaded, copied, caused",
    r"\bof which\b": "whose; that ... of",
    r"\bas far as\b": "according to; up to",
    r"\byank": "unplug",
    r"\bfrom now on\b": "now; no longer",
    r"\blets? go of\b": "close, drop, abandon",
    r"\bwhoever\b": "anyone who; the role",
    r"\btr(?:y|ied) out\b": "test, assess",
    r"\bfor instance\b": "for example",
    r"\bin the midst\b": "in the middle",
    r"\bdoes not add up\b": "is inconsistent; a check failed",
    r"\bpulled out\b": "unplugged",
    r"\bcut short\b": "interrupted, incomplete",
    r"\btakes? (?:it|them|a clip|clips|footage) away\b|\btaken away\b": "remove, dispose of",
}
"""Words that a person must not read -> what to say instead. A pattern is matched in lower case."""

NOT_A_VERB = ("Give", "Gives", "Say", "Says", "Do it", "Tell", "Tells", "Mend", "Bring", "Let ", "Wire it up")
"""How the docstring of a function must not begin: say what is returned or done."""

_CODE = re.compile(r"`[^`]*`|^ +\w+: ", re.MULTILINE)  # names, and the arguments in a docstring


def _texts(source: str) -> Iterator[tuple[int, str]]:
    """Return the string literals with a space in them, docstrings included, each with its line.

    The fixed parts of an f-string come one by one.
    """
    for node in nodes_of(source):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value.strip():
            yield node.lineno, " ".join(_CODE.sub(" ", node.value).split())


def worst_words(path: str, source: str) -> list[str]:
    """Return every string literal with a word that reads as translated, and what to say instead."""
    return [
        f"{path}:{line}: {match[0]!r} in {_around(text, match)!r}; say: {instead}"
        for line, text in _texts(source)
        for pattern, instead in SAY_INSTEAD.items()
        if (match := re.search(pattern, text.lower()))
    ]


def _around(text: str, match: re.Match[str]) -> str:
    return text[max(0, match.start() - 30) : match.end() + 30]


def empty_beginnings(path: str, source: str) -> list[str]:
    """Return every function whose docstring begins with neither an imperative verb nor what it returns.

    A property is a thing, so its docstring may be a noun phrase.
    """
    return [
        f"{path}:{node.lineno}: {node.name}: {summary[:60]!r}"
        for node in functions_of(source)
        if (summary := ast.get_docstring(node))
        if summary.startswith(NOT_A_VERB) or (not _is_property(node) and not _is_imperative(summary))
    ]


def _is_property(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return any(isinstance(name, ast.Name) and name.id == "property" for name in node.decorator_list)


def _is_imperative(summary: str) -> bool:
    """Return whether a text begins with a capital and a verb in its base form, judged by its ending."""
    first = re.match(r"[A-Z][a-z]+", summary)
    return first is not None and first[0] not in _OPENERS and not first[0].endswith(("ing", "ed"))


_OPENERS = frozenset(
    {"A", "An", "As", "At", "How", "It", "If", "None", "One", "So", "The", "What", "Which", "Whether"}
)
