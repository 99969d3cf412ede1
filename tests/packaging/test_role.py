"""Is the role for Ansible right, as far as that is seen without a dock? tests/vm/test_role.py has one."""

from __future__ import annotations

import os
import re
import subprocess
import tomllib
from pathlib import Path

import pytest

from bwvdock.config import settings
from tests.architecture.tree import ROOT

ROLE = ROOT / "packaging/ansible/bwvdock"
PLAY = Path(__file__).parent / "ansible/play.yml"
VENV = ROOT / "build/ansible/venv/bin"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not VENV.exists(), reason="NOT TESTED: Ansible is not installed; make build/ansible/.is-in does it"
    ),
]


def ansible(home: Path, *command: str) -> str:
    """Run a program of Ansible's with a home of its own; return what it prints."""
    said = subprocess.run(
        [VENV / command[0], *command[1:]],
        check=False,
        cwd=home,
        capture_output=True,
        text=True,
        env={
            "PATH": f"{VENV}:{os.environ['PATH']}",
            "HOME": str(home),
            "LC_ALL": "C.UTF-8",
            "ANSIBLE_ROLES_PATH": str(ROLE.parent),
            "ANSIBLE_LOCALHOST_WARNING": "false",
        },
    )
    assert said.returncode == 0, said.stdout + said.stderr
    return said.stdout


def test_ansible_lint_finds_nothing(tmp_path: Path) -> None:
    """By its strictest profile."""
    copy = tmp_path / "roles" / "bwvdock"
    subprocess.run(["cp", "-r", "--", ROLE, tmp_path], check=True)
    copy.parent.mkdir()
    (tmp_path / "bwvdock").rename(copy)
    ansible(copy, "ansible-lint", "--offline", "--strict", "--profile", "production", "--nocolor")


def test_its_configuration_is_one_that_bwvdock_takes(tmp_path: Path) -> None:
    """The template alone, written into a folder by Ansible."""
    play = PLAY.read_text(encoding="utf-8")
    variables = play.partition("- role: bwvdock\n")[2]
    (tmp_path / "vars.yml").write_text(re.sub(r"^ {6}", "", variables, flags=re.MULTILINE))
    file = tmp_path / "bwvdock.toml"
    arguments = f"src={ROLE}/templates/bwvdock.toml.j2 dest={file}"
    ansible(
        tmp_path,
        *("ansible", "localhost", "-i", "localhost,", "-c", "local", "-m", "ansible.builtin.template"),
        *("-a", arguments, "-e", "@vars.yml", "-e", "ansible_python_interpreter=/usr/bin/python3"),
    )
    written = tomllib.loads(file.read_text(encoding="utf-8"))
    assert written["dock"] == {"id": "LEW-03", "site": "Lewisham", "log_level": "debug"}
    assert written["upload"]["window"] == [{"from": "22:00", "to": "06:00", "limit": "none"}]
    assert written["destination"][1]["headers"] == {"X-Force": 'Met "A"'}
    loaded = settings.load(file)
    assert [destination.name for destination in loaded.destinations] == ["vault", "county"]
    assert loaded.reread is False


def test_every_default_is_described() -> None:
    named = set(re.findall(r"^(bwvdock_\w+):", (ROLE / "defaults/main.yml").read_text(), re.MULTILINE))
    described = set(
        re.findall(r"^ {6}(bwvdock_\w+):", (ROLE / "meta/argument_specs.yml").read_text(), re.MULTILINE)
    )
    told = set(re.findall(r"^\| `(bwvdock_\w+)`", (ROLE / "README.md").read_text(), re.MULTILINE))
    assert named == described == told
