"""Is a destination's copy what was taken from the camera? Found out, never believed."""

from __future__ import annotations

from collections.abc import Sequence

from bwvdock.core.clips.clip import Clip
from bwvdock.core.clips.permit import Receipt
from bwvdock.core.clips.plan import Target, awaiting
from bwvdock.core.facts import ClipQuarantined, ClipVerified
from bwvdock.core.ports import Destination, TransferControl
from bwvdock.errors import DestinationError


def verify(
    clip: Clip, destination: Destination, targets: Sequence[Target], transfer: TransferControl
) -> ClipVerified | ClipQuarantined:
    """Compare what a destination holds with the digest taken at ingest.

    A copy that is missing, unreadable or different sends the clip to quarantine: the store had said
    that it holds it. A store that cannot be reached says nothing about its copy.

    Args:
        clip: as the journal has it now.
        destination: the one that is asked.
        targets: all configured ones; the fact names the required ones that are still to come.
        transfer: paces what is read back, and may stop it.

    Raises:
        DestinationUnavailableError: not now; ask again later.
    """
    try:
        receipt = destination.prove(clip, transfer)
    except DestinationError as error:
        if error.retryable:
            raise
        return ClipQuarantined(clip=clip.id, reason=error.message)
    if receipt.sha256 != clip.sha256:
        return ClipQuarantined(clip=clip.id, reason=_difference(clip, receipt))
    return ClipVerified(
        clip=clip.id,
        destination=receipt.destination,
        object=receipt.object,
        version=receipt.version,
        sha256=receipt.sha256,
        method=receipt.method.value,
        words=receipt.words,
        owes_document=True,
        awaiting=awaiting(clip.receipts, targets=targets, just_served=destination.name),
    )


def _difference(clip: Clip, receipt: Receipt) -> str:
    return (
        f"the copy at destination {receipt.destination} ({receipt.object}) does not match the hash taken at "
        f"ingest: sha256 {receipt.sha256} was found there, {clip.sha256} was taken at ingest"
        + (f"; {receipt.words}" if receipt.words else "")
    )
