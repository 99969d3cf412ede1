"""A disk of its own for a server: a small one that fills up, or a file. Mounting them needs root."""

from __future__ import annotations

import subprocess
from pathlib import Path
from types import TracebackType
from typing import Self


class SmallDisk:
    """A file system of so many bytes at a folder of a server that does not run yet. A context manager."""

    def __init__(self, folder: Path, size: int) -> None:
        self._folder = folder
        self._size = size

    def grow(self, size: int) -> None:
        """Make it this large, under the feet of whoever uses it."""
        self._mount("-o", f"remount,size={size}", str(self._folder))

    @staticmethod
    def _mount(*words: str) -> None:
        subprocess.run(["mount", *words], check=True, capture_output=True)

    def __enter__(self) -> Self:
        self._folder.mkdir(exist_ok=True)
        self._mount("-t", "tmpfs", "-o", f"size={self._size}", "tmpfs", str(self._folder))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        subprocess.run(["umount", "--lazy", self._folder], check=True, capture_output=True)


class FileDisk:
    """An ext4 file system of so many bytes in a file, at a folder of a server. A context manager."""

    def __init__(self, folder: Path, size: int) -> None:
        self._folder = folder
        self._size = size

    def __enter__(self) -> Self:
        image = self._folder.with_suffix(".img")
        with image.open("wb") as file:
            file.truncate(self._size)
        for command in (
            ["mkfs.ext4", "-q", str(image)],
            ["mount", "-o", "loop", str(image), str(self._folder)],
        ):
            subprocess.run(command, check=True, capture_output=True)
        image.unlink()  # its bytes are gone with the mount, however this process ends
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        subprocess.run(["umount", "--lazy", self._folder], check=True, capture_output=True)
