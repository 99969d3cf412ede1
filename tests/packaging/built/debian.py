"""A root file system of a Debian that is not this machine's, in which a package is installed and run."""

from __future__ import annotations

import fcntl
import hashlib
import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.architecture.tree import ROOT

CACHE = ROOT / "build/debian"
# What the package asks for, so that it is installed without any network.
PACKAGES = "ca-certificates,dbus,init-system-helpers,libudev1,libusb-1.0-0,passwd,python3,systemd,udev"
# In a mount and network namespace of its own, which end with the command.
INSIDE = """
mount -t proc proc /proc
mount -t tmpfs tmpfs /run
mount -t tmpfs tmpfs /tmp
mount -t devtmpfs dev /dev
export DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 HOME=/root
"""


@dataclass(frozen=True)
class Root:
    """The folder of a root file system."""

    folder: Path

    def run(self, command: str) -> subprocess.CompletedProcess[str]:
        """Run a shell command in it, as root and without a network."""
        return subprocess.run(
            ["unshare", "--mount", "--net", "chroot", self.folder, "sh", "-ec", f"{INSIDE}\n{command}"],
            check=False,
            capture_output=True,
            text=True,
            env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"},
        )


@contextmanager
def debian(release: str) -> Iterator[Root]:
    """Yield a new root file system of a release; what was downloaded for it is kept in build/debian."""
    CACHE.mkdir(parents=True, exist_ok=True)
    kept = CACHE / f"{release}-{hashlib.sha256(PACKAGES.encode()).hexdigest()[:12]}.tar"
    with (CACHE / "lock").open("w") as lock, tempfile.TemporaryDirectory(dir=CACHE) as work:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not kept.exists():
            made = Path(work) / "made.tar"
            command = ["mmdebstrap", "--quiet", "--mode=root", "--variant=minbase", f"--include={PACKAGES}"]
            options = ["--aptopt=Acquire::Languages none", "--dpkgopt=force-unsafe-io"]
            subprocess.run(
                [*command, *options, release, made, *_sources(release)],
                check=True,
                env=os.environ | {"TMPDIR": work},
            )
            made.rename(kept)
        folder = Path(work) / "root"
        folder.mkdir()
        subprocess.run(["tar", "-xf", kept, "-C", folder], check=True)
        yield Root(folder)


def _sources(release: str) -> list[str]:
    """Return where this machine's apt gets Debian from, for another release."""
    asked = ["apt-get", "indextargets", "--format", "$(REPO_URI)", "Created-By: Packages", "Origin: Debian"]
    found = subprocess.run(asked, check=True, capture_output=True, text=True).stdout.split()
    [address] = {uri for uri in found if "security" not in uri}
    return [f"deb {address} {name} main" for name in (release, f"{release}-updates")]
