"""Do the links of the documentation work where the package puts it?"""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.architecture import texts
from tests.architecture.tree import ROOT


@pytest.mark.slow
def test_every_relative_link_works_on_a_dock(tmp_path: Path) -> None:
    subprocess.run([ROOT / "packaging/install-docs.sh", tmp_path], check=True)
    installed = {
        path.relative_to(tmp_path).as_posix(): path.read_text(encoding="utf-8")
        for path in tmp_path.rglob("*.md")
    }
    assert {"README.md", "CHANGELOG.md", "docs/README.md"} <= set(installed)
    monitoring = {path.name for path in (ROOT / "docs/monitoring").iterdir()}
    assert {path.name for path in (tmp_path / "docs/monitoring").iterdir()} == monitoring
    assert [
        hit
        for path, text in installed.items()
        for hit in texts.dead_links(path, text, exists=lambda target: (tmp_path / target).exists())
    ] == []


def test_the_package_installs_them_so() -> None:
    script = (ROOT / "packaging/build-deb.sh").read_text(encoding="utf-8")
    assert 'packaging/install-docs.sh "$doc"' in script
