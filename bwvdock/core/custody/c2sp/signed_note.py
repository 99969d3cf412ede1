"""How is a text signed by one or more keys, and who signed it?

C2SP signed-note, read at commit 5ba5ee8: a text that ends in a newline, an empty line, then
a line for each signature. A key is known by its name and four bytes of a hash over name, type and public key.
Two types are used here: Ed25519 over the text (0x01), and the cosignature of cosignature.py (0x04).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from bwvdock.core.custody.c2sp.encoding import read_base64, write_base64

ED25519 = 0x01
COSIGNATURE = 0x04
PUBLIC_BYTES = 32
SIGNATURE_BYTES = 64
MOST_SIGNATURES = 64
MOST_NOTE_BYTES = 64 * 1024

_KEY_ID_BYTES = 4
_DASH = "\u2014 "
_LENGTHS = {ED25519: PUBLIC_BYTES, COSIGNATURE: PUBLIC_BYTES}

Sign = Callable[[bytes], bytes]
"""A function: message -> Ed25519 signature (64 bytes) by a key that the function knows."""
Verify = Callable[[bytes, bytes, bytes], bool]
"""A function: (public key, message, signature) -> whether this is its Ed25519 signature (RFC 8032)."""


def check_name(name: str) -> str:
    """Return a key's name if it may be one.

    Raises:
        ValueError: it is empty, has a space or "+", or a character that a note cannot hold.
    """
    if not name or "+" in name or any(c.isspace() or c < " " for c in name):
        raise ValueError("a key's name is not empty and has no space, control character or '+'")
    _in_utf8(name)
    return name


def _in_utf8(text: str) -> bytes:
    """Return a text in UTF-8; a lone surrogate is a UnicodeEncodeError, which is a ValueError."""
    return text.encode("utf-8")


def key_id(name: str, kind: int, public: bytes) -> bytes:
    """Return the four bytes that name a key: the first of SHA-256 over name, newline, type and key."""
    return hashlib.sha256(_in_utf8(name) + b"\n" + bytes([kind]) + public).digest()[:_KEY_ID_BYTES]


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A public key with the name that it signs under, and the type of its signatures.

    `str` gives the text that people exchange: NAME+KEYID+BASE64.
    """

    name: str
    kind: int
    public: bytes

    @property
    def id(self) -> bytes:
        """The key id that its signatures carry."""
        return key_id(self.name, self.kind, self.public)

    def __str__(self) -> str:
        return f"{self.name}+{self.id.hex()}+{write_base64(bytes([self.kind]) + self.public)}"


def read_verifier_key(text: str) -> VerifierKey:
    """Return the key that a text "NAME+KEYID+BASE64" names.

    Raises:
        ValueError: it has another form or type, or its key id is not that of name and key.
    """
    parts = text.split("+", 2)  # the base64 may have a "+" as well
    if len(parts) != 3:
        raise ValueError("a verifier key has the form NAME+KEYID+BASE64")
    name, written_id, material = parts
    octets = read_base64(material)
    kind, public = octets[:1], octets[1:]
    if not kind or len(public) != _LENGTHS.get(kind[0]):
        raise ValueError("a verifier key of another type: only Ed25519 keys (types 0x01 and 0x04) are used")
    key = VerifierKey(check_name(name), kind[0], public)
    if key.id.hex() != written_id:
        raise ValueError(f"the key id {written_id[:16]!r} does not belong to this name and key")
    return key


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature line: whose key, and its bytes."""

    name: str
    key_id: bytes
    octets: bytes

    def __str__(self) -> str:
        """Return the line, with its newline."""
        return f"{_DASH}{self.name} {write_base64(self.key_id + self.octets)}\n"


def read_signature(line: str) -> Signature:
    """Return the signature of a line, which is given without its newline.

    Raises:
        ValueError: it is not a signature line.
    """
    name, space, encoded = line.removeprefix(_DASH).partition(" ")
    if not line.startswith(_DASH) or not space:
        raise ValueError("a signature line has an em dash, a name and a signature")
    octets = read_base64(encoded)
    if len(octets) <= _KEY_ID_BYTES:
        raise ValueError("a signature has a key id of four bytes and at least one byte after it")
    return Signature(check_name(name), octets[:_KEY_ID_BYTES], octets[_KEY_ID_BYTES:])


def read_signatures(text: str) -> tuple[Signature, ...]:
    """Return the signatures of lines that each end in a newline: at least one, and at most 64.

    Raises:
        ValueError: there are none, too many, or something else.
    """
    *lines, rest = text.split("\n", MOST_SIGNATURES)
    if rest or not lines:
        raise ValueError(f"not one to {MOST_SIGNATURES} signature lines, each ending in a newline")
    return tuple(read_signature(line) for line in lines)


@dataclass(frozen=True, slots=True)
class Note:
    """A text, which ends in a newline, with its signatures."""

    text: str
    signatures: tuple[Signature, ...]

    def __str__(self) -> str:
        """Return the note as it is stored and sent (in UTF-8)."""
        return f"{self.text}\n{''.join(map(str, self.signatures))}"


def read_note(octets: bytes) -> Note:
    """Return the note that these bytes are. Nothing is verified yet: the text is not to be believed.

    Raises:
        ValueError: they are not a signed note, or one of more than 64 KiB or 64 signatures.
    """
    if len(octets) > MOST_NOTE_BYTES:
        raise ValueError(f"a note of more than {MOST_NOTE_BYTES} bytes")
    whole = octets.decode("utf-8")
    if any(c < " " and c != "\n" for c in whole):
        raise ValueError("a note has no control characters but newlines")
    text, blank, signatures = whole.rpartition("\n\n")
    if not blank:
        raise ValueError("a note has an empty line before its signatures")
    return Note(text + "\n", read_signatures(signatures))


def sign_note(text: str, key: VerifierKey, sign: Sign) -> Note:
    """Return a text as a note with one signature, by an Ed25519 key (type 0x01)."""
    return Note(text, (Signature(key.name, key.id, sign(_in_utf8(text))),))


def signatures_of(note: Note, key: VerifierKey) -> list[Signature]:
    """Return the signatures that claim to be by this key: by name and key id."""
    return [s for s in note.signatures if s.name == key.name and s.key_id == key.id]


def signers(note: Note, keys: Iterable[VerifierKey], verify: Verify) -> list[VerifierKey]:
    """Return which of these Ed25519 keys (type 0x01) signed the note's text. Other signatures are ignored.

    Raises:
        ValueError: a signature that claims to be by one of the keys is not, so that the note is malformed.
    """
    message = _in_utf8(note.text)
    found = []
    for key in keys:
        claimed = signatures_of(note, key) if key.kind == ED25519 else []
        if not all(
            len(s.octets) == SIGNATURE_BYTES and verify(key.public, message, s.octets) for s in claimed
        ):
            raise ValueError(f"the signature of {key.name} is wrong")
        if claimed:
            found.append(key)
    return found
