"""Are checkpoints and cosignatures read and made as the specifications say, and nothing else?"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bwvdock.core.custody.c2sp.checkpoint import (
    Checkpoint,
    read_checkpoint,
    read_signed_checkpoint,
    sign_checkpoint,
)
from bwvdock.core.custody.c2sp.cosignature import (
    cosign,
    cosignatures,
    message,
    read_time,
    verify_cosignature,
)
from bwvdock.core.custody.c2sp.signed_note import Note, Signature, VerifierKey
from bwvdock.edges import ed25519
from tests.core.custody.c2sp.keys import ORIGIN, log_key, signer, witness_key

# From C2SP tlog-cosignature at commit 5ba5ee8 (CC BY 4.0); the keys are not published.
SPEC = (
    "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n"
    "\u2014 example.com/behind-the-sofa "
    "Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
    "\u2014 witness.example.com/w1 "
    "jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n"
)
HEAD = Checkpoint(ORIGIN, 7, bytes(range(32)))


def test_the_example_of_the_specification_is_read() -> None:
    signed = read_signed_checkpoint(SPEC.encode())
    assert signed.checkpoint.origin == "example.com/behind-the-sofa"
    assert signed.checkpoint.size == 20852163
    assert str(signed.note) == SPEC
    assert read_time(signed.note.signatures[1]) == 1679315147
    assert message(signed.note.text, 1679315147) == (
        b"cosignature/v1\ntime 1679315147\nexample.com/behind-the-sofa\n20852163\n"
        b"CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
    )


def test_a_checkpoint_is_signed_in_the_name_of_its_origin_only() -> None:
    assert (
        read_signed_checkpoint(str(sign_checkpoint(HEAD, log_key(), signer(1))).encode()).checkpoint == HEAD
    )
    with pytest.raises(ValueError, match="does not sign for"):
        sign_checkpoint(HEAD, log_key(name="other"), signer(1))


def test_lines_that_others_add_are_kept_because_signatures_cover_them() -> None:
    text = str(HEAD) + "one more\n"
    assert read_checkpoint(text).extensions == ("one more",)
    assert str(read_checkpoint(text)) == text


ROOT = str(HEAD).split("\n")[2]
MANGLED = [
    "",
    "\n\n\n",
    f"o\n7\n{ROOT}",
    f"o\n7\n{ROOT}\n\n",
    f"\n7\n{ROOT}\n",
    "o\n7\n",
    f"o\n07\n{ROOT}\n",
    f"o\n+7\n{ROOT}\n",
    f"o\n-7\n{ROOT}\n",
    f"o\n7 \n{ROOT}\n",
    f"o\n\u0667\n{ROOT}\n",
    f"o\n{2**63}\n{ROOT}\n",
    f"o\n{10**4000}\n{ROOT}\n",
    f"o\n7\n{ROOT[:-1]}\n",
    "o\n7\nAAAA\n",
    f"o\n7\n{ROOT}\n\nx\n",
]


@pytest.mark.parametrize("text", MANGLED)
def test_what_is_not_a_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_checkpoint(text)


@given(st.text() | st.lists(st.sampled_from(["o", "0", "7", ROOT, "", "\n", " "])).map("\n".join))
def test_any_text_is_a_checkpoint_that_is_written_the_same_or_refused(text: str) -> None:
    try:
        head = read_checkpoint(text)
    except ValueError:
        return
    assert str(head) == text


def _note(*lines: Signature) -> Note:
    return Note(str(HEAD), (*sign_checkpoint(HEAD, log_key(), signer(1)).signatures, *lines))


def test_a_cosignature_is_verified_with_its_time() -> None:
    line = cosign(str(HEAD), witness_key(), 1_800_000_000, signer(2))
    made = verify_cosignature(str(HEAD), line, witness_key(), ed25519.verify)
    assert (made.key, made.time) == (witness_key(), 1_800_000_000)
    assert cosignatures(_note(line), [witness_key()], ed25519.verify) == [made]


def _wrong_lines() -> dict[str, Signature]:
    key = witness_key()
    good = cosign(str(HEAD), key, 1_800_000_000, signer(2))
    later = (1_800_000_001).to_bytes(8, "big") + good.octets[8:]
    other_head = Checkpoint(HEAD.origin, 8, HEAD.root)
    other_log = Checkpoint("another.example/log", HEAD.size, HEAD.root)
    return {
        "another time than was signed": Signature(key.name, key.id, later),
        "time zero": Signature(key.name, key.id, bytes(8) + signer(2)(message(str(HEAD), 0))),
        "a time beyond all": Signature(key.name, key.id, b"\xff" * 8 + good.octets[8:]),
        "without a time": Signature(key.name, key.id, signer(2)(str(HEAD).encode())),
        "longer": Signature(key.name, key.id, good.octets + b"\x00"),
        "of another checkpoint": cosign(str(other_head), key, 1_800_000_000, signer(2)),
        "of another log": cosign(str(other_log), key, 1_800_000_000, signer(2)),
        "by another key": Signature(key.name, key.id, cosign(str(HEAD), key, 1, signer(3)).octets),
    }


@pytest.mark.parametrize("name", _wrong_lines())
def test_a_wrong_cosignature_is_told_and_does_not_spoil_the_others(name: str) -> None:
    other, told = witness_key(4, "witness.example.org/second"), []
    note = _note(_wrong_lines()[name], cosign(str(HEAD), other, 5, signer(4)))
    found = cosignatures(note, [witness_key(), other], ed25519.verify, lambda key, _: told.append(key))
    assert [made.key for made in found] == [other]
    assert told == [witness_key()]


def test_of_several_cosignatures_by_one_key_the_latest_counts() -> None:
    lines = [cosign(str(HEAD), witness_key(), time, signer(2)) for time in (5, 9, 7)]
    assert [made.time for made in cosignatures(_note(*lines), [witness_key()], ed25519.verify)] == [9]


def test_only_keys_for_cosignatures_cosign() -> None:
    with pytest.raises(ValueError, match="0x04"):
        cosign(str(HEAD), log_key(), 5, signer(1))
    with pytest.raises(ValueError, match="0x04"):
        cosign(str(HEAD), witness_key(), 0, signer(2))
    line = Signature(ORIGIN, log_key().id, bytes(72))
    with pytest.raises(ValueError, match="not a cosignature"):
        verify_cosignature(str(HEAD), line, log_key(), ed25519.verify)


def test_the_log_s_own_signature_is_not_a_cosignature_by_the_same_key() -> None:
    same = VerifierKey(ORIGIN, 0x04, log_key().public)
    assert cosignatures(_note(), [same], ed25519.verify) == []
