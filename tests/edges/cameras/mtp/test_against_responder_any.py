"""Whatever goes wrong at once, is a clip right or refused? All knobs, turned at random."""

from __future__ import annotations

from contextlib import suppress
from typing import TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bwvdock.core.ports import FileStatus
from bwvdock.errors import BwvdockError
from tests.edges.cameras.mtp.rig import CLIP, Docked, camera_with, read
from tests.fakes.mtp import codec
from tests.fakes.mtp.contents import Content, Synthetic, bytes_of
from tests.fakes.mtp.knobs import (
    ALL_OPERATIONS,
    PLAIN_PTP,
    Change,
    Fault,
    Knobs,
    LargeLength,
    Measure,
    Moment,
    Trouble,
    Zlp,
)
from tests.fakes.mtp.record import Record

pytestmark = pytest.mark.slow

OPERATIONS = sorted(ALL_OPERATIONS)
_RESPONSES = b"".join(codec.response(0x2001, tid) for tid in (8, 9, 10, 11, 12, 13, 14)) * 100


class Responses:
    """Footage that looks like responses, to just the transactions that it may come in."""

    size = len(_RESPONSES)

    def fill(self, offset: int, view: memoryview) -> None:
        view[:] = _RESPONSES[offset : offset + len(view)]


_CONTENTS: st.SearchStrategy[Content] = st.one_of(
    st.builds(Synthetic, st.integers(0, 6000)),
    st.builds(Synthetic, st.sampled_from([16_884, 65_524, 65_536, 1_048_564, 1_048_576])),
    st.builds(Responses),
)
_FAULTS = st.builds(
    Fault,
    op=st.one_of(st.just(0x1009), st.sampled_from(OPERATIONS)),
    trouble=st.sampled_from(Trouble),
    at=st.one_of(st.none(), st.integers(0, 7000)),
    code=st.sampled_from([0x2001, 0x2002, 0x2007, 0x2009, 0x2019, 0x1009]),
    times=st.integers(1, 3),
    until=st.sampled_from(Measure),
    skip=st.integers(0, 3),
    count=st.integers(1, 3),
)
_CHANGES = st.builds(
    Change,
    handle=st.just(3),
    moment=st.sampled_from(Moment),
    at=st.integers(0, 7000),
    content=st.builds(Synthetic, st.integers(0, 6000), st.just(7)),
    modified=st.just("20260401T000000"),
    vanishes=st.booleans(),
)
T = TypeVar("T")


def rarely(usual: T, *others: T) -> st.SearchStrategy[T]:
    """One trouble at a time is found out; it is a few together that might be overlooked."""
    return st.integers(0, 7).flatmap(lambda n: st.sampled_from(others) if n == 7 else st.just(usual))


_KNOBS = st.builds(
    Knobs,
    zlp=st.sampled_from(Zlp),
    split_header=rarely(False, True),
    glued_response=rarely(False, True),
    large_length=st.sampled_from(LargeLength),
    unknown_length_always=rarely(False, True),
    length_error=rarely(0, -12, -1, 1, 12, 512),
    data_tid_error=rarely(0, 1),
    response_tid_error=rarely(0, -1),
    stale_responses=rarely(0, 1, 2),
    junk_before_response=rarely(b"", b"\0", b"\0\0\0\0", bytes(12)),
    faults=st.lists(_FAULTS, max_size=2).map(tuple),
    busy=st.dictionaries(st.sampled_from(OPERATIONS), st.integers(1, 3), max_size=2),
    enomem_above=rarely(None, 65_536),
    stalled_writes=rarely(0, 1, 2),
    deaf_writes=rarely(0, 1, 2),
    previous_host_died=rarely(False, True),
    cancel_residue=rarely(0, 512, 5000),
    cancel_halts=rarely(False, True),
    busy_polls=rarely(0, 1, 2),
    status_empty=rarely(False, True),
    operations=st.sampled_from([ALL_OPERATIONS, ALL_OPERATIONS - {0x95C1}, PLAIN_PTP]),
    phantom=st.frozensets(st.sampled_from([0x95C1, 0x101B, 0x9803]), max_size=2),
    samsung_size=rarely(False, True),
    zero_fill_from=rarely(None, 0, 500, 3000),
    changes=st.lists(_CHANGES, max_size=1).map(tuple),
    partial_at_most=rarely(1 << 32, 5000),
    partial_short_by=rarely(0, 1, 2),
    partial_extra=rarely(0, 1, 12),
    partial_claim_error=rarely(0, 1),
    partial_from_start=rarely(False, True),
    partial_wraps=rarely(False, True),
)


@given(
    content=_CONTENTS,
    knobs=_KNOBS,
    packet=st.sampled_from([64, 512, 1024]),
    piece=st.sampled_from([777, 4096, 1 << 20]),
    offset=st.sampled_from([0, 0, 1, 600, 5000]),
)
def test_a_clip_is_right_or_refused(
    content: Content, knobs: Knobs, packet: int, piece: int, offset: int
) -> None:
    camera = camera_with(content, knobs, packet)
    with suppress(BwvdockError):
        (volume,) = Docked(camera=camera).mtp.volumes()
        files = {file.path: file for file in volume.list()}
        if CLIP not in files:  # never left out without a word
            assert any(file.status is not FileStatus.READY for file in files.values())
            return
        data = read(volume, files[CLIP], offset=offset, piece=piece)
        # Compared with what stands there in the end: a change that went unnoticed would show.
        truth = bytes_of(camera.card.find(CLIP).content)[offset:]
        # Windows of zeros that the camera says are right cannot be told from footage.
        assert data == truth or (knobs.zero_fill_from is not None and windows(camera.record))


def windows(record: Record) -> bool:
    return bool({0x95C1, 0x101B} & set(record.ops()))
