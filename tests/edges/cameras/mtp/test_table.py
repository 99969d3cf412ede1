"""Is every test that docs/reference/mtp.md points at really there, and is every knob of the camera turned?"""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

from tests.fakes.mtp.descriptors import Look
from tests.fakes.mtp.knobs import Change, Fault, Knobs

HERE = Path(__file__).parent
TESTS = HERE.parents[2]
TABLE = TESTS.parent / "docs/reference/mtp.md"
NO_KNOBS = {"vendor", "product", "manufacturer"}  # what a camera is called, not how it behaves


def test_the_table_of_behaviours_names_tests_that_exist() -> None:
    named = set(re.findall(r"`(test_\w+)`", TABLE.read_text(encoding="utf-8")))
    assert named
    assert named <= _tests(*HERE.glob("test_*.py"), *HERE.parent.glob("test_*.py"))


def test_the_table_of_what_was_seen_names_tests_that_exist() -> None:
    named = re.findall(r"`(test_\w+\.py)::(test_\w+)`", TABLE.read_text(encoding="utf-8"))
    assert named
    for file, test in named:
        assert test in _tests(TESTS / "vm" / file)


def test_every_knob_of_the_virtual_camera_is_turned_by_a_test() -> None:
    source = "".join(
        file.read_text(encoding="utf-8") for file in HERE.glob("test_*.py") if "any" not in file.stem
    )
    knobs = {field.name for kind in (Knobs, Look, Fault, Change) for field in fields(kind)} - NO_KNOBS
    assert {knob for knob in knobs if not re.search(rf"\b{knob}=", source)} == set()


def _tests(*files: Path) -> set[str]:
    sources = "".join(file.read_text(encoding="utf-8") for file in files)
    return set(re.findall(r"^def (test_\w+)", sources, re.MULTILINE))
