"""How is a simulated camera read over MTP? By the real edge, over a virtual cable."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

from bwvdock.core.clips.permit import ErasePermit
from bwvdock.core.media.names import unescape
from bwvdock.core.media.sightings import Introduction
from bwvdock.core.ports import CameraFile, Kept, Source
from bwvdock.core.ports.erasing import Erasure
from bwvdock.edges.cameras.mtp.camera import MtpCamera
from bwvdock.edges.cameras.mtp.transport import Address
from bwvdock.edges.cameras.mtp.volume import MtpVolume
from tests.fakes.camera import FakeFile
from tests.fakes.mtp.backend import VirtualBackend, VirtualCamera
from tests.fakes.mtp.contents import Card, Held, Item
from tests.fakes.mtp.knobs import Fault, Knobs, Measure, Trouble
from tests.simulation.edges import FaultyVolume

_FURTHER = 1_000  # from one set of handles to the next


class _Items(dict[int, Item]):
    """The objects of a camera; `deletes` returns which one goes when the dock deletes one."""

    deletes: Callable[[int], int]

    def __delitem__(self, handle: int) -> None:
        super().__delitem__(self.deletes(handle))


class Cable:
    """A camera behind its cable: its objects are the files of `volume`, whatever their handles are."""

    def __init__(self, volume: FaultyVolume) -> None:
        self.volume = volume
        self._items = _Items()
        self._items.deletes = self._deleted
        self._handles: dict[str, int] = {}
        self._shown: dict[str, tuple[bytes, int]] = {}
        self.usb = VirtualCamera(Card(items=self._items))
        self.usb.yank()

    # --- what happens to it ---

    def end_session(self) -> None:
        """Have the camera forget its session, as one does that restarts."""
        with self.usb.responder.lock:
            self.usb.responder.class_reset()

    def renumber(self) -> None:
        """Give every object another handle: with another session, which alone may do so."""
        self.end_session()
        items = list(self._items.values())
        self._items.clear()
        for item in items:
            parent = item.parent + _FURTHER if item.parent else 0
            self.usb.card.put(replace(item, handle=item.handle + _FURTHER, parent=parent))
        self._handles = {path: handle + _FURTHER for path, handle in self._handles.items()}

    def stop_answering(self, op: int, until: Measure, times: int) -> None:
        """Have it hang at an operation until something strong enough is done, so many times."""
        fault = Fault(op=op, trouble=Trouble.HANG, until=until, count=times)
        self.usb.responder.turn(Knobs(faults=(fault,)))
        self.usb.knobs = self.usb.responder.knobs

    def end_faults(self) -> None:
        self.usb.responder.turn(Knobs())
        self.usb.knobs = self.usb.responder.knobs

    # --- its objects ---

    def show(self) -> None:
        """Have its objects be what is on the camera now."""
        for path in self._shown.keys() - self.volume.files.keys():
            dict.__delitem__(self._items, self._handles.pop(path))
            del self._shown[path]
        for path, file in self.volume.files.items():
            if self._shown.get(path) != (file.data, file.mtime_ns):
                self._put(path, file)

    def _put(self, path: str, file: FakeFile) -> None:
        content = Held(file.data)
        modified = datetime.fromtimestamp(file.mtime_ns // 10**9, UTC).strftime("%Y%m%dT%H%M%S")
        if path in self._handles:
            item = self._items[self._handles[path]]
            self.usb.card.put(replace(item, content=content, modified=modified))
        else:
            item = self.usb.card.add(unescape(path).decode(), content, modified=modified)
            self._handles[path] = item.handle
        self._shown[path] = (file.data, file.mtime_ns)

    def _deleted(self, handle: int) -> int:
        path = self.deletes(next(path for path, known in self._handles.items() if known == handle))
        self.volume.erased(path)
        del self.volume.files[path], self._shown[path]
        return self._handles.pop(path)

    def deletes(self, path: str) -> str:
        """Return what is deleted where a file is to be."""
        return path

    # --- the dock's side ---

    def open(self, now: Callable[[], datetime]) -> MtpCamera:
        """Open it as the daemon does."""
        responder = self.usb.responder

        def attached(address: Address) -> bool:
            return not responder.gone and address.number == self.usb.address

        return MtpCamera(
            VirtualBackend(self.usb),
            self.usb.bus,
            self.usb.address,
            attached=attached,
            sleep=lambda _: None,
            now=now,
        )

    def volumes(self, opened: MtpCamera) -> tuple[Introduction, Sequence[MtpHandle]]:
        """Return how it introduces itself, and its stores."""
        self.show()
        said = opened.identity
        introduction = Introduction(
            manufacturer=said.manufacturer, model=said.model, version=said.version, serial=said.serial
        )
        return introduction, [MtpHandle(volume, self) for volume in opened.volumes()]


class MtpHandle:
    """One store as the dock opened it: each call is announced, and made on the real edge."""

    def __init__(self, real: MtpVolume, cable: Cable) -> None:
        self._real = real
        self._cable = cable

    @property
    def name(self) -> str:
        return self._real.name

    @property
    def label(self) -> str:
        return self._real.label

    def list(self) -> Sequence[CameraFile]:
        self._announce("list")
        return self._real.list()

    def open(self, file: CameraFile, *, offset: int = 0) -> _Reading:
        self._announce(f"open {file.path}")
        return _Reading(self._real.open(file, offset=offset), self._cable, file, offset)

    def fingerprint(self, file: CameraFile) -> str:
        self._announce(f"fingerprint {file.path}")
        return self._real.fingerprint(file)

    def doubt(self, file: CameraFile, length: int, kept: Kept) -> str:
        self._announce(f"doubt {file.path}")
        return self._real.doubt(file, length, kept)

    def present(self) -> bool:
        return self._real.present()

    def close(self) -> None:
        self._real.close()

    def erase(self, permit: ErasePermit) -> Sequence[Erasure]:
        self._announce(f"erase {permit.clip}")
        return self._real.erase(permit)

    def _announce(self, operation: str) -> None:
        self._cable.volume.supply(f"camera {operation}")
        self._cable.show()


class _Reading:
    """A file on it; notes that it was read whole."""

    def __init__(self, real: Source, cable: Cable, file: CameraFile, offset: int) -> None:
        self._real = real
        self._cable = cable
        self._file = file
        self._at = offset
        self._read = cable.volume.lies.read if offset == 0 else {}

    @property
    def notes(self) -> Sequence[str]:
        return self._real.notes

    def readinto(self, buffer: memoryview) -> int:
        self._cable.volume.supply(f"camera read {self._file.path}")
        self._cable.show()
        count = self._real.readinto(buffer)
        self._at += count
        if self._at == self._file.size:
            self._read[self._file.path] = True
        return count

    def close(self) -> None:
        self._real.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
