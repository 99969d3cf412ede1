"""Whatever a camera or a store raises fails that camera or store: the dock lives and serves the others."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from bwvdock.bays.bay import display_state
from bwvdock.core.clips.admission import Admission
from bwvdock.core.clips.clip import Clip
from bwvdock.core.clips.lifecycle import ClipState
from bwvdock.edges.spool import part_name
from tests.extent import some
from tests.fakes.camera import FakeFile, FakeVolume
from tests.fakes.destination import FakeDestination
from tests.fakes.exceptions import NASTY
from tests.fakes.power import PoweredVolume
from tests.fakes.station import Station

CAMERA = ["list", "fingerprint", "open", "read", "erase"]
STORE = ["assess", "store", "put", "prove", "describe", "probe"]


def nasty(number: int) -> list[Callable[[], Exception]]:
    """Return all exceptions; in `make check` one, another for each number."""
    return some([NASTY[number % len(NASTY)], *NASTY[:number], *NASTY[number + 1 :]], 1)


@dataclass
class Breaks:
    """Raises at one operation of a port, each time."""

    operation: str
    make: Callable[[], Exception]
    raised: int = 0

    def __call__(self, operation: str) -> None:
        if self.operation in operation.split():
            self.raised += 1
            raise self.make()


@dataclass
class Log:
    """What was logged with a traceback."""

    errors: list[Exception] = field(default_factory=list)

    def __call__(self, _: object, error: Exception) -> None:
        self.errors.append(error)


SAFE = {ClipState.VERIFIED, ClipState.RELEASED}


def verified(station: Station) -> set[str]:
    return {path for path, state in station.states().items() if state in SAFE}


def shown(station: Station, key: str) -> str:
    """Return the state that `status` shows for a bay."""
    return display_state(station.bay(key), paused=False)[0]


@pytest.mark.parametrize("operation", CAMERA)
def test_a_camera_fails_alone(tmp_path: Path, operation: str) -> None:
    for number, make in enumerate(nasty(CAMERA.index(operation))):
        root = tmp_path / str(number)
        root.mkdir()
        log = Log()
        station = Station(root, mode=Admission.ANY, erases=True, unexpected=log)
        breaks = Breaks(operation, make)
        bad = PoweredVolume(files={"BAD.MP4": FakeFile(data=b"bad" * 1000)}, supply=breaks)
        key = station.plug(bad, serial="CAM-BAD", bay="1-1")
        good = FakeVolume(files={"GOOD.MP4": FakeFile(data=b"good")})
        other = station.plug(good, serial="CAM-GOOD", bay="1-2")
        for _ in range(5):
            station.turn()
            station.clock.pass_ms(60_000)
        name = type(make()).__name__
        assert breaks.raised, name
        assert log.errors, name
        assert "GOOD.MP4" in verified(station), name
        assert shown(station, other) == "safe-to-remove", name
        if operation != "erase":
            assert "BAD.MP4" not in verified(station), name
            assert shown(station, key) in {"failed", "waiting"} or station.bay(key).tally.clips_left, name


@pytest.mark.parametrize("operation", STORE)
def test_a_store_fails_alone(tmp_path: Path, operation: str) -> None:
    for number, make in enumerate(nasty(STORE.index(operation))):
        root = tmp_path / str(number)
        root.mkdir()
        log = Log()
        breaks = Breaks(operation, make)

        def fetch(clip: Clip, part: int, spool: Path = root / "spool") -> bytes:
            return (spool / part_name(clip, part)).read_bytes()

        good, bad = FakeDestination(fetch, name="good"), FakeDestination(fetch, name="bad", before=breaks)
        station = Station(
            root, mode=Admission.ANY, destinations=[good, bad], required={"bad": False}, unexpected=log
        )
        station.plug(FakeVolume(files={"A.MP4": FakeFile(data=b"footage")}))
        for _ in range(5):
            station.turn()
            station.clock.pass_ms(600_000)
            station.delivery.probe()
        name = type(make()).__name__
        assert breaks.raised, name
        assert log.errors, name
        assert verified(station) == {"A.MP4"}, name
        error = station.delivery.errors.get("bad")
        assert error is None or name in error.message, name
