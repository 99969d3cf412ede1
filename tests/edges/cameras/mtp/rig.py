"""What do our session's bytes come to, beside the ground truth? A session on a virtual camera."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from bwvdock.core.ports import CameraFile
from bwvdock.edges.cameras.mtp.camera import MtpCamera
from bwvdock.edges.cameras.mtp.codes import Op
from bwvdock.edges.cameras.mtp.session import Session
from bwvdock.edges.cameras.mtp.transport import Address, Pipe
from bwvdock.edges.cameras.mtp.volume import MtpVolume
from bwvdock.errors import BwvdockError
from tests.fakes.mtp.backend import VirtualBackend, VirtualCamera
from tests.fakes.mtp.contents import Content, Sampled, Synthetic, bytes_of, card_with
from tests.fakes.mtp.knobs import Knobs

CLIP = "DCIM/100BWCAM/BWC_0001.MP4"
MIB = 1 << 20


def camera_with(content: Content, knobs: Knobs | None = None, packet: int = 512) -> VirtualCamera:
    """Make a camera with one clip."""
    return VirtualCamera(card_with({CLIP: content}), knobs, packet=packet)


@dataclass(kw_only=True)
class Rig:
    """Our session on a virtual camera. `naps` are the seconds that it wanted to sleep."""

    camera: VirtualCamera
    power: Callable[[], None] | None = None
    naps: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.pipe = Pipe(
            VirtualBackend(self.camera),
            self.camera.bus,
            self.camera.address,
            attached=self.attached,
            sleep=self.naps.append,
        )
        self.session = Session(self.pipe, sleep=self.naps.append, power_cycle=self.power)

    def attached(self, address: Address) -> bool:
        """As sysfs would say."""
        camera = self.camera
        return not camera.responder.gone and (address.bus, address.number) == (camera.bus, camera.address)

    def open(self) -> Rig:
        self.session.open()
        return self

    def take(self, *, size: int | None = None, piece: int = MIB, path: str = CLIP) -> bool:
        """Read a clip to its end and say whether every byte was right; raises if it was not accepted."""
        item = self.camera.card.find(path)
        truth = item.content
        transfer = self.session.fetch(
            Op.GET_OBJECT, item.handle, exactly=truth.size if size is None else size
        )
        buffer = memoryview(bytearray(piece))
        at, right = 0, True
        while count := self.session.read(transfer, buffer):
            right = right and same(buffer[:count], truth, at)
            at += count
        self.session.finish(transfer)
        return right and at == truth.size

    def window(self, offset: int, length: int, path: str = CLIP) -> bytes:
        """Read a piece with GetPartialObject64."""
        item = self.camera.card.find(path)
        transfer = self.session.fetch(
            Op.GET_PARTIAL_OBJECT_64,
            item.handle,
            offset & 0xFFFF_FFFF,
            offset >> 32,
            length,
            exactly=length,
        )
        data = memoryview(bytearray(length))
        assert self.session.read(transfer, data) == length
        assert self.session.finish(transfer) == (length,)
        return bytes(data)

    def accepted(self, *, size: int | None = None) -> bool:
        """Return whether a clip is taken, every byte right; False if refused. Fails if it is wrong."""
        try:
            right = self.take(size=size)
        except BwvdockError:
            return False
        assert right, "a wrong byte was taken for a right one"
        return True


@dataclass(kw_only=True)
class Docked:
    """The whole of our camera edge on a virtual camera."""

    camera: VirtualCamera
    naps: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.mtp = MtpCamera(
            VirtualBackend(self.camera),
            self.camera.bus,
            self.camera.address,
            attached=self.attached,
            sleep=self.naps.append,
        )

    def attached(self, address: Address) -> bool:
        camera = self.camera
        return not camera.responder.gone and (address.bus, address.number) == (camera.bus, camera.address)

    def volume(self) -> MtpVolume:
        """Return the only volume."""
        (volume,) = self.mtp.volumes()
        return volume

    def listed(self, path: str = CLIP) -> tuple[MtpVolume, CameraFile]:
        """Return a listed file, and the volume it stands on."""
        volume = self.volume()
        return volume, next(file for file in volume.list() if file.path == path)

    def clip(self, path: str = CLIP, *, offset: int = 0) -> bytes:
        """List, and read a clip."""
        volume, file = self.listed(path)
        return read(volume, file, offset=offset)

    def refuses(self, path: str = CLIP, *, offset: int = 0) -> bool:
        """Return whether a clip is refused; fails if it is taken and is wrong."""
        volume, file = self.listed(path)
        truth = bytes_of(self.camera.card.find(path).content)
        try:
            data = read(volume, file, offset=offset)
        except BwvdockError:
            return True
        assert data == truth[offset:], "a wrong byte was taken for a right one"
        return False


def read(volume: MtpVolume, file: CameraFile, *, offset: int = 0, piece: int = 100_000) -> bytes:
    """Read a listed file to its end."""
    data, buffer = bytearray(), memoryview(bytearray(piece))
    with volume.open(file, offset=offset) as source:
        while count := source.readinto(buffer):
            data += buffer[:count]
    return bytes(data)


def same(data: memoryview, truth: Content, offset: int) -> bool:
    """Return whether bytes that were read are those that should stand at an offset."""
    if not isinstance(truth, Sampled):
        return bytes(data) == bytes_of(truth, offset, len(data))
    return all(
        bytes(data[begin - offset : end - offset])
        == bytes_of(Synthetic(truth.size, truth.seed), begin, end - begin)
        for begin, end in truth.samples(offset, len(data))
    )
