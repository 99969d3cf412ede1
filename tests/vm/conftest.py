"""What do all tests of the virtual dock share? The guest, docks that end, and what a failure shows.

Where QEMU or another tool is missing, these tests fail and say what to type; they are never skipped.
"""

import itertools
import tempfile
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import pytest

from tests.vm import saved
from tests.vm.dock import VirtualDock
from tests.vm.image import CACHE, GuestImage, base_image, overlay
from tests.vm.station import Station
from tests.vm.tpm import Tpm

HERE = Path(__file__).parent
DOCKS = pytest.StashKey[list[VirtualDock]]()
PEAK, REMARK = "daemon_peak_and_limit_kib", "remark"

DockMaker = Callable[..., VirtualDock]  # of an image; network=True for one with a cable
# The scenarios of a file share a dock and run in one process. These take longest; begun last, one would run
# alone at the end beside an idle processor. `--no-loadscope-reorder` (Makefile) keeps this order. The first
# two that .ci/run does not omit need no dock with bwvdock: they run while it is installed.
LONGEST = (
    "test_role",
    "test_pages",
    "test_encryption",
    "test_first_hour",
    "test_harness",
    "test_power",
    "test_doctor",
    "test_upload",
    "test_hostile_media",
    "test_put_back",
    "test_bad_disk",
    "test_upgrade",
    "test_package",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    ours = [item for item in items if HERE in item.path.parents]
    for item in ours:
        item.add_marker(pytest.mark.vm)
    first = {name: place for place, name in enumerate(LONGEST)}
    ours.sort(key=lambda item: first.get(item.path.stem, len(LONGEST)))
    items[:] = [*(item for item in items if HERE not in item.path.parents), *ours]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.failed:
        for dock in item.config.stash.get(DOCKS, []):
            if not dock.machine.home.exists():
                continue
            report.sections.append((f"the virtual dock on {dock.machine.disk.name}", dock.report()))
    if report.when == "call":
        funcargs = item.funcargs if isinstance(item, pytest.Function) else {}
        for station in funcargs.values():
            if isinstance(station, Station) and station.peak:
                report.user_properties.append((PEAK, (max(station.peak.values()), station.memory_limit)))
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What tests ask to be printed, and how much memory the daemon took; from whichever process ran them."""
    told = [report for kind in terminalreporter.stats.values() for report in kind]
    reports = [report for report in told if isinstance(report, pytest.TestReport) and report.when == "call"]
    peaks: dict[str, tuple[int, int]] = {}
    for report in reports:
        for name, said in report.user_properties:
            if name == PEAK and isinstance(said, list | tuple):
                peak, limit = said
                file = report.nodeid.partition("::")[0]
                peaks[file] = max(peaks.get(file, (0, 0)), (peak, limit))
            elif name == REMARK:
                terminalreporter.write_line(str(said))
    for file, (peak, limit) in peaks.items():
        terminalreporter.write_line(
            f"The daemon's peak of memory (VmHWM) in {file}: {peak} KiB, of {limit} KiB allowed"
        )


@pytest.fixture(scope="session")
def base() -> GuestImage:
    """The guest without bwvdock; built where it is not in the cache."""
    return base_image()


@pytest.fixture(scope="module")
def workshop() -> Iterator[Path]:
    """A folder for a file's disks and images, gone with it: those of a whole run are gigabytes."""
    CACHE.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=CACHE.parent, prefix="vm-run-") as folder:
        yield Path(folder)


@pytest.fixture(scope="module")
def new_dock(workshop: Path, request: pytest.FixtureRequest) -> Iterator[DockMaker]:
    """Makes docks, switched off, each on an overlay of its own. All end with the file, at the latest."""
    docks = request.config.stash.setdefault(DOCKS, [])
    numbers = itertools.count(1)

    def make(
        image: GuestImage,
        *,
        network: bool = False,
        more_disks: tuple[Path, ...] = (),
        tpm: Tpm | None = None,
    ) -> VirtualDock:
        disk = overlay(image.disk, workshop / f"dock-{next(numbers)}.qcow2", backing_format=image.disk_format)
        dock = VirtualDock(image, disk, network=network, more_disks=more_disks, tpm=tpm)
        docks.append(dock)
        return dock

    yield make
    while docks:
        docks.pop().remove()


@pytest.fixture(scope="session")
def booted(base: GuestImage) -> GuestImage:
    """The same when it has booted: docks on it are running at once."""
    return saved.booted(base)


@pytest.fixture(scope="session")
def installed(base: GuestImage) -> GuestImage:
    """The same with bwvdock, running."""
    return saved.installed(base)


@pytest.fixture(scope="module")
def bare_dock(booted: GuestImage, new_dock: DockMaker) -> Iterator[VirtualDock]:
    """A running dock without bwvdock, for all tests of a file that leave it as they found it."""
    dock = new_dock(booted)
    dock.start()
    yield dock
    dock.remove()


@pytest.fixture(scope="module")
def new_station(installed: GuestImage, new_dock: DockMaker) -> Callable[..., Station]:
    """Makes running docks with bwvdock."""

    def make(*, network: bool = False, more_disks: tuple[Path, ...] = (), tpm: Tpm | None = None) -> Station:
        dock = new_dock(installed, network=network, more_disks=more_disks, tpm=tpm)
        dock.start()
        return Station(dock)

    return make


@pytest.fixture(scope="module")
def station(new_station: Callable[..., Station]) -> Iterator[Station]:
    """The one for all scenarios of a file."""
    made = new_station()
    yield made
    made.dock.remove()


@pytest.fixture
def remark(request: pytest.FixtureRequest) -> Callable[[str], None]:
    """Has a line printed at the end of the run."""
    return lambda text: request.node.user_properties.append((REMARK, text))
