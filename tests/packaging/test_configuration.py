"""Is the configuration that the package installs right, and everything that it shows in comments too?"""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from bwvdock.config import settings
from bwvdock.config.placeholders import placeholders
from bwvdock.core.clips.admission import Admission
from tests.architecture.tree import ROOT

INSTALLED = ROOT / "packaging" / "bwvdock.toml"
SHOWN = re.compile(r"^# (?=\[|[a-z_]+ = )", re.MULTILINE)


def test_nothing_in_it_is_wrong_but_that_the_dock_has_no_name_yet() -> None:
    loaded = settings.load(INSTALLED)
    assert loaded.dock == "UNSET"
    assert loaded.admission is Admission.ENROLLED
    assert [mistake.key for mistake in placeholders(loaded)] == ["dock.id"]


@pytest.mark.parametrize(
    "line,has_none",
    [
        ('id = "UNSET"', True),
        ("  id='unset' # to be set", True),
        ('id = "LEW-03"', False),
        ('site = "UNSET"', False),
        ('# id = "UNSET"', False),
        ('id = "UNSET-03"', False),
    ],
)
def test_the_package_starts_a_dock_only_where_it_would_run(
    tmp_path: Path, line: str, *, has_none: bool
) -> None:
    """`has_no_name` of the postinst and `bwvdock run` agree."""
    script = (ROOT / "packaging" / "deb" / "postinst").read_text(encoding="utf-8")
    [function] = re.findall(r"^has_no_name\(\) \{\n.*?^\}$", script, re.MULTILINE | re.DOTALL)
    file = tmp_path / "bwvdock.toml"
    file.write_text(f"[dock]\n{line}\n", encoding="utf-8")
    asked = function.replace("/etc/bwvdock/bwvdock.toml", str(file))
    found = subprocess.run(["sh", "-c", f"{asked}\nhas_no_name"], check=False)
    assert (found.returncode == 0) is has_none
    if not line.startswith(("site", "#")):  # in these the id is missing, which is another mistake
        assert bool(list(placeholders(settings.load(file)))) is has_none


def test_what_it_shows_in_comments_is_right(tmp_path: Path) -> None:
    uncommented, shown = SHOWN.subn("", INSTALLED.read_text())
    assert shown >= 10
    file = tmp_path / "bwvdock.toml"
    file.write_text(uncommented)
    assert [d.kind for d in settings.load(file).destinations] == ["directory", "tus", "s3"]


def test_it_names_every_section(tmp_path: Path) -> None:
    reader = (ROOT / "bwvdock/config/settings.py").read_text(encoding="utf-8")
    sections = set(re.findall(r'root\.tables?\("(\w+)"\)', reader))
    for several in re.findall(r"root\.table\(name\) for name in \(([^)]+)\)", reader):
        sections |= set(re.findall(r"\w+", several))
    assert {"dock", "destination", "custody"} <= sections
    named = set(re.findall(r"^(?:# )?\[\[?(\w+)", INSTALLED.read_text(encoding="utf-8"), re.MULTILINE))
    assert sections == named


def test_a_name_is_all_that_it_lacks(tmp_path: Path) -> None:
    file = tmp_path / "bwvdock.toml"
    file.write_text(INSTALLED.read_text(encoding="utf-8").replace("UNSET", "LEW-03"), encoding="utf-8")
    assert list(placeholders(settings.load(file))) == []
