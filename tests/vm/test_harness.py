"""Does the virtual dock do what its tests rely on? No bwvdock here: the harness itself is what is tested."""

import hashlib
import random
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.vm.cameras import MIB, CameraImage, make_exfat, make_vfat
from tests.vm.conftest import DockMaker
from tests.vm.dock import VirtualDock
from tests.vm.guest_agent import CommandFailedError, GuestGoneError
from tests.vm.image import GuestImage, VirtualDockError, need_tools
from tests.vm.install import install_deb
from tests.vm.qmp import QmpError
from tests.vm.usb import Reader

SHA_LIST = "cd {folder} && find . -type f -printf '%P\\0' | xargs -0 -r sha256sum"


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a camera might hold: 40 MiB, odd sizes, an empty file, a name that is not ASCII."""
    folder, source = tmp_path_factory.mktemp("tree"), random.Random(1)
    clips = folder / "DCIM" / "100MEDIA"
    clips.mkdir(parents=True)
    for number, size in enumerate((0, 1, 65_537, 3 * MIB - 1, 32 * MIB)):
        (clips / f"CLIP{number:04}.MP4").write_bytes(source.randbytes(size))
    (clips / "Übergabe größer.mp4").write_bytes(source.randbytes(777))
    return folder


@pytest.fixture(scope="module")
def vfat(workshop: Path, tree: Path) -> CameraImage:
    return make_vfat(workshop / "vfat.img", tree, size=96 * MIB)


def read_back(dock: VirtualDock, device: str) -> dict[str, str]:
    """Mounts read-only, and hashes every file in the guest: path -> SHA-256."""
    dock.run(f"mkdir -p /run/camera && mount -o ro /dev/{device} /run/camera")
    try:
        lines = dock.run(SHA_LIST.format(folder="/run/camera"), timeout=300).stdout.splitlines()
    finally:
        dock.run("umount /run/camera")
    return {path: digest for digest, path in (line.split("  ", 1) for line in lines)}


@contextmanager
def plugged(dock: VirtualDock, name: str, image: Path, *, bay: int = 1, **options: Any) -> Iterator[str]:  # noqa: ANN401 - those of plug_storage
    """A camera in its bay, and out again; yields the guest's name of its disk."""
    dock.plug_storage(name, image, serial=f"SN-{name}", bay=bay, **options)
    try:
        yield dock.disk(name)
    finally:
        dock.unplug(name)


def hashes(camera: CameraImage) -> dict[str, str]:
    return {path: truth.sha256 for path, truth in camera.files.items()}


class TestCommands:
    def test_the_guest_is_a_whole_debian_12_with_the_python_of_a_dock(self, bare_dock: VirtualDock) -> None:
        assert bare_dock.run("systemctl is-system-running").stdout.strip() == "running"
        assert bare_dock.run(". /etc/os-release && echo $VERSION_CODENAME").stdout.strip() == "bookworm"
        assert bare_dock.run("/usr/bin/python3 --version").stdout.startswith("Python 3.11.")

    def test_a_command_tells_its_output_its_errors_and_how_it_ended(self, bare_dock: VirtualDock) -> None:
        result = bare_dock.run("cat; echo oh dear >&2; exit 7", stdin=b"in\n", check=False)
        assert (result.rc, result.stdout, result.stderr) == (7, "in\n", "oh dear\n")
        with pytest.raises(CommandFailedError, match="oh dear"):
            bare_dock.run("echo oh dear >&2; false")

    def test_a_command_that_does_not_end_is_ended_with_its_children(self, bare_dock: VirtualDock) -> None:
        result = bare_dock.run("sleep 5151 & sleep 5151", timeout=1, check=False)
        assert result.timed_out
        assert bare_dock.run("pgrep -f 'sleep 515[1]'", check=False).rc == 1

    def test_two_commands_run_at_the_same_time(self, bare_dock: VirtualDock) -> None:
        bare_dock.run("rm -f /run/pipe; mkfifo /run/pipe")
        reader = bare_dock.begin("cat /run/pipe")
        bare_dock.run("echo meanwhile >/run/pipe")
        assert reader.result().stdout == "meanwhile\n"

    @pytest.mark.parametrize("size", [0, 1, MIB, 5 * MIB + 17])
    def test_files_go_in_and_out_unchanged(self, bare_dock: VirtualDock, size: int) -> None:
        data = random.Random(size).randbytes(size)
        bare_dock.push("/run/file", b"longer than what follows" * 10)
        bare_dock.push("/run/file", data, mode=0o600)
        assert bare_dock.run("sha256sum </run/file").stdout.split()[0] == hashlib.sha256(data).hexdigest()
        assert bare_dock.pull("/run/file") == data

    def test_waiting_for_what_never_comes_says_what_it_saw(self, bare_dock: VirtualDock) -> None:
        with pytest.raises(VirtualDockError, match="not yet"):
            bare_dock.wait_until("echo not yet; false", timeout=0.1)

    def test_a_missing_tool_is_an_error_with_its_remedy(self) -> None:
        with pytest.raises(VirtualDockError, match=r"no-such-emulator.*tests/vm/setup\.sh"):
            need_tools("sh", "no-such-emulator")


class TestCameras:
    def test_vfat_and_exfat_at_once_byte_by_byte_and_untouched(
        self, bare_dock: VirtualDock, workshop: Path, tree: Path, vfat: CameraImage
    ) -> None:
        exfat = make_exfat(workshop / "exfat.img", tree, size=128 * MIB, dock=bare_dock)
        with plugged(bare_dock, "vfat", vfat.path, bay=2) as first:
            with plugged(bare_dock, "exfat", exfat.path, bay=45) as second:
                assert read_back(bare_dock, first) == hashes(vfat)
                assert read_back(bare_dock, f"{second}1") == hashes(exfat)
            bare_dock.wait_until(f"! [ -e /sys/block/{second} ] && [ -e /sys/block/{first} ]")
        bare_dock.wait_until(f"! [ -e /sys/block/{first} ]")
        assert vfat.untouched()
        assert exfat.untouched()

    def test_vfat_behind_a_gpt_with_a_locked_clip(
        self, bare_dock: VirtualDock, workshop: Path, tree: Path
    ) -> None:
        locked = "DCIM/100MEDIA/CLIP0001.MP4"
        camera = make_vfat(workshop / "gpt.img", tree, size=96 * MIB, table="gpt", read_only=(locked,))
        with plugged(bare_dock, "gpt", camera.path) as disk:
            assert read_back(bare_dock, f"{disk}1") == hashes(camera)
            bare_dock.run(f"mount -o ro /dev/{disk}1 /run/camera")
            writable = bare_dock.run("cd /run/camera && find DCIM -type f -perm -u+w").stdout.splitlines()
            bare_dock.run("umount /run/camera")
        assert set(camera.files) - set(writable) == {locked}

    def test_a_volume_that_was_written_to_is_not_untouched(
        self, bare_dock: VirtualDock, workshop: Path, tree: Path
    ) -> None:
        camera = make_vfat(workshop / "written.img", tree, size=96 * MIB)
        with plugged(bare_dock, "written", camera.path) as disk:
            bare_dock.run(f"mkdir -p /run/camera && mount -o rw /dev/{disk} /run/camera")
            bare_dock.run("touch /run/camera/trace && umount /run/camera")
        assert not camera.untouched()

    def test_a_bay_has_the_same_port_path_each_time(self, bare_dock: VirtualDock, vfat: CameraImage) -> None:
        def port_of(disk: str) -> str:
            return bare_dock.run(f"udevadm info -q property --property=ID_PATH --value /dev/{disk}").stdout

        with plugged(bare_dock, "one", vfat.path, bay=7) as disk:
            first = port_of(disk)
        with plugged(bare_dock, "two", vfat.path, bay=7) as disk:
            assert port_of(disk) == first
        with plugged(bare_dock, "three", vfat.path, bay=8) as disk:
            assert port_of(disk) != first

    def test_a_bay_holds_one_camera(self, bare_dock: VirtualDock, vfat: CameraImage, workshop: Path) -> None:
        spare = workshop / "spare.img"
        spare.write_bytes(bytes(MIB))
        with plugged(bare_dock, "holder", vfat.path, bay=3):
            with pytest.raises(QmpError):
                bare_dock.plug_storage("intruder", spare, serial="SN-INTRUDER", bay=3)
            with plugged(bare_dock, "intruder", spare, bay=4):  # the refusal has left nothing behind
                pass

    def test_reading_is_counted_in_the_guest_and_outside(
        self, bare_dock: VirtualDock, vfat: CameraImage
    ) -> None:
        with plugged(bare_dock, "counted", vfat.path) as disk:
            before, seen_before = bare_dock.disk_stat(disk), bare_dock.bytes_read("counted")
            assert bare_dock.disk_stat(disk) == before
            bare_dock.run(f"dd if=/dev/{disk} of=/dev/null bs=1M count=8 iflag=direct")
            after, seen_after = bare_dock.disk_stat(disk), bare_dock.bytes_read("counted")
        assert after.sectors_read - before.sectors_read == 8 * MIB // 512
        assert seen_after - seen_before == 8 * MIB
        assert after.sectors_written == 0


class TestTrouble:
    def test_a_yank_in_mid_copy_is_an_input_error(self, bare_dock: VirtualDock, vfat: CameraImage) -> None:
        bare_dock.plug_storage("torn", vfat.path, serial="SN-TORN")
        disk = bare_dock.disk("torn")
        bare_dock.run(f"mkdir -p /run/camera && mount -o ro /dev/{disk} /run/camera")
        bare_dock.throttle("torn", 4 * MIB)
        copy = bare_dock.begin("dd if=/run/camera/DCIM/100MEDIA/CLIP0004.MP4 of=/run/copy bs=64k 2>&1")
        start = bare_dock.bytes_read("torn")
        bare_dock.wait_until(lambda: bare_dock.bytes_read("torn") - start > 4 * MIB)
        bare_dock.unplug("torn")
        assert bare_dock.run("ls /run/camera", check=False).stdout == ""
        result = copy.result(check=False)
        assert result.rc == 1
        assert "Input/output error" in result.stdout
        copied = bare_dock.pull("/run/copy")
        original = vfat.path.read_bytes()
        bare_dock.run("umount --lazy /run/camera; rm /run/copy")
        assert 3 * MIB < len(copied) < 32 * MIB
        assert copied in original  # what had arrived is right

    def test_a_throttled_camera_can_be_let_go(self, bare_dock: VirtualDock, vfat: CameraImage) -> None:
        with plugged(bare_dock, "slow", vfat.path, bytes_per_second=64 * 1024 * 1024) as disk:
            bare_dock.throttle("slow", 4096)  # 4 KiB a second: a MiB would take four minutes
            copy = bare_dock.begin(
                f"dd if=/dev/{disk} of=/dev/null bs=1M count=1 skip=40 iflag=direct", timeout=100
            )
            bare_dock.throttle("slow", None)
            assert copy.result().rc == 0

    def test_an_unreadable_sector_spoils_one_file_and_no_other(
        self, bare_dock: VirtualDock, vfat: CameraImage, tree: Path
    ) -> None:
        big = (tree / "DCIM/100MEDIA/CLIP0004.MP4").read_bytes()
        sector = vfat.path.read_bytes().index(big[MIB : MIB + 4096]) // 512
        with plugged(bare_dock, "scratched", vfat.path, unreadable_sectors=(sector,)) as disk:
            bare_dock.run(f"mount -o ro /dev/{disk} /run/camera")
            command = SHA_LIST.format(folder="/run/camera") + " || true"
            result = bare_dock.run(command, timeout=300)
            bare_dock.run("umount /run/camera")
        good = {line.split("  ", 1)[1] for line in result.stdout.splitlines()}
        assert set(vfat.files) - good == {"DCIM/100MEDIA/CLIP0004.MP4"}
        assert "Input/output error" in result.stderr

    def test_a_card_reader_has_an_empty_slot_and_cards_come_and_go(
        self, bare_dock: VirtualDock, vfat: CameraImage, workshop: Path, tree: Path
    ) -> None:
        other = make_vfat(workshop / "other.img", tree, size=96 * MIB)
        bare_dock.plug_reader("reader", (None, vfat.path), serial="SN-READER", bay=5)
        try:
            empty, full = bare_dock.disk("reader", lun=0), bare_dock.disk("reader", lun=1)
            opened = bare_dock.run(f"dd if=/dev/{empty} of=/dev/null count=1", check=False)
            assert "No medium found" in opened.stderr
            assert read_back(bare_dock, full) == hashes(vfat)

            watch = "stdbuf -oL udevadm monitor --udev --property --subsystem-match=block"
            bare_dock.run(f"timeout 600 {watch} >/run/watch 2>&1 </dev/null &")
            bare_dock.wait_until("grep -q 'event which udev sends' /run/watch")  # it listens
            bare_dock.usb.insert_medium("reader", other.path)
            bare_dock.wait_until("grep -q DISK_MEDIA_CHANGE=1 /run/watch && pkill udevadm")
            bare_dock.wait_until(f"[ $(cat /sys/block/{empty}/size) != 0 ]")
            assert read_back(bare_dock, empty) == hashes(other)

            bare_dock.usb.eject_medium("reader")
            bare_dock.wait_until(f"[ $(cat /sys/block/{empty}/size) = 0 ]")
        finally:
            bare_dock.unplug("reader")

    def test_only_the_first_slot_of_a_reader_can_be_empty(self, vfat: CameraImage) -> None:
        with pytest.raises(VirtualDockError, match="first slot"):
            Reader(name="reader", slots=(vfat.path, None), serial="SN", bay=1)


class TestPower:
    # That a dock starts after a cut with what it had flushed, and finds its cameras, is seen in test_power.py
    # each time; here, that nothing else is kept.
    @pytest.mark.extra
    def test_a_power_cut_keeps_what_was_flushed_loses_what_was_not_and_finds_the_cameras(
        self, booted: GuestImage, new_dock: DockMaker, vfat: CameraImage
    ) -> None:
        dock = new_dock(booted)
        dock.plug_storage("stays", vfat.path, serial="SN-STAYS", bay=1)
        dock.start()
        boot = dock.agent.ping(10)
        acknowledged = dock.run(WRITE_AND_ACKNOWLEDGE, timeout=300).stdout.split()
        dock.run("echo never flushed >/root/unflushed")
        dock.power_cut()
        with pytest.raises(GuestGoneError):
            dock.run("true")
        dock.start()
        assert dock.agent.ping(10) != boot
        found = dock.run("cd /root && sha256sum kept-*").stdout.split()[::2]
        assert found == acknowledged
        assert len(acknowledged) == 20
        assert dock.run("cat /root/unflushed 2>/dev/null", check=False).stdout == ""
        assert read_back(dock, dock.disk("stays")) == hashes(vfat)
        dock.remove()

    @pytest.mark.extra
    def test_a_package_installs_without_a_network_and_is_there_after_a_restart(
        self, booted: GuestImage, new_dock: DockMaker, tmp_path: Path
    ) -> None:
        deb = build_dummy_deb(tmp_path)
        dock = new_dock(booted)
        dock.start()
        install_deb(dock, deb)
        dock.shutdown()
        dock.start()
        assert dock.run("cat /usr/share/vm-dummy/payload").stdout == "payload\n"
        dock.remove()


# Files of growing size, each flushed with its name, then acknowledged by the SHA-256 it should have for ever.
WRITE_AND_ACKNOWLEDGE = """/usr/bin/python3 - <<'PYTHON'
import hashlib, os
folder = os.open("/root", os.O_RDONLY)
for number in range(20):
    data = bytes([number]) * (number * 50_000 + 1)
    file = os.open(f"/root/kept-{number:02}", os.O_WRONLY | os.O_CREAT)
    os.write(file, data)
    os.fsync(file)
    os.fsync(folder)
    print(hashlib.sha256(data).hexdigest())
PYTHON
"""


def build_dummy_deb(folder: Path) -> Path:
    """A package with one file, which needs what bwvdock needs: the system's python3."""
    root = folder / "vm-dummy"
    (root / "DEBIAN").mkdir(parents=True)
    (root / "usr/share/vm-dummy").mkdir(parents=True)
    (root / "usr/share/vm-dummy/payload").write_text("payload\n")
    (root / "DEBIAN/control").write_text(
        "Package: vm-dummy\nVersion: 1\nArchitecture: all\nDepends: python3 (>= 3.11)\n"
        "Maintainer: nobody <nobody@invalid>\nDescription: shows that packages install in the virtual dock\n"
    )
    deb = folder / "vm-dummy_1_all.deb"
    subprocess.run(["dpkg-deb", "--root-owner-group", "--build", root, deb], check=True, capture_output=True)
    return deb
