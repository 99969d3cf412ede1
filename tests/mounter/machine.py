"""A machine to try the mounter on: sysfs and udev's database in a folder, and a kernel that is no kernel."""

from __future__ import annotations

import errno
import gc
import os
import shutil
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bwvdock.mounter.kernel import Kernel, LinuxKernel, Options, number_of
from bwvdock.mounter.mount import System

USB_PORT = "devices/pci0000:00/0000:00:14.0/usb1/1-1"
VFAT = {"BWVDOCK_CAMERA": "1", "ID_FS_TYPE": "vfat", "ID_FS_LABEL_ENC": "BODYCAM"}


@dataclass(kw_only=True, slots=True)
class FakeBlock:
    """A block device of the fake kernel: what stands on it, and how it behaves."""

    dev: str
    disk: str
    holds: str | None = "vfat"
    in_use: bool = False
    read_only: bool = False
    stays_writable: bool = False
    protected: bool = False  # by the card's own switch


@dataclass(kw_only=True, slots=True)
class FakeKernel:
    """Keeps the Kernel's contract on block devices that are entries of a dictionary. `lies` break it."""

    root: Path
    blocks: dict[str, FakeBlock] = field(default_factory=dict)
    diskseqs: dict[str, int] = field(default_factory=dict)
    fails: Mapping[str, OSError] = field(default_factory=dict)
    lies: frozenset[str] = frozenset()
    mounts: list[tuple[str, str, Options]] = field(default_factory=list)
    writable_mounts: int = 0
    synced: int = 0
    _open: dict[int, FakeBlock] = field(default_factory=dict)
    _kept: dict[Path, tuple[bytes, int]] = field(default_factory=dict)

    def open_device(self, path: str, *, dev: str, exclusive: bool = False) -> int:
        self._fail("open")
        block = self.blocks.get(Path(path).name)
        if block is None:
            raise OSError(errno.ENOENT, "No such file or directory")
        if block.dev != dev:
            raise OSError(errno.ENODEV, "another device stands there")
        if block.holds is None:
            raise OSError(errno.ENOMEDIUM, "No medium found")
        if exclusive and self._in_use(Path(path).name):
            raise OSError(errno.EBUSY, "Device or resource busy")
        fd = os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC)
        self._open[fd] = block
        return fd

    def is_read_only(self, fd: int) -> bool:
        block = self._open[fd]
        return block.read_only or self.blocks[block.disk].read_only

    def set_read_only(self, fd: int, *, on: bool = True) -> None:
        self._fail("set_read_only")
        block = self._open[fd]
        block.read_only = block.protected or (on and not block.stays_writable)

    def diskseq(self, fd: int) -> int:
        return self.diskseqs[self._open[fd].disk]

    def read_uncached(self, fd: int) -> None:
        self._fail("read")
        if self._open[fd].holds is None:
            raise OSError(errno.ENOMEDIUM, "No medium found")

    def forget(self, fd: int) -> None:
        for path, (data, mtime_ns) in self._kept.items():  # the lie "keeps": nothing ever reached the card
            path.write_bytes(data)
            os.utime(path, ns=(mtime_ns, mtime_ns))

    def mount(self, filesystem: str, source: str, options: Options, *, writable: bool = False) -> int:
        self._fail("mount")
        block = self.blocks[Path(source).name]
        if writable and (block.read_only or self.blocks[block.disk].read_only):
            raise OSError(errno.EACCES, "Permission denied")
        if writable:
            self.writable_mounts += 1
            self._fail("mount writable")
        if writable and "keeps" in self.lies:
            files = [path for path in self.root.rglob("*") if path.is_file()]
            self._kept = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in files}
        if self.blocks[Path(source).name].holds != filesystem:
            raise OSError(errno.EINVAL, "Invalid argument; bogus number of reserved sectors")
        self.mounts.append((filesystem, source, options))
        return os.open(self.root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)

    def locked_down(self, root: int, *, writable: bool = False) -> bool:
        return "stays read-only" not in self.lies if writable else "writable" not in self.lies

    def open_below(self, root: int, path: bytes, flags: int) -> int:
        self._fail("open_below")
        fd = LinuxKernel().open_below(root, path, flags)  # asks for no privilege
        if "swaps" in self.lies and not flags & (os.O_DIRECTORY | os.O_PATH):
            name = os.path.join(os.fsencode(self.root), path)
            shutil.copy2(name, name + b".other")
            os.rename(name + b".other", name)
        return fd

    def sync(self, root: int) -> None:
        self._fail("sync")
        self.synced += 1

    def mounted_from(self, root: int) -> str:
        return "0:42" if "another" in self.lies else self.blocks[Path(self.mounts[-1][1]).name].dev

    def _in_use(self, name: str) -> bool:
        parts = (block for block in self.blocks.values() if block.disk == name)
        return self.blocks[name].in_use or any(block.in_use for block in parts)

    def _fail(self, call: str) -> None:
        if call in self.fails:
            raise self.fails[call]


class Machine:
    """Sysfs, udev and a configuration in a folder, and devices to plug into it."""

    def __init__(self, folder: Path) -> None:
        self.sysfs, self.udev, self.config = folder / "sys", folder / "udev", folder / "mounter.toml"
        self.dock_config = folder / "bwvdock.toml"
        self.root = folder / "root"
        for made in (self.sysfs / "class/block", self.udev, self.root):
            made.mkdir(parents=True)
        self.kernel = FakeKernel(root=self.root)
        usb = self._folder(USB_PORT, uevent="DEVTYPE=usb_device\nDEVNUM=002\n")
        self._subsystem(usb, "usb")

    def system(self, kernel: Kernel | None = None) -> System:
        """Return the machine as the mounter sees it; with another kernel if one is named."""
        return System(
            kernel=kernel or self.kernel,
            sysfs=self.sysfs,
            udev=self.udev,
            config=self.config,
            dock_config=self.dock_config,
            config_owner=os.getuid(),
        )

    def plug(
        self,
        name: str,
        *,
        dev: str,
        disk: str = "",
        place: str = f"{USB_PORT}/1-1:1.0/host0/0:0:0:0/block",
        properties: Mapping[str, str] = VFAT,
        diskseq: int = 17,
        size: int = 2048,
    ) -> Path:
        """Add a disk, or a partition of the disk that is named."""
        folder = self._folder(
            f"{place}/{disk}/{name}" if disk else f"{place}/{name}", dev=dev, size=str(size)
        )
        if disk:
            (folder / "partition").write_text("1\n")
        else:
            (folder / "diskseq").write_text(f"{diskseq}\n")
            self.kernel.diskseqs[name] = diskseq
        (self.sysfs / "class/block" / name).symlink_to(folder)
        self.tag(dev, properties)
        self.kernel.blocks[name] = FakeBlock(dev=dev, disk=disk or name)
        return folder

    def plug_real(self, name: str, filesystem: str) -> None:
        """Let a real block device pass for a camera's disk on USB, and allow its file system."""
        self.config.write_text(f'filesystems = ["{filesystem}"]')
        self.plug(
            name,
            dev=number_of(os.stat(f"/dev/{name}").st_rdev),
            diskseq=int(Path(f"/sys/class/block/{name}/diskseq").read_text()),
            properties={"BWVDOCK_CAMERA": "1", "ID_FS_TYPE": filesystem},
        )

    def tag(self, dev: str, properties: Mapping[str, str]) -> None:
        """Write what udev knows of a device."""
        lines = [*(f"E:{key}={value}" for key, value in properties.items()), "G:bwvdock", "V:1"]
        (self.udev / f"b{dev}").write_text("\n".join(["I:1", *lines, ""]))

    def _folder(self, place: str, **files: str) -> Path:
        folder = self.sysfs / place
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            (folder / name).write_text(text)
        return folder

    def _subsystem(self, folder: Path, name: str) -> None:
        (self.sysfs / "bus" / name).mkdir(parents=True, exist_ok=True)
        (folder / "subsystem").symlink_to(self.sysfs / "bus" / name)


def machine_with_card(folder: Path) -> Machine:
    """Return a machine with a camera in a USB port: the disk sda and its one partition, vfat."""
    machine = Machine(folder)
    machine.plug("sda", dev="8:0", properties={"BWVDOCK_CAMERA": "1"})
    machine.plug("sda1", dev="8:1", disk="sda")
    return machine


@contextmanager
def served(path: Path, talk: Callable[[socket.socket], None]) -> Iterator[None]:
    """Listen on a socket as systemd does, and let `talk` have every connection until the end."""
    stopping = threading.Event()

    def work() -> None:
        while True:
            connection, _ = listener.accept()
            with connection:
                if stopping.is_set():
                    return
                talk(connection)

    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listener:
        listener.bind(str(path))
        listener.listen()
        server = threading.Thread(target=work)
        server.start()
        try:
            yield
        finally:
            stopping.set()
            with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as last:
                last.connect(str(path))
            server.join()


def open_descriptors() -> set[tuple[str, int, int]]:
    """Return this process's open descriptors and which file each of them is, to see whether one leaked."""
    found = set()
    for name in os.listdir("/proc/self/fd"):
        try:
            file = os.fstat(int(name))
        except OSError:  # the listing's own
            continue
        found.add((name, file.st_dev, file.st_ino))
    return found


@contextmanager
def no_descriptor_left() -> Iterator[None]:
    """See that this context leaves no descriptor open; what others left may be closed in it."""
    before = open_descriptors()
    yield
    if left := open_descriptors() - before:
        gc.collect()
        left = open_descriptors() - before
    assert left == set()
