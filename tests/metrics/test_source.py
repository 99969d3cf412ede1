"""Does a snapshot say what `bwvdock status` says, and less where the dock or its journal is silent?"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from bwvdock.core.clips.states import ClipState
from bwvdock.errors import NoAnswerError, StorageError
from bwvdock.metrics import catalogue as of
from bwvdock.metrics.counters import ACQUIRED
from bwvdock.metrics.figures import figures
from bwvdock.metrics.source import Source
from bwvdock.operators.requests import Enrol
from bwvdock.service.from_config import ConfiguredDock
from bwvdock.status.alerts import AlertCode
from tests.edges.journal import stories
from tests.service.desk import SERIAL, Desk, until

pytestmark = pytest.mark.slow


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    made = Desk(tmp_path)
    (made.camera / "clip.mp4").write_bytes(b"footage")
    return made


def source(desk: Desk, configured: ConfiguredDock) -> Source:
    return Source(desk.config, configured.live_view.document, configured.dock.turn_priority.turns)


def names(source_: Source) -> set[str]:
    return {figure.metric.name for figure in figures(source_.take())}


def silent() -> Mapping[str, Any]:
    raise NoAnswerError("The daemon does not answer.", remedy="Look.")


def test_a_dock_that_copied_a_clip_says_so(desk: Desk) -> None:
    with desk.build() as configured:
        taken = source(desk, configured)
        configured.open()
        desk.ask(configured, Enrol(serial=SERIAL, model=""))
        desk.plug(configured)
        until(configured, lambda: any(clip.state is ClipState.VERIFIED for clip in desk.clips()))
        seen = taken.take()
        assert seen.counters is not None
        assert seen.counters.clips[ACQUIRED] == 1
        assert seen.counters.bytes[ACQUIRED] == len(b"footage")
        assert seen.status.clips[ClipState.VERIFIED] == 1
        assert seen.vaults.keys() == {"vault"}
        assert seen.turns is not None
        assert sum(seen.turns[0]) > 0
        again = taken.take()
        assert again.counters is not None
        assert again.counters.clips.total() == 3  # acquired, uploaded, verified: each once


def test_a_dock_that_does_not_answer_is_not_ready_and_the_journal_speaks(desk: Desk) -> None:
    with desk.build() as configured:
        configured.open()
        seen = Source(desk.config, silent, configured.dock.turn_priority.turns).take()
        assert not seen.status.dock.running
        assert seen.read
        assert seen.status.journal.entries == configured.journal.size()


@pytest.mark.parametrize("error", [StorageError("The disk failed.", remedy="Look.")])
def test_a_dock_that_cannot_look_at_itself_is_not_ready(desk: Desk, error: StorageError) -> None:
    def fails() -> Mapping[str, Any]:
        raise error

    with desk.build() as configured:
        configured.open()
        assert not Source(desk.config, fails, configured.dock.turn_priority.turns).take().status.dock.running


def test_a_journal_that_cannot_be_read_has_no_figures(desk: Desk) -> None:
    with desk.build() as configured:
        configured.open()
        taken = source(desk, configured)
        assert {of.CLIPS.name, of.CLIPS_ACQUIRED.name, of.JOURNAL_ENTRIES.name} <= names(taken)
        desk.config.journal.rename(desk.state / "away")
        of_journal = {of.CLIPS, of.CLIPS_ACQUIRED, of.JOURNAL_ENTRIES, of.CLIPS_HELD, of.TIME_TO_SAFE}
        assert not {metric.name for metric in of_journal} & names(taken)
        assert of.BAYS.name in names(taken)
        (desk.state / "away").rename(desk.config.journal)
        assert {metric.name for metric in of_journal} <= names(taken)


@pytest.mark.parametrize(
    "more,code",
    [
        ("[metrics]\ninterval_seconds = 60\n", AlertCode.CONFIG_PENDING),
        ("[metrics]\ninterval_seconds = 1\n", AlertCode.CONFIG_REJECTED),
    ],
)
def test_a_file_that_was_changed_is_an_alert_as_in_status(desk: Desk, more: str, code: AlertCode) -> None:
    with desk.build() as configured:
        configured.open()
        taken = source(desk, configured)
        unchanged = desk.config.file.read_text()
        assert code not in {alert.code for alert in taken.take().status.alerts}
        desk.config.file.write_text(unchanged + more)
        assert code in {alert.code for alert in taken.take().status.alerts}
        desk.config.file.write_text(unchanged)
        assert code not in {alert.code for alert in taken.take().status.alerts}


def test_an_entry_that_was_altered_takes_the_counters_and_nothing_else(desk: Desk) -> None:
    with desk.build() as configured:
        taken = source(desk, configured)
        configured.open()
        desk.ask(configured, Enrol(serial=SERIAL))
        desk.plug(configured)
        until(configured, lambda: any(clip.state is ClipState.VERIFIED for clip in desk.clips()))
        stories.tamper(desk.config.journal, "UPDATE entry SET leaf = '{' WHERE kind = 'clip_acquired'")
        found = names(taken)
        assert of.CLIPS_ACQUIRED.name not in found
        assert {of.CLIPS.name, of.CLIPS_HELD.name, of.BAYS.name} <= found
