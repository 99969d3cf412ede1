"""Are the udev rules in force that make cameras the dock's, and hide them from desktops?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bwvdock.config.warnings import SERVICE
from bwvdock.core.media.sightings import Transport
from bwvdock.doctor.findings import Check, Finding, error, ok, unseen, warning
from bwvdock.edges.inspection.udev_rules import PluggedCamera, RulesFile

_RELOAD = (
    "sudo udevadm control --reload && sudo udevadm trigger --subsystem-match=usb --subsystem-match=block"
)


def check_rules(files: Sequence[RulesFile]) -> Iterator[Finding]:
    """Return whether our files of rules are where udev reads them."""
    for file in files:
        if file.replaced_by:
            yield error(
                Check.UDEV_RULES,
                f"{file.replaced_by} is read in place of the package's {file.name}",
                "The package's rules are not in force: cameras may not be seen, or be opened by desktops.",
                f"See what it is for: cat {file.replaced_by}; own rules belong into "
                f"/etc/udev/rules.d/59-bwvdock-local.rules. Then remove it, and: {_RELOAD}",
                subject=file.name,
            )
        elif not file.there:
            yield error(
                Check.UDEV_RULES,
                f"{file.name} is not in /usr/lib/udev/rules.d",
                "No camera is seen, and desktops open cameras.",
                f"sudo apt install --reinstall bwvdock; then: {_RELOAD}",
                subject=file.name,
            )
        elif file.changed:
            yield warning(
                Check.UDEV_RULES,
                f"{file.name} was changed since the package installed it",
                "What it does now is not known, and the next upgrade replaces it.",
                "Own rules belong into /etc/udev/rules.d/59-bwvdock-local.rules; then: "
                f"sudo apt install --reinstall bwvdock; {_RELOAD}",
                subject=file.name,
            )
    if all(file.there and not file.replaced_by and not file.changed for file in files):
        known = " as the package installed them" if all(file.changed is False for file in files) else ""
        yield ok(Check.UDEV_RULES, f"{' and '.join(file.name for file in files)} are in place{known}")


def check_applied(cameras: Sequence[PluggedCamera] | None) -> Iterator[Finding]:
    """Return whether udev applied the rules to what is plugged in; None: udev has no database here."""
    if cameras is None:
        yield error(
            Check.UDEV_APPLIED,
            "udev has no database at /run/udev/data",
            "udev is not running, so no camera is seen.",
            "sudo systemctl start systemd-udevd; then: sudo udevadm trigger",
        )
        return
    if not cameras:
        yield unseen(
            Check.UDEV_APPLIED,
            "no USB disk and no MTP camera is plugged in, and only on one can it be seen",
            "Dock a camera, then: bwvdock doctor",
        )
        return
    wrong = list(_wrong(cameras))
    yield from wrong
    if not wrong:
        ignored = [camera.bay for camera in cameras if camera.ignored]
        excluded = f"; excluded by a rule of yours: {', '.join(ignored)}" if ignored else ""
        marked = [camera.bay for camera in cameras if not camera.ignored]
        yield ok(Check.UDEV_APPLIED, f"udev marked {', '.join(marked) or 'nothing'} as cameras{excluded}")


def _wrong(cameras: Sequence[PluggedCamera]) -> Iterator[Finding]:
    for camera in cameras:
        if camera.ignored:
            continue
        if not camera.marked:
            yield error(
                Check.UDEV_APPLIED,
                f"{camera.bay} ({camera.transport}) is not marked as a camera",
                "The rules are not in force: the dock does not see this device, and a desktop may open it.",
                _RELOAD,
                subject=camera.bay,
            )
        elif camera.transport == Transport.MTP and camera.node_group not in {SERVICE, ""}:
            yield error(
                Check.UDEV_APPLIED,
                f"the device node of {camera.bay} belongs to the group {camera.node_group}",
                "The dock cannot speak to this MTP camera: another rule gave it to somebody else.",
                f"udevadm info --attribute-walk /sys/bus/usb/devices/{camera.bay}; then: {_RELOAD}",
                subject=camera.bay,
            )
