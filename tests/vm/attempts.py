"""What can a process do here? Runs in the guest, by itself, in a unit's sandbox or out of it.

Tries what somebody would who has taken over that process, and prints as JSON which attempts succeeded. What
would change the machine is asked for in a way that cannot be done: it counts as a success if the kernel
looked at it at all. It runs in the guest and nowhere else.
"""

import contextlib
import ctypes
import errno
import json
import mmap
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator

LIBC = ctypes.CDLL(None, use_errno=True)
# System calls of x86-64.
IO_URING_SETUP, ADD_KEY, USERFAULTFD, KCMP = 425, 248, 323, 312
UNSHARE, MOUNT, PERSONALITY, CLOCK_SETTIME = 272, 165, 135, 227
CLONE_NEWUSER, CLONE_NEWNS = 0x10000000, 0x00020000
PTRACE_ATTACH, PTRACE_DETACH = 16, 17
ADDR_NO_RANDOMIZE = 0x0040000
AF_ALG, AF_VSOCK = 38, 40


def call(number: int, *arguments: object) -> int:
    """Makes a system call; raises OSError where it fails."""
    result = int(LIBC.syscall(number, *arguments))
    if result == -1:
        raise OSError(ctypes.get_errno(), "refused")
    return result


def reaches(number: int, *arguments: object) -> None:
    """Makes a system call that must fail; raises OSError where it was not even looked at."""
    try:
        call(number, *arguments)
    except OSError as error:
        if error.errno == errno.EPERM:
            raise


def in_child(action: Callable[[], object]) -> None:
    """Does something that would change this process in a child; raises OSError where it fails there."""
    child = os.fork()
    if child == 0:
        with contextlib.suppress(BaseException):
            action()
            os._exit(0)
        os._exit(1)
    if os.waitpid(child, 0)[1] != 0:
        raise OSError(0, "refused")


@contextlib.contextmanager
def sleeping_child() -> Iterator[int]:
    child = subprocess.Popen(["/usr/bin/sleep", "60"])
    try:
        yield child.pid
    finally:
        child.kill()
        child.wait()


def write_into(folder: str) -> None:
    with tempfile.TemporaryFile(dir=folder) as file:
        file.write(b"x")
        file.flush()


def read_one_of(*paths: str) -> None:
    """Reads any of several files; raises OSError where none can be read."""
    for path in paths:
        with contextlib.suppress(OSError), open(path, "rb") as file:
            file.read(1)
            return
    raise OSError(0, "refused")


def see_other_processes() -> None:
    if not os.path.exists("/proc/1/status"):
        raise OSError(0, "hidden")


def attach_to_a_process() -> None:
    with sleeping_child() as child:
        if LIBC.ptrace(PTRACE_ATTACH, child, 0, 0) == -1:
            raise OSError(ctypes.get_errno(), "refused")
        os.waitpid(child, 0)
        LIBC.ptrace(PTRACE_DETACH, child, 0, 0)


def read_the_memory_of_a_process() -> None:
    buffer = ctypes.create_string_buffer(8)
    vector = (ctypes.c_void_p * 2)(ctypes.addressof(buffer), 8)
    if LIBC.process_vm_readv(os.getpid(), vector, 1, vector, 1, 0) == -1:
        raise OSError(ctypes.get_errno(), "refused")


def set_user_id_bit() -> None:
    with tempfile.NamedTemporaryFile(dir="/tmp") as file:
        os.chmod(file.name, 0o4700)


def run_what_it_wrote() -> None:
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        program = shutil.copy("/usr/bin/true", folder)
        subprocess.run([program], check=True)


def map_what_it_wrote() -> None:
    with tempfile.TemporaryFile(dir="/tmp") as file:
        file.write(bytes(4096))
        file.flush()
        mmap.mmap(file.fileno(), 4096, prot=mmap.PROT_READ | mmap.PROT_EXEC).close()


def run_from_memory() -> None:
    fd = os.memfd_create("attempt")
    with open("/usr/bin/true", "rb") as program:
        os.write(fd, program.read())
    in_child(lambda: os.execve(fd, ["true"], {}))  # noqa: S606 - that is what is tried


def socket_of(family: int, kind: int = socket.SOCK_DGRAM) -> Callable[[], None]:
    return lambda: socket.socket(family, kind).close()


def other_interfaces() -> None:
    with open("/proc/net/dev", encoding="ascii") as table:
        if {line.split(":")[0].strip() for line in table if ":" in line} == {"lo"}:
            raise OSError(0, "none")


ATTEMPTS: dict[str, Callable[[], object]] = {
    "write to /etc": lambda: write_into("/etc"),
    "write to /usr": lambda: write_into("/usr"),
    "write to the state directory": lambda: write_into("/var/lib/bwvdock"),
    "write to /sys": lambda: os.close(os.open("/sys/power/state", os.O_WRONLY)),
    "write to /proc/sys": lambda: os.close(os.open("/proc/sys/kernel/core_pattern", os.O_WRONLY)),
    "read passwords": lambda: read_one_of("/etc/shadow"),
    "read keys of the machine": lambda: read_one_of(
        "/var/lib/systemd/credential.secret", "/etc/credstore.encrypted/bwvdock-custody.key"
    ),
    "read the journal": lambda: read_one_of("/var/lib/bwvdock/journal.sqlite3"),
    "open the system's disk": lambda: read_one_of("/dev/vda"),
    "open a camera's disk to write": lambda: os.close(os.open("/dev/sda", os.O_RDWR)),
    "open the machine's memory": lambda: read_one_of("/dev/mem", "/dev/kmem", "/proc/kcore"),
    "read the kernel's log": lambda: read_one_of("/dev/kmsg"),
    "see other processes": see_other_processes,
    "attach to a process": attach_to_a_process,
    "read the memory of a process": read_the_memory_of_a_process,
    "compare processes": lambda: call(KCMP, os.getpid(), os.getpid(), 1, 0, 0),
    "make a user namespace": lambda: in_child(lambda: call(UNSHARE, CLONE_NEWUSER)),
    "make a mount namespace": lambda: in_child(lambda: call(UNSHARE, CLONE_NEWNS)),
    "mount a file system": lambda: reaches(MOUNT, b"none", b"/no/such/place", b"tmpfs", 0, 0),
    "change its root": lambda: in_child(lambda: os.chroot("/")),
    "use io_uring": lambda: os.close(call(IO_URING_SETUP, 1, ctypes.create_string_buffer(120))),
    "use the keyring": lambda: call(ADD_KEY, b"user", b"attempt", b"x", 1, -2),
    "handle faults of memory": lambda: os.close(call(USERFAULTFD, 1)),
    "change its personality": lambda: in_child(lambda: call(PERSONALITY, ADDR_NO_RANDOMIZE)),
    "set the set-user-id bit": set_user_id_bit,
    "make memory that is written and run": lambda: mmap.mmap(
        -1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC
    ).close(),
    "run what it wrote": run_what_it_wrote,
    "map what it wrote": map_what_it_wrote,
    "run from memory": run_from_memory,
    "see the interfaces of the network": other_interfaces,
    "open an Internet socket": socket_of(socket.AF_INET),
    "open a netlink socket": socket_of(socket.AF_NETLINK, socket.SOCK_RAW),
    "open a packet socket": socket_of(socket.AF_PACKET, socket.SOCK_RAW),
    "open a socket to the kernel's ciphers": socket_of(AF_ALG, socket.SOCK_SEQPACKET),
    "open a socket to the hypervisor": socket_of(AF_VSOCK, socket.SOCK_STREAM),
    "set the clock": lambda: reaches(CLOCK_SETTIME, 0, (ctypes.c_long * 2)(0, -1)),
}


def succeeds(attempt: Callable[[], object]) -> bool:
    try:
        attempt()
    except OSError:
        return False
    return True


if __name__ == "__main__":
    if os.uname().nodename != "virtual-dock":
        sys.exit("This is for the virtual dock alone.")
    json.dump([name for name, attempt in ATTEMPTS.items() if succeeds(attempt)], sys.stdout)
