"""A camera is recognised by what it is, the same way each time, and tells its serial."""

from __future__ import annotations

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bwvdock.core.media.fields import FieldFormat
from bwvdock.core.media.profile import (
    ANY_VIDEO,
    Profile,
    SerialRule,
    choose,
    matches,
    names_model,
    pattern,
    serial_in,
)


@pytest.mark.parametrize(
    "glob,path",
    [
        ("*.mp4", "CLIP.MP4"),
        ("DCIM/*/*.mp4", "dcim/100BWCAM/a.mp4"),
        ("**/a.mp4", "a.mp4"),
        ("**/a.mp4", "x/y/a.mp4"),
        ("DCIM/**", "DCIM/100/a.mp4"),
        ("DCIM/**", "DCIM"),
        ("**", "anything/at/all"),
        ("a/**/b", "a/b"),
        ("a/**/b", "a/x/y/b"),
        ("[0-9][0-9]?", "12X"),
        ("[!a-c].mp4", "d.mp4"),
        ("a.b", "A.B"),
        ("**/*", "a\nb/c"),
    ],
)
def test_a_pattern_matches(glob: str, path: str) -> None:
    assert matches([glob], path)


@pytest.mark.parametrize(
    "glob,path",
    [
        ("*.mp4", "a/b.mp4"),
        ("a.b", "axb"),
        ("DCIM/**", "DCIM2/a"),
        ("**/a.mp4", "xa.mp4"),
        ("[!a-c].mp4", "b.mp4"),
        ("?", ""),
        ("a/**/b", "ab"),
        ("a", "a/b"),
    ],
)
def test_a_pattern_does_not_match(glob: str, path: str) -> None:
    assert not matches([glob], path)


@pytest.mark.parametrize("glob", ["", "/a", "a//b", "../a", "a/./b", "a**", "[", "[]", "[!]", "[.]", "[9-0]"])
def test_a_pattern_that_means_nothing_is_refused(glob: str) -> None:
    with pytest.raises(ValueError, match=r"^(has|\*\* must be) "):
        pattern(glob)


@given(
    st.text(alphabet="ab.[](){}+^$|\\", min_size=1).filter(lambda t: "[" not in t and t not in {".", ".."})
)
def test_a_name_without_wildcards_matches_itself_and_nothing_longer(name: str) -> None:
    assert matches([name], name)
    assert not matches([name], name + "x")


PATHS = ("DCIM/100BWCAM/A.MP4", "MISC/settings.json")
USB = Profile(name="usb", usb=("0603:8611",), contains=("DCIM/**",))
VENDOR = Profile(name="vendor", usb=("0603:*",), contains=("DCIM/**",))
LABEL = Profile(name="label", label="CAM*", contains=("DCIM/**",))
TWO = Profile(name="two", contains=("DCIM/**", "MISC/*"))
LONG = Profile(name="long", contains=("DCIM/100BWCAM/*",))
SHORT = Profile(name="short", usb=("*",), contains=("DCIM/*/*",))
TWIN = Profile(name="twin", contains=("DCIM/*/*",))
FOREIGN = Profile(name="foreign", usb=("1234:5678",), contains=("DCIM/**",))
ELSEWHERE = Profile(name="elsewhere", contains=("DCIM/**", "PRIVATE/**"))


def test_the_more_specific_profile_wins_whatever_their_order() -> None:
    order = [USB, VENDOR, LABEL, TWO, LONG, SHORT, TWIN]
    while order:
        chosen = {
            choose(shuffled, usb="0603:8611", label="CAM01", paths=PATHS).name
            for shuffled in list(permutations(order))[:50]
        }
        assert chosen == {order[0].name}
        order.pop(0)


def test_usb_ids_are_compared_without_letter_case() -> None:
    assert choose([Profile(name="x", usb=("04fc:01ab",))], usb="04FC:01AB", label="", paths=()).name == "x"


@pytest.mark.parametrize("profile", [FOREIGN, ELSEWHERE, LABEL])
def test_a_profile_of_which_anything_does_not_hold_is_not_chosen(profile: Profile) -> None:
    assert choose([profile], usb="0603:8611", label="OTHER", paths=PATHS) is ANY_VIDEO


def test_a_camera_without_usb_ids_is_known_by_its_contents() -> None:
    assert choose([USB, TWO], usb="", label="", paths=PATHS) is TWO


def test_only_ids_named_in_full_make_a_known_model() -> None:
    assert names_model([USB], "0603:8611")
    assert not names_model([VENDOR, SHORT], "0603:8611")
    assert not names_model([USB], "")


JSON = SerialRule(file="MISC/settings.json", key="info.serial-number")
INI = SerialRule(file="s.ini", key="camera.serial", format=FieldFormat.INI)
BARE_INI = SerialRule(file="s.ini", key="serial", format=FieldFormat.INI)
REGEX = SerialRule(file="v.txt", key=r"^SN[:=](\w+)", format=FieldFormat.REGEX)


@pytest.mark.parametrize(
    "rule,content,serial",
    [
        (JSON, b'{"info": {"serial-number": "BC3-17"}}', "BC3-17"),
        (JSON, b'\xef\xbb\xbf{"info": {"serial-number": 17542}}', "17542"),
        (JSON, b'{"info": {"serial-number": true}}', ""),
        (JSON, b'{"info": ["serial-number"]}', ""),
        (JSON, b"{}", ""),
        (JSON, b"\xff\x00 garbage", ""),
        (JSON, b"[" * 100_000, ""),
        (JSON, b'{"info": {"serial-number": "a\\u001b[2J\\ud800"}}', "a\\u{1b}[2J?"),
        (INI, b'serial=1\r\n[Camera]\r\nSerial = "X9"\r\n', "X9"),
        (INI, b"[gps]\nserial=1\n", ""),
        (BARE_INI, b"[any]\nserial=Y8\n", "Y8"),
        (REGEX, b"BWC\nSN:AB12 \n", "AB12"),
        (REGEX, b"nothing", ""),
    ],
)
def test_a_settings_file_tells_the_serial_or_nothing(rule: SerialRule, content: bytes, serial: str) -> None:
    assert serial_in(rule, content) == serial


@given(st.binary())
def test_no_settings_file_does_harm(content: bytes) -> None:
    for rule in (JSON, INI, BARE_INI, REGEX):
        assert serial_in(rule, content).isprintable()
