"""Are times and shares shown so that a person reads them, and the same in every form?"""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bwvdock.cli.audit.values import span
from tests.cli.audit.pages import read_page
from tests.cli.docks import Dock, new_dock
from tests.cli.test_consultation import WHY, daemon
from tests.edges.journal.read.audit import worlds
from tests.edges.journal.read.audit.worlds import FIRST

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def dock(tmp_path: Path) -> Dock:
    """Return a dock with two dockings, one of them never safe; a clip of each, one without an officer."""
    made = new_dock(tmp_path)
    dockings = [
        worlds.Docking(
            number=n,
            camera=camera,
            at=FIRST,
            safe_after=safe,
            clips=[
                worlds.Plan(
                    number=n,
                    camera=camera,
                    recorded=FIRST - timedelta(hours=30 * n),
                    size=1,
                    dated="known",
                    officer=officer,
                    proven=(("vault", 90_000),) * n,
                )
            ],
        )
        for n, (camera, safe, officer) in enumerate((("CAM-1", None, "4411"), ("CAM-2", 1_500_000, "")))
    ]
    worlds.record(worlds.World(dockings=dockings, assigned=[]), made.config.journal)
    return made


def printed(dock: Dock, capsys: Capture, *command: str) -> str:
    capsys.readouterr()
    assert dock.run("report", *command) == 0
    return capsys.readouterr().out


def rows_of(dock: Dock, capsys: Capture, *command: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads(printed(dock, capsys, *command, "--json"))
    return rows


@pytest.mark.slow
def test_times_are_in_milliseconds_for_programs_and_in_words_for_people(dock: Dock, capsys: Capture) -> None:
    docked, safe, proven = rows_of(dock, capsys, "timeliness")
    assert (docked["counted"], docked["late"], docked["worst_ms"]) == (2, 1, 30 * 3_600_000)
    assert (safe["counted"], safe["open"], safe["p95_ms"]) == (1, 1, 1_500_000)
    assert (proven["counted"], proven["open"], proven["p50_ms"]) == (1, 1, 90_000)
    text = printed(dock, capsys, "timeliness")
    assert re.search(r"docking to safe +1 +25 min +25 min", text)
    assert re.search(r"recording to docking +2 +0\.0 s +30 h +30 h +1 ", text)
    table = list(csv.DictReader(io.StringIO(printed(dock, capsys, "timeliness", "--csv"))))
    assert [row["p95_ms"] for row in table] == ["108000000", "1500000", "90000"]
    [shown] = read_page(printed(dock, capsys, "timeliness", "--format", "html")).tables
    assert shown.rows[1][1:5] == ["docking to safe", "1", "25 min", "25 min"]


def test_a_share_is_of_the_clips_of_its_line(dock: Dock, capsys: Capture) -> None:
    [row] = rows_of(dock, capsys, "coverage")
    assert (row["clips"], row["officer"], row["officer_permille"]) == (2, 1, 500)
    assert row["event"] is None
    assert row["event_permille"] is None
    text = printed(dock, capsys, "coverage")
    assert "50.0%" in text
    assert "no events from dispatch" in text
    with daemon(dock):
        rows = rows_of(dock, capsys, "coverage", "--by-unit", *WHY)
    assert [(row["unit"], row["officer_permille"]) for row in rows] == [("(small units)", 500)]


@pytest.mark.slow
def test_nothing_in_the_period_is_said_in_words(dock: Dock, capsys: Capture) -> None:
    for name in ("timeliness", "coverage"):
        assert rows_of(dock, capsys, name, "--until", "1999-01-01") == []
        page = read_page(printed(dock, capsys, name, "--until", "1999-01-01", "--format", "html"))
        assert page.tables == []
        assert "in this period" in page.text


@pytest.mark.parametrize(
    "ms,said",
    [
        (0, "0.0 s"),
        (9_949, "9.9 s"),
        (59_000, "59 s"),
        (60_000, "1 min 00 s"),
        (1_500_000, "25 min"),
        (7_500_000, "2 h 05 min"),
        (108_000_000, "30 h"),
        (180_000_000, "2 d 02 h"),
    ],
)
def test_a_span_has_two_units_at_the_most(ms: int, said: str) -> None:
    assert span(ms) == said
    assert span(86_400_000 * 1999) == "1,999 d"
