"""How does the emulated computer start, and how does its power go? One QEMU process, its files and sockets.

Always software emulation (TCG): KVM is missing or broken on many build machines, and a minute is a fair price
for a test that behaves the same everywhere. VM_ACCEL=kvm overrules that.

**What a power cut loses.** The process gets SIGKILL. The guest sees a disk with a volatile write cache
(virtio-blk, write-back). What the guest had not even sent to its disk is lost with its page cache. What it
had sent but not flushed is lost where the qcow2 overlay had no cluster for it yet, for the table that points
to new clusters was in the process's memory; a rewrite in place survives. What it had flushed is in the host's
page cache, which outlives the process. (All four were tried.) `cache=unsafe` leaves this exactly as it is:
QEMU still writes its tables at each flush. It only omits the host's own fsync, which guards against the
host's power going: nothing that is tested here.
"""

import os
import shlex
import shutil
import subprocess
import tempfile
import threading
import time
from pathlib import Path

from tests.vm.image import GuestImage, VirtualDockError, need_tools
from tests.vm.qmp import Qmp
from tests.vm.tpm import Tpm, arguments

CONTROLLERS = 3
PORTS = 15  # of one controller: the most that QEMU's has, in each of the two speeds that share a socket
POLL = 0.05  # seconds
NETWORK = "network"  # what the emulator calls the cable

# A processor without AVX and without fast string moves (ERMS): QEMU's translator does each AVX instruction
# by a call, and a "fast" move byte by byte. SHA-256 and a copied file cost half of what `-cpu max` takes.
# Without SSSE3 either: OpenSSL's SHA-256 then uses plain instructions, which takes a third of the time.
CPU = "Nehalem,-ssse3,-sse4.1,-sse4.2"

# The modules kept away are for hardware that the machine claims to have; finding out takes them seconds.
KERNEL_ARGUMENTS = (
    "root=/dev/vda rw console=ttyS0,115200 loglevel=5 mitigations=off nowatchdog"
    " modprobe.blacklist=floppy,i2c_piix4,ata_piix,ata_generic,pata_acpi,pcspkr,psmouse"
)


class Machine:
    """A computer with one disk, forty-five USB ports, and no power yet."""

    def __init__(
        self,
        image: GuestImage,
        disk: Path,
        *,
        memory_mib: int = 1024,
        more_disks: tuple[Path, ...] = (),
        tpm: Tpm | None = None,
    ) -> None:
        """`disk` is a qcow2 overlay, written to from now on. `more_disks`: raw, each there at every start."""
        need_tools("qemu-system-x86_64", "setpriv")
        self._more_disks = more_disks
        self.tpm = tpm
        self.disk = disk
        self.image = image
        self._memory_mib = memory_mib
        self._process: subprocess.Popen[bytes] | None = None
        self._qmp: Qmp | None = None
        # A short path of its own: Unix sockets bear names of 107 bytes at the most.
        self.home = Path(tempfile.mkdtemp(prefix="vm-"))

    @property
    def qmp(self) -> Qmp:
        if self._qmp is None:
            raise VirtualDockError("The machine is off")
        return self._qmp

    @property
    def agent_socket(self) -> Path:
        return self.home / "agent"

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def power_on(self, state: Path | None = None) -> None:
        """Starts it, halted before its first instruction: cameras may be there when it wakes (`go`).

        `state`: from what `save` wrote; it is halted where it was saved.
        """
        saved = [] if state is None else ["-incoming", f"exec:cat {shlex.quote(str(state))}"]
        if self.tpm is not None:
            self.tpm.power_on(self.home / "tpm")
        with (self.home / "qemu.log").open("ab") as log:
            # setpriv: where the test run itself is killed, no emulator stays behind and eats a processor.
            command = ["setpriv", "--pdeathsig", "KILL", *self._command(), *saved]
            self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        pause, deadline = threading.Event(), time.monotonic() + 30
        while self._qmp is None:
            if not self.running or time.monotonic() > deadline:
                raise VirtualDockError(f"QEMU did not start:\n{(self.home / 'qemu.log').read_text()[-2000:]}")
            try:
                self._qmp = Qmp(self.home / "qmp")
            except (FileNotFoundError, ConnectionRefusedError):
                pause.wait(POLL)
        while self.qmp.command("query-status")["status"] == "inmigrate":
            pause.wait(POLL)

    def go(self) -> None:
        self.qmp.command("cont")

    def save(self, state: Path) -> None:
        """Halts it for good, and writes memory and devices, but not the disk, to a file.

        Raises:
            VirtualDockError: it could not; not everything that can be in a bay can be saved.
        """
        self.qmp.command("stop")
        self.qmp.command("migrate-set-parameters", max_bandwidth=1 << 40)
        self.qmp.command("migrate", uri=f"exec:cat >{shlex.quote(str(state))}")
        pause = threading.Event()
        while (now := self.qmp.command("query-migrate"))["status"] != "completed":
            if now["status"] in {"failed", "cancelled"}:
                raise VirtualDockError(f"QEMU could not save the machine: {now.get('error-desc')}")
            pause.wait(POLL)

    def power_off(self) -> None:
        """SIGKILL, from one instruction to the next. Also right for a machine that has ended by itself."""
        if self._qmp is not None:
            self._qmp.close()
            self._qmp = None
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None
        if self.tpm is not None:
            self.tpm.power_off()
        for socket in ("qmp", "agent", "console"):
            (self.home / socket).unlink(missing_ok=True)

    def wait_for_end(self, timeout: float) -> None:
        """Waits until the guest has switched the machine off. Raises subprocess.TimeoutExpired."""
        if self._process is not None:
            self._process.wait(timeout)

    def console(self, last: int = 20_000) -> str:
        """The end of what the guest has said on its serial console, over all its boots."""
        log = self.home / "console.log"
        return log.read_bytes()[-last:].decode(errors="replace") if log.exists() else ""

    def remove(self) -> None:
        """Takes the machine off the power and away, sockets and logs included; the disk stays."""
        self.power_off()
        shutil.rmtree(self.home, ignore_errors=True)

    def _command(self) -> list[str]:
        accel = os.environ.get("VM_ACCEL", "tcg,thread=multi")
        devices = ["virtio-serial-pci", "virtio-rng-pci", "virtio-scsi-pci,id=workbench"]
        devices += ["virtserialport,chardev=agent,name=vm.agent", "virtio-blk-pci,drive=root"]
        devices += [
            f"qemu-xhci,id=xhci{n},p2={PORTS},p3={PORTS},addr={0x10 + n:#x}" for n in range(CONTROLLERS)
        ]
        return [
            *("qemu-system-x86_64", "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot", "-S"),
            *("-machine", "pc", "-accel", accel, "-cpu", CPU, "-smp", "1", "-m", str(self._memory_mib)),
            *("-kernel", str(self.image.kernel), "-initrd", str(self.image.initrd)),
            *("-append", KERNEL_ARGUMENTS, "-rtc", "base=utc"),
            *("-nic", f"user,id={NETWORK},model=virtio-net-pci"),
            *("-drive", f"if=none,id=root,file={self.disk},format=qcow2,cache=unsafe,discard=unmap"),
            *("-chardev", self._chardev("qmp"), "-mon", "chardev=qmp,mode=control"),
            *("-chardev", self._chardev("agent")),
            *("-chardev", f"{self._chardev('console')},logfile={self.home}/console.log,logappend=on"),
            *("-serial", "chardev:console"),
            *([] if self.tpm is None else arguments(self.home / "tpm")),
            *(part for device in devices for part in ("-device", device)),
            *(part for n, path in enumerate(self._more_disks) for part in _disk(f"more{n}", path)),
        ]

    def _chardev(self, name: str) -> str:
        return f"socket,id={name},path={self.home / name},server=on,wait=off"


def _disk(name: str, image: Path) -> list[str]:
    drive = f"if=none,id={name},file={image},format=raw,cache=unsafe"
    return ["-drive", drive, "-device", f"scsi-hd,bus=workbench.0,drive={name},serial={name}"]
