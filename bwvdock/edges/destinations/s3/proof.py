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
from bwvdock.edges.destinations.s3.objects import Objects, Standing


@dataclass(frozen=True, kw_only=True, slots=True)
class ProvenPart:
    """A part as it was found to be."""

    sha256: str
    method: ProofMethod
    standing: Standing


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
    standing = objects.require(key)
    method = checks.method
    if method is ProofMethod.PIECES_CHECKED and _made_of_checked_pieces(standing, part, note):
        return ProvenPart(sha256=part.sha256, method=method, standing=standing)
    if method is ProofMethod.STORE_COMPUTED and _computed_the_same(objects.head(key, checksum=True), part):
        return ProvenPart(sha256=part.sha256, method=method, standing=standing)
    digest = objects.sha256_of(key, standing, transfer)
    return ProvenPart(sha256=digest, method=ProofMethod.READ_BACK, standing=standing)


def _made_of_checked_pieces(standing: Standing, part: AcquiredPart, note: Mapping[str, Any]) -> bool:
    return (
        note.get("checked") is True
        and note.get("sha256") == part.sha256
        and (note.get("etag"), note.get("version")) == (standing.etag, standing.version)
        and standing.size == part.size
    )


def _computed_the_same(standing: Standing | None, part: AcquiredPart) -> bool:
    whole = {base64_of(part.sha256), composite(part.pieces)}
    return standing is not None and standing.size == part.size and standing.checksum in whole


def read_whole(
    objects: Objects, key: str, size: int, transfer: TransferControl, take: Take
) -> FoundPart | None:
    """Read an object whole, if it has this many bytes; None where the bucket is there and does not have it.

    The digest that the store keeps beside it is not asked for: it was computed when the object came.

    Raises:
        DestinationUnavailableError: not now.
    """
    standing = objects.head(key)
    if standing is None:
        objects.require_bucket()
        return None
    if standing.size == size:
        for block in objects.blocks_of(key, standing, transfer):
            take(memoryview(block))
    return FoundPart(
        object=key,
        size=standing.size,
        version=standing.version,
        words=words(standing),
        given=standing.size == size,
    )


def words(standing: Standing) -> str:
    """Return what the store says of an object, for the receipt."""
    said = [f"ETag {standing.etag}"]
    if standing.locked_until is not None:
        said.append(f"{standing.lock_mode} until {standing.locked_until.isoformat()}")
    if standing.held:
        said.append("legal hold ON")
    return "; ".join(said)
