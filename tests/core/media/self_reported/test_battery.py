"""What does a file of a camera say of its battery, whatever is in it?"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bwvdock.core.media.fields import FieldFormat
from bwvdock.core.media.self_reported.battery import BatteryRule, percent, told

JSON = BatteryRule(file="MISC/status.json", key="battery")
INI = BatteryRule(file="STATUS.INI", key="power.level", format=FieldFormat.INI, full=4)
NOW_NS = 1_773_493_329 * 10**9


@given(level=st.integers(), empty=st.integers(), full=st.integers())
def test_a_percentage_is_one_or_is_not_known(level: int, empty: int, full: int) -> None:
    said = percent(level, empty=empty, full=full)
    assert (said is not None) == (empty < full and empty <= level <= full)
    if said is not None:
        assert 0 <= said <= 100
        assert (said == 100) == (level == full)
        assert said * (full - empty) <= 100 * (level - empty)  # never more than was said


@pytest.mark.parametrize(
    "rule,content,said",
    [
        (JSON, b'{"battery": 63}', 63),
        (JSON, b'{"battery": "63 %"}', 63),
        (JSON, b'{"battery": "63.9"}', 63),
        (INI, b"[power]\r\nlevel = 3\r\n", 75),
        (JSON, b'{"battery": 101}', None),
        (JSON, b'{"battery": -1}', None),
        (JSON, b'{"battery": true}', None),
        (JSON, b'{"battery": "full"}', None),
        (JSON, '{"battery": "٦٣"}'.encode(), None),
        (JSON, b'{"battery": "' + b"9" * 5000 + b'"}', None),
        (JSON, b"\xff\x00{", None),
        (INI, b"[power]\nlevel = 5\n", None),
    ],
)
def test_what_a_file_says(rule: BatteryRule, content: bytes, said: int | None) -> None:
    assert told(rule, content=content, mtime_ns=NOW_NS, others_ns=[NOW_NS - 10**9]) == said


@given(content=st.binary(max_size=200), form=st.sampled_from(FieldFormat))
def test_no_content_is_an_error(content: bytes, form: FieldFormat) -> None:
    rule = BatteryRule(file="f", key="(.*)", format=form)
    assert told(rule, content=content, mtime_ns=NOW_NS, others_ns=[]) in {None, *range(101)}


def test_a_file_that_is_older_than_footage_is_not_of_this_docking() -> None:
    content = b'{"battery": 63}'
    assert told(JSON, content=content, mtime_ns=NOW_NS, others_ns=[NOW_NS + 2 * 10**9]) == 63  # as FAT counts
    assert told(JSON, content=content, mtime_ns=NOW_NS, others_ns=[NOW_NS + 3 * 10**9]) is None
