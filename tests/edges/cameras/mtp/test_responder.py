"""Is the virtual camera itself to be trusted? Raw pyusb against it, without any of our own MTP code."""

from __future__ import annotations

import array
import struct
from collections.abc import Callable

import pytest
import usb.core
import usb.util

from tests.fakes.mtp import codec
from tests.fakes.mtp.backend import VirtualBackend, VirtualCamera
from tests.fakes.mtp.contents import Held, Joined, Part, Synthetic, bytes_of, card_with
from tests.fakes.mtp.descriptors import Look
from tests.fakes.mtp.knobs import Fault, Knobs, LargeLength, Locked, Measure, Trouble, Zlp
from tests.fakes.mtp.responder import IN, INTERRUPT, OUT

CLIP = "DCIM/BWC_0001.MP4"


class Raw:
    """A host of a few lines."""

    def __init__(self, camera: VirtualCamera) -> None:
        self.camera = camera
        self.usb = usb.core.find(backend=VirtualBackend(camera))
        self.tid = 0

    def send(self, op: int, *params: int) -> None:
        raw = struct.pack(f"<IHHI{len(params)}I", 12 + 4 * len(params), 1, op, self.tid, *params)
        self.usb.write(OUT, raw, 1000)
        self.tid += 1

    def read(self, count: int) -> bytes:
        """Read once."""
        data: array.array[int] = self.usb.read(IN, count, 1000)
        return data.tobytes()

    def open(self) -> Raw:
        self.send(0x1002, 7)
        assert self.read(512)[6:8] == b"\x01\x20"
        return self

    def get(self, clip: str = CLIP) -> int:
        """Ask for a clip; gives its size."""
        item = self.camera.card.find(clip)
        self.send(0x1009, item.handle)
        return item.content.size


def camera(size: int, knobs: Knobs | None = None, packet: int = 512) -> VirtualCamera:
    return VirtualCamera(card_with({CLIP: Synthetic(size)}), knobs, packet=packet)


def errno_of(call: Callable[[], object]) -> int | None:
    with pytest.raises(usb.core.USBError) as caught:
        call()
    number: int | None = caught.value.errno
    return number


def test_pyusb_finds_it_and_reads_its_descriptors() -> None:
    look = Look(serial="X1", extra_endpoints=1, storage_beside=True)
    device = usb.core.find(backend=VirtualBackend(VirtualCamera(look=look, port=4, packet=1024)))
    first, ours = device.get_active_configuration()
    assert (device.serial_number, device.bus, device.port_numbers, device.speed) == ("X1", 1, (4,), 4)
    assert (first.bInterfaceClass, ours.bInterfaceClass) == (8, 6)
    assert [endpoint.bEndpointAddress for endpoint in ours] == [IN, OUT, INTERRUPT, 0x86]
    assert usb.util.get_string(device, ours.iInterface) == "MTP"


@pytest.mark.parametrize(
    "zlp,reads",
    [
        (Zlp.WHEN_ALIGNED, [1024, 0, 12]),
        (Zlp.NEVER, [1024, 12]),
        (Zlp.SPURIOUS, [1024, 0, 12]),
        (Zlp.EXTRA_BYTE, [1024, 1, 12]),
        (Zlp.ONLY_UNKNOWN_LENGTH, [1024, 12]),
    ],
)
def test_what_follows_full_packets(zlp: Zlp, reads: list[int]) -> None:
    host = Raw(camera(1012, Knobs(zlp=zlp))).open()
    host.get()
    assert [len(host.read(1024)) for _ in reads] == reads


@pytest.mark.parametrize("zlp,reads", [(Zlp.WHEN_ALIGNED, [1000, 12]), (Zlp.SPURIOUS, [1000, 0, 12])])
def test_what_follows_a_short_packet(zlp: Zlp, reads: list[int]) -> None:
    host = Raw(camera(988, Knobs(zlp=zlp))).open()
    host.get()
    assert [len(host.read(1024)) for _ in reads] == reads


def test_who_reads_until_a_short_packet_gets_the_response_for_footage() -> None:
    """The fault that libmtp has: 16,884 bytes and no zero-length packet."""
    host = Raw(camera(16_884, Knobs(zlp=Zlp.NEVER))).open()
    size = host.get()
    taken = host.read(1 << 20)
    assert len(taken) == 12 + size + 12
    assert taken[-12:] == codec.response(0x2001, 1)
    assert host.camera.record.glued_reads == 1


def test_a_read_that_a_packet_does_not_fit_is_an_overflow() -> None:
    host = Raw(camera(1012)).open()
    host.get()
    assert errno_of(lambda: host.read(12)) == 75
    assert host.camera.record.overflows == 1


def test_a_split_header_is_a_transfer_of_its_own() -> None:
    host = Raw(camera(600, Knobs(split_header=True))).open()
    host.get()
    assert [len(host.read(4096)) for _ in range(3)] == [12, 600, 12]


def test_a_glued_response_comes_in_the_last_packet() -> None:
    host = Raw(camera(600, Knobs(glued_response=True))).open()
    host.get()
    assert len(host.read(4096)) == 12 + 600 + 12


@pytest.mark.parametrize(
    "size,large,length",
    [
        (2**32 - 14, LargeLength.UNKNOWN, 2**32 - 2),
        (2**32 - 13, LargeLength.UNKNOWN, 2**32 - 1),
        (2**32 - 12, LargeLength.UNKNOWN, 2**32 - 1),
        (2**32 - 12, LargeLength.MODULO, 0),
        (2**32 + 5, LargeLength.MODULO, 17),
    ],
)
def test_the_length_of_what_does_not_fit(size: int, large: LargeLength, length: int) -> None:
    host = Raw(camera(size, Knobs(large_length=large))).open()
    host.get()
    assert struct.unpack("<IHHI", host.read(512)[:12]) == (length, 2, 0x1009, 1)
    assert host.camera.responder.undrained > size - 512


def test_a_nak_is_a_timeout_or_a_short_count() -> None:
    knobs = Knobs(faults=(Fault(op=0x1009, trouble=Trouble.NAK, at=1000, times=2),))
    host = Raw(camera(4000, knobs)).open()
    host.get()
    assert len(host.read(4096)) == 512
    assert errno_of(lambda: host.read(4096)) == 110
    assert len(host.read(4096)) == 4012 - 512
    assert len(host.read(4096)) == 12
    assert host.camera.record.waited_ms == 1000


def test_a_stall_lasts_until_the_halt_is_cleared() -> None:
    knobs = Knobs(faults=(Fault(op=0x1009, trouble=Trouble.STALL, at=2000, count=1),))
    host = Raw(camera(4000, knobs)).open()
    size = host.get()
    assert len(host.read(512)) == 512
    assert [errno_of(lambda: host.read(4096)) for _ in range(2)] == [32, 32]
    assert errno_of(host.get) == 32
    host.usb.clear_halt(IN)
    host.usb.clear_halt(OUT)
    host.get()
    assert host.read(8192)[12:] == bytes_of(Synthetic(size))


def test_after_a_yank_all_is_enodev_and_a_reset_enoent() -> None:
    knobs = Knobs(faults=(Fault(op=0x1009, trouble=Trouble.GONE, at=1024),))
    host = Raw(camera(4000, knobs)).open()
    host.get()
    assert len(host.read(1024)) == 1024
    calls: list[Callable[[], object]] = [
        lambda: host.read(1024),
        host.get,
        lambda: host.usb.clear_halt(IN),
        lambda: host.usb.read(INTERRUPT, 64, 1000),
        lambda: host.usb.ctrl_transfer(0xA1, 0x67, 0, 0, 20),
    ]
    assert [errno_of(call) for call in calls] == [19] * 5
    assert errno_of(host.usb.reset) == 2
    assert usb.core.find(backend=VirtualBackend(host.camera)) is None


def test_large_reads_can_lack_memory() -> None:
    host = Raw(camera(4000, Knobs(enomem_above=1024))).open()
    host.get()
    assert errno_of(lambda: host.read(2048)) == 12
    assert len(host.read(1024)) == 1024


def test_a_response_can_come_instead_of_data_or_in_its_midst() -> None:
    early = Fault(op=0x1009, trouble=Trouble.EARLY, code=0x2019, count=1)
    amid = Fault(op=0x1009, trouble=Trouble.EARLY, at=700, code=0x2002)
    host = Raw(camera(4000, Knobs(faults=(early, amid)))).open()
    host.get()
    assert host.read(4096) == codec.response(0x2019, 1)
    host = Raw(camera(4000, Knobs(faults=(amid,)))).open()
    host.get()
    assert len(host.read(4096)) == 700
    assert host.read(4096) == codec.response(0x2002, 1)


def test_a_dead_host_leaves_data_halts_and_a_session() -> None:
    host = Raw(camera(100, Knobs(previous_host_died=True)))
    assert errno_of(lambda: host.send(0x1002, 7)) == 32
    host.usb.ctrl_transfer(0x21, 0x64, 0, 0, struct.pack("<HI", 0x4001, 0))
    host.usb.clear_halt(IN)
    host.usb.clear_halt(OUT)
    host.send(0x1002, 7)
    assert host.read(512) == codec.response(0x201E, 0, (0xC0FFEE,))
    assert host.camera.record.cancels == [0]


def test_clearing_halts_alone_does_not_revive_a_camera_that_was_left_in_a_transfer() -> None:
    host = Raw(camera(100, Knobs(previous_host_died=True)))
    host.usb.clear_halt(IN)
    host.usb.clear_halt(OUT)
    host.send(0x1002, 7)
    assert len(host.read(1 << 20)) == 100_000
    assert errno_of(lambda: host.read(512)) == 110


@pytest.mark.parametrize("needed", list(Measure))
def test_a_hang_ends_with_the_measure_that_it_needs_and_not_before(needed: Measure) -> None:
    hang = Fault(op=0x1008, trouble=Trouble.HANG, until=needed, count=1)
    host = Raw(camera(100, Knobs(faults=(hang,)))).open()
    measures: list[Callable[[], object]] = [
        lambda: host.usb.ctrl_transfer(0x21, 0x64, 0, 0, struct.pack("<HI", 0x4001, 1)),
        lambda: host.usb.clear_halt(IN),
        lambda: host.usb.ctrl_transfer(0x21, 0x66, 0, 0, b""),
        host.usb.reset,
        host.camera.plug,
    ]
    host.send(0x1008, 2)
    assert errno_of(lambda: host.read(512)) == 110
    for measure, take in enumerate(measures[: needed - 1], start=1):
        take()
        assert errno_of(lambda: host.send(0x1001)) == 110, measure
    measures[needed - 1]()
    again = Raw(host.camera)
    again.send(0x1001)
    assert again.read(512)[4:8] == b"\x02\x00\x01\x10"


def test_a_command_before_the_last_answer_was_read_is_a_violation() -> None:
    host = Raw(camera(100)).open()
    host.get()
    assert errno_of(host.get) == 32
    assert len(host.camera.record.violations) == 1


def test_a_cancelled_transfer_may_leave_bytes_behind_and_be_busy_for_a_while() -> None:
    host = Raw(camera(100_000, Knobs(cancel_residue=1024, busy_polls=1))).open()
    host.get()
    host.read(512)
    host.usb.ctrl_transfer(0x21, 0x64, 0, 0, struct.pack("<HI", 0x4001, 1))
    codes = [bytes(host.usb.ctrl_transfer(0xA1, 0x67, 0, 0, 20))[2:4] for _ in range(2)]
    assert codes == [b"\x19\x20", b"\x01\x20"]
    assert len(host.read(1 << 20)) == 1024
    assert errno_of(lambda: host.read(512)) == 110


def test_events_come_on_the_interrupt_endpoint() -> None:
    host = Raw(camera(1, Knobs(locked=Locked.NO_STORES))).open()
    host.send(0x1004)
    assert host.read(512)[12:] == bytes(4)
    host.read(512)
    host.camera.responder.unlock()
    assert bytes(host.usb.read(INTERRUPT, 64, 1000)) == codec.event(0x4004, (0x10001,))
    host.send(0x1004)
    assert host.read(512)[12:] == struct.pack("<II", 1, 0x10001)


def test_what_no_camera_must_ever_be_asked_is_recorded() -> None:
    host = Raw(camera(100)).open()
    host.usb.set_configuration()
    for handle in (0xFFFF_FFFF, host.camera.card.find("DCIM").handle):
        host.send(0x100B, handle, 0)
        assert host.read(512)[6:8] == b"\x0f\x20"
    assert len(host.camera.record.violations) == 3
    assert host.camera.record.deleted == []


@pytest.mark.parametrize("offset", [0, 1, 1_048_572, 1_048_573, 2**32 - 1, 2**32 + 5])
def test_synthetic_bytes_are_a_function_of_the_offset(offset: int) -> None:
    content = Synthetic(2**33, seed=3)
    long = bytes_of(content, max(offset - 10, 0), 3_000_000)
    assert long[min(offset, 10) :][:500] == bytes_of(content, offset, 500)
    assert bytes_of(content, offset, 64) != bytes_of(content, offset + 2**32, 64)


def test_joined_and_cut_contents_are_what_they_are_made_of() -> None:
    whole = Joined((Held(b"abc"), Synthetic(10), Held(b"xyz")))
    truth = b"abc" + bytes_of(Synthetic(10)) + b"xyz"
    for begin in range(17):
        for end in range(begin, 17):
            assert bytes_of(Part(whole, begin, end - begin)) == truth[begin:end]


def test_zeros_begin_where_they_should() -> None:
    assert bytes_of(Synthetic(10, zero_from=4))[:4] == bytes_of(Synthetic(10))[:4]
    assert bytes_of(Synthetic(10, zero_from=4), 2) == bytes_of(Synthetic(10), 2, 2) + bytes(6)
