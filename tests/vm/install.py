"""How does a package get onto the dock? As an operator does it: `apt install ./package.deb`, no network."""

from pathlib import Path

from tests.vm.dock import VirtualDock
from tests.vm.image import VirtualDockError

DIST = Path(__file__).parents[2] / "dist"


def install_deb(dock: VirtualDock, deb: Path) -> None:
    """Installs a package on a running dock. Raises CommandFailedError with all that apt said."""
    dock.push(f"/root/{deb.name}", deb.read_bytes())
    apt = "DEBIAN_FRONTEND=noninteractive apt-get -q -o Dpkg::Use-Pty=0"
    dock.run(f"cd /root && {apt} install -y ./{deb.name} </dev/null 2>&1", timeout=600)


def built_deb() -> Path:
    """The package that `make deb` made. Raises VirtualDockError where there is none."""
    packages = sorted(DIST.glob("bwvdock_*.deb"), key=lambda deb: deb.stat().st_mtime)
    if not packages:
        raise VirtualDockError(f"There is no package in {DIST.name}/ to install; type: make deb")
    return packages[-1]
