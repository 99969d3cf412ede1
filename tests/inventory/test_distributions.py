"""Does the inventory refuse a package whose parts it does not know, or that lacks one?"""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from inventory.bill import bill
from inventory.copyright import stanzas
from inventory.distributions import LIBRARY, InventoryError, Target, distributions

HERE = Target(python="3.11", machine="x86_64")
PURE = "py3-none-any"


@pytest.fixture(name="places")
def _places(tmp_path: Path) -> tuple[Path, Path]:
    root, wheels = tmp_path / "root", tmp_path / "wheels"
    (root / LIBRARY).mkdir(parents=True)
    wheels.mkdir()
    return root, wheels


def add(places: tuple[Path, Path], name: str, *requires: str, tag: str = PURE, licence: str = "MIT") -> None:
    """Make a wheel, and unpack it into the tree."""
    root, wheels = places
    metadata = (
        f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\nAuthor: Ann\nLicense-Expression: {licence}\n"
    )
    metadata += "".join(f"Requires-Dist: {requirement}\n" for requirement in requires)
    wheel = wheels / f"{name}-1.0-{tag}.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr(f"{name}.py", "")
        archive.writestr(f"{name}-1.0.dist-info/METADATA", metadata)
        archive.writestr(f"{name}-1.0.dist-info/LICENSE", "Copyright (c) 2026 Ann\n\nDo as you like.\n")
    zipfile.ZipFile(wheel).extractall(root / LIBRARY)


def test_what_is_there_is_listed(places: tuple[Path, Path]) -> None:
    add(places, "one", "two>=1; python_version >= '3.10'", "three; extra == 'more'")
    add(places, "two")
    one, two = distributions(*places, HERE)
    assert (one.name, one.top) == ("one", ("one-1.0.dist-info", "one.py"))
    assert one.requires == {"two"}
    assert two.requires == frozenset()


def test_a_wheel_that_was_taken_out_again_is_not(places: tuple[Path, Path]) -> None:
    add(places, "one")
    for path in sorted((places[0] / LIBRARY).rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    assert distributions(*places, HERE) == []


def test_what_another_needs_must_be_there(places: tuple[Path, Path]) -> None:
    add(places, "one", "two; python_version >= '3.13'")
    assert len(distributions(*places, HERE)) == 1
    with pytest.raises(InventoryError, match=r"one needs two on Python 3\.13"):
        distributions(*places, Target(python="3.13", machine="x86_64"))


def test_a_file_that_no_wheel_has_is_refused(places: tuple[Path, Path]) -> None:
    add(places, "one")
    (places[0] / LIBRARY / "bwvdock").mkdir()
    (places[0] / LIBRARY / "bwvdock" / "ours.py").touch()
    assert len(distributions(*places, HERE)) == 1
    (places[0] / LIBRARY / "strange.py").touch()
    with pytest.raises(InventoryError, match=r"strange\.py"):
        distributions(*places, HERE)


def test_a_wheel_for_another_processor_is_refused(places: tuple[Path, Path]) -> None:
    add(places, "one", tag="cp311-cp311-manylinux_2_17_aarch64")
    with pytest.raises(InventoryError, match="another processor"):
        distributions(*places, HERE)


def test_the_copyright_file_names_whom_the_licence_names(places: tuple[Path, Path]) -> None:
    add(places, "one", licence="MIT OR Apache-2.0")
    text = stanzas("Files: *\n", distributions(*places, HERE))
    assert "Files: usr/lib/bwvdock/one-1.0.dist-info/* usr/lib/bwvdock/one.py\n" in text
    assert "Copyright: 2026 Ann\nLicense: MIT or Apache-2.0\n" in text
    assert "  Do as you like.\n" in text


def test_the_same_package_has_the_same_bill(places: tuple[Path, Path]) -> None:
    add(places, "one")
    found = distributions(*places, HERE)
    assert bill(places[0], "0.1", 0, found) == bill(places[0], "0.1", 0, found)
    assert bill(places[0], "0.1", 0, found) != bill(places[0], "0.2", 0, found)
