"""What does an acknowledgement of this server prove? It is tested with small uploads without value.

A server may say that it compares digests and not do it, or compare them only now and then. So one is
given bytes whose digest is wrong: it must refuse them, and must not have kept them.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator
from dataclasses import dataclass

from bwvdock.core.clips.proof import Assessment, ProofMethod
from bwvdock.core.ports import TransferControl
from bwvdock.edges.destinations.retry_after import back_off, patiently
from bwvdock.edges.destinations.tus.answers import Offer
from bwvdock.edges.destinations.tus.client import AnswerKind, Patched, TusClient, canary_metadata
from bwvdock.edges.destinations.tus.upload import Traits
from bwvdock.errors import DestinationRefusedError

_HALF = 32  # bytes
_TRIES = 3
_MOMENT = 0.5  # seconds


def try_out(client: TusClient, transfer: TransferControl) -> tuple[Traits, Assessment]:
    """Find out what a server does.

    Raises:
        DestinationUnavailableError: not now; nothing has been learnt.
        HaltedError: it was halted.
    """
    offer = client.ask()
    client.takes_metadata()
    compares, kept, of_digests = False, 0, "it does not offer sha256 checksums"
    if offer is None or offer.sha256:
        compares, kept, of_digests = _compares(client, transfer)
    finished = _finish_one(client, transfer)
    traits = Traits(
        compares=compares,
        at_once=not compares and offer is not None and offer.at_once and _fills_at_once(client, transfer),
        gives_back=finished.gives_back,
        orderly=kept == 0 and _keeps_order(client, transfer),
        most_bytes=offer.most_bytes if offer else None,
        terminates=finished.terminates and (offer is None or offer.termination),
        keeps=finished.keeps,
        options=offer is not None,
    )
    method = ProofMethod.READ_BACK if finished.gives_back else None
    if compares:
        method = ProofMethod.PIECES_CHECKED
    if not finished.keeps:
        method = None
    said = [of_digests, *finished.words, *_lacks(client, offer, finished)]
    return traits, Assessment(method=method, words=f"tus: {'; '.join(said)}")


@dataclass(frozen=True, kw_only=True, slots=True)
class _Finished:
    """What became of an upload that was finished."""

    keeps: bool
    gives_back: bool
    terminates: bool
    words: tuple[str, ...]


def _lacks(client: TusClient, offer: Offer | None, finished: _Finished) -> Iterator[str]:
    if offer is None:
        yield "it says nothing of tus when it is asked for its options"
    if not client.describes:
        yield "it takes no metadata: what a clip is, only the journal says"
    if not finished.terminates:
        yield "it deletes no uploads: those of the trial stay"


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
    made = client.create(len(content), canary_metadata())
    url = made.url
    try:
        if client.head(url) is None:
            raise client.lost(made)
        _require(client, _patch(client, transfer, url, 0, first, _sha256(first)), AnswerKind.TAKEN)
        wrong = _patch(client, transfer, url, _HALF, second, _sha256(first))
        _require(client, wrong, AnswerKind.TAKEN, AnswerKind.MISMATCH)
        held = client.head(url)
    finally:
        client.terminate(url)
    return wrong.kind, None if held is None else held.offset


def _finish_one(client: TusClient, transfer: TransferControl) -> _Finished:
    content = secrets.token_bytes(_HALF)
    made = client.create(len(content), canary_metadata())
    try:
        if client.head(made.url) is None:
            raise client.lost(made)
        _require(client, _patch(client, transfer, made.url, 0, content), AnswerKind.TAKEN)
        found = client.sha256_of(made.url, len(content), transfer)
        keeps = client.head(made.url) is not None
    finally:
        terminates = client.terminate(made.url)
    words = "it gives an upload's bytes back"
    if found is None:
        words = "it gives no upload's bytes back"
    elif found != _sha256(content):
        words = "it gave other bytes back than it was given"
    gone = () if keeps else ("it removes finished uploads, so that nothing proves what it has",)
    return _Finished(
        keeps=keeps,
        gives_back=found == _sha256(content),
        terminates=terminates or not keeps,
        words=(words, *gone),
    )


def _fills_at_once(client: TusClient, transfer: TransferControl) -> bool:
    """Return whether it makes an upload with its bytes in one request, and says that it has them."""
    made = patiently(lambda: client.create_filled(secrets.token_bytes(_HALF), canary_metadata()), transfer)
    if made is None:
        return False
    client.terminate(made.url)
    return made.offset == _HALF


def keeps_finished(client: TusClient, transfer: TransferControl) -> bool:
    """Return whether a server still knows of an upload a moment after that was finished.

    Raises:
        DestinationUnavailableError: not now; nothing has been learnt.
        HaltedError: a stop was ordered.
    """
    url = client.create(1, canary_metadata()).url
    try:
        _require(client, _patch(client, transfer, url, 0, b"x"), AnswerKind.TAKEN)
        back_off(_MOMENT, transfer)
        return client.head(url) is not None
    finally:
        client.terminate(url)


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
