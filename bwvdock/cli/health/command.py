"""`bwvdock cameras health`: which cameras are to be set aside, and what was seen of them?"""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict

from bwvdock.cli.configuration import working_configuration
from bwvdock.cli.journal import open_reader
from bwvdock.cli.moments import when
from bwvdock.cli.output.console import (
    GREEN,
    RED,
    YELLOW,
    print_json_array,
    print_line,
    print_table,
    say,
)
from bwvdock.config.settings import Config
from bwvdock.core.health.seen import CameraHealth, Verdict
from bwvdock.errors import NotRunningError, UsageError
from bwvdock.operators.daemon_client import ask
from bwvdock.operators.requests import Status
from bwvdock.units import format_count, format_size

_HEAD = ("CAMERA", "VERDICT", "WHY", "DOCKINGS", "SPEED", "BATTERY", "BATTERY AT DOCKING", "MODEL", "SINCE")
_VERDICT = _HEAD.index("VERDICT")
_DROPPED = ("SINCE", "MODEL", "BATTERY AT DOCKING", "BATTERY", "SPEED")  # where a terminal is too narrow
_COLOURS = {Verdict.SET_ASIDE: RED, Verdict.WATCH: YELLOW, Verdict.GOOD: GREEN}
_WORST_FIRST = list(Verdict)


def health(arguments: Namespace) -> int:
    """Print the health of the cameras that were docked here, or of one; the worst first."""
    config = working_configuration(arguments)
    with open_reader(config) as reader:
        serials = [arguments.serial] if arguments.serial else reader.serials_docked()
        found = sorted(reader.camera_health(serials), key=_order)
    if arguments.serial and not found[0].last_docked_at:
        raise UsageError(
            f"No docking of camera {arguments.serial} is known here at which it was read.",
            remedy="bwvdock cameras list",
        )
    charged = _charged(config)
    if arguments.json:
        print_json_array(_document(one, charged) for one in found)
    elif arguments.serial:
        for line in _lines(found[0], charged):
            print_line(line, indent=2)
    elif found:
        rows = [_row(one, charged) for one in found]
        print_table(_HEAD, rows, wrap={"WHY": 34}, drop=_DROPPED, colour=_colour)
    if not arguments.json:
        _print_what_is_known(found)
    return 0


def _order(one: CameraHealth) -> tuple[int, str]:
    return _WORST_FIRST.index(one.verdict), one.serial


def _charged(config: Config) -> Mapping[str, int]:
    """Return how charged docked cameras are, in percent, by serial, where the daemon knows it."""
    try:
        cameras = ask(config.control_socket, Status()).get("cameras", ())
    except NotRunningError:
        return {}
    # One that is refused may only have the serial of another, and is not asked any more.
    read = [camera for camera in cameras if camera.get("state") != "refused"]
    known = {camera["serial"]: camera.get("battery") for camera in read}
    return {serial: battery for serial, battery in known.items() if isinstance(battery, int)}


def _document(one: CameraHealth, charged: Mapping[str, int]) -> dict[str, object]:
    return asdict(one) | {"battery": charged.get(one.serial)}


def _speed(rate: int | None) -> str:
    return "-" if rate is None else f"{format_size(rate)}/s"


def _battery(one: CameraHealth, charged: Mapping[str, int]) -> str:
    return f"{charged[one.serial]} %" if one.serial in charged else "-"


def _row(one: CameraHealth, charged: Mapping[str, int]) -> tuple[str, ...]:
    return (
        one.serial,
        one.verdict,
        "; ".join(reason.text for reason in one.reasons) or "-",
        str(one.dockings),
        _speed(one.rate),
        _battery(one, charged),
        "-" if one.battery_at_docking is None else f"{one.battery_at_docking} %",
        one.model or "-",
        when(one.since) if one.since else "-",
    )


def _colour(row: Sequence[str], column: int) -> str:
    return _COLOURS.get(Verdict(row[column]), "") if column == _VERDICT else ""


def _lines(one: CameraHealth, charged: Mapping[str, int]) -> Iterator[str]:
    """Return what was seen of one camera, for a person; what is not known is left out."""
    yield f"Camera {one.serial}{f' ({one.model})' if one.model else ''}: {one.verdict.upper()}"
    for reason in one.reasons:
        yield f"  {reason.verdict}: {reason.text}"
    dockings = format_count(one.dockings, "docking")
    yield f"Seen: {dockings} from {when(one.since)} to {when(one.last_docked_at)}"
    if one.rate is not None:
        before = f"; before that {_speed(one.rate_before)}" if one.rate_before else ""
        others = f"; others of its model {_speed(one.others_rate)}" if one.others_rate else ""
        yield f"Speed: {_speed(one.rate)} at the last dockings{before}{others}"
    yield f"Files that could not be read: {one.unreadable}"
    yield f"Gone before it was safe to remove: {one.left_early}, back within a minute: {one.breaks}"
    yield f"Clips that went to quarantine: {one.quarantined}"
    if one.clock_ms is not None:
        day = f", {one.clock_ms_per_day / 1000:+.1f} s a day" if one.clock_ms_per_day is not None else ""
        yield f"Clock: {one.clock_ms / 1000:+.1f} s beside the dock's{day}{_then_set(one)}"
    if one.batteries:
        levels = ", ".join(f"{then.percent} %" for then in one.batteries)
        yield f"Battery when it was docked, as the camera said, the latest first: {levels}"
    if one.serial in charged:
        yield f"Battery: {charged[one.serial]} %, as the camera says"


def _then_set(one: CameraHealth) -> str:
    """Return what the dock did to a camera's clock after it had read it."""
    if not one.clock_set:
        return ""
    if one.clock_left_ms is None:
        return "; the dock then tried to set it, and did not see what it shows since"
    return f"; {one.clock_left_ms / 1000:+.1f} s after the dock had set it"


def _print_what_is_known(found: Sequence[CameraHealth]) -> None:
    if not found:
        say("No camera has been docked here yet.")
        return
    sums = {verdict: sum(one.verdict is verdict for one in found) for verdict in Verdict}
    counted = ", ".join(f"{count} {verdict}" for verdict, count in sums.items() if count)
    if len(found) > 1:
        print_line(f"{format_count(len(found), 'camera')}: {counted}.")
    print_line("By the last dockings at this dock, ten at the most; what other docks saw is not known here.")
