"""How does a camera that speaks MTP get into the virtual dock, and how is it torn out?

Two kinds, for they disagree where it matters. `Emulated` is QEMU's own usb-mtp: it never ends a transfer with
an empty packet, knows ASCII names only, cannot begin behind 4 GiB. `Responder` is uMTP-Responder, which runs
in the guest itself behind the kernel's dummy USB controller: always an empty packet, any name,
GetPartialObject64, and a store that can be locked.
"""

import hashlib
import io
import shlex
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.vm.cameras import file_sha256
from tests.vm.dock import VirtualDock
from tests.vm.machine import PORTS
from tests.vm.station import Station
from tests.vm.usb import TIMEOUT

GADGET = "/sys/kernel/config/usb_gadget/camera"
ENDPOINTS = "/dev/ffs-mtp"
CARD = "/root/card"  # what the responder shows
SECOND_CARD = "/root/card2"
RESPONDER_CONF = "/run/responder.conf"

# The files of FunctionFS appear only once the responder has described itself; only then can it be plugged in.
START_RESPONDER = f"""set -e
modprobe -a dummy_hcd libcomposite usb_f_fs
mountpoint -q /sys/kernel/config || mount -t configfs none /sys/kernel/config
mkdir {GADGET} && cd {GADGET}
mkdir strings/0x409 functions/ffs.mtp configs/c.1
echo 0x1d6b >idVendor
echo 0x0100 >idProduct
echo {{serial}} >strings/0x409/serialnumber
echo 'Virtual camera' >strings/0x409/product
ln -s functions/ffs.mtp configs/c.1/
mkdir -p {ENDPOINTS}
mount -t functionfs mtp {ENDPOINTS}
umtprd -conf {RESPONDER_CONF} >/run/responder.log 2>&1 &
echo $! >/run/responder.pid
"""
PLUG_RESPONDER = f"[ -e {ENDPOINTS}/ep3 ] && ls /sys/class/udc >{GADGET}/UDC"
TEAR_OUT_RESPONDER = f"echo >{GADGET}/UDC"
REMOVE_RESPONDER = f"""kill $(cat /run/responder.pid)
while [ -e /proc/$(cat /run/responder.pid) ]; do read -t 0.1 <> <(:); done
umount {ENDPOINTS} && cd {GADGET} && rm configs/c.1/ffs.mtp
rmdir configs/c.1 functions/ffs.mtp strings/0x409 && cd / && rmdir {GADGET}
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Emulated:
    """QEMU's usb-mtp, showing a folder of this machine. What is put there later stays unseen."""

    serial: str
    folder: Path
    bay: int = 1
    writable: bool = False

    @property
    def name(self) -> str:
        return self.serial.lower()

    def plug(self, dock: VirtualDock) -> None:
        where = {"bus": f"xhci{(self.bay - 1) // PORTS}.0", "port": str((self.bay - 1) % PORTS + 1)}
        dock.machine.qmp.command(
            "device_add",
            driver="usb-mtp",
            id=self.name,
            serial=self.serial,
            rootdir=str(self.folder.resolve()),
            readonly=not self.writable,
            **where,
        )

    def tear_out(self, dock: VirtualDock) -> None:
        dock.machine.qmp.command("device_del", id=self.name)
        dock.machine.qmp.wait_event("DEVICE_DELETED", lambda data: data.get("device") == self.name, TIMEOUT)


@dataclass(frozen=True, kw_only=True, slots=True)
class Responder:
    """uMTP-Responder in the guest, showing CARD. One at a time."""

    serial: str
    options: str = "ro"  # of its store; "ro,notmounted" hides it until `unlock`
    second: bool = False  # shows SECOND_CARD as well
    interface: str = "0x6 0x1 0x1"  # class, subclass, protocol

    def plug(self, dock: VirtualDock) -> None:
        lines = ["loop_on_disconnect 0", f'storage "{CARD}" "card" "{self.options}"', 'interface "MTP"']
        if self.second:
            lines.append(f'storage "{SECOND_CARD}" "second card" "ro"')
        lines += [f'serial "{self.serial}"', "usb_functionfs_mode 0x1", "usb_max_packet_size 0x200"]
        lines += [f'usb_dev_path "{ENDPOINTS}/ep0"', f'usb_epin_path "{ENDPOINTS}/ep1"']
        lines += [f'usb_epout_path "{ENDPOINTS}/ep2"', f'usb_epint_path "{ENDPOINTS}/ep3"']
        lines += ["usb_vendor_id 0x1D6B", "usb_product_id 0x0100"]
        names = ("usb_class", "usb_subclass", "usb_protocol")
        lines += [f"{name} {code}" for name, code in zip(names, self.interface.split(), strict=True)]
        lines += ["usb_dev_version 0x3008"]
        dock.push(RESPONDER_CONF, "\n".join([*lines, ""]).encode())
        dock.run(START_RESPONDER.format(serial=shlex.quote(self.serial)))
        dock.wait_until(PLUG_RESPONDER, what="the responder takes its endpoints")

    def tear_out(self, dock: VirtualDock) -> None:
        dock.run(TEAR_OUT_RESPONDER)
        dock.run(f"bash -c {shlex.quote(REMOVE_RESPONDER)}")

    def unlock(self, dock: VirtualDock) -> None:
        dock.run("umtprd -cmd:mount:card")


MtpDevice = Emulated | Responder


@contextmanager
def docked(station: Station, camera: MtpDevice) -> Iterator[None]:
    """An MTP camera in the dock, and out again; it may have been torn out meanwhile (`tear_out`)."""
    camera.plug(station.dock)
    try:
        yield
    finally:
        if station.camera(camera.serial):
            tear_out(station, camera)


def tear_out(station: Station, camera: MtpDevice) -> None:
    """Takes a camera out, and waits until the dock has ended its docking."""
    camera.tear_out(station.dock)
    station.wait(lambda: not station.camera(camera.serial), what=f"the docking of {camera.serial} ends")


def fill_card(
    dock: VirtualDock,
    files: dict[str, bytes],
    *,
    second: dict[str, bytes] | None = None,
    mtime: int = 1_773_484_800,
) -> None:
    """Makes CARD hold just these files, and SECOND_CARD those of `second`."""
    for card, content in ((CARD, files), (SECOND_CARD, second or {})):
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode="w", format=tarfile.GNU_FORMAT) as archive:
            for path, data in content.items():
                member = tarfile.TarInfo(path)
                member.size, member.mtime = len(data), mtime
                archive.addfile(member, io.BytesIO(data))
        dock.push("/root/card.tar", packed.getvalue())
        dock.run(f"rm -rf {card} && mkdir {card} && tar -C {card} -xf /root/card.tar && rm /root/card.tar")


def digests(files: dict[str, bytes]) -> dict[str, str]:
    """Path -> SHA-256 of what was put on a camera."""
    return {path: hashlib.sha256(data).hexdigest() for path, data in files.items()}


def digests_of(folder: Path, place: str) -> dict[str, str]:
    """Path -> SHA-256 of the files below a place in a folder."""
    return {
        str(file.relative_to(folder)): file_sha256(file)
        for file in sorted((folder / place).rglob("*"))
        if file.is_file()
    }
