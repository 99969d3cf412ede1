"""What does the daemon do with what it should not be given?

It says a clear word with its remedy, loses nothing, and goes on with the rest.
"""

from __future__ import annotations

import json
import os
import re
import signal
import sqlite3
import subprocess
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from bwvdock.config.settings import load
from tests.fakes.footage import footage
from tests.service.daemons import bwvdock, configure, daemon, process

pytestmark = pytest.mark.slow

ODD_NAMES = [
    b"GOOD.MP4",
    b"..MP4",
    b"...double..dot..MP4",
    b"new\nline.MP4",
    b"esc\x1b[31mred\x07.MP4",
    b"\xff\xfe not utf-8.MP4",
    "right-to-left \u202e.MP4".encode(),
    b"-rf.MP4",
    b"%s%n$(id).MP4",
    b" .MP4",
    b"long" * 60 + b".MP4",
]


@pytest.fixture
def camera(tmp_path: Path) -> Path:
    """A folder that stands for a camera."""
    folder = tmp_path / "camera"
    (folder / "DCIM" / "100TEST").mkdir(parents=True)
    return folder


def _put(camera: Path, name: bytes, data: bytes) -> None:
    path = os.path.join(os.fsencode(camera), b"DCIM", b"100TEST", name)
    with open(path, "wb") as file:
        file.write(data)


def _vault(tmp_path: Path) -> Counter[bytes]:
    files = (tmp_path / "state" / "vault").glob("2*/*/*/*")
    return Counter(file.read_bytes() for file in files if not file.name.endswith(".custody.json"))


def test_odd_names_lose_no_clip_and_reach_no_terminal(tmp_path: Path, camera: Path) -> None:
    """Also an empty clip, and what is no clip: links and a FIFO, which are refused and never followed."""
    for number, name in enumerate(ODD_NAMES):
        _put(camera, name, footage(1000 + number, seed=number))
    _put(camera, b"EMPTY.MP4", b"")
    secret = tmp_path / "secret"
    secret.write_bytes(b"not footage")
    (camera / "DCIM" / "100TEST" / "LINK.MP4").symlink_to(secret)
    (camera / "DCIM" / "LOOP").symlink_to(camera)
    os.mkfifo(camera / "DCIM" / "100TEST" / "FIFO.MP4")
    config = configure(tmp_path, camera=camera)
    with daemon(config) as running:
        running.wait_for_event("clip_verified", len(ODD_NAMES) + 1)
        log = "".join(running.log())
    expected = Counter(footage(1000 + n, seed=n) for n in range(len(ODD_NAMES))) + Counter([b""])
    assert _vault(tmp_path) == expected
    listed = bwvdock("clips", "list", config=config)
    assert listed.returncode == 0
    assert len(listed.stdout.splitlines()) == len(ODD_NAMES) + 2
    assert not any(ord(c) < 32 or c == "\u202e" for c in (listed.stdout + log).replace("\n", ""))
    dockings = json.loads(bwvdock("dockings", "list", "--json", config=config).stdout)
    assert max(docking["copied"] for docking in dockings) == len(ODD_NAMES) + 1
    assert max(docking["refused"] for docking in dockings) == 3
    assert bwvdock("custody", "verify", config=config).returncode == 0


def test_a_full_spool_says_so_and_leaves_the_clip_on_its_camera(tmp_path: Path, camera: Path) -> None:
    """No disk has that much room; with room the same clip arrives."""
    _put(camera, b"A.MP4", footage(5000))
    config = configure(tmp_path, camera=camera, more='[spool]\nmin_free = "100 TiB"\n')
    with daemon(config) as running:
        running.wait_for_event("copy_intended")
        status = running.status()
        alert = next(a for a in status["alerts"] if a["code"] == "spool-full")
        assert alert["remedy"]
        assert status["clips"]["found"] == 1
        assert status["cameras"][0]["state"] in {"waiting", "copying"}
    assert not list((tmp_path / "state" / "spool").glob("*.mp4"))
    assert not _vault(tmp_path)
    configure(tmp_path, camera=camera)
    with daemon(config) as running:
        running.wait_for_event("clip_verified")
    assert _vault(tmp_path) == Counter([footage(5000)])


@pytest.fixture
def read_only(tmp_path: Path) -> Iterator[Path]:
    """A state directory on a file system that is mounted read-only."""
    if os.geteuid() != 0:
        pytest.skip("NOT TESTED: a read-only state directory needs root (mount)")
    state = tmp_path / "state"
    state.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "ro", "none", str(state)], check=True)
    yield state
    subprocess.run(["umount", str(state)], check=True)


@pytest.mark.needs_root
def test_a_read_only_state_directory_is_named_with_its_remedy(tmp_path: Path, read_only: Path) -> None:
    """Exit 1, the path, and what to type."""
    refused = process("run", config=configure(tmp_path))
    assert refused.returncode == 1
    assert str(read_only) in refused.stderr
    assert "findmnt" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_a_second_daemon_ends_and_the_first_goes_on(tmp_path: Path, camera: Path) -> None:
    """It names the first one's pid and what to type."""
    config = configure(tmp_path, camera=camera)
    with daemon(config) as first:
        second = process("run", config=config)
        assert second.returncode == 1
        assert f"pid {first.process.pid}" in second.stderr
        assert "systemctl" in second.stderr
        _put(camera, b"A.MP4", footage(5000))
        first.wait_for_event("clip_verified")
    assert bwvdock("custody", "verify", config=config).returncode == 0


def test_a_wrong_configuration_ends_with_78_and_every_mistake(tmp_path: Path) -> None:
    """Key, value, and the nearest key that would be right."""
    config = configure(tmp_path, more='[admision]\nmode = "any"\n[upload]\nparallel = "three"\n')
    refused = process("run", config=config)
    assert refused.returncode == 78
    assert "admission" in refused.stderr
    assert "parallel" in refused.stderr
    assert not (tmp_path / "state").exists()


def test_sigterm_ends_it_and_the_journal_says_so(tmp_path: Path, camera: Path) -> None:
    """And the journal needs no mending afterwards. How soon: tests/vm/test_service.py."""
    config = configure(tmp_path, camera=camera)
    with daemon(config) as running:
        running.signal(signal.SIGTERM)
        assert running.process.wait(60) == 0
        assert any("event=dock_stopped " in line for line in running.log())
    assert bwvdock("custody", "verify", config=config).returncode == 0


def test_sighup_takes_the_new_configuration_and_outlives_a_wrong_one(tmp_path: Path) -> None:
    """A typo at night must not stop the dock; status says that the old one is still in force."""
    config = configure(tmp_path)
    with daemon(config) as running:
        configure(tmp_path, more='[admission]\nmode = "any"\n')
        running.signal(signal.SIGHUP)
        running.wait_for("RELOADING=1")
        running.wait_for("READY=1")
        running.wait_for_event("config_reloaded")
        configure(tmp_path, more='[admission]\nmode = "everybody"\n')
        running.signal(signal.SIGHUP)
        running.wait_for_event("config_rejected")
        told = bwvdock("status", config=config)
        assert (told.returncode, "bwvdock config check" in told.stderr) == (0, True)
        configure(tmp_path)  # mended, and not taken up yet
        assert "config-rejected" in {alert["code"] for alert in running.status()["alerts"]}
        assert running.process.poll() is None
    assert _reloaded(config) == 1, "the wrong one is not in use"


def _reloaded(config: Path) -> int:
    with closing(sqlite3.connect(load(config).journal)) as db:
        leaves = db.execute("SELECT leaf FROM entry WHERE kind = 'config_reloaded'").fetchall()
    for (leaf,) in leaves:
        digest = json.loads(leaf)["data"]["config_sha256"]
        assert re.fullmatch("[0-9a-f]{64}", digest)
        assert digest != load(config).digest, "it was another file then"
    return len(leaves)


def test_a_store_that_is_not_there_does_not_keep_cameras_waiting(tmp_path: Path, camera: Path) -> None:
    """The clip is acquired, the store is named in an alert, and the camera is safe to take."""
    _put(camera, b"A.MP4", footage(5000))
    store = f'[[destination]]\nname = "away"\nkind = "directory"\npath = "{tmp_path / "no" / "vault"}"\n'
    config = configure(tmp_path, camera=camera, more=store)
    with daemon(config) as running:
        running.wait_for_event("clip_acquired")
        running.wait_for_event("camera_settled")
        running.wait_for_event("destination_lost")
        status = running.status()
    assert status["clips"]["acquired"] == 1
    assert "destination-unreachable" in {alert["code"] for alert in status["alerts"]}
    assert bwvdock("custody", "verify", config=config).returncode == 0
