"""What must a receiver of entries be able to rely on? A model of one that shares no code with the dock."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import Any


def merkle_root(hashes: list[bytes]) -> bytes:
    """Return the root of a tree, as RFC 9162, 2.1.1 defines it."""
    if len(hashes) < 2:
        return hashes[0] if hashes else hashlib.sha256(b"").digest()
    left = 1
    while left * 2 < len(hashes):
        left *= 2
    return hashlib.sha256(b"\1" + merkle_root(hashes[:left]) + merkle_root(hashes[left:])).digest()


@dataclass
class ReceiverModel:
    """Takes requests; an AssertionError where what it is promised does not hold.

    `journals` has the hashes of the entries of each journal, in their order, `texts` the text of each;
    `order` has the journals as they came.
    """

    journals: dict[str, list[str]] = field(default_factory=dict)
    texts: dict[tuple[str, int], str | None] = field(default_factory=dict)
    heads: list[dict[str, Any]] = field(default_factory=list)
    order: list[str] = field(default_factory=list)
    repeated: int = 0

    def take(self, body: bytes) -> None:
        head, *entries = [json.loads(line) for line in body.decode("ascii").splitlines()]
        if head.get("test"):
            assert entries == []
            return
        journal = head["journal"]
        known = self.journals.setdefault(journal, [])
        if not self.order or journal != self.order[-1]:
            self.order.append(journal)
        assert [entry["seq"] for entry in entries] == list(range(head["first"], head["end"]))
        assert entries
        assert head["first"] <= len(known), "nothing is left out"
        assert head["entries"] >= head["end"]
        for entry in entries:
            seq, digest = entry["seq"], entry["leaf_hash"]
            text = entry.get("leaf")
            if text is not None:
                assert hashlib.sha256(b"\0" + text.encode()).hexdigest() == digest
            if seq < len(known):
                assert known[seq] == digest, "what comes twice is the same"
                self.repeated += 1
            else:
                known.append(digest)
            self.texts[journal, seq] = text
        assert known[0] == journal, "a journal is named by its first entry"
        mark = head["checkpoint"]
        if mark and mark["size"] <= len(known):
            assert merkle_root([bytes.fromhex(one) for one in known[: mark["size"]]]).hex() == mark["root"]
        self.heads.append(head)
