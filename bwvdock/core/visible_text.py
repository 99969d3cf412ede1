"""How is a text that came from outside shown to a person, and typed again, without harm?

There is one escape at each edge (core/media/names.py, which can be undone) and one at each surface: this one.
It changes nothing that can simply be seen, so what was escaped at its edge passes as it is; a text that came
in by a way that nobody thought of loses its power over a terminal, a log or a shell all the same.
"""

from __future__ import annotations

import re
import unicodedata

LONGEST_LINE = 2000  # characters; more is no message for a person
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_BLANK = frozenset("\u115f\u1160\u2800\u3164\uffa0")  # letters and a sign by their category, of no ink
_PLAIN_WORD = re.compile(r"[A-Za-z0-9@%+=:,./_-]+")


def is_unseen(character: str) -> bool:
    """Return whether a character cannot be seen: a control, a direction, half of a pair, a filler."""
    return character in _BLANK or (not character.isprintable() and unicodedata.category(character) in _UNSEEN)


def visible(text: str) -> str:
    r"""Return a text in which every character can be seen; the others are written as ``\u{NNNN}``."""
    if (text.isascii() and text.isprintable()) or not any(is_unseen(c) for c in text):
        return text
    return "".join(f"\\u{{{ord(c):x}}}" if is_unseen(c) else c for c in text)


def visible_lines(text: str) -> str:
    """Return a text of several lines, all of them visible and of limited length."""
    return "\n".join(shortened(visible(line), LONGEST_LINE) for line in text.split("\n"))


def shortened(text: str, most: int) -> str:
    """Return the beginning of a text that is too long, with a mark that there is more."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


def visible_json(document: str) -> str:
    r"""Return a JSON document of the same meaning in which every character can be seen, or is a line end."""
    if document.isascii():
        return document.replace("\x7f", "\\u007f")
    return "".join(_json_escape(c) if c != "\n" and is_unseen(c) else c for c in document)


def _json_escape(character: str) -> str:
    code = ord(character)
    if code < 0x10000:
        return f"\\u{code:04x}"
    high, low = divmod(code - 0x10000, 0x400)
    return f"\\u{0xD800 + high:04x}\\u{0xDC00 + low:04x}"


def quoted(word: str, unknown: str = "''") -> str:
    """Return one word of a command line, quoted for a shell where it must be (as shlex.quote does).

    Args:
        word: what is to be typed.
        unknown: what to show in its place if it is empty.
    """
    if not word:
        return unknown
    if word.startswith("-"):  # else the command would take it for an option
        return f"-- {_shell_word(word)}"
    return _shell_word(word)


def option(name: str, word: str) -> str:
    """Return an option of a command line with its value, a word from elsewhere, so that it can be typed."""
    return f"{name}{'=' if word.startswith('-') else ' '}{_shell_word(word)}"


def _shell_word(word: str) -> str:
    if _PLAIN_WORD.fullmatch(word):
        return word
    return "'" + visible(word).replace("'", "'\"'\"'") + "'"
