"""A socket is switched off and on, seldom, and never left off."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bwvdock.edges.cameras.mtp.camera import MtpCamera
from bwvdock.edges.cameras.portpower import PortPower
from bwvdock.errors import UnreadableError
from tests.edges.cameras.mtp.rig import CLIP, read
from tests.fakes.clock import FakeClock
from tests.fakes.mtp.backend import VirtualBackend, VirtualCamera
from tests.fakes.mtp.contents import Synthetic, bytes_of, card_with
from tests.fakes.mtp.knobs import Fault, Knobs, Measure, Trouble


class Socket:
    """A device in sysfs, and the port that it hangs on; `written` is what the port was told, in order."""

    def __init__(self, root: Path) -> None:
        self.device, self.port = root / "1-2", root / "1-0:1.0" / "usb1-port2"
        self.device.mkdir(parents=True)
        self.port.mkdir(parents=True)
        (self.device / "port").symlink_to("../1-0:1.0/usb1-port2")
        self.switch = self.port / "disable"
        self.switch.write_text("0\n")
        self.seen: list[str] = []

    def nap(self, _: float) -> None:
        self.seen.append(self.switch.read_text())


def nothing() -> None:
    """Do nothing."""


@pytest.fixture
def socket(tmp_path: Path) -> Socket:
    return Socket(tmp_path)


def test_a_socket_is_switched_off_for_a_while_and_on_again(socket: Socket) -> None:
    cycle = PortPower(FakeClock(), sleep=socket.nap).of(str(socket.device), nothing)
    assert cycle is not None
    cycle()
    assert [text[0] for text in [*socket.seen, socket.switch.read_text()]] == ["1", "0"]


def test_it_is_said_before_the_socket_is_off_and_only_where_it_is_switched(socket: Socket) -> None:
    """Once it is off, the kernel says that the camera has left."""
    told: list[str] = []
    cycle = PortPower(FakeClock(), sleep=socket.nap).of(
        str(socket.device), lambda: told.append(socket.switch.read_text()[0])
    )
    assert cycle is not None
    assert told == []
    cycle()
    with pytest.raises(UnreadableError, match="in the last hour"):
        cycle()
    assert told == ["0"]


def test_a_device_that_leaves_by_it_does_not_keep_the_socket_off(socket: Socket) -> None:
    """Its folder goes, and the link to the port with it."""

    def leave(_: float) -> None:
        (socket.device / "port").unlink()
        socket.device.rmdir()

    cycle = PortPower(FakeClock(), sleep=leave).of(str(socket.device), nothing)
    assert cycle is not None
    cycle()
    assert socket.switch.read_text()[0] == "0"


def test_what_goes_wrong_while_it_is_off_does_not_keep_it_off(socket: Socket) -> None:
    def fail(_: float) -> None:
        raise KeyboardInterrupt

    cycle = PortPower(FakeClock(), sleep=fail).of(str(socket.device), nothing)
    assert cycle is not None
    with pytest.raises(KeyboardInterrupt):
        cycle()
    assert socket.switch.read_text()[0] == "0"


def test_a_camera_that_always_hangs_does_not_switch_its_socket_on_and_off_all_night(socket: Socket) -> None:
    clock = FakeClock()
    power = PortPower(clock, sleep=socket.nap)
    for hour in range(3):
        cycle = power.of(str(socket.device), nothing)  # it was docked anew
        assert cycle is not None
        cycle()
        with pytest.raises(UnreadableError, match="in the last hour"):
            cycle()
        assert len(socket.seen) == hour + 1
        clock.pass_ms(3_600_000)


def test_a_kernel_without_the_switch_or_that_refuses_it_is_no_crash(socket: Socket) -> None:
    power = PortPower(FakeClock(), sleep=socket.nap)
    cycle = power.of(str(socket.device), nothing)
    assert cycle is not None
    socket.switch.unlink()
    with pytest.raises(UnreadableError):
        cycle()
    assert power.of(str(socket.device), nothing) is None


def test_a_camera_that_only_a_power_cycle_brings_back_is_read_to_the_byte(socket: Socket) -> None:
    """The whole ladder, with the real switch at its end."""
    fault = Fault(op=0x1009, trouble=Trouble.HANG, at=100_000, until=Measure.POWER, count=1)
    camera = VirtualCamera(card_with({CLIP: Synthetic(700_000)}), Knobs(faults=(fault,)))

    def nap(_: float) -> None:
        if socket.switch.read_text()[0] == "1":
            camera.plug(Knobs())

    mtp = MtpCamera(
        VirtualBackend(camera),
        camera.bus,
        camera.address,
        attached=lambda address: address.number == camera.address,
        sleep=lambda _: None,
        power_cycle=PortPower(FakeClock(), sleep=nap).of(str(socket.device), nothing),
    )
    (volume,) = mtp.volumes()
    (file,) = volume.list()
    assert read(volume, file, piece=50_000) == bytes_of(Synthetic(700_000))
    assert os.path.exists(socket.switch)
    assert socket.switch.read_text()[0] == "0"
