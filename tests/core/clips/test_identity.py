"""Is the same file known again, and every other told from it?"""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bwvdock.core.clips.identity import identity, make_id
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


@given(st.integers(0, 2**50 - 2), st.binary(min_size=5, max_size=5), st.binary(min_size=5, max_size=5))
def test_ids_sort_by_time(unix_ms: int, one: bytes, other: bytes) -> None:
    assert make_id(unix_ms, one) < make_id(unix_ms + 1, other)


@given(st.integers(0, 2**50 - 1), st.binary(min_size=5, max_size=5), st.binary(min_size=5, max_size=5))
def test_ids_of_one_moment_differ_by_their_randomness(unix_ms: int, one: bytes, other: bytes) -> None:
    assert (make_id(unix_ms, one) == make_id(unix_ms, other)) == (one == other)


def test_an_id_has_18_digits_that_nobody_mistakes() -> None:
    made = make_id(2**50 - 1, b"\xff" * 5)
    assert made == "z" * 18
    assert make_id(0, bytes(5)) == "0" * 18
    assert not set("ilou") & set("".join(make_id(n, bytes([n] * 5)) for n in range(256)))
