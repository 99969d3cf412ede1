"""A day in a station, and the 31 days after it: is everything where it must be, clip by clip, place by place?

Twelve cameras, three officers who change cameras, marks, wrong clocks, one camera torn out in mid-erase;
compared with a table that was written by hand. Everything is real but the cameras and the clock.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bwvdock.core.clips.clip import Clip
from bwvdock.core.clips.states import SPOOL
from bwvdock.core.facts import ClipFound, SourceFile
from bwvdock.core.media.part_names import part_name
from bwvdock.core.moments import iso, nanoseconds
from bwvdock.core.ports.erasing import Erasure
from bwvdock.edges.destinations.directory import DirectoryDestination
from bwvdock.edges.journal.read.reader import JournalReader
from bwvdock.edges.journal.verify.verify import verify_journal
from bwvdock.errors import CameraGoneError
from bwvdock.operators.orders import Order, decide
from bwvdock.operators.requests import Assign, Flag, Hold, Unflag
from tests.fakes.camera import FakeFile, FakeVolume
from tests.fakes.destination import FakeDestination
from tests.fakes.station import Station

pytestmark = pytest.mark.slow

HOUR = 3600 * 1000
DAY = 24 * HOUR
CAMERAS = [f"BWV-{n:02}" for n in range(1, 13)]
DCIM = "DCIM/100MEDIA"

AFTER_THE_DAY = """
clip         officer     evidence held  spool vault archive camera
01/A.MP4     4411        no       no    yes   yes   yes     no
02/A.MP4     4411        no       no    yes   yes   yes     no
02/B.MP4     4412        no       no    yes   yes   yes     no
03/A.MP4     4413        yes      no    yes   yes   yes     no
03/B.MP4     4413        no       no    yes   yes   yes     no
04/E.mp4     4411        yes      no    yes   yes   yes     no
04/N.mp4     4411        no       no    yes   yes   yes     no
05/A.MP4     4412        yes      no    yes   yes   yes     no
06/A.MP4     4413        no       yes   yes   yes   yes     no
07/A.MP4     4411        no       no    yes   yes   yes     no
08/A.MP4     4412        no       no    yes   yes   yes     no
08/B.MP4     4412        no       no    yes   yes   yes     yes
08/C.MP4     4412        no       no    yes   yes   yes     yes
09/A.MP4     -           no       no    yes   yes   yes     no
10/A.MP4     4411        no       no    yes   yes   yes     no
11/A.MP4     4412        no       no    yes   yes   yes     no
12/A.MP4     4413        no       no    yes   yes   yes     no
"""
"""08 was torn out when its first clip was erased. 09 is nobody's until the late assignment."""

ON_DAY_31 = """
clip         officer     evidence held  spool vault archive camera
01/A.MP4     4411        no       no    no    no    yes     no
02/A.MP4     4411        no       no    no    no    yes     no
02/B.MP4     4412        no       no    no    no    yes     no
03/A.MP4     4413        yes      no    yes   yes   yes     no
03/B.MP4     4413        no       no    no    no    yes     no
04/E.mp4     4411        yes      no    yes   yes   yes     no
04/N.mp4     4411        no       no    no    no    yes     no
05/A.MP4     4412        yes      no    yes   yes   yes     no
06/A.MP4     4413        no       yes   yes   yes   yes     no
07/A.MP4     4411        no       no    no    no    yes     no
08/A.MP4     4412        no       no    no    no    yes     no
08/B.MP4     4412        no       no    no    no    yes     no
08/C.MP4     4412        no       no    no    no    yes     no
09/A.MP4     4413        no       no    no    no    yes     no
10/A.MP4     4411        no       no    yes   yes   yes     no
11/A.MP4     4412        no       no    yes   yes   yes     no
12/A.MP4     4413        no       no    yes   yes   yes     no
"""
"""31 days after the recordings. Where a clock was wrong, its clip is kept from the docking on: hours longer.

The archive is another's to dispose in: it was given the dates.
"""

IN_THE_END = (
    ON_DAY_31.replace(
        "10/A.MP4     4411        no       no    yes   yes",
        "10/A.MP4     4411        no       no    no    no ",
    )
    .replace(
        "11/A.MP4     4412        no       no    yes   yes",
        "11/A.MP4     4412        no       no    no    no ",
    )
    .replace(
        "12/A.MP4     4413        no       no    yes   yes",
        "12/A.MP4     4413        no       no    no    no ",
    )
)


@dataclass(kw_only=True)
class TornVolume(FakeVolume):
    """Torn out once, when so many files were erased."""

    last_erased: int | None = None

    def _erase(self, file: SourceFile) -> Erasure:
        done = super()._erase(file)
        if self.last_erased is not None:
            self.last_erased -= 1
            if self.last_erased == 0:
                self.last_erased, self.plugged = None, False
                raise CameraGoneError("The camera was pulled out.", remedy="Dock it again.")
        return done


class DayStation(Station):
    """A dock with a vault, an archive that is another's, and a way to give orders as operators do."""

    def __init__(self, root: Path) -> None:
        self.archive = FakeDestination(
            lambda clip, number: (root / SPOOL / part_name(clip, number)).read_bytes(), name="archive"
        )
        super().__init__(root, erases=True)
        vault = DirectoryDestination(root / "vault", name="vault", spool=self.spool, marks=root / "marks")
        self._destinations = [vault, self.archive]
        self.restart()
        self.cards = {serial: TornVolume(files={}) for serial in CAMERAS}
        self.bays: dict[str, str] = {}

    def order(self, order: Order) -> None:
        with JournalReader(self.root / "journal.sqlite3") as reader:
            decision = decide(
                order,
                journal=self.journal,
                reader=reader,
                spool=self.spool,
                paused=False,
                actor="1000:sgt",
            )
        self.schedule.disposal.require_free(decision.facts)
        self.ledger.record(decision.facts)
        self.turn()

    def assign(self, camera: int, officer: str, since: datetime, until: datetime | None = None) -> None:
        row = ("", CAMERAS[camera - 1], officer, iso(since), iso(until) if until else "")
        self.order(Assign(rows=(row,)))

    def record(self, camera: int, path: str, shown: datetime, *, read_only: bool = False) -> None:
        """Have a camera record a clip; `shown` is what its clock said."""
        self.cards[CAMERAS[camera - 1]].files[path] = FakeFile(
            data=f"{camera} {path}".encode() * 100, mtime_ns=nanoseconds(shown), read_only=read_only
        )

    def dock_in(self, camera: int) -> None:
        serial = CAMERAS[camera - 1]
        self.bays[serial] = self.plug(self.cards[serial], serial=serial, bay=f"1-{camera}")
        self.turn()

    def take_out(self, camera: int) -> None:
        self.pull(self.bays.pop(CAMERAS[camera - 1]))
        self.turn()

    def clips(self) -> dict[str, Clip]:
        """Return the clips by their short names: "01/A.MP4"."""
        found = [fact for fact in self.facts if isinstance(fact, ClipFound)]
        known = {f"{f.camera[-2:]}/{f.files[0].path.rpartition('/')[2]}": f.clip for f in found}
        return {name: clip for name, id_ in known.items() if (clip := self.journal.clip(id_))}

    def table(self) -> list[list[str]]:
        """Return where everything is, by looking there."""
        return [
            [
                name,
                clip.officer or "-",
                *map(
                    _yes,
                    (
                        clip.evidential,
                        clip.held,
                        (self.root / SPOOL / part_name(clip, 0)).exists(),
                        any((self.root / "vault").rglob(part_name(clip, 0))),
                        f"{clip.id}.0" in self.archive.objects,
                        clip.files[0].path in self.cards[clip.camera].files,
                    ),
                ),
            ]
            for name, clip in sorted(self.clips().items())
        ]


def _yes(so: bool) -> str:
    return "yes" if so else "no"


def rows(table: str) -> list[list[str]]:
    return [line.split() for line in table.strip().splitlines()[1:]]


def the_day_before(station: DayStation) -> None:
    """All cameras are docked once, empty, so that what they record next lies between two dockings."""
    for number, serial in enumerate(CAMERAS, start=1):
        station.enrol(serial)
        station.dock_in(number)
        station.take_out(number)
    since = station.clock.now()
    for number, officer in enumerate(
        ["4411", "4411", "4413", "4411", "4412", "4413", "4411", "4412"], start=1
    ):
        station.assign(number, officer, since)
    for number, officer in ((10, "4411"), (11, "4412"), (12, "4413")):
        station.assign(number, officer, since)


def the_day(station: DayStation) -> None:
    """It is evening: what was recorded in the last eight hours is docked."""
    station.clock.pass_ms(DAY)
    now = station.clock.now()

    def ago(hours: float) -> datetime:
        return now - timedelta(hours=hours)

    station.assign(2, "4412", ago(4))  # they changed cameras at noon
    station.record(1, f"{DCIM}/A.MP4", ago(8))
    station.record(2, f"{DCIM}/A.MP4", ago(5))
    station.record(2, f"{DCIM}/B.MP4", ago(3))
    station.record(3, f"{DCIM}/A.MP4", ago(7), read_only=True)
    station.record(3, f"{DCIM}/B.MP4", ago(6))
    station.record(4, "CARDV/Event/E.mp4", ago(7))
    station.record(4, "CARDV/Normal/N.mp4", ago(6))
    station.record(5, f"{DCIM}/A.MP4", ago(6))
    station.record(6, f"{DCIM}/A.MP4", ago(6))
    station.record(7, f"{DCIM}/A.MP4", ago(6), read_only=True)
    for hours, name in ((7, "A"), (6, "B"), (5, "C")):
        station.record(8, f"{DCIM}/{name}.MP4", ago(hours))
    station.record(9, f"{DCIM}/A.MP4", ago(6))
    station.record(10, f"{DCIM}/A.MP4", ago(0.5) + timedelta(hours=1))  # an hour ahead
    station.record(11, f"{DCIM}/A.MP4", ago(6 + 365 * 24))  # a year behind
    station.record(12, f"{DCIM}/A.MP4", datetime(1980, 1, 1, 3, tzinfo=now.tzinfo))
    station.cards[CAMERAS[7]].last_erased = 1
    for number in range(1, 13):
        station.dock_in(number)
    clips = station.clips()
    station.order(Flag(clips=(clips["05/A.MP4"].id,), reason="assault", case="C-5"))
    station.order(Hold(clips=(clips["06/A.MP4"].id,), reason="complaint 12/26"))
    station.order(Unflag(clips=(clips["07/A.MP4"].id,), reason="pressed by mistake"))
    for number in range(1, 13):
        station.take_out(number)


@pytest.fixture
def station(tmp_path: Path) -> DayStation:
    here = DayStation(tmp_path)
    the_day_before(here)
    the_day(here)
    return here


def test_everything_is_where_it_must_be(station: DayStation) -> None:
    docked = station.clock.now()
    assert station.table() == rows(AFTER_THE_DAY)

    station.clock.pass_ms(DAY)
    station.dock_in(8)  # the erasing goes on where it was cut
    station.take_out(8)
    station.clock.pass_ms(9 * DAY)
    station.assign(9, "4413", docked - timedelta(hours=8))

    station.clock.pass_ms(21 * DAY - 1 * HOUR)
    station.turn()
    assert station.table() == rows(ON_DAY_31)

    station.clock.pass_ms(2 * HOUR)
    station.turn()
    assert station.table() == rows(IN_THE_END)
    station.clock.pass_ms(400 * DAY)
    station.turn()
    assert station.table() == rows(IN_THE_END)
    assert verify_journal(station.root / "journal.sqlite3").ok


def test_what_the_journal_says_of_the_wrong_clocks(station: DayStation) -> None:
    docked = iso(station.clock.now())
    for name, why in {"10/A.MP4": "ahead", "11/A.MP4": "impossible", "12/A.MP4": "impossible"}.items():
        dated = station.clips()[name].dated
        assert dated is not None
        assert dated.recorded_at == docked
        assert why in dated.basis
    eighty = station.clips()["12/A.MP4"].dated
    assert eighty is not None
    assert eighty.raw == "1980-01-01T03:00:00.000Z"


def test_each_store_learns_what_was_said_after_the_upload(station: DayStation) -> None:
    """Flag, hold and the mark taken back each brought a new custody document to vault and archive."""
    for name in ("05/A.MP4", "06/A.MP4", "07/A.MP4"):
        clip = station.clips()[name]
        assert clip.owing == frozenset()
        assert set(clip.described) == {"vault", "archive"}
        assert station.archive.asked.count("describe") > len(station.clips())
