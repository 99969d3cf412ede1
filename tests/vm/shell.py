"""How does a person look into the virtual dock? `python -m tests.vm.shell` boots one and lends its console.

The dock is new each time, and gone afterwards. A package and cameras can be put in first:

    python -m tests.vm.shell --deb dist/bwvdock_*.deb --camera some-volume.img --camera another.img

Ctrl-] leaves.
"""

import argparse
import os
import select
import socket
import sys
import tempfile
import termios
import tty
from pathlib import Path

from tests.vm.dock import VirtualDock
from tests.vm.image import base_image, overlay
from tests.vm.install import install_deb
from tests.vm.qmp import connect

LEAVE = b"\x1d"  # Ctrl-]


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m tests.vm.shell", description="A shell in a virtual dock."
    )
    parser.add_argument("--deb", type=Path, help="a package to install first")
    parser.add_argument(
        "--camera", type=Path, action="append", default=[], help="a raw image, for the next bay"
    )
    parser.add_argument("--network", action="store_true", help="with a network; this machine is 10.0.2.2")
    arguments = parser.parse_args()
    base = base_image()
    with tempfile.TemporaryDirectory() as folder:
        disk = overlay(base.disk, Path(folder, "disk.qcow2"), backing_format=base.disk_format)
        dock = VirtualDock(base, disk, network=arguments.network)
        try:
            say("Booting …")
            dock.start()
            if arguments.deb is not None:
                say("Installing …")
                install_deb(dock, arguments.deb)
            for bay, image in enumerate(arguments.camera, 1):
                dock.plug_storage(f"camera{bay}", image, serial=f"CAMERA-{bay}", bay=bay)
            say("You are root. Ctrl-] leaves, and the dock is gone.")
            lend_console(dock.machine.home / "console")
        finally:
            dock.remove()


def say(text: str) -> None:
    sys.stderr.write(f"{text}\r\n")


def lend_console(path: Path) -> None:
    """Joins this terminal and the guest's console, until either end leaves."""
    before = termios.tcgetattr(sys.stdin)
    try:
        tty.setraw(sys.stdin)
        with connect(path) as console:
            console.sendall(b"\n")  # the prompt was printed before anybody was there to read it
            while pass_on(console):
                pass
    finally:
        termios.tcsetattr(sys.stdin, termios.TCSADRAIN, before)


def pass_on(console: socket.socket) -> bool:
    """Waits for bytes at either end and hands them over. False: one end has left."""
    ready, _, _ = select.select([sys.stdin, console], [], [])
    if console in ready:
        output = console.recv(65536)
        if not output:
            return False
        os.write(sys.stdout.fileno(), output)
    if sys.stdin in ready:
        typed = os.read(sys.stdin.fileno(), 1024)
        if not typed or LEAVE in typed:
            return False
        console.sendall(typed)
    return True


if __name__ == "__main__":
    main()
