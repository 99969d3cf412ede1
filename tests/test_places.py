"""Where do tests write: to a disk wherever it is a disk that they are about?"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.extent import EXTENT, Extent
from tests.places import FOLDERS_OF_RULES, ROOT, in_memory, needs_disk


def test_each_folder_of_rules_is_there() -> None:
    assert [name for name in FOLDERS_OF_RULES if not (ROOT / "tests" / name).is_dir()] == []


def test_what_is_about_disks_is_not_among_them() -> None:
    assert not FOLDERS_OF_RULES & {"backup", "contracts", "crash", "edges", "interop", "mounter", "service"}


@pytest.mark.slow
def test_another_test_writes_to_a_disk(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    assert needs_disk(request.node)
    memory = in_memory()
    assert EXTENT is Extent.CHECK or memory is None or not tmp_path.is_relative_to(memory)
