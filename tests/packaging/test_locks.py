"""Do the locks agree with each other and with what pyproject.toml asks for?"""

from __future__ import annotations

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
    return {re.split(r"[][<>=~! ]", requirement)[0].lower() for requirement in wanted}


def test_everything_asked_for_is_pinned() -> None:
    assert _asked_for() <= _pins("runtime.txt").keys()
    assert _asked_for(extra="s3") <= _pins("runtime.txt").keys()
    assert _asked_for(group="dev") <= _pins("dev.txt").keys()


def test_tests_run_on_the_versions_that_are_shipped() -> None:
    assert _pins("runtime.txt").items() <= _pins("dev.txt").items()
