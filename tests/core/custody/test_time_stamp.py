"""Is an answer of a time-stamping authority believed only if it is about what was asked?"""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bwvdock.core.custody.checkpoints import StoredCheckpoint
from bwvdock.core.custody.time_stamp import read_answer
from bwvdock.errors import DestinationUnavailableError
from bwvdock.upkeep.messages import CheckpointStamped
from bwvdock.upkeep.time_stamps import StampCheckpoint
from tests.fakes.time_stamper import FakeTimeStamper, answer, tlv

NOTE = "a note\n"
DIGEST = hashlib.sha256(NOTE.encode()).digest()
NONCE = 2**63 + 5
SHA256 = bytes.fromhex("300d06096086480165030402010500")
SHA384 = bytes.fromhex("300d06096086480165030402020500")
HONEST = {
    "version": tlv(2, b"\1"),
    "policy": bytes.fromhex("0603550401"),
    "imprint": tlv(0x30, SHA256 + tlv(4, DIGEST)),
    "serial": tlv(2, b"\1"),
    "time": tlv(0x18, b"20260314101500Z"),
    "nonce": tlv(2, b"\0" + NONCE.to_bytes(8, "big")),
}


class Fixed:
    """An authority that answers the same to whatever it is asked."""

    def __init__(self, token: bytes) -> None:
        self.token = token

    def stamp(self, _: bytes) -> bytes:
        return self.token


def believed(token: bytes) -> bool:
    checkpoint = StoredCheckpoint(size=1, root=bytes(32), note=NOTE, made_at="")
    asking = StampCheckpoint(checkpoint, Fixed(token), nonce=lambda _: NONCE)
    try:
        found = asking.work(lambda _: None)
    except DestinationUnavailableError:
        return False
    assert found == CheckpointStamped(size=1, token=token)
    return True


def token(**changes: bytes) -> bytes:
    return answer(b"".join((HONEST | changes).values()))


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {
            "imprint": tlv(
                0x30, SHA256.replace(b"\x05\0", b"").replace(b"\x30\x0d", b"\x30\x0b") + tlv(4, DIGEST)
            )
        },
        {"time": tlv(0x18, b"20260314101500.123Z")},
        {"time": HONEST["time"] + tlv(0x30, tlv(2, b"\1")) + tlv(1, b"\xff")},
        {"nonce": HONEST["nonce"] + tlv(0xA0, b"x") + tlv(0xA1, b"y")},
    ],
)
def test_an_honest_answer_is_believed(changes: dict[str, bytes]) -> None:
    assert believed(token(**changes))


@pytest.mark.parametrize(
    "changes",
    [
        {"imprint": tlv(0x30, SHA256 + tlv(4, b""))},
        {"imprint": tlv(0x30, SHA256 + tlv(4, DIGEST[:31]))},
        {"imprint": tlv(0x30, SHA256 + tlv(4, DIGEST[1:] + tlv(2, b"")[:1]))},
        {"imprint": tlv(0x30, SHA256 + tlv(4, bytes(32)))},
        {"imprint": tlv(0x30, SHA384 + tlv(4, DIGEST))},
        {"imprint": tlv(0x30, SHA256 + tlv(4, DIGEST) * 2)},
        {"version": tlv(2, b"\2")},
        {"policy": b""},
        {"policy": tlv(6, b"")},
        {"policy": tlv(6, bytes(1000))},
        {"serial": tlv(2, bytes(1000))},
        {"time": tlv(0x18, b"2026031410150Z")},
        {"time": tlv(0x18, b"20260314101500+0100")},
        {"nonce": b""},
        {"nonce": tlv(2, b"\5")},
        {"nonce": HONEST["nonce"] * 2},
        {"nonce": HONEST["nonce"] + tlv(0x30, b"late")},
    ],
)
def test_an_answer_that_is_not_about_what_was_asked_is_refused(changes: dict[str, bytes]) -> None:
    assert not believed(token(**changes))


def test_nothing_may_follow_an_answer() -> None:
    assert not believed(token() + b"\0\0")


@given(st.data())
def test_whatever_is_answered_is_refused_or_is_found_right_for_ever(data: st.DataObject) -> None:
    honest = token()
    if data.draw(st.booleans()):
        given = data.draw(st.binary(max_size=300))
    else:
        changed = bytearray(honest)
        for _ in range(data.draw(st.integers(1, 3))):
            changed[data.draw(st.integers(0, len(changed) - 1))] = data.draw(st.integers(0, 255))
        given = bytes(changed[: data.draw(st.integers(0, len(changed)))])
    if believed(given):
        stated = read_answer(given)
        assert (stated.digest, stated.nonce) == (DIGEST, NONCE)


def test_the_fake_is_believed() -> None:
    checkpoint = StoredCheckpoint(size=1, root=bytes(32), note=NOTE, made_at="")
    assert StampCheckpoint(checkpoint, FakeTimeStamper()).work(lambda _: None).token
