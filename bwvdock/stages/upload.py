"""How does a clip get to a destination?"""

from __future__ import annotations

from bwvdock.core.clips.clip import Clip
from bwvdock.core.facts import ClipUploaded
from bwvdock.core.ports import Destination, TransferControl


def upload(clip: Clip, destination: Destination, transfer: TransferControl) -> ClipUploaded:
    """Upload a spooled clip to a destination.

    May be repeated after any interruption: what is already there is not sent again.

    Args:
        clip: its present state.
        destination: one of the configured ones.
        transfer: limits the rate, notes progress, and may stop the transfer.

    Raises:
        DestinationUnavailableError: not now; ask again later.
        DestinationRefusedError: it permanently refuses this clip.
        HaltedError: the dock is stopping, or the configuration changed.
        ObjectConflictError: other content has the clip's name there.
        DurabilityError: the spool's copy no longer matches the hash taken at ingest, or the store did not
            keep it.
    """
    name = destination.store(clip, transfer)
    return ClipUploaded(
        clip=clip.id,
        destination=destination.name,
        object=name,
    )
