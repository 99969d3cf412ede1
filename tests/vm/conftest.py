"""What do all tests of the virtual dock share? The guest, docks that end, and what a failure shows.

Where QEMU or another tool is missing, these tests fail and say what to type; they are never skipped.
"""

import itertools
import tempfile
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import pytest

from tests.vm.dock import VirtualDock
from tests.vm.image import CACHE, GuestImage, base_image, overlay
from tests.vm.install import built_deb, install_deb
from tests.vm.station import CONFIG, Station

HERE = Path(__file__).parent
DOCKS = pytest.StashKey[list[VirtualDock]]()
STATIONS = pytest.StashKey[list[Station]]()
REMARKS = pytest.StashKey[list[str]]()

DockMaker = Callable[..., VirtualDock]  # of an image; network=True for one with a cable


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.vm)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.failed:
        for dock in item.config.stash.get(DOCKS, []):
            report.sections.append((f"the virtual dock on {dock.machine.disk.name}", dock.report()))
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    for station in config.stash.get(STATIONS, []):
        if station.peak:
            terminalreporter.write_line(
                f"The daemon's peak of memory (VmHWM) on {station.dock.machine.disk.stem}: "
                f"{max(station.peak.values())} KiB, of {station.memory_limit} KiB allowed"
            )
    for remark in config.stash.get(REMARKS, []):
        terminalreporter.write_line(remark)


@pytest.fixture(scope="session")
def base() -> GuestImage:
    """The guest without bwvdock; built where it is not in the cache."""
    return base_image()


@pytest.fixture(scope="session")
def workshop() -> Iterator[Path]:
    """A folder for disks and images, gone at the end: pytest's own stay for three runs, gigabytes each."""
    CACHE.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=CACHE.parent, prefix="vm-run-") as folder:
        yield Path(folder)


@pytest.fixture(scope="session")
def new_dock(workshop: Path, request: pytest.FixtureRequest) -> Iterator[DockMaker]:
    """Makes docks, switched off, each on an overlay of its own. All end with the session, at the latest."""
    docks = request.config.stash.setdefault(DOCKS, [])
    numbers = itertools.count(1)

    def make(image: GuestImage, *, network: bool = False) -> VirtualDock:
        disk = overlay(image.disk, workshop / f"dock-{next(numbers)}.qcow2", backing_format=image.disk_format)
        dock = VirtualDock(image, disk, network=network)
        docks.append(dock)
        return dock

    yield make
    while docks:
        docks.pop().remove()


@pytest.fixture(scope="session")
def bare_dock(base: GuestImage, new_dock: DockMaker) -> VirtualDock:
    """A running dock without bwvdock, booted once for all tests that leave it as they found it."""
    dock = new_dock(base)
    dock.start()
    return dock


@pytest.fixture(scope="session")
def new_station(
    base: GuestImage, new_dock: DockMaker, request: pytest.FixtureRequest
) -> Callable[..., Station]:
    """Makes docks with bwvdock, installed and named as an operator does it."""

    def make(*, network: bool = False) -> Station:
        deb = built_deb()
        dock = new_dock(base, network=network)
        dock.start()
        install_deb(dock, deb)
        dock.run(f"sed -i 's/^id = .*/id = \"dock-vm\"/' {CONFIG} && bwvdock config check")
        dock.run("systemctl restart bwvdock", timeout=120)
        made = Station(dock)
        request.config.stash.setdefault(STATIONS, []).append(made)
        return made

    return make


@pytest.fixture(scope="session")
def station(new_station: Callable[..., Station]) -> Station:
    """The one for all scenarios."""
    return new_station()


@pytest.fixture
def remark(request: pytest.FixtureRequest) -> Callable[[str], None]:
    """Has a line printed at the end of the run."""
    return request.config.stash.setdefault(REMARKS, []).append
