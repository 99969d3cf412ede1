"""Do two builds of one commit give the same bytes, whoever makes them, where and when?"""

from __future__ import annotations

import hashlib
import subprocess
from pathlib import Path

from tests.packaging.built.building import Package, build, copy_of_the_tree


def test_another_folder_time_umask_and_language_give_the_same_package(
    package: Package, tmp_path: Path
) -> None:
    other = copy_of_the_tree(tmp_path / "another folder" / "deeper")
    subprocess.run(["chmod", "-R", "go-rwx", other / "bwvdock", other / "docs"], check=True)
    subprocess.run(["find", other, "-type", "f", "-exec", "touch", "-d", "1999-12-31", "{}", "+"], check=True)
    told = {"TZ": "Asia/Kathmandu", "LC_ALL": "de_DE.UTF-8", "HOME": str(tmp_path), "COLUMNS": "40"}
    again = build(other, package.target, **told)
    assert (
        hashlib.sha256(again.deb.read_bytes()).digest() == hashlib.sha256(package.deb.read_bytes()).digest()
    )
