"""Does a destination hold all bytes of a clip? Bring them there and say so."""

from __future__ import annotations

from bwvdock.core.clips.clip import Clip
from bwvdock.core.facts import ClipUploaded
from bwvdock.core.ports import Destination, TransferControl


def upload(clip: Clip, destination: Destination, transfer: TransferControl) -> ClipUploaded:
    """Bring a spooled clip to a destination.

    May be called again after any cut: what stands there already is not sent again.

    Args:
        clip: as the journal has it now.
        destination: one of the configured ones.
        transfer: paces what is sent, hears of progress, and may stop it.

    Raises:
        DestinationUnavailableError: not now; ask again later.
        DestinationRefusedError: it will never take this clip as it is.
        HaltedError: the dock is stopping, or the configuration changed.
        ObjectConflictError: other content stands under the clip's name there.
        DurabilityError: the spool's copy is not what was acquired, or the store did not keep it.
    """
    name = destination.store(clip, transfer)
    return ClipUploaded(
        clip=clip.id,
        destination=destination.name,
        object=name,
    )
