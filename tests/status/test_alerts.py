"""Is the text of every alert where its name says that it is?"""

from __future__ import annotations

import ast
import re
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Any

import pytest

from bwvdock.core.visible_text import quoted
from bwvdock.status.alerts import AlertCode
from bwvdock.status.values import CameraState
from tests.architecture.syntax import functions_of, nodes_of
from tests.architecture.tree import sources
from tests.status.test_status import LIVE, camera, look

CATALOGUE = "bwvdock/status/alerts/__init__.py"
OTHERS_MAY_NAME = {
    "bwvdock/cli/output/status_text.py",  # it decides the headline by two of them
    "bwvdock/status/report.py",  # it asks whether the daemon raised one already
    "bwvdock/status/alert_order.py",  # it decides whose remedy comes first
    "bwvdock/notify/decide.py",  # a target is not notified that it takes nothing itself
    "bwvdock/doctor/findings.py",  # it says whose business each is
    "bwvdock/metrics/figures.py",  # it says by one of them whether the clock is synchronised
}


def naming() -> dict[str, str]:
    """Return the modules that name codes, and their text: to parse all the others takes a second."""
    return {path: source for path, source in sources("bwvdock").items() if "AlertCode" in source}


def places() -> dict[str, set[str]]:
    """Return for each code the modules that name it."""
    found: dict[str, set[str]] = {code.name: set() for code in AlertCode}
    for path, source in naming().items():
        for node in nodes_of(source):
            match node:
                case ast.Attribute(value=ast.Name(id="AlertCode"), attr=name):
                    found[name].add(path)
    return found


def test_an_alert_is_made_in_one_module_by_the_function_of_its_name() -> None:
    functions = {path: {f.name for f in functions_of(source)} for path, source in naming().items()}
    for code, paths in places().items():
        [path] = paths - OTHERS_MAY_NAME
        assert PurePosixPath(path).parent == PurePosixPath(CATALOGUE).parent
        assert code.lower() in functions[path], f"{path} has no {code.lower()}"


def test_the_catalogue_names_the_module_of_each_alert() -> None:
    [named] = re.findall(r"class AlertCode.*?\n\n\n", sources("bwvdock")[CATALOGUE], re.DOTALL)
    module, listed = "", {}
    for line in named.splitlines():
        if comment := re.match(r"    # (\w+\.py)$", line):
            module = comment[1]
        elif code := re.match(r"    ([A-Z_]+) = ", line):
            listed[code[1]] = module
    made = {
        code: [PurePosixPath(p).name for p in paths - OTHERS_MAY_NAME] for code, paths in places().items()
    }
    assert made == {code: [module] for code, module in listed.items()}


def test_nothing_else_makes_alerts() -> None:
    makers = [
        path
        for path, source in sources("bwvdock").items()
        if re.search(r"\bAlert\b", source)
        for node in nodes_of(source)
        if isinstance(node, ast.Attribute) and node.attr in {"warning", "error"}
        if isinstance(node.value, ast.Name) and node.value.id == "Alert"
    ]
    assert {str(PurePosixPath(path).parent) for path in makers} == {"bwvdock/status/alerts"}


@pytest.mark.parametrize("state", CameraState)
@pytest.mark.parametrize("more", [{}, {"other_bay": "2"}])
def test_a_serial_in_a_remedy_is_one_word_of_a_shell(state: CameraState, more: dict[str, Any]) -> None:
    serial = "CAM-17;curl${IFS}x|sh"
    docked = camera(
        serial=serial, state=state, clips_left=1, files_unknown=1, marks_ignored="read-only bit", **more
    )
    remedies = [alert.remedy for alert in look(live=replace(LIVE, cameras=(docked,))).alerts]
    assert any(serial in remedy for remedy in remedies)
    assert not [remedy for remedy in remedies if serial in remedy.replace(quoted(serial), "")]
