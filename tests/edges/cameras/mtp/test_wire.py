"""Whatever bytes come, the codec gives a value or WireError, and soon."""

from __future__ import annotations

import struct
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bwvdock.edges.cameras.mtp import wire
from bwvdock.edges.cameras.mtp.codes import Op
from bwvdock.errors import UnreadableError

DECODERS: list[Callable[[bytes], object]] = [
    wire.header,
    wire.response,
    wire.event,
    wire.handles,
    wire.text,
    wire.integer,
    wire.device_info,
    wire.storage_info,
    wire.object_info,
]
U32 = st.integers(0, 2**32 - 1)


def string(text: str) -> bytes:
    units = text.encode("utf-16-le", "surrogatepass") + b"\0\0"
    return bytes([len(units) // 2]) + units if text else b"\0"


def info(name: bytes, *dates: bytes, size: int = 7, width: str = "I") -> bytes:
    fixed = struct.pack(f"<IHH{width}HIIIIIIIHII", 1, 0xB982, 1, size, 0, 0, 0, 0, 0, 0, 0, 9, 0, 0, 0)
    return fixed + name + b"".join(dates)


@pytest.mark.few(4)
@pytest.mark.parametrize("decode", DECODERS)
@given(data=st.binary(max_size=600))
def test_no_input_raises_anything_but_wire_error(decode: Callable[[bytes], object], data: bytes) -> None:
    with suppress(wire.WireError):
        decode(data)


@given(data=st.binary(max_size=80), count=st.one_of(st.integers(0, 25), U32))
def test_a_count_is_believed_only_as_far_as_there_are_bytes(data: bytes, count: int) -> None:
    counted = struct.pack("<I", count) + data
    if 4 * count > len(data):
        with pytest.raises(wire.WireError):
            wire.handles(counted)
    else:
        assert wire.handles(counted) == struct.unpack(f"<{count}I", data[: 4 * count])


@given(data=st.binary(max_size=600), cut=st.integers(0, 200))
def test_a_dataset_that_is_cut_off_gives_no_other_values(data: bytes, cut: int) -> None:
    whole = info(string("BWC_0001.MP4"), string("20260314T101500"), string("20260314T101501"), data)
    with suppress(wire.WireError):
        found = wire.object_info(whole[:cut])
        assert found.name == "BWC_0001.MP4"
        assert found.modified in {"", "20260314T101501"}


@given(op=st.integers(0, 65535), transaction=U32, params=st.lists(U32, max_size=5))
def test_a_command_says_its_own_length(op: int, transaction: int, params: list[int]) -> None:
    made = wire.command(op, transaction, tuple(params))
    head = wire.header(made)
    assert (head.length, head.kind, head.code, head.transaction) == (len(made), 1, op, transaction)
    assert made[12:] == struct.pack(f"<{len(params)}I", *params)


def test_a_command_as_the_specification_shows_it() -> None:
    made = wire.command(Op.GET_OBJECT_HANDLES, 5, (0x00010001, 0, 0xFFFFFFFF))
    assert made.hex() == "1800000001000710050000000100010000000000ffffffff"


def test_a_command_with_too_many_parameters_is_a_bug_of_ours() -> None:
    with pytest.raises(RuntimeError):
        wire.command(0x1007, 1, (1, 2, 3, 4, 5, 6))


@given(code=st.integers(0, 65535), transaction=U32, params=st.lists(U32, max_size=5))
def test_a_response_is_what_was_sent(code: int, transaction: int, params: list[int]) -> None:
    body = struct.pack(f"<{len(params)}I", *params)
    for kind, decode in ((3, wire.response), (4, wire.event)):
        sent = struct.pack("<IHHI", 12 + len(body), kind, code, transaction) + body
        found = decode(sent + b"more")
        assert (found.code, found.transaction, found.params) == (code, transaction, tuple(params))
        assert found.ok == (code == 0x2001)


@pytest.mark.parametrize("length", [0, 11, 13, 14, 15, 33, 36, 0xFFFF_FFFF])
def test_a_response_of_impossible_length_is_none(length: int) -> None:
    with pytest.raises(wire.WireError):
        wire.response(struct.pack("<IHHI", length, 3, 0x2001, 1) + bytes(40))


@pytest.mark.parametrize("kind", [0, 1, 2, 4, 5, 0xFFFF])
def test_another_container_is_no_response(kind: int) -> None:
    with pytest.raises(wire.WireError):
        wire.response(struct.pack("<IHHI", 12, kind, 0x2001, 1))


@given(text=st.text(st.characters(codec=None, exclude_characters="\0"), max_size=120))
def test_every_string_comes_back(text: str) -> None:
    assert wire.text(string(text)) == text


@pytest.mark.parametrize(
    "raw, text",
    [
        (b"\0", ""),
        (b"\x01\0\0", ""),
        (b"\x02a\0\0\0", "a"),
        (b"\x01a\0", "a"),  # the closing NUL is missing
        (b"\x04a\0\0\0\0\0\0\0", "a"),  # and here are three
        (b"\x04a\0\0\0b\0\0\0", "a\0b"),
        (b"\x02\0\xd8\0\0", "\ud800"),  # half a surrogate pair
        (b"\x03\x3d\xd8\xf9\xdc\0\0", "\U0001f4f9"),
    ],
)
def test_strings_as_cameras_send_them(raw: bytes, text: str) -> None:
    assert wire.text(raw) == text


@pytest.mark.parametrize("raw", [b"", b"\x01", b"\x01a", b"\x02a\0", b"\xff" + bytes(509)])
def test_a_string_that_ends_early_is_none(raw: bytes) -> None:
    with pytest.raises(wire.WireError):
        wire.text(raw)


@pytest.mark.parametrize("size", [0, 1, 4_294_967_294, 5 * 2**30])
def test_a_size_in_eight_bytes_is_found_by_what_it_shifts(size: int) -> None:
    found = wire.object_info(info(string("A.MP4"), string("20260314T101500"), size=size, width="Q"))
    assert (found.size, found.name, found.created) == (size, "A.MP4", "20260314T101500")


@pytest.mark.parametrize("dates", [(), (b"\0",), (b"\0", b"\0"), (string("20260314T101500"),)])
def test_an_object_without_a_name_is_not_taken_for_a_shifted_one(dates: tuple[bytes, ...]) -> None:
    found = wire.object_info(info(b"\0", *dates))
    assert (found.size, found.name) == (7, "")


def test_a_size_that_does_not_fit_is_not_a_size() -> None:
    assert wire.object_info(info(string("A.MP4"), size=0xFFFF_FFFF)).size is None


@pytest.mark.parametrize("width", [1, 2, 4, 8, 16])
@given(data=st.data())
def test_an_integer_of_any_width(width: int, data: st.DataObject) -> None:
    value = data.draw(st.integers(0, 2 ** (8 * width) - 1))
    assert wire.integer(value.to_bytes(width, "little")) == value


@pytest.mark.parametrize(
    "date, moment",
    [
        ("20260314T101500", datetime(2026, 3, 14, 10, 15, tzinfo=UTC)),
        ("20260314T101500Z", datetime(2026, 3, 14, 10, 15, tzinfo=UTC)),
        ("20260314T101500.5", datetime(2026, 3, 14, 10, 15, 0, 500_000, tzinfo=UTC)),
        ("20260314T101500+0530", datetime(2026, 3, 14, 4, 45, tzinfo=UTC)),
        ("20260314T101500-0330", datetime(2026, 3, 14, 13, 45, tzinfo=UTC)),
        (" 20260314T101500 ", datetime(2026, 3, 14, 10, 15, tzinfo=UTC)),
        ("19700101T000000", datetime(1970, 1, 1, tzinfo=UTC)),
    ],
)
def test_a_date_is_a_moment(date: str, moment: datetime) -> None:
    since = moment - datetime(1970, 1, 1, tzinfo=UTC)
    assert wire.time_ns(date) == since // timedelta(microseconds=1) * 1000


@pytest.mark.parametrize(
    "date",
    [
        "",
        "0",
        "00000000T000000",
        "20261314T101500",
        "20260314",
        "20260314T256000",
        "19691231T235959",
        "20260314T101500+9900",
        "\u0662\u0660\u0662\u0666\u0660\u0663\u0661\u0664T101500",
        "00010101T000000+2359",
        "x" * 255,
    ],
)
def test_what_tells_no_time_is_no_time(date: str) -> None:
    assert wire.time_ns(date) is None


@given(date=st.text(max_size=40) | st.from_regex(r"\d{8}T\d{6}(\.\d+)?(Z|[+-]\d{4})?", fullmatch=True))
def test_no_date_does_harm(date: str) -> None:
    time = wire.time_ns(date)
    assert time is None or time >= 0


@given(seconds=st.integers(86_400, 250_000_000_000), minutes=st.integers(-1439, 1439))
def test_every_moment_in_every_zone(seconds: int, minutes: int) -> None:
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    whole = (epoch + timedelta(seconds=seconds)).astimezone(timezone(timedelta(minutes=minutes)))
    hours, rest = divmod(abs(minutes), 60)
    text = f"{whole:%Y%m%dT%H%M%S}{'-' if minutes < 0 else '+'}{hours:02}{rest:02}"
    assert wire.time_ns(text) == seconds * 10**9


def test_the_status_of_a_device_that_says_nothing_is_unknown() -> None:
    assert [
        wire.status_code(data) for data in (b"", b"\x04\0", b"\x04\0\x19\x20", b"\x08\0\x01\x20\0\0\0\0")
    ] == [
        None,
        None,
        0x2019,
        0x2001,
    ]


def test_what_is_not_mtp_is_unreadable_and_says_what_to_do() -> None:
    with pytest.raises(UnreadableError) as caught:
        wire.response(b"hello")
    assert "5 bytes" in caught.value.message
    assert "Dock it again" in caught.value.remedy


@pytest.mark.parametrize("date", ["20260314T101500Z", "20260314T101500.5+0530", "20260314T101500-03:30"])
def test_a_date_may_bear_its_zone(date: str) -> None:
    assert wire.bears_zone(date)


@pytest.mark.parametrize("date", ["20260314T101500", "20260314T101500.5", "", "Z"])
def test_most_dates_bear_none(date: str) -> None:
    assert not wire.bears_zone(date)
