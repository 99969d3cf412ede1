"""Is a sample shown only once its draw is an entry, and can it be drawn again with nothing of ours?"""

from __future__ import annotations

import csv
import io
import json
import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest

from bwvdock.core.custody.checkpoints import StoredCheckpoint
from bwvdock.core.moments import iso
from bwvdock.edges.journal import open_journal
from bwvdock.errors import UsageError
from bwvdock.operators.audit.disclosure import DrawSample
from bwvdock.operators.daemon_client import ask
from tests.cli.audit.pages import read_page
from tests.cli.docks import Dock, made_once, new_dock
from tests.cli.test_consultation import WHY, daemon
from tests.edges.journal import stories as tell
from tests.edges.journal.read.audit import worlds
from tests.edges.journal.read.audit.worlds import FIRST
from tests.fakes.signed import signing
from tests.fakes.signer import FakeSigner

Capture = pytest.CaptureFixture[str]
ROOT = Path(__file__).resolve().parents[3]
PERIOD = ("--since", "2026-02-01", "--until", "2026-04-30")
UNITS = "[privacy]\nsmallest_unit = 3\n"
MADE_AT = datetime(2026, 8, 2, 3, 0, tzinfo=UTC)


@pytest.fixture
def dock(tmp_path: Path) -> Dock:
    """Return a dock with footage of four cameras, whose journal was signed in August."""
    return made_once(_signed, tmp_path, UNITS)


def _signed(folder: Path) -> Dock:
    made = new_dock(folder, UNITS)
    clips = [
        worlds.Plan(
            number=n,
            camera=worlds.CAMERAS[n % 4],
            recorded=FIRST + timedelta(hours=n),
            size=1,
            dated="known",
            officer=worlds.OFFICERS[n % 3] if n % 5 else "",
        )
        for n in range(40)
    ]
    dockings = [
        worlds.Docking(
            number=n,
            camera=camera,
            at=FIRST + timedelta(days=3),
            safe_after=0,
            clips=[clip for clip in clips if clip.camera == camera],
        )
        for n, camera in enumerate(worlds.CAMERAS)
    ]
    worlds.record(worlds.World(dockings=dockings, assigned=[]), made.config.journal)
    sign(made, MADE_AT)
    return made


def sign(dock: Dock, at: datetime) -> StoredCheckpoint:
    path = dock.config.journal
    with open_journal(path, tell.SteadyClock(born=at)) as journal:
        last = journal.last_checkpoint()
        note = signing(path, FakeSigner()).checkpoint(last.size if last else 0)
        kept = StoredCheckpoint(size=note.size, root=note.root, note=note.note, made_at=iso(at))
        journal.keep_checkpoint(kept)
    return kept


def sampled(dock: Dock, capsys: Capture, *options: str) -> dict[str, Any]:
    capsys.readouterr()
    with daemon(dock):
        assert dock.run("report", "sample", *PERIOD, *WHY, "--json", *options) == 0
    document: dict[str, Any] = json.loads(capsys.readouterr().out)
    return document


def drawn(document: dict[str, Any]) -> dict[str, list[str]]:
    return {group["group"]: [one["clip"] for one in group["drawn"]] for group in document["groups"]}


def draws(dock: Dock) -> list[dict[str, Any]]:
    rows = tell.ask(dock.config.journal, "SELECT leaf FROM entry WHERE kind = 'sample_drawn' ORDER BY seq")
    return [json.loads(leaf)["data"] for (leaf,) in rows]


def again(document: dict[str, Any], folder: Path) -> subprocess.CompletedProcess[str]:
    """Run the program of the how-to, word by word, on a report."""
    page = (ROOT / "docs/how-to/audit-a-dock.md").read_text(encoding="utf-8")
    [program] = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    assert len(program.splitlines()) <= 20
    (folder / "again.py").write_text(program)
    (folder / "sample.json").write_text(json.dumps(document))
    command = [sys.executable, "-I", str(folder / "again.py"), str(folder / "sample.json")]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.slow
@pytest.mark.parametrize("per", ["unit", "officer", "dock"])
def test_anybody_draws_the_same_clips_with_the_program_of_the_how_to(
    dock: Dock, capsys: Capture, tmp_path: Path, per: str
) -> None:
    document = sampled(dock, capsys, "--per", per, "--count", "3")
    assert sum(len(group["drawn"]) + len(group["not_drawn"]) for group in document["groups"]) == 40
    done = again(document, tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert "gives the same clips" in done.stdout
    group = Random(7).choice(document["groups"])
    group["drawn"][0]["clip"] = group["not_drawn"][0]
    assert again(document, tmp_path).returncode == 1, "somebody took another clip"


@pytest.mark.slow
def test_each_officer_and_each_unit_has_its_own_list(dock: Dock, capsys: Capture) -> None:
    """Chicago 2019, Durham 2021: random reviews were not done, and had no standard selection."""
    by_officer = drawn(sampled(dock, capsys, "--per", "officer", "--count", "2"))
    assert by_officer.keys() == {"", *worlds.OFFICERS}
    assert all(len(clips) == 2 for clips in by_officer.values())
    by_unit = drawn(sampled(dock, capsys, "--per", "unit"))
    assert by_unit.keys() == {"", "Lewisham", "Team 7"}
    alone = drawn(sampled(dock, capsys, "--per", "unit", "--unit", "Team 7"))
    assert alone == {"Team 7": by_unit["Team 7"]}


@pytest.mark.slow
def test_the_same_period_gives_the_same_clips_and_more_of_them_if_more_are_asked_for(
    dock: Dock, capsys: Capture
) -> None:
    first = sampled(dock, capsys, "--per", "dock", "--count", "4")
    sign(dock, MADE_AT + timedelta(days=1))
    second = sampled(dock, capsys, "--per", "dock", "--count", "9")
    assert second["seed"] == first["seed"]
    assert drawn(second)[""][:4] == drawn(first)[""]
    assert first["earlier_draws"] == []
    assert len(second["earlier_draws"]) == 1, "who draws until it pleases is seen to do so"


@pytest.mark.slow
def test_the_draw_is_an_entry_before_it_is_shown_with_commitments_alone(dock: Dock, capsys: Capture) -> None:
    document = sampled(dock, capsys, "--per", "unit", "--unit", "Team 7")
    [data] = draws(dock)
    assert data["clips"] == drawn(document)["Team 7"]
    assert (data["size"], data["root"]) == (document["seed"]["size"], document["seed"]["root"])
    assert "Team 7" not in json.dumps(data)
    with daemon(dock) as desk:
        desk.most = 1  # the consultation, and then its disk is full
        capsys.readouterr()
        assert dock.run("report", "sample", *PERIOD, *WHY) != 0
    assert capsys.readouterr().out == ""
    assert len(draws(dock)) == 1


@pytest.mark.slow
def test_the_daemon_takes_no_seed_that_somebody_chose(dock: Dock, capsys: Capture) -> None:
    sampled(dock, capsys, "--per", "dock")
    [data] = draws(dock)
    chosen = sign(dock, MADE_AT + timedelta(days=1))
    order = {name: data[name] for name in ("since", "until", "per", "wanted", "population")}
    with daemon(dock):
        for size, root in ((chosen.size, chosen.root.hex()), (data["size"], "ab" * 32)):
            drawn_by = DrawSample(**order, size=size, root=root, clips=tuple(data["clips"]), reason="r")
            with pytest.raises(UsageError, match="could have chosen"):
                ask(dock.config.control_socket, drawn_by)
    assert len(draws(dock)) == 1


@pytest.mark.few(4)
@pytest.mark.parametrize(
    "options,said",
    [
        (("--since", "2026-02-01", *WHY), "--until are required"),
        (("--since", "2026-02-01T06:00", "--until", "2026-02-28", *WHY), "whole days"),
        (("--since", "2026-02-01", "--until", "2026-02-28T12:00", *WHY), "whole days"),
        (("--since", "2026-02-01", "--until", "2999-01-01", *WHY), "not over"),
        (("--since", "2026-02-01", "--until", "2026-10-31", *WHY), "No checkpoint"),
        ((*PERIOD, "--count", "0", *WHY), "number of clips"),
        ((*PERIOD, "--seed", "7", *WHY), "--seed"),
        (PERIOD, "--reason"),
    ],
)
def test_a_draw_that_somebody_could_choose_or_nobody_could_repeat_is_refused(
    dock: Dock, capsys: Capture, options: tuple[str, ...], said: str
) -> None:
    with daemon(dock):
        assert dock.run("report", "sample", *options) == 2
    complaint = capsys.readouterr()
    assert said in complaint.err
    assert complaint.out == ""
    assert draws(dock) == []


@pytest.mark.slow
def test_csv_has_the_group_of_each_clip(dock: Dock, capsys: Capture) -> None:
    by_unit = drawn(sampled(dock, capsys, "--per", "unit"))
    with daemon(dock):
        assert dock.run("report", "sample", *PERIOD, *WHY, "--per", "unit", "--csv") == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [(row["group"], row["clip"]) for row in rows] == [
        (unit, one) for unit in by_unit for one in by_unit[unit]
    ]


def test_the_page_has_a_table_for_each_group_and_says_how_it_was_drawn(dock: Dock, capsys: Capture) -> None:
    capsys.readouterr()
    with daemon(dock):
        assert dock.run("report", "sample", *PERIOD, *WHY, "--format", "html") == 0
    page = read_page(capsys.readouterr().out)
    assert len(page.tables) == 3
    assert "Unit Team 7" in page.text
    assert "Nobody chose a number" in page.text
    assert "confirmed by no witness" in page.text
