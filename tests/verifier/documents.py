"""A clip with its footage and its sidecar, its custody document, and what a forger may make of that."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from bwvdock.core.canonical import canonical
from bwvdock.core.custody.document import custody_document
from bwvdock.core.facts import (
    AcquiredPart,
    ClipAcquired,
    ClipAttributed,
    ClipDated,
    ClipFlagged,
    ClipFound,
    ClipHeld,
    CopyIntended,
    Fact,
)
from bwvdock.edges.journal import JournalReader
from tests.edges.journal import stories as tell

Json = dict[str, Any]

CLIP, OTHER = tell.clip_id(1), tell.clip_id(2)
FOOTAGE, SIDECAR = b"footage " * 100, b"$GPRMC,080000\n"
OFFICER = "PC-4711"


def part(content: bytes) -> AcquiredPart:
    """Return what is recorded of a file that was copied; it is smaller than one piece."""
    digest = hashlib.sha256(content).hexdigest()
    return AcquiredPart(size=len(content), sha256=digest, pieces=(digest,), read_bytes=len(content))


def life() -> list[Fact]:
    """Tell of two clips, one of them with a sidecar, an officer and marks."""
    files = (
        replace(tell.source(1, size=len(FOOTAGE)), extension="mp4"),
        replace(tell.source(1, size=len(SIDECAR), path="DCIM/100MEDIA/VID_000001.GPS"), extension="gps"),
    )
    return [
        tell.started(),
        *tell.attached("d1"),
        ClipFound(clip=CLIP, docking="d1", camera=tell.SERIAL, files=files),
        CopyIntended(clip=CLIP, docking="d1"),
        ClipAcquired(clip=CLIP, docking="d1", parts=(part(FOOTAGE), part(SIDECAR))),
        ClipAttributed(clip=CLIP, officer=OFFICER),
        *tell.transfer(OTHER, "d1", 2),
        tell.uploaded(CLIP),
        replace(tell.verified(CLIP, 1), sha256=part(FOOTAGE).sha256),
        ClipDated(
            clip=CLIP,
            raw="2023-11-14T22:13:21.000Z",
            recorded_at="2023-11-14T22:13:20.000Z",
            uncertainty_ms=1000,
            basis="camera",
            retain_until="2023-12-15T22:13:20.000Z",
        ),
        ClipFlagged(clip=CLIP, reason="Mr Kite was seen", case="K/1", actor="sergeant.pepper"),
        ClipHeld(clip=CLIP, reason="inquiry", actor="sergeant.pepper"),
    ]


def document(folder: Path) -> Json:
    """Return the clip's document, made from a journal in a folder."""
    with JournalReader(tell.told(folder / "life.sqlite3", life())) as reader:
        extract = reader.extract(CLIP)
    assert extract is not None
    made: Json = json.loads(custody_document(extract, dock="LEW-03", non_evidential_days=31).text)
    return made


def write(folder: Path, change: Callable[[Json], object] = lambda document: None) -> None:
    """Write the document, as it was changed, its footage and its sidecar into a folder."""
    made = document(folder)
    change(made)
    (folder / "document.json").write_text(canonical(made), encoding="utf-8")
    (folder / "footage.mp4").write_bytes(FOOTAGE)
    (folder / "sidecar.gps").write_bytes(SIDECAR)


def _entry(document: Json, kind: str) -> Json:
    found: Json = next(e for e in document["entries"] if json.loads(e["leaf"])["kind"] == kind)
    return found


def leaf_changed(document: Json) -> None:
    entry = _entry(document, "clip_acquired")
    entry["leaf"] = entry["leaf"].replace("T08:", "T09:")


def proofs_swapped(document: Json) -> None:
    first, second = document["entries"][3:5]
    first["proof"], second["proof"] = second["proof"], first["proof"]


def proof_shortened(document: Json) -> None:
    document["entries"][3]["proof"].pop()


def proof_lengthened(document: Json) -> None:
    document["entries"][3]["proof"].append("ab" * 32)


def size_changed(document: Json) -> None:
    document["tree"]["size"] += 50


def root_changed(document: Json) -> None:
    document["tree"]["root"] = "ab" * 32


def camera_changed(document: Json) -> None:
    opened = next(one for one in document["opened"] if one["field"] == "camera")
    opened["value"] = "CAM-18"


def clip_changed(document: Json) -> None:
    document["clip"] = OTHER


def officer_changed(document: Json) -> None:
    document["manifest"]["officer"] = "unassigned"


def date_changed(document: Json) -> None:
    document["manifest"]["recorded_at"] = "2023-11-15T22:13:20.000Z"


def hold_hidden(document: Json) -> None:
    document["manifest"]["held"] = "false"


def commitment_hidden(document: Json) -> None:
    document["closed"].pop()


def key_added(document: Json) -> None:
    document["signed"] = True


def seq_as_text(document: Json) -> None:
    document["entries"][0]["seq"] = "0"


def seq_as_flag(document: Json) -> None:
    document["entries"][0]["seq"] = False


def upper_case_hash(document: Json) -> None:
    document["tree"]["root"] = document["tree"]["root"].upper()


def version_nine(document: Json) -> None:
    document["version"] = 9


FORGERIES: dict[str, tuple[Callable[[Json], None], tuple[str, ...]]] = {
    "leaf-changed": (leaf_changed, ("proof",)),
    "proofs-swapped": (proofs_swapped, ("proof",)),
    "proof-shortened": (proof_shortened, ("proof",)),
    "proof-lengthened": (proof_lengthened, ("proof",)),
    "size-changed": (size_changed, ("proof",)),
    "root-changed": (root_changed, ("proof",)),
    "camera-changed": (camera_changed, ("commitment", "manifest")),
    "clip-changed": (clip_changed, ("document_form", "entries", "entry_form")),
    "officer-changed": (officer_changed, ("manifest",)),
    "date-changed": (date_changed, ("manifest",)),
    "hold-hidden": (hold_hidden, ("manifest",)),
    "commitment-hidden": (commitment_hidden, ("commitment",)),
    "key-added": (key_added, ("document_form",)),
    "seq-as-text": (seq_as_text, ("document_form",)),
    "seq-as-flag": (seq_as_flag, ("document_form",)),
    "upper-case-hash": (upper_case_hash, ("document_form",)),
}
"""What a forger may do to a document, and with which codes that is found."""
