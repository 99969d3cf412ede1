"""Is [checkout] read as it says, and a list of badges whole or not at all, and never repeated?"""

from __future__ import annotations

from datetime import timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bwvdock.config.checkout.badges_file import parse_badges, read_badges
from bwvdock.config.checkout.settings import NO_CHECKOUT, CheckoutSettings
from bwvdock.config.settings import Config
from bwvdock.core.checkout.badges import Badges, Holder
from bwvdock.core.checkout.choice import Rules, WhenHeld
from bwvdock.errors import ConfigError
from tests.config import texts

ZONE = timezone(timedelta(hours=1))


def read(lines: str) -> Config:
    return texts.read(f"[checkout]\n{lines}")


def test_every_key_is_read() -> None:
    assert read("").checkout == NO_CHECKOUT
    lines = (
        "badges = '/etc/b.csv'\nmin_battery = 0\nmax_offset = 5\ntake_within = 90\nmodels = ['Fox 3']\n"
        "other_units = true\nwhen_held = 'exchange'"
    )
    assert read(lines).checkout == CheckoutSettings(
        badges=Path("/etc/b.csv"),
        rules=Rules(
            min_battery=0,
            max_offset_ms=5000,
            take_within_ms=90_000,
            models=frozenset({"fox 3"}),
            other_units=True,
            when_held=WhenHeld.EXCHANGE,
        ),
    )


@pytest.mark.parametrize(
    "line",
    [
        "badges = 'etc/b.csv'",
        "min_battery = 101",
        "min_battery = -1",
        "min_battery = '80'",
        "max_offset = 0",
        "take_within = 9",
        "take_within = true",
        "models = []",
        "models = 'Fox'",
        "other_units = 1",
        "when_held = 'swap'",
        "min_batery = 80",
    ],
)
def test_what_is_wrong_is_a_mistake(line: str) -> None:
    assert texts.wrong_keys(f"[checkout]\n{line}") == [f"checkout.{line.split(maxsplit=1)[0]}"]


def test_a_list_is_read_in_the_forms_that_programs_write() -> None:
    rows = parse_badges(
        b"\xef\xbb\xbfuntil;Officer;badge;unit\r\n2027-03-31;4411;0012;North\r\n\r\n2027-03-31T12:00;4412;13;\r\n"
        b"2027-03-31T12:00+00:00;4411;14;\r\n",
        ZONE,
        name="b.csv",
    )
    assert rows == [
        ("0012", Holder(officer="4411", unit="North", until="2027-03-31T23:00:00.000Z")),
        ("13", Holder(officer="4412", until="2027-03-31T11:00:00.000Z")),
        ("14", Holder(officer="4411", until="2027-03-31T12:00:00.000Z")),
    ]


NUMBER = "31337-0042"


@pytest.mark.parametrize(
    "content,said",
    [
        ("", "it is empty"),
        (f"{NUMBER},4411\n", "line 1: the columns"),
        ("badge,badge,officer\n", "line 1: the columns"),
        (f"badge,officer\n{NUMBER}\n", "line 2: 1 fields"),
        (f"badge,officer\n{NUMBER},\n", "line 2: officer is empty"),
        (f"badge,officer\n{NUMBER}{'x' * 128},4411\n", "line 2: badge is empty, longer"),
        (f"badge,officer\n{NUMBER}\x07,4411\n", "line 2: badge"),
        (f"badge,officer\n{NUMBER},4411\n{NUMBER},4412\n", "line 3: its badge is in line 2 already"),
        (f"badge,officer,until\n{NUMBER},4411,tomorrow\n", "line 2: until is not a date"),
        (f"badge,officer,until\n{NUMBER},4411,0001-01-01T00:00+14:00\n", "line 2: until is not"),
        (f'badge,officer\n"{NUMBER},4411\n', "line 2: unexpected end of data"),
        (f"badge,officer\n{NUMBER},4\ud800411\n", "not UTF-8"),
    ],
)
def test_a_wrong_line_is_named_and_what_is_in_it_is_not(content: str, said: str) -> None:
    with pytest.raises(ConfigError) as raised:
        parse_badges(content.encode(errors="surrogatepass"), ZONE, name="b.csv")
    assert said in raised.value.message
    assert NUMBER not in raised.value.message + raised.value.remedy


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_whatever_is_in_a_file_is_a_list_or_a_mistake(content: bytes) -> None:
    for head in (b"", b"badge,officer,unit,until\n"):
        try:
            rows = parse_badges(head + content, ZONE, name="b.csv")
        except ConfigError:
            continue
        badges = Badges(rows, key=b"k")
        assert all(badges.holder(badge, "") == holder for badge, holder in rows)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    for path in (tmp_path / "none.csv", tmp_path):
        with pytest.raises(ConfigError, match=str(path)):
            read_badges(path, ZONE)


def test_a_badge_is_its_holders_until_it_is_not_valid_any_more() -> None:
    badges = Badges([("1", Holder(officer="ann", until="2026-01-02"))], key=b"k")
    assert badges.holder("1", "2026-01-01") == Holder(officer="ann", until="2026-01-02")
    assert badges.holder("1", "2026-01-02") is None
    assert badges.holder("01", "2026-01-01") is None
    assert badges.holder_of("ann", "2026-01-03") == Holder(officer="ann")
