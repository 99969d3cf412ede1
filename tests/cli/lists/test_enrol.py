"""Does `cameras enrol --import` record a whole list or nothing, and say of each row what it changes?"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bwvdock.cli.lists.cameras import parse_cameras
from bwvdock.core.custody.records import Enrolment
from bwvdock.core.facts import CameraEnrolled, CameraRevoked
from bwvdock.edges.control import REQUEST_BYTES
from bwvdock.errors import UsageError
from bwvdock.operators.enrolments import Change, enrol_rows, enrolment_rows
from bwvdock.operators.requests import EnrolRows, encode
from tests.cli.docks import CAMERA, Dock
from tests.cli.test_consultation import WHY, daemon
from tests.fakes.hostile import HOSTILE, NUL, assert_plain_cells, assert_seen

Capture = pytest.CaptureFixture[str]
HEAD = "serial,model,unit\n"
LIST = HEAD + "BC3-0017542,BC-300,Lewisham\nCAM-17,,Croydon\nBC3-0017543,,\n"


def unknown(serial: str) -> Enrolment:
    """Return that nobody decided about a camera."""
    return Enrolment(serial=serial, enrolled=False)


def write(dock: Dock, text: str | bytes) -> str:
    file = dock.config.file.with_name("cameras.csv")
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return str(file)


def imported(dock: Dock, capsys: Capture, text: str | bytes, *more: str) -> dict[str, Any]:
    capsys.readouterr()
    assert dock.run("cameras", "enrol", "--import", write(dock, text), "--json", *more) == 0
    answer: dict[str, Any] = json.loads(capsys.readouterr().out)
    return answer


def cameras(dock: Dock) -> dict[str, tuple[str, str, bool]]:
    with dock.reader() as reader:
        return {c.serial: (c.model, c.unit, c.enrolled_at is not None) for c in reader.cameras()}


def entries(dock: Dock) -> int:
    with dock.reader() as reader:
        return reader.summary().entries


def test_each_row_is_new_changed_or_the_same(dock: Dock, capsys: Capture) -> None:
    with daemon(dock):
        answer = imported(dock, capsys, LIST)
        assert {row["serial"]: row["change"] for row in answer["rows"]} == {
            "BC3-0017542": "new",
            CAMERA: "changed",
            "BC3-0017543": "new",
        }
        assert [row["line"] for row in answer["rows"]] == ["2", "3", "4"]
        assert (answer["new"], answer["changed"], answer["same"]) == (2, 1, 0)
        before = entries(dock)
        again = imported(dock, capsys, LIST)
        assert ({row["change"] for row in again["rows"]}, again["recorded"]) == ({"same"}, [])
        assert entries(dock) == before
    assert cameras(dock) == {
        "BC3-0017542": ("BC-300", "Lewisham", True),
        "BC3-0017543": ("", "", True),
        CAMERA: ("Fox", "Croydon", True),
    }


def test_a_dry_run_says_the_same_and_records_nothing(dock: Dock, capsys: Capture) -> None:
    before = entries(dock)
    told = imported(dock, capsys, LIST, "--dry-run")
    assert (told["new"], told["changed"], told["same"], told["dry_run"]) == (2, 1, 0, True)
    assert entries(dock) == before
    with daemon(dock):
        assert imported(dock, capsys, LIST)["rows"] == told["rows"]
    assert dock.run("cameras", "enrol", "--import", write(dock, LIST), "--dry-run") == 0
    assert "Nothing was recorded. 0 cameras would be enrolled, 3 already recorded." in capsys.readouterr().out


def test_what_changes_is_shown_as_a_table(dock: Dock, capsys: Capture) -> None:
    with daemon(dock):
        assert dock.run("cameras", "enrol", "--import", write(dock, LIST)) == 0
    shown = capsys.readouterr().out
    assert shown.count(" new") == 2
    assert " changed" in shown
    assert "2 cameras enrolled, 1 changed." in shown


def test_it_works_before_the_first_start(empty_dock: Dock, capsys: Capture) -> None:
    answer = imported(empty_dock, capsys, HEAD + "BC3-0017542,BC-300,Lewisham\n")
    assert answer["new"] == 1
    assert cameras(empty_dock) == {"BC3-0017542": ("BC-300", "Lewisham", True)}


WRONG = {
    "a serial that many share": "0123456789ABCDEF,,\n",
    "a short serial": "C-1,,\n",
    "no serial": ",BC-300,Lewisham\n",
    "too few fields": "BC3-0017549\n",
    "a NUL": f"{NUL},,\n",
    "a line break in a quoted field": '"BC3-\n0017549",,\n',
    "a quote that does not end": 'BC3-0017549,"BC-300,\n',
    "a control sequence": f"{HOSTILE['escape']},,\n",
    "a direction": f"{HOSTILE['bidi']},,\n",
    "twice, and differently": "BC3-0017542,other,\n",
    "a name that is too long": f"BC3-0017549,{'x' * 201},\n",
}


@pytest.mark.slow
def test_one_wrong_line_stops_it_all_and_is_named(dock: Dock, capsys: Capture) -> None:
    before = entries(dock)
    with daemon(dock):
        for case, line in WRONG.items():
            capsys.readouterr()
            assert dock.run("cameras", "enrol", "--import", write(dock, LIST + line)) == 2, case
            complaint = capsys.readouterr()
            assert complaint.out == "", case
            assert "line 5" in complaint.err, case
            assert_seen(complaint.err)
    assert entries(dock) == before


def test_all_that_is_wrong_with_a_list_is_said_at_once(dock: Dock, capsys: Capture) -> None:
    """What only the journal knows too: a camera that was revoked."""
    dock.record(CameraRevoked(camera=CAMERA, reason="reported lost", actor="0:root"))
    wrong = [line for case, line in WRONG.items() if case != "a quote that does not end"]
    with daemon(dock):
        assert dock.run("cameras", "enrol", "--import", write(dock, LIST + "".join(wrong))) == 2
        said = [line for line in capsys.readouterr().err.splitlines() if line.startswith("  line ")]
    # One of them takes two lines, and counts as its first.
    lines = [3, *(5 + at + (at > 5) for at in range(len(wrong)))]
    assert [line.split(":")[0] for line in said] == [f"  line {line}" for line in lines]


def test_a_revoked_camera_is_admitted_by_no_list(dock: Dock, capsys: Capture) -> None:
    dock.record(CameraRevoked(camera=CAMERA, reason="reported lost", actor="0:root"))
    with daemon(dock):
        assert dock.run("cameras", "enrol", "--import", write(dock, LIST)) == 2
    said = capsys.readouterr().err
    assert "line 3" in said
    assert "reported lost" in said
    assert "BC3-0017542" not in cameras(dock)


@pytest.mark.parametrize("more", [("CAM-99",), ("--model", "M"), ("--unit", "U")], ids=lambda words: words[0])
def test_a_list_and_one_camera_are_two_orders(dock: Dock, capsys: Capture, more: tuple[str, ...]) -> None:
    assert dock.run("cameras", "enrol", "--import", write(dock, LIST), *more) == 2
    assert "--import" in capsys.readouterr().err


def test_without_either_it_says_what_is_missing(dock: Dock, capsys: Capture) -> None:
    assert dock.run("cameras", "enrol") == 2
    assert "SERIAL is required" in capsys.readouterr().err
    assert dock.run("cameras", "enrol", "CAM-99", "--dry-run") == 2
    assert "--dry-run" in capsys.readouterr().err


SPREADSHEETS = {
    "comma": "serial,model,unit\nBC3-1,BC-300,Lewisham\n",
    "with a mark": "\ufeffserial,model,unit\nBC3-1,BC-300,Lewisham\n",
    "semicolon": "Serial;Model;Unit\nBC3-1;BC-300;Lewisham\n",
    "tabs, another order": "unit\tserial\tmodel\nLewisham\tBC3-1\tBC-300\n",
    "quotes and Windows lines": '"serial","model","unit"\r\n"BC3-1","BC-300","Lewisham"\r\n\r\n',
    "no newline at the end": "serial,model,unit\n BC3-1 , BC-300 , Lewisham ",
}


@pytest.mark.parametrize("case", SPREADSHEETS)
def test_the_same_row_however_a_spreadsheet_writes_it(case: str) -> None:
    parsed = parse_cameras(SPREADSHEETS[case].encode(), unknown, name="cameras.csv")
    assert parsed == (("2", "BC3-1", "BC-300", "Lewisham"),)


def test_columns_may_be_left_out_and_none_is_made_up() -> None:
    assert parse_cameras(b"serial\nBC3-10\n", unknown, name="x") == (("2", "BC3-10", "", ""),)
    for head in (b"serial,colour\n", b"model\n", b"serial,serial\n", b"\xff\n"):
        with pytest.raises(UsageError, match="line 1"):
            parse_cameras(head + b"BC3-10,red\n", unknown, name="x")


def test_what_a_spreadsheet_takes_for_a_formula_is_none_in_what_is_printed(
    dock: Dock, capsys: Capture
) -> None:
    formula = "=HYPERLINK(0)"
    with daemon(dock):
        imported(dock, capsys, f"{HEAD}CAM-17,,{formula}\n")
        capsys.readouterr()
        assert dock.run("report", "dockings", "--by-unit", "--csv", *WHY) == 0
    shown = capsys.readouterr().out
    assert f"'{formula}" in shown
    assert_plain_cells(shown)


serials = st.sampled_from([f"CAM-{n:03}" for n in range(12)])
names = st.sampled_from(["", "A", "B"])
known_cameras = st.dictionaries(serials, st.tuples(names, names))
files = st.lists(st.tuples(serials, names, names), min_size=1, max_size=20)


@given(known=known_cameras, rows=files)
def test_whatever_is_in_it_afterwards_each_camera_is_as_its_row_says(
    known: dict[str, tuple[str, str]], rows: list[tuple[str, str, str]]
) -> None:
    def look(serial: str) -> Enrolment:
        model, unit = known.get(serial, ("", ""))
        return Enrolment(serial=serial, enrolled=serial in known, model=model, unit=unit)

    numbered = tuple((str(line), *row) for line, row in enumerate(rows, start=2))
    try:
        decision = enrol_rows(EnrolRows(rows=numbered), look, "0:root")
    except UsageError:
        described = {
            serial: {
                (model or look(serial).model, unit or look(serial).unit)
                for name, model, unit in rows
                if name == serial
            }
            for serial, _, _ in rows
        }
        assert any(len(ways) > 1 for ways in described.values())
        return
    enrolled = [fact for fact in decision.facts if isinstance(fact, CameraEnrolled)]
    assert max(Counter(fact.camera for fact in enrolled).values(), default=1) == 1
    after = known | {fact.camera: (fact.model, fact.unit) for fact in enrolled}
    for serial, model, unit in rows:
        assert model in {"", after[serial][0]}
        assert unit in {"", after[serial][1]}
    assert sum(decision.sums.values()) == len({serial for serial, _, _ in rows})
    changes = enrolment_rows(numbered, look)
    assert {row.serial for row in changes if row.change is not Change.SAME} == {f.camera for f in enrolled}
    same = [fact for fact in enrolled if known.get(fact.camera) == (fact.model, fact.unit)]
    assert same == []


@pytest.mark.slow
def test_a_hundred_thousand_rows_are_read_and_fit_into_one_request(tmp_path: Path) -> None:
    rows = "".join(f"BC3-{n:07},BC-300,Borough {n % 32}\n" for n in range(100_000))
    parsed = parse_cameras((HEAD + rows).encode(), unknown, name="x")
    assert len(parsed) == 100_000
    assert len(encode(EnrolRows(rows=parsed))) < REQUEST_BYTES
    decision = enrol_rows(
        EnrolRows(rows=parsed), lambda serial: Enrolment(serial=serial, enrolled=False), "0:root"
    )
    assert decision.sums == {"new": 100_000, "changed": 0, "same": 0}
