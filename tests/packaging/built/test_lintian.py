"""Does Debian's own checker find anything that is not explained?"""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT
from tests.packaging.built.building import Package

OVERRIDES = ROOT / "packaging/deb/lintian-overrides"


@pytest.mark.skipif(
    not shutil.which("lintian"), reason="NOT TESTED: lintian is not installed; make test does it"
)
def test_lintian_says_nothing_that_is_not_explained(package: Package, tmp_path: Path) -> None:
    """An override that is not needed any more is a finding too."""
    said = subprocess.run(
        ["lintian", "--display-info", "--pedantic", "--allow-root", "--fail-on", "pedantic", package.deb],
        check=False,
        capture_output=True,
        text=True,
        env={"PATH": "/usr/bin:/bin", "TMPDIR": str(tmp_path), "LC_ALL": "C"},
    )
    findings = [line for line in said.stdout.splitlines() if line.startswith(("E:", "W:", "I:", "P:"))]
    assert findings == []
    assert said.returncode == 0, said.stderr


def test_every_override_has_its_reason() -> None:
    blocks = OVERRIDES.read_text(encoding="utf-8").strip().split("\n\n")
    assert all(re.match(r"(# .+\n)+(bwvdock: .+\n?)+$", block) for block in blocks)
