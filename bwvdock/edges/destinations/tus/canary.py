"""What does an acknowledgement of this server prove? It is tested with small uploads without value.

A server may say that it compares digests and not do it, or compare them only now and then. So one is
given bytes whose digest is wrong: it must refuse them, and must not have kept them.
"""

from __future__ import annotations

import hashlib
import secrets

from bwvdock.core.clips.permit import Assessment, ProofMethod
from bwvdock.core.ports import TransferControl
from bwvdock.edges.destinations.counted import patiently
from bwvdock.edges.destinations.tus.client import AnswerKind, Patched, TusClient, canary_metadata
from bwvdock.edges.destinations.tus.upload import Traits
from bwvdock.errors import DestinationRefusedError

_HALF = 32  # bytes
_TRIES = 3


def try_out(client: TusClient, transfer: TransferControl) -> tuple[Traits, Assessment]:
    """Find out what a server does.

    Raises:
        DestinationUnavailableError: not now; nothing has been learnt.
        HaltedError: it was halted.
    """
    offer = client.ask()
    compares, kept, of_digests = False, 0, "it does not offer sha256 checksums"
    if offer.sha256:
        compares, kept, of_digests = _compares(client, transfer)
    gives_back, of_bytes = _gives_back(client, transfer)
    traits = Traits(
        compares=compares,
        gives_back=gives_back,
        orderly=kept == 0 and _keeps_order(client, transfer),
        most_bytes=offer.most_bytes,
        terminates=offer.termination,
    )
    method = ProofMethod.READ_BACK if gives_back else None
    if compares:
        method = ProofMethod.PIECES_CHECKED
    return traits, Assessment(method=method, words=f"tus: {of_digests}; {of_bytes}")


def _compares(client: TusClient, transfer: TransferControl) -> tuple[bool, int, str]:
    """Return whether it compares digests, how often it kept what it had refused, and what it did."""
    for kept in range(_TRIES):
        try:
            wrong, held = _give_wrong(client, transfer)
        except DestinationRefusedError as error:
            return False, kept, f"it refused a request with a sha256: {error.message}"
        if wrong is not AnswerKind.MISMATCH:
            return False, kept, "it offers sha256 checksums, but accepted bytes with a wrong one"
        if held == _HALF:
            return (
                True,
                kept,
                "bytes with the right sha256 were accepted, bytes with a wrong one refused (460)",
            )
        # One known server takes them back a moment too early now and then, and has them all the same.
    return False, _TRIES, "it refuses bytes with a wrong sha256 (460), but keeps them anyway"


def _give_wrong(client: TusClient, transfer: TransferControl) -> tuple[AnswerKind, int | None]:
    """Send some bytes, then others with the digest of the first; return its answer and its offset."""
    content = secrets.token_bytes(2 * _HALF)
    first, second = content[:_HALF], content[_HALF:]
    url = client.create(len(content), canary_metadata()).url
    try:
        _require(client, _patch(client, transfer, url, 0, first, _sha256(first)), AnswerKind.TAKEN)
        wrong = _patch(client, transfer, url, _HALF, second, _sha256(first))
        _require(client, wrong, AnswerKind.TAKEN, AnswerKind.MISMATCH)
        held = client.head(url)
    finally:
        client.terminate(url)
    return wrong.kind, None if held is None else held.offset


def _gives_back(client: TusClient, transfer: TransferControl) -> tuple[bool, str]:
    content = secrets.token_bytes(_HALF)
    url = client.create(len(content), canary_metadata()).url
    try:
        _require(client, _patch(client, transfer, url, 0, content), AnswerKind.TAKEN)
        found = client.sha256_of(url, len(content), transfer)
    finally:
        client.terminate(url)
    if found is None:
        return False, "it does not allow downloads"
    if found != _sha256(content):
        return False, "a download differed from the upload"
    return True, "it allows downloads"


def _keeps_order(client: TusClient, transfer: TransferControl) -> bool:
    url = client.create(_HALF, canary_metadata()).url
    try:
        return _patch(client, transfer, url, _HALF // 2, secrets.token_bytes(1)).kind is AnswerKind.CONFLICT
    except DestinationRefusedError:
        return True
    finally:
        client.terminate(url)


def _patch(
    client: TusClient, transfer: TransferControl, url: str, offset: int, body: bytes, sha256: str = ""
) -> Patched:
    return patiently(lambda: client.patch(url, offset, body, sha256), transfer)


def _require(client: TusClient, patched: Patched, *kinds: AnswerKind) -> None:
    if patched.kind not in kinds:
        raise client.unavailable(f"a test upload got an unexpected answer: {patched.kind.value}")


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
