"""Does `report holdings` say what each store has, and end with the figure that must be 0?"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bwvdock.core.facts import (
    ClipDisposed,
    ClipReleased,
    ClipRetired,
    ClipUploaded,
    ClipVerified,
    DisposalIntended,
    VerificationFailed,
    VerifiedAgain,
)
from bwvdock.core.moments import iso
from bwvdock.edges.control import ControlServer
from bwvdock.operators.daemon_client import answering
from bwvdock.operators.requests import AskCopies, Request, Status
from tests.cli.docks import VERIFIED, Dock

Capture = pytest.CaptureFixture[str]
_DAY = 24 * 3600 * 1000


def rows(dock: Dock, capsys: Capture, *more: str) -> tuple[int, list[dict[str, Any]], str]:
    capsys.readouterr()
    code = dock.run("report", "holdings", "--json", *more)
    printed = capsys.readouterr()
    return code, json.loads(printed.out), printed.err.strip().split("\n")[-1]


def of(document: list[dict[str, Any]], clip: str) -> dict[str, Any]:
    [row] = [row for row in document if row["clip"] == clip]
    return row


def lost(clip: str, finding: str = "missing") -> VerificationFailed:
    return VerificationFailed(
        clip=clip, destination="vault", object="o", finding=finding, words="it is not there"
    )


def again(dock: Dock, clip: str, *, later: int) -> None:
    with dock.reader() as reader:
        known = reader.clip(clip)
    assert known is not None
    fact = VerifiedAgain(
        clip=clip,
        destination="vault",
        object="o",
        version="",
        sha256=known.sha256,
        method="read-back",
        scheduled=True,
    )
    dock.record(fact, later=later)


def test_what_is_proven_is_no_difference_and_the_last_line_is_0(dock: Dock, capsys: Capture) -> None:
    code, document, last = rows(dock, capsys)
    assert (code, last) == (0, "DIFFERENCES: 0")
    row = of(document, VERIFIED)
    assert (row["standing"], row["destination"], row["required"]) == ("proven", "vault", True)
    assert row["proven_at"] == row["received_at"]


def test_the_last_proof_is_that_of_the_last_time_that_it_was_asked_for(dock: Dock, capsys: Capture) -> None:
    again(dock, VERIFIED, later=_DAY)
    row = of(rows(dock, capsys)[1], VERIFIED)
    assert row["proven_at"] > row["received_at"]


def test_a_lost_copy_is_a_difference_until_the_store_proves_another(dock: Dock, capsys: Capture) -> None:
    """South Yorkshire, 2023: 96,174 clips were gone after a move, and nobody could say which had copies."""
    with dock.reader() as reader:
        clip = reader.clip(VERIFIED)
    assert clip is not None
    dock.record(lost(VERIFIED), later=_DAY)
    code, document, last = rows(dock, capsys)
    assert (code, last) == (1, "DIFFERENCES: 1")
    row = of(document, VERIFIED)
    assert (row["standing"], row["difference"]) == ("missing", "missing when it was asked for")
    receipt = ClipVerified(
        clip=VERIFIED, destination="vault", object="o", version="", sha256=clip.sha256, method="read-back"
    )
    dock.record(ClipUploaded(clip=VERIFIED, destination="vault", object="o"), receipt, later=2 * _DAY)
    assert rows(dock, capsys)[2] == "DIFFERENCES: 0"


def test_before_and_after_a_move(dock: Dock, capsys: Capture, tmp_path: Path) -> None:
    """What was proven before must be so after it; another place is named."""
    before = tmp_path / "before.json"
    before.write_text(json.dumps(rows(dock, capsys)[1]), encoding="utf-8")
    assert rows(dock, capsys, "--against", str(before))[2] == f"DIFFERENCES since {before}: 0"
    document = json.loads(before.read_text(encoding="utf-8"))
    of(document, VERIFIED)["object"] = "elsewhere"
    document.append({**of(document, VERIFIED), "clip": "01hq0000000000gone"})
    before.write_text(json.dumps(document), encoding="utf-8")
    code, found, last = rows(dock, capsys, "--against", str(before), "--differences")
    assert (code, last) == (1, f"DIFFERENCES since {before}: 2")
    assert [row["difference"].split(" ")[0] for row in found] == ["elsewhere", "proven"]


@pytest.mark.parametrize("then", [0, 1])
def test_how_much_was_compared_stands_beside_the_figure(
    dock: Dock, capsys: Capture, tmp_path: Path, then: int
) -> None:
    """An empty file, a cut one, or one of somebody who saw less: then 0 differences say little."""
    before = tmp_path / "before.json"
    document = [row for row in rows(dock, capsys)[1] if row["standing"] == "proven"]
    before.write_text(json.dumps(document[:then]), encoding="utf-8")
    assert dock.run("report", "holdings", "--against", str(before)) == 0
    *_, compared, last = capsys.readouterr().err.strip().split("\n")
    copies = f"{then} {'copy' if then == 1 else 'copies'}"
    only_now = len(document) - then
    assert compared == f"Compared with {copies} proven in {before}. Proven now and not there: {only_now}."
    assert last == f"DIFFERENCES since {before}: 0"


def test_a_clip_past_its_date_is_not_expected_there(dock: Dock, capsys: Capture, tmp_path: Path) -> None:
    before = tmp_path / "before.json"
    before.write_text(json.dumps(rows(dock, capsys)[1]), encoding="utf-8")
    intended = DisposalIntended(clip=VERIFIED, place="vault", reason="not evidence")
    spool = ClipDisposed(clip=VERIFIED, place="spool", sha256="s")
    vault = ClipDisposed(clip=VERIFIED, place="vault", sha256="s")
    more = ClipReleased(clip=VERIFIED, kept=True), ClipRetired(clip=VERIFIED)
    dock.record(intended, spool, *more, vault, later=_DAY)
    code, document, _ = rows(dock, capsys, "--against", str(before))
    assert (code, of(document, VERIFIED)["standing"]) == (0, "disposed")


@pytest.mark.parametrize("content", ["", "{}", "[1]", '[{"clip": 1}]', "[" * 100_000])
def test_a_file_that_is_no_such_report_is_refused(dock: Dock, tmp_path: Path, content: str) -> None:
    file = tmp_path / "before.json"
    file.write_text(content, encoding="utf-8")
    assert dock.run("report", "holdings", "--against", str(file)) == 2


def test_csv_and_table_have_the_same_copies(dock: Dock, capsys: Capture) -> None:
    capsys.readouterr()
    assert dock.run("report", "holdings", "--csv") == 0
    head, *lines = capsys.readouterr().out.splitlines()
    assert head.startswith("clip,destination,required,standing")
    assert dock.run("report", "holdings") == 0
    table = capsys.readouterr().out
    assert all(line.split(",")[0] in table for line in lines)


class Daemon:
    """A daemon that asks its store for two copies, one after the other."""

    def __init__(self, dock: Dock) -> None:
        self.dock = dock
        self.left = 2
        self.asked: list[tuple[str, str]] = []

    def answer(self, request: Request, actor: str) -> dict[str, Any]:
        if isinstance(request, AskCopies):
            self.asked.append((request.destination, actor))
            return {"began": iso(datetime.fromtimestamp(2000, UTC))}
        assert isinstance(request, Status)
        self.left -= 1
        if self.left == 1:
            again(self.dock, VERIFIED, later=1_500_000)
        return {"asking": self.left}


@pytest.mark.slow
def test_with_now_the_daemon_asks_and_the_report_says_what_was_not_proven_then(
    dock: Dock, capsys: Capture
) -> None:
    at_work = Daemon(dock)
    dock.config.control_socket.parent.mkdir(mode=0o750)
    with ControlServer(dock.config.control_socket, answering(at_work.answer)):
        code, document, last = rows(dock, capsys, "--now", "--destination", "vault")
    [(name, actor)] = at_work.asked
    assert (name, actor.partition(":")[0].isdigit(), at_work.left) == ("vault", True, 0)
    assert (code, last) == (0, "DIFFERENCES: 0")
    assert of(document, VERIFIED)["proven_at"] > of(document, VERIFIED)["received_at"]


def test_with_now_and_no_daemon_nothing_is_said_of_the_stores(dock: Dock, capsys: Capture) -> None:
    assert dock.run("report", "holdings", "--now") == 3
    assert "DIFFERENCES" not in capsys.readouterr().err


def test_only_one_store(dock: Dock, capsys: Capture) -> None:
    assert rows(dock, capsys, "--destination", "nobody")[1] == []
