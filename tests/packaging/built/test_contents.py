"""Is in the packages what belongs there, and for the processor and the Python that they are for?"""

from __future__ import annotations

import re
import struct
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from packaging.tags import Tag
from packaging.utils import parse_wheel_filename

from tests.architecture.tree import ROOT
from tests.extent import EXTENT, Extent
from tests.packaging.built.building import LIBRARY, TARGETS, Package, Target

# The nearest and the farthest, or all.
TRIED = TARGETS if EXTENT is Extent.NIGHTLY else (TARGETS[0], TARGETS[-1])
Built = Callable[[Target], Package]

every_target = pytest.mark.parametrize("target", TRIED, ids=str)


def read_elf(option: str, file: Path) -> str:
    return subprocess.run(
        ["readelf", option, "--wide", file], check=True, capture_output=True, text=True
    ).stdout


@every_target
def test_there_is_no_bytecode_and_nothing_that_was_left_by_the_build(built: Built, target: Target) -> None:
    names = {path.name for path in built(target).tree.rglob("*")}
    assert not [name for name in names if name.endswith((".pyc", ".orig", ".whl"))]
    assert not names & {"__pycache__", "RECORD", "REQUESTED", "INSTALLER", "direct_url.json"}


@every_target
def test_every_library_is_for_that_processor_and_that_python(built: Built, target: Target) -> None:
    package = built(target)
    assert len(package.libraries()) >= 3
    for library in package.libraries():
        head = library.read_bytes()[:20]
        assert head[:4] == b"\x7fELF"
        assert struct.unpack("<H", head[18:20]) == (target.elf_machine,), library
        tag = f".cpython-{target.python.replace('.', '')}-"
        assert tag in library.name or library.name.endswith(".abi3.so"), library
        needed = {int(minor) for minor in re.findall(r"GLIBC_2\.(\d+)", read_elf("--version-info", library))}
        assert max(needed) <= target.glibc, library


@every_target
def test_its_symbols_are_gone_and_what_the_loader_reads_is_as_the_wheel_has_it(
    built: Built, target: Target, tmp_path: Path
) -> None:
    package = built(target)
    wheels = {
        name: wheel
        for wheel in (ROOT / f"build/wheels/{target}").glob("*.whl")
        for name in zipfile.ZipFile(wheel).namelist()
    }
    for library in package.libraries():
        name = library.relative_to(package.tree / LIBRARY).as_posix()
        with zipfile.ZipFile(wheels[name]) as archive:
            original = Path(archive.extract(name, tmp_path))
        assert ".symtab" not in read_elf("--sections", library)
        assert (
            read_elf("--dyn-syms", library).split("\n")[3:]
            == read_elf("--dyn-syms", original).split("\n")[3:]
        )
        for field in ("NEEDED", "SONAME", "RUNPATH", "INIT_ARRAYSZ"):
            kept, given = (
                re.findall(rf"\({field}\).*", read_elf("--dynamic", file)) for file in (library, original)
            )
            assert kept == given, (library, field)


@every_target
def test_every_wheel_would_run_there(built: Built, target: Target) -> None:
    built(target)
    number = target.python.replace(".", "")
    machine = {62: "x86_64", 183: "aarch64"}[target.elf_machine]
    for wheel in (ROOT / f"build/wheels/{target}").glob("*.whl"):
        assert any(_runs(tag, number, machine) for tag in parse_wheel_filename(wheel.name)[3]), wheel


def _runs(tag: Tag, python: str, machine: str) -> bool:
    pure = tag.interpreter in {"py3", "py2.py3"} and tag.abi == "none"
    stable = tag.abi == "abi3" and int(tag.interpreter.removeprefix("cp")) <= int(python)
    own = tag.interpreter == tag.abi == f"cp{python}"
    return (pure or stable or own) and (tag.platform == "any" or tag.platform.endswith(f"_{machine}"))


@every_target
def test_it_asks_for_the_python_whose_libraries_it_has(built: Built, target: Target) -> None:
    package = built(target)
    minor = int(target.python.removeprefix("3."))
    depends = package.field("Depends").split(", ")
    assert {f"python3 (>= 3.{minor})", f"python3 (<< 3.{minor + 1})"} <= set(depends)
    assert package.field("Architecture") == target.arch


def test_an_upgrade_of_debian_finds_a_higher_version(built: Built) -> None:
    versions = [built(target).field("Version") for target in (TARGETS[0], TARGETS[-1])]
    subprocess.run(["dpkg", "--compare-versions", versions[0], "lt", versions[1]], check=True)


def test_its_maintainer_is_who_built_it_and_otherwise_an_address_that_nobody_has(built: Built) -> None:
    assert built(TARGETS[0]).field("Maintainer") == "bwvdock maintainers <maintainers@bwvdock.invalid>"
    assert built(TARGETS[-1]).field("Maintainer") == "Force R&D / IT <it@force.example.org>"


def test_it_runs_with_its_own_libraries_alone(package: Package) -> None:
    """Unpacked and not installed: the launcher finds the folder by another name."""
    script = f"""
import sys
sys.path.append({str(package.tree / LIBRARY)!r})
import _cffi_backend, cryptography.hazmat.bindings._rust, usb.core, watchdog.observers, xxhash
import botocore.session, prometheus_client, pyudev, structlog
from bwvdock.cli import main
sys.argv = ["bwvdock", "--version"]
main()
"""
    said = subprocess.run(
        ["/usr/bin/python3", "-ISB", "-c", script], check=False, capture_output=True, text=True
    )
    assert (said.returncode, said.stdout.split()[-1]) == (0, package.field("Version")), said.stderr


def test_documentation_and_licences_are_inside(package: Package) -> None:
    doc = package.tree / "usr/share/doc/bwvdock"
    assert {"README.md", "changelog.gz", "copyright", "docs", "sbom.cdx.json"} <= {
        path.name for path in doc.iterdir()
    }
    text = (doc / "copyright").read_text(encoding="utf-8")
    patterns = set(re.findall(r"usr/lib/bwvdock/[^ \n]+", text))
    for path in package.tree.joinpath(LIBRARY).iterdir():
        ours = path.name.startswith("bwvdock") or path.name == "verifier"
        named = {f"{LIBRARY}/{path.name}", f"{LIBRARY}/{path.name}/*"}
        assert ours or named & patterns, f"{path.name} has no licence"
