"""What does the store hold of a part, found out by the strongest means that it was seen to have?

- The store refuses pieces with a wrong digest, and the object there is the very one (ETag,
  version) that was made of pieces sent under the journal's: nothing needs to be read.
- The store gives a digest that it computed itself, and it is the one that the journal's pieces make.
- Everything else, whatever the reason, is read back and hashed here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bwvdock.core.clips.proof import ProofMethod
from bwvdock.core.facts import AcquiredPart
from bwvdock.core.ports import FoundPart, Take, TransferControl
from bwvdock.edges.destinations.s3.body import base64_of
from bwvdock.edges.destinations.s3.canary import Checks, composite
from bwvdock.edges.destinations.s3.objects import Objects, StoredObject


@dataclass(frozen=True, kw_only=True, slots=True)
class ProvenPart:
    """A part as it was found to be."""

    sha256: str
    method: ProofMethod
    stored: StoredObject


def find(
    objects: Objects,
    key: str,
    part: AcquiredPart,
    note: Mapping[str, Any],
    checks: Checks,
    transfer: TransferControl,
) -> ProvenPart:
    """Find out what is stored under a key.

    Args:
        objects: the bucket's.
        key: the part's.
        part: as it was acquired.
        note: what the dock remembers of its upload.
        checks: what the store was seen to do.
        transfer: paces what is read back.

    Raises:
        DestinationUnavailableError: not now.
        DestinationError: it is not there.
    """
    stored = objects.require(key)
    method = checks.method
    if method is ProofMethod.PIECES_CHECKED and _made_of_checked_pieces(stored, part, note):
        return ProvenPart(sha256=part.sha256, method=method, stored=stored)
    if method is ProofMethod.STORE_COMPUTED and _computed_the_same(objects.head(key, checksum=True), part):
        return ProvenPart(sha256=part.sha256, method=method, stored=stored)
    digest = objects.sha256_of(key, stored, transfer)
    return ProvenPart(sha256=digest, method=ProofMethod.READ_BACK, stored=stored)


def _made_of_checked_pieces(stored: StoredObject, part: AcquiredPart, note: Mapping[str, Any]) -> bool:
    return (
        note.get("checked") is True
        and note.get("sha256") == part.sha256
        and (note.get("etag"), note.get("version")) == (stored.etag, stored.version)
        and stored.size == part.size
    )


def _computed_the_same(stored: StoredObject | None, part: AcquiredPart) -> bool:
    whole = {base64_of(part.sha256), composite(part.pieces)}
    return stored is not None and stored.size == part.size and stored.checksum in whole


def read_whole(
    objects: Objects, key: str, size: int, transfer: TransferControl, take: Take
) -> FoundPart | None:
    """Read an object whole, if it has this many bytes; None where the bucket is there and does not have it.

    The digest that the store keeps beside it is not asked for: it was computed when the object came.

    Raises:
        DestinationUnavailableError: not now.
    """
    stored = objects.head(key)
    if stored is None:
        objects.require_bucket()
        return None
    if stored.size == size:
        for block in objects.blocks_of(key, stored, transfer):
            take(memoryview(block))
    return FoundPart(
        object=key,
        size=stored.size,
        version=stored.version,
        words=words(stored),
        given=stored.size == size,
    )


def words(stored: StoredObject) -> str:
    """Return what the store says of an object, for the receipt."""
    said = [f"ETag {stored.etag}"]
    if stored.locked_until is not None:
        said.append(f"{stored.lock_mode} until {stored.locked_until.isoformat()}")
    if stored.held:
        said.append("legal hold ON")
    return "; ".join(said)
