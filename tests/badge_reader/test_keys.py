"""Is a badge exactly what a reader typed, and is nothing else ever taken for one?"""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bwvdock.badge_reader.keys import Line
from bwvdock.core.ports.badge_readers import PRESSED, RELEASED, KeyEvent
from tests.badge_reader.typing import CONTROL, ENTER, KEYPAD_ENTER, KEYS, SHIFT, SHIFTED, pressed, typed

SIGNS = [*KEYS, *SHIFTED, *(sign.upper() for sign in KEYS if sign.isalpha())]
BADGES = st.text(st.sampled_from(SIGNS), min_size=1, max_size=128).filter(
    lambda text: text.strip() == text != ""
)
HELD = 2
CODES = [*range(2, 12), ENTER, KEYPAD_ENTER, SHIFT, 54, CONTROL, 1, 57, 0, 0x2FF, -1]


def badges(events: Sequence[KeyEvent | None], *, opened_at: float = -10.0) -> list[str]:
    """Return the badges of a stream in which None stands for lost keys."""
    line, found, at = Line(opened_at), [], opened_at
    for event in events:
        if event is None:
            line.lose(at)
            continue
        at = event.at
        badge = line.typed(event)
        if badge is not None:
            found.append(badge)
    return found


@pytest.mark.slow
@given(st.lists(BADGES, min_size=1, max_size=3), st.sampled_from([ENTER, KEYPAD_ENTER]), st.booleans())
def test_what_a_reader_types_is_the_badge(texts: list[str], enter: int, twice: bool) -> None:
    events: list[KeyEvent] = []
    for text in texts:
        events += typed(text, events[-1].at + 0.01 if events else 0.0, enter=enter)
        events += pressed(enter, events[-1].at + 0.01) if twice else []
    assert badges(events) == texts


def test_spaces_around_a_badge_are_no_part_of_it() -> None:
    assert badges(typed(" 47 11  ", 0.0)) == ["47 11"]


def test_digits_of_the_keypad_are_digits() -> None:
    assert (
        badges([e for place, code in enumerate((82, 79, 80, 81)) for e in pressed(code, place / 100)]) == []
    )
    events = [
        e
        for place, code in enumerate((82, 79, 80, 81, 75, 76, 77, 71, 72, 73))
        for e in pressed(code, place / 100)
    ]
    assert badges([*events, *pressed(KEYPAD_ENTER, 0.2)]) == ["0123456789"]


SLOW = [*typed("12", 0.0, each=1.001)]
HALF = typed("4711", 0.0)
REFUSED: dict[str, list[KeyEvent | None]] = {
    "nothing but Enter": [*pressed(ENTER, 0.0)],
    "spaces": [*typed("   ", 0.0)],
    "too slow": [*SLOW],
    "without Enter": [*HALF[:-2]],
    "a key held down": [*HALF[:2], KeyEvent(KEYS["4"], HELD, 0.001), *HALF[2:]],
    "Enter held down, then typed on": [*pressed(ENTER, 0.0), KeyEvent(ENTER, HELD, 0.1), *typed("4711", 0.2)],
    "control": [KeyEvent(CONTROL, PRESSED, 0.0), *HALF],
    "a function key": [*HALF[:2], *pressed(59, 0.002), *HALF[2:]],
    "a key that nobody knows": [*HALF[:2], *pressed(0x2FF, 0.002), *HALF[2:]],
    "longer than 128": [*typed("1" * 129, 0.0)],
    "keys lost before": [KeyEvent(SHIFT, RELEASED, -0.1), None, *HALF],
    "keys lost within": [*HALF[:4], None, *HALF[4:]],
    "keys lost, and then another": [*HALF[:4], None, *HALF[4:], *typed("4712", 1.0)],
    "a clock that goes back": [*pressed(KEYS["1"], 0.0), *pressed(ENTER, -0.5)],
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_no_reader_types_is_no_badge(name: str) -> None:
    assert badges(REFUSED[name]) == []


def test_half_a_badge_is_none_where_listening_began_within_it() -> None:
    assert badges(typed("4711", 100.0), opened_at=98.5) == []
    assert badges(typed("4711", 100.0), opened_at=97.9) == ["4711"]


def test_after_a_pause_all_is_well_again() -> None:
    for name, events in REFUSED.items():
        last = max((event.at for event in events if event is not None), default=0.0)
        released = KeyEvent(CONTROL, RELEASED, last)
        assert badges([*events, released, *typed("aB-7", last + 2.1)]) == ["aB-7"], name


def test_endless_typing_keeps_nothing() -> None:
    line = Line(-10.0)
    for number in range(20_000):
        assert line.typed(KeyEvent(2, PRESSED, number / 1000)) is None
    assert line.typed(KeyEvent(ENTER, PRESSED, 20.0)) is None
    assert len(line._text) <= 128  # noqa: SLF001 - how much it keeps is what is asked here


def expected(stream: Sequence[KeyEvent | None], opened_at: float) -> list[str]:
    """Return the badges of any stream, from the rule and not from the code.

    Cut it at each pause and at each Enter. A piece is a badge if no keys were lost since the last pause, each
    key in it was pressed and is one that types, there are at most 128, and it took at most two seconds.
    """
    names = {code: sign for sign, code in KEYS.items()}
    upper = {code: sign for sign, code in [(s, KEYS[p]) for s, p in SHIFTED.items()]}
    found, piece, known, shifts, last = (
        list[str](),
        list[tuple[KeyEvent, bool]](),
        False,
        set[int](),
        opened_at,
    )
    for event in stream:
        if event is None:
            known, shifts = False, set()
            continue
        if event.at - last > 2:
            piece, known = [], True
        last = event.at
        if event.code in {SHIFT, 54}:
            shifts = shifts - {event.code} if event.value == RELEASED else shifts | {event.code}
        elif event.code in {ENTER, KEYPAD_ENTER} and event.value == PRESSED:
            whole = all(e.value == PRESSED and e.code in names for e, _ in piece) and len(piece) <= 128
            text = "".join((upper.get(e.code) if up else None) or names.get(e.code, "") for e, up in piece)
            if piece and known and whole and text.strip() and 0 <= event.at - piece[0][0].at <= 2:
                found.append(text.strip())
            piece = []
        elif event.value != RELEASED:
            piece.append((event, bool(shifts)))
    return found


@given(
    st.lists(
        st.one_of(
            st.none(),
            st.tuples(
                st.sampled_from(CODES),
                st.sampled_from([PRESSED, PRESSED, PRESSED, RELEASED, HELD]),
                st.sampled_from([0.0, 0.01, 0.01, 0.3, 2.0, 2.5, -0.1]),
            ),
        ),
        max_size=40,
    )
)
def test_any_stream_is_read_by_the_rule(drawn: list[tuple[int, int, float] | None]) -> None:
    stream: list[KeyEvent | None] = []
    at = 0.0
    for key in drawn:
        if key is not None:
            at = round(at + key[2], 3)
        stream.append(None if key is None else KeyEvent(key[0], key[1], at))
    assert badges(stream, opened_at=0.0) == expected(stream, 0.0)
