"""Garbage, scratches, hostile names, no room: is it said clearly, is nothing lost, do neighbours go on?"""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.vm.cameras import MIB, CameraImage, file_sha256, make_exfat, make_vfat, truth_of
from tests.vm.station import CONFIG, STATE, Station, footage
from tests.vm.test_straight import make_tree
from tests.vm.usb import Storage

ROOM = 5 << 30  # bytes that `min_free` keeps on the spool's disk unless the configuration says otherwise


def clips(seed: int, count: int = 3, *, size: int = 60_000, folder: str = "100BWCAM") -> dict[str, bytes]:
    rng = random.Random(seed)
    return {f"DCIM/{folder}/BWC_{n:04}.MP4": rng.randbytes(size) for n in range(count)}


@contextmanager
def neighbour(station: Station, workshop: Path, serial: str) -> Iterator[None]:
    """A good camera beside a bad one: all of it must be stored in the end."""
    camera = make_vfat(
        workshop / f"{serial}.img", make_tree(workshop / serial, clips(len(serial))), size=48 * MIB
    )
    station.enrol(serial)
    with station.docked(serial, camera, bay=30):
        yield
        station.wait_for_state(serial, "safe-to-remove")
        station.wait_until_stored(serial, 3)
    station.prove_stored(serial, footage(camera))
    station.prove_custody()


@pytest.mark.extra
def test_a_volume_of_garbage(station: Station, workshop: Path) -> None:
    image = workshop / "garbage.img"
    image.write_bytes(random.Random(13).randbytes(16 * MIB))
    garbage = CameraImage(path=image, files={}, sha256=file_sha256(image))
    station.enrol("SN-GARBAGE")
    with station.docked("SN-GARBAGE", garbage, bay=15), neighbour(station, workshop, "SN-BESIDE-GARBAGE"):
        station.dock.disk("sn-garbage")
        shown = station.wait_for_state("SN-GARBAGE", "waiting")
        assert "no readable medium" in shown["reason"]
    assert station.dockings("SN-GARBAGE")[0]["complete"] is False
    assert station.clips("SN-GARBAGE") == []


@pytest.mark.extra
def test_a_damaged_file_allocation_table(station: Station, workshop: Path) -> None:
    """Both copies of the table are noise from their second sector on; the folders are whole."""
    tree = make_tree(workshop / "damaged", clips(14, 6, size=400_000))
    image = make_vfat(workshop / "damaged.img", tree, size=48 * MIB).path
    with image.open("r+b") as file:
        boot = file.read(512)
        reserved = int.from_bytes(boot[14:16], "little")
        table_sectors = int.from_bytes(boot[22:24], "little")
        for copy in range(boot[16]):
            file.seek((reserved + copy * table_sectors + 1) * 512)
            file.write(random.Random(copy).randbytes((table_sectors - 1) * 512))
    damaged = CameraImage(path=image, files=truth_of(tree), sha256=file_sha256(image))
    station.enrol("SN-DAMAGED")
    with station.docked("SN-DAMAGED", damaged, bay=16), neighbour(station, workshop, "SN-BESIDE-DAMAGED"):
        station.wait_for_state("SN-DAMAGED", "safe-to-remove")
    sheet = station.dockings("SN-DAMAGED")[0]
    assert sheet["residual"] == 0
    assert sheet["seen"] == sheet["copied"] + sheet["unreadable"] + sheet["not_ready"] + sheet["refused"]


@pytest.mark.extra
def test_a_card_that_ends_before_its_file_system_does(station: Station, workshop: Path) -> None:
    """A card of false capacity: what stands in its first half is taken, the rest is said to be unreadable."""
    tree = make_tree(workshop / "false", clips(15, 8, size=3 * MIB))
    image = make_vfat(workshop / "false.img", tree, size=48 * MIB).path
    with image.open("r+b") as file:
        file.truncate(14 * MIB)
    half = CameraImage(path=image, files=truth_of(tree), sha256=file_sha256(image))
    station.enrol("SN-FALSE")
    with station.docked("SN-FALSE", half, bay=17), neighbour(station, workshop, "SN-BESIDE-FALSE"):
        left = station.wait_for_state("SN-FALSE", "safe-to-remove")["clips_left"]
        assert "clips-skipped" in station.alerts()
    stored = [clip for clip in station.clips("SN-FALSE") if clip["state"] == "verified"]
    assert (len(stored), left) == (4, 4)
    vault = station.vault([clip["id"] for clip in stored])
    for clip in stored:
        assert vault[clip["receipts"][0]["object"]] == half.files[clip["path"]].sha256


def test_names_that_would_lead_astray(station: Station, workshop: Path) -> None:
    """On vfat what no program would write, put there by hand: a newline and an escape character."""
    evil = {"\u4e00": "\n", "\u4e8c": "\x1b"}
    names = [
        "a\u4e00b.MP4",
        "c\u4e8c[2Jd.MP4",
        "..MP4",
        "x..MP4",
        "invoice\u202e4PM.MP4",
        "L\u00e4nge" + "\u00fc" * 110 + ".MP4",
        "$(reboot).MP4",
    ]
    tree = make_tree(
        workshop / "names",
        {
            f"DCIM/100BWCAM/{name}": data
            for name, data in zip(names, clips(16, len(names)).values(), strict=True)
        },
    )
    truth = {path: file.sha256 for path, file in truth_of(tree).items()}
    image = make_vfat(workshop / "names.img", tree, size=48 * MIB).path
    raw = image.read_bytes()
    for name, (marker, meant) in zip(names, evil.items(), strict=False):
        before = name[: name.index(marker) + 1].encode("utf-16-le")
        assert raw.count(before) == 1
        raw = raw.replace(before, before[:-2] + meant.encode("utf-16-le"))
    image.write_bytes(raw)
    vfat = CameraImage(path=image, files={}, sha256=file_sha256(image))
    exfat = make_exfat(workshop / "names-exfat.img", tree, size=64 * MIB, dock=station.dock, table="none")

    def as_shown(path: str) -> str:
        """As people see it: nothing that a terminal acts upon."""
        for marker, shown in {"\u4e00": "\\u{a}", "\u4e8c": "\\u{1b}"}.items():
            path = path.replace(marker, shown)
        return path.replace("\u202e", "\\u{202e}")

    station.enrol("SN-NAMES")
    station.enrol("SN-NAMES-EXFAT")
    with station.docked("SN-NAMES", vfat, bay=18), station.docked("SN-NAMES-EXFAT", exfat, bay=19):
        for serial in ("SN-NAMES", "SN-NAMES-EXFAT"):
            station.wait_for_state(serial, "safe-to-remove")
            station.wait_until_stored(serial, len(truth))
    station.prove_stored("SN-NAMES", {as_shown(path): sha256 for path, sha256 in truth.items()})
    station.prove_stored(
        "SN-NAMES-EXFAT", {path.replace("\u202e", "\\u{202e}"): sha256 for path, sha256 in truth.items()}
    )
    listing = station.run("clips list").stdout
    assert "\x1b" not in listing
    assert "\u202e" not in listing
    station.prove_custody()


def test_a_scratched_clip_an_empty_clip_and_their_neighbours(station: Station, workshop: Path) -> None:
    content = clips(17, 4, size=700_000) | {"DCIM/100BWCAM/BWC_0009.MP4": b""}
    camera = make_vfat(workshop / "scratched.img", make_tree(workshop / "scratched", content), size=48 * MIB)
    bad = "DCIM/100BWCAM/BWC_0002.MP4"
    sector = camera.path.read_bytes().index(content[bad][300_032:304_128]) // 512
    station.enrol("SN-SCRATCHED")
    station.dock.plug(
        Storage(
            name="sn-scratched",
            image=camera.path,
            serial="SN-SCRATCHED",
            bay=20,
            unreadable_sectors=(sector,),
        )
    )
    try:
        assert station.wait_for_state("SN-SCRATCHED", "safe-to-remove")["clips_left"] == 1
        alert = station.alerts()["clips-skipped"]
        assert "SN-SCRATCHED" in alert["message"]
        assert alert["remedy"]
        station.wait(
            lambda: sum(c["state"] == "verified" for c in station.clips("SN-SCRATCHED")) == 4,
            what="its neighbours are stored",
        )
    finally:
        station.unplug("SN-SCRATCHED")
    sheet = station.dockings("SN-SCRATCHED")[0]
    assert (sheet["copied"], sheet["unreadable"], sheet["residual"]) == (4, 1, 0)
    with station.docked("SN-SCRATCHED", camera):  # its contacts were cleaned
        station.wait_for_state("SN-SCRATCHED", "safe-to-remove")
        station.wait_until_stored("SN-SCRATCHED", 5)
    station.prove_stored("SN-SCRATCHED", footage(camera))
    station.prove_custody()


def test_a_full_disk(station: Station, workshop: Path) -> None:
    camera = make_vfat(
        workshop / "room.img", make_tree(workshop / "room", clips(18, 2, size=4 * MIB)), size=48 * MIB
    )
    station.enrol("SN-ROOM")
    free = int(station.dock.run(f"stat -f -c '%a * %S' {STATE} | xargs expr").stdout.replace("*", ""))
    station.dock.run(f"fallocate -l {free - ROOM - MIB} /var/lib/somebody-elses")
    try:
        with station.docked("SN-ROOM", camera, bay=21):
            station.wait(lambda: "spool-full" in station.alerts(), what="the dock says that it is full")
            alert = station.alerts()["spool-full"]
            assert alert["severity"] == "error"
            assert alert["remedy"]
            assert station.camera("SN-ROOM")["state"] == "waiting"
            assert station.run("status", check=False).rc == 1
            station.dock.run("rm /var/lib/somebody-elses")  # and nothing else: it goes on by itself
            station.wait_for_state("SN-ROOM", "safe-to-remove")
            station.wait_until_stored("SN-ROOM", 2)
    finally:
        station.dock.run("rm -f /var/lib/somebody-elses")
    assert "spool-full" not in station.alerts()
    station.prove_stored("SN-ROOM", footage(camera))
    station.prove_custody()


def test_a_state_directory_that_cannot_be_written_to(station: Station) -> None:
    station.note_memory()
    station.systemctl("stop")
    owner = station.dock.run(f"stat -c uid=%u,gid=%g {STATE}").stdout.strip()
    station.dock.run(f"mount -t tmpfs -o ro,{owner},mode=0700 none {STATE}")
    try:
        station.dock.begin("systemctl start bwvdock")
        station.wait(
            lambda: "Read-only file system" in station.log_text(), what="the daemon says that it cannot write"
        )
        assert "findmnt" in station.log_text()  # the remedy
        assert station.run("status", check=False).rc != 0
    finally:
        station.systemctl("stop")
        station.dock.run(f"umount {STATE}")
    station.systemctl("start")
    station.prove_custody()


def test_a_second_daemon_does_not_start(station: Station) -> None:
    first = station.daemon()
    second = station.dock.run("runuser -u bwvdock -- bwvdock run", check=False, timeout=300)
    assert second.rc == 1
    assert f"pid {first}" in second.stderr
    assert "systemctl" in second.stderr  # what to type
    assert station.daemon() == first
    station.prove_custody()


def test_a_wrong_configuration(station: Station) -> None:
    station.note_memory()
    station.dock.run(f"cp {CONFIG} /root/right.toml; echo '[spoool]' >>{CONFIG}")
    try:
        station.dock.run("systemctl restart bwvdock", check=False, timeout=300)
        station.wait(
            lambda: "78" in station.systemctl("show -p ExecMainStatus --value").stdout, what="it has ended"
        )
        assert "status=78" in station.dock.run("systemctl status bwvdock", check=False).stdout
        told = station.run("config check", check=False)
        assert told.rc == 78
        assert "spoool" in told.stdout + told.stderr
        assert "spool" in told.stdout + told.stderr
    finally:
        station.dock.run(f"cp /root/right.toml {CONFIG}; systemctl reset-failed bwvdock")
    station.systemctl("start")
    station.prove_custody()
