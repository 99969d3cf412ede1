"""Bent chains, too many files, cameras that come and go together: is what is stored right, and all of it?

Read errors in a clip, garbage, hostile names: test_bad_input.py. The dock's own disk: test_bad_disk.py.
"""

import hashlib
import random
from pathlib import Path

import pytest

from tests.vm.cameras import MIB, CameraImage, file_sha256, make_vfat, truth_of
from tests.vm.fat16 import END, Fat16
from tests.vm.station import Station, footage
from tests.vm.test_straight import make_tree
from tests.vm.test_torn import read_on
from tests.vm.usb import HELD, Hub, Storage

FOLDER = "DCIM/100BWCAM"
BEFORE = 6 * MIB  # what kernel, udev and one listing read besides the clips, at most


def test_back_within_a_second_in_the_same_bay_and_then_in_another(station: Station, workshop: Path) -> None:
    size = 40 * MIB
    clip = {f"{FOLDER}/BWC_0001.MP4": random.Random(31).randbytes(size)}
    camera = make_vfat(workshop / "back.img", make_tree(workshop / "back", clip), size=64 * MIB)
    station.enrol("SN-BACK")
    read = 0
    name = station.plug("SN-BACK", camera, bay=4, bytes_per_second=8 * MIB)
    for bay in (4, 9, 4):
        read_on(station, name, BEFORE + 6 * MIB)
        read += station.dock.bytes_read(name)
        station.dock.unplug(name)  # and nobody waits until the dock has noticed
        station.plug("SN-BACK", camera, bay=bay, bytes_per_second=8 * MIB)
    station.wait_for_state("SN-BACK", "safe-to-remove")
    station.wait_until_stored("SN-BACK", 1)
    read += station.dock.bytes_read(name)
    station.unplug("SN-BACK")
    assert camera.untouched()
    assert [sheet["complete"] for sheet in station.dockings("SN-BACK")] == [True, False, False, False]
    (stored,) = station.prove_stored("SN-BACK", footage(camera))
    (acquired,) = station.history(stored["id"], "clip_acquired")
    (copy,) = acquired["parts"]
    assert copy["resumed_at"] + copy["read_bytes"] == size
    assert copy["resumed_at"] > 0
    assert read < size + 4 * BEFORE  # the camera's own count: what was copied was not read again
    station.prove_custody()


def test_three_of_eight_cameras_on_a_hub_are_pulled_out_at_once(station: Station, workshop: Path) -> None:
    rng = random.Random(32)
    cameras, pulled = {}, ("SN-HUB-2", "SN-HUB-5", "SN-HUB-8")
    for port in range(1, 9):
        size = 6_000_000 if f"SN-HUB-{port}" in pulled else 1_500_000
        clips = {f"{FOLDER}/BWC_{n:04}.MP4": rng.randbytes(size + n) for n in range(4)}
        tree = make_tree(workshop / f"hub-{port}", clips)
        cameras[f"SN-HUB-{port}"] = make_vfat(workshop / f"hub-{port}.img", tree, size=40 * MIB)
    station.dock.plug(Hub(name="hub", bay=13))
    for serial in cameras:
        station.enrol(serial)
    for port, (serial, image) in enumerate(cameras.items(), start=1):
        plug_into_hub(station, serial, image, port, bytes_per_second=MIB // 8)
    for serial in pulled:
        station.wait_for_state(serial, "copying")
        station.dock.throttle(serial.lower(), HELD)
    for serial in pulled:
        station.dock.unplug(serial.lower())
    others = cameras.keys() - set(pulled)
    for serial in others:
        station.dock.throttle(serial.lower(), None)
    station.wait_until_safe(others)
    assert station.cameras().keys() == others
    latest = {sheet["camera"]: sheet for sheet in reversed(station.ask("dockings list"))}
    assert [latest[serial]["complete"] for serial in pulled] == [False] * 3
    assert max(latest[serial]["copied"] for serial in pulled) < 4
    for port, serial in zip((8, 2, 5), pulled, strict=True):
        plug_into_hub(station, serial, cameras[serial], port)
    station.wait_until_safe(cameras.keys())
    station.wait(
        lambda: {c["state"] for c in station.ask("clips list") if c["camera"] in cameras} == {"verified"},
        what="all clips of all cameras on the hub are verified",
    )
    for serial in cameras:
        station.dock.unplug(serial.lower())
    station.wait(lambda: not station.cameras(), what="all dockings end")
    assert all(image.untouched() for image in cameras.values())
    latest = {sheet["camera"]: sheet for sheet in reversed(station.ask("dockings list"))}
    assert all(latest[serial]["complete"] for serial in cameras)
    station.prove_all_stored({serial: footage(image) for serial, image in cameras.items()})
    station.dock.unplug("hub")
    station.prove_custody()


def plug_into_hub(
    station: Station, serial: str, image: CameraImage, port: int, *, bytes_per_second: int | None = None
) -> None:
    station.dock.plug(
        Storage(
            name=serial.lower(),
            image=image.path,
            serial=serial,
            bay=13,
            hub_port=port,
            bytes_per_second=bytes_per_second,
        )
    )


def test_bent_chains_of_clusters(station: Station, workshop: Path) -> None:
    """A chain that turns back or runs into another's is taken as the card gives it; one that ends is not."""
    rng = random.Random(33)
    names = ["LOOP", "CROSS", "ENDS", "FREE", "BAD", "BEYOND", "WHOLE"]
    clips = {f"{FOLDER}/{name}.MP4": rng.randbytes(300_000 + n) for n, name in enumerate(names)}
    image = make_vfat(workshop / "bent.img", make_tree(workshop / "bent", clips), size=40 * MIB).path
    sound = image.read_bytes()
    truth = {path: hashlib.sha256(data).hexdigest() for path, data in clips.items()}

    fat = Fat16(image)
    first = {name: fat.first(clips[f"{FOLDER}/{name}.MP4"][:4096]) for name in names}
    after = {
        "LOOP": first["LOOP"] + 1,
        "CROSS": fat.nth(first["WHOLE"], 3),
        "ENDS": END,
        "FREE": 0,
        "BAD": 0xFFF7,
        "BEYOND": fat.clusters + 100,
    }
    for name, cluster in after.items():
        fat.bend(fat.nth(first[name], 20), cluster)
    fat.save()
    given = {
        f"{FOLDER}/{name}.MP4": hashlib.sha256(
            fat.read(first[name], len(clips[f"{FOLDER}/{name}.MP4"]))
        ).hexdigest()
        for name in ("LOOP", "CROSS", "WHOLE")
    }
    assert given[f"{FOLDER}/LOOP.MP4"] != truth[f"{FOLDER}/LOOP.MP4"]
    bent = CameraImage(path=image, files={}, sha256=file_sha256(image))
    station.enrol("SN-BENT")
    with station.docked("SN-BENT", bent, bay=14):
        assert station.wait_for_state("SN-BENT", "safe-to-remove")["clips_left"] == 4
        assert "clips-skipped" in station.alerts()
        station.wait(lambda: len(stored(station, "SN-BENT")) == 3, what="what can be read is stored")
    assert stored(station, "SN-BENT") == sorted(given.values())
    sheet = station.dockings("SN-BENT")[0]
    assert (sheet["complete"], sheet["residual"]) == (False, 0)

    image.write_bytes(sound)
    whole = CameraImage(path=image, files=truth_of(workshop / "bent"), sha256=file_sha256(image))
    with station.docked("SN-BENT", whole, bay=15):  # repaired
        assert station.wait_for_state("SN-BENT", "safe-to-remove")["clips_left"] == 0
        station.wait(lambda: len(stored(station, "SN-BENT")) == 9, what="what became readable is stored")
    assert stored(station, "SN-BENT") == sorted({*given.values(), *truth.values()})
    station.prove_custody()


def stored(station: Station, serial: str) -> list[str]:
    """The digests of what the vault holds of a camera's verified clips; each is as its entry says."""
    clips = [clip for clip in station.clips(serial) if clip["state"] == "verified"]
    vault = station.vault([clip["id"] for clip in clips])
    assert all(vault[clip["receipts"][0]["object"]] == clip["sha256"] for clip in clips)
    return sorted(vault.values())


@pytest.mark.extra
@pytest.mark.parametrize("files", [1_000, 20_000])
def test_thousands_of_files_in_one_folder(station: Station, workshop: Path, files: int) -> None:
    """25 clips among empty files. Another camera is served meanwhile."""
    rng, clips = random.Random(34), 25
    every = files // clips
    content = {
        f"F{n:07}.{'MP4' if n % every == 0 else 'Q'}": rng.randbytes(200 + n % 900) if n % every == 0 else b""
        for n in range(files)
    }
    begin = {"DCIM/PLENTY": bytes(32 * (files + 2)), "STORE": bytes(2048 * clips)}
    image = make_vfat(workshop / f"{files}.img", make_tree(workshop / f"{files}", begin), size=64 * MIB).path
    fat = Fat16(image)
    fat.fill_folder("PLENTY", content, "STORE", above="DCIM")
    fat.save()
    truth = {
        f"DCIM/PLENTY/{name}": hashlib.sha256(data).hexdigest() for name, data in content.items() if data
    }
    plenty = CameraImage(path=image, files={}, sha256=file_sha256(image))
    tree = make_tree(workshop / f"beside-{files}", {f"{FOLDER}/BWC_0001.MP4": rng.randbytes(MIB)})
    other = make_vfat(workshop / f"beside-{files}.img", tree, size=34 * MIB)
    serial, neighbour = f"SN-PLENTY-{files}", f"SN-BESIDE-{files}"
    station.enrol(serial)
    station.enrol(neighbour)
    with station.docked(serial, plenty, bay=16):
        station.wait(lambda: station.camera(serial) != {}, what="it is docked")
        with station.docked(neighbour, other, bay=17):
            station.wait_for_state(neighbour, "safe-to-remove")
        station.wait_for_state(serial, "safe-to-remove", 900)
        station.wait_until_stored(serial, clips)
    sheet = station.dockings(serial)[0]
    assert (sheet["copied"], sheet["complete"]) == (clips, True)
    station.prove_stored(serial, truth)
    station.prove_stored(neighbour, footage(other))
    station.prove_custody()
