"""Do the locks agree with each other and with what pyproject.toml asks for?"""

from __future__ import annotations

import json
import re
import tomllib

from tests.architecture.tree import ROOT

PIN = re.compile(r"^([a-z0-9-]+)==(\S+) \\$", re.MULTILINE)


def _pins(lock: str) -> dict[str, str]:
    return dict(PIN.findall((ROOT / "requirements" / lock).read_text()))


def _asked_for(*, group: str = "", extra: str = "") -> set[str]:
    document = tomllib.loads((ROOT / "pyproject.toml").read_text())
    project = document["project"]
    wanted = document["dependency-groups"][group] if group else project["dependencies"]
    wanted = project["optional-dependencies"][extra] if extra else wanted
    names = {re.split(r"[][<>=~! ]", requirement)[0].lower() for requirement in wanted}
    return {re.sub(r"[-_.]+", "-", name) for name in names}


def test_everything_asked_for_is_pinned() -> None:
    assert _asked_for() <= _pins("runtime.txt").keys()
    assert _asked_for(extra="s3") <= _pins("runtime.txt").keys()
    assert _asked_for(group="dev") <= _pins("dev.txt").keys()
    assert _asked_for(group="manual") <= _pins("manual.txt").keys()
    assert _asked_for(group="inventory") <= _pins("inventory.txt").keys()
    assert _asked_for(group="ansible") <= _pins("ansible.txt").keys()


def test_tests_run_on_the_versions_that_are_shipped() -> None:
    assert _pins("runtime.txt").items() <= _pins("dev.txt").items()
    assert _pins("manual.txt").items() <= _pins("dev.txt").items()
    assert _pins("inventory.txt").items() <= _pins("dev.txt").items()


def test_what_the_package_is_built_with_is_not_in_it() -> None:
    built_with = _asked_for(group="manual") | _asked_for(group="inventory")
    # rich, which draws `status --watch`, needs one that the manual is made with as well.
    assert built_with & _pins("runtime.txt").keys() <= {"markdown-it-py"}
    assert not built_with & (_asked_for() | _asked_for(extra="s3"))


def test_servers_for_the_tests_are_the_versions_that_were_chosen() -> None:
    folder = ROOT / "tests/servers"
    chosen = dict(re.findall(r"^([a-z-]+)==(\S+)", (folder / "requirements.in").read_text(), re.MULTILINE))
    assert len(chosen) >= 5
    assert chosen.items() <= dict(PIN.findall((folder / "requirements.txt").read_text())).items()
    asked = json.loads((folder / "node/package.json").read_text())["dependencies"]
    locked = json.loads((folder / "node/package-lock.json").read_text())["packages"]
    assert asked == {name: locked[f"node_modules/{name}"]["version"] for name in asked}


def test_a_lock_holds_hashes_and_names_no_registry() -> None:
    locked = json.loads((ROOT / "tests/servers/node/package-lock.json").read_text())["packages"]
    packages = [package for name, package in locked.items() if name]
    assert all("integrity" in package and "resolved" not in package for package in packages)
    for lock in [*(ROOT / "requirements").glob("*.txt"), ROOT / "tests/servers/requirements.txt"]:
        text = lock.read_text()
        assert text.count("--hash=sha256:") >= len(PIN.findall(text)) > 0
        assert "://" not in text
