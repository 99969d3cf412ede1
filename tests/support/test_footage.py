"""Does a support bundle say by which rules footage is kept, and name no class?"""

from __future__ import annotations

import gzip
import json
import tarfile
from pathlib import Path

import pytest

from tests.operators.restricted import dock_with_a_restricted_clip


@pytest.mark.slow
def test_what_footage_means_is_said_in_numbers_and_no_class_is_named(tmp_path: Path) -> None:
    dock = dock_with_a_restricted_clip(tmp_path)
    with dock.config.file.open("a", encoding="utf-8") as file:
        file.write(
            '[retention]\ngrace_days = 7\n[[retention.class]]\nname = "firearms"\ndays = 90\n'
            'groups = ["bwvdock-firearms"]\n[reverify]\nevery = 30\n[events]\nbefore = 60\n'
        )
    target = tmp_path / "out.tar.gz"
    assert dock.run("support-bundle", "--to", str(target)) == 0
    with tarfile.open(target) as tar:
        [name] = [name for name in tar.getnames() if name.endswith("/configuration.json")]
        found = tar.extractfile(name)
        assert found is not None
        shown = json.load(found)
    assert (shown["retention"]["grace_days"], shown["retention"]["classes"]) == (7, 1)
    assert (shown["reverify"]["every_days"], shown["events"]["before_s"]) == (30, 60)
    with gzip.open(target) as whole:
        assert b"firearms" not in whole.read()
