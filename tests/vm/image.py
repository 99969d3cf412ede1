"""Which guest does the virtual dock boot? Built from Debian's packages once, then taken from the cache.

The cache is `build/vm/` in the checkout; its key is the hash of all files in `guest/`: a changed recipe is a
new guest.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

RECIPE = Path(__file__).parent / "guest"
CACHE = Path(__file__).parents[2] / "build" / "vm"
REMEDY = "type: tests/vm/setup.sh"


class VirtualDockError(Exception):
    """The virtual dock itself is at fault, not what is tested in it: what happened, and what to type next."""


@dataclass(frozen=True, kw_only=True, slots=True)
class GuestImage:
    """A guest: `disk` is never written to, every dock works on an overlay of it.

    `state`: what `VirtualDock.save` kept of a dock that ran on `disk`. A new one goes on from there, running.
    """

    disk: Path
    disk_format: str  # of `disk`, as QEMU names it
    kernel: Path
    initrd: Path
    state: Path | None = None


def need_tools(*names: str) -> None:
    """Raises VirtualDockError where a program is missing: a test that silently skipped proves nothing."""
    missing = [
        name for name in names if shutil.which(name, path=os.environ["PATH"] + ":/usr/sbin:/sbin") is None
    ]
    if missing:
        raise VirtualDockError(f"The virtual dock needs {', '.join(missing)}, not installed here; {REMEDY}")


def recipe_key() -> str:
    digest = hashlib.sha256()
    for file in sorted(RECIPE.glob("*.*")):
        digest.update(f"{file.name}\0{file.stat().st_size}\0".encode() + file.read_bytes())
    return digest.hexdigest()[:16]


def base_image(cache: Path = CACHE) -> GuestImage:
    """The guest as Debian made it, without bwvdock. Built where it is not in the cache: about a minute.

    Raises:
        VirtualDockError: it could not be built; the message holds the end of what the build said.
    """
    home = cache / recipe_key()
    image = GuestImage(
        disk=home / "disk.raw", disk_format="raw", kernel=home / "vmlinuz", initrd=home / "initrd.img"
    )
    with only_one_builder(cache):
        if not home.exists():
            _build(cache, home)
            _forget_older_recipes(cache, home)
    return image


def overlay(backing: Path, path: Path, *, backing_format: str) -> Path:
    """A new copy-on-write disk over `backing`, which must stay as it is as long as the overlay lives."""
    need_tools("qemu-img")
    backing_options = ["-b", str(backing.resolve()), "-F", backing_format]
    subprocess.run(["qemu-img", "create", "-q", "-f", "qcow2", *backing_options, str(path)], check=True)
    return path


def _build(cache: Path, home: Path) -> None:
    need_tools("mmdebstrap", "mke2fs")
    # Renamed into its place when whole: a build that was interrupted leaves no half guest behind.
    with tempfile.TemporaryDirectory(dir=cache, prefix="building-") as building:
        result = subprocess.run(
            [RECIPE / "build.sh", building], capture_output=True, text=True, check=False, errors="replace"
        )
        if result.returncode != 0:
            said = "\n".join((result.stdout + result.stderr).splitlines()[-30:])
            raise VirtualDockError(f"The guest could not be built:\n{said}")
        Path(building, "home").mkdir()
        for name in ("disk.raw", "vmlinuz", "initrd.img"):
            Path(building, name).rename(Path(building, "home", name))
        Path(building, "home").rename(home)


def _forget_older_recipes(cache: Path, newest: Path) -> None:
    for entry in cache.iterdir():
        if entry.is_dir() and entry != newest:
            shutil.rmtree(entry)


@contextmanager
def only_one_builder(cache: Path) -> Iterator[None]:
    """Waits until no other process builds in that folder, and keeps others waiting."""
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
