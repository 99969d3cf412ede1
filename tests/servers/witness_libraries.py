"""Answers a question with aics-tlog, aics-witness' client or witness-log; runs in the servers' environment.

A JSON object comes on standard input, and the answer goes to standard output.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import aics_tlog
import witness_log
from aics_witness.feeder import FeederError, WitnessClient


def tree(question: dict[str, Any]) -> dict[str, Any]:
    """Return root and proof over leaves, and whether our proof is one."""
    made = aics_tlog.MerkleTree(text.encode() for text in question["leaves"])
    old, new = question["old"], question["new"]
    ours = [bytes.fromhex(node) for node in question["proof"]]
    return {
        "root": made.root(new).hex(),
        "proof": [node.hex() for node in made.consistency_proof(old, new)],
        "valid": aics_tlog.verify_consistency(old, new, made.root(old), made.root(new), ours),
    }


def checkpoint(question: dict[str, Any]) -> dict[str, Any]:
    """Return what it says of a signed, cosigned checkpoint."""
    found = aics_tlog.verify_checkpoint(
        aics_tlog.parse_note(question["note"].encode()),
        aics_tlog.parse_vkey(question["log"]),
        [aics_tlog.parse_vkey(question["witness"])],
        quorum=1,
    )
    return {"ok": found.ok, "error": str(getattr(found, "error", ""))}


def feed(question: dict[str, Any]) -> list[str]:
    """Submit notes one after the other to a witness; return its lines, or the class of the error."""
    made = aics_tlog.MerkleTree(text.encode() for text in question["leaves"])
    said = []
    with WitnessClient(question["url"], question["witness"]) as client:
        for note in question["notes"]:
            try:
                said.append(client.submit(note, made.consistency_proof))
            except FeederError as error:
                said.append(type(error).__name__)
    return said


def grow(question: dict[str, Any]) -> dict[str, Any]:
    """Return the key of a log of witness-log, and a request for each size, from the size before it."""
    log = witness_log.WitnessLog.resume(bytes.fromhex(question["seed"]), 1)
    bodies, old = [], 0
    for size in question["sizes"]:
        while log.tree_size() < size:
            log.append_intent(f"{log.tree_size()}".encode())
        bodies.append(log.add_checkpoint_body(old))
        old = size
    log.save_snapshot(question["file"])
    return {"vkey": log.c2sp_vkey(log.canonical_origin()), "bodies": bodies}


def accept(question: dict[str, Any]) -> int:
    """Return how many witnesses' answers a log of witness-log accepts as cosignatures on its checkpoint."""
    log = witness_log.WitnessLog.load_snapshot(question["file"])
    return int(log.dossier_from_responses([tuple(answer) for answer in question["answers"]])[1])


def confirm(question: dict[str, Any]) -> dict[str, Any]:
    """Return the key of a witness of witness-log, and its answers to requests."""
    witness = witness_log.WitnessService.new(question["name"], bytes.fromhex(question["seed"]))
    for origin, vkey in question["logs"]:
        witness.add_log(origin, vkey)
    return {"vkey": witness.vkey(), "answers": [witness.handle_add_checkpoint(b) for b in question["bodies"]]}


def main() -> None:
    """Answer one question."""
    question = json.load(sys.stdin)
    answer = {
        "tree": tree,
        "checkpoint": checkpoint,
        "feed": feed,
        "grow": grow,
        "accept": accept,
        "confirm": confirm,
    }[question["ask"]](question)
    json.dump(answer, sys.stdout)


main()
