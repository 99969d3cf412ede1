"""A dock of an earlier version is upgraded in mid-copy: is what it had still there, and the copy finished?

It begins with the state directory that the earlier version left in the middle of a copy (earlier.py), and
with its modes and groups. The present version takes it over, and its package is installed once more while it
copies: dpkg, the maintainer scripts and the restart come in the middle.
"""

from pathlib import Path

from tests.vm.cameras import MIB
from tests.vm.earlier import DOCK, DONE, KEPT, LONG, SIZE, TAKEN, done, long
from tests.vm.install import built_deb
from tests.vm.station import CONFIG, STATE, Station, footage
from tests.vm.test_package import APT
from tests.vm.test_torn import read_on


def test_an_upgrade_in_the_middle_of_a_copy(station: Station, workshop: Path) -> None:
    dock, camera = station.dock, long(workshop)
    station.note_memory()
    station.systemctl("stop")
    dock.push("/root/earlier.tar.gz", KEPT.read_bytes())
    dock.run(f"rm -rf {STATE}/* && tar -xzf /root/earlier.tar.gz -C {STATE} && chown -R bwvdock: {STATE}")
    dock.run(f"sed -i 's/^id = .*/id = \"{DOCK}\"/' {CONFIG}")
    dock.run(
        f"chmod 0750 {STATE} {STATE}/spool && chmod 0640 {STATE}/journal.sqlite3 && chmod 0755 /run/bwvdock"
    )
    dock.run("useradd cleo && usermod --append --groups bwvdock cleo")
    assert dock.run(f"ls {STATE}/spool/*.part {STATE}/spool/*.pieces").rc == 0

    with station.docked(LONG, camera, bay=2, bytes_per_second=4 * MIB) as name:
        station.systemctl("start")
        read_on(station, name, 8 * MIB)
        dock.throttle(name, MIB // 32)  # the rest would take ten minutes
        dock.run(f"cd /root && {APT} install --reinstall ./{built_deb().name} 2>&1", timeout=300)
        assert station.camera(LONG).get("state") != "safe-to-remove"
        dock.throttle(name, None)
        station.wait_for_state(LONG, "safe-to-remove")
        station.wait_until_stored(LONG, 1)
        assert dock.bytes_read(name) < SIZE - TAKEN + 16 * MIB  # what was copied before was not read again
    (stored,) = station.prove_stored(LONG, footage(camera))
    (acquired,) = station.history(stored["id"], "clip_acquired")
    assert acquired["parts"][0]["resumed_at"] > TAKEN
    assert len(station.history(stored["id"], "copy_intended")) >= 3  # two versions, and a restart
    station.prove_stored(DONE, footage(done(workshop)))
    assert dock.run("id -nG cleo").stdout.split() == ["cleo", "bwvdock-operators"]
    modes = dock.run(f"stat -c %a {STATE} {STATE}/spool {STATE}/journal.sqlite3 /run/bwvdock").stdout.split()
    assert modes == ["700", "700", "600", "2750"]
    # Where both versions ran on docks that go on from one saved boot, its clock seems to step back.
    problems = station.ask("custody verify")["problems"]
    assert [problem for problem in problems if problem["code"] != "clock_order"] == []
