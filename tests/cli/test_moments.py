"""Is a time that cannot be read refused wherever one can be typed, and is every other one shown?"""

from __future__ import annotations

import re

import pytest

from bwvdock.cli.moments import when
from bwvdock.cli.parser import parse
from tests.cli.docks import Dock

Capture = pytest.CaptureFixture[str]


@pytest.mark.few(3)
@pytest.mark.parametrize(
    "command",
    [
        "clips --since {}",
        "clips list --until {}",
        "dockings --since {}",
        "dockings list --until {}",
        "report dockings --since {}",
        "report dockings --from {}",
        "report retention --to {}",
        "dispose --dry-run --until {}",
        "dispose --dry-run --at {}",
        "cameras assign CAM-17 --officer 4411 --from {}",
        "cameras assign CAM-17 --officer 4411 --from 2026-03-01 --to {}",
    ],
)
def test_what_is_no_time_is_wrong_usage(dock: Dock, capsys: Capture, command: str) -> None:
    assert dock.run(*command.format("yesterday").split()) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "'yesterday' is not an ISO 8601 time" in shown.err
    example = re.search(r"  (?:For example: )?bwvdock (.+)", shown.err)
    assert example
    assert parse(example[1].split()).command


@pytest.mark.parametrize("command", ["clips list", "events list", "dockings list", "report figures"])
def test_both_ends_of_a_period_are_read_before_anything_is_said(
    dock: Dock, capsys: Capture, command: str
) -> None:
    assert dock.run(*command.split(), "--since", "yesterday", "--until", "noon") == 2
    said = " ".join(capsys.readouterr().err.split())
    assert "'yesterday' is not" in said
    assert "'noon' is not" in said


@pytest.mark.usefixtures("in_london")
@pytest.mark.parametrize(
    "text,shown",
    [
        ("2026-06-30T12:00:00.000Z", "2026-06-30 13:00:00+01:00"),
        ("0001-01-01T00:00:00.000Z", "0001-01-01 00:00:00+00:00"),  # London's clocks were 75 s behind
    ],
)
def test_a_time_is_shown_as_the_clocks_here_have_it_or_in_utc(text: str, shown: str) -> None:
    assert when(text) == shown
