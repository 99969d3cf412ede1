"""A day in a station, in the virtual dock: the package, real cards, and 31 days that pass by its own clock.

Twelve cameras, three officers, marks, a flag, a hold, a late assignment, wrong clocks, a camera torn out in
mid-erase; compared with a table written by hand. tests/service/test_day.py plays such a day in memory.
"""

import os
import shlex
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.vm.cameras import MIB, CameraImage, make_vfat
from tests.vm.station import CONFIG, STATE, SYNCHRONISE_CLOCK, Station
from tests.vm.test_erase import slow_writes, written

PROFILES = "/etc/bwvdock/profiles"
EVENING = datetime(2026, 3, 14, 20, tzinfo=UTC)
DCIM = "DCIM/100BWCAM"
NO_DATE = datetime(1980, 1, 1, 3, tzinfo=UTC)  # what FAT has for a clock that was never set

Recorded = list[tuple[str, datetime]]


def ago(hours: float) -> datetime:
    return EVENING - timedelta(hours=hours)


RECORDED: dict[int, Recorded] = {
    1: [  # by its name the first is an event
        ("Record/20260314_120000_EF.mp4", ago(8)),
        ("Record/20260314_130000_NF.mp4", ago(7)),
    ],
    2: [(f"{DCIM}/A.MP4", ago(5)), (f"{DCIM}/B.MP4", ago(3))],
    3: [(f"{DCIM}/A.MP4", ago(7)), (f"{DCIM}/B.MP4", ago(6))],  # A is locked: read-only
    4: [("CARDV/Event/E.mp4", ago(7)), ("CARDV/Normal/N.mp4", ago(6))],
    5: [(f"{DCIM}/A.MP4", ago(6))],
    6: [(f"{DCIM}/A.MP4", ago(6))],
    7: [(f"{DCIM}/A.MP4", ago(6))],  # locked, and taken back
    8: [(f"{DCIM}/{name}.MP4", ago(7 - n / 2)) for n, name in enumerate("ABCDEF")],
    9: [("BODY/A.MP4", ago(6)), ("BODY/B.MP4", ago(5))],  # a field beside A says that it is marked
    10: [
        (f"{DCIM}/A.MP4", ago(6)),
        (f"{DCIM}/B.MP4", ago(5)),
    ],  # an hour ahead, and a file tells
    11: [(f"{DCIM}/A.MP4", ago(6 + 365 * 24))],  # a year behind
    12: [(f"{DCIM}/A.MP4", NO_DATE)],
}
BESIDE: dict[int, dict[str, tuple[bytes, datetime]]] = {
    1: {
        "Record/20260314_120000_E.gps": (b"$GPRMC", ago(8)),
        "Record/20260314_130000_N.gps": (b"$GPRMC", ago(7)),
    },
    9: {"BODY/A.JSON": (b'{"wearer": {"marked": true}}', ago(6)), "BODY/B.JSON": (b"{}", ago(5))},
    10: {"LOG/USB.TXT": (b"plugged in\r\n", ago(-1))},
}
OUR_MODELS = """
[match]
contains = ["BODY/*.MP4"]

[[marks.field]]
extensions = ["json"]
key = "wearer.marked"
"""
LOGS_ITS_DOCKINGS = """
[match]
contains = ["DCIM/*/*.MP4", "LOG/USB.TXT"]

[clock]
file = "LOG/USB.TXT"
"""
LOCKED = {3: (f"{DCIM}/A.MP4",), 7: (f"{DCIM}/A.MP4",)}
HELD_BY = {
    1: 4411,
    2: 4411,
    3: 4413,
    4: 4411,
    5: 4412,
    6: 4413,
    7: 4411,
    8: 4412,
    10: 4411,
    11: 4412,
    12: 4413,
}

IN_THE_END = """
clip                       officer     evidence held  spool vault camera
01/20260314_120000_EF.mp4  4411        yes      no    yes   yes   no
01/20260314_130000_NF.mp4  4411        no       no    no    no    no
02/A.MP4                   4411        no       no    no    no    no
02/B.MP4                   4412        no       no    no    no    no
03/A.MP4                   4413        yes      no    yes   yes   no
03/B.MP4                   4413        no       no    no    no    no
04/E.mp4                   4411        yes      no    yes   yes   no
04/N.mp4                   4411        no       no    no    no    no
05/A.MP4                   4412        yes      no    yes   yes   no
06/A.MP4                   4413        no       yes   yes   yes   no
07/A.MP4                   4411        no       no    no    no    no
08/A.MP4                   4412        no       no    no    no    no
08/B.MP4                   4412        no       no    no    no    no
08/C.MP4                   4412        no       no    no    no    no
08/D.MP4                   4412        no       no    no    no    no
08/E.MP4                   4412        no       no    no    no    no
08/F.MP4                   4412        no       no    no    no    no
09/A.MP4                   4413        yes      no    yes   yes   no
09/B.MP4                   4413        no       no    no    no    no
10/A.MP4                   4411        no       no    no    no    no
10/B.MP4                   4412        no       no    no    no    no
11/A.MP4                   -           no       no    no    no    no
12/A.MP4                   4413        no       no    no    no    no
"""
"""10 went to 4412 half an hour after A was recorded, and half an hour before that by the camera's clock. 11
says that it recorded a year ago, when nobody held it; 12's 1980 cannot be, and its docking counts."""


@pytest.fixture(name="day")
def _day(new_station: Callable[..., Station]) -> Iterator[Station]:
    """A dock of its own: its clock is moved by weeks."""
    station = new_station()
    for name, profile in {"body": OUR_MODELS, "logs": LOGS_ITS_DOCKINGS}.items():
        station.dock.run(f"mkdir -p {PROFILES}")
        station.dock.push(f"{PROFILES}/{name}.toml", profile.encode())
    said = 'erase = "after-verified"\\nsingle_disk = "accepted"'
    station.dock.run(f"sed -i 's/^erase = .*/{said}/' {CONFIG} && bwvdock config check")
    it_is(station, EVENING)
    yield station
    station.dock.remove()


def it_is(station: Station, moment: datetime) -> None:
    set_clock = f"timedatectl set-ntp false; date -u -s {shlex.quote(moment.strftime('%Y-%m-%d %H:%M:%S'))}"
    station.dock.run(f"{set_clock} && {SYNCHRONISE_CLOCK}")
    station.systemctl("restart")  # as after days without power: by a clock that leaps, nothing goes for a day
    # The daemon asks every 20 s, and may have asked between the two.
    station.wait(lambda: "clock-not-synchronised" not in station.alerts(), what="the clock is believed")


def make(workshop: Path, number: int) -> CameraImage:
    tree = workshop / f"day-{number}"
    files = {path: (f"{number} {path} ".encode() * 20_000, shown) for path, shown in RECORDED[number]}
    for path, (content, shown) in (files | BESIDE.get(number, {})).items():
        file = tree / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
        # mtools writes local time, and so do cameras; the dock takes it as UTC.
        os.utime(file, (shown.timestamp(), shown.timestamp()))
    return make_vfat(workshop / f"day-{number}.img", tree, size=40 * MIB, read_only=LOCKED.get(number, ()))


def serial(number: int) -> str:
    return f"DAY-{number:02}"


def assign(station: Station, number: int, officer: int, since: datetime) -> None:
    station.run(f"cameras assign {serial(number)} --officer {officer} --from {since:%Y-%m-%dT%H:%M:%SZ}")


def clips(station: Station) -> dict[str, dict[str, str]]:
    """The clips by their short names: "01/A.MP4"."""
    found = station.ask("clips list --reason audit")
    return {f"{clip['camera'][-2:]}/{clip['path'].rpartition('/')[2]}": clip for clip in found}


def dock_and_erase(station: Station, images: dict[int, CameraImage], numbers: range) -> None:
    for bay, number in enumerate(numbers, start=1):
        station.plug(serial(number), images[number], bay=bay)
    wanted = {f"{number:02}/{path.rpartition('/')[2]}" for number in numbers for path, _ in RECORDED[number]}

    def erased() -> bool:
        now = clips(station)
        return all(now.get(name, {}).get("state") == "released" for name in wanted)

    station.wait(erased, 400, what=f"all of {numbers} is stored and erased")
    for number in numbers:
        station.unplug(serial(number))


def table(station: Station, images: dict[int, CameraImage]) -> list[list[str]]:
    """Where everything is, by looking there."""
    names = station.dock.run(
        f"ls {STATE}/spool; find {STATE}/vault -name '*.0.mp4' -printf 'vault %f\\n'"
    ).stdout
    files = set(names.splitlines())
    on_cards = {number: _on_card(station, image) for number, image in images.items()}
    rows = []
    for name, clip in sorted(clips(station).items()):
        standing = (
            clip["evidential"],
            clip["held"],
            f"{clip['id']}.0.mp4" in files,
            f"vault {clip['id']}.0.mp4" in files,
            clip["path"] in on_cards[int(name[:2])],
        )
        rows.append([name, clip["officer"] or "-", *("yes" if so else "no" for so in standing)])
    return rows


def _on_card(station: Station, image: CameraImage) -> set[str]:
    with station.dock.workbench("look", image.path) as disk:
        station.dock.run(f"mkdir -p /run/volume && mount -o ro -t vfat {disk} /run/volume")
        found = station.dock.run("cd /run/volume && find . -type f -printf '%P\\n'").stdout
        station.dock.run("umount /run/volume")
    return set(found.splitlines())


@pytest.mark.extra
def test_everything_is_where_it_must_be(day: Station, workshop: Path) -> None:
    images = {number: make(workshop, number) for number in RECORDED}
    for number in RECORDED:
        day.enrol(serial(number))
    for number, officer in HELD_BY.items():
        assign(day, number, officer, ago(24))
    assign(day, 2, 4412, ago(4))  # they changed cameras at noon
    assign(day, 10, 4412, ago(6.5))

    day.plug(serial(8), images[8], bay=8)
    slow_writes(day, serial(8).lower())
    day.dock.wait_until(lambda: written(day, serial(8).lower()) >= 4, 400)
    day.unplug(serial(8))  # torn out in mid-erase
    dock_and_erase(day, images, range(1, 8))
    dock_and_erase(day, images, range(8, 13))

    now = clips(day)
    day.run(f"clips flag {now['05/A.MP4']['id']} --evidence --reason assault --case C-5")
    day.run(f"clips hold {now['06/A.MP4']['id']} --reason 'complaint 12/26'")
    day.run(f"clips unflag {now['07/A.MP4']['id']} --reason 'pressed by mistake'")
    assert not any(row["goes"] for row in day.ask("dispose --dry-run"))

    it_is(day, EVENING + timedelta(days=10))
    assign(day, 9, 4413, ago(8))  # late
    assert "nothing" in day.run("dispose").stdout.lower()

    it_is(day, EVENING + timedelta(days=24, hours=12))
    assert "nothing" in day.run("dispose").stdout.lower()  # notice is given a week before
    it_is(day, EVENING + timedelta(days=32))
    due = {row["clip"] for row in day.ask("dispose --dry-run") if row["goes"]}
    names = {clip["id"]: name for name, clip in now.items()}
    assert {names[clip] for clip in due} == {row[0] for row in rows(IN_THE_END) if row[4] == "no"}
    day.run("dispose")
    day.wait(
        lambda: not any(r["goes"] for r in day.ask("dispose --dry-run")),
        60,
        what="what is due is disposed of",
    )
    assert table(day, images) == rows(IN_THE_END)
    removed = [row["kind"] for row in day.ask("report erasures")]
    assert removed.count("disposal_intended") == removed.count("clip_disposed") == 2 * len(due)
    day.prove_custody()


def rows(text: str) -> list[list[str]]:
    return [line.split() for line in text.strip().splitlines()[1:]]
