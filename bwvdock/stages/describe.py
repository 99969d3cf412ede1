"""How does a clip's custody document get beside its copy at a destination?"""

from __future__ import annotations

from bwvdock.core.clips.clip import Clip
from bwvdock.core.custody.document import CustodyDocument
from bwvdock.core.facts import ClipDescribed
from bwvdock.core.ports import Destination, TransferControl
from bwvdock.errors import (
    DestinationError,
    DestinationRefusedError,
    DestinationUnavailableError,
    DurabilityError,
)


def describe(
    clip: Clip, destination: Destination, document: CustodyDocument, transfer: TransferControl
) -> ClipDescribed:
    """Store a clip's custody document beside its object, replacing an earlier one.

    May be repeated after any interruption. A document that a store cannot keep does not put the footage in
    doubt, which was proven there: it is tried again later.

    Args:
        clip: its present state.
        destination: one that has it.
        document: the document.
        transfer: limits the rate, and may stop the transfer.

    Raises:
        DestinationUnavailableError: not now; ask again later.
        DestinationRefusedError: it refuses the document.
        HaltedError: the dock is stopping, or the configuration changed.
    """
    try:
        name = destination.describe(clip, document.text, transfer)
    except DestinationRefusedError:
        raise
    except (DestinationError, DurabilityError) as error:
        if error.retryable:
            raise
        raise DestinationUnavailableError(error.message, remedy=error.remedy) from error
    return ClipDescribed(
        clip=clip.id,
        destination=destination.name,
        object=name,
        sha256=document.sha256,
        # Locks, tags and metadata are set from `clip`, which may have changed while it waited for its turn:
        # then another round is owed.
        revision=min(clip.revision, document.revision),
    )
