"""Does whatever goes wrong with figures stay a line in the log, once, and end by itself?"""

from __future__ import annotations

import os
import socket
import stat
import subprocess
import threading
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

import pytest

from bwvdock.config.metrics import MetricsSettings
from bwvdock.errors import JournalError
from bwvdock.log import Events
from bwvdock.metrics.figures import Snapshot
from bwvdock.metrics.publisher import Publisher
from bwvdock.metrics.textfile import write_textfile
from tests.metrics.snapshots import well

FILE = "bwvdock.prom"


class Docks:
    """Takes snapshots; each of `fails` is raised once instead."""

    def __init__(self, *fails: Exception) -> None:
        self.fails = list(fails)
        self.taken = threading.Event()

    def take(self) -> Snapshot:
        if self.fails:
            raise self.fails.pop(0)
        self.taken.set()
        return well()


class Told:
    """What was logged: the event, and what it is about."""

    def __init__(self) -> None:
        self.events: list[tuple[str, object]] = []
        self.reasons: list[object] = []

    def __call__(self, event: Events, /, **told: object) -> None:
        self.events.append((event, told["what"]))
        self.reasons.append(told.get("reason", ""))


def publisher(folder: Path, *fails: Exception, port: int | None = None) -> tuple[Publisher, Told]:
    listen = None if port is None else ("127.0.0.1", port)
    told = Told()
    return Publisher(MetricsSettings(textfile=folder / FILE, listen=listen), Docks(*fails), told), told


def test_the_file_is_for_everybody_to_read_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0o077)
    try:
        publisher(tmp_path)[0].round()
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / FILE).stat().st_mode) == 0o644
    assert (tmp_path / FILE).read_text().startswith("# HELP bwvdock_")
    assert os.listdir(tmp_path) == [FILE]


def test_a_folder_that_is_missing_is_said_once_and_its_coming_too(tmp_path: Path) -> None:
    folder = tmp_path / "collector"
    published, told = publisher(folder)
    published.round()
    published.round()
    assert told.events == [(Events.METRICS_FAILED, "textfile")]
    assert str(folder) in str(told.reasons[0])
    folder.mkdir()
    published.round()
    published.round()
    assert told.events[1:] == [(Events.METRICS_BACK, "textfile")]
    assert (folder / FILE).exists()


def _a_folder_instead(folder: Path) -> None:
    (folder / FILE).mkdir()


def _a_folder_for_its_part(folder: Path) -> None:
    (folder / f"{FILE}.part").mkdir()


def _no_folder(folder: Path) -> None:
    folder.rmdir()
    folder.write_text("")


def _a_link_that_leads_nowhere(folder: Path) -> None:
    folder.rmdir()
    folder.symlink_to("nowhere")


@pytest.mark.parametrize(
    "spoil", [_a_folder_instead, _a_folder_for_its_part, _no_folder, _a_link_that_leads_nowhere]
)
def test_a_place_that_takes_no_file_is_a_warning(tmp_path: Path, spoil: Callable[[Path], None]) -> None:
    folder = tmp_path / "collector"
    folder.mkdir()
    spoil(folder)
    published, told = publisher(folder)
    published.round()
    assert told.events == [(Events.METRICS_FAILED, "textfile")]


@pytest.mark.slow
@pytest.mark.needs_root
def test_a_disk_that_is_full_is_a_warning_and_the_last_figures_stay(tmp_path: Path) -> None:
    folder = tmp_path / "collector"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(folder)]
    if subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("NOT TESTED: nothing may be mounted")
    try:
        published, told = publisher(folder)
        published.round()
        before = (folder / FILE).read_bytes()
        with (folder / "other").open("wb", buffering=0) as other, suppress(OSError):
            while True:
                other.write(bytes(4096))
        published.round()
        assert told.events == [(Events.METRICS_FAILED, "textfile")]
        assert "No space left" in str(told.reasons[0])
        assert (folder / FILE).read_bytes() == before
        (folder / "other").unlink()
        published.round()
        assert told.events[1:] == [(Events.METRICS_BACK, "textfile")]
    finally:
        subprocess.run(["umount", folder], check=True)


def test_a_link_that_another_user_laid_is_not_followed(tmp_path: Path) -> None:
    """Users of the collector's folder must not choose what the dock's user overwrites."""
    victim = tmp_path / "victim"
    victim.write_text("untouched")
    folder = tmp_path / "collector"
    folder.mkdir()
    (folder / f"{FILE}.part").symlink_to(victim)
    (folder / FILE).symlink_to(victim)
    write_textfile(folder / FILE, b"figures")
    assert victim.read_text() == "untouched"
    assert (folder / FILE).read_bytes() == b"figures"
    assert not (folder / FILE).is_symlink()


@pytest.mark.parametrize(
    "error", [JournalError("The journal cannot be read.", remedy="Look."), LookupError("a bug")]
)
def test_a_snapshot_that_fails_leaves_the_last_figures(tmp_path: Path, error: Exception) -> None:
    published, told = publisher(tmp_path)
    published.round()
    before = (tmp_path / FILE).stat().st_mtime_ns
    failing = Publisher(MetricsSettings(textfile=tmp_path / FILE), Docks(error), told)
    failing.round()
    assert told.events == [(Events.METRICS_FAILED, "take")]
    assert (tmp_path / FILE).stat().st_mtime_ns == before
    failing.round()
    assert told.events[1:] == [(Events.METRICS_BACK, "take")]


def test_a_port_that_is_in_use_is_said_once_and_the_file_is_written(tmp_path: Path) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        published, told = publisher(tmp_path, port=taken.getsockname()[1])
        published.round()
        published.round()
        assert told.events == [(Events.METRICS_FAILED, "listen")]
        assert (tmp_path / FILE).exists()
    published.round()
    assert told.events[1:] == [(Events.METRICS_BACK, "listen")]
    assert published.endpoint is not None
    published.endpoint.close()


def test_it_publishes_while_it_is_entered_and_ends_at_once(tmp_path: Path) -> None:
    docks = Docks()
    settings = MetricsSettings(textfile=tmp_path / FILE, interval_seconds=3600)
    with Publisher(settings, docks, Told()):
        assert docks.taken.wait(60)
        [thread] = [thread for thread in threading.enumerate() if thread.name == "figures"]
    thread.join(60)
    assert not thread.is_alive()
