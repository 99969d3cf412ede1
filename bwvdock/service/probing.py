"""What is this camera, and what would bwvdock do with it? Nothing on it is changed, no footage is read."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field

from bwvdock.core.clips.admission import Verdict
from bwvdock.core.media.profile import Profile, names_model
from bwvdock.core.media.self_reported.expected import FIRMWARE, expectations
from bwvdock.core.media.sightings import Transport
from bwvdock.core.media.survey import VolumeSurvey, draft, survey
from bwvdock.core.ports import CameraFile, CameraVolume
from bwvdock.core.visible_text import quoted
from bwvdock.edges.cameras.mtp.camera import Identity, MtpCamera, libusb
from bwvdock.edges.cameras.mtp.codes import Op, title
from bwvdock.edges.cameras.mtp.volume import MtpVolume
from bwvdock.edges.mounting import Mounter
from bwvdock.edges.usbtree import UsbDevice, usb_devices
from bwvdock.errors import BwvdockError, VolumeRefusedError
from bwvdock.service.camera_access import MOUNTER_SOCKET, volume_of
from bwvdock.stages.find.camera_files import choose_profile, told_clock, told_settings
from bwvdock.units import format_count

_ACCESS = {0: "writable", 1: "read-only", 2: "read-only, deletion allowed"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Survey:
    """The findings about one device.

    `says` is how it identifies itself in its own protocol, `stores` a line for each store, `would` what
    bwvdock would do, `draft` a profile in TOML, `expected` a line for each thing that its profile expects.
    `trouble` and `remedy` say why something is missing.
    """

    device: UsbDevice
    transport: str
    admitted: bool
    would: tuple[str, ...]
    says: dict[str, str] = field(default_factory=dict)
    operations: tuple[str, ...] = ()
    clock: str = ""
    stores: tuple[str, ...] = ()
    volumes: tuple[VolumeSurvey, ...] = ()
    trouble: str = ""
    remedy: str = ""
    draft: str = ""
    expected: tuple[str, ...] = ()


Admit = Callable[[str, bool], Verdict]
"""A function that decides on a serial, and on whether a profile names the camera's model."""


def open_mtp(device: UsbDevice) -> MtpCamera:
    """Open a camera.

    Raises:
        CameraError: see MtpCamera.
    """
    return MtpCamera(libusb(), device.bus, device.number)


def open_disks(device: UsbDevice) -> Iterator[CameraVolume]:
    """Have the device's volumes mounted, read-only, one after the other.

    Raises:
        CameraError, MounterUnavailableError: see Mounter.
    """
    mounter = Mounter(MOUNTER_SOCKET)
    for disk in device.disks:
        block = f"/sys/class/block/{disk}"
        parts = sorted(name for name in os.listdir(block) if os.path.exists(f"{block}/{name}/partition"))
        for name in parts or [disk]:
            yield volume_of(mounter.mount(name), mounter, name=name)


@dataclass(kw_only=True, slots=True)
class Prober:
    """Examines devices. `admit` returns what the dock would decide; `camera` and `disks` open a device."""

    profiles: Sequence[Profile]
    admit: Admit
    camera: Callable[[UsbDevice], MtpCamera] = open_mtp
    disks: Callable[[UsbDevice], Iterator[CameraVolume]] = open_disks

    def probe(self, device: UsbDevice) -> Survey:
        """Return the findings about one device. Failures are in `trouble`."""
        verdict = self.admit(device.serial, names_model(self.profiles, device.usb))
        found = _SurveySoFar()
        try:
            if device.transport is Transport.MASS_STORAGE:
                self._look_at_disks(device, found)
            elif device.transport:
                self._look_at_camera(device, found)
        except BwvdockError as error:
            found.trouble, found.remedy = error.message, error.remedy
            if isinstance(error, VolumeRefusedError) and verdict.admitted:
                found.remedy = (
                    "It is admitted, so the daemon is using it: systemctl stop bwvdock; then try again."
                )
        model = found.says.get("model") or device.product
        return Survey(
            device=device,
            transport=device.transport or "",
            admitted=verdict.admitted,
            would=tuple(_would(device, verdict, found)),
            says=found.says,
            operations=tuple(found.operations),
            clock=found.clock,
            stores=tuple(found.stores),
            volumes=tuple(found.volumes),
            trouble=found.trouble,
            remedy=found.remedy,
            expected=tuple(found.expected),
            draft=draft(device.usb, model, found.volumes) if found.volumes else "",
        )

    def _look_at_disks(self, device: UsbDevice, found: _SurveySoFar) -> None:
        for volume in self.disks(device):
            with closing(volume):
                listing = self._survey(volume, device.usb, found)
                profile = choose_profile(volume, listing, profiles=self.profiles, usb=device.usb)
                found.compare(profile, told_settings(volume, listing, profile))
                told = told_clock(volume, listing, profile)
                if told is not None:
                    found.clock = f"{told.raw}, from its {told.source}"

    def _look_at_camera(self, device: UsbDevice, found: _SurveySoFar) -> None:
        with self.camera(device) as camera:
            said = camera.identity
            found.says = _says(said)
            found.operations = [_operation(code) for code in sorted(said.operations)]
            found.known = said.operations
            clock = camera.clock()
            if clock is not None:
                found.clock = f"{clock.raw}, when the dock's clock showed {clock.after:%Y-%m-%d %H:%M:%S} UTC"
            for volume in camera.volumes():
                found.stores.append(_store(volume))
                listing = self._survey(volume, device.usb, found)
                profile = choose_profile(volume, listing, profiles=self.profiles, usb=device.usb)
                places = profile.expected.places if profile.expected else {}
                asked = {name: camera.says(where.code) for name, where in places.items() if where.code}
                of_files = told_settings(volume, listing, profile)
                found.compare(profile, {FIRMWARE: said.version, **of_files, **asked})

    def _survey(self, volume: CameraVolume, usb: str, found: _SurveySoFar) -> Sequence[CameraFile]:
        listing = volume.list()
        found.volumes.append(survey(volume.name, volume.label, listing, profiles=self.profiles, usb=usb))
        return listing


def devices(bay: str = "", *, sysfs: str = "/sys") -> list[UsbDevice]:
    """Return the devices that could be cameras, or any device in a bay or with a serial."""
    found = list(usb_devices(sysfs))
    if bay:
        return [device for device in found if bay in {device.bay, device.serial}]
    return [device for device in found if device.transport]


@dataclass(slots=True)
class _SurveySoFar:
    """The findings so far."""

    says: dict[str, str] = field(default_factory=dict)
    operations: list[str] = field(default_factory=list)
    known: frozenset[int] | None = None
    clock: str = ""
    of_itself: dict[str, str] = field(default_factory=dict)
    expected: list[str] = field(default_factory=list)
    stores: list[str] = field(default_factory=list)
    volumes: list[VolumeSurvey] = field(default_factory=list)
    trouble: str = ""
    remedy: str = ""

    def compare(self, profile: Profile, says: Mapping[str, str]) -> None:
        """Take in what one volume, or the camera, says of what the profile expects."""
        self.of_itself.update({name: said for name, said in says.items() if said})
        if profile.expected is not None:
            self.expected = expectations(profile.expected, self.of_itself)


def _says(said: Identity) -> dict[str, str]:
    return {
        "manufacturer": said.manufacturer,
        "model": said.model,
        "version": said.version,
        "serial": said.serial,
        "extension": said.extension,
    }


def _operation(code: int) -> str:
    return title(code) if code in set(Op) else f"0x{code:04X}"


def _store(volume: MtpVolume) -> str:
    info = volume.store.info
    if info is None:
        return f"{volume.name}: no description"
    access = _ACCESS.get(info.access, f"access {info.access}")
    return f"{volume.name}: {volume.label or 'no label'}, {info.capacity / 1e9:.1f} GB, {access}"


def _would(device: UsbDevice, verdict: Verdict, found: _SurveySoFar) -> Iterator[str]:
    """Return, as lines, what bwvdock would do with the device."""
    if not device.transport:
        vendor, _, product = device.usb.partition(":")
        yield "Nothing: it shows neither a disk nor an MTP or PTP interface. If it has one, add it"
        yield "to /etc/udev/rules.d/59-bwvdock-local.rules:"
        rule = f'SUBSYSTEM=="usb", ATTR{{idVendor}}=="{vendor}", ATTR{{idProduct}}=="{product}"'
        yield f'{rule}, ENV{{BWVDOCK_TRANSPORT}}="mtp"'
        return
    if verdict.admitted:
        yield f"Admit it: {verdict.why}."
    else:
        enrol = f"bwvdock cameras enrol {quoted(device.serial, 'SERIAL')}"
        yield f"Refuse it: {verdict.why}. If the camera is yours: {enrol}"
    for volume in found.volumes:
        once = "Take" if verdict.admitted else "Once it is admitted, take"
        clips = format_count(volume.clips, "clip")
        yield f"{once} {clips} from {volume.name}, by the profile {volume.profile}."
        if volume.unknown:
            yield f"Leave {format_count(len(volume.unknown), 'file')} of unknown kind on it, and report that."
    if found.known is None:
        return
    if Op.GET_PARTIAL_OBJECT_64 in found.known or Op.GET_PARTIAL_OBJECT in found.known:
        best = Op.GET_PARTIAL_OBJECT_64 if Op.GET_PARTIAL_OBJECT_64 in found.known else Op.GET_PARTIAL_OBJECT
        yield f"After unplugging, resume a clip where it stopped ({title(best)})."
    else:
        yield "After unplugging, read a clip from its beginning: the camera cannot read part of a file."
    if Op.DELETE_OBJECT not in found.known:
        yield "Never erase anything: the camera does not support it."
