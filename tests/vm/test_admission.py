"""Is a camera that nobody enrolled left alone, to the last sector, until somebody does?"""

from pathlib import Path

from tests.vm.cameras import MIB, make_vfat
from tests.vm.station import Station, footage
from tests.vm.test_straight import FIXTURES


def test_a_camera_that_is_not_enrolled_is_not_read_until_it_is(station: Station, workshop: Path) -> None:
    camera = make_vfat(workshop / "stranger.img", FIXTURES / "generic-dcf", size=48 * MIB, table="mbr")
    with station.docked("SN-STRANGER", camera, bay=7) as name:
        refused = station.wait_for_state("SN-STRANGER", "refused")
        assert "enrol" in refused["reason"]
        alert = station.alerts()["camera-refused"]
        assert "SN-STRANGER" in alert["message"]
        assert "bwvdock cameras enrol SN-STRANGER" in alert["remedy"]

        disk = station.dock.disk(name)
        kernel, camera_saw = station.dock.disk_stat(disk), station.dock.bytes_read(name)
        until = uptime(station) + 25  # seconds: two of the daemon's rounds, and several looks of ours

        def still_refused_at_the_end() -> bool:
            assert station.camera("SN-STRANGER")["state"] == "refused"
            assert station.dock.disk_stat(disk) == kernel
            return uptime(station) > until

        station.dock.wait_until(still_refused_at_the_end, 400, what="25 s have passed", every=4)
        assert station.dock.bytes_read(name) == camera_saw
        assert station.clips("SN-STRANGER") == []

        station.enrol("SN-STRANGER")  # where it sits
        station.wait_for_state("SN-STRANGER", "safe-to-remove")
        assert station.dock.disk_stat(disk).reads > kernel.reads
        station.wait_until_stored("SN-STRANGER", 5)
        assert station.dock.disk_stat(disk).writes == 0
    station.prove_stored("SN-STRANGER", footage(camera, "DCIM/"))
    station.prove_custody()


def test_a_revoked_camera_is_refused_with_the_reason_that_was_given(station: Station, workshop: Path) -> None:
    camera = make_vfat(workshop / "revoked.img", FIXTURES / "generic-dcf", size=48 * MIB)
    station.enrol("SN-REVOKED")
    station.run("cameras revoke SN-REVOKED --reason 'lost in the river'")
    with station.docked("SN-REVOKED", camera):
        assert "lost in the river" in station.wait_for_state("SN-REVOKED", "refused")["reason"]
    assert station.clips("SN-REVOKED") == []
    station.prove_custody()


def uptime(station: Station) -> float:
    return float(station.dock.run("cat /proc/uptime").stdout.split()[0])
