"""Does the package write the answers it was given where nobody has written, and nowhere else?"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT

INSTALLED = (ROOT / "packaging/bwvdock.toml").read_text(encoding="utf-8")


@pytest.fixture(name="file")
def _file(tmp_path: Path) -> Path:
    """The configuration as it is installed, and a `bwvdock` beside it that is this checkout's."""
    (tmp_path / "bwvdock").write_text(f'#!/bin/sh\nexec {sys.executable} -m bwvdock "$@"\n')
    (tmp_path / "bwvdock").chmod(0o755)
    file = tmp_path / "etc" / "bwvdock.toml"
    file.parent.mkdir()
    file.write_text(INSTALLED, encoding="utf-8")
    return file


def name_dock(file: Path, name: str, site: str = "") -> str:
    """Carry out `name_dock` of the postinst with another file; return what it says."""
    script = (ROOT / "packaging/deb/postinst").read_text(encoding="utf-8")
    functions = re.findall(r"^(?:has_no_name|name_dock)\(\) \{\n.*?^\}$", script, re.MULTILINE | re.DOTALL)
    assert len(functions) == 2
    functions = [text.replace("/etc/bwvdock/bwvdock.toml", str(file)) for text in functions]
    functions = [text.replace("sync /etc/bwvdock", f"sync {file.parent}") for text in functions]
    said = subprocess.run(
        ["sh", "-euc", "\n".join([*functions, 'name_dock "$1" "$2"']), "sh", name, site],
        check=True,
        cwd=ROOT,
        capture_output=True,
        text=True,
        env=os.environ | {"configuration": str(file), "PATH": f"{file.parents[1]}:{os.environ['PATH']}"},
    )
    assert [path.name for path in file.parent.iterdir()] == [file.name]
    return said.stdout


@pytest.mark.slow
@pytest.mark.parametrize(
    "site", ["", "Lewisham", 'the "old" yard \\ gate 2', "Zürich", "a & b | c / d", "$HOME `id`"]
)
def test_name_and_site_are_written_and_nothing_else_changes(file: Path, site: str) -> None:
    before = tomllib.loads(INSTALLED)
    file.chmod(0o640)
    assert name_dock(file, "LEW-03", site) == ""
    after = tomllib.loads(file.read_text(encoding="utf-8"))
    assert after["dock"].pop("id") == "LEW-03"
    assert after["dock"].pop("site", "") == site
    before["dock"].pop("id")
    assert after == before
    changed = zip(INSTALLED.splitlines(), file.read_text(encoding="utf-8").splitlines(), strict=True)
    assert sum(one != other for one, other in changed) == 1 + bool(site)
    assert file.stat().st_mode & 0o777 == 0o640


@pytest.mark.few(1)
@pytest.mark.parametrize("text", ['id = "LEW-02"', "id = 'unset' # mine"])
def test_what_somebody_wrote_stays(file: Path, text: str) -> None:
    """Also where it is no name yet: only the line as it was installed is replaced."""
    mine = INSTALLED.replace('id = "UNSET"', text)
    file.write_text(mine, encoding="utf-8")
    name_dock(file, "LEW-03", "Lewisham")
    assert file.read_text(encoding="utf-8") == mine


def test_no_answer_changes_nothing(file: Path) -> None:
    name_dock(file, "", "Lewisham")
    assert file.read_text(encoding="utf-8") == INSTALLED


@pytest.mark.slow
@pytest.mark.parametrize("name", ["two words", "-x", "a" * 65, "UNSET", 'x"\nid = "y'])
def test_an_answer_that_is_no_name_is_not_written(file: Path, name: str) -> None:
    assert "could not be written" in name_dock(file, name)
    assert file.read_text(encoding="utf-8") == INSTALLED


@pytest.mark.parametrize(
    "name,right",
    [("LEW-03", True), ("a", True), ("a" * 64, True), ("a" * 65, False), ("Unset", False), (".x", False)],
)
def test_the_question_knows_a_name(name: str, *, right: bool) -> None:
    """`is_a_name` of the config script and the configuration agree."""
    script = (ROOT / "packaging/deb/config").read_text(encoding="utf-8")
    [function] = re.findall(r"^is_a_name\(\) \{\n.*?^\}$", script, re.MULTILINE | re.DOTALL)
    asked = subprocess.run(["sh", "-c", f'{function}\nis_a_name "$1"', "sh", name], check=False)
    assert (asked.returncode == 0) is right


def test_the_installed_configuration_is_nobodys_conffile() -> None:
    """An upgrade of hundreds of docks must not ask, and not stop because nobody answers."""
    script = (ROOT / "packaging/build-deb.sh").read_text(encoding="utf-8")
    assert '"$root/usr/share/bwvdock/bwvdock.toml"' in script
    assert "DEBIAN/conffiles" not in script
