"""Does a destination's copy match what was taken from the camera, so that it is proven?"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from threading import Event

from bwvdock.core.clips.clip import Clip
from bwvdock.core.clips.proof import Receipt
from bwvdock.core.facts import ClipQuarantined, ClipVerified, VerifiedAgain
from bwvdock.core.ports import Destination, TransferControl
from bwvdock.errors import DestinationError, NotComparableError

ProveAgain = Callable[[Clip, Event], Sequence[VerifiedAgain] | ClipQuarantined]
"""Asks every required destination for its copy of a clip now (`verify_again`); the event stops it."""


def verify(clip: Clip, destination: Destination, transfer: TransferControl) -> ClipVerified | ClipQuarantined:
    """Compare what a destination holds with the digest taken at ingest.

    If the copy is missing, unreadable or different, the clip goes to quarantine: the store had reported that
    it has it. A store that cannot be reached shows nothing about its copy.

    Args:
        clip: as the journal has it now.
        destination: the one that is asked.
        transfer: paces what is read back, and may stop it.

    Raises:
        DestinationUnavailableError: not now; ask again later.
    """
    try:
        return _compare(clip, destination, transfer)
    except NotComparableError as error:
        return ClipQuarantined(clip=clip.id, reason=error.message, place=destination.name)


def _compare(
    clip: Clip, destination: Destination, transfer: TransferControl
) -> ClipVerified | ClipQuarantined:
    try:
        receipt = destination.prove(clip, transfer)
    except NotComparableError:
        raise
    except DestinationError as error:
        if error.retryable:
            raise
        return ClipQuarantined(clip=clip.id, reason=error.message, place=destination.name)
    if receipt.sha256 != clip.sha256:
        return ClipQuarantined(clip=clip.id, reason=_difference(clip, receipt), place=destination.name)
    return ClipVerified(
        clip=clip.id,
        destination=receipt.destination,
        object=receipt.object,
        version=receipt.version,
        sha256=receipt.sha256,
        method=receipt.method.value,
        words=receipt.words,
        owes_document=True,
    )


def verify_again(
    clip: Clip, destinations: Iterable[Destination], transfer: Callable[[Destination], TransferControl]
) -> Sequence[VerifiedAgain] | ClipQuarantined:
    """Compare what each destination holds now with the digest taken at ingest, before another copy goes.

    A store that compares content only while it receives it cannot prove a copy twice: what it proved then
    counts, as long as the object is there with its length.

    Args:
        clip: as the journal has it now.
        destinations: each has proven its copy before; one whose copy was disposed of is not asked.
        transfer: returns what paces what is read back from a destination, and may stop it.

    Returns:
        What each destination proved now; or what is wrong with the first copy that is not what was taken.

    Raises:
        DestinationUnavailableError: not now; ask again later.
    """
    proven = []
    for destination in destinations:
        if destination.name in clip.disposed:
            continue
        with suppress(NotComparableError):
            found = _compare(clip, destination, transfer(destination))
            if isinstance(found, ClipQuarantined):
                destination.probe()  # of a store that is not well nothing is believed
                return found
            proven.append(_again(found))
    return proven


def _again(found: ClipVerified) -> VerifiedAgain:
    return VerifiedAgain(
        clip=found.clip,
        destination=found.destination,
        object=found.object,
        version=found.version,
        sha256=found.sha256,
        method=found.method,
        words=found.words,
    )


def _difference(clip: Clip, receipt: Receipt) -> str:
    return (
        f"the copy at destination {receipt.destination} ({receipt.object}) does not match the hash taken at "
        f"ingest: sha256 {receipt.sha256} was found there, {clip.sha256} was taken at ingest"
        + (f"; {receipt.words}" if receipt.words else "")
    )
