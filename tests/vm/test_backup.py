"""Is a dock backed up while it copies, put back on a fresh one, and moved, as the how-to says it?

Two docks, and a disk with the backups that goes from one to the other.
"""

import base64
import io
import json
import random
import shlex
import tarfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.vm.cameras import MIB, CameraImage, make_vfat
from tests.vm.station import CONFIG, STATE, Station, footage
from tests.vm.test_straight import make_tree
from tests.vm.test_torn import read_on

PAGE = (Path(__file__).parents[2] / "docs/how-to/back-up-and-move-a-dock.md").read_text(encoding="utf-8")
PLACE, STICK = "/mnt/backups", "/mnt/stick"
BACKUPS = f"{PLACE}/dock-vm"
ENDED = "journal-ended"
SERIAL, CLIPS = "SN-BACKED", 3
# Prints the kinds of the entries with which a journal was closed and taken up.
KINDS = """/usr/bin/python3 -c '
import sqlite3
db = sqlite3.connect("file:/var/lib/bwvdock/journal.sqlite3?mode=ro", uri=True)
query = "SELECT kind FROM entry WHERE kind IN (?, ?) ORDER BY seq"
print(*[kind for (kind,) in db.execute(query, ("backup_made", "journal_taken_up"))])
'"""


@pytest.fixture(scope="module")
def camera(workshop: Path) -> CameraImage:
    rng = random.Random(34)
    clips = {f"DCIM/100BWCAM/BWC_{n:04}.MP4": rng.randbytes(24 * MIB + n) for n in range(CLIPS)}
    return make_vfat(workshop / "backed.img", make_tree(workshop / "backed", clips), size=96 * MIB)


@contextmanager
def backups(station: Station, image: Path) -> Iterator[None]:
    """The disk with the backups, mounted on a dock."""
    with station.dock.workbench("backups", image) as device:
        station.dock.run(f"mkdir -p {PLACE} && mount {device} {PLACE}")
        try:
            yield
        finally:
            station.dock.run(f"umount {PLACE}")


@pytest.fixture(scope="module")
def old(new_station: Callable[..., Station], workshop: Path) -> Iterator[Station]:
    station = new_station()
    image = disk_of(workshop)
    with image.open("wb") as file:
        file.truncate(512 * MIB)
    with station.dock.workbench("backups", image) as device:
        station.dock.run(f"mkfs.ext4 -q -E lazy_itable_init=0 {device}")
    station.enrol(SERIAL)
    yield station
    station.dock.remove()


def disk_of(workshop: Path) -> Path:
    return workshop / "backups.disk"


def newest(station: Station, *, moved: bool) -> str:
    """Return the latest backup that was made to move the dock, or not."""
    found = [one for one in station.ask(f"backup check {BACKUPS}") if one["moved"] is moved]
    assert all(one["state"] == "whole" for one in found), found
    return str(found[-1]["path"])


def test_it_is_backed_up_while_it_copies(old: Station, camera: CameraImage, workshop: Path) -> None:
    with backups(old, disk_of(workshop)):
        old.dock.run(f"mkdir -p {BACKUPS}")
        with old.docked(SERIAL, camera, bytes_per_second=MIB) as name:
            read_on(old, name, 4 * MIB)
            made = old.dock.run(f"bwvdock backup {BACKUPS} --with-footage --json", timeout=300)
            assert old.camera(SERIAL)["state"] == "copying", "it copied on meanwhile"
            said = json.loads(made.stdout)
            assert (said["recorded"], said["problems"], said["moved"]) == (True, 0, False)
            old.dock.throttle(name, None)
            old.wait_for_state(SERIAL, "safe-to-remove")
            old.wait_until_stored(SERIAL, CLIPS)
        old.prove_stored(SERIAL, footage(camera))
        (checked,) = old.ask(f"backup check {BACKUPS}")
        assert (checked["state"], checked["age"]) == ("whole", "older")
        old.dock.run(f"cd {said['path']} && sha256sum -c --quiet MANIFEST")
        owner = old.dock.run(f"stat -c '%U %a' {said['path']} {said['path']}/state/journal.sqlite3").stdout
        assert owner.split() == ["root", "700", "root", "600"]
        assert old.status()["journal"]["backup_at"]
    (entry,) = old.log("EVENT=backup_made")
    assert "Backup made by" in entry["MESSAGE"]
    assert BACKUPS not in json.dumps(entry)
    old.prove_custody()


def test_the_example_of_a_timer_makes_one_where_the_disk_is_mounted(old: Station, workshop: Path) -> None:
    for command in typed_below("Every night")[:3]:
        old.dock.run(command.removeprefix("sudo "))
    service = "bwvdock-backup.service"
    assert old.dock.run(f"systemctl start {service}", check=False).rc != 0, "it is not mounted"
    assert old.dock.run(f"ls -A {PLACE}").stdout == ""
    before = old.status()["journal"]["backup_at"]
    with backups(old, disk_of(workshop)):
        old.dock.run(f"mkdir -p {PLACE}/LEW-03")
        old.systemctl("start", service)
        (made,) = old.ask(f"backup check {PLACE}/LEW-03")
        assert (made["state"], made["age"]) == ("whole", "older")
    assert old.status()["journal"]["backup_at"] > before
    timer = old.dock.run(
        "systemctl show -p ActiveState -p NextElapseUSecRealtime bwvdock-backup.timer"
    ).stdout
    assert "ActiveState=active" in timer
    assert "NextElapseUSecRealtime=\n" not in timer
    old.systemctl("disable --now", "bwvdock-backup.timer")
    old.prove_custody()


def typed_below(heading: str) -> list[str]:
    """Return the commands of a section of the how-to."""
    lines = PAGE.split(f"\n### {heading}\n")[1].split("\n## ")[0].splitlines()
    return [line.strip() for line in lines if line.startswith("    ")]


def test_a_stick_without_permissions_is_refused(old: Station, workshop: Path) -> None:
    stick = workshop / "stick.img"
    make_vfat(stick, make_tree(workshop / "stick", {"a.txt": b"a"}), size=48 * MIB)
    with old.dock.workbench("stick", stick) as device:
        old.dock.run(f"mkdir -p {STICK} && mount {device} {STICK}")
        try:
            before = old.dock.run(f"ls {STICK}").stdout
            refused = old.dock.run(f"bwvdock backup {STICK}", check=False)
            assert refused.rc == 1
            assert "keeps no permissions" in refused.stderr + refused.stdout
            assert old.dock.run(f"ls {STICK}").stdout == before
        finally:
            old.dock.run(f"umount {STICK}")


def put_back(station: Station, backup: str) -> None:
    """Type what the how-to says for a new disk or a new PC."""
    station.note_memory()
    for command in (
        "systemctl stop bwvdock",
        f"mv {STATE} {STATE}.new",
        f"cp {backup}/etc/bwvdock.toml /etc/bwvdock/",
        f"bwvdock backup restore {backup} --to {STATE}",
    ):
        station.dock.run(command, timeout=300)


def test_put_back_on_a_fresh_dock_it_begins_a_journal_that_names_the_backup(
    new_station: Callable[..., Station], camera: CameraImage, workshop: Path
) -> None:
    station = new_station()
    try:
        with backups(station, disk_of(workshop)):
            station.systemctl("stop")  # `backup check` compares with no journal then
            backup = newest(station, moved=False)
            put_back(station, backup)
            again = station.dock.run(f"bwvdock backup restore {backup} --to {STATE}", check=False)
            assert again.rc == 2
            assert "is not empty" in again.stderr + again.stdout
        modes = station.dock.run(f"stat -c '%U %a' {STATE} {STATE}/journal.sqlite3").stdout.split()
        assert modes == ["bwvdock", "700", "bwvdock", "600"]
        station.dock.run("systemctl start bwvdock", check=False, timeout=300)
        station.wait(lambda: "put back from a backup" in station.log_text(), what="it says why not")
        assert ENDED in {alert["code"] for alert in station.ask("status")["alerts"]}
        assert station.run("custody verify --journal-only", check=False).rc == 0
        station.systemctl("stop")
        begun = station.ask(f"custody succeed --reason {shlex.quote('disk failed')}")
        assert begun["predecessor"] != begun["journal"]
        station.dock.run("systemctl reset-failed bwvdock", check=False)
        station.systemctl("start")
        assert ENDED not in station.alerts()
        with station.docked(SERIAL, camera):  # enrolled still, and copied anew
            station.wait_for_state(SERIAL, "safe-to-remove")
            station.wait_until_stored(SERIAL, CLIPS)
        station.prove_stored(SERIAL, footage(camera))
        assert station.run("custody verify --journal-only", check=False).rc == 0
        station.dock.run("bwvdock support-bundle --to /root/bundle.tar.gz")
        prove_nobody_is_named(station.dock.run("base64 /root/bundle.tar.gz").stdout)
    finally:
        station.dock.remove()


def prove_nobody_is_named(bundle: str) -> None:
    with tarfile.open(fileobj=io.BytesIO(base64.b64decode(bundle))) as tar:
        files = {member.name: tar.extractfile(member) for member in tar.getmembers()}
        contents = {name: file.read() for name, file in files.items() if file is not None}
    whole = b"".join(contents.values())
    for name in (SERIAL, "dock-vm", "BWC_0001"):
        assert name.encode() not in whole, name
    (lines,) = [json.loads(content) for name, content in contents.items() if name.endswith("/log.json")]
    assert {"clip_verified", "ready"} <= {line.get("event") for line in lines}
    (units,) = [json.loads(content) for name, content in contents.items() if name.endswith("/units.json")]
    assert units["bwvdock.service"]["ActiveState"] == "active"


@pytest.mark.extra
def test_a_dock_moves_and_its_journal_goes_on(
    old: Station, new_station: Callable[..., Station], camera: CameraImage, workshop: Path
) -> None:
    before = old.status()["journal"]["entries"]
    old.note_memory()
    with backups(old, disk_of(workshop)):
        refused = old.dock.run(f"bwvdock backup {BACKUPS} --move", check=False)
        assert refused.rc == 1, "it runs"
        old.systemctl("disable --now")
        old.dock.run(f"bwvdock backup {BACKUPS} --move", timeout=300)
        backup = newest(old, moved=True)
    old.dock.run("systemctl start bwvdock", check=False, timeout=300)
    old.wait(lambda: "closed so that the dock can move" in old.log_text(), what="it says why not")
    assert ENDED in {alert["code"] for alert in old.ask("status")["alerts"]}

    station = new_station()
    try:
        with backups(station, disk_of(workshop)):
            put_back(station, backup)
        station.systemctl("start")
        assert ENDED not in station.alerts()
        assert station.status()["journal"]["entries"] > before
        assert len(station.clips(SERIAL)) == CLIPS
        station.prove_stored(SERIAL, footage(camera))
        assert station.dock.run(KINDS).stdout.split()[-1] == "journal_taken_up"
        assert station.dock.run(f"test -e {CONFIG} && bwvdock config check").rc == 0
        # Both docks go on from one saved boot, whose clock seems to step back in the journal.
        problems = station.ask("custody verify")["problems"]
        assert [problem for problem in problems if problem["code"] != "clock_order"] == []
    finally:
        station.dock.remove()
