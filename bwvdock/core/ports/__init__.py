"""The ports: which services do the stages and the pipeline need from the outside?

Each Protocol's docstring is its contract; tests/contracts holds one suite for each, run on the
real edge and on the fake. The only errors are those of bwvdock/errors.py: an edge translates others.
"""

from __future__ import annotations

from bwvdock.core.clips.clip import Clip
from bwvdock.core.clips.proof import Assessment, Receipt
from bwvdock.core.facts import AcquiredPart, SourceFile
from bwvdock.core.ports.camera import FINGERPRINT_BYTES, CameraFile, CameraVolume, FileStatus, Kept, Source
from bwvdock.core.ports.machine import Clock, ClockState
from bwvdock.core.ports.reading import FoundPart, ReadableStore, Take
from bwvdock.core.ports.spool import PIECE_BYTES, Checksum, Incoming, Progress, Spool
from bwvdock.core.ports.store import Destination, GracefulKeeper, Keeper, NoteKeeper, TransferControl

__all__ = [
    "FINGERPRINT_BYTES",
    "PIECE_BYTES",
    "AcquiredPart",
    "Assessment",
    "CameraFile",
    "CameraVolume",
    "Checksum",
    "Clip",
    "Clock",
    "ClockState",
    "Destination",
    "FileStatus",
    "FoundPart",
    "GracefulKeeper",
    "Incoming",
    "Keeper",
    "Kept",
    "NoteKeeper",
    "Progress",
    "ReadableStore",
    "Receipt",
    "Source",
    "SourceFile",
    "Spool",
    "Take",
    "TransferControl",
]
