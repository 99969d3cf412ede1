"""What follows from a file that a camera writes at its docking, and what does not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bwvdock.core.media.clock_file import ClockRule, told
from bwvdock.core.media.fields import FieldFormat
from bwvdock.core.moments import nanoseconds

WRITTEN = datetime(2026, 3, 14, 13, 2, 9, tzinfo=UTC)
WRITTEN_NS = nanoseconds(WRITTEN)
FOOTAGE_NS = nanoseconds(WRITTEN - timedelta(hours=5))
INI = ClockRule(file="TIME.TXT", key="now", format=FieldFormat.INI, time="%d.%m.%Y %H:%M:%S")
BARE = ClockRule(file="TIME.TXT")


def ini(moment: datetime) -> bytes:
    return f"now = {moment:%d.%m.%Y %H:%M:%S}\r\n".encode()


def test_a_file_s_own_time_is_the_camera_s() -> None:
    answer = told(BARE, content=b"", mtime_ns=WRITTEN_NS, others_ns=[FOOTAGE_NS])
    assert (answer.shown_ns, answer.raw) == (WRITTEN_NS, "2026-03-14T13:02:09.000Z")


@pytest.mark.parametrize(
    "content,rule",
    [
        (ini(WRITTEN), INI),
        (b'{"t": "2026-03-14T13:02:09"}', ClockRule(file="f", key="t")),
        (b'{"t": "2026-03-14T13:02:09Z"}', ClockRule(file="f", key="t")),
        (b'{"t": "2026-03-14T15:02:09+02:00"}', ClockRule(file="f", key="t")),
        (b'{"t": 1773493329}', ClockRule(file="f", key="t")),
    ],
)
def test_a_file_s_text_tells_it_to_the_second(content: bytes, rule: ClockRule) -> None:
    """FAT counts in two seconds; the text does not."""
    answer = told(rule, content=content, mtime_ns=WRITTEN_NS - 10**9, others_ns=[FOOTAGE_NS])
    assert answer.shown_ns == WRITTEN_NS


@pytest.mark.parametrize("zone", [timedelta(hours=1), timedelta(hours=-5), timedelta(minutes=345)])
def test_a_text_in_another_zone_is_put_into_the_footage_s(zone: timedelta) -> None:
    """What corrects the footage's times must be off by what they are off by, zone and all."""
    answer = told(INI, content=ini(WRITTEN + zone), mtime_ns=WRITTEN_NS, others_ns=[FOOTAGE_NS])
    assert answer.shown_ns == WRITTEN_NS


@pytest.mark.parametrize(
    "content,why",
    [
        (ini(WRITTEN - timedelta(days=3)), "which has a different modification time"),
        (ini(WRITTEN + timedelta(minutes=7)), "which has a different modification time"),
        (b"now = soon", "which shows no time"),
        (b"", "which shows no time"),
        (b"now = 99.99.2026 00:00:00", "which shows no time"),
    ],
)
def test_what_contradicts_itself_tells_nothing(content: bytes, why: str) -> None:
    answer = told(INI, content=content, mtime_ns=WRITTEN_NS, others_ns=[FOOTAGE_NS])
    assert answer.shown_ns is None
    assert why in answer.source


def test_a_file_that_was_not_written_at_this_docking_tells_nothing() -> None:
    """Footage that is newer came after it."""
    answer = told(BARE, content=b"", mtime_ns=WRITTEN_NS, others_ns=[FOOTAGE_NS, WRITTEN_NS + 60 * 10**9])
    assert answer.shown_ns is None
    assert "not written at this docking" in answer.source
    assert answer.raw == "2026-03-14T13:02:09.000Z", "what was read is kept"


@given(
    content=st.binary(max_size=200).flatmap(lambda b: st.sampled_from([b, b"now=" + b])),
    mtime_ns=st.integers(min_value=-(2**63), max_value=2**63),
    rule=st.sampled_from([INI, ClockRule(file="f", key="now", format=FieldFormat.INI), BARE]),
)
def test_no_file_stops_the_dock(content: bytes, mtime_ns: int, rule: ClockRule) -> None:
    answer = told(rule, content=content, mtime_ns=mtime_ns, others_ns=[])
    assert answer.raw.isprintable() or answer.raw == ""
