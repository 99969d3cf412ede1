"""Are notes read and signed as others do it, and does nothing else pass for one?"""

from __future__ import annotations

from base64 import b64decode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bwvdock.core.custody.c2sp.signed_note import (
    ED25519,
    MOST_SIGNATURES,
    Note,
    Signature,
    VerifierKey,
    check_name,
    read_note,
    read_signatures,
    read_verifier_key,
    sign_note,
    signers,
)
from bwvdock.edges import ed25519
from tests.core.custody.c2sp.keys import ORIGIN, log_key, signer, witness_key

# From golang.org/x/mod/sumdb/note, note_test.go (BSD 3-Clause): a key pair, and a note signed with it.
GO_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
GO_SEED = b64decode("AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz")[1:]
GO_TEXT = (
    "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
)
GO_NOTE = (
    GO_TEXT + "\n\u2014 PeterNeumann "
    "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)
# From C2SP signed-note at commit 5ba5ee8 (CC BY 4.0).
SPEC_KEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
SPEC_NOTE = (
    "This is an example message.\n\n\u2014 example.com/foo "
    "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n"
)
SPEC_ITALIAN = (
    "Ognuno sta solo sul cuor della terra\ntrafitto da un raggio di sole:\n\ned è subito sera.\n\n"
    "\u2014 quasimodo.example/salvatore "
    "NnugSzTjtVAewIS+Z/iJhUPeFDkO/5QQ2i5ddnGITLlC+EhfLW9oJKONrMouFSQU0xMcXxj99ihAQwaqP3ZekRwNtIc=\n"
)
PUBLISHED_KEYS = [
    GO_KEY,
    SPEC_KEY,
    "EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop",
    "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8",
]


@pytest.mark.parametrize("key,note", [(GO_KEY, GO_NOTE), (SPEC_KEY, SPEC_NOTE)])
def test_published_notes_are_verified(key: str, note: str) -> None:
    parsed = read_note(note.encode())
    assert str(parsed) == note
    assert signers(parsed, [read_verifier_key(key)], ed25519.verify) == [read_verifier_key(key)]
    other = Note(parsed.text.replace("i", "l", 1), parsed.signatures)
    with pytest.raises(ValueError, match="is wrong"):
        signers(other, [read_verifier_key(key)], ed25519.verify)


def test_a_note_is_signed_byte_for_byte_as_go_does() -> None:
    note = sign_note(GO_TEXT, read_verifier_key(GO_KEY), lambda message: ed25519.sign(GO_SEED, message))
    assert str(note) == GO_NOTE


def test_a_text_may_have_empty_lines() -> None:
    note = read_note(SPEC_ITALIAN.encode())
    assert note.text.endswith(":\n\ned è subito sera.\n")
    assert [s.name for s in note.signatures] == ["quasimodo.example/salvatore"]


@pytest.mark.parametrize("text", PUBLISHED_KEYS)
def test_published_keys_are_read_and_written(text: str) -> None:
    assert str(read_verifier_key(text)) == text


def test_no_part_of_a_key_passes_for_a_key_and_no_other_character_does() -> None:
    size = len(GO_KEY)
    parts = {GO_KEY[i:j] for i in range(size) for j in range(i, size + 1)} - {GO_KEY}
    others = {GO_KEY[:i] + chr(ord(GO_KEY[i]) + 1) + GO_KEY[i + 1 :] for i in range(size)}
    for text in parts | others | {GO_KEY.upper(), GO_KEY + "=", GO_KEY.replace("+c", "+C")}:
        with pytest.raises(ValueError, match=r"key|base64"):
            read_verifier_key(text)


@pytest.mark.parametrize("kind", [0x00, 0x02, 0x05, 0x06, 0xFF])
def test_keys_of_other_types_are_refused(kind: int) -> None:
    with pytest.raises(ValueError, match="another type"):
        read_verifier_key(str(VerifierKey("a", kind, bytes(32))))


@pytest.mark.parametrize(
    "name", ["", "a b", "a+b", "a\u00a0b", "a\u2003b", "a\tb", "a\nb", "a\x00", "\ud800"]
)
def test_what_is_not_a_name_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match=r"name|surrogate"):
        check_name(name)


MANGLED = {
    "nothing": b"",
    "no signatures": GO_TEXT.encode(),
    "no empty line": GO_NOTE.replace("\n\n", "\n").encode(),
    "an empty line at the end": GO_NOTE.encode() + b"\n",
    "no newline at the end": GO_NOTE.encode()[:-1],
    "a hyphen": GO_NOTE.replace("\u2014", "-").encode(),
    "two spaces": GO_NOTE.replace("PeterNeumann ", "PeterNeumann  ").encode(),
    "no name": GO_NOTE.replace("PeterNeumann ", " ").encode(),
    "only a key id": (GO_TEXT + "\n\u2014 PeterNeumann x08gow==\n").encode(),
    "base64 that ends in other bits": GO_NOTE.replace("JnAM=", "JnAN=").encode(),
    "base64 without padding": GO_NOTE.replace("JnAM=", "JnAM").encode(),
    "a control character": GO_NOTE.replace("think", "th\x1bnk").encode(),
    "a carriage return": GO_NOTE.replace("\n", "\r\n").encode(),
    "not UTF-8": b"\xff" + GO_NOTE.encode(),
    "a surrogate": b"\xed\xa0\x80" + GO_NOTE.encode(),
    "something after the signatures": GO_NOTE.encode() + b"more\n",
    "too many signatures": (GO_TEXT + "\n" + (MOST_SIGNATURES + 1) * "\u2014 a AAAAAAA=\n").encode(),
    "too long": b"a" * 70_000 + GO_NOTE.encode(),
}


@pytest.mark.parametrize("octets", MANGLED.values(), ids=MANGLED)
def test_what_is_not_a_note_is_refused(octets: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_note(octets)


def test_as_many_signatures_as_allowed_are_read() -> None:
    assert len(read_signatures(MOST_SIGNATURES * "\u2014 a AAAAAAA=\n")) == MOST_SIGNATURES


@given(
    st.binary(max_size=300)
    | st.text().map(lambda t: f"{t}\n\n\u2014 a AAAAAAA=\n".encode("utf-8", "replace"))
)
def test_any_bytes_are_a_note_that_is_written_the_same_or_refused(octets: bytes) -> None:
    try:
        note = read_note(octets)
    except ValueError:
        return
    assert str(note).encode() == octets


@given(st.text())
def test_any_text_is_a_key_that_is_written_the_same_or_refused(text: str) -> None:
    try:
        key = read_verifier_key(text)
    except ValueError:
        return
    assert str(key) == text


def test_signatures_of_unknown_keys_are_ignored_even_if_the_name_or_the_id_is_known() -> None:
    key, text = log_key(), "a text\n"
    good = sign_note(text, key, signer(1)).signatures[0]
    same_name = Signature(key.name, b"abcd", bytes(64))
    same_id = Signature("other", key.id, bytes(64))
    short = Signature(key.name, b"abcd", b"x")
    assert signers(Note(text, (same_name, same_id, short, good)), [key], ed25519.verify) == [key]
    assert signers(Note(text, (same_name, same_id)), [key], ed25519.verify) == []


@pytest.mark.parametrize("wrong", [bytes(64), b"x", bytes(72)])
def test_one_wrong_signature_of_a_known_key_makes_the_note_malformed(wrong: bytes) -> None:
    key, text = log_key(), "a text\n"
    good = sign_note(text, key, signer(1)).signatures[0]
    for order in ((good, Signature(key.name, key.id, wrong)), (Signature(key.name, key.id, wrong), good)):
        with pytest.raises(ValueError, match="is wrong"):
            signers(Note(text, order), [key], ed25519.verify)


def test_a_witness_key_signs_no_note() -> None:
    key = witness_key()
    note = sign_note("a text\n", key, signer(2))
    assert signers(note, [key], ed25519.verify) == []
    assert signers(note, [VerifierKey(key.name, ED25519, key.public)], ed25519.verify) == []
    assert key.id != VerifierKey(key.name, ED25519, key.public).id
    assert log_key().name == ORIGIN
