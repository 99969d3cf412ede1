"""Is what takes long to read read by a worker, and what it found known, whatever happens meanwhile?"""

from __future__ import annotations

import queue
import sqlite3
import threading
from collections.abc import Sequence
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bwvdock.core.paced import GiveWay
from bwvdock.edges.journal.read.reports import Absence, Missing
from bwvdock.errors import JournalDamagedError, JournalError, StorageError
from bwvdock.log import Events
from bwvdock.runtime.workers import ThreadWorker
from bwvdock.service.assemble import live_view
from bwvdock.status.alerts import AlertCode
from bwvdock.upkeep.messages import AbsencesRead, SpoolCounted
from bwvdock.upkeep.surveys import Surveys, read_absences
from tests.fakes.camera import camera_with
from tests.fakes.clock import FakeClock
from tests.fakes.disk import FakeDisk
from tests.fakes.spool import FakeSpool
from tests.fakes.station import Station
from tests.fakes.worker import HeldWorker

HOUR = 3_600_000
DAY = 24 * HOUR
COUNT = 5_000


def absent_station(root: Path, *, held_up: Sequence[str] = ("surveys",)) -> Station:
    """Return a dock with a camera that has been enrolled for eight days and never came."""
    station = Station(root, held_up=held_up)
    station.enrol("BWV-NEVER")
    station.clock.pass_ms(8 * DAY)
    station.turn()
    return station


def let_work(station: Station) -> None:
    """Have the worker do what it was given, and the dock take it in."""
    station.held_up["surveys"].go_on(station.inbox.put)
    station.turn()


def jobs(station: Station) -> list[str]:
    """Return what waits, without what falls due: that is read by a rhythm of its own."""
    waiting = (type(job).__name__ for job in station.held_up["surveys"].jobs)
    return sorted(name for name in waiting if name != "ReadDueFootage")


# --- what is missing --------------------------------------------------------------------------------


def test_the_write_ahead_log_can_begin_anew_while_it_is_read(tmp_path: Path) -> None:
    """As long as one moment of the journal is kept, it grows, and what a checkpoint has to copy with it."""
    station = Station(tmp_path)
    station.enrol()
    station.visit(camera_with({"DCIM/100TEST/A0001.MP4": b"footage"}))
    journal, busy = tmp_path / "journal.sqlite3", list[int]()

    def give_way() -> None:
        with closing(sqlite3.connect(journal)) as other:
            busy.append(other.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0])

    read_absences(journal, station.clock.now() - timedelta(days=7), give_way)
    assert set(busy) == {0}


def test_a_turn_reads_nothing_of_what_is_missing(tmp_path: Path) -> None:
    station = absent_station(tmp_path)
    assert station.absence_reads == 0
    assert AlertCode.CAMERAS_ABSENT not in station.alerts()
    let_work(station)
    assert station.absence_reads == 1
    assert "BWV-NEVER" in station.alerts()[AlertCode.CAMERAS_ABSENT].message


def test_it_is_read_in_the_worker_s_own_thread() -> None:
    posted: queue.SimpleQueue[object] = queue.SimpleQueue()
    threads: list[str] = []

    def absences(_: datetime, give_way: GiveWay) -> Sequence[Absence]:
        give_way()
        threads.append(threading.current_thread().name)
        return [Absence(what=Missing.CAMERA, camera="C", since="", detail="")]

    worker = ThreadWorker("surveys", posted.put)
    surveys = Surveys(worker, FakeSpool(FakeDisk()), FakeClock(), absences=absences)
    surveys.turn()
    for message in (posted.get(timeout=60), posted.get(timeout=60)):
        assert isinstance(message, AbsencesRead | SpoolCounted)
        surveys.hear(message)
    assert threads == ["surveys-0"]
    assert [absence.camera for absence in surveys.absences.absent] == ["C"]
    assert surveys.spool_bytes == 0
    assert worker.finish(60)


def test_one_report_is_read_at_a_time_however_long_it_takes(tmp_path: Path) -> None:
    station = absent_station(tmp_path)
    for _ in range(3):
        station.clock.pass_ms(HOUR)
        station.surveys.change(absence_days=7)
        station.turn()
    assert jobs(station) == ["CountSpool", "ReadAbsences"]
    let_work(station)
    assert AlertCode.CAMERAS_ABSENT in station.alerts()
    assert jobs(station) == ["ReadAbsences"], "it was asked for again meanwhile"


def test_a_report_by_a_period_that_was_changed_meanwhile_is_not_used(tmp_path: Path) -> None:
    station = absent_station(tmp_path)
    station.surveys.change(absence_days=30)
    station.turn()
    let_work(station)
    assert AlertCode.CAMERAS_ABSENT not in station.alerts(), "eight days are no thirty"
    let_work(station)
    assert station.absence_reads == 2
    assert AlertCode.CAMERAS_ABSENT not in station.alerts()
    station.surveys.change(absence_days=3)
    station.turn()
    let_work(station)
    assert "3 days" in station.alerts()[AlertCode.CAMERAS_ABSENT].message


def test_the_alert_keeps_its_period_until_the_report_by_another_was_read(tmp_path: Path) -> None:
    station = absent_station(tmp_path)
    let_work(station)
    station.surveys.change(absence_days=3)
    station.turn()
    assert "7 days" in station.alerts()[AlertCode.CAMERAS_ABSENT].message
    let_work(station)
    assert "3 days" in station.alerts()[AlertCode.CAMERAS_ABSENT].message


@pytest.mark.parametrize("known", [True, False], ids=["switched off", "the time is not known"])
def test_nothing_is_missing_where_nobody_looks(tmp_path: Path, known: bool) -> None:
    station = absent_station(tmp_path)
    let_work(station)
    station.clock.is_synchronised = known
    station.surveys.change(absence_days=0 if known else 7)
    station.turn()
    assert AlertCode.CAMERAS_ABSENT not in station.alerts()
    assert "ReadAbsences" not in jobs(station)


def test_a_report_that_is_switched_off_while_it_is_read_is_not_used(tmp_path: Path) -> None:
    station = absent_station(tmp_path)
    station.surveys.change(absence_days=0)
    station.turn()
    let_work(station)
    assert station.absence_reads == 1
    assert AlertCode.CAMERAS_ABSENT not in station.alerts()


@pytest.mark.parametrize(
    "error", [JournalError("It is locked.", remedy="Wait."), OSError("of no kind that is known")]
)
def test_after_an_error_the_alerts_of_before_stay_and_the_dock_goes_on(
    tmp_path: Path, error: Exception
) -> None:
    station = Station(tmp_path, unexpected=lambda *_: None)
    station.enrol("BWV-NEVER")
    station.clock.pass_ms(8 * DAY)
    station.turn()
    before = station.alerts()[AlertCode.CAMERAS_ABSENT]
    station.absences_fail = error
    station.enrol("BWV-SECOND")
    station.clock.pass_ms(8 * DAY)
    station.turn()
    assert station.absence_reads == 2
    assert station.alerts()[AlertCode.CAMERAS_ABSENT] == before
    said = [told for event, told in station.said if event is Events.JOB_FAILED]
    own = [{"job": "ReadAbsences", "reason": "It is locked.", "remedy": "Wait."}]
    assert said == (own if isinstance(error, JournalError) else []), "the worker logs any other"
    station.absences_fail = None
    station.clock.pass_ms(HOUR)
    station.turn()
    assert station.alerts()[AlertCode.CAMERAS_ABSENT].message.startswith("2 enrolled cameras")


def test_a_journal_that_the_report_finds_damaged_is_damaged_for_the_dock(tmp_path: Path) -> None:
    station = Station(tmp_path)
    station.absences_fail = JournalDamagedError("It is damaged.", remedy="Restore it.")
    station.turn()
    assert station.dock.trouble is station.absences_fail


@pytest.mark.slow
def test_a_dock_that_stops_reads_no_further(tmp_path: Path) -> None:
    station = absent_station(tmp_path)
    station.enrol()
    station.visit(camera_with({"DCIM/100TEST/A.MP4": b"footage"}))
    held = station.held_up["surveys"]
    [reading] = [job for job in held.jobs if type(job).__name__ == "ReadAbsences"]
    held.jobs = [reading]
    station.dock.stop()
    let_work(station)
    assert station.absence_reads == 1
    assert AlertCode.CAMERAS_ABSENT not in station.alerts()
    assert not [told for event, told in station.said if event is Events.JOB_FAILED]


# --- how full the spool is --------------------------------------------------------------------------


def spool_bytes(station: Station) -> int | None:
    return live_view(station.dock, station.spool, station.clock).live().spool.bytes


def test_the_status_is_given_without_looking_at_the_spool_s_files(tmp_path: Path) -> None:
    station = absent_station(tmp_path)
    (tmp_path / "spool" / "foreign").write_bytes(bytes(100_000))
    assert spool_bytes(station) is None
    let_work(station)
    assert (spool_bytes(station) or 0) >= 100_000


def test_what_came_and_went_is_counted_soon_whoever_did_it(tmp_path: Path) -> None:
    station = Station(tmp_path)
    station.enrol()
    station.turn()
    assert spool_bytes(station) == 0
    station.visit(camera_with({"DCIM/100TEST/A.MP4": bytes(100_000)}))
    station.clock.pass_ms(COUNT)
    station.turn()
    assert (spool_bytes(station) or 0) >= 100_000
    for file in (tmp_path / "spool").iterdir():
        file.unlink()
    station.clock.pass_ms(COUNT)
    station.turn()
    assert spool_bytes(station) == 0


class _CountedSpool(FakeSpool):
    """A spool that is counted in `seconds`, or not at all."""

    def __init__(self, clock: FakeClock) -> None:
        super().__init__(FakeDisk())
        self.clock, self.seconds, self.counted = clock, 0, 0
        self.error: StorageError | None = None

    def used_bytes(self) -> int:
        self.counted += 1
        self.clock.pass_ms(self.seconds * 1000)
        if self.error is not None:
            raise self.error
        return 42


class _Rig:
    """A survey of such a spool alone."""

    def __init__(self) -> None:
        self.clock, self.worker = FakeClock(), HeldWorker()
        self.spool = _CountedSpool(self.clock)
        self.said: list[str] = []
        self.surveys = Surveys(
            self.worker, self.spool, self.clock, absences=lambda *_: [], absence_days=0, say=self._say
        )

    def _say(self, event: Events, /, **_: object) -> None:
        self.said.append(event)

    def _hear(self, message: object) -> None:
        assert isinstance(message, SpoolCounted)
        self.surveys.hear(message)

    def known(self) -> int | None:
        return self.surveys.spool_bytes

    def pass_ms(self, ms: int) -> None:
        self.clock.pass_ms(ms)
        self.surveys.turn()
        self.worker.go_on(self._hear)


def test_a_spool_that_takes_long_to_count_is_counted_more_rarely() -> None:
    rig = _Rig()
    rig.spool.seconds = 2
    rig.pass_ms(0)
    rig.pass_ms(99_999)
    assert rig.spool.counted == 1, "a fiftieth of the time at most"
    rig.pass_ms(1)
    assert rig.spool.counted == 2


def test_a_spool_that_cannot_be_counted_is_unknown_and_that_is_said_once() -> None:
    rig = _Rig()
    rig.pass_ms(0)
    assert rig.known() == 42
    rig.spool.error = StorageError("It cannot be read.", remedy="Check the disk.")
    rig.pass_ms(COUNT)
    rig.pass_ms(COUNT)
    assert rig.known() is None
    assert rig.said == [Events.JOB_FAILED]
    rig.spool.error = None
    rig.pass_ms(COUNT)
    assert rig.known() == 42
