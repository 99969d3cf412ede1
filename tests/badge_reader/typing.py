"""What a reader, or somebody at a keyboard, types: key events."""

from __future__ import annotations

from collections.abc import Iterator

from bwvdock.core.ports.badge_readers import PRESSED, RELEASED, KeyEvent

ENTER, KEYPAD_ENTER, SHIFT, CONTROL = 28, 96, 42, 29
# By hand from the drawing of a keyboard of the United States and the codes of linux/input-event-codes.h.
KEYS = {
    **dict(zip("1234567890", range(2, 12), strict=True)),
    **dict(zip("qwertyuiop", range(16, 26), strict=True)),
    **dict(zip("asdfghjkl", range(30, 39), strict=True)),
    **dict(zip("zxcvbnm", range(44, 51), strict=True)),
    "-": 12,
    "=": 13,
    "[": 26,
    "]": 27,
    ";": 39,
    "'": 40,
    "`": 41,
    "\\": 43,
    ",": 51,
    ".": 52,
    "/": 53,
    " ": 57,
}
SHIFTED = dict(zip('!@#$%^&*()_+{}:"~|<>?', "1234567890-=[];'`\\,./", strict=True))


def pressed(code: int, at: float) -> list[KeyEvent]:
    """Return a key that is pressed and released."""
    return [KeyEvent(code, PRESSED, at), KeyEvent(code, RELEASED, at + 0.001)]


def typed(text: str, begins: float, *, each: float = 0.004, enter: int = ENTER) -> list[KeyEvent]:
    """Return what a reader types: a text, a key every `each` seconds, and Enter."""
    return [*_keys(text, begins, each), *pressed(enter, begins + len(text) * each)]


def _keys(text: str, begins: float, each: float) -> Iterator[KeyEvent]:
    for place, sign in enumerate(text):
        at = begins + place * each
        plain = SHIFTED.get(sign, sign.lower())
        shifted = plain != sign
        if shifted:
            yield KeyEvent(SHIFT, PRESSED, at)
        yield from pressed(KEYS[plain], at)
        if shifted:
            yield KeyEvent(SHIFT, RELEASED, at + 0.002)
