"""Is the configuration that the package installs right, and everything that it shows in comments too?"""

from __future__ import annotations

import re
from pathlib import Path

from bwvdock.config import settings
from bwvdock.core.clips.admission import Admission
from tests.architecture.tree import ROOT

INSTALLED = ROOT / "packaging" / "bwvdock.toml"
SHOWN = re.compile(r"^# (?=\[|[a-z_]+ = )", re.MULTILINE)


def test_a_dock_runs_on_it_and_says_that_it_has_no_name_yet() -> None:
    loaded = settings.load(INSTALLED)
    assert loaded.dock == "UNSET"
    assert loaded.admission is Admission.ENROLLED


def test_what_it_shows_in_comments_is_right(tmp_path: Path) -> None:
    uncommented, shown = SHOWN.subn("", INSTALLED.read_text())
    assert shown >= 10
    file = tmp_path / "bwvdock.toml"
    file.write_text(uncommented)
    assert [d.kind for d in settings.load(file).destinations] == ["directory", "tus", "s3"]
