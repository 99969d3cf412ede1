"""How is a dock put back to an earlier day? `StateDisk`: a disk that holds its state, and images of it.

On it are the state directory (journal, spool, keys) and what the signer remembers. The vault, mounted in its
place, and everything else are on the dock's other disk.
"""

import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.vm.cameras import MIB
from tests.vm.station import STATE, Station

SIGNER = "/var/lib/bwvdock-signer"
VAULT = f"{STATE}/vault"
DISK, OTHER_DISK = "/run/state-disk", "/srv/vault"
MOUNTS = {f"{DISK}/dock": STATE, f"{DISK}/signer": SIGNER, OTHER_DISK: VAULT}
UNMOUNT = f"umount {VAULT} {SIGNER} {STATE} {DISK}"
# The signer last: the daemon has the journal signed once more when it is stopped.
STOP = "systemctl stop bwvdock && systemctl stop bwvdock-signer.socket bwvdock-signer.service"
MEMORY = "/root/signer-memory"


@dataclass
class StateDisk:
    """The disk `image`, in the dock or out of it; the daemon runs only while it is in."""

    station: Station
    image: Path
    _in: ExitStack

    def put_in(self) -> None:
        """Put the disk in, with the state in its place; the daemon is not started."""
        device = self._in.enter_context(self.station.dock.workbench("state", self.image))
        binds = "; ".join(f"mount --bind {source} {place}" for source, place in MOUNTS.items())
        self.station.dock.run(f"set -e; mount {device} {DISK}; {binds}")

    def take_out(self) -> None:
        """Stop the daemon and take the disk out."""
        self.station.note_memory()
        self.station.dock.run(f"{STOP} && {UNMOUNT}", timeout=300)
        self._in.close()

    def keep(self, kept: Path) -> None:
        """Make an image of the disk as it is now, as of a virtual machine's: the dock works on."""
        self.station.dock.run(f"fsfreeze -f {DISK}")
        try:
            _copy(self.image, kept)
        finally:
            self.station.dock.run(f"fsfreeze -u {DISK}")

    def put_back(self, kept: Path, *, signer_too: bool = True) -> None:
        """Stop the daemon and have its disk as it was; without `signer_too` the signer forgets nothing.

        The daemon is not started.
        """
        self.station.dock.run(f"rm -rf {MEMORY} && cp -a {SIGNER} {MEMORY}")
        self.take_out()
        _copy(kept, self.image)
        self.put_in()
        if not signer_too:
            self.station.dock.run(f"rm -rf {SIGNER}/* && cp -a {MEMORY}/. {SIGNER}/")


@contextmanager
def state_disk(station: Station, image: Path) -> Iterator[StateDisk]:
    """Yield a new disk with the state that the dock has, in its place; the daemon is stopped."""
    with image.open("wb") as file:
        file.truncate(128 * MIB)
    station.note_memory()
    station.dock.run(STOP, timeout=300)
    with station.dock.workbench("state", image) as device:
        make = f"mkfs.ext4 -q -E lazy_itable_init=0 {device}; mkdir {DISK}; mount {device} {DISK}"
        move = f"mv {VAULT} {OTHER_DISK}; mkdir {VAULT}; cp -a {STATE} {DISK}/dock"
        signer = f"cp -a {SIGNER} {DISK}/signer"
        station.dock.run(f"set -e; {make}; {move}; {signer}; umount {DISK}")
    with ExitStack() as inside:
        disk = StateDisk(station, image, inside)
        disk.put_in()
        yield disk


def _copy(image: Path, to: Path) -> None:
    subprocess.run(["cp", "--sparse=always", str(image), str(to)], check=True)
