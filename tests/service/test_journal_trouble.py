"""A journal that is damaged, or has no room: is nothing claimed, is everybody told, and what comes after?"""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from bwvdock.cli import main
from bwvdock.core.clips.lifecycle import ClipState
from bwvdock.errors import JournalDamagedError
from bwvdock.operators.requests import Enrol, Status
from bwvdock.service.from_config import ConfiguredDock
from bwvdock.service.messages import PagesChecked, Stop
from bwvdock.status.values import live_from_json
from tests.extent import some
from tests.service.daemons import bwvdock, configure, daemon
from tests.service.desk import SERIAL, Desk, until

PAGE = 4096


def status(desk: Desk, configured: ConfiguredDock) -> Any:  # noqa: ANN401 - looked at field by field
    return live_from_json(desk.ask(configured, Status()))


def alerts(desk: Desk, configured: ConfiguredDock) -> set[str]:
    return {str(alert.code) for alert in status(desk, configured).alerts}


def used(tmp_path: Path) -> Desk:
    """Return a desk at which clips were taken, and nobody works now."""
    desk = Desk(tmp_path)
    for number in range(8):
        (desk.camera / f"{number}.MP4").write_bytes(b"footage %d" % number)
    with desk.build() as configured:
        configured.open()
        desk.ask(configured, Enrol(serial=SERIAL))
        desk.plug(configured)
        until(configured, lambda: sum(c.state is ClipState.VERIFIED for c in desk.clips()) >= 8)
        configured.dock.stop()
    desk.told.clear()
    return desk


def entries(desk: Desk) -> int:
    with closing(sqlite3.connect(f"file:{desk.config.journal}?mode=ro", uri=True)) as db:
        return int(db.execute("SELECT size FROM tree").fetchone()[0])


def overwrite(journal: Path, page: int) -> None:
    with journal.open("r+b") as file:
        file.seek(page * PAGE)
        file.write(b"\xa5" * PAGE)


def root_of(journal: Path, name: str) -> int:
    """Return the page on which a table or an index begins, counted from 0."""
    with closing(sqlite3.connect(f"file:{journal}?mode=ro", uri=True)) as db:
        row = db.execute("SELECT rootpage FROM sqlite_schema WHERE name = ?", (name,)).fetchone()
    return int(row[0]) - 1


@pytest.mark.slow
@pytest.mark.parametrize("name", some(["clip_by_identity", "clip", "docking", "private", "entry_of_clip"], 1))
def test_a_page_that_was_overwritten_stops_the_taking_before_anything_is_claimed(
    tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    desk = used(tmp_path)
    overwrite(desk.config.journal, root_of(desk.config.journal, name))
    before = entries(desk)
    file = str(desk.config.file)
    assert main(["run", "--config", file]) == 1
    with pytest.raises(JournalDamagedError, match="damaged") as error, desk.build():
        pass
    assert "restore" in error.value.remedy
    assert main(["status", "--json", "--config", file]) == 3
    assert "journal-damaged" in capsys.readouterr().out
    assert main(["custody", "verify", "--config", file]) == 4
    assert entries(desk) == before
    assert desk.told == []


@pytest.mark.slow
def test_damage_found_while_it_works_stops_the_taking_and_the_recording(tmp_path: Path) -> None:
    desk = used(tmp_path)
    with desk.build() as configured:
        configured.open()
        before = configured.journal.size()
        configured.dock.inbox.put(PagesChecked(JournalDamagedError("damaged", remedy="restore")))
        configured.dock.turn(timeout=0)
        desk.plug(configured)
        (desk.camera / "NEW.MP4").write_bytes(b"new footage")
        for _ in range(5):
            configured.dock.turn(timeout=0.05)
        assert "journal-damaged" in alerts(desk, configured)
        with pytest.raises(JournalDamagedError):
            desk.ask(configured, Enrol(serial="OTHER-1"))
        configured.dock.inbox.put(Stop())
        configured.dock.turn(timeout=1)
        configured.dock.stop()
        assert configured.journal.size() == before


@pytest.mark.slow
def test_damage_that_a_cameras_job_meets_is_the_journals_and_not_the_cameras(
    tmp_path: Path,
) -> None:
    desk = used(tmp_path)
    (desk.camera / "NEW.MP4").write_bytes(b"new footage")
    with desk.build() as configured:
        configured.open()
        overwrite(desk.config.journal, root_of(desk.config.journal, "clip_by_identity"))
        with desk.config.journal.open("r+b") as file:  # SQLite reads pages anew when this counter moved
            file.seek(24)
            file.write(b"\x00\x01\x02\x03")
        desk.plug(configured)
        until(configured, lambda: configured.dock.trouble is not None)
        assert "journal-damaged" in alerts(desk, configured)
        assert {str(c.state) for c in status(desk, configured).cameras} <= {"waiting"}
        configured.dock.stop()
    kinds = [fact.kind for fact, _ in desk.told]
    assert "clip_found" not in kinds
    assert "camera_settled" not in kinds
    assert "clip_quarantined" not in kinds


@contextmanager
def small_disk(folder: Path, size: str) -> Iterator[Path]:
    disk = folder / "state"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", disk], check=True)
    try:
        yield disk
    finally:
        subprocess.run(["umount", disk], check=True)


def take_all_room(disk: Path) -> None:
    with (disk / "ballast").open("wb", buffering=0) as ballast, suppress(OSError):
        while True:
            ballast.write(bytes(PAGE))


def fill(config: Path, disk: Path) -> subprocess.CompletedProcess[str]:
    """Take all the room that there is, then give orders until one finds none."""
    take_all_room(disk)
    for number in range(500):
        done = bwvdock("cameras", "enrol", f"CAM-{number:04}", config=config)
        if done.returncode:
            return done
    raise AssertionError("the disk was never full")


@pytest.mark.needs_root
@pytest.mark.slow
@pytest.mark.skipif(os.geteuid() != 0, reason="needs to mount")
def test_status_is_there_while_a_full_disk_keeps_the_daemon_from_starting(tmp_path: Path) -> None:
    config = configure(tmp_path)
    with small_disk(tmp_path, "4m") as disk:
        assert bwvdock("init", config=config).returncode == 0
        take_all_room(disk)
        done = bwvdock("status", "--json", config=config)
        assert {alert["code"] for alert in json.loads(done.stdout)["alerts"]} >= {
            "journal-full",
            "daemon-not-running",
        }
        (disk / "ballast").unlink()
        assert "journal-full" not in bwvdock("status", "--json", config=config).stdout


@pytest.mark.needs_root
@pytest.mark.slow
@pytest.mark.skipif(os.geteuid() != 0, reason="needs to mount")
def test_a_full_disk_is_waited_for_and_orders_are_answered(tmp_path: Path) -> None:
    camera = tmp_path / "camera"
    camera.mkdir()
    with small_disk(tmp_path, "8m") as disk:
        config = configure(tmp_path, camera=camera, more='[spool]\nmin_free = "0 MiB"\n')
        (camera / "A.MP4").write_bytes(b"footage")
        with daemon(config) as running:
            running.wait_for_event("clip_verified")
            answered = fill(config, disk)
            assert (answered.returncode, "is full" in answered.stderr) == (1, True)
            [clip] = [line.split()[0] for line in bwvdock("clips", config=config).stdout.splitlines()[1:]]
            held = bwvdock("clips", "hold", clip, "--reason", "inquiry", config=config)
            assert (held.returncode, "df -h" in held.stderr) == (1, True)
            (camera / "B.MP4").write_bytes(b"more footage")
            running.wait_for_event("journal_full")
            document = running.status()
            assert "journal-full" in {alert["code"] for alert in document["alerts"]}
            (disk / "ballast").unlink()
            running.wait_for_event("clip_verified", 2)
            running.wait_for_event("journal_back")
            held = bwvdock("clips", "hold", clip, "--reason", "inquiry", config=config)
            assert held.returncode == 0
            fill(config, disk)
            (camera / "C.MP4").write_bytes(b"yet more footage")
            running.wait_for_event("journal_full", 2)
            running.signal(signal.SIGTERM)
            assert running.process.wait(60) == 0
        with daemon(config, until="EXTEND_TIMEOUT_USEC=60000000") as running:  # systemd waits for its start
            assert "journal-full" in {alert["code"] for alert in running.status()["alerts"]}
            running.signal(signal.SIGTERM)
            assert running.process.wait(60) == 0
        (disk / "ballast").unlink()
        with daemon(config) as running:
            running.wait_for_event("clip_verified")
        assert bwvdock("custody", "verify", config=config).returncode == 0
