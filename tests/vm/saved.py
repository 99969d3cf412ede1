"""Where do scenarios begin? On a dock that was saved running: booted, or with bwvdock installed as well.

Booting and installing take an emulated processor a minute each, going on from what was saved takes a second.
A moment is saved by whichever run needs it first, beside the guest in build/vm/, under a hash of all on which
it depends; several runs may want it at once.
"""

import hashlib
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

from tests.vm.dock import VirtualDock
from tests.vm.image import GuestImage, only_one_builder, overlay
from tests.vm.install import built_deb, install_deb
from tests.vm.station import CONFIG, Station

HERE = Path(__file__).parent
# Once they have run, their modules are in the guest's memory: guest/commands.py.
COMMANDS = ("status", "clips list", "clips show X", "dockings list", "custody verify")


def booted(base: GuestImage) -> GuestImage:
    """Return the guest when it has booted, saved where it is not yet."""
    return _saved("booted", base, b"", lambda dock: None)


def installed(base: GuestImage) -> GuestImage:
    """Return the same with bwvdock, installed and named as an operator does it, and running."""
    return _saved("installed", booted(base), built_deb().read_bytes(), install)


def install(dock: VirtualDock) -> None:
    install_deb(dock, built_deb())
    dock.run(f"sed -i 's/^id = .*/id = \"dock-vm\"/' {CONFIG}")
    Station(dock).run("config check")
    dock.run("systemctl stop bwvdock", timeout=300)
    Station(dock).run("cameras enrol NOBODY", check=False)  # nobody is there to be asked
    dock.run("systemctl start bwvdock", timeout=300)
    for command in COMMANDS:
        Station(dock).run(f"{command} --json", check=False)


def _saved(name: str, image: GuestImage, more: bytes, prepare: Callable[[VirtualDock], None]) -> GuestImage:
    emulator = subprocess.run(["qemu-system-x86_64", "--version"], capture_output=True, check=True).stdout
    sources = b"".join((HERE / file).read_bytes() for file in ("machine.py", "install.py", "saved.py"))
    key = hashlib.sha256(str(image.disk).encode() + emulator + sources + more).hexdigest()[:16]
    folder = image.kernel.parent
    home = folder / f"{name}-{key}"
    if not home.exists():  # asked first: who wants the one moment waits for nobody who saves the other
        with only_one_builder(folder):
            if not home.exists():
                for older in folder.glob(f"{name}-*"):
                    shutil.rmtree(older)
                # Renamed into its place when whole: a run that was interrupted leaves no half moment behind.
                with tempfile.TemporaryDirectory(dir=folder, prefix="saving-") as temporary:
                    _save(image, Path(temporary, "home"), prepare)
                    Path(temporary, "home").rename(home)
    return GuestImage(
        disk=home / "disk.qcow2",
        disk_format="qcow2",
        kernel=image.kernel,
        initrd=image.initrd,
        state=home / "state",
    )


def _save(image: GuestImage, home: Path, prepare: Callable[[VirtualDock], None]) -> None:
    home.mkdir()
    dock = VirtualDock(image, overlay(image.disk, home / "disk.qcow2", backing_format=image.disk_format))
    try:
        dock.start()
        prepare(dock)
        dock.save(home / "state")
    finally:
        dock.remove()
