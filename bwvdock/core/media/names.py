"""How is a name from a device shown, logged and journalled safely?

One escaping for every string a device supplies: control characters, escape sequences,
bidirectional controls, undecodable bytes and the backslash itself become backslash escapes; the
rest stays readable. It is reversible, so the escaped form is the only one that is ever kept.
"""

from __future__ import annotations

import re

from bwvdock.core.visible_text import is_unseen

LONGEST_SERIAL = 200
_ESCAPED = re.compile(r"\\(?:x([0-9a-f]{2})|u\{([0-9a-f]{1,6})\}|(\\))")


def escape(name: bytes) -> str:
    r"""Return a device's bytes as printable text; `unescape` returns the bytes.

    Bytes that are not UTF-8 become ``\xNN``; characters that a terminal or a log could act on
    become ``\u{NNNN}``; a backslash becomes two.
    """
    text = name.decode("utf-8", "surrogateescape")
    if text.isascii() and text.isprintable() and "\\" not in text:  # as nearly all are
        return text
    return "".join(_escape_character(c) for c in text)


def escape_serial(serial: bytes) -> str:
    """Return a serial as `escape` does, and none, "", of one that is longer than any camera's.

    The part that would be cut off could be the only difference between two cameras.
    """
    escaped = escape(serial[: 10 * LONGEST_SERIAL])
    return escaped if len(escaped) <= LONGEST_SERIAL else ""


def _escape_character(character: str) -> str:
    code = ord(character)
    if 0xDC80 <= code <= 0xDCFF:  # what surrogateescape makes of a byte that is not UTF-8
        return f"\\x{code - 0xDC00:02x}"
    if character == "\\":
        return "\\\\"
    if is_unseen(character):
        return f"\\u{{{code:x}}}"
    return character


def unescape(text: str) -> bytes:
    """Return the original bytes of an escaped text."""
    out = bytearray()
    end = 0
    for match in _ESCAPED.finditer(text):
        out += text[end : match.start()].encode()
        byte, code, backslash = match.groups()
        if byte is not None:
            out.append(int(byte, 16))
        elif code is not None:
            out += chr(int(code, 16)).encode()
        else:
            out += backslash.encode()
        end = match.end()
    return bytes(out + text[end:].encode())


def suffix(path: str, *, allowed: frozenset[str]) -> str:
    """Return the extension of a device's path if it is known, else "bin".

    Files in the spool and the vault are named by our ids; a known extension is all that remains of the
    camera's name.
    """
    tail = path.rpartition("/")[2].rpartition(".")[2].lower()
    return tail if tail in allowed else "bin"
