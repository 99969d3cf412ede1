"""The port of an evidence store, and the control of a transfer."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from bwvdock.core.clips.clip import Clip
from bwvdock.core.clips.proof import Assessment, Receipt
from bwvdock.core.clips.retention import DisposalPermit


class TransferControl(Protocol):
    """Controls the transfer of a clip's bytes to or from a store: its rate, and when it must stop."""

    def take(self, count: int) -> None:
        """Wait until `count` more bytes may pass.

        Raises:
            HaltedError: the dock is stopping; what the destination has already is kept.
        """
        ...

    def reached(self, held: int) -> None:
        """Note that the destination is known to have `held` bytes of the clip, counted over its parts."""
        ...


class Destination(Protocol):
    """An evidence store. Every call may be repeated after an interruption; some come from several threads."""

    @property
    def name(self) -> str:
        """Its name in the configuration."""
        ...

    @property
    def kind(self) -> str:
        """`directory`, `tus` or `s3`."""
        ...

    def store(self, clip: Clip, transfer: TransferControl) -> str:
        """Store a spooled clip there, complete and durable; return the object's name.

        Never overwrites: an existing object with the same content is success. Resumes where an earlier call
        was interrupted, if the store allows that; the offset that the store reports counts.

        Raises:
            DestinationUnavailableError: not now.
            DestinationRefusedError: it permanently refuses this clip.
            ObjectConflictError: other content has that name.
            DurabilityError: the spool's copy no longer matches the hash taken at ingest, or the store did not
                keep it.
            HaltedError: it was asked to stop.
        """
        ...

    def prove(self, clip: Clip, transfer: TransferControl) -> Receipt:
        """Find out what the store has of a clip, by the strongest method that `assess` found.

        The receipt states what was *found*; the verify stage compares it with the hash taken at ingest.

        Raises:
            DestinationUnavailableError: not now; nothing was found out.
            ObjectConflictError: a sidecar there does not match the hash taken at ingest.
            DestinationError: the object, or a part of it, is missing or cannot be read.
            HaltedError: it was asked to stop.
        """
        ...

    def describe(self, clip: Clip, document: bytes, transfer: TransferControl) -> str:
        """Store the clip's custody document beside its object, replacing an earlier one; return its name.

        Raises:
            DestinationUnavailableError: not now.
            DestinationRefusedError: it refuses the document.
            HaltedError: it was asked to stop.
        """
        ...

    def assess(self, transfer: TransferControl) -> Assessment:
        """Test what an acknowledgement of this store proves; before its first use, and daily.

        Raises:
            DestinationUnavailableError: not now; nothing has been learnt.
        """
        ...

    def probe(self) -> None:
        """Check whether it can be reached and written to; cheap.

        Raises:
            DestinationUnavailableError: it cannot, and why.
        """
        ...


@runtime_checkable
class NoteKeeper(Protocol):
    """A store that keeps a signed checkpoint of the journal beside the footage."""

    def keep_note(self, log: str, size: int, note: bytes) -> str:
        """Store a signed note of a log and return its name there.

        It is stored beside earlier ones and replaces none: a dock that was put back to an earlier state would
        destroy what shows it. May be repeated after an interruption. Small: it waits for no rate limit.

        Raises:
            DestinationError: it cannot be stored now, or ever.
        """
        ...


@runtime_checkable
class GracefulKeeper(Protocol):
    """A keeper that can move a copy aside within its own place, and restore it."""

    def withdraw(self, clip: Clip, permit: DisposalPermit) -> None:
        """Move every part of a clip aside, durably; one that is aside already is not an error.

        Raises:
            DestinationUnavailableError: the vault is not available now.
            DestinationError: its disk reports an error.
            RuntimeError: the permit is for another clip or place.
        """
        ...

    def restore(self, clip: Clip) -> None:
        """Move every part of a clip back, durably, and read it; one that is there already is not an error.

        Raises:
            DestinationUnavailableError: the vault is not available now.
            DestinationError: a part is missing, is not what was taken, or cannot be read.
        """
        ...


class Keeper(Protocol):
    """A place in which bwvdock itself keeps clips, and disposes of them after their retention date."""

    def dispose(self, clip: Clip, permit: DisposalPermit) -> None:
        """Remove every part of a clip, durably; a part that is already gone is not an error.

        The clip's DisposalIntended must be journalled before.

        Raises:
            DestinationUnavailableError: the vault is not available now; nothing was removed.
            DestinationError: the vault's disk reports an error.
            StorageError: the spool's disk reports an error.
            RuntimeError: the permit is for another clip or place.
        """
        ...
