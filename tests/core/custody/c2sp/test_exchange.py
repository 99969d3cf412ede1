"""Are requests to a witness, its answers and proofs for third parties read strictly?"""

from __future__ import annotations

from base64 import b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bwvdock.core.custody.c2sp.checkpoint import Checkpoint, sign_checkpoint
from bwvdock.core.custody.c2sp.cosignature import cosign
from bwvdock.core.custody.c2sp.submission import (
    MOST_PROOF_LINES,
    Submission,
    read_cosignature_lines,
    read_size_answer,
    read_submission,
    size_answer,
)
from bwvdock.core.custody.c2sp.tlog_proof import TlogProof, read_tlog_proof
from bwvdock.core.custody.inclusion_proofs import inclusion_proof
from bwvdock.core.custody.merkle import leaf_hash
from tests.core.custody.c2sp.keys import ORIGIN, log_key, signer, witness_key
from tests.core.custody.test_inclusion_proofs import by_definition, leaf_of, tiles

NODE = b64encode(bytes(range(32))).decode()
HEAD = Checkpoint(ORIGIN, 7, by_definition(0, 7))
SIGNED = str(sign_checkpoint(HEAD, log_key(), signer(1))).encode()

# From C2SP tlog-witness at commit 5ba5ee8 (CC BY 4.0).
SPEC_REQUEST = (
    "old 20852014\n"
    "PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=\n"
    "jrJZDmY8Y7SyJE0MWLpLozkIVMSMZcD5kvuKxPC3swk=\n"
    "5+pKlUdi2LeF/BcMHBn+Ku6yhPGNCswZZD1X/6QgPd8=\n"
    "/6WVhPs2CwSsb5rYBH5cjHV/wSmA79abXAwhXw3Kj/0=\n"
    "\n"
    "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
    "\n"
    "\u2014 example.com/behind-the-sofa "
    "Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
).encode()
SPEC_ANSWER = (
    "\u2014 witness.example/w1 "
    "CMp+6LWBU0anHGH5aNDTJkH/gj79sG+T6+iP2ThYN5krrDJbR1HDnucjL39QsZTSvVjyQLrdk3DXDqI5G2HgLatVs0pWh6Up69HVOw==\n"
    "\u2014 witness.example/w2 "
    "AWui8Sk55XjYLOijihBjhqEH6nS1ndDymE0a+6idX7pLcnoB+dhnz0854aLZgrrKbYKA7nC3HNJhm/kWl7oJlqU3rXXvpysAdyP3wQ==\n"
).encode()


def test_the_examples_of_the_specification_are_read() -> None:
    submission = read_submission(SPEC_REQUEST)
    assert (submission.old, len(submission.proof)) == (20852014, 4)
    assert submission.encoded() == SPEC_REQUEST
    assert [line.name for line in read_cosignature_lines(SPEC_ANSWER)] == [
        "witness.example/w1",
        "witness.example/w2",
    ]


MANGLED_REQUESTS = [
    b"",
    b"old 0\n",
    b"old 0\n\n"[:-1],
    b"old 00\n\n" + SIGNED,
    b"old -1\n\n" + SIGNED,
    b"old  1\n\n" + SIGNED,
    b"OLD 1\n\n" + SIGNED,
    b"old 1\r\n\r\n" + SIGNED,
    b"\nold 1\n\n" + SIGNED,
    b"old 9223372036854775808\n\n" + SIGNED,
    b"old 1\nAAAA\n\n" + SIGNED,
    b"old 1\n " + NODE.encode() + b"\n\n" + SIGNED,
    b"old 1\n" + (MOST_PROOF_LINES + 1) * f"{NODE}\n".encode() + b"\n" + SIGNED,
    b"old 1\n" + 100_000 * b"\n",
    b"old 1\n\xe2\x80\x94\n\n" + SIGNED,
]


@pytest.mark.parametrize("body", MANGLED_REQUESTS)
def test_what_is_not_a_request_is_refused(body: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_submission(body)


@given(
    st.binary(max_size=200)
    | st.lists(st.sampled_from(["old 0", "old 7", NODE, "", "x"])).map("\n".join).map(str.encode)
)
def test_any_bytes_are_a_request_that_is_written_the_same_or_refused(body: bytes) -> None:
    try:
        submission = read_submission(body)
    except ValueError:
        return
    assert submission.encoded() == body


def test_as_many_hashes_as_allowed_are_read() -> None:
    body = Submission(1, MOST_PROOF_LINES * (bytes(32),), SIGNED).encoded()
    assert len(read_submission(body).proof) == MOST_PROOF_LINES


@pytest.mark.parametrize(
    "body", [b"", b"\n", b"7", b"07\n", b"7\n\n", b"7\r\n", b"-7\n", b"9" * 19 + b"\n", b"9" * 4000]
)
def test_what_is_not_a_size_is_refused(body: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_size_answer(body)


@given(st.integers(0, 2**63 - 1))
def test_a_size_is_read_as_it_was_written(size: int) -> None:
    assert read_size_answer(size_answer(size)) == size


@pytest.mark.parametrize(
    "body", [b"", b"ok\n", SPEC_ANSWER[:-1], b"\n" + SPEC_ANSWER, SPEC_ANSWER + b"\n", b"a" * 70_000]
)
def test_what_are_not_signature_lines_is_refused(body: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_cosignature_lines(body)


def _proof(index: int, extra: bytes | None = None) -> TlogProof:
    cosigned = SIGNED + str(cosign(str(HEAD), witness_key(), 5, signer(2))).encode()
    return TlogProof(index, inclusion_proof(index, 7, tiles), cosigned, extra)


@given(st.integers(0, 6), st.none() | st.binary(max_size=20))
def test_a_proof_is_read_as_it_was_written_and_includes_its_leaf_only(
    index: int, extra: bytes | None
) -> None:
    proof = read_tlog_proof(_proof(index, extra).encoded())
    assert proof == _proof(index, extra)
    assert proof.includes(leaf_of(index))
    assert not proof.includes(leaf_hash("other"))
    assert not proof.includes(leaf_of((index + 1) % 7))


def test_a_proof_has_the_form_of_the_specification() -> None:
    head, _, checkpoint = _proof(6, b"extra").encoded().partition(b"\n\n")
    hashes = [b64encode(node).decode() for node in inclusion_proof(6, 7, tiles)]
    assert head.decode().split("\n") == ["c2sp.org/tlog-proof@v1", "extra ZXh0cmE=", "index 6", *hashes]
    assert checkpoint.startswith(str(HEAD).encode())


WHOLE = _proof(6).encoded()
MANGLED_PROOFS = [
    b"",
    WHOLE.replace(b"@v1", b"@v2"),
    WHOLE.replace(b"index 6", b"index 06"),
    WHOLE.replace(b"index 6\n", b""),
    WHOLE.replace(b"index 6", b"index 6\nindex 6"),
    WHOLE.replace(b"index 6", b"index 6\nextra AAAA"),
    WHOLE.replace(b"index 6", b"extra AAA\nindex 6"),
    WHOLE.replace(b"index 6", b"index 6\r"),
    WHOLE.replace(b"index 6", b"index 6\n" + NODE.encode().replace(b"=", b"")),
    WHOLE.replace(b"index 6", b"index 6" + 64 * (b"\n" + NODE.encode())),
    WHOLE.partition(b"\n\n")[0],
    WHOLE.partition(b"\n\n")[0] + b"\n\n" + str(HEAD).encode(),
    b"\n" + WHOLE,
    b"c2sp.org/tlog-proof@v1\nextra " + 300_000 * b"A" + WHOLE[22:],
]


@pytest.mark.parametrize("octets", MANGLED_PROOFS)
def test_what_is_not_a_proof_is_refused(octets: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_tlog_proof(octets)


@given(
    st.binary(max_size=200)
    | st.integers(0, len(WHOLE)).flatmap(
        lambda at: st.binary(max_size=2).map(lambda b: WHOLE[:at] + b + WHOLE[at + 1 :])
    )
)
def test_any_bytes_are_a_proof_that_is_written_the_same_or_refused(octets: bytes) -> None:
    try:
        proof = read_tlog_proof(octets)
    except ValueError:
        return
    assert proof.encoded() == octets
