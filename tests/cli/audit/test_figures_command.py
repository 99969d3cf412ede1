"""Do table, CSV, JSON and page have the same figures, and is nothing in them that was not asked for?"""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path
from typing import Any

import pytest

from bwvdock.core.facts import CameraEnrolled, ClipDated
from tests.cli.audit.pages import read_page
from tests.cli.docks import CAMERA, QUARANTINED, VERIFIED, Dock, used_dock
from tests.cli.test_consultation import WHY, daemon

Capture = pytest.CaptureFixture[str]
MARCH = "2026-03-31T23:30:00.000Z"  # April in London


@pytest.fixture
def dock(tmp_path: Path) -> Dock:
    made = used_dock(tmp_path)
    for clip in (VERIFIED, QUARANTINED):
        dated = {"raw": MARCH, "recorded_at": MARCH, "basis": "b", "retain_until": MARCH}
        made.record(ClipDated(clip=clip, uncertainty_ms=0, **dated))
    return made


def printed(dock: Dock, capsys: Capture, *options: str) -> str:
    capsys.readouterr()
    assert dock.run("report", "figures", *options) == 0
    return capsys.readouterr().out


def rows_of(dock: Dock, capsys: Capture, *options: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads(printed(dock, capsys, "--json", *options))
    return rows


def test_the_forms_have_the_same_figures(dock: Dock, capsys: Capture) -> None:
    rows = rows_of(dock, capsys)
    assert [row["recorded"] for row in rows] == [1, 2]
    assert "unit" not in rows[0]
    table = list(csv.DictReader(io.StringIO(printed(dock, capsys, "--csv"))))
    assert table == [{name: str(value) for name, value in row.items()} for row in rows]
    page = read_page(printed(dock, capsys, "--format", "html"))
    [shown] = page.tables
    assert [row[0] for row in shown.rows] == [row["month"] for row in rows]
    assert [row[1] for row in shown.rows] == ["1", "2"]
    assert shown.foot[0][:2] == ["all", "3"]
    text = printed(dock, capsys)
    assert re.search(rf"^{rows[0]['month']} +1 ", text, re.MULTILINE)
    assert re.search(r"^all +3 ", text, re.MULTILINE)


def test_months_are_those_of_the_dock_s_zone(dock: Dock, capsys: Capture) -> None:
    with dock.config.file.open("a") as file:
        file.write("")
    text = dock.config.file.read_text()
    dock.config.file.write_text(text.replace("[dock]", '[dock]\ntime_zone = "Europe/London"'))
    assert [row["month"] for row in rows_of(dock, capsys)][-1] == "2026-04"
    dock.config.file.write_text(text.replace("[dock]", '[dock]\ntime_zone = "UTC"'))
    assert [row["month"] for row in rows_of(dock, capsys)][-1] == "2026-03"


def test_a_period_leaves_out_the_others_and_total_adds_up(dock: Dock, capsys: Capture) -> None:
    [row] = rows_of(dock, capsys, "--since", "2026-01-01")
    assert row["recorded"] == 2
    [row] = rows_of(dock, capsys, "--total")
    assert row["recorded"] == 3
    assert "month" not in row
    assert rows_of(dock, capsys, "--until", "1999-12-31") == []


@pytest.mark.slow
def test_by_unit_needs_a_reason_which_is_an_entry(dock: Dock, capsys: Capture) -> None:
    dock.record(CameraEnrolled(camera=CAMERA, model="Fox", actor="0:root", unit="Lewisham"))
    with daemon(dock) as desk:
        for option in (("--by-unit",), ("--unit", "Lewisham")):
            assert dock.run("report", "figures", *option) == 2
            refused = capsys.readouterr()
            assert refused.out == ""
            assert "--reason" in refused.err
        assert {row["unit"] for row in rows_of(dock, capsys, "--by-unit", *WHY)} == {"(small units)"}
        assert {row["unit"] for row in rows_of(dock, capsys, "--by-unit", "--unit", "Lewisham", *WHY)} == {
            "Lewisham"
        }
    said = [(fact.command, fact.subject) for fact in desk.said]
    assert said == [("report figures --by-unit", "units"), ("report figures --by-unit", "Lewisham")]


@pytest.mark.slow
def test_the_page_is_written_to_a_file_that_others_cannot_read(
    dock: Dock, capsys: Capture, tmp_path: Path
) -> None:
    file = tmp_path / "figures.html"
    file.write_text("of last year, and longer than this year's" * 1000)
    file.chmod(0o644)
    assert dock.run("report", "figures", "--format", "html", "--to", str(file)) == 0
    assert capsys.readouterr().out == ""
    assert file.stat().st_mode & 0o777 == 0o600
    page = read_page(file.read_text())
    assert page.title == "Footage: recorded, kept, disposed of, disclosed"
    assert "LEW-03 (Lewisham)" in page.text
    assert dock.run("report", "figures", "--to", str(file)) == 2
    (tmp_path / "link.html").symlink_to(file)
    assert dock.run("report", "figures", "--format", "html", "--to", str(tmp_path / "link.html")) == 1
    assert dock.run("report", "figures", "--format", "html", "--to", str(tmp_path / "no" / "x.html")) == 1


@pytest.mark.slow
def test_a_unit_with_a_hostile_name_is_text_in_every_form(dock: Dock, capsys: Capture) -> None:
    name = "=1+1<script>alert(1)</script>"
    dock.record(CameraEnrolled(camera=CAMERA, model="Fox", actor="0:root", unit=name))
    with daemon(dock):
        asked = ("--by-unit", "--unit", name, *WHY)
        page = read_page(printed(dock, capsys, "--format", "html", *asked))
        assert page.tables[0].rows[0][0] == name
        row, *_ = csv.DictReader(io.StringIO(printed(dock, capsys, "--csv", *asked)))
        assert row["unit"] == f"'{name}"
        assert name in printed(dock, capsys, *asked)
