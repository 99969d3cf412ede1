"""How is a time-stamping authority asked, and what does its answer say?

RFC 3161, in DER: a request for a SHA-256 digest, and of the answer what it stamps and when. Who signed it is
not checked here: `openssl ts -verify` does that, for anybody who relies on a time stamp.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime

MOST_BYTES = 64 * 1024
"""The largest answer that is read: ours have a few certificates in them, some 6 KiB."""

_INTEGER, _OCTETS, _OID, _SEQUENCE, _SET, _CONTEXT_0 = 0x02, 0x04, 0x06, 0x30, 0x31, 0xA0
_BOOLEAN_TRUE = b"\x01\x01\xff"
_DIGEST_BYTES = 32
_MOST_POLICY_BYTES, _MOST_SERIAL_BYTES = 64, 64  # RFC 3161 asks for serial numbers of 20 bytes
# What may follow the time, in this order: accuracy, ordering, nonce, the authority's name, extensions.
_AFTER_TIME = (0x30, 0x01, 0x02, 0xA0, 0xA1)
_TIME = re.compile(r"([0-9]{14})(\.[0-9]{1,20})?Z", re.ASCII)
_SHA256 = bytes.fromhex("300d06096086480165030402010500")  # AlgorithmIdentifier: id-sha256, NULL
_SIGNED_DATA = bytes.fromhex("2a864886f70d010702")
_TST_INFO = bytes.fromhex("2a864886f70d0109100104")
_GENERALIZED_TIME = 0x18
_GRANTED = frozenset({0, 1})  # granted, granted with modifications


@dataclass(frozen=True, slots=True)
class TimeStamp:
    """What an authority states: that the digest existed at `time` (UTC). `nonce`: None where it has none."""

    digest: bytes
    time: datetime
    nonce: int | None


def query(content: bytes, nonce: int) -> bytes:
    """Return the request (TimeStampReq) that the SHA-256 digest of these bytes be stamped.

    The authority is asked to put its certificate into the answer, so that it can be checked years later.
    """
    imprint = _tlv(_SEQUENCE, _SHA256 + _tlv(_OCTETS, hashlib.sha256(content).digest()))
    return _tlv(_SEQUENCE, _integer(1) + imprint + _integer(nonce) + _BOOLEAN_TRUE)


def read_answer(answer: bytes) -> TimeStamp:
    """Return what an answer (TimeStampResp) states about a SHA-256 digest; whose it is, the caller compares.

    Raises:
        ValueError: it is not one, or nothing was stamped.
    """
    if len(answer) > MOST_BYTES:
        raise ValueError(f"an answer of more than {MOST_BYTES} bytes")
    parts = _items(_only(answer, _SEQUENCE))
    status = _number(_items(_of(parts, 0, _SEQUENCE))[0])
    if status not in _GRANTED:
        raise ValueError(f"the authority did not grant it (status {status})")
    content = _items(_of(parts, 1, _SEQUENCE))
    if _of(content, 0, _OID) != _SIGNED_DATA:
        raise ValueError("its token is not signed data")
    signed = _items(_only(_of(content, 1, _CONTEXT_0), _SEQUENCE))
    wrapped = _items(_of(signed, 2, _SEQUENCE))
    if _of(wrapped, 0, _OID) != _TST_INFO:
        raise ValueError("what is signed is not a time stamp")
    return _stated(_items(_only(_only(_of(wrapped, 1, _CONTEXT_0), _OCTETS), _SEQUENCE)))


def _stated(info: list[tuple[int, bytes]]) -> TimeStamp:
    """Return what a TSTInfo (RFC 3161, section 2.4.2) states; each of its fields in its place, none twice."""
    if _number(info[0]) != 1:
        raise ValueError("its time stamp is of an unknown version")
    if not 0 < len(_of(info, 1, _OID)) <= _MOST_POLICY_BYTES:
        raise ValueError("it names no policy, or one that is too long")
    digest = _digest(_items(_of(info, 2, _SEQUENCE)))
    if not 0 < len(_of(info, 3, _INTEGER)) <= _MOST_SERIAL_BYTES:
        raise ValueError("it has no serial number, or one that is too long")
    time = _time(_of(info, 4, _GENERALIZED_TIME).decode("ascii"))
    after = dict(info[5:])
    if [tag for tag, _ in info[5:]] != [tag for tag in _AFTER_TIME if tag in after]:
        raise ValueError("what follows its time is not what RFC 3161 says")
    nonce = _number((_INTEGER, after[_INTEGER])) if _INTEGER in after else None
    return TimeStamp(digest, time, nonce)


def _digest(imprint: list[tuple[int, bytes]]) -> bytes:
    algorithm = _of(imprint, 0, _SEQUENCE)
    digest = _of(imprint, 1, _OCTETS)
    known = {_SHA256[2:], _SHA256[2:-2]}  # with and without the NULL, which RFC 5754 allows to leave out
    if algorithm not in known or len(digest) != _DIGEST_BYTES or len(imprint) != 2:
        raise ValueError("it does not stamp a SHA-256 digest")
    return digest


def _time(text: str) -> datetime:
    found = _TIME.fullmatch(text)
    if found is None:
        raise ValueError("its time is not in UTC")
    return datetime.strptime(found[1], "%Y%m%d%H%M%S").replace(tzinfo=UTC)


# --- DER: tag, length, content ---


def _tlv(tag: int, content: bytes) -> bytes:
    length = len(content)
    if length < 0x80:
        return bytes([tag, length]) + content
    size = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(size)]) + size + content


def _integer(number: int) -> bytes:
    return _tlv(_INTEGER, number.to_bytes(number.bit_length() // 8 + 1, "big", signed=True))


def _number(item: tuple[int, bytes]) -> int:
    if item[0] != _INTEGER or not item[1]:
        raise ValueError("not a number where one belongs")
    return int.from_bytes(item[1], "big", signed=True)


def _items(octets: bytes) -> list[tuple[int, bytes]]:
    """Return the tags and contents that follow each other."""
    found, at = [], 0
    while at < len(octets):
        tag, content, at = _read(octets, at)
        found.append((tag, content))
    if not found:
        raise ValueError("an empty sequence")
    return found


def _read(octets: bytes, at: int) -> tuple[int, bytes, int]:
    head = octets[at : at + 2]
    if len(head) < 2 or head[0] & 0x1F == 0x1F or head[1] == 0x80:
        raise ValueError("not DER")
    at, length = at + 2, head[1]
    if length > 0x80:
        count = length & 0x7F
        length, at = int.from_bytes(octets[at : at + count], "big"), at + count
    if at + length > len(octets):
        raise ValueError("it ends too early")
    return head[0], octets[at : at + length], at + length


def _only(octets: bytes, tag: int) -> bytes:
    """Return the content of the one item that these bytes are.

    Raises:
        ValueError: they are something else.
    """
    items = _items(octets)
    if len(items) != 1:
        raise ValueError("more than one item where one belongs")
    return _of(items, 0, tag)


def _of(items: list[tuple[int, bytes]], at: int, tag: int) -> bytes:
    """Return the content of an item, which must have this tag.

    Raises:
        ValueError: it has another, or is missing.
    """
    if at >= len(items) or items[at][0] != tag:
        raise ValueError("it does not have the form of an answer by RFC 3161")
    return items[at][1]
