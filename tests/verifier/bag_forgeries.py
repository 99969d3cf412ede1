"""What may a forger make of an evidence package, by its files?"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import partial

from bwvdock.core.canonical import canonical
from bwvdock.core.custody.c2sp.checkpoint import Checkpoint, read_signed_checkpoint, sign_checkpoint
from bwvdock.core.custody.c2sp.signed_note import ED25519, VerifierKey
from bwvdock.core.custody.c2sp.tlog_proof import TlogProof, read_tlog_proof
from bwvdock.core.custody.inclusion_proofs import inclusion_proof, range_root
from bwvdock.core.custody.merkle import leaf_hash
from bwvdock.edges import ed25519
from tests.fakes.signed import ORIGIN
from tests.verifier.bags import FOOTAGE, LEAVES, POLICY, REVEAL, SIDECAR, STATEMENT, Files, seal
from tests.verifier.documents import CLIP

_FORGER = bytes(range(32, 64))


# --- forgeries of single files -------------------------------------------------------------------


def footage_byte(files: Files) -> None:
    files[FOOTAGE] = files[FOOTAGE][:-1] + b"?"


def sidecar(files: Files) -> None:
    files[SIDECAR] = b"$GPRMC,090000\n"


def without_sidecar(files: Files) -> None:
    del files[SIDECAR]


def foreign_file(files: Files) -> None:
    files["data/more.txt"] = b"and this\n"


def omitted(files: Files) -> None:
    seal(files, leaving_out=SIDECAR)


def statement_changed(files: Files) -> None:
    files[STATEMENT] = files[STATEMENT].replace(b"as the dock received it", b"as it was recorded")


def value_changed(files: Files) -> None:
    told = json.loads(files[REVEAL])
    next(one for one in told["opened"] if one["field"] == "officer")["value"] = "PC-4712"
    files[REVEAL] = canonical(told).encode()


def value_hidden(files: Files) -> None:
    told = json.loads(files[REVEAL])
    told["opened"] = [one for one in told["opened"] if one["field"] != "officer"]
    files[REVEAL] = canonical(told).encode()


def policy_without_log(files: Files) -> None:
    lines = files[POLICY].splitlines(keepends=True)
    files[POLICY] = b"".join(line for line in lines if not line.startswith(b"log "))


def policy_of_another_log(files: Files) -> None:
    policy_without_log(files)
    origin = _checkpoint(files).origin
    files[POLICY] = f"log {VerifierKey(origin, ED25519, ed25519.public(_FORGER))}\n".encode() + files[POLICY]


# --- forgeries of entries and proofs -------------------------------------------------------------


def _numbers(files: Files) -> list[int]:
    return [json.loads(leaf)["seq"] for leaf in files[LEAVES].splitlines()]


def _name(number: int) -> str:
    return f"data/proofs/{number}.tlog-proof"


def _checkpoint(files: Files) -> Checkpoint:
    return read_signed_checkpoint(read_tlog_proof(files[_name(0)]).checkpoint).checkpoint


def leaf_replaced(files: Files) -> None:
    before, kind, after = files[LEAVES].partition(b'"kind":"clip_acquired"')
    files[LEAVES] = before + kind + after.replace(b"T08:", b"T09:", 1)


def proof_of_another(files: Files) -> None:
    one, other = _numbers(files)[1:3]
    files[_name(one)] = files[_name(other)]


def proof_left_out(files: Files) -> None:
    del files[_name(_numbers(files)[1])]


def entry_left_out(files: Files) -> None:
    """Leave the legal hold out, with its proof and its commitments: no program can see that."""
    leaves = files[LEAVES].splitlines(keepends=True)
    hold = next(leaf for leaf in leaves if json.loads(leaf)["kind"] == "clip_held")
    leaves.remove(hold)
    files[LEAVES] = b"".join(leaves)
    del files[_name(json.loads(hold)["seq"])]
    told = json.loads(files[REVEAL])
    told["closed"] = [one for one in told["closed"] if one["commitment"].encode() in files[LEAVES]]
    files[REVEAL] = canonical(told).encode()


def checkpoint_of_another_log(files: Files) -> None:
    """Put a checkpoint of another log over the same tree, with its key in the policy."""
    proofs = [read_tlog_proof(files[_name(number)]) for number in _numbers(files)]
    ours = _checkpoint(files)
    origin = f"{ORIGIN}/0123456789abcdef"
    _sign_anew(files, Checkpoint(origin, ours.size, ours.root), {p.index: p.proof for p in proofs})


def _sign_anew(files: Files, checkpoint: Checkpoint, proofs: Mapping[int, Sequence[bytes]]) -> None:
    """Sign a checkpoint with the forger's key, which the policy then has."""
    key = VerifierKey(checkpoint.origin, ED25519, ed25519.public(_FORGER))
    note = str(sign_checkpoint(checkpoint, key, partial(ed25519.sign, _FORGER))).encode()
    for number, proof in proofs.items():
        files[_name(number)] = TlogProof(number, tuple(proof), note).encoded()
    files[POLICY] = f"log {key}\nquorum none\n".encode()


def unknown_kind(files: Files, clip: object = CLIP) -> None:
    """Add an entry of an unknown kind, in a tree of these entries alone, signed by the forger."""
    leaves = files[LEAVES].splitlines()
    last = json.loads(leaves[-1])
    added = {**last, "seq": last["seq"] + 1, "prev": leaf_hash(leaves[-1]).hex(), "kind": "clip_improved"}
    leaves.append(canonical({**added, "data": {"clip": clip}, "nonce": "0f" * 16}).encode())
    by_number = {json.loads(leaf)["seq"]: leaf_hash(leaf) for leaf in leaves}
    hashes = [by_number.get(number, bytes(32)) for number in range(added["seq"] + 1)]

    def fetch(_: int, first: int, count: int) -> list[bytes]:  # fewer than 256: of level 0 alone
        return hashes[first : first + count]

    files[LEAVES] = b"".join(leaf + b"\n" for leaf in leaves)
    origin = _checkpoint(files).origin
    size = len(hashes)
    proofs = {number: inclusion_proof(number, size, fetch) for number in by_number}
    _sign_anew(files, Checkpoint(origin, size, range_root(0, size, fetch)), proofs)


def unknown_kind_of_a_list(files: Files) -> None:
    unknown_kind(files, clip=[])


def unknown_kind_and_other_footage(files: Files) -> None:
    unknown_kind(files)
    footage_byte(files)
