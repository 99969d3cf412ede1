"""What is on a camera, to the last byte? Makes camera volumes, and knows what must be found in them.

vfat volumes are made here, by mtools and without root. exfat ones are filled by the guest's kernel, on a disk
that is not on USB, for nothing else fills them: `make_exfat` needs a running dock for that.
"""

import hashlib
import os
import subprocess
import tarfile
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from tests.vm.dock import VirtualDock
from tests.vm.image import VirtualDockError, need_tools

MIB = 1 << 20
START = 1 * MIB  # where the only partition begins, in bytes: what cameras and sfdisk do

Table = Literal["none", "mbr", "gpt"]
PARTITION_TYPE = {
    ("vfat", "mbr"): "c",  # FAT32, LBA
    ("exfat", "mbr"): "7",
    # "Microsoft basic data", of any file system
    ("vfat", "gpt"): "EBD0A0A2-B9E5-4433-87C0-68B6B72699C7",
    ("exfat", "gpt"): "EBD0A0A2-B9E5-4433-87C0-68B6B72699C7",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class FileTruth:
    """One file that was put on a camera. Size in bytes."""

    sha256: str
    size: int


@dataclass(frozen=True, kw_only=True, slots=True)
class CameraImage:
    """A camera's volume: a raw image, and what is in it by path (relative, with slashes)."""

    path: Path
    files: dict[str, FileTruth]
    sha256: str  # of the whole image, when it was made

    def untouched(self) -> bool:
        """Whether every bit of the image is still as it was made."""
        return file_sha256(self.path) == self.sha256


def make_vfat(
    path: Path,
    tree: Path,
    *,
    size: int,
    table: Table = "none",
    read_only: tuple[str, ...] = (),
    volume_id: str = "",
) -> CameraImage:
    """Makes a FAT volume of all that is in the folder `tree`.

    Args:
        path: the image to be made.
        tree: the folder whose content becomes the volume's; keeps modification times, to FAT's two seconds.
        size: of the image, in bytes.
        table: "none" is a superfloppy: the file system begins at the first sector.
        read_only: paths in the volume that get FAT's read-only attribute, as a camera marks locked clips.
        volume_id: eight hexadecimal digits, for a volume that was docked before; else one of its own.

    Raises:
        VirtualDockError: the tree does not fit, or a name is none that FAT can hold.
    """
    need_tools("mkfs.vfat", "mcopy", "mattrib")
    offset = _blank(path, size, "vfat", table)
    blocks = str((size - offset) // 1024 - (MIB // 1024 if table == "gpt" else 0))
    _tool(
        "mkfs.vfat",
        "-n",
        "CAMERA",
        "--offset",
        str(offset // 512),
        "-h",
        str(offset // 512),
        *(["-i", volume_id] if volume_id else []),
        str(path),
        blocks,
    )
    volume = f"{path}@@{offset}"
    content = [str(entry) for entry in sorted(tree.iterdir())]
    if content:
        _tool("mcopy", "-s", "-m", "-Q", "-i", volume, *content, "::/")
    for name in read_only:
        _tool("mattrib", "+r", "-i", volume, f"::/{name}")
    return _finished(path, tree)


def make_exfat(path: Path, tree: Path, *, size: int, dock: VirtualDock, table: Table = "mbr") -> CameraImage:
    """As `make_vfat`, for exfat. Uses the guest, but not its USB: no bwvdock in it takes notice."""
    need_tools("sfdisk")
    _blank(path, size, "exfat", table)
    archive = path.with_suffix(".tar")
    with tarfile.open(archive, "w", format=tarfile.PAX_FORMAT) as tar:
        for entry in sorted(tree.iterdir()):
            tar.add(entry, arcname=entry.name)
    with dock.workbench("archive", archive) as source, dock.workbench("volume", path) as disk:
        partition = disk if table == "none" else f"{disk}-part1"
        dock.run(
            f"set -e; udevadm wait --settle --timeout=30 {partition}; mkfs.exfat -L CAMERA {partition}"
            f"; mkdir -p /run/volume; mount -t exfat {partition} /run/volume"
            f"; tar -xf {source} -C /run/volume --no-same-owner --no-same-permissions; umount /run/volume",
            timeout=600,
        )
    archive.unlink()
    return _finished(path, tree)


def file_sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def truth_of(tree: Path) -> dict[str, FileTruth]:
    return {
        str(file.relative_to(tree)): FileTruth(sha256=file_sha256(file), size=file.stat().st_size)
        for file in sorted(tree.rglob("*"))
        if file.is_file()
    }


def _blank(path: Path, size: int, file_system: str, table: Table) -> int:
    """An empty image with its partition table. Returns where the file system begins, in bytes."""
    with path.open("wb") as file:
        file.truncate(size)
    if table == "none":
        return 0
    end = MIB if table == "gpt" else 0  # the second copy of the table
    sectors = (size - START - end) // 512
    script = f"label: {'dos' if table == 'mbr' else 'gpt'}\n"
    script += f"start={START // 512}, size={sectors}, type={PARTITION_TYPE[file_system, table]}\n"
    _tool("sfdisk", "--quiet", str(path), stdin=script)
    return START


def _finished(path: Path, tree: Path) -> CameraImage:
    return CameraImage(path=path, files=truth_of(tree), sha256=file_sha256(path))


def _tool(*command: str, stdin: str = "") -> None:
    # FAT has local times without a zone: here and in the guest that is UTC. mtools trusts our geometry.
    sbin = os.environ["PATH"] + ":/usr/sbin:/sbin"
    environment = {**os.environ, "PATH": sbin, "TZ": "UTC", "LC_ALL": "C.UTF-8", "MTOOLS_SKIP_CHECK": "1"}
    result = subprocess.run(
        command, env=environment, input=stdin, capture_output=True, text=True, check=False
    )
    if result.returncode != 0:
        raise VirtualDockError(f"{' '.join(command[:4])} … failed: {result.stderr.strip()[-1000:]}")
