"""How is a docked MTP or PTP camera opened, identified and closed?

with MtpCamera(libusb(), busnum, devnum) as camera:
    identity = camera.identity
    reading = camera.clock()          # before anything could set it
    for volume in camera.volumes():   # LockedError: ask again, or wait for Hint.STORE_ADDED
        ...
"""

from __future__ import annotations

import importlib
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

import usb.backend.libusb1

from bwvdock.core.media.names import escape
from bwvdock.core.media.self_reported.battery import percent
from bwvdock.core.media.self_reported.expected import shown
from bwvdock.edges.cameras.mtp import wire
from bwvdock.edges.cameras.mtp.codes import BATTERY_LEVEL, DATE_TIME, Op
from bwvdock.edges.cameras.mtp.events import Hint, Listener
from bwvdock.edges.cameras.mtp.properties import DeviceProperty, device_property, level
from bwvdock.edges.cameras.mtp.reading import ObjectReader
from bwvdock.edges.cameras.mtp.recovery import Timing
from bwvdock.edges.cameras.mtp.session import PowerCycle, Session
from bwvdock.edges.cameras.mtp.stores import stores
from bwvdock.edges.cameras.mtp.transfer import RefusedError
from bwvdock.edges.cameras.mtp.transport import Address, Backend, Pipe, attached_in_sysfs
from bwvdock.edges.cameras.mtp.volume import Link, MtpVolume
from bwvdock.errors import CameraGoneError, LockedError, NotReadyError, UnreadableError, VolumeRefusedError

_LOOKS = 5  # at a camera that stays locked, before it is given a new session
_LOADING = threading.Lock()  # there is one libusb in a process; pyusb would make two for two threads


@dataclass(frozen=True, kw_only=True, slots=True)
class Identity:
    """How a camera identifies itself; all strings are escaped, "" where it has none.

    `usb_serial` is from the device descriptor, `serial` from DeviceInfo: neither alone identifies one camera.
    `usb` is "vvvv:pppp". `operations` are the codes of the operations that it supports, `extension` is its
    name of its dialect.
    """

    usb: str
    usb_serial: str
    serial: str
    manufacturer: str
    model: str
    version: str
    extension: str
    operations: frozenset[int]


@dataclass(frozen=True, kw_only=True, slots=True)
class ClockReading:
    """What a camera's own clock showed between two times of the dock's. `raw` is the text, escaped."""

    raw: str
    before: datetime
    after: datetime


def libusb() -> Backend:
    """Return libusb: the one of the package libusb-package where that is installed, else the system's.

    Raises:
        VolumeRefusedError: there is none.
    """
    with _LOADING:
        try:
            backend = importlib.import_module("libusb_package").get_libusb1_backend()
        except ImportError:
            backend = usb.backend.libusb1.get_backend()
    if backend is None:
        raise VolumeRefusedError(
            "MTP cameras cannot be read, because libusb is missing.",
            remedy="Run: apt install libusb-1.0-0",
        )
    return backend


class MtpCamera:
    """One opened camera with its session. For one thread, except `present` and `close`.

    Args:
        backend: pyusb's; see `libusb`.
        bus: the number of the USB bus (udev's BUSNUM).
        number: the device's number on it (udev's DEVNUM).
        attached: says whether an attachment is still there.
        timing: how long to wait for what.
        sleep: waits for so many seconds.
        now: the dock's wall clock.
        power_cycle: takes the power from the camera's port and gives it back, if the dock can.

    Raises:
        CameraGoneError: it is not there (any more), or does not answer whatever is done.
        VolumeRefusedError: it may not be opened, somebody else holds it, or it does not speak MTP.
        UnreadableError: it does not describe itself.
        NotReadyError: it stays busy.
    """

    def __init__(
        self,
        backend: Backend,
        bus: int,
        number: int,
        *,
        attached: Callable[[Address], bool] = attached_in_sysfs,
        timing: Timing | None = None,
        sleep: Callable[[float], None] = time.sleep,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        power_cycle: PowerCycle | None = None,
    ) -> None:
        self._now = now
        self._lock = threading.Lock()
        self._users = 0
        self._closed = self._let_go = False
        self._looks = 0
        self._mute: set[int] = set()  # properties that it answers with nonsense, or hangs at
        self._listener: Listener | None = None
        self._pipe = Pipe(backend, bus, number, attached=attached, sleep=sleep)
        self._session = Session(self._pipe, timing=timing, sleep=sleep, power_cycle=power_cycle)
        try:
            # First of all: some cameras switch themselves off when no session is opened soon.
            self._session.open()
            self._info = wire.device_info(self._session.ask(Op.GET_DEVICE_INFO))
        except BaseException:
            self._pipe.close()
            raise
        self._session.slow = "android.com" in self._info.extension
        self._reader = ObjectReader(self._session, operations=self._info.operations, packet=self._pipe.packet)

    @property
    def identity(self) -> Identity:
        """Its identity. No transfer."""
        vendor, product, serial = self._pipe.identity
        return Identity(
            usb=f"{vendor:04x}:{product:04x}",
            usb_serial=serial,
            serial=_shown(self._info.serial),
            manufacturer=_shown(self._info.manufacturer),
            model=_shown(self._info.model),
            version=_shown(self._info.version),
            extension=_shown(self._info.extension),
            operations=self._info.operations,
        )

    def volumes(self) -> Sequence[MtpVolume]:
        """Return a volume for each store that can be used. Also good for keeping an idle camera awake.

        A camera that stays locked is given a new session at every fifth look: some show their stores
        only in one that was opened after they were unlocked.

        Raises:
            LockedError: there is none: ask again in a second or two, or at Hint.STORE_ADDED.
            CameraGoneError, UnreadableError, NotReadyError: as the constructor.
        """
        link = Link(
            session=self._session, reader=self._reader, using=self._using, attached=self._pipe.attached
        )
        with self._using():
            try:
                found = stores(self._session)
            except LockedError:
                self._looks += 1
                if self._looks % _LOOKS == 0:
                    self._session.renew()
                raise
        return [MtpVolume(link, store) for store in found]

    def clock(self) -> ClockReading | None:
        """Read the camera's clock; None if it shows none. Sets nothing."""
        if DATE_TIME not in self._info.properties:
            return None
        with self._using():
            before = self._now()
            try:
                raw = wire.text(self._session.ask(Op.GET_DEVICE_PROP_VALUE, DATE_TIME))
            except (RefusedError, wire.WireError):
                return None
            return ClockReading(raw=_shown(raw), before=before, after=self._now())

    def may_set_clock(self) -> bool:
        """Return whether the camera says that its clock may be set.

        Raises:
            CameraGoneError: as `battery`.
        """
        if Op.SET_DEVICE_PROP_VALUE not in self._info.operations:
            return False
        said = self.described(DATE_TIME)
        return said is not None and said.writable and isinstance(said.current, str)

    def set_clock(self, written: Callable[[datetime], str]) -> None:
        """Set the camera's clock, once, to what `written` makes of the dock's time now.

        Raises:
            UnreadableError, NotReadyError: the camera refuses it, or does not say that it is done.
            CameraGoneError: as `battery`; whether it was set is not known.
        """
        with self._using():
            payload = wire.packed(written(self._now()))
            self._session.put(Op.SET_DEVICE_PROP_VALUE, DATE_TIME, payload=payload)

    def battery(self) -> int | None:
        """Return how full the camera says its battery is, in percent; None where it does not say.

        Raises:
            CameraGoneError: it is not there (any more), or does not answer whatever is done.
        """
        said = self.described(BATTERY_LEVEL)
        scale = None if said is None else level(said)
        if scale is None:
            return None
        value, empty, full = scale
        return percent(value, empty=empty, full=full)

    def says(self, code: int) -> str:
        """Return what the camera says of a property, escaped, at most 64 characters of it; "" for nothing.

        Raises:
            CameraGoneError: as `battery`.
        """
        said = self.described(code)
        return "" if said is None else shown(said.current)

    def described(self, code: int) -> DeviceProperty | None:
        """Return a property's description with its value; None where the camera gives none, now or ever.

        Raises:
            CameraGoneError: as `battery`.
        """
        supported = Op.GET_DEVICE_PROP_DESC in self._info.operations and code in self._info.properties
        if not supported or code in self._mute:
            return None
        with self._using():
            try:
                said = device_property(self._session.ask_once(Op.GET_DEVICE_PROP_DESC, code))
            except (NotReadyError, RefusedError):
                return None
            except UnreadableError:
                self._mute.add(code)
                return None
        return said if said.code == code else None

    def listen(self, tell: Callable[[Hint], None]) -> None:
        """Have `tell` called with each event, in its own thread, until the camera is closed."""
        if self._listener is not None:
            raise RuntimeError("the camera is already being listened to")
        self._listener = Listener(self._pipe, tell)
        self._listener.start()

    def present(self) -> bool:
        """Return whether this attachment still exists and is open. No transfer."""
        return not self._closed and self._pipe.attached()

    def close(self) -> None:
        """End the session and close the camera; closing twice, or after unplugging, is allowed.

        Does not wait for a transfer of another thread: the camera is closed after it.
        """
        with self._lock:
            self._closed = True
        self._close_if_unused()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @contextmanager
    def _using(self) -> Iterator[None]:
        with self._lock:
            if self._closed:
                raise CameraGoneError("The camera was closed.", remedy="Dock it again.")
            self._users += 1
        try:
            yield
        finally:
            with self._lock:
                self._users -= 1
            self._close_if_unused()

    def _close_if_unused(self) -> None:
        with self._lock:
            if not self._closed or self._users or self._let_go:
                return
            self._let_go = True
        if self._listener is not None:
            self._listener.stop()
        if self._pipe.attached():
            self._session.close()
        self._pipe.close()


def _shown(text: str) -> str:
    return escape(text.encode("utf-8", "surrogatepass"))
