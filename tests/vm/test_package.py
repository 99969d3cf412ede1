"""The package, installed again, removed and purged: does evidence stay, and does work go on?"""

from pathlib import Path

from tests.vm.cameras import MIB, make_vfat
from tests.vm.install import built_deb, install_deb
from tests.vm.station import CONFIG, STATE, Station, footage
from tests.vm.test_straight import EVERYTHING, FIXTURES

APT = "DEBIAN_FRONTEND=noninteractive apt-get -q -y -o Dpkg::Use-Pty=0"


def test_installed_again_while_a_camera_is_docked_then_removed_purged_and_back(
    station: Station, workshop: Path
) -> None:
    camera = make_vfat(workshop / "package.img", FIXTURES / "generic-dcf", size=48 * MIB)
    station.enrol("SN-PACKAGE")
    with station.docked("SN-PACKAGE", camera, bay=25):
        station.wait_for_state("SN-PACKAGE", "safe-to-remove")
        station.wait_until_stored("SN-PACKAGE", 5)
        first = station.daemon()
        station.note_memory()

        station.dock.run(f"cd /root && {APT} install --reinstall ./{built_deb().name} 2>&1", timeout=300)
        assert station.daemon() not in {0, first}
        assert station.ask("config check")["ok"] is True
        station.wait_for_state("SN-PACKAGE", "safe-to-remove")
        assert station.dockings("SN-PACKAGE")[0]["already_held"] == 5
    station.prove_stored("SN-PACKAGE", footage(camera, "DCIM/"))
    station.note_memory()

    before = station.dock.run(EVERYTHING).stdout
    station.dock.run(f"cp {CONFIG} /root/right.toml")
    station.dock.run(f"{APT} remove bwvdock 2>&1", timeout=300)
    assert station.dock.run("pgrep -u bwvdock", check=False).stdout == ""
    assert station.dock.run(f"test -e {CONFIG} && ! test -e /run/bwvdock-mounter.socket").rc == 0
    told = station.dock.run(f"{APT} purge bwvdock 2>&1", timeout=300).stdout
    assert f"{STATE} contains evidence and was kept" in told
    assert station.dock.run("test -e /etc/bwvdock", check=False).rc == 1
    assert station.dock.run(EVERYTHING).stdout == before
    assert station.dock.run(f"stat -c %U {STATE}").stdout == "bwvdock\n"

    install_deb(station.dock, built_deb())
    station.dock.run(f"cp /root/right.toml {CONFIG} && systemctl restart bwvdock", timeout=120)
    with station.docked("SN-PACKAGE", camera, bay=26):
        station.wait_for_state("SN-PACKAGE", "safe-to-remove")
    assert station.dockings("SN-PACKAGE")[0]["already_held"] == 5
    assert station.dock.run("systemctl --failed --plain --no-legend").stdout == ""
    station.prove_custody()
