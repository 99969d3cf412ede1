"""Does footage from docked cameras reach the vault, and only once?"""

import os
import random
from pathlib import Path

import pytest

from tests.vm.cameras import MIB, CameraImage, make_exfat, make_vfat
from tests.vm.station import STATE, Station, footage

FIXTURES = Path(__file__).parents[2] / "fixtures" / "cameras"
EVERYTHING = f"cd {STATE} && find spool vault -type f -printf '%P %s %i %T@\\n' | sort"


def make_tree(folder: Path, clips: dict[str, bytes], *, mtime: int = 1_773_484_800) -> Path:
    """Files in a new folder, all of one modification time."""
    for path, data in clips.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
        os.utime(file, (mtime, mtime))
    return folder


@pytest.fixture(scope="module")
def dcf(workshop: Path) -> CameraImage:
    """A camera of the generic profile, without a partition table."""
    return make_vfat(workshop / "dcf.img", FIXTURES / "generic-dcf", size=48 * MIB)


def test_a_vfat_and_an_exfat_camera_at_once(station: Station, workshop: Path, dcf: CameraImage) -> None:
    gps = make_exfat(workshop / "gps.img", FIXTURES / "gps-sidecars", size=64 * MIB, dock=station.dock)
    station.enrol("SN-DCF")
    station.enrol("SN-GPS")
    with station.docked("SN-DCF", dcf, bay=1), station.docked("SN-GPS", gps, bay=20):
        assert station.wait_for_state("SN-DCF", "safe-to-remove")["clips_copied"] == 5
        assert station.wait_for_state("SN-GPS", "safe-to-remove")["clips_copied"] == 20
        for disk in (station.dock.disk("sn-dcf"), station.dock.disk("sn-gps")):
            assert station.dock.run(f"grep -s /dev/{disk} /proc/[0-9]*/mountinfo", check=False).stdout == ""
            assert station.dock.run(f"cat /sys/block/{disk}/ro").stdout == "1\n"
            udev = station.dock.run(f"udevadm info -q property /dev/{disk}").stdout
            assert "UDISKS_IGNORE=1" in udev.splitlines()
        station.wait_until_stored("SN-DCF", 5)
        station.wait_until_stored("SN-GPS", 20)
    station.prove_stored("SN-DCF", footage(dcf, "DCIM/"))
    station.prove_stored("SN-GPS", footage(gps, "BlackBox/Record/"))
    for serial in ("SN-DCF", "SN-GPS"):
        (sheet,) = station.dockings(serial)
        assert (sheet["complete"], sheet["residual"]) == (True, 0)
    station.prove_custody()


def test_the_same_camera_docked_again_is_not_copied(station: Station, dcf: CameraImage) -> None:
    before = station.dock.run(EVERYTHING).stdout
    assert len(before.splitlines()) >= 10
    with station.docked("SN-DCF", dcf, bay=2):
        station.wait_for_state("SN-DCF", "safe-to-remove")
    sheet = station.dockings("SN-DCF")[0]
    assert (sheet["seen"], sheet["copied"], sheet["already_held"]) == (5, 0, 5)
    assert sheet["bytes_read"] == 0
    assert sheet["complete"] is True
    assert station.dock.run(EVERYTHING).stdout == before
    station.prove_custody()


def test_a_clip_replaced_under_its_name_is_a_new_clip(station: Station, workshop: Path) -> None:
    """Same path, same size, same modification time: a counter that wrapped, or a careful hand."""
    rng = random.Random(5)
    kept, first, second = (rng.randbytes(200_000) for _ in range(3))
    paths = ("DCIM/100BWCAM/BWC_0001.MP4", "DCIM/100BWCAM/BWC_0002.MP4")
    cameras = [
        make_vfat(
            workshop / f"replaced-{number}.img",
            make_tree(workshop / f"replaced-{number}", dict(zip(paths, (kept, data), strict=True))),
            size=48 * MIB,
        )
        for number, data in enumerate((first, second))
    ]
    station.enrol("SN-REPLACED")
    for number, camera in enumerate(cameras):
        with station.docked("SN-REPLACED", camera):
            station.wait_for_state("SN-REPLACED", "safe-to-remove")
            station.wait_until_stored("SN-REPLACED", 2 + number)
    sheet = station.dockings("SN-REPLACED")[0]
    assert (sheet["copied"], sheet["already_held"]) == (1, 1)
    clips = station.clips("SN-REPLACED")
    truth = [camera.files[path].sha256 for camera in cameras for path in paths]
    assert sorted(clip["sha256"] for clip in clips) == sorted(set(truth))
    assert sorted(station.vault([clip["id"] for clip in clips]).values()) == sorted(set(truth))
    station.prove_custody()


def test_a_locked_clip_is_copied_first(station: Station, workshop: Path) -> None:
    rng = random.Random(6)
    clips = {f"DCIM/100BWCAM/BWC_000{n}.MP4": rng.randbytes(50_000) for n in range(4)}
    locked = "DCIM/100BWCAM/BWC_0002.MP4"
    tree = make_tree(workshop / "locked", clips)
    camera = make_vfat(workshop / "locked.img", tree, size=48 * MIB, read_only=(locked,))
    station.enrol("SN-LOCKED")
    with station.docked("SN-LOCKED", camera):
        station.wait_for_state("SN-LOCKED", "safe-to-remove")
        station.wait_until_stored("SN-LOCKED", 4)
    ids = {clip["id"]: clip["path"] for clip in station.prove_stored("SN-LOCKED", footage(camera))}
    acquired = [ids[e["CLIP"]] for e in station.log("EVENT=clip_acquired", "CAMERA=SN-LOCKED")]
    assert acquired[0] == locked
    found = {ids[e["CLIP"]]: e["MARKED"] for e in station.log("EVENT=clip_found", "CAMERA=SN-LOCKED")}
    assert found == {path: "true" if path == locked else "false" for path in clips}
    station.prove_custody()
