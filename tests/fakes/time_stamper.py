"""A time-stamping authority in memory: what it answers is stamped by nobody, and has the right form."""

from __future__ import annotations

_SIGNED_DATA, _TST_INFO = bytes.fromhex("06092a864886f70d010702"), bytes.fromhex("060b2a864886f70d0109100104")


def tlv(tag: int, content: bytes) -> bytes:
    """Return a value in DER."""
    length = len(content)
    size = bytes([length]) if length < 0x80 else b"\x82" + length.to_bytes(2, "big")
    return bytes([tag]) + size + content


def answer(info: bytes) -> bytes:
    """Return an answer (TimeStampResp) that states the fields of a TSTInfo, signed by nobody."""
    wrapped = tlv(0x30, _TST_INFO + tlv(0xA0, tlv(4, tlv(0x30, info))))
    signed = tlv(0x30, tlv(2, b"\3") + tlv(0x31, b"") + wrapped)
    return tlv(0x30, tlv(0x30, tlv(2, b"\0")) + tlv(0x30, _SIGNED_DATA + tlv(0xA0, signed)))


class FakeTimeStamper:
    """The TimeStamper port."""

    def __init__(self) -> None:
        self.asked: list[bytes] = []

    def stamp(self, query: bytes) -> bytes:
        self.asked.append(query)
        imprint, nonce = query[5:56], query[56:-3]
        info = tlv(2, b"\1") + bytes.fromhex("0603550401") + imprint + tlv(2, b"\1")
        return answer(info + tlv(0x18, b"20260314101500Z") + nonce)
