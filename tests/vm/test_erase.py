"""Is a card erased of what is verified and of nothing else, and is it sound wherever it was torn out?

The image is looked at afterwards from outside of bwvdock: by fsck, and file by file.
"""

import json
import random
from collections import Counter
from pathlib import Path

import pytest

from tests.vm.cameras import MIB, CameraImage, file_sha256, make_exfat, make_vfat
from tests.vm.station import CONFIG, Station
from tests.vm.test_straight import make_tree

CLIPS = 10
FOREIGN = {"SETTINGS.INI": b"volume=3\r\n", "MISC/NOTES.TXT": b"not ours\r\n"}

# Prints {path: SHA-256} of a volume's files; a file that cannot be read is "unreadable".
LIST = """/usr/bin/python3 -c '
import hashlib, json, os, sys
found = {}
for folder, _, names in os.walk("/run/volume"):
    for name in names:
        path = os.path.join(folder, name)
        try:
            with open(path, "rb") as file:
                found[os.path.relpath(path, "/run/volume")] = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError:
            found[os.path.relpath(path, "/run/volume")] = "unreadable"
print(json.dumps(found))
' """


@pytest.fixture(scope="module", name="erasing")
def _erasing(station: Station) -> Station:
    """A dock whose configuration says that cameras are erased."""
    erase = 'erase = "after-verified"'
    station.dock.run(f"sed -i 's/^erase = .*/{erase}/' {CONFIG}")
    refused = station.run("config check", check=False)
    assert refused.rc == 78
    assert "one disk" in refused.stdout + refused.stderr
    station.dock.run(f"sed -i 's/^erase = .*/{erase}\\nsingle_disk = \"accepted\"/' {CONFIG}")
    station.run("config check")
    station.systemctl("restart")
    return station


def make(station: Station, workshop: Path, kind: str, name: str, seed: int) -> CameraImage:
    rng = random.Random(seed)
    clips = {f"DCIM/100BWCAM/BWC_{n:04}.MP4": rng.randbytes(300_000 + n) for n in range(CLIPS)}
    sidecars = {path.replace("MP4", "GPS"): b"$GPRMC,%d" % n for n, path in enumerate(clips)}
    tree = make_tree(workshop / f"{name}-{kind}", {**clips, **sidecars, **FOREIGN})
    image = workshop / f"{name}-{kind}.img"
    if kind == "vfat":
        return make_vfat(image, tree, size=48 * MIB, table="mbr")
    return make_exfat(image, tree, size=48 * MIB, dock=station.dock, table="mbr")


def looked_at(station: Station, image: CameraImage, kind: str) -> tuple[dict[str, str], str]:
    """What stands on a volume, path -> SHA-256, and what fsck says, which changes nothing."""
    with station.dock.workbench("look", image.path) as disk:
        partition = f"{disk}-part1"
        station.dock.run(f"udevadm wait --settle --timeout=30 {partition}")
        station.dock.run(f"mkdir -p /run/volume && mount -o ro -t {kind} {partition} /run/volume")
        found = json.loads(station.dock.run(LIST, timeout=300).stdout)
        station.dock.run("umount /run/volume")
        said = station.dock.run(f"fsck.{kind} -n {partition} 2>&1", check=False, timeout=300)
    return found, said.stdout


def states(station: Station, serial: str) -> Counter[str]:
    return Counter(clip["state"] for clip in station.clips(serial))


def wait_until_released(station: Station, serial: str) -> None:
    station.wait(
        lambda: states(station, serial) == {"released": CLIPS}, 400, what=f"all of {serial} is released"
    )


def check_sound(image: CameraImage, found: dict[str, str], said: str) -> None:
    """What stands there is what stood there, whole; and at worst some blocks belong to nobody."""
    assert {path: image.files[path].sha256 for path in found} == found
    assert {"SETTINGS.INI", "MISC/NOTES.TXT"} <= set(found)
    for trouble in ("cross-linked", "share clusters", "Bad ", "invalid", "corrupted"):
        assert trouble not in said, said


def test_where_the_file_says_never_the_mounter_erases_nothing(station: Station, workshop: Path) -> None:
    """Asked by root itself, past the daemon: the mounter reads the configuration on its own.

    The first of the file: as it is installed, the dock erases nothing.
    """
    camera = make(station, workshop, "vfat", "never", seed=7)
    station.enrol("SN-NEVER")
    with station.docked("SN-NEVER", camera, bay=10) as name:
        station.wait_for_state("SN-NEVER", "safe-to-remove")
        disk = station.dock.disk(name)
        file = {"path": "SETTINGS.INI", "size": 10, "mtime_ns": 0, "fingerprint": "00"}
        request = {"op": "erase", "device": f"{disk}1", "dev": "8:1", "diskseq": 1, "files": [file]}
        asking = (
            "import socket, sys; s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET);"
            " s.connect('/run/bwvdock-mounter.socket'); s.send(sys.stdin.buffer.read());"
            " print(s.recv(65536).decode())"
        )
        told = station.dock.run(f'/usr/bin/python3 -c "{asking}"', stdin=json.dumps(request).encode())
        assert json.loads(told.stdout)["code"] == "erasing_off"
    station.wait_until_stored("SN-NEVER", CLIPS)
    station.prove_custody()


@pytest.mark.parametrize("kind", ["vfat", pytest.param("exfat", marks=pytest.mark.extra)])
def test_what_is_verified_goes_and_nothing_else(erasing: Station, workshop: Path, kind: str) -> None:
    serial = f"SN-ERASE-{kind}".upper()
    camera = make(erasing, workshop, kind, "erase", seed=len(kind))
    twin = make(erasing, workshop, kind, "twin", seed=len(kind))  # the same files; nobody enrolled it
    erasing.enrol(serial)
    erasing.plug(f"{serial}-T", twin, bay=8)
    erasing.plug(serial, camera, bay=7)
    erasing.wait_for_state(serial, "safe-to-remove")
    wait_until_released(erasing, serial)
    assert erasing.camera(serial)["state"] == "safe-to-remove"
    disk = erasing.dock.disk(serial.lower())
    assert erasing.dock.run(f"blockdev --getro /dev/{disk}1").stdout.strip() == "1"
    erasing.unplug(serial)
    erasing.unplug(f"{serial}-T")
    found, said = looked_at(erasing, camera, kind)
    assert set(found) == set(FOREIGN)
    check_sound(camera, found, said)
    assert file_sha256(twin.path) == twin.sha256
    truth = {path: told.sha256 for path, told in camera.files.items() if path.startswith("DCIM")}
    vault = erasing.vault([clip["id"] for clip in erasing.clips(serial)])
    assert set(truth.values()) <= set(vault.values())
    for clip in erasing.clips(serial):
        kinds = [entry["kind"] for entry in erasing.ask(f"clips show {clip['id']}")["history"]]
        assert kinds.index("clip_verified") < kinds.index("release_intended") < kinds.index("clip_released")
    assert len(erasing.log("_SYSTEMD_UNIT=bwvdock-mounter.service")) > 0
    erasing.prove_custody()


@pytest.mark.parametrize("kind", ["vfat", pytest.param("exfat", marks=pytest.mark.extra)])
def test_torn_out_in_mid_erase_it_is_sound_and_goes_on(erasing: Station, workshop: Path, kind: str) -> None:
    serial = f"SN-MID-{kind}".upper()
    camera = make(erasing, workshop, kind, "mid", seed=100 + len(kind))
    erasing.enrol(serial)
    seen: list[int] = []
    for writes in (3, 9, 20):
        name = erasing.plug(serial, camera, bay=9)
        slow_writes(erasing, name)
        erasing.dock.wait_until(lambda: written(erasing, name) >= writes, 240)  # noqa: B023 - asked at once
        erasing.unplug(serial)
        found, said = looked_at(erasing, camera, kind)
        check_sound(camera, found, said)
        seen.append(len(found))
        told = states(erasing, serial)
        assert sum(told.values()) == CLIPS
        assert set(told) <= {"verified", "releasing", "released"}
        standing = [clip for clip in erasing.clips(serial) if clip["path"] in found]
        assert all(clip["state"] != "released" for clip in standing)
        gone = [clip for clip in erasing.clips(serial) if clip["path"] not in found]
        assert all(clip["state"] in {"releasing", "released"} for clip in gone)
    assert seen[-1] > len(FOREIGN), "every yank came too late to hit anything"
    erasing.plug(serial, camera, bay=9)
    wait_until_released(erasing, serial)
    erasing.unplug(serial)
    found, said = looked_at(erasing, camera, kind)
    assert set(found) == set(FOREIGN)
    check_sound(camera, found, said)
    assert len(erasing.clips(serial)) == CLIPS
    erasing.prove_custody()


def slow_writes(station: Station, name: str) -> None:
    """Lets the card take a few writes a second, so that a yank hits the erasing."""
    limits = {"iops-write": 5}
    station.dock.machine.qmp.command(
        "qom-set", path=f"/objects/throttle-{name}", property="limits", value=limits
    )


def written(station: Station, name: str) -> int:
    """How many writes the card has taken since it was plugged in, counted by QEMU."""
    stats = station.dock.machine.qmp.command("query-blockstats")
    return next(int(s["stats"]["wr_operations"]) for s in stats if s.get("node-name") == name)
