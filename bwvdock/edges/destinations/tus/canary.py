"""What is an acknowledgement of this server worth? Tried out with small uploads of no value.

A server may say that it compares digests and not do it, or compare them only now and then. So one is
given bytes whose digest is wrong: it must refuse them, and must not have kept them.
"""

from __future__ import annotations

import hashlib
import secrets

from bwvdock.core.policy import Assessment, ProofMethod
from bwvdock.core.ports import Passage
from bwvdock.edges.destinations.tus.client import Kind, Patched, TusClient, canary_metadata
from bwvdock.edges.destinations.tus.upload import Traits
from bwvdock.errors import DestinationRefusedError

_HALF = 32  # bytes


def try_out(client: TusClient, passage: Passage) -> tuple[Traits, Assessment]:
    """Find out what a server does.

    Raises:
        DestinationUnavailableError: not now; nothing has been learnt.
        HaltedError: it was told to stop.
    """
    offer = client.ask()
    compares, of_digests = False, "it does not offer sha256 checksums"
    if offer.sha256:
        compares, of_digests = _compares(client)
    gives_back, of_bytes = _gives_back(client, passage)
    traits = Traits(
        compares=compares,
        gives_back=gives_back,
        keeps_order=_keeps_order(client),
        most_bytes=offer.most_bytes,
        terminates=offer.termination,
    )
    method = ProofMethod.READ_BACK if gives_back else None
    if compares:
        method = ProofMethod.PIECES_CHECKED
    return traits, Assessment(method=method, words=f"tus: {of_digests}; {of_bytes}")


def _compares(client: TusClient) -> tuple[bool, str]:
    content = secrets.token_bytes(2 * _HALF)
    first, second = content[:_HALF], content[_HALF:]
    url = client.create(len(content), canary_metadata()).url
    try:
        right = client.patch(url, 0, first, _sha256(first))
        if right.kind is Kind.MISMATCH:
            return False, "it refused bytes with the right sha256 (460)"
        _require(client, right, Kind.TAKEN)
        wrong = client.patch(url, _HALF, second, _sha256(first))
        _require(client, wrong, Kind.TAKEN, Kind.MISMATCH)
        held = client.head(url)
    except DestinationRefusedError as error:
        return False, f"it refused a request with a sha256: {error.message}"
    finally:
        client.terminate(url)
    if wrong.kind is not Kind.MISMATCH:
        return False, "it offers sha256 checksums, and took bytes with a wrong one"
    if held is None or held.offset != _HALF:
        return False, "it refused bytes with a wrong sha256 (460), and kept them all the same"
    return True, "bytes with the right sha256 were taken, bytes with a wrong one refused (460) and not kept"


def _gives_back(client: TusClient, passage: Passage) -> tuple[bool, str]:
    content = secrets.token_bytes(_HALF)
    url = client.create(len(content), canary_metadata()).url
    try:
        _require(client, client.patch(url, 0, content), Kind.TAKEN)
        found = client.sha256_of(url, len(content), passage)
    finally:
        client.terminate(url)
    if found is None:
        return False, "it gives no upload's bytes back"
    if found != _sha256(content):
        return False, "it gave other bytes back than it was given"
    return True, "it gives an upload's bytes back"


def _keeps_order(client: TusClient) -> bool:
    url = client.create(_HALF, canary_metadata()).url
    try:
        return client.patch(url, _HALF // 2, secrets.token_bytes(1)).kind is Kind.CONFLICT
    except DestinationRefusedError:
        return True
    finally:
        client.terminate(url)


def _require(client: TusClient, patched: Patched, *kinds: Kind) -> None:
    if patched.kind not in kinds:
        raise client.unavailable(f"an upload that tries it out met something else: {patched.kind.value}")


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
