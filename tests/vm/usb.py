"""How does a camera get into a bay, and how is it torn out? USB devices, plugged over QMP.

A bay is one socket of the dock, counted from 1; it has the same port path in the guest each time, whatever is
plugged into it and in whichever order.

The way of a byte: image file, raw; through blkdebug where sectors are to be unreadable; through a throttle,
always there so that a camera can be slowed down or let go while it is being read.
"""

import threading
import time
from dataclasses import dataclass
from pathlib import Path

from tests.vm.image import VirtualDockError
from tests.vm.machine import CONTROLLERS, POLL, PORTS
from tests.vm.qmp import Qmp, QmpError

BAYS = CONTROLLERS * PORTS
HUB_PORTS = 8
TIMEOUT = 30.0  # seconds, for QEMU to let go of something
HELD = (
    8 * 1024
)  # bytes per second: nothing is done before a test goes on, and no SCSI request times out (30 s)


@dataclass(frozen=True, kw_only=True, slots=True)
class Storage:
    """A camera that shows itself as one USB disk."""

    name: str  # what the harness calls it: a letter, then letters, digits and hyphens
    image: Path  # raw; written to if the guest writes
    serial: str
    bay: int
    bytes_per_second: int | None = None  # how fast it can be read, for a yank that is to hit a copy
    unreadable_sectors: tuple[
        int, ...
    ] = ()  # of 512 bytes, from the start of the image: a read error each time
    hub_port: int = 0  # of the hub that is in the bay, from 1; 0: in the bay itself


@dataclass(frozen=True, kw_only=True, slots=True)
class Hub:
    """A USB hub of eight ports. Cameras in it name its bay and their `hub_port`; unplug them before it."""

    name: str
    bay: int
    serial: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Reader:
    """A card reader, or a camera with several disks: a LUN for each slot, None where one is empty.

    Only the first slot may be empty, and only its card be changed: QEMU's usb-bot answers REQUEST SENSE to
    any other LUN with "logical unit not supported", so that the guest never learns that there is no medium.
    """

    name: str
    slots: tuple[Path | None, ...]
    serial: str
    bay: int

    def __post_init__(self) -> None:
        if None in self.slots[1:]:
            raise VirtualDockError("Only the first slot of an emulated card reader can be empty")


@dataclass(frozen=True, kw_only=True, slots=True)
class Keyboard:
    """A keyboard, or a badge reader, which is one for the guest: its ids are KEYBOARD_IDS."""

    name: str
    serial: str
    bay: int


KEYBOARD_IDS = "0627:0001"  # of every USB keyboard of QEMU
Device = Storage | Reader | Hub | Keyboard


class UsbBus:
    """What is plugged into one running machine."""

    def __init__(self, qmp: Qmp) -> None:
        self._qmp = qmp
        self._nodes: dict[str, set[str]] = {}  # of each device

    def plug(self, device: Device) -> None:
        """Puts a device into its bay; the guest notices in its own time.

        Raises:
            QmpError: the bay or the name is taken.
        """
        self._nodes[device.name] = set()
        try:
            self._plug(device)
        except QmpError:
            for node in self._nodes.pop(device.name):
                self._remove_node(node)
            raise

    def _plug(self, device: Device) -> None:
        where = {"bus": f"xhci{(device.bay - 1) // PORTS}.0", "port": str((device.bay - 1) % PORTS + 1)}
        if isinstance(device, Hub):
            self._add_device("usb-hub", id=device.name, ports=HUB_PORTS, **where)
        elif isinstance(device, Keyboard):
            self._add_device("usb-kbd", id=device.name, serial=device.serial, **where)
        elif isinstance(device, Storage):
            if device.hub_port:
                where["port"] += f".{device.hub_port}"
            node = self._add_node(device.name, device.name, device.image, device.unreadable_sectors)
            self.throttle(device.name, device.bytes_per_second)
            self._add_device("usb-storage", id=device.name, serial=device.serial, drive=node, **where)
        else:
            self._add_device("usb-bot", id=device.name, serial=device.serial, **where)
            for lun, image in enumerate(device.slots):
                self._add_slot(device.name, lun, image)
            # A usb-bot is invisible until told that its slots are there: the guest asks only once how many.
            self._qmp.command(
                "qom-set", path=f"/machine/peripheral/{device.name}", property="attached", value=True
            )

    def unplug(self, name: str) -> None:
        """Tears a device out in the middle of whatever it is doing."""
        self._qmp.command("device_del", id=name)
        self._qmp.wait_event("DEVICE_DELETED", lambda data: data.get("device") == name, TIMEOUT)
        for node in self._nodes.pop(name):
            self._remove_node(node)

    def throttle(self, name: str, bytes_per_second: int | None) -> None:
        """Lets the device be read at that speed from now on; None is as fast as it goes."""
        limits = {"bps-read": bytes_per_second or 0}
        self._qmp.command("qom-set", path=f"/objects/throttle-{name}", property="limits", value=limits)

    def type(self, keys: str) -> None:
        """Presses and releases keys, at once, on the keyboard plugged in last; a line break is Enter.

        A keyboard keeps sixteen changes of keys until the guest asks: at most seven keys.
        """
        names = ["ret" if key == "\n" else key for key in keys]
        events = [
            {"type": "key", "data": {"down": down, "key": {"type": "qcode", "data": name}}}
            for name in names
            for down in (True, False)
        ]
        self._qmp.command("input-send-event", events=events)

    def eject_medium(self, name: str) -> None:
        """Takes the card out of a reader's first slot."""
        slot = _slot(name, 0)
        self._qmp.command("blockdev-open-tray", id=slot, force=True)
        self._qmp.command("blockdev-remove-medium", id=slot)
        self._nodes[name].discard(slot)
        self._remove_node(slot)

    def insert_medium(self, name: str, image: Path) -> None:
        """Puts a card into a reader's empty first slot."""
        slot = _slot(name, 0)
        self._add_node(name, slot, image)
        self._qmp.command("blockdev-insert-medium", id=slot, node_name=slot)
        self._qmp.command("blockdev-close-tray", id=slot)

    def bytes_read(self, name: str) -> int:
        """How many bytes the guest has read from a Storage since it was plugged in, as seen from outside."""
        for entry in self._qmp.command("query-blockstats"):
            if entry.get("node-name") == name:
                return int(entry["stats"]["rd_bytes"])
        raise VirtualDockError(f"No block device {name} is plugged in")

    def _add_slot(self, name: str, lun: int, image: Path | None) -> None:
        """QEMU plugs no empty disk, but lets its medium be taken out: an empty slot begins with a dummy."""
        slot = _slot(name, lun)
        if image is None:
            self._qmp.command("blockdev-add", driver="null-co", node_name=slot, size=1 << 20)
            self._nodes[name].add(slot)
        else:
            self._add_node(name, slot, image)
        where = {"bus": f"{name}.0", "lun": lun}
        self._add_device("scsi-hd", id=slot, drive=slot, removable=True, **where)
        if image is None:
            self.eject_medium(name)

    def _add_device(self, driver: str, **properties: object) -> None:
        self._qmp.command("device_add", driver=driver, **properties)

    def _add_node(self, owner: str, node: str, image: Path, unreadable: tuple[int, ...] = ()) -> str:
        throttle = f"throttle-{node}"
        source: dict[str, object] = {"driver": "file", "filename": str(image.resolve())}
        if unreadable:
            errors = [
                {"event": "read_aio", "errno": 5, "sector": sector, "once": False, "iotype": "read"}
                for sector in unreadable
            ]
            source = {"driver": "blkdebug", "image": source, "inject-error": errors}
        self._qmp.command("object-add", qom_type="throttle-group", id=throttle, limits={})
        raw = {"driver": "raw", "file": source}
        try:
            self._qmp.command(
                "blockdev-add", driver="throttle", node_name=node, throttle_group=throttle, file=raw
            )
        except QmpError:
            self._qmp.command("object-del", id=throttle)
            raise
        self._nodes[owner].add(node)
        return node

    def _remove_node(self, node: str) -> None:
        """A node may be in use for a moment after its device has gone: a last request is on its way."""
        pause, deadline = threading.Event(), time.monotonic() + TIMEOUT
        while True:
            try:
                self._qmp.command("blockdev-del", node_name=node)
                break
            except QmpError:
                if time.monotonic() > deadline:
                    raise
                pause.wait(POLL)
        try:
            self._qmp.command("object-del", id=f"throttle-{node}")
        except QmpError:
            return  # the throw-away medium of an empty slot has none


def _slot(name: str, lun: int) -> str:
    return f"{name}-slot{lun}"
