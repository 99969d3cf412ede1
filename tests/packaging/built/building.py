"""Builds packages for tests: in a copy of the tree, so that nobody's dist/ changes under their hands."""

from __future__ import annotations

import fcntl
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from tests.architecture.tree import ROOT
from tests.extent import EXTENT, Extent
from tests.places import unmeasured

LIBRARY = Path("usr/lib/bwvdock")
# Compressing is five sixths of what a build costs. The virtual dock installs what is compressed as for users.
_QUICKLY = {} if EXTENT is Extent.NIGHTLY else {"DPKG_DEB_COMPRESSOR_LEVEL": "0"}


@dataclass(frozen=True, kw_only=True)
class Target:
    """For which Debian and processor a package is built, and what must then be in it.

    Attributes:
        python: the version of that Debian's python3.
        elf_machine: the number of the processor in the head of an ELF file.
        glibc: the minor version of that Debian's glibc 2.
        maintainer: what whoever builds it says of themselves, in the environment.
    """

    distro: str
    arch: str
    python: str
    elf_machine: int
    glibc: int
    maintainer: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.distro}-{self.arch}"


TARGETS = (
    Target(distro="bookworm", arch="amd64", python="3.11", elf_machine=62, glibc=36),
    Target(distro="bookworm", arch="arm64", python="3.11", elf_machine=183, glibc=36),
    Target(distro="trixie", arch="amd64", python="3.13", elf_machine=62, glibc=41),
    Target(
        distro="trixie",
        arch="arm64",
        python="3.13",
        elf_machine=183,
        glibc=41,
        maintainer={"DEBFULLNAME": "Force R&D / IT", "DEBEMAIL": "it@force.example.org"},
    ),
)


@dataclass(frozen=True)
class Package:
    """A package that was built, and its files beside it."""

    deb: Path
    target: Target

    @cached_property
    def tree(self) -> Path:
        """Its files, unpacked."""
        folder = self.deb.with_suffix("")
        if not folder.exists():
            subprocess.run(["dpkg-deb", "-x", self.deb, folder], check=True)
        return folder

    def field(self, name: str) -> str:
        """Return a field of its control file."""
        shown = subprocess.run(["dpkg-deb", "-f", self.deb, name], check=True, capture_output=True, text=True)
        return shown.stdout.strip()

    def libraries(self) -> list[Path]:
        """Return its compiled libraries."""
        return sorted(self.tree.joinpath(LIBRARY).rglob("*.so*"))


# What a package is built from.
SOURCES = (
    *("bwvdock", "docs", "inventory", "manual", "packaging", "requirements", "systemd", "udev-rules"),
    *("verifier", "*.md"),
)


def copy_of_the_tree(folder: Path) -> Path:
    """Copy the sources that git knows, or would, into a new folder; what was downloaded is shared."""
    named = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", *SOURCES]
    files = subprocess.run(named, cwd=ROOT, check=True, capture_output=True).stdout
    there = b"".join(
        name + b"\0" for name in files.split(b"\0") if name and (ROOT / os.fsdecode(name)).exists()
    )
    folder.mkdir(parents=True)
    copy = ["xargs", "-0", "cp", "--parents", "--no-preserve=mode,timestamps", "-t", str(folder)]
    subprocess.run(copy, cwd=ROOT, check=True, input=there)
    subprocess.run(["chmod", "-R", "u+x", folder / "packaging"], check=True)
    (ROOT / "build/wheels").mkdir(parents=True, exist_ok=True)
    (folder / "build").mkdir()
    for name in (".git", ".venv", "build/wheels"):
        (folder / name).symlink_to(ROOT / name)
    return folder


def build(tree: Path, target: Target, **environment: str) -> Package:
    """Build the package of a copy of the tree."""
    given = unmeasured() | {"DISTRO": target.distro, "ARCH": target.arch} | _QUICKLY | environment
    with (ROOT / "build/wheels/.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # one download of wheels, and one build at a time
        subprocess.run(
            [tree / "packaging/build-deb.sh"], check=True, env=given, capture_output=True, text=True
        )
    [deb] = (tree / "dist").rglob(f"*_{target.arch}.deb")
    return Package(deb, target)
