"""Answers a question with aics-tlog, or with the client of aics-witness; runs in the servers' environment.

A JSON object comes on standard input, and the answer goes to standard output.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import aics_tlog
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


def main() -> None:
    """Answer one question."""
    question = json.load(sys.stdin)
    answer = {"tree": tree, "checkpoint": checkpoint, "feed": feed}[question["ask"]](question)
    json.dump(answer, sys.stdout)


main()
