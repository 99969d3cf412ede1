"""What is a failed transfer, and is the camera still there?"""

from __future__ import annotations

import array
from collections.abc import Iterator
from pathlib import Path

import pytest

from bwvdock.edges.cameras.mtp.transport import (
    LEAST_READ_BYTES,
    READ_BYTES,
    Address,
    Fault,
    Pipe,
    PipeError,
    attached_in_sysfs,
)
from bwvdock.errors import CameraGoneError, VolumeRefusedError
from tests.fakes.mtp.backend import Token, VirtualBackend, VirtualCamera
from tests.fakes.mtp.contents import Card
from tests.fakes.mtp.descriptors import Look
from tests.fakes.mtp.knobs import Knobs
from tests.fakes.mtp.pipe import failed


class FailingBackend(VirtualBackend):
    """Every bulk read fails with this errno."""

    errno = 5

    def bulk_read(self, dev_handle: Token, ep: int, intf: int, buff: array.array[int], timeout: int) -> int:
        raise failed(-1, self.errno, "failed")


class LateBackend(VirtualBackend):
    """Shows its cameras only at the third look, as libusb does when udev was quicker."""

    looks = 0

    def enumerate_devices(self) -> Iterator[Token]:
        self.looks += 1
        return super().enumerate_devices() if self.looks > 2 else iter([])


class LockedBackend(VirtualBackend):
    """Its cameras may not be opened."""

    def open_device(self, dev: Token) -> Token:
        raise failed(-3, 13, "Access denied")


def pipe_to(camera: VirtualCamera, backend: VirtualBackend | None = None, *, attached: bool = True) -> Pipe:
    return Pipe(
        backend or VirtualBackend(camera),
        camera.bus,
        camera.address,
        attached=lambda _: attached,
        sleep=lambda _: None,
    )


def sysfs(tmp_path: Path, name: str, number: str) -> str:
    folder = tmp_path / "bus/usb/devices" / name
    folder.mkdir(parents=True)
    (folder / "devnum").write_text(number)
    return str(tmp_path)


def test_an_attachment_is_known_by_its_socket_and_its_number(tmp_path: Path) -> None:
    root = sysfs(tmp_path, "1-2.3", "17\n")
    assert attached_in_sysfs(Address(bus=1, number=17, ports=(2, 3)), sysfs=root)
    assert not attached_in_sysfs(Address(bus=1, number=18, ports=(2, 3)), sysfs=root)
    assert not attached_in_sysfs(Address(bus=1, number=17, ports=(2, 4)), sysfs=root)
    assert not attached_in_sysfs(Address(bus=2, number=17, ports=(2, 3)), sysfs=root)


def test_what_the_kernel_does_not_number_is_not_attached(tmp_path: Path) -> None:
    assert not attached_in_sysfs(Address(bus=1, number=0, ports=(1,)), sysfs=sysfs(tmp_path, "1-1", "\n"))


@pytest.mark.parametrize("errno", [2, 5, 19, 32, 71, 75, 110])
def test_any_failure_of_a_camera_that_is_not_there_is_a_yank(errno: int) -> None:
    camera = VirtualCamera()
    backend = FailingBackend(camera)
    backend.errno = errno
    with pytest.raises(CameraGoneError):
        pipe_to(camera, backend, attached=False).receive(512, timeout_ms=1)


@pytest.mark.parametrize(
    "errno, fault", [(32, Fault.HALTED), (110, Fault.SILENT), (5, Fault.BROKEN), (75, Fault.BROKEN)]
)
def test_a_failure_of_a_camera_that_is_there_says_what_it_was(errno: int, fault: Fault) -> None:
    camera = VirtualCamera()
    backend = FailingBackend(camera)
    backend.errno = errno
    with pytest.raises(PipeError) as caught:
        pipe_to(camera, backend).receive(512, timeout_ms=1)
    assert caught.value.fault is fault


def test_reads_are_halved_no_further_than_is_of_use() -> None:
    camera = VirtualCamera(knobs=Knobs(enomem_above=1000))
    with pytest.raises(PipeError):
        pipe_to(camera).receive(READ_BYTES, timeout_ms=1)
    assert camera.record.reads[-1].asked == LEAST_READ_BYTES


def test_a_camera_that_libusb_hears_of_late_is_found() -> None:
    camera = VirtualCamera()
    assert pipe_to(camera, LateBackend(camera)).packet == 512


def test_a_camera_that_is_not_there_is_gone() -> None:
    camera = VirtualCamera()
    camera.yank()
    with pytest.raises(CameraGoneError):
        pipe_to(camera)


def test_a_camera_that_may_not_be_opened_says_what_to_do() -> None:
    camera = VirtualCamera()
    with pytest.raises(VolumeRefusedError) as caught:
        pipe_to(camera, LockedBackend(camera))
    assert "udev rules" in caught.value.remedy
    assert "udevadm control --reload" in caught.value.remedy
    assert caught.value.retryable
    assert f"/dev/bus/usb/{camera.bus:03d}/{camera.address:03d}" in caught.value.message


def test_another_camera_in_the_same_socket_is_not_taken_for_the_one_that_was_reset() -> None:
    camera = VirtualCamera(knobs=Knobs(reset_reenumerates=True))
    pipe = pipe_to(camera)
    camera.look = Look(serial="BWC-0002")
    with pytest.raises(CameraGoneError):
        pipe.reset()


@pytest.mark.parametrize("reenumerates", [False, True])
def test_the_same_camera_is_found_again_after_a_reset(reenumerates: bool) -> None:
    camera = VirtualCamera(Card(), Knobs(reset_reenumerates=reenumerates))
    pipe = pipe_to(camera)
    pipe.reset()
    pipe.clear_halts()
    assert camera.record.halts_cleared == [0x81, 0x02]
