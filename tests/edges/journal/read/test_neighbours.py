"""What can somebody who has a clip's custody document find out about the entries beside the clip's?

A document has hashes of entries that it does not contain: each proof begins with the one beside the entry,
and `prev` is the one before it. Somebody who can write down all texts that such an entry may have can hash
them all and compare. These tests do so, with what a document states: the boot, the clocks, the docking, the
kinds that say little.

In version 1 that finds the very millisecond of what happened in the dock next. In version 2 each text has 128
bits that are drawn for it alone and that nothing else depends on: 2^128 texts for each guess, 10^19 years at
10^12 guesses a second. That cannot be tried, so what is shown is that nothing but the nonce is missing for a
right guess, that it is not in the document, and that the kernel's generator draws it.
"""

from __future__ import annotations

import hashlib
import inspect
import json
import os
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bwvdock.core.canonical import canonical
from bwvdock.core.custody.document import custody_document
from bwvdock.core.facts import CameraDetached, CameraSettled, DockStopped, Fact
from bwvdock.core.moments import iso
from bwvdock.edges.journal import JournalReader, open_journal
from tests.edges.journal import stories as tell
from tests.edges.journal.as_version_1 import as_version_1

CLIP = "01m8gz2hf1cccccccc"
DOCKING = "01m8gz2hf0dddddddd"
SECONDS = 3  # within which the thief believes that the next thing happened
Json = dict[str, Any]


def happened(path: Path, after: list[Fact]) -> Path:
    """Tell of a clip, and of what happened on the dock up to three seconds after."""
    clock = tell.SteadyClock()
    with tell.journal_at(path, clock) as journal:
        journal.append([tell.started(), tell.started(), *tell.attached(DOCKING)])
        journal.append(tell.transfer(CLIP, DOCKING, 1))
        for fact in after:
            clock.ticks += 1234
            journal.append([fact])
    return path


NEXT: dict[str, list[Fact]] = {
    "camera_settled": [CameraSettled(docking=DOCKING), DockStopped()],
    "dock_stopped": [DockStopped()],
    "camera_detached": [CameraDetached(docking=DOCKING, reason="removed", residual=0, complete=False)],
}


def document_of(path: Path) -> Json:
    with JournalReader(path) as reader:
        extract = reader.extract(CLIP)
    assert extract is not None
    document: Json = json.loads(custody_document(extract, dock="LEW-03", non_evidential_days=31).text)
    return document


def entry_of(path: Path, seq: int) -> Json:
    leaves = tell.ask(path, "SELECT leaf FROM entry ORDER BY seq")
    entry: Json = json.loads(leaves[seq][0])
    return entry


def sibling(document: Json) -> tuple[Json, str]:
    """Return the clip's last entry, and the hash of the entry after it, of which there is nothing else."""
    last = document["entries"][-1]
    assert last["seq"] % 2 == 0, "the one beside it comes after it"
    return json.loads(last["leaf"]), last["proof"][0]


def _guesses(mine: Json, docking: str, more: Mapping[str, object]) -> Iterator[Json]:
    kinds: Mapping[str, Json] = {
        "dock_stopped": {},
        "camera_settled": {"docking": docking},
        "camera_detached": {"docking": docking, "reason": "removed", "residual": 0, "complete": False},
    }
    prev = hashlib.sha256(b"\x00" + canonical(mine).encode()).hexdigest()
    began = datetime.fromisoformat(mine["t"])
    for ms in range(SECONDS * 1000):
        moment = {"t": iso(began + timedelta(milliseconds=ms)), "bt": mine["bt"] + ms}
        for kind, data in kinds.items():
            yield {**mine, **moment, "kind": kind, "data": data, "seq": mine["seq"] + 1, "prev": prev, **more}


def guess(document: Json, more: Mapping[str, object]) -> Json | None:
    """Return the entry after the clip's last, found by trying; None if nothing that was tried fits."""
    mine, wanted = sibling(document)
    docking = next(
        json.loads(e["leaf"])["data"]["docking"] for e in document["entries"] if "docking" in e["leaf"]
    )
    for tried in _guesses(mine, docking, more):
        if hashlib.sha256(b"\x00" + canonical(tried).encode()).hexdigest() == wanted:
            return tried
    return None


@pytest.mark.slow
@pytest.mark.parametrize("kind", NEXT)
def test_in_version_1_the_next_entry_is_found_to_the_millisecond(tmp_path: Path, kind: str) -> None:
    path = as_version_1(happened(tmp_path / "j", NEXT[kind]))
    document = document_of(path)
    found = guess(document, {})
    assert found == entry_of(path, document["entries"][-1]["seq"] + 1)
    assert found is not None
    assert found["kind"] == kind


@pytest.mark.slow
@pytest.mark.parametrize("kind", NEXT)
def test_in_version_2_nothing_but_the_nonce_is_lacking_for_that(tmp_path: Path, kind: str) -> None:
    path = happened(tmp_path / "j", NEXT[kind])
    document = document_of(path)
    true = entry_of(path, document["entries"][-1]["seq"] + 1)
    for nonce in (json.loads(document["entries"][-1]["leaf"])["nonce"], "0" * 32):
        assert guess(document, {"nonce": nonce}) is None
    assert guess(document, {}) is None
    assert true["nonce"] not in json.dumps(document)
    assert guess(document, {"nonce": true["nonce"]}) == true, "the guess is right but for the nonce"


def test_a_nonce_has_128_bits_of_the_kernel_s(tmp_path: Path) -> None:
    assert inspect.signature(open_journal).parameters["random"].default is os.urandom
    drawn: list[bytes] = []

    def random(count: int) -> bytes:
        drawn.append(bytes([len(drawn)]) * count)
        return drawn[-1]

    path = tmp_path / "j"
    with open_journal(path, tell.SteadyClock(), random=random) as journal:
        journal.append([tell.started(), tell.started(), *tell.attached(DOCKING)])
    nonces = [json.loads(leaf)["nonce"] for (leaf,) in tell.ask(path, "SELECT leaf FROM entry ORDER BY seq")]
    assert nonces == [part.hex() for part in drawn if len(part) == 16]
    assert len(set(nonces)) == 4


@pytest.mark.parametrize("change", [lambda n: n[:-1] + ("0" if n[-1] != "0" else "1"), lambda n: n[::-1]])
def test_each_bit_of_the_nonce_counts(tmp_path: Path, change: Callable[[str], str]) -> None:
    path = happened(tmp_path / "j", NEXT["dock_stopped"])
    [(leaf, digest)] = tell.ask(path, "SELECT leaf, leaf_hash FROM entry ORDER BY seq DESC LIMIT 1")
    entry = json.loads(leaf)
    other = canonical(entry | {"nonce": change(entry["nonce"])})
    assert hashlib.sha256(b"\x00" + other.encode()).digest() != digest
