"""Which text has a badge reader typed, by the keys that it pressed?

A reader is a keyboard that types a badge and Enter at once. Keys are known by their scan codes, as a keyboard
with the layout of the United States has them: whatever layout the dock's console has, the same badge is the
same text. Spaces around it do not count, as in the list of badges. What is typed in any other way is nobody's
badge: nothing else is corrected, and nothing is cut.
"""

from __future__ import annotations

from bwvdock.core.ports.badge_readers import PRESSED, RELEASED, KeyEvent

LONGEST = 128
WITHIN_SECONDS = 2.0

_ENTER = frozenset({28, 96})
_SHIFT = frozenset({42, 54})
# The codes of linux/input-event-codes.h: the first of a row, then what its keys type without and with shift.
_ROWS = (
    (2, "1234567890-=", "!@#$%^&*()_+"),
    (16, "qwertyuiop[]", "QWERTYUIOP{}"),
    (30, "asdfghjkl;'`", 'ASDFGHJKL:"~'),
    (43, "\\zxcvbnm,./", "|ZXCVBNM<>?"),
    (55, "*", "*"),
    (57, " ", " "),
    (71, "789-456+1230.", "789-456+1230."),
    (98, "/", "/"),
)
_TYPED = {
    first + place: (plain, shifted)
    for first, row, shifted_row in _ROWS
    for place, (plain, shifted) in enumerate(zip(row, shifted_row, strict=True))
}


class Line:
    """Puts the keys of one reader together. Its first line begins after a pause: it may be half a badge."""

    def __init__(self, opened_at: float) -> None:
        """Take the moment from which on keys are known."""
        self._last = opened_at
        self._first: float | None = None
        self._text: list[str] = []
        self._spoilt = self._lost = True
        self._shifts: set[int] = set()

    def typed(self, key: KeyEvent) -> str | None:
        """Return the badge that this key ended; None for most keys, and for what is not a badge."""
        paused = key.at - self._last > WITHIN_SECONDS
        self._last = key.at
        if paused:
            self._begin()
        if key.code in _SHIFT:
            (self._shifts.discard if key.value == RELEASED else self._shifts.add)(key.code)
        elif key.code in _ENTER and key.value == PRESSED:
            return self._ended(key.at)
        elif key.value != RELEASED:
            self._add(key)
        return None

    def lose(self, at: float) -> None:
        """Note that keys were lost: until a pause nothing is known, not even whether shift is held."""
        self._last = at
        self._spoilt = self._lost = True
        self._shifts.clear()

    def _begin(self) -> None:
        self._first = None
        self._text.clear()
        self._spoilt = self._lost = False

    def _ended(self, at: float) -> str | None:
        badge, first, spoilt, lost = "".join(self._text).strip(), self._first, self._spoilt, self._lost
        self._begin()
        self._spoilt = self._lost = lost
        in_time = first is not None and 0 <= at - first <= WITHIN_SECONDS
        return badge if in_time and not spoilt and badge else None

    def _add(self, key: KeyEvent) -> None:
        if self._first is None:
            self._first = key.at
        typed = _TYPED.get(key.code)
        if typed is None or key.value != PRESSED or len(self._text) >= LONGEST:
            self._spoilt = True
        else:
            self._text.append(typed[bool(self._shifts)])
