"""Is a destination's copy what was taken from the camera? Found out, never believed."""

from __future__ import annotations

from bwvdock.core.clips.clip import Clip
from bwvdock.core.clips.permit import Receipt
from bwvdock.core.facts import ClipQuarantined, ClipVerified
from bwvdock.core.ports import Destination, TransferControl
from bwvdock.errors import DestinationError


def verify(clip: Clip, destination: Destination, transfer: TransferControl) -> ClipVerified | ClipQuarantined:
    """Compare what a destination holds with the digest taken at ingest.

    A copy that is missing, unreadable or different sends the clip to quarantine: the store had said
    that it holds it. A store that cannot be reached says nothing about its copy.

    Args:
        clip: as the journal has it now.
        destination: the one that is asked.
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
    )


def _difference(clip: Clip, receipt: Receipt) -> str:
    return (
        f"destination {receipt.destination} holds other bytes under {receipt.object}: "
        f"sha256 {receipt.sha256} was found, {clip.sha256} was taken at ingest"
    )
