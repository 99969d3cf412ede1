"""Evidence stores, as seen from inside, and what goes with the bytes on their way."""

from __future__ import annotations

from typing import Protocol

from bwvdock.core.clips.clip import Clip
from bwvdock.core.clips.permit import Assessment, Receipt
from bwvdock.core.clips.retention import DisposalPermit


class TransferControl(Protocol):
    """What goes with a clip's bytes on their way to or from a store: the pace, and the order to stop."""

    def take(self, count: int) -> None:
        """Wait until `count` more bytes may pass.

        Raises:
            HaltedError: the dock is stopping; what the destination holds already is kept.
        """
        ...

    def reached(self, held: int) -> None:
        """Hear that the destination is known to hold `held` bytes of the clip, counted over its parts."""
        ...


class Destination(Protocol):
    """An evidence store. Every call may be made again after any cut; some from several threads at once."""

    @property
    def name(self) -> str:
        """The name the configuration gives it."""
        ...

    @property
    def kind(self) -> str:
        """`directory`, `tus` or `s3`."""
        ...

    def store(self, clip: Clip, transfer: TransferControl) -> str:
        """Bring a spooled clip there, whole and durable; give the object's name.

        Never overwrites: an object that already stands there with the same content is success. Goes on
        where an earlier call was cut, as far as the store allows; what the store says it holds is the truth.

        Raises:
            DestinationUnavailableError: not now.
            DestinationRefusedError: it will never take this clip as it is; nothing else is wrong with it.
            ObjectConflictError: another content stands under that name.
            DurabilityError: the spool's copy is not what was acquired, or the store did not keep it.
            HaltedError: it was told to stop.
        """
        ...

    def prove(self, clip: Clip, transfer: TransferControl) -> Receipt:
        """Find out what the store holds of a clip, by the strongest means that `assess` found it to have.

        The receipt states what was *found*: comparing it with the digest taken at ingest is the
        verify room's business.

        Raises:
            DestinationUnavailableError: not now; nothing has been learnt.
            ObjectConflictError: a sidecar there has other content than was acquired.
            DestinationError: the object, or a part of it, is not there or cannot be read.
            HaltedError: it was told to stop.
        """
        ...

    def describe(self, clip: Clip, document: bytes, transfer: TransferControl) -> str:
        """Lay the clip's custody document beside its object, in place of an earlier one; give its name.

        Raises:
            DestinationUnavailableError: not now.
            DestinationRefusedError: it takes no such document.
            HaltedError: it was told to stop.
        """
        ...

    def assess(self, transfer: TransferControl) -> Assessment:
        """Try out what an acknowledgement of this store is worth; before its first use, and daily.

        Raises:
            DestinationUnavailableError: not now; nothing has been learnt.
        """
        ...

    def probe(self) -> None:
        """Find out whether it can be reached and written to; cheap.

        Raises:
            DestinationUnavailableError: it cannot, and why.
        """
        ...


class Keeper(Protocol):
    """A place that bwvdock itself keeps clips in, and disposes of them in when their time is over."""

    def dispose(self, clip: Clip, permit: DisposalPermit) -> None:
        """Take every part of a clip away, durably; what is gone already is no error.

        The clip's DisposalIntended must be journalled before.

        Raises:
            DestinationUnavailableError: the vault is not there now; nothing was taken away.
            DestinationError: the vault's disk refuses.
            StorageError: the spool's disk refuses.
            RuntimeError: the permit is for another clip or place.
        """
        ...
