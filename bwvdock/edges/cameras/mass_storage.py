"""How is a card or a camera's disk read through the directory descriptor from the mounter?

After unplugging, vfat lists as an empty folder without an error, and reads fail with EIO, as they do on a
damaged card. The medium itself distinguishes the two: the kernel gives every attachment, and every change of
medium, a sequence number of its own (diskseq, Linux 5.15), and a medium that returns a block now was present
all along. The number alone is not enough: the disk stays in sysfs for a moment after its camera was
unplugged, while reads already fail and folders are empty.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol

from bwvdock.core.clips.dates.file_times import FileTimes
from bwvdock.core.clips.permit import ErasePermit
from bwvdock.core.facts import SourceFile
from bwvdock.core.ports.erasing import Erasure
from bwvdock.edges.cameras.covered_files import may_erase
from bwvdock.edges.cameras.tree import TreeVolume, gone
from bwvdock.edges.cameras.walk import Limits
from bwvdock.errors import EraseRefusedError


@dataclass(frozen=True, kw_only=True, slots=True)
class BlockDevice:
    """The block device that a volume was mounted from, as it was then; `name` is for example "sdb1"."""

    name: str
    major: int
    minor: int
    diskseq: int


class CardEraser(Protocol):
    """What a volume needs to erase files; edges/mounting.py implements it."""

    def erase(self, files: Sequence[SourceFile]) -> Sequence[Erasure]:
        """Have files erased from the medium, which must not be mounted; raises as ErasableVolume does."""
        ...

    def mount_again(self) -> int:
        """Return the root directory of the same medium, mounted again.

        Raises:
            CameraGoneError: it is gone.
            CameraError: it cannot be mounted.
            MounterUnavailableError: the mounter does not answer.
        """
        ...


class MassStorageVolume(TreeVolume):
    """A CameraVolume over a mounted block device. Owns `root_fd`; the mount goes with it."""

    def __init__(
        self,
        root_fd: int,
        *,
        device: BlockDevice,
        answers: Callable[[], bool],
        name: str,
        label: str = "",
        eraser: CardEraser | None = None,
        sysfs: str = "/sys",
        limits: Limits | None = None,
    ) -> None:
        """Take the descriptor over.

        Args:
            root_fd: the root directory.
            device: what it was mounted from.
            answers: reads the medium itself, bypassing every cache, and returns whether it answered.
            name: the volume's name, the same at each docking.
            label: the volume's own label, escaped.
            eraser: has files erased while the volume is closed, and returns its root again; without it
                nothing can be erased.
            sysfs: where the kernel describes devices.
            limits: the limits of a listing.
        """
        super().__init__(root_fd, name=name, label=label, limits=limits)
        self._medium_answers = answers
        self._device = device
        self._eraser = eraser
        self._sysfs = sysfs

    def present(self) -> bool:
        """Return whether the same medium is still in the same device, and answers.

        Raises:
            MounterUnavailableError: it is unknown, because the mounter does not answer.
        """
        if device_now(self._device.name, sysfs=self._sysfs) != self._device:
            return False
        return (self._root < 0 or self._answers()) and self._medium_answers()

    def erase(self, permit: ErasePermit) -> Sequence[Erasure]:
        """Close the volume and have the permit's files erased. See core/ports/erasing.py.

        The daemon's mount of a card is read-only, and the kernel would keep showing the old state: so it ends
        before anything is erased, and is made again at the next use.
        """
        files = may_erase(permit, self.name)
        if self._eraser is None:
            raise EraseRefusedError("Nothing can be erased from this volume.", remedy="Erase it by hand.")
        if not self.present():
            raise gone()
        self._let_go()
        return self._eraser.erase(files)

    def _reopen(self) -> int:
        if self._eraser is None:
            raise gone()
        return self._eraser.mount_again()


class FatVolume(MassStorageVolume):
    """A MassStorageVolume with FAT, whose times are digits without a zone, handed on as they are.

    exFAT is another matter: beside each time it has room for an offset from UTC, which the kernel takes into
    account where the camera wrote one.
    """

    times = FileTimes.LOCAL


def kind_of_volume(filesystem: str) -> type[MassStorageVolume]:
    """Return the kind of volume that a file system of this name makes ("vfat")."""
    return FatVolume if filesystem == "vfat" else MassStorageVolume


def device_now(name: str, *, sysfs: str = "/sys") -> BlockDevice | None:
    """Return the present block device of that name, or None if there is none.

    A partition has the sequence number of its disk.
    """
    with suppress(OSError, ValueError):
        folder = os.path.realpath(f"{sysfs}/class/block/{name}")
        major, _, minor = _read(f"{folder}/dev").partition(":")
        at_disk = folder if os.path.exists(f"{folder}/diskseq") else os.path.dirname(folder)
        return BlockDevice(
            name=name, major=int(major), minor=int(minor), diskseq=int(_read(f"{at_disk}/diskseq"))
        )
    return None


def _read(path: str) -> str:
    with open(path, encoding="ascii") as file:
        return file.read().strip()
