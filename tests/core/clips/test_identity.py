"""Is the same file known again, and every other told from it?"""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bwvdock.core.clips.identity import ID_BYTES, ID_FORM, identity, made_at, make_id
from bwvdock.core.facts import SourceFile
from bwvdock.core.facts.clip import BY_CONTENT, BY_VOLUME

FILE = SourceFile(path="DCIM/100/A.MP4", size=5, mtime_ns=7, fingerprint="f1", volume="lun0")


def test_the_same_file_docked_again_is_the_same() -> None:
    again = SourceFile(path="DCIM/100/A.MP4", size=5, mtime_ns=7, fingerprint="f1", volume="lun0")
    assert identity("CAM-17", FILE) == identity("CAM-17", again)
    assert len(bytes.fromhex(identity("CAM-17", FILE))) == 32


@pytest.mark.parametrize(
    "other",
    [
        replace(FILE, path="DCIM/100/B.MP4"),
        replace(FILE, size=6),
        replace(FILE, mtime_ns=8),
        replace(FILE, fingerprint="f2"),
        replace(FILE, volume="lun1"),
    ],
)
def test_anything_that_differs_makes_another_clip(other: SourceFile) -> None:
    assert identity("CAM-17", other) != identity("CAM-17", FILE)


# As the first version computed it.
BEFORE = "b82969c1447b8ec7902277f26e552dd7ff3b5084963a8f06f37d655edafc74b3"


def test_a_file_is_the_same_in_whichever_slot_its_card_is() -> None:
    elsewhere = replace(FILE, volume="lun1")
    assert identity("CAM-17", elsewhere, BY_CONTENT) == identity("CAM-17", FILE, BY_CONTENT)
    assert identity("CAM-17", FILE, BY_CONTENT) != identity("CAM-17", FILE, BY_VOLUME)


def test_a_file_whose_ends_were_not_read_is_told_from_its_like_by_the_volume() -> None:
    one, other = (replace(FILE, fingerprint="", volume=volume) for volume in ("lun0", "lun1"))
    assert identity("CAM-17", one, BY_CONTENT) != identity("CAM-17", other, BY_CONTENT)
    assert identity("CAM-17", one, BY_CONTENT) == identity("CAM-17", one, BY_VOLUME)


def test_entries_of_earlier_versions_keep_their_identity() -> None:
    assert identity("CAM-17", FILE) == identity("CAM-17", FILE, BY_VOLUME) == BEFORE


def test_two_cameras_with_the_same_file_are_told_apart() -> None:
    assert identity("CAM-17", FILE) != identity("CAM-18", FILE)


def test_a_time_beyond_2_to_the_53_still_has_an_identity() -> None:
    late = replace(FILE, mtime_ns=2**63)
    assert identity("CAM-17", late) != identity("CAM-17", replace(FILE, mtime_ns=2**63 + 1))


RANDOM = st.binary(min_size=ID_BYTES, max_size=ID_BYTES)
OLD = st.text("0123456789abcdefghjkmnpqrstvwxyz", min_size=8, max_size=8)


@given(st.integers(0, 2**50 - 2), RANDOM, RANDOM)
def test_ids_sort_by_time(unix_ms: int, one: bytes, other: bytes) -> None:
    assert make_id(unix_ms, one) < make_id(unix_ms + 1, other)


@given(st.integers(0, 2**50 - 1), RANDOM, RANDOM)
def test_ids_of_one_moment_differ_by_their_randomness(unix_ms: int, one: bytes, other: bytes) -> None:
    assert (make_id(unix_ms, one) == make_id(unix_ms, other)) == (one == other)


def test_an_id_has_26_digits_that_nobody_mistakes() -> None:
    made = make_id(2**50 - 1, b"\xff" * ID_BYTES)
    assert made == "z" * 26
    assert make_id(0, bytes(ID_BYTES)) == "0" * 26
    assert not set("ilou") & set("".join(make_id(n, bytes([n] * ID_BYTES)) for n in range(256)))


@given(st.integers(0, 2**50 - 1), RANDOM)
def test_an_id_has_80_random_bits_and_tells_its_time_alone(unix_ms: int, randomness: bytes) -> None:
    made = make_id(unix_ms, randomness)
    assert made_at(made) == unix_ms
    assert made[:10] == make_id(unix_ms, bytes(ID_BYTES))[:10]
    for bit in range(8 * ID_BYTES):
        other = (int.from_bytes(randomness, "big") ^ (1 << bit)).to_bytes(ID_BYTES, "big")
        assert make_id(unix_ms, other) != made


@given(st.integers(0, 2**50 - 2), RANDOM, OLD)
def test_ids_of_earlier_versions_sort_with_the_new_ones_by_time(
    unix_ms: int, randomness: bytes, old: str
) -> None:
    before, after = (make_id(ms, randomness)[:10] + old for ms in (unix_ms, unix_ms + 1))
    assert made_at(before) == unix_ms
    for made in (before, make_id(unix_ms, randomness)):
        assert re.fullmatch(ID_FORM, made)
        assert not re.fullmatch(ID_FORM, made[:-1])
    assert before < make_id(unix_ms + 1, randomness)
    assert make_id(unix_ms, randomness) < after


@pytest.mark.parametrize("length", [0, 5, 9, 11])
def test_an_id_with_less_randomness_is_never_made(length: int) -> None:
    with pytest.raises(ValueError, match="10 random bytes"):
        make_id(0, bytes(length))
