"""How is a camera unlocked over USB, so that it shows its disk?

Carries out the steps of a profile's [unlock] table, one after the other, each once: cameras count wrong
passwords. Everything that can be known beforehand (is it there, does it have these endpoints) is asked before
the first byte is sent. Neither the secret nor a byte of a reply, which may repeat it, is in any error.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import usb.core
import usb.util

from bwvdock.core.media.unlock import MOST_BYTES, BulkIn, BulkOut, ControlIn, ControlOut, Step, UnlockRule
from bwvdock.edges.cameras.mtp.transport import Address, attached_in_sysfs
from bwvdock.errors import CameraGoneError, UnlockRefusedError, VolumeRefusedError

_ASK = (
    "Check that the profile is for this model and the credential is its secret; then: "
    "systemctl restart bwvdock"
)

Device = Any  # a usb.core.Device: pyusb ships no types


def unlock_camera(
    backend: Any,  # noqa: ANN401 - a usb.backend.IBackend
    bus: int,
    number: int,
    rule: UnlockRule,
    secret: bytes,
    *,
    attached: Callable[[Address], bool] = attached_in_sysfs,
) -> None:
    """Carry out the rule's steps on the camera at this address.

    A camera that goes while it takes the last message has accepted it: it comes back as a disk.

    Raises:
        CameraGoneError: it is not there (any more).
        VolumeRefusedError: it may not be opened, or is not built as the profile says; nothing was sent.
        UnlockRefusedError: it did not answer as it should.
    """
    device = usb.core.find(backend=backend, custom_match=lambda d: (d.bus, d.address) == (bus, number))
    if device is None:
        raise _gone()
    try:
        _prepare(device, rule, attached)
        for place, step in enumerate(rule.steps, start=1):
            try:
                with _translated(device, f"step {place}", attached):
                    _carry_out(device, step, secret, place)
            except CameraGoneError:
                if place < len(rule.steps) or isinstance(step, BulkIn | ControlIn):
                    raise
    finally:
        with suppress(usb.core.USBError):
            usb.util.dispose_resources(device)


def _prepare(device: Device, rule: UnlockRule, attached: Callable[[Address], bool]) -> None:
    wanted = {step.endpoint for step in rule.steps if isinstance(step, BulkOut | BulkIn)}
    with _translated(device, "", attached):
        interfaces = list(device.get_active_configuration())
        owners = {
            endpoint.bEndpointAddress: interface.bInterfaceNumber
            for interface in interfaces
            for endpoint in interface
            if interface.bAlternateSetting == 0
            and usb.util.endpoint_type(endpoint.bmAttributes) == usb.util.ENDPOINT_TYPE_BULK
        }
        if missing := sorted(wanted - owners.keys()):
            raise VolumeRefusedError(
                f"The camera has no bulk endpoint {missing[0]:#04x}: it is not the profile's model.",
                remedy="Correct the profile: lsusb -v shows the endpoints; then: systemctl reload bwvdock",
            )
        for number in sorted({owners[endpoint] for endpoint in wanted}):
            usb.util.claim_interface(device, number)


def _carry_out(device: Device, step: Step, secret: bytes, place: int) -> None:
    match step:
        case BulkOut():
            message = step.message.with_secret(secret)
            _all_of_it(device.write(step.endpoint, message, step.timeout_ms), message, place)
        case ControlOut():
            message = step.message.with_secret(secret)
            sent = device.ctrl_transfer(
                step.request_type, step.request, step.value, step.index, message, step.timeout_ms
            )
            _all_of_it(sent, message, place)
        case BulkIn():
            _check(step, bytes(device.read(step.endpoint, MOST_BYTES, step.timeout_ms)), place)
        case ControlIn():
            got = device.ctrl_transfer(
                step.request_type, step.request, step.value, step.index, step.length, step.timeout_ms
            )
            _check(step, bytes(got), place)


def _all_of_it(sent: int, message: bytes, place: int) -> None:
    if sent != len(message):
        raise _refused(f"step {place}: it did not accept the whole message")


def _check(step: BulkIn | ControlIn, got: bytes, place: int) -> None:
    if not step.reply.is_in(got):
        raise _refused(f"step {place}: the reply differs from the profile")


@contextmanager
def _translated(device: Device, place: str, attached: Callable[[Address], bool]) -> Iterator[None]:
    """Return what pyusb's errors mean; `place` is "" before anything was sent."""
    try:
        yield
    except usb.core.USBError as error:
        address = Address(bus=device.bus, number=device.address, ports=tuple(device.port_numbers or ()))
        if error.errno == errno.ENODEV or not attached(address):
            raise _gone() from error
        why = os.strerror(error.errno) if error.errno else "unknown error"
        if not place:
            raise VolumeRefusedError(
                f"The camera cannot be opened to unlock it ({why}).",
                remedy="Install bwvdock's udev rules, stop what else uses the camera, and dock it again.",
            ) from error
        raise _refused(f"{place}: {why}") from error


def _refused(why: str) -> UnlockRefusedError:
    return UnlockRefusedError(
        f"The camera was not unlocked ({why}). It is not tried again: cameras count wrong passwords.",
        remedy=_ASK,
    )


def _gone() -> CameraGoneError:
    return CameraGoneError("The camera was unplugged.", remedy="Dock it again.")
