"""The state disk is put back to an earlier image: does a witness show it, and is no card erased?

The dock has its state on a disk of its own (state_disk.py) and its vault on another. The witness is the
package's own service, beside the dock and as its own user. Yesterday's image is from before the one docking
of today, which the witness has confirmed. Each scenario begins with yesterday's image, or with today.
"""

import random
import shlex
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.vm.cameras import MIB, CameraImage, make_vfat
from tests.vm.state_disk import VAULT, StateDisk, state_disk
from tests.vm.station import CONFIG, STATE, Station, footage
from tests.vm.test_straight import make_tree

POLICY = "/etc/bwvdock/policy"
PORT = 7380
CONFIGURED = f"""
[dock]
id = "dock-vm"

[release]
erase = "after-verified"

[spool]
min_free = "0 MiB"

[custody]
policy = "{POLICY}"

[[destination]]
name = "vault"
kind = "directory"
path = "{VAULT}"
"""
CLIPS = {"SN-TODAY": 1, "SN-NEXT": 2, "SN-MORE": 3}
ALARM, ALARM_FILE = "journal-not-as-witnessed", f"{STATE}/not-as-witnessed.json"
UNSIGNED = "checkpoints-not-signed"
MINUTE = 60_000_000  # microseconds
BAG = "/root/package"
# By Debian's Python alone, with no network card but an unconfigured loopback of its own.
ALONE = "cd / && unshare --net /usr/bin/python3 -I"


@dataclass(frozen=True)
class Watched:
    """A dock with a witness, after today's docking; `yesterday` is the image of its state disk before."""

    station: Station
    disk: StateDisk
    cameras: dict[str, CameraImage]
    yesterday: Path

    def confirmed(self, origin: str) -> int:
        """Return the size of a journal that the witness confirmed last, 0 if it never did."""
        return sum(int(log["size"]) for log in self.told() if log["origin"] == origin)

    def told(self) -> list[dict[str, Any]]:
        """Return what the witness says of each journal."""
        return list(self.station.ask("witness status")["logs"])

    def confirm(self) -> None:
        """Have the journal signed, and wait until the witness has confirmed that."""
        signed = self.station.ask("custody checkpoint")
        origin = signed["note"].partition("\n")[0]
        self.station.wait(lambda: self.confirmed(origin) >= signed["size"], what="it is confirmed")

    def introduce(self) -> None:
        """Give the witness the key of the dock's journal."""
        self.station.run(f"witness add-log DOCK-VM {self.station.ask('custody checkpoint')['key']}")

    def erase(self, serial: str) -> None:
        """Dock a camera until its clips are erased; the vault has them."""
        station = self.station
        self.plug(serial, "clip_released")
        station.unplug(serial)
        assert [clip["state"] for clip in station.clips(serial)] == ["released"] * CLIPS[serial]
        assert on_card(self.cameras[serial]) == []
        station.prove_stored(serial, footage(self.cameras[serial]))

    def take_and_not_erase(self, serial: str) -> None:
        """Dock a camera: the vault gets its clips, and the card, which would be erased, is as it was."""
        station = self.station
        self.plug(serial, "clip_described")  # then a card is erased
        station.wait_for_state(serial, "safe-to-remove")
        station.unplug(serial)
        assert self.cameras[serial].untouched()
        assert [clip["state"] for clip in station.clips(serial)] == ["verified"] * CLIPS[serial]
        station.prove_stored(serial, footage(self.cameras[serial]))

    def plug(self, serial: str, kind: str) -> None:
        """Dock a camera and wait until the log has an event of that kind of each of its clips."""
        before = self.logged(serial, kind)  # of which the journal may know no more
        self.station.plug(serial, self.cameras[serial])
        self.station.wait(
            lambda: len(self.logged(serial, kind) - before) == CLIPS[serial],
            what=f"{kind} of each clip of {serial}",
        )

    def logged(self, serial: str, kind: str) -> set[str]:
        """Return the clips of which the log has such an event; asking it costs less than `clips list`."""
        return {event["CLIP"] for event in self.station.log(f"CAMERA={serial}", f"EVENT={kind}")}

    def alarm(self, began: str) -> None:
        """Wait for the alarm, which was raised within a minute of an event, a match of the log."""
        self.station.dock.wait_until(f"test -e {ALARM_FILE}", 300, what="the alarm", every=1)
        times = [
            int(self.station.log(told)[-1]["__MONOTONIC_TIMESTAMP"])
            for told in (began, "EVENT=journal_not_as_witnessed")
        ]
        assert times[1] - times[0] < MINUTE
        alert = self.station.alerts()[ALARM]
        assert alert["severity"] == "error"
        assert "signed with the journal's own key" in alert["message"]


def on_card(camera: CameraImage) -> list[str]:
    """Return the clips on a card, read by mtools."""
    found = subprocess.run(["mdir", "-/", "-b", "-i", str(camera.path)], capture_output=True, check=True)
    return [line for line in found.stdout.decode().splitlines() if line.endswith(".MP4")]


def make_cameras(workshop: Path) -> dict[str, CameraImage]:
    rng, made = random.Random(12), {}
    for serial, count in CLIPS.items():
        clips = {f"DCIM/100BWCAM/BWC_{n:04}.MP4": rng.randbytes(100_000 + n) for n in range(count)}
        tree = make_tree(workshop / f"watched-{serial}", clips)
        made[serial] = make_vfat(workshop / f"watched-{serial}.img", tree, size=32 * MIB)
    return made


@pytest.fixture(scope="module")
def watched(new_station: Callable[..., Station], workshop: Path) -> Iterator[Watched]:
    station = new_station()
    witness = station.ask("witness init --name witness.example/hq")["vkey"]
    station.systemctl("start", "bwvdock-witness")
    station.dock.push(POLICY, f"witness hq {witness} http://127.0.0.1:{PORT}/\nquorum hq\n".encode())
    with state_disk(station, workshop / "state.disk") as disk:
        station.dock.push(CONFIG, CONFIGURED.encode())
        station.systemctl("start")
        made = Watched(station, disk, make_cameras(workshop), workshop / "yesterday.disk")
        made.introduce()
        for serial in CLIPS:
            station.enrol(serial)
        made.confirm()
        disk.keep(made.yesterday)
        made.erase("SN-TODAY")
        made.confirm()
        yield made
    station.dock.remove()


def test_a_docking_is_witnessed_verified_and_exported(watched: Watched) -> None:
    station = watched.station
    (known,) = watched.told()
    station.systemctl("start", "bwvdock-verify")  # it ends before systemctl does
    ended = station.systemctl("show -p Result,ExecMainStatus --value", "bwvdock-verify").stdout
    assert ended == "success\n0\n"
    (verified,) = station.log("EVENT=journal_verified")
    assert int(verified["ENTRIES"]) >= known["size"]
    assert int(verified["COPIES"]) > 0
    status = station.run("status")
    assert status.rc == 0, "no alarm, and no other error"
    assert ": no problem found in what was read" in status.stdout

    (clip,) = station.clips("SN-TODAY")
    order = f"custody export {clip['id']} --to {BAG} --reason 'Case 1' --open officer,path"
    made = station.ask(order)
    assert (made["signed"], made["confirmed_by"], made["quorum_met"]) == (True, ["hq"], True)
    run = station.dock.run
    connect = f"import socket; socket.create_connection(('127.0.0.1', {PORT}))"
    assert run(f'/usr/bin/python3 -I -c "{connect}"').rc == 0, "the witness is there"
    for trial in ("import bwvdock", connect):
        assert run(f'{ALONE} -c "{trial}"', check=False).rc == 1
    check = f"{ALONE} {BAG}/data/verify.py bag {BAG} --policy {POLICY}"
    said = run(check, check=False)
    assert said.rc == 0, said.stdout + said.stderr
    (copy,) = run(f"find {BAG}/data/footage -type f").stdout.split()
    run(f"printf x | dd of={copy} bs=1 seek=50000 conv=notrunc 2>&1")
    said = run(check, check=False)
    assert said.rc == 4, said.stdout + said.stderr
    assert Path(copy).name in said.stdout


@pytest.mark.parametrize("signer_too", [True, pytest.param(False, marks=pytest.mark.extra)])
def test_put_back_it_is_an_alarm_and_no_card_is_erased(watched: Watched, signer_too: bool) -> None:
    station = watched.station
    watched.disk.put_back(watched.yesterday, signer_too=signer_too)
    assert station.clips("SN-TODAY") == []  # no entry is left of it
    station.systemctl("start")
    watched.alarm("EVENT=ready")
    watched.take_and_not_erase("SN-NEXT")
    if signer_too:
        assert UNSIGNED not in station.alerts()
    else:
        station.wait(lambda: UNSIGNED in station.alerts(), what="the signer refuses it")
        assert station.alerts()[UNSIGNED]["severity"] == "error"
    found = station.ask("custody verify")
    assert {problem["code"] for problem in found["problems"]} == {"document_journal"}, found


def test_put_back_and_grown_it_is_an_alarm_until_a_new_journal_is_begun(watched: Watched) -> None:
    station = watched.station
    watched.disk.put_back(watched.yesterday)
    station.systemctl("stop", "bwvdock-witness")
    station.systemctl("start")
    watched.erase("SN-MORE")  # a witness that is away stops nothing
    (known,) = watched.told()
    assert station.status()["journal"]["entries"] > known["size"]
    assert ALARM not in station.alerts()
    station.systemctl("start", "bwvdock-witness")
    watched.alarm(f"MESSAGE=listening at :: port {PORT}")
    watched.take_and_not_erase("SN-NEXT")
    (log,) = watched.told()
    assert log["size"] == known["size"]
    assert log["evidence"] > 0

    station.note_memory()
    station.systemctl("stop")
    reason = "The disk was put back; case 1"
    begun = station.ask(f"custody succeed --reason {shlex.quote(reason)}")
    station.systemctl("start")
    watched.introduce()
    watched.confirm()
    assert ALARM not in station.alerts()
    watched.erase("SN-NEXT")
    old = f"cp {begun['kept']} /root/old.sqlite3; {ALONE} /usr/bin/bwvdock-verify journal /root/old.sqlite3"
    told = station.dock.run(f"{old} --policy {POLICY}", check=False)
    assert told.rc == 0, told.stdout + told.stderr
    station.prove_custody()
