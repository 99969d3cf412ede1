"""Is a dock's journal begun once, and is one that is missing, empty or another never replaced unasked?

With the real program, as an operator would type it.
"""

from __future__ import annotations

import json
import os
import shlex
import shutil
import sqlite3
import subprocess
import sys
import tarfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

from bwvdock.bays.access import VolumesOnly
from bwvdock.config.settings import load
from bwvdock.core.media.sightings import Sighting, VolumeArrived
from bwvdock.core.ports import CameraVolume
from bwvdock.edges.system import SystemClock, hold_dock
from bwvdock.errors import CameraGoneError
from bwvdock.service.daemon import make_directories
from bwvdock.service.from_config import dock_from_config
from tests.extent import some
from tests.service.daemons import bwvdock, configure, daemon
from tests.service.desk import until

EARLIER = Path(__file__).parents[2] / "fixtures/state/version-0.1.tar.xz"


def started(config: Path) -> CompletedProcess[str]:
    """Run the daemon where it is to end by itself."""
    return bwvdock("run", config=config)


def unpacked(root: Path) -> Path:
    """Unpack what the version before left, and return its configuration."""
    with tarfile.open(EARLIER) as archive:
        archive.extraction_filter = lambda member, _: member  # Python 3.14 would have another
        archive.extractall(root)  # noqa: S202 - our own; with every mode and hard link
    file = root / "bwvdock.toml"
    file.write_text(file.read_text().replace("@ROOT@", str(root)))
    (root / "camera").mkdir()
    return file


def answer(done: CompletedProcess[str]) -> Any:  # noqa: ANN401 - looked at field by field
    return json.loads(done.stdout)


def ask(journal: Path, query: str) -> list[tuple[Any, ...]]:
    """Return what a journal answers, past all our own code."""
    with closing(sqlite3.connect(f"file:{journal}?mode=ro", uri=True)) as db:
        return db.execute(query).fetchall()


def first_entry(journal: Path) -> Any:  # noqa: ANN401 - likewise
    """Return a journal's first entry."""
    return json.loads(ask(journal, "SELECT leaf FROM entry WHERE seq = 0")[0][0])


def work(config: Path) -> None:
    """Have a dock come up and go."""
    loaded, clock = load(config), SystemClock()
    make_directories(loaded)
    with (
        hold_dock(loaded.state_dir),
        dock_from_config(loaded, clock=clock, access=VolumesOnly(_none), tell=lambda *_: None) as configured,
    ):
        configured.open()
        until(configured, lambda: all(q.assessment for q in configured.dock.delivery.queues.values()))
        configured.dock.stop()


def _none(sighting: Sighting, _: VolumeArrived) -> CameraVolume:
    raise CameraGoneError(f"nothing is docked here: {sighting.key}")


# --- an installation of the version before ----------------------------------------------------------


@pytest.mark.slow
def test_an_earlier_versions_dock_opens_works_on_and_verifies(tmp_path: Path) -> None:
    config = unpacked(tmp_path)
    held = [clip for (clip,) in ask(tmp_path / "state/journal.sqlite3", "SELECT id FROM clip")]
    for command in (("clips", "list"), ("custody", "verify")):
        refused = bwvdock(*command, config=config)
        assert refused.returncode == 1
        assert "Start the daemon once" in refused.stdout + refused.stderr
    (tmp_path / "camera/BWV_0003.MP4").write_bytes(b"clip 3 " * 100)
    with daemon(config) as running:
        running.wait_for_event("clip_verified", 2)  # in both vaults
    clips = answer(bwvdock("clips", "list", "--json", config=config))
    assert set(held) < {clip["id"] for clip in clips}
    assert all(clip["state"] == "verified" for clip in clips)
    assert len(list((tmp_path / "share").rglob("*.mp4"))) == 3
    done = bwvdock("custody", "verify", "--json", config=config)
    assert (done.returncode, answer(done)["problems"]) == (0, [])
    origin = json.loads((tmp_path / "state/dock.json").read_text())
    assert origin["dock"] == "LEW-03"
    for vault in ("share", "state/vault"):
        assert json.loads((tmp_path / vault / ".bwvdock-dock-LEW-03.json").read_text()) == origin


# --- a journal that is gone, empty or another -------------------------------------------------------


def removed(state: Path) -> None:
    for file in state.glob("journal.sqlite3*"):
        file.unlink()


def emptied(state: Path) -> None:
    removed(state)
    (state / "journal.sqlite3").touch()


def unmounted(state: Path) -> None:
    shutil.rmtree(state)
    state.mkdir()


def only(*names: str) -> Callable[[Path], None]:
    def leave(state: Path) -> None:
        for entry in list(state.iterdir()):
            if entry.name not in names:
                shutil.rmtree(entry) if entry.is_dir() else entry.unlink()

    return leave


LOSSES = [
    removed,
    emptied,
    unmounted,
    *(only(name) for name in ("spool", "marks", "lock", "vault", "dock.json", "journal.sqlite3-wal")),
]


@pytest.mark.slow
@pytest.mark.parametrize("upgraded", [False, True])
@pytest.mark.parametrize("lose", some(LOSSES, 3))
def test_a_lost_journal_is_not_replaced_unasked(
    tmp_path: Path, lose: Callable[[Path], None], *, upgraded: bool
) -> None:
    config = unpacked(tmp_path)
    if upgraded:
        work(config)
    (tmp_path / "state/journal.sqlite3-wal").write_bytes(b"left by a crash")
    if not upgraded:
        (tmp_path / "state/dock.json").write_text("left by nobody")  # damaged is not missing
    lose(tmp_path / "state")
    done = started(config)
    assert done.returncode == 1
    assert "init --after-loss --reason" in done.stderr
    verified = bwvdock("custody", "verify", "--json", config=config)
    assert verified.returncode != 0
    assert bwvdock("clips", "list", config=config).returncode == 1
    assert bwvdock("cameras", "enrol", "CAM-99", config=config).returncode == 1
    assert not (tmp_path / "state/journal.sqlite3").exists() or lose is emptied


@pytest.mark.slow
def test_a_lost_journal_is_told_of_everywhere(tmp_path: Path) -> None:
    config = unpacked(tmp_path)
    work(config)
    removed(tmp_path / "state")
    assert [p["code"] for p in answer(bwvdock("custody", "verify", "--json", config=config))["problems"]] == [
        "journal_lost"
    ]
    assert bwvdock("custody", "verify", config=config).returncode == 4
    assert bwvdock("init", config=config).returncode == 1
    status = answer(bwvdock("status", "--json", config=config))
    assert "journal-lost" in {alert["code"] for alert in status["alerts"]}


@pytest.mark.slow
def test_another_docks_journal_is_refused(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "other").mkdir()
    config = unpacked(tmp_path / "one")
    work(config)
    work(configure(tmp_path / "other"))
    removed(tmp_path / "one/state")
    shutil.copy(tmp_path / "other/state/journal.sqlite3", tmp_path / "one/state")
    assert started(config).returncode == 1
    (tmp_path / "one/state/dock.json").unlink()  # the vaults know it still
    assert "is not this dock's" in started(config).stderr
    assert bwvdock("custody", "verify", config=config).returncode == 4


@pytest.mark.slow
@pytest.mark.parametrize("lose", some(LOSSES, 3))
def test_after_a_loss_an_operator_begins_anew_and_it_is_an_entry(
    tmp_path: Path, lose: Callable[[Path], None]
) -> None:
    config = unpacked(tmp_path)
    work(config)
    lost = json.loads((tmp_path / "state/dock.json").read_text())["journal"]
    (tmp_path / "state/journal.sqlite3-wal").write_bytes(b"left by a crash")
    lose(tmp_path / "state")
    assert bwvdock("init", "--after-loss", config=config).returncode == 2
    done = bwvdock("init", "--after-loss", "--reason", "the state disk failed", config=config)
    assert done.returncode == 0, done.stderr
    first = first_entry(tmp_path / "state/journal.sqlite3")
    assert first["kind"] == "dock_initialised"
    assert "failed" not in json.dumps(first)
    [[reason]] = ask(tmp_path / "state/journal.sqlite3", "SELECT value FROM private WHERE field = 'reason'")
    assert reason == "the state disk failed"
    assert first["data"]["found"]
    assert first["data"]["lost_journal"] == lost
    work(config)
    assert bwvdock("custody", "verify", config=config).returncode == 0
    again = bwvdock("init", "--after-loss", "--reason", "once more", config=config)
    assert again.returncode == 2


# --- a new dock ----------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_new_dock_starts_by_itself(tmp_path: Path) -> None:
    config = configure(tmp_path)
    work(config)
    origin = json.loads((tmp_path / "state/dock.json").read_text())
    assert (origin["dock"], len(origin["journal"])) == ("TEST-01", 64)
    work(config)
    assert bwvdock("init", config=config).stdout.startswith("Nothing to do")


@pytest.mark.slow
def test_a_start_that_was_cut_short_is_no_loss(tmp_path: Path) -> None:
    config = configure(tmp_path)
    work(config)
    emptied(tmp_path / "state")
    shutil.rmtree(tmp_path / "state/marks", ignore_errors=True)
    shutil.rmtree(tmp_path / "state/vault", ignore_errors=True)
    shutil.rmtree(tmp_path / "state/keys", ignore_errors=True)
    (tmp_path / "state/dock.json").write_text('{"dock":"","journal":""}')
    work(config)


# --- vaults outside the state directory ----------------------------------------------------------------


def outside(tmp_path: Path, vault: Path, more: str = "") -> Path:
    camera = tmp_path / "camera"
    camera.mkdir()
    (camera / "A.MP4").write_bytes(b"footage" * 1000)
    destination = f'[[destination]]\nname = "nas"\nkind = "directory"\npath = "{vault}"\n{more}'
    return configure(tmp_path, camera=camera, more=destination)


@pytest.mark.slow
def test_a_share_that_is_not_mounted_at_the_first_start_gets_no_footage(tmp_path: Path) -> None:
    vault = tmp_path / "nas"
    vault.mkdir()  # the mount point
    config = outside(tmp_path, vault)
    with daemon(config) as running:
        running.wait_for_event("destination_lost")
        status = running.status()
    assert list(vault.iterdir()) == []
    [nas] = status["destinations"]
    assert not nas["reachable"]
    assert "has not been made" in nas["error"]
    assert "destination-unreachable" in {alert["code"] for alert in status["alerts"]}


@pytest.mark.slow
def test_init_makes_it_and_it_serves(tmp_path: Path) -> None:
    config = outside(tmp_path, tmp_path / "nas")
    assert bwvdock("init", config=config).returncode == 0
    with daemon(config) as running:
        running.wait_for_event("clip_verified")
    assert len(list((tmp_path / "nas").rglob("*.mp4"))) == 1


@pytest.mark.slow
def test_init_beside_a_running_daemon_makes_what_it_waits_for(tmp_path: Path) -> None:
    config = outside(tmp_path, tmp_path / "nas")
    with daemon(config) as running:
        running.wait_for_event("destination_lost")
        assert bwvdock("init", config=config).returncode == 0
        running.wait_for_event("clip_verified")


@pytest.mark.skipif(
    Path("/dev/shm").stat().st_dev == Path("/").stat().st_dev, reason="there is no second file system"
)
def test_a_vault_that_must_be_on_a_mount(tmp_path: Path) -> None:
    on_root = tmp_path.stat().st_dev == Path("/").stat().st_dev
    config = outside(tmp_path, tmp_path / "nas", "must_be_mount = true\n")
    done = bwvdock("init", config=config)
    assert (done.returncode, "nothing is mounted" in done.stderr) == ((1, True) if on_root else (0, False))
    elsewhere = Path("/dev/shm", f"bwvdock-birth-{os.getpid()}")
    elsewhere.mkdir()
    try:
        (tmp_path / "b").mkdir()
        config = outside(tmp_path / "b", elsewhere)
        said = bwvdock("init", config=config)
        assert (said.returncode, "must_be_mount = true" in said.stderr) == (0, on_root)
    finally:
        shutil.rmtree(elsewhere)


@pytest.mark.slow
def test_two_docks_share_a_vault(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        config = outside(tmp_path / name, tmp_path / "nas")
        config.write_text(config.read_text().replace("TEST-01", name.upper()))
        assert bwvdock("init", config=config).returncode == 0
    names = sorted(path.name for path in (tmp_path / "nas").iterdir())
    assert names == [".bwvdock-dock-ONE.json", ".bwvdock-dock-TWO.json", ".bwvdock-vault"]


@pytest.mark.slow
@pytest.mark.needs_root
@pytest.mark.skipif(os.geteuid() != 0, reason="needs to mount")
@pytest.mark.parametrize("command", ["run", "init", "status"])
def test_no_journal_is_begun_below_a_mount_point_of_fstab_with_nothing_mounted(
    tmp_path: Path, command: str
) -> None:
    """Whatever else is gone with that disk: nothing else need say that there was a dock."""
    config = configure(tmp_path)
    fstab = tmp_path / "fstab"
    fstab.write_text(f"UUID=5 {tmp_path}/state ext4 nofail 0 2\n")
    (tmp_path / "state").mkdir()
    program = f"{shlex.quote(sys.executable)} -m bwvdock {command} --config {shlex.quote(str(config))}"
    script = f"mount --bind {shlex.quote(str(fstab))} /etc/fstab && exec {program}"
    environment = {**os.environ, "PYTHONPATH": str(EARLIER.parents[2])}
    done = subprocess.run(
        ["unshare", "--mount", "sh", "-c", script],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode != 0
    said = " ".join((done.stdout + done.stderr).split())
    assert f"/etc/fstab mounts one at {tmp_path}/state" in said
    assert f"mount {tmp_path}/state" in said
    assert not (tmp_path / "state/journal.sqlite3").exists()
