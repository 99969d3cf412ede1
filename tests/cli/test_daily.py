"""Does the daemon's own check find what `bwvdock doctor` finds, and say no more than ids?"""

from __future__ import annotations

from pathlib import Path

import pytest

from bwvdock.cli.doctor.daily import check_itself
from bwvdock.doctor.findings import Check
from bwvdock.errors import MounterUnavailableError, NotSeenError
from bwvdock.upkeep.messages import FitnessChecked
from tests.cli.docks import Dock
from tests.doctor.docks import LIVE, well_dock
from tests.fakes.clock import FakeClock
from tests.fakes.hostile import HOSTILE
from tests.fakes.machine import FakeMachine


@pytest.fixture
def well(tmp_path: Path) -> Dock:
    return well_dock(tmp_path)


def found(dock: Dock, machine: FakeMachine) -> FitnessChecked:
    return check_itself(dock.config, LIVE, FakeClock(), machine=machine)


def test_a_dock_on_which_all_is_well_is_fit(well: Dock) -> None:
    assert found(well, FakeMachine()) == FitnessChecked(warnings=("journal", "verification"))


def test_each_id_is_named_once_and_nothing_else(well: Dock) -> None:
    machine = FakeMachine(
        mounter=MounterUnavailableError(HOSTILE["newline"]),
        health=NotSeenError(HOSTILE["escape"]),
        strangers=(HOSTILE["shell"], "x"),
        groups={"bwvdock": (), "bwvdock-operators": ()},
    )
    assert found(well, machine) == FitnessChecked(
        errors=("mounter", "state-directory"),
        warnings=("journal", "verification", "operators"),
        unseen=("disk-health",),
    )


@pytest.mark.parametrize("text", ["nonsense", ""])
def test_a_file_that_was_broken_since_the_start_is_an_error_and_the_rest_is_checked(
    well: Dock, text: str
) -> None:
    well.config.file.write_text(text)
    assert found(well, FakeMachine()).errors == (Check.CONFIGURATION,)


def test_what_waits_for_a_restart_is_a_warning(well: Dock) -> None:
    content = well.config.content.decode()
    well.config.file.write_text(content.replace('site = "Lewisham"', 'site = "Lewisham, back"'))
    assert Check.CONFIGURATION in found(well, FakeMachine()).warnings
