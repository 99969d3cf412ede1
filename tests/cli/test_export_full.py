"""Is nothing left of a package for which there is no room, and does the command say what to do?"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bwvdock.core.facts import FootageExported
from tests.cli.docks import VERIFIED, Dock, take
from tests.cli.test_consultation import daemon
from tests.cli.test_export import WHY, checked, entries
from tests.extent import some

pytestmark = pytest.mark.slow

Capture = pytest.CaptureFixture[str]
PAGES = (6, 9, 12, 24, 32, 40)  # of 4 KiB; a package has some 50 with the program
LARGE = f"01hq{9:014}"


@contextmanager
def disk_of(pages: int, at: Path) -> Iterator[Path]:
    """Yield a disk with so many pages."""
    at.mkdir()
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={pages * 4}k", "tmpfs", str(at)], check=False)
    if made.returncode:
        pytest.skip("NOT TESTED: no tmpfs may be mounted")
    try:
        yield at
    finally:
        subprocess.run(["umount", str(at)], check=True)


@pytest.mark.needs_root
@pytest.mark.parametrize("pages", some(PAGES, 2))
def test_on_a_disk_that_is_too_small_there_is_no_half_package(
    dock: Dock, tmp_path: Path, capsys: Capture, pages: int
) -> None:
    with disk_of(pages, tmp_path / "stick") as stick, daemon(dock):
        target = stick / "out"
        assert dock.run("custody", "export", VERIFIED, "--to", str(target), *WHY) == 1
        assert list(stick.iterdir()) == [], "also under another name"
        said = capsys.readouterr().err
        assert f"There is no room for {target}; nothing of it is left." in said
        assert "name a folder on another disk" in said
        assert FootageExported.kind not in entries(dock)
        assert dock.run("custody", "export", VERIFIED, "--to", str(tmp_path / "out"), *WHY) == 0
    assert checked(tmp_path / "out").exit_code == 0


@pytest.mark.parametrize("clip", [VERIFIED, LARGE], ids=["the program", "the footage"])
def test_where_a_file_may_not_be_so_large_there_is_no_half_package(
    dock: Dock, tmp_path: Path, clip: str
) -> None:
    """As on FAT32, where a file ends at 4 GiB; here the limit is that of the process."""
    dock.record(*take(dock, LARGE, bytes(200_000)), later=1000)
    above = tmp_path / "stick"
    above.mkdir()
    program = f'ulimit -f 64 && exec {sys.executable} -m bwvdock "$@"'
    command = ["custody", "export", clip, "--to", str(above / "out"), *WHY]
    with daemon(dock):
        ran = subprocess.run(
            ["/bin/bash", "-c", program, "bash", *command, "--config", str(dock.config.file)],
            capture_output=True,
            text=True,
            check=False,
        )
    assert (ran.returncode, ran.stdout, list(above.iterdir())) == (1, "", [])
    assert "does not take a file of this size; nothing of it is left." in ran.stderr
    assert "FAT32" in ran.stderr
    assert FootageExported.kind not in entries(dock)
