"""Real file systems on loop devices, for tests that mount for real."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

needs_root = [
    pytest.mark.needs_root,
    pytest.mark.skipif(
        os.geteuid() != 0 or not os.path.exists("/dev/loop-control"), reason="needs root and loop devices"
    ),
]

_FORMATS = {"ext4": ["mkfs.ext4", "-q"], "xfs": ["mkfs.xfs", "-q"]}
CLIP = b"footage" * 1000
_SIZE = 320 * 1024 * 1024  # XFS wants 300 MiB; the image is sparse


@contextmanager
def loop_device(image: Path) -> Iterator[str]:
    """Attach an image; give the device's name ("loop3"). Detaching fails if something still holds it."""
    path = run("losetup", "--find", "--show", str(image)).strip()
    try:
        yield path.removeprefix("/dev/")
    finally:
        run("blockdev", "--setrw", path)  # the mark stays for the next image to meet
        run("losetup", "--detach", path)


def dirty_image(folder: Path, filesystem: str) -> Path:
    """Make an image as a camera that lost power leaves it: clips, and a log that waits to be replayed."""
    live, image, point = folder / "live.img", folder / f"{filesystem}.img", folder / "point"
    live.touch()
    os.truncate(live, _SIZE)
    run(*_FORMATS[filesystem], str(live))
    point.mkdir()
    with loop_device(live) as name:
        with mounted(name, point):
            (point / "DCIM").mkdir()
            (point / "DCIM/clip.mp4").write_bytes(CLIP)
            (point / "link").symlink_to("DCIM/clip.mp4")
        with mounted(name, point):
            (point / "late.mp4").write_bytes(CLIP)
            os.sync()
            run("cp", "--sparse=always", str(live), str(image))
    live.unlink()
    return image


@contextmanager
def mounted(name: str, point: Path) -> Iterator[None]:
    run("mount", f"/dev/{name}", str(point))
    try:
        yield
    finally:
        run("umount", str(point))


def run(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout
