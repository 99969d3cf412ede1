"""Do the examples of units, which the package brings and does not use, hold together?"""

from __future__ import annotations

import configparser
import shutil
import subprocess
from pathlib import PurePosixPath
from typing import cast

import pytest

from bwvdock.cli.parser import parse
from bwvdock.config.metrics import Address
from bwvdock.config.screen.settings import NO_SCREEN
from tests.architecture.tree import ROOT

EXAMPLES = ROOT / "packaging" / "examples"
EXPOSURE = 17  # as systemd-analyze rates it, times ten; it is root, and may write to one disk


class Unit(configparser.ConfigParser):
    """A unit's file; unlike those of Windows, its keys have capitals."""

    def optionxform(self, optionstr: str) -> str:
        return optionstr


def unit(name: str) -> Unit:
    read = Unit(strict=False, interpolation=None)
    read.read_string((EXAMPLES / name).read_text(encoding="utf-8"))
    return read


def test_the_backup_goes_to_the_disk_that_must_be_mounted() -> None:
    service = unit("bwvdock-backup.service")
    program, *words = service["Service"]["ExecStart"].split()
    arguments = parse(words)
    disk = service["Unit"]["AssertPathIsMountPoint"]
    assert program == "/usr/bin/bwvdock"
    assert PurePosixPath(str(arguments.folder)).is_relative_to(disk)
    assert service["Unit"]["RequiresMountsFor"] == disk
    assert disk in service["Service"]["ReadWritePaths"].split()


def test_the_timer_makes_one_a_day_and_catches_up() -> None:
    timer = unit("bwvdock-backup.timer")["Timer"]
    assert timer["Persistent"] == "true"
    assert timer["OnCalendar"].startswith("*-*-* ")


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd is not installed")
def test_it_is_no_more_exposed_than_we_say() -> None:
    command = ["systemd-analyze", "security", "--offline=true", "--no-pager", f"--threshold={EXPOSURE}"]
    rated = subprocess.run(
        [*command, "bwvdock-backup.service"], cwd=EXAMPLES, check=False, capture_output=True, text=True
    )
    assert rated.returncode == 0, rated.stdout + rated.stderr


def test_the_kiosk_shows_the_page_where_the_screen_serves_it() -> None:
    service = unit("bwvdock-kiosk.service")
    host, port = cast("Address", NO_SCREEN.listen)
    for line in ("ExecStartPre", "ExecStart"):
        assert service["Service"][line].split()[-1] == f"http://{host}:{port}/"
    assert service["Service"]["User"] == "kiosk"
    assert "bwvdock-screen.service" in service["Unit"]["After"].split()
