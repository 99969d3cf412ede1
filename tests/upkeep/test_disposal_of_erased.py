"""Does footage whose personal values were erased really go, in whichever order it is erased and disposed of?

The whole station, everything real but the cameras. An erased path once left a tombstone beside the footage.
"""

from __future__ import annotations

import hashlib
import json
from enum import Enum
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bwvdock.core.clips.lifecycle import ClipState
from bwvdock.core.clips.states import SPOOL
from bwvdock.core.facts import ClipFound, ValuesErased
from bwvdock.edges.journal import JournalReader
from bwvdock.errors import UsageError
from bwvdock.operators.orders import decide
from bwvdock.operators.requests import EraseValues
from tests.cli.custody_command import verify_dock_at
from tests.edges.journal import stories as tell
from tests.extent import EXTENT, Extent
from tests.fakes.camera import camera_with
from tests.fakes.station import Station
from tests.places import in_memory

pytestmark = pytest.mark.slow

PLACES = (f"dispose {SPOOL}", "dispose vault")
DAY = 24 * 3600 * 1000
FOOTAGE = {
    f"DCIM/100TEST/SMITH-{number}.{extension}": f"{extension} of {number}".encode()
    for number in range(2)
    for extension in ("MP4", "GPS")
}


class Step(Enum):
    """What somebody does to the dock, or what happens to it."""

    ERASE_PATH = "erase the path of the first clip"
    ERASE_ALL = "erase every value of the first clip, linked ones too"
    ERASE_BEFORE = "erase those of all finished clips"
    DUE = "40 days pass"
    WORK = "the dock works"
    DISPOSE = "the disks work"
    RESTART = "the dock is cut off, with what its threads had to do"


class Dock:
    """A dock that holds two clips, verified and erased from the camera; what the disks do, a test says."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.station = Station(root, erases=True, held_up=PLACES)
        self.station.enrol()
        self.station.visit(camera_with(FOOTAGE))
        assert set(self.station.states().values()) == {ClipState.RELEASED}
        self.clips = [fact.clip for fact in self.station.facts if isinstance(fact, ClipFound)]

    def do(self, step: Step) -> None:
        station = self.station
        match step:
            case Step.ERASE_PATH:
                self._order(EraseValues(basis="s.47", clips=(self.clips[0],)))
            case Step.ERASE_BEFORE:
                self._order(EraseValues(basis="s.47", before="2099-01-01T00:00:00.000Z"))
            case Step.ERASE_ALL:
                self._erase_all()
            case Step.DUE:
                station.clock.pass_ms(40 * DAY)
            case Step.WORK:
                station.turn()
            case Step.DISPOSE:
                for worker in station.held_up.values():
                    worker.go_on(station.inbox.put)
            case Step.RESTART:
                for worker in station.held_up.values():
                    worker.jobs.clear()
                station.restart()

    def _order(self, order: EraseValues) -> None:
        with JournalReader(self.root / "journal.sqlite3") as reader:
            try:
                decision = decide(
                    order,
                    journal=self.station.journal,
                    reader=reader,
                    spool=self.station.spool,
                    paused=False,
                    actor="1000:ann",
                )
            except UsageError:
                return  # a clip that is not finished with
        self.station.ledger.record(list(decision.facts))

    def _erase_all(self) -> None:
        own = f"SELECT leaf FROM entry WHERE clip = '{self.clips[0]}'"  # noqa: S608
        leaves = " ".join(leaf for (leaf,) in tell.ask(self.root / "journal.sqlite3", own))
        stored = tell.ask(
            self.root / "journal.sqlite3",
            "SELECT field, commitment FROM private WHERE value <> '' ORDER BY 1, 2",
        )
        gone = [(field, committed) for field, committed in stored if committed in leaves]
        self.station.ledger.record(
            [
                ValuesErased(field=field, commitments=(committed,), basis="s.47", actor="1000:ann")
                for field, committed in gone
            ]
        )

    def finish(self) -> None:
        self.do(Step.DUE)
        for _ in range(6):
            self.do(Step.WORK)
            self.do(Step.DISPOSE)
            self.station.clock.pass_ms(60_000)

    def files(self) -> set[str]:
        places = (self.root / "spool", self.root / "vault")
        return {path.name for place in places for path in place.rglob("*") if path.is_file()}

    def custody_verify(self) -> int:
        return verify_dock_at(self.root)


@settings(max_examples=8 if EXTENT is not Extent.NIGHTLY else 200)
@given(st.lists(st.sampled_from(Step), max_size=10))
@example([Step.ERASE_PATH])
@example([Step.ERASE_ALL, Step.RESTART])
@example([Step.DUE, Step.WORK, Step.ERASE_ALL, Step.RESTART, Step.WORK, Step.DISPOSE, Step.RESTART])
def test_what_was_erased_is_disposed_of_like_any_other(steps: list[Step]) -> None:
    with TemporaryDirectory(dir=in_memory()) as folder:
        dock = Dock(Path(folder))
        for step in steps:
            dock.do(step)
            assert dock.custody_verify() == 0, step
        dock.finish()
        assert dock.files() == {".bwvdock-vault", *(f"{clip}.tombstone.json" for clip in dock.clips)}
        for number, clip in enumerate(dock.clips):
            [tombstone] = (dock.root / "vault").rglob(f"{clip}.tombstone.json")
            assert json.loads(tombstone.read_text())["parts"] == [
                {
                    "name": f"{clip}.{part}.{extension.lower()}",
                    "size": len(f"{extension} of {number}"),
                    "sha256": hashlib.sha256(f"{extension} of {number}".encode()).hexdigest(),
                }
                for part, extension in enumerate(("MP4", "GPS"))
            ]
        assert dock.custody_verify() == 0
        dock.station.journal.close()
        dock.station.spool.close()
