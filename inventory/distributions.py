"""Which Python packages are truly in the package, and is each there that another needs?"""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from email.message import Message
from email.parser import BytesParser
from pathlib import Path, PurePosixPath
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name, parse_wheel_filename

LIBRARY = "usr/lib/bwvdock"
_LICENCE_OF_CLASSIFIER = {
    "License :: OSI Approved :: BSD License": "BSD-3-Clause",
    "License :: OSI Approved :: MIT License": "MIT",
    "License :: OSI Approved :: Apache Software License": "Apache-2.0",
}


class InventoryError(Exception):
    """What is in the package does not agree with the wheels, or is not whole."""


# packaging/trim-python.sh takes these away: rich draws a screen without (tests/packaging/test_trimmed.py).
_LEFT_OUT = frozenset({"markdown-it-py", "pygments"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Target:
    """What the package is for: the Python version of its Debian ("3.11") and the processor ("aarch64")."""

    python: str
    machine: str

    def environment(self) -> dict[str, str]:
        """Return what the markers of requirements are evaluated against."""
        return {
            "python_version": self.python,
            "python_full_version": f"{self.python}.0",
            "implementation_name": "cpython",
            "platform_python_implementation": "CPython",
            "platform_machine": self.machine,
            "platform_system": "Linux",
            "sys_platform": "linux",
            "os_name": "posix",
            "extra": "",
        }


@dataclass(frozen=True, kw_only=True, slots=True)
class Distribution:
    """A Python package that is in the package, with the wheel that it came in.

    Attributes:
        files: the paths below LIBRARY that are there of it.
        requires: the names of the distributions that it needs there, without those that nothing loads.
        boms: the bills of materials that its own makers put into it (PEP 770).
        licences: the texts of its licences, by their file's name.
    """

    name: str
    version: str
    authors: str
    licence: str
    wheel: str
    sha256: str
    files: tuple[str, ...]
    requires: frozenset[str]
    boms: tuple[Mapping[str, Any], ...]
    licences: Mapping[str, str]

    @property
    def top(self) -> tuple[str, ...]:
        """Return what is there of it at the top of LIBRARY, sorted."""
        return tuple(sorted({PurePosixPath(file).parts[0] for file in self.files}))

    @property
    def binaries(self) -> tuple[str, ...]:
        """Return its compiled libraries."""
        return tuple(file for file in self.files if ".so" in PurePosixPath(file).suffixes)


def distributions(root: Path, wheels: Path, target: Target) -> list[Distribution]:
    """Return the Python packages in the package's tree, by name.

    Raises:
        InventoryError: a file is there that no wheel has, or a package is missing that another needs.
    """
    library = root / LIBRARY
    there = {path.relative_to(library).as_posix() for path in library.rglob("*") if path.is_file()}
    found = []
    for wheel in sorted(wheels.glob("*.whl")):
        with zipfile.ZipFile(wheel) as archive:
            inside = set(archive.namelist()) & there
            [metadata] = [name for name in archive.namelist() if name.endswith(".dist-info/METADATA")]
        if metadata in inside:
            found.append(_distribution(library, wheel, metadata, inside, target))
    _check_that_none_is_missing(found, target)
    ours = {file for file in there if file.startswith(("bwvdock", "verifier/"))}
    if strange := there - ours - {file for distribution in found for file in distribution.files}:
        raise InventoryError(f"No wheel has these files of the package: {sorted(strange)[:5]}")
    return sorted(found, key=lambda distribution: distribution.name)


def _distribution(
    library: Path, wheel: Path, metadata: str, inside: set[str], target: Target
) -> Distribution:
    said = BytesParser().parsebytes((library / metadata).read_bytes())
    name, version, _, tags = parse_wheel_filename(wheel.name)
    folder = PurePosixPath(metadata).parent
    if not any(tag.platform == "any" or tag.platform.endswith(target.machine) for tag in tags):
        raise InventoryError(f"{wheel.name} is for another processor than {target.machine}")
    texts = {
        PurePosixPath(file).name: (library / file).read_text(encoding="utf-8", errors="replace")
        for file in sorted(inside)
        if file.startswith(f"{folder}/") and PurePosixPath(file).name.startswith(("LICEN", "COPYING"))
    }
    boms = (file for file in sorted(inside) if file.startswith(f"{folder}/sboms/"))
    return Distribution(
        name=name,
        version=str(version),
        authors=str(said["Author"] or said["Author-email"]),
        licence=licence_of(said),
        wheel=wheel.name,
        sha256=hashlib.sha256(wheel.read_bytes()).hexdigest(),
        files=tuple(sorted(inside)),
        requires=frozenset(_requires(said, target)) - _LEFT_OUT,
        boms=tuple(json.loads((library / file).read_bytes()) for file in boms),
        licences=texts,
    )


def licence_of(metadata: Message) -> str:
    """Return the SPDX expression of a package's licence, from the older fields where it has none."""
    if expression := metadata["License-Expression"]:
        return str(expression)
    classifiers = map(str, metadata.get_all("Classifier") or ())
    named = [_LICENCE_OF_CLASSIFIER[kind] for kind in classifiers if kind in _LICENCE_OF_CLASSIFIER]
    return " OR ".join(sorted(named)) or str(metadata["License"])


def _requires(metadata: Message, target: Target) -> Iterator[str]:
    for line in metadata.get_all("Requires-Dist") or ():
        requirement = Requirement(str(line))
        if requirement.marker is None or requirement.marker.evaluate(target.environment()):
            yield canonicalize_name(requirement.name)


def _check_that_none_is_missing(found: list[Distribution], target: Target) -> None:
    names = {distribution.name for distribution in found}
    for distribution in found:
        if missing := distribution.requires - names:
            raise InventoryError(
                f"{distribution.name} needs {', '.join(sorted(missing))} on Python {target.python}, "
                "which is not in the package"
            )
