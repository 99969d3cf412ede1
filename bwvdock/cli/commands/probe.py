"""`bwvdock cameras probe`: what is this camera, and what would bwvdock do with it?"""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Iterator
from dataclasses import asdict, replace

from bwvdock.cli.journal import open_reader
from bwvdock.cli.output.console import BOLD, coloured, configuration, paint, print_json_array, say, size
from bwvdock.cli.output.terminal import draw
from bwvdock.config.profiles import load_profiles
from bwvdock.config.settings import Config
from bwvdock.core.clips.admission import Verdict, admit, shown_refusal
from bwvdock.core.media.survey import VolumeSurvey
from bwvdock.core.visible_text import visible
from bwvdock.errors import JournalError, UsageError
from bwvdock.service.probing import Prober, Survey, devices
from bwvdock.units import format_count

_MOST_UNKNOWN = 8
_WORDS = {
    "mass-storage": "a disk",
    "mtp": "MTP or PTP",
    "": "nothing that bwvdock can read",
}


def probe(arguments: Namespace) -> int:
    """Probe every USB device that could be a camera, or the device in one bay."""
    found = devices(arguments.bay)
    if not found and arguments.bay:
        raise UsageError(
            f"No USB device is at {arguments.bay}. Probe looks at USB only, not at folders.",
            remedy="lsusb -t; bwvdock cameras probe; files of a folder: bwvdock dockings",
        )
    config = configuration(arguments)
    prober = Prober(profiles=load_profiles(), admit=lambda serial, known: _admit(config, serial, known))
    if arguments.json:
        print_json_array(asdict(prober.probe(device)) for device in found)
        return 0
    if not found:
        say(
            "No USB device could be a camera (probe looks at USB only, not at folders). To look at any other "
            "USB device: bwvdock cameras probe BAY"
        )
    for number, device in enumerate(found):
        print("\n" if number else "", end="")
        for line in survey_lines(prober.probe(device), colour=coloured()):
            draw(sys.stdout, f"{line}\n")
    return 0


def _admit(config: Config, serial: str, known_model: bool) -> Verdict:  # noqa: FBT001 - as the port has it
    enrolled, revoked = False, None
    try:
        with open_reader(config) as reader:
            known = reader.enrolment(serial)
            enrolled, revoked = known.enrolled, known.revoked
    except JournalError:
        pass  # no journal yet: nothing is enrolled
    verdict = admit(
        serial, mode=config.admission, enrolled=enrolled, known_model=known_model, revoked=revoked
    )
    return replace(verdict, why=shown_refusal(verdict.why, revoked))


def survey_lines(found: Survey, *, colour: bool) -> Iterator[str]:
    """Return the lines that describe one device to a person."""
    device = found.device
    name = " ".join(part for part in (device.manufacturer, device.product) if part) or "no name"
    yield paint(f"Bay {device.bay}: {device.usb} {name}", BOLD, on=colour)
    yield f"  serial      {device.serial or '(none)'}"
    yield f"  USB         {device.speed or '?'} Mbit/s, offers {_WORDS[found.transport]}"
    for interface in device.interfaces:
        ends = ", ".join(f"{e.address} {e.kind} {e.direction} {e.packet}" for e in interface.endpoints)
        code = "/".join(interface.code[at : at + 2] for at in (0, 2, 4))
        driver = f", driver {interface.driver}" if interface.driver else ""
        yield f"  interface {interface.number} {code} {interface.name or '(no name)'}{driver}: {ends}"
    if said := found.says:
        model = f"{said['manufacturer']} {said['model']}, version {said['version'] or '(none)'}"
        yield f"  in MTP      {model}, serial {said['serial'] or '(none)'}"
        yield f"  dialect     {said['extension'] or '(plain PTP)'}"
        yield f"  operations  {', '.join(found.operations)}"
    if found.clock or found.says:
        yield f"  clock       {found.clock or '(not shown)'}"
    for line in found.expected:
        yield f"  expected    {line}"
    for store in found.stores:
        yield f"  store       {store}"
    for volume in found.volumes:
        yield from _volume(volume)
    if found.trouble:
        yield f"  problem     {found.trouble}"
        yield f"              {found.remedy}"
    yield "  bwvdock would"
    for line in found.would:
        yield visible(f"    {line}")
    if found.draft:
        yield "  Draft of a profile, for /etc/bwvdock/profiles/NAME.toml:"
        yield ""
        yield from found.draft.splitlines()


def _volume(volume: VolumeSurvey) -> Iterator[str]:
    label = f" ({volume.label})" if volume.label else ""
    files, clips = format_count(volume.files, "file"), format_count(volume.clips, "clip")
    yield (
        f"  files       {volume.name}{label}: {files}, including {clips} and "
        f"{format_count(volume.sidecars, 'sidecar')} ({size(volume.bytes)}); "
        f"{volume.unreadable or 'none'} unreadable, {format_count(volume.system, 'system file')}"
    )
    for place, number in volume.places:
        yield f"              {format_count(number, 'clip')} in {place}"
    for path in volume.unknown[:_MOST_UNKNOWN]:
        yield f"              unknown kind: {path}"
    if len(volume.unknown) > _MOST_UNKNOWN:
        yield f"              and {len(volume.unknown) - _MOST_UNKNOWN} more (--json lists them all)"
