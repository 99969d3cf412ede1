"""Do `clips hold`, `unhold` and `holds` say what is kept, and to nobody without a reason for whom?"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from typing import Any

import pytest

from bwvdock.core.facts import (
    CameraAssigned,
    ClipAttributed,
    ClipFlagged,
    EventRecorded,
    SentOfficer,
)
from tests.cli.docks import CAMERA, QUARANTINED, VERIFIED, Dock
from tests.cli.test_consultation import WHY, daemon
from tests.edges.journal import stories as tell

Capture = pytest.CaptureFixture[str]
REASON = ("--reason", "misconduct 12/26")


@pytest.fixture
def assigned(dock: Dock) -> Dock:
    dock.record(
        CameraAssigned(
            camera=CAMERA,
            officer="PC-4411",
            valid_from="2000-01-01T00:00:00.000Z",
            valid_to="",
            actor="0:root",
        ),
        ClipAttributed(clip=VERIFIED, officer="PC-4411"),
        later=1000,
    )
    return dock


def json_of(dock: Dock, capsys: Capture, *words: str) -> Any:  # noqa: ANN401 - whatever it prints
    capsys.readouterr()
    assert dock.run(*words, "--json") == 0
    return json.loads(capsys.readouterr().out)


def begin(dock: Dock, capsys: Capture, *query: str) -> str:
    """Begin a hold; return its id."""
    return str(json_of(dock, capsys, "clips", "hold", *query, *REASON)["hold"])


@pytest.mark.slow
def test_a_hold_by_query_keeps_what_matches_and_is_listed_without_whom_it_is_about(
    assigned: Dock, capsys: Capture
) -> None:
    hold = begin(assigned, capsys, "--officer", "PC-4411", "--review", "2026-09-01")
    assert hold.startswith("h-")
    [row] = json_of(assigned, capsys, "clips", "holds")
    assert (row["id"], row["open"], row["officer"], row["reason"]) == (hold, True, None, None)
    assert (row["review"], row["clips"]) == ("2026-09-01", 2)
    assert json_of(assigned, capsys, "clips", "holds", "list") == [row]
    shown = json_of(assigned, capsys, "clips", "holds", "show", hold[:12])
    assert {clip["clip"] for clip in shown["held_clips"]} == {VERIFIED, QUARANTINED}
    assert "PC-4411" not in json.dumps(shown)
    with daemon(assigned):
        shown = json_of(assigned, capsys, "clips", "holds", "show", hold, *WHY)
    assert (shown["officer"], shown["reason"]) == ("PC-4411", "misconduct 12/26")
    for clip in json_of(assigned, capsys, "clips", "list", "--held"):
        assert clip["standing_holds"] == [hold]


@pytest.mark.slow
def test_the_table_and_csv_say_the_same(assigned: Dock, capsys: Capture) -> None:
    hold = begin(assigned, capsys, "--camera", CAMERA)
    assert assigned.run("clips", "holds") == 0
    table = capsys.readouterr().out
    assert hold in table
    assert f"camera {CAMERA}" in table
    assert assigned.run("clips", "holds", "--csv") == 0
    [row] = csv.DictReader(io.StringIO(capsys.readouterr().out))
    assert (row["id"], row["camera"], row["clips"]) == (hold, CAMERA, "2")
    assert assigned.run("clips", "holds", "show", hold) == 0
    assert "in force" in capsys.readouterr().out


@pytest.mark.slow
def test_ending_it_is_said_and_leaves_other_holds(assigned: Dock, capsys: Capture) -> None:
    hold = begin(assigned, capsys, "--camera", CAMERA)
    other = begin(assigned, capsys, "--officer", "PC-4411")
    assert assigned.run("clips", "unhold", hold, "--reason", "closed") == 0
    assert "other holds on the same clips are unchanged" in capsys.readouterr().out
    assert {clip["id"] for clip in json_of(assigned, capsys, "clips", "list", "--held")} == {
        VERIFIED,
        QUARANTINED,
    }
    assert assigned.run("clips", "unhold", hold, "--reason", "closed") == 0
    assert "had ended already" in capsys.readouterr().out
    assert assigned.run("clips", "unhold", VERIFIED, "--from", other, "--reason", "another") == 0
    assert [clip["id"] for clip in json_of(assigned, capsys, "clips", "list", "--held")] == [QUARANTINED]


@pytest.mark.slow
def test_taking_a_clip_out_says_whether_it_was_on_the_hold(assigned: Dock, capsys: Capture) -> None:
    takes = ("clips", "unhold", VERIFIED, "--reason", "another", "--from")
    on, off = begin(assigned, capsys, "--camera", CAMERA), begin(assigned, capsys, "--camera", "ELSEWHERE-1")
    ended = begin(assigned, capsys, "--camera", CAMERA)
    assert assigned.run("clips", "unhold", ended, "--reason", "closed") == 0
    capsys.readouterr()
    for hold, said in (
        (on, "1 clip is no longer on hold"),
        (on, "had been taken out"),
        (off, "1 clip was not on hold"),
        (ended, "had ended already"),
    ):
        assert assigned.run(*takes, hold) == 0
        assert said in " ".join(capsys.readouterr().out.split())


KNOWN = {"camera": CAMERA, "officer": "PC-4412", "unit": "Team 71", "event": "26-0117435"}
SLIPS: dict[str, Callable[[str], str]] = {
    "one key too few": lambda name: name[:-1],
    "another key": lambda name: f"{name[:-1]}Z",
    "exchanged": lambda name: name[:-2] + name[-1] + name[-2],
    "something else": lambda _: "qqqqqq",
}


@pytest.fixture
def named(dock: Dock) -> Dock:
    """Return a dock that has each of the known names."""
    since = "2000-01-01T00:00:00.000Z"
    sent = SentOfficer(officer="PC-1", dispatched=since, cleared="")
    dock.record(
        CameraAssigned(
            camera=CAMERA,
            officer=KNOWN["officer"],
            unit=KNOWN["unit"],
            valid_from=since,
            valid_to="",
            actor="0:root",
        ),
        EventRecorded(event=KNOWN["event"], officers=(sent,), units=(), actor="0:root"),
        later=1000,
    )
    return dock


@pytest.mark.slow
@pytest.mark.few(5)
@pytest.mark.parametrize("what", KNOWN)
@pytest.mark.parametrize("slip", SLIPS)
@pytest.mark.parametrize("request_too", [False, True])
def test_a_hold_says_what_it_names_that_nothing_here_has(
    named: Dock, capsys: Capture, what: str, slip: str, *, request_too: bool
) -> None:
    name = SLIPS[slip](KNOWN[what])
    to_hold = ("request", "open", "--kind", "foi", "--by", "b") if request_too else ("clips", "hold")
    assert json_of(named, capsys, *to_hold, f"--{what}", KNOWN[what], *REASON)["unknown"] == []
    answer = json_of(named, capsys, *to_hold, f"--{what}", name, *REASON)
    near = KNOWN[what] if what in {"camera", "event"} and slip != "something else" else ""
    assert answer["unknown"] == [{"what": what, "value": name, "nearest": near}]
    assert f" {name} " in answer["message"]
    assert "to clips still to come" in answer["message"]
    assert (f"Did you mean {near}?" in answer["message"]) is bool(near)
    again = json_of(named, capsys, *to_hold, f"--{what}", name, *REASON)
    assert again["unknown"] == answer["unknown"], "that it was typed before makes it no better known"


def test_a_request_without_a_hold_names_nothing(named: Dock, capsys: Capture) -> None:
    assert json_of(named, capsys, "request", "open", "--kind", "foi", "--by", "b", *REASON)["unknown"] == []


@pytest.mark.slow
@pytest.mark.parametrize("what,name", [*KNOWN.items(), ("case", "C-7"), ("class", "firearms")])
def test_a_filter_that_names_what_nothing_here_has_says_so(
    named: Dock, capsys: Capture, what: str, name: str
) -> None:
    named.record(ClipFlagged(clip=VERIFIED, reason="r", case="C-7", actor="0:root"), later=2000)
    with named.config.file.open("a") as file:
        file.write('[[retention.class]]\nname = "firearms"\ndays = 90\n')
    listing = ("clips", "list", *WHY, "--until", "2000-01-01", f"--{what}")
    with daemon(named):
        capsys.readouterr()
        assert named.run(*listing, name) == 0
        assert capsys.readouterr().err == "No clips match.\n"
        for form in ((), ("--json",)):
            assert named.run(*listing, f"{name}x", *form) == 0
            shown = capsys.readouterr()
            assert (shown.out, f" {name}x" in shown.err) == ("[]\n" if form else "", True)
            assert "No clips match" not in shown.err
            assert ("Did you mean" in shown.err) is (what in {"camera", "event", "class"})


@pytest.mark.slow
@pytest.mark.parametrize("command", ["dockings", "retention", "missing", "figures", "coverage"])
def test_a_report_of_a_unit_that_no_camera_was_ever_in_says_so(
    named: Dock, capsys: Capture, command: str
) -> None:
    with daemon(named):
        for unit, said in ((KNOWN["unit"], False), ("Team 8", True)):
            capsys.readouterr()
            assert named.run("report", command, "--unit", unit, *WHY) == 0
            assert (f"unit {unit}" in capsys.readouterr().err) is said


@pytest.mark.slow
def test_a_hold_that_has_ended_says_how_many_clips_it_kept(assigned: Dock, capsys: Capture) -> None:
    empty, hold = (
        begin(assigned, capsys, "--camera", "ELSEWHERE-1"),
        begin(assigned, capsys, "--camera", CAMERA),
    )
    other = begin(assigned, capsys, "--officer", "PC-4411")
    assert assigned.run("clips", "unhold", VERIFIED, "--from", other, "--reason", "another") == 0

    def kept() -> dict[str, tuple[int, int | None]]:
        rows = json_of(assigned, capsys, "clips", "holds")
        return {row["id"]: (row["clips"], row["kept_until_end"]) for row in rows}

    assert kept() == {empty: (0, None), hold: (2, None), other: (1, None)}
    for one in (empty, hold, other):
        assert assigned.run("clips", "unhold", one, "--reason", "closed") == 0
    assert kept() == {empty: (0, 0), hold: (0, 2), other: (0, 1)}
    assert assigned.run("clips", "holds") == 0
    table = capsys.readouterr().out
    assert [("kept 2 clips" in line, " 0 " in line) for line in table.splitlines() if hold in line] == [
        (True, False)
    ]
    assert assigned.run("clips", "holds", "show", hold) == 0
    assert "it kept 2 clips until it ended" in capsys.readouterr().out


@pytest.mark.parametrize("review,said", [("2020-01-01", "due already"), ("2199-01-01", "asked about it")])
def test_a_review_that_is_due_already_is_said(dock: Dock, capsys: Capture, review: str, said: str) -> None:
    assert dock.run("clips", "hold", "--camera", CAMERA, "--review", review, *REASON) == 0
    out = " ".join(capsys.readouterr().out.split())
    assert said in out
    assert "shows what it keeps" in out


@pytest.mark.slow
def test_a_clip_that_a_standing_hold_keeps_is_still_held_once_its_own_ended(
    assigned: Dock, capsys: Capture
) -> None:
    hold = begin(assigned, capsys, "--camera", CAMERA)
    assert assigned.run("clips", "hold", VERIFIED, *REASON) == 0
    assert assigned.run("clips", "unhold", VERIFIED, "--reason", "over") == 0
    assert f"Standing hold {hold} still keeps it" in capsys.readouterr().out
    assert assigned.run("clips", "show", VERIFIED) == 0
    assert f"standing hold {hold}" in " ".join(capsys.readouterr().out.split())
    assert VERIFIED in {clip["id"] for clip in json_of(assigned, capsys, "clips", "list", "--held")}


WRONG = {
    "nothing": ((), "Nothing says which footage"),
    "clips and a query": ((VERIFIED, "--camera", CAMERA), "not both"),
    "a place of another dock": (("--place", "Bromley"), "neither this dock, nor its site"),
    "a review that is no day": (("--camera", CAMERA, "--review", "soon"), "not a day"),
    "an end before the beginning": (
        ("--since", "2026-03-02", "--until", "2026-03-01"),
        "--since is later than --until",
    ),
    "an unknown request": (("--camera", CAMERA, "--request", "r-x"), "There is no request"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_cannot_be_held_is_refused_and_nothing_is_recorded(
    dock: Dock, capsys: Capture, case: str
) -> None:
    words, said = WRONG[case]
    assert dock.run("clips", "hold", *words, *REASON) == 2
    assert said in " ".join(capsys.readouterr().err.split())
    assert json_of(dock, capsys, "clips", "holds") == []


@pytest.mark.slow
def test_whom_a_hold_is_about_is_not_forgotten_while_it_is_in_force(assigned: Dock, capsys: Capture) -> None:
    hold = begin(assigned, capsys, "--officer", "PC-9999", "--requester", "Insp. Gadget")
    for which in (("--officer", "PC-9999"), ("--case", "Gadget")):
        assert assigned.run("custody", "erase-values", *which, "--basis", "DPA 2018 s.47") == 2
        said = capsys.readouterr().err
        assert hold in said
        assert f"bwvdock clips unhold {hold}" in said
    assert assigned.run("clips", "unhold", hold, "--reason", "closed") == 0
    assert assigned.run("custody", "erase-values", "--officer", "PC-9999", "--basis", "DPA 2018 s.47") == 0


@pytest.mark.parametrize("after,kept", [(300, 0), (3600, 1)])
def test_while_no_daemon_runs_the_margins_of_events_are_those_of_the_configuration(
    assigned: Dock, capsys: Capture, after: int, kept: int
) -> None:
    """The officer was cleared half an hour before the clip can have begun: how long it is nobody knows."""
    file = assigned.config.file
    file.write_text(f"{file.read_text()}\n[events]\nafter = {after}\n")
    sent = SentOfficer(
        officer="PC-4411", dispatched="2023-11-14T20:00:00.000Z", cleared="2023-11-14T20:30:00.000Z"
    )
    when = "2023-11-14T22:00:00.000Z"
    assigned.record(
        *(tell.dated(clip, when) for clip in (VERIFIED, QUARANTINED)),
        EventRecorded(event="EV9", officers=(sent,), units=(), category="", actor="0:root"),
        later=2000,
    )
    begin(assigned, capsys, "--event", "EV9")
    [row] = json_of(assigned, capsys, "clips", "holds")
    assert row["clips"] == 2 * kept
