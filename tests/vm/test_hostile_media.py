"""Bent chains, and a camera that is back at once: is what is stored right, and all of it?

Read errors in a clip, garbage, hostile names: test_bad_input.py.
"""

import hashlib
import random
from pathlib import Path

from tests.vm.cameras import MIB, CameraImage, file_sha256, make_vfat, truth_of
from tests.vm.fat16 import END, Fat16
from tests.vm.station import Station, footage
from tests.vm.test_straight import make_tree
from tests.vm.test_torn import read_on

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
