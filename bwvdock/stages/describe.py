"""Does a clip's custody document lie beside its copy at a destination? Bring it there and say so."""

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
    """Lay a clip's custody document beside its object, in place of an earlier one.

    May be called again after any cut. A document that a store, or the disk of a vault, cannot keep is no
    doubt about the footage, which was proven there: it is tried again later.

    Args:
        clip: as the journal has it now.
        destination: one that holds it.
        document: what the journal has of it.
        transfer: paces what is sent, and may stop it.

    Raises:
        DestinationUnavailableError: not now; ask again later.
        DestinationRefusedError: it takes no such document.
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
        # What goes there beside the document (locks, tags, metadata) is said of `clip`, which may have waited
        # for its turn while more was learnt: then another round is owed.
        revision=min(clip.revision, document.revision),
    )
