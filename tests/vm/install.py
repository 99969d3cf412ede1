"""How does a package get onto the dock? As an operator does it: `apt install ./package.deb`, no network."""

import dataclasses
from pathlib import Path

from tests.vm.dock import VirtualDock
from tests.vm.image import GuestImage, overlay


def install_deb(dock: VirtualDock, deb: Path) -> None:
    """Installs a package on a running dock. Raises CommandFailedError with all that apt said."""
    dock.push(f"/root/{deb.name}", deb.read_bytes())
    apt = "DEBIAN_FRONTEND=noninteractive apt-get -q -o Dpkg::Use-Pty=0"
    dock.run(f"cd /root && {apt} install -y ./{deb.name} </dev/null 2>&1", timeout=600)


def installed_image(base: GuestImage, deb: Path, disk: Path) -> GuestImage:
    """A guest with the package installed, switched off in good order: what scenarios' overlays stand on.

    `disk` is made: an overlay of the base's disk.
    """
    dock = VirtualDock(base, overlay(base.disk, disk, backing_format=base.disk_format))
    try:
        dock.start()
        install_deb(dock, deb)
        dock.shutdown()
    finally:
        dock.remove()
    return dataclasses.replace(base, disk=disk, disk_format="qcow2")
