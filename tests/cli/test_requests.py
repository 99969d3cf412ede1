"""Does `bwvdock request` tie what is held, looked at and exported together, and show by when?"""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest

from bwvdock.core.facts import ClipAttributed, FootageExported
from tests.cli.docks import CAMERA, VERIFIED, Dock
from tests.cli.test_consultation import WHY, daemon

Capture = pytest.CaptureFixture[str]
OPEN = ("request", "open", "--by", "A. Smith", "--reason", "SAR 88/26", "--received", "2026-09-03")


def json_of(dock: Dock, capsys: Capture, *words: str) -> Any:  # noqa: ANN401 - whatever it prints
    capsys.readouterr()
    assert dock.run(*words, "--json") == 0
    return json.loads(capsys.readouterr().out)


def begin(dock: Dock, capsys: Capture, *more: str, kind: str = "subject-access") -> dict[str, Any]:
    found: dict[str, Any] = json_of(dock, capsys, *OPEN, "--kind", kind, *more)
    return found


def test_a_request_with_a_query_holds_what_matches_and_shows_its_date(dock: Dock, capsys: Capture) -> None:
    dock.record(ClipAttributed(clip=VERIFIED, officer="PC-4411"))
    made = begin(dock, capsys, "--camera", CAMERA, "--review", "2027-01-01")
    assert made["recorded"] == ["request_opened", "hold_opened"]
    shown = json_of(dock, capsys, "request", "show", made["request"])
    assert (shown["due"], shown["rule"], shown["received"]) == (
        "2026-10-03",
        "one month from receipt",
        "2026-09-03",
    )
    assert shown["holds"] == [made["hold"]]
    assert (shown["by"], shown["reason"], shown["actor"]) == (None, None, None), "withheld without a reason"
    [hold] = json_of(dock, capsys, "clips", "holds")
    assert (hold["request"], hold["review"], hold["clips"]) == (made["request"], "2027-01-01", 2)


@pytest.mark.slow
def test_who_looked_for_it_and_what_was_exported_for_it_is_listed(dock: Dock, capsys: Capture) -> None:
    request = begin(dock, capsys)["request"]
    package = FootageExported(
        clips=(VERIFIED,), tagmanifest_sha256="ab" * 32, reason="disclosure", actor="0:root", request=request
    )
    dock.record(package)
    with daemon(dock):
        json_of(dock, capsys, "clips", "show", VERIFIED, *WHY, "--request", request)
        json_of(dock, capsys, "clips", "list", "--camera", CAMERA, *WHY, "--request", request[:20])
        json_of(dock, capsys, "disclose", VERIFIED, "--to", "A. Smith", *WHY, "--request", request[:20])
        json_of(dock, capsys, "disclose", VERIFIED, "--to", "CPS", *WHY, "--request", "CPS 88/26")
        shown = json_of(dock, capsys, "request", "show", request, *WHY)
    assert [(one["what"], one["clips"]) for one in shown["entries"]] == [
        ("footage exported", [VERIFIED]),
        ("clips show", [VERIFIED]),
        ("clips list", []),
        ("footage disclosed", [VERIFIED]),
    ]
    assert shown["entries"][0]["package"] == "ab" * 32
    assert (shown["by"], shown["reason"]) == ("A. Smith", "SAR 88/26")
    assert dock.run("request", "show", request) == 0
    assert "footage exported" in capsys.readouterr().out


@pytest.mark.slow
def test_closing_a_request_leaves_its_holds_unless_it_is_said(dock: Dock, capsys: Capture) -> None:
    kept, ended = begin(dock, capsys, "--camera", CAMERA), begin(dock, capsys, "--camera", CAMERA)
    assert dock.run("request", "close", kept["request"], "--reason", "sent", "--outcome", "disclosed") == 0
    assert f"Still in force for it: {kept['hold']}" in capsys.readouterr().out
    told = json_of(dock, capsys, "request", "close", ended["request"], "--reason", "sent", "--end-holds")
    assert told["recorded"] == ["request_closed", "hold_ended"]
    assert {row["id"]: row["open"] for row in json_of(dock, capsys, "clips", "holds")} == {
        kept["hold"]: True,
        ended["hold"]: False,
    }
    rows = {row["id"]: row for row in json_of(dock, capsys, "request", "list")}
    assert rows[kept["request"]]["outcome"] == "disclosed"
    assert not any(row["open"] for row in rows.values())
    assert dock.run("request", "close", kept["request"], "--reason", "again") == 0
    assert "closed already" in capsys.readouterr().out
    assert dock.run("clips", "hold", "--camera", CAMERA, "--reason", "r", "--request", kept["request"]) == 2


CORRECT = ("--reason", "typed wrongly")
MONTH = "one month from receipt"


@pytest.mark.slow
@pytest.mark.few(3)
@pytest.mark.parametrize(
    "kind,opened,corrected,dates",
    [
        ("subject-access", (), ("--received", "2026-08-03"), ("2026-08-03", "2026-09-03", MONTH)),
        (
            "subject-access",
            ("--due", "2026-12-01"),
            ("--received", "2026-08-03"),
            ("2026-08-03", "2026-12-01", "as given"),
        ),
        ("foi", (), ("--due", "2026-09-30"), ("2026-09-03", "2026-09-30", "as given")),
        ("complaint", (), ("--received", "2026-08-03"), ("2026-08-03", "", "")),
        (
            "complaint",
            (),
            ("--received", "2026-08-03", "--due", "2026-09-30"),
            ("2026-08-03", "2026-09-30", "as given"),
        ),
    ],
)
@pytest.mark.parametrize("closed", [False, True])
def test_a_date_of_a_request_is_corrected_and_both_stay_in_the_journal(
    dock: Dock,
    capsys: Capture,
    kind: str,
    opened: tuple[str, ...],
    corrected: tuple[str, ...],
    dates: tuple[str, ...],
    *,
    closed: bool,
) -> None:
    request = begin(dock, capsys, *opened, kind=kind)["request"]
    before = json_of(dock, capsys, "request", "show", request)
    if closed:
        json_of(dock, capsys, "request", "close", request, "--reason", "sent")
    correct = ("request", "correct", request[:20], *corrected, *CORRECT)
    assert json_of(dock, capsys, *correct)["recorded"] == ["request_corrected"]
    shown = json_of(dock, capsys, "request", "show", request)
    assert (shown["received"], shown["due"], shown["rule"]) == dates
    [entry] = shown["entries"]
    assert f"before: received {before['received']}, due {before['due'] or '-'}" in entry["what"]
    assert entry["actor"] is None, "withheld without a reason"
    again = json_of(dock, capsys, *correct)
    assert (again["recorded"], "nothing changed" in again["message"]) == ([], True)
    assert dock.run("custody", "verify", "--journal-only") == 0


@pytest.mark.slow
@pytest.mark.parametrize(
    "corrected,said",
    [
        ((), "Nothing says what is to be corrected"),
        (("--due", "2026-09-02"), "before it was received"),
        (("--received", "yesterday"), "is not a day"),
    ],
)
def test_a_correction_that_makes_no_sense_changes_nothing(
    dock: Dock, capsys: Capture, corrected: tuple[str, ...], said: str
) -> None:
    request = begin(dock, capsys)["request"]
    before = json_of(dock, capsys, "request", "show", request)
    assert dock.run("request", "correct", request, *corrected, *CORRECT) == 2
    assert said in capsys.readouterr().err
    assert json_of(dock, capsys, "request", "show", request) == before


@pytest.mark.slow
def test_the_list_says_what_is_late_and_csv_has_the_same(dock: Dock, capsys: Capture) -> None:
    late = begin(dock, capsys, "--due", "2026-09-04")["request"]
    free = begin(dock, capsys, kind="complaint")["request"]
    rows = {row["id"]: row for row in json_of(dock, capsys, "request")}
    assert rows[late]["days_left"] < 0
    assert rows[late]["rule"] == "as given"
    assert (rows[free]["days_left"], rows[free]["due"]) == (None, "")
    assert dock.run("request", "list") == 0
    assert "LATE by" in capsys.readouterr().out
    assert dock.run("request", "list", "--csv") == 0
    assert {row["id"] for row in csv.DictReader(io.StringIO(capsys.readouterr().out))} == {late, free}


WRONG = {
    "no such kind": (("--kind", "gossip"), 2),
    "a day that is none": (("--kind", "foi", "--received", "yesterday"), 2),
    "due before it came": (("--kind", "foi", "--due", "2026-09-02"), 2),
    "a review of nothing": (("--kind", "foi", "--review", "2026-12-01"), 2),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_request_that_makes_no_sense_is_refused(dock: Dock, capsys: Capture, case: str) -> None:
    words, code = WRONG[case]
    assert dock.run(*OPEN, *words) == code
    assert json_of(dock, capsys, "request") == []


def test_a_day_of_receipt_that_is_still_to_come_is_pointed_out(dock: Dock, capsys: Capture) -> None:
    assert dock.run(*OPEN, "--kind", "foi", "--received", "2199-09-02") == 0
    assert "2199-09-02 is a day that is still to come" in capsys.readouterr().err


@pytest.mark.slow
def test_what_is_withheld_is_said_once(dock: Dock, capsys: Capture) -> None:
    made = begin(dock, capsys, "--camera", CAMERA)
    assert dock.run("request", "close", made["request"], "--reason", "sent", "--end-holds") == 0
    capsys.readouterr()
    assert dock.run("request", "show", made["request"]) == 0
    [state] = [line for line in capsys.readouterr().out.splitlines() if line.startswith("State:")]
    assert state.count("withheld") == 1
    assert dock.run("clips", "holds", "show", made["hold"]) == 0
    [ended] = [line for line in capsys.readouterr().out.splitlines() if line.startswith("Ended by:")]
    assert ended.count("withheld") == 1


def test_a_request_that_nothing_would_be_recorded_for_is_refused(dock: Dock, capsys: Capture) -> None:
    """As it reads, `clips list --request` is a filter; it is none."""
    made = begin(dock, capsys, "--camera", CAMERA)
    assert dock.run("clips", "list", "--request", made["request"]) == 2
    assert "--request is not a filter" in capsys.readouterr().err


@pytest.mark.slow
def test_bank_holidays_of_the_configuration_count(dock: Dock, capsys: Capture) -> None:
    assert (
        json_of(dock, capsys, "request", "show", begin(dock, capsys, kind="foi")["request"])["due"]
        == "2026-10-01"
    )
    with dock.config.file.open("a", encoding="utf-8") as file:
        file.write("\n[requests]\nbank_holidays = [2026-09-07, 2026-09-08]\n")
    assert (
        json_of(dock, capsys, "request", "show", begin(dock, capsys, kind="foi")["request"])["due"]
        == "2026-10-05"
    )
