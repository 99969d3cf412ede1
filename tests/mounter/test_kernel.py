"""Does a kernel keep the contract of Kernel? The fake and the real one; and are a fake's lies found out?"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from bwvdock.mounter.kernel import Kernel, LinuxKernel, number_of
from bwvdock.mounter.refusal import Refusal, RefusalCode
from tests.mounter.loop import dirty_image, loop_device, needs_root, run
from tests.mounter.machine import FakeBlock, FakeKernel, open_descriptors


@dataclass(frozen=True, kw_only=True, slots=True)
class Rig:
    """A kernel with one disk that holds ext4."""

    kernel: Kernel
    path: str
    dev: str

    @contextmanager
    def opened(self) -> Iterator[int]:
        fd = self.kernel.open_device(self.path, dev=self.dev)
        try:
            yield fd
        finally:
            os.close(fd)


def fake(folder: Path, lies: frozenset[str] = frozenset()) -> Rig:
    kernel = FakeKernel(root=folder, diskseqs={"sda": 17}, lies=lies)
    kernel.blocks["sda"] = FakeBlock(dev="8:0", disk="sda", holds="ext4")
    return Rig(kernel=kernel, path="/dev/sda", dev="8:0")


@contextmanager
def real(folder: Path) -> Iterator[Rig]:
    with loop_device(dirty_image(folder, "ext4")) as name:
        dev = number_of(os.stat(f"/dev/{name}").st_rdev)
        yield Rig(kernel=LinuxKernel(), path=f"/dev/{name}", dev=dev)


@contextmanager
def claimed(rig: Rig) -> Iterator[None]:
    """Somebody else uses the disk."""
    if isinstance(rig.kernel, FakeKernel):
        rig.kernel.blocks["sda"].in_use = True
        yield
        rig.kernel.blocks["sda"].in_use = False
    else:
        fd = os.open(rig.path, os.O_RDONLY | os.O_EXCL)
        yield
        os.close(fd)


@pytest.fixture(name="rig", params=["fake", pytest.param("real", marks=needs_root)])
def _rig(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Rig]:
    if request.param == "fake":
        yield fake(tmp_path)
    else:
        with real(tmp_path) as rig:
            yield rig


def fails_with(number: int) -> AbstractContextManager[object]:
    return pytest.raises(OSError, match=rf"\[Errno {number}\]")


def test_a_device_is_opened_only_under_its_number(rig: Rig) -> None:
    before = open_descriptors()
    with fails_with(errno.ENODEV):
        rig.kernel.open_device(rig.path, dev="8:99")
    with fails_with(errno.ENOENT):
        rig.kernel.open_device(rig.path + "gone", dev=rig.dev)
    assert open_descriptors() == before


def test_what_somebody_uses_cannot_be_claimed(rig: Rig) -> None:
    with claimed(rig), fails_with(errno.EBUSY):
        rig.kernel.open_device(rig.path, dev=rig.dev, exclusive=True)
    os.close(rig.kernel.open_device(rig.path, dev=rig.dev, exclusive=True))


def test_a_device_that_was_set_read_only_says_so(rig: Rig) -> None:
    with rig.opened() as fd:
        assert not rig.kernel.is_read_only(fd)
        rig.kernel.set_read_only(fd)
        assert rig.kernel.is_read_only(fd)


def test_a_medium_keeps_its_number(rig: Rig) -> None:
    with rig.opened() as fd, rig.opened() as again:
        assert rig.kernel.diskseq(fd) == rig.kernel.diskseq(again) > 0


def test_the_medium_gives_its_first_block(rig: Rig) -> None:
    with rig.opened() as fd:
        rig.kernel.read_uncached(fd)


def check_mount(rig: Rig) -> None:
    root = rig.kernel.mount("ext4", rig.path, (("noload", None),))
    try:
        assert os.listdir(root) is not None
        assert rig.kernel.locked_down(root)
        assert rig.kernel.mounted_from(root) == rig.dev
    finally:
        os.close(root)


def test_a_mount_can_be_listed_and_is_locked_down(rig: Rig) -> None:
    before = open_descriptors()
    check_mount(rig)
    assert open_descriptors() == before


def test_a_mount_for_writing_says_so_and_takes_writes_only_while_the_device_does(rig: Rig) -> None:
    before = open_descriptors()
    with rig.opened() as fd:
        rig.kernel.set_read_only(fd)
        with pytest.raises(OSError, match=r"Permission denied|Read-only"):
            rig.kernel.mount("ext4", rig.path, (), writable=True)
        rig.kernel.set_read_only(fd, on=False)
        assert not rig.kernel.is_read_only(fd)
        root = rig.kernel.mount("ext4", rig.path, (), writable=True)
        assert rig.kernel.locked_down(root, writable=True)
        file = os.open("new", os.O_WRONLY | os.O_CREAT, 0o600, dir_fd=root)
        os.close(file)
        rig.kernel.sync(root)
        os.close(root)
        rig.kernel.forget(fd)
    assert open_descriptors() == before


def test_nothing_is_opened_over_a_link_or_outside(rig: Rig) -> None:
    root = rig.kernel.mount("ext4", rig.path, (("noload", None),))
    try:
        for path, number in ((b"../etc", errno.EXDEV), (b"/etc", errno.EXDEV), (b"none", errno.ENOENT)):
            with fails_with(number):
                rig.kernel.open_below(root, path, os.O_RDONLY)
        os.close(rig.kernel.open_below(root, b".", os.O_RDONLY | os.O_DIRECTORY))
    finally:
        os.close(root)


@pytest.mark.parametrize("lie", ["writable", "another"])
def test_a_fake_that_lies_does_not_pass(tmp_path: Path, lie: str) -> None:
    with pytest.raises(AssertionError):
        check_mount(fake(tmp_path, lies=frozenset({lie})))


class TestLinux:
    """What the fake knows nothing of."""

    pytestmark = needs_root

    @pytest.fixture(name="garbage")
    def _garbage(self, tmp_path: Path) -> Iterator[str]:
        image = tmp_path / "garbage.img"
        image.write_bytes(bytes(range(256)) * 8192)
        with loop_device(image) as name:
            yield f"/dev/{name}"

    @pytest.mark.parametrize("filesystem", ["ext4", "xfs"])
    def test_garbage_is_an_invalid_argument_and_the_file_system_says_more(
        self, garbage: str, filesystem: str
    ) -> None:
        before = open_descriptors()
        with pytest.raises(OSError, match=r"Invalid argument|Structure needs cleaning") as caught:
            LinuxKernel().mount(filesystem, garbage, ())
        assert caught.value.errno in {errno.EINVAL, errno.EUCLEAN}
        assert open_descriptors() == before

    def test_a_file_system_that_the_kernel_lacks_is_said_to_be_so(self, garbage: str) -> None:
        with pytest.raises(Refusal, match="No such device") as caught:
            LinuxKernel().mount("nosuchfs", garbage, ())
        assert caught.value.code is RefusalCode.FILESYSTEM_UNSUPPORTED

    def test_an_option_that_the_kernel_lacks_is_never_left_out(self, garbage: str) -> None:
        with pytest.raises(Refusal, match="nosuchoption") as caught:
            LinuxKernel().mount("ext4", garbage, (("nosuchoption", None),))
        assert caught.value.code is RefusalCode.FILESYSTEM_UNSUPPORTED

    def test_a_file_is_no_block_device(self, tmp_path: Path) -> None:
        (tmp_path / "file").touch()
        with fails_with(errno.ENODEV):
            LinuxKernel().open_device(str(tmp_path / "file"), dev="0:0")

    def test_a_medium_that_is_no_longer_there_gives_nothing(self, garbage: str) -> None:
        """Of a loop device: its file was cut to nothing."""
        kernel = LinuxKernel()
        fd = kernel.open_device(garbage, dev=number_of(os.stat(garbage).st_rdev))
        try:
            kernel.read_uncached(fd)
            backing = Path(f"/sys/class/block/{Path(garbage).name}/loop/backing_file").read_text().strip()
            os.truncate(backing, 0)
            with fails_with(errno.EIO):
                kernel.read_uncached(fd)
        finally:
            os.close(fd)

    def test_the_device_refuses_writes_from_everybody(self, garbage: str) -> None:
        kernel = LinuxKernel()
        fd = kernel.open_device(garbage, dev=number_of(os.stat(garbage).st_rdev))
        try:
            kernel.set_read_only(fd)
            assert run("blockdev", "--getro", garbage).strip() == "1"
            with open(garbage, "r+b", buffering=0) as device, pytest.raises(PermissionError):
                device.write(b"x")
        finally:
            os.close(fd)
