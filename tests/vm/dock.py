"""What does a test hold in its hand? `VirtualDock`: a dock that is switched on, used and cut off."""

import shlex
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.vm.guest_agent import CommandFailedError, GuestAgent, GuestGoneError, Result, Running
from tests.vm.image import GuestImage, VirtualDockError
from tests.vm.machine import NETWORK, POLL, Machine
from tests.vm.tpm import Tpm
from tests.vm.usb import Device, Reader, Storage, UsbBus

REPORT = (
    "journalctl -b -n 40 --no-pager -o short-monotonic",
    "journalctl -b -u 'bwvdock*' -p warning -n 60 --no-pager -o short-monotonic",
    "journalctl -b _PID=1 UNIT=bwvdock.service -n 20 --no-pager -o short-monotonic",
    "journalctl -u 'bwvdock*' -n 80 --no-pager -o short-monotonic",
    "bwvdock status",
)
LONGEST_PAUSE = 2.0  # seconds between two questions
BOOT_TIMEOUT = 240.0  # seconds; ten times what it takes when this machine is idle

# Where the disk of a USB device is found: by serial number and LUN, in sysfs, which no udev rule changes.
FIND_DISK = """
for file in /sys/bus/usb/devices/*/serial; do
  read -r found 2>/dev/null <"$file" && [ "$found" = {serial} ] || continue
  for disk in "${{file%/serial}}"/*/host*/target*/*:{lun}/block/*; do
    [ -e "$disk" ] && echo "${{disk##*/}}" && exit
  done
done
exit 1
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class DiskStat:
    """What the guest's kernel has counted of one disk (Documentation/admin-guide/iostats)."""

    reads: int
    sectors_read: int  # of 512 bytes
    writes: int
    sectors_written: int


class VirtualDock:
    """A dock with power, bays and a shell. Not for use from several threads.

    Cameras stay in their bays over a power cut, as real ones do: the next `start` finds them there.
    """

    def __init__(
        self,
        image: GuestImage,
        disk: Path,
        *,
        memory_mib: int = 1024,
        network: bool = False,
        more_disks: tuple[Path, ...] = (),
        tpm: Tpm | None = None,
    ) -> None:
        """`disk` is a qcow2 overlay, written to. `network`: whether there is one; the host is 10.0.2.2.

        With `more_disks` or a `tpm` it boots: a dock that was saved running has none of them.
        """
        self.machine = Machine(image, disk, memory_mib=memory_mib, more_disks=more_disks, tpm=tpm)
        self._network = network
        self._state = None if more_disks or tpm else image.state  # until it was started
        self._new = True
        self.plugged: dict[str, Device] = {}
        self._agent: GuestAgent | None = None
        self._usb: UsbBus | None = None

    # ---------------------------------------------------------------- power

    def start(self) -> float:
        """Switches on and waits until the guest has booted. Returns the seconds that took.

        A new dock on an image that was saved running goes on from there. With a network, its clock is right.

        Raises:
            VirtualDockError: it did not boot; the message holds the end of its console.
        """
        began = time.monotonic()
        saved, self._state = self._state, None
        new, self._new = self._new, False
        self.machine.power_on(saved)
        self.cable(plugged=self._network)
        self._usb = UsbBus(self.machine.qmp)
        for device in self.plugged.values():
            self._usb.plug(device)
        self._agent = GuestAgent(self.machine.agent_socket)
        self.machine.go()
        try:
            self._agent.ping(BOOT_TIMEOUT)
            # "degraded" is for a test to judge: a unit of the guest failed, the guest is up all the same.
            self.run("systemctl is-system-running --wait", timeout=BOOT_TIMEOUT, check=False)
            if new and self._network:
                self.run(f"date -u -s @{time.time():.3f} && systemctl enable --now systemd-networkd && sync")
        except GuestGoneError as problem:
            raise VirtualDockError(f"The guest did not boot:\n{self.machine.console(4000)}") from problem
        return time.monotonic() - began

    def power_cut(self) -> None:
        """Nothing is flushed, nobody is asked; machine.py says what is lost. `start` switches on again."""
        self.machine.power_off()
        self._disconnect()

    def shutdown(self, timeout: float = 120) -> None:
        """Switches off as an operator would, all services stopped and all written to the disk."""
        self.begin("systemctl poweroff")
        self.machine.wait_for_end(timeout)
        self.power_cut()

    def save(self, state: Path) -> None:
        """Writes the memory of this dock to a file, and ends it; nothing may write to its disk any more.

        A new dock on that disk, with that state, goes on where this one was. No camera may be in a bay.
        """
        self.run("sync")
        self.machine.save(state)
        self.power_cut()

    def cable(self, *, plugged: bool) -> None:
        """Pulls the network cable out, or puts it back; after a start it is in."""
        self.machine.qmp.command("set_link", name=NETWORK, up=plugged)

    def remove(self) -> None:
        """The end of this dock; its disk stays."""
        self.power_cut()
        self.machine.remove()

    def _disconnect(self) -> None:
        if self._agent is not None:
            self._agent.close()
        self._agent = self._usb = None

    # ---------------------------------------------------------------- acting in the guest

    @property
    def agent(self) -> GuestAgent:
        if self._agent is None:
            raise GuestGoneError("The dock is switched off")
        return self._agent

    @property
    def usb(self) -> UsbBus:
        if self._usb is None:
            raise VirtualDockError("The dock is switched off")
        return self._usb

    def run(self, command: str, *, timeout: float = 180, check: bool = True, stdin: bytes = b"") -> Result:
        """As `GuestAgent.run`: a shell command as root, with its result."""
        return self.agent.run(command, timeout=timeout, check=check, stdin=stdin)

    def begin(self, command: str, *, timeout: float = 180) -> Running:
        """Starts a shell command; ask its `result()` when the yank, or whatever it was begun for, is over."""
        return self.agent.begin(command, timeout=timeout)

    def push(self, path: str, data: bytes, *, mode: int = 0o644) -> None:
        self.agent.push(path, data, mode=mode)

    def pull(self, path: str) -> bytes:
        return self.agent.pull(path)

    def wait_until(
        self,
        condition: str | Callable[[], bool],
        timeout: float = 180,
        *,
        what: str = "",
        every: float = POLL,
    ) -> None:
        """Waits until a shell command in the guest ends with 0, or a function here says so.

        `every`: seconds between two questions, for those that cost the guest something. They pause at least
        three times as long as a question took: the guest has other things to do. But never for long: the
        first question after a boot takes a quarter of a minute, and what it asks about is true before that.

        Raises:
            VirtualDockError: not within `timeout` seconds. The message says what a command printed last.
        """
        pause, deadline, said = threading.Event(), time.monotonic() + timeout, ""
        while True:
            asked = time.monotonic()
            if callable(condition):
                if condition():
                    return
            else:
                result = self.run(condition, timeout=max(10.0, timeout), check=False)
                if result.rc == 0:
                    return
                said = result.stdout + result.stderr
            if time.monotonic() > deadline:
                raise VirtualDockError(
                    f"In {timeout} s it did not come about: {what or condition}\n{said[-2000:]}"
                )
            pause.wait(max(every, min(3 * (time.monotonic() - asked), LONGEST_PAUSE)))

    # ---------------------------------------------------------------- cameras in bays

    def plug_storage(
        self,
        name: str,
        image: Path,
        *,
        serial: str,
        bay: int = 1,
        bytes_per_second: int | None = None,
        unreadable_sectors: tuple[int, ...] = (),
    ) -> None:
        """Puts a camera with one disk into a bay: see `usb.Storage`. `disk` waits until the kernel has it."""
        self.plug(
            Storage(
                name=name,
                image=image,
                serial=serial,
                bay=bay,
                bytes_per_second=bytes_per_second,
                unreadable_sectors=unreadable_sectors,
            )
        )

    def plug_reader(self, name: str, slots: tuple[Path | None, ...], *, serial: str, bay: int = 1) -> None:
        """Puts a card reader into a bay: see `usb.Reader`."""
        self.plug(Reader(name=name, slots=slots, serial=serial, bay=bay))

    def plug(self, device: Device) -> None:
        """Puts a device into its bay; with the dock switched off, it will be there at the next start."""
        if device.name in self.plugged:
            raise VirtualDockError(f"{device.name} is in a bay already")
        if self._usb is not None:
            self._usb.plug(device)
        self.plugged[device.name] = device

    def unplug(self, name: str) -> None:
        """Tears a device out of its bay, whatever it is doing."""
        if self._usb is not None:
            self._usb.unplug(name)
        del self.plugged[name]

    def throttle(self, name: str, bytes_per_second: int | None) -> None:
        """Changes the speed of a plugged camera; None is as fast as it goes."""
        self.usb.throttle(name, bytes_per_second)

    def bytes_read(self, name: str) -> int:
        """How many bytes were read from a camera since it was plugged in, as the camera sees it."""
        return self.usb.bytes_read(name)

    def disk(self, name: str, *, lun: int = 0, timeout: float = 180) -> str:
        """The guest's name of a plugged device's disk ("sda"), as soon as the kernel and udev have it."""
        command = FIND_DISK.format(serial=shlex.quote(self.plugged[name].serial), lun=lun)
        self.wait_until(command, timeout, what=f"a disk for {name}, LUN {lun}")
        disk = self.run(command).stdout.strip()
        self.run(f"udevadm wait --timeout={timeout:.0f} /dev/{disk} && udevadm settle", timeout=timeout + 30)
        return disk

    def disk_stat(self, disk: str) -> DiskStat:
        numbers = [int(word) for word in self.run(f"cat /sys/block/{disk}/stat").stdout.split()]
        return DiskStat(
            reads=numbers[0], sectors_read=numbers[2], writes=numbers[4], sectors_written=numbers[6]
        )

    # ---------------------------------------------------------------- disks that are no cameras

    @contextmanager
    def workbench(self, name: str, image: Path) -> Iterator[str]:
        """Lends the guest a raw image as a disk that is *not* on USB, so that nothing takes it for a camera.

        Yields its path in the guest. For what only the guest's kernel can do: filling an exfat volume.
        """
        qmp = self.machine.qmp
        qmp.command(
            "blockdev-add", driver="raw", node_name=name, file={"driver": "file", "filename": str(image)}
        )
        try:
            qmp.command("device_add", driver="scsi-hd", bus="workbench.0", id=name, drive=name, serial=name)
            path = f"/dev/disk/by-id/scsi-0QEMU_QEMU_HARDDISK_{name}"
            try:
                self.run(f"udevadm wait --settle --timeout=30 {path}")
                yield path
            finally:
                qmp.command("device_del", id=name)
                qmp.wait_event("DEVICE_DELETED", lambda data: data.get("device") == name, 30)
        finally:
            qmp.command("blockdev-del", node_name=name)

    # ---------------------------------------------------------------- for failure reports

    def report(self) -> str:
        """What to see when a test fails: the console's end, and what the guest says if it still answers."""
        text = f"--- serial console\n{self.machine.console(6000)}"
        if self._agent is not None and self.machine.running:
            try:
                for question in REPORT:
                    text += f"\n--- {question}\n{self.run(f'{question} 2>&1', check=False).stdout}"
            except (GuestGoneError, CommandFailedError) as problem:
                text += f"\n--- the guest does not answer: {problem}"
        return text
