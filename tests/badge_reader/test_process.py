"""Does the real process say what is missing in its configuration?"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT

pytestmark = pytest.mark.slow


def started(folder: Path, checkout: str) -> subprocess.Popen[str]:
    config = folder / "bwvdock.toml"
    config.write_text(
        f"[dock]\nid = 'LEW-03'\nstate_dir = '{folder}'\n[checkout]\n{checkout}\n", encoding="utf-8"
    )
    command = [sys.executable, "-m", "bwvdock.badge_reader", "--config", str(config)]
    return subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True)


def test_without_a_reader_it_ends_and_says_what_to_write(tmp_path: Path) -> None:
    process = started(tmp_path, "")
    _, said = process.communicate(timeout=60)
    assert process.returncode == 78  # which systemd does not start again
    assert "No badge reader is configured" in said
    assert "reader = " in said
