"""Can an expert read a copy of a journal without a daemon, and is each consultation of it noted?"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from bwvdock.core.facts import CameraAssigned, ClipAttributed, ClipFlagged
from tests.cli.docks import CAMERA, VERIFIED, Dock
from tests.edges.journal import kept
from tests.edges.journal.stories import as_of
from tests.names import names_in

Capture = pytest.CaptureFixture[str]
WHY = ("--reason", "defence of R v X")
SECRETS = ("4411", "C-7", "burglary", "1000:sgt", "0:root")


@pytest.fixture
def copy(dock: Dock, tmp_path: Path) -> Path:
    """Return a copy of the journal of a dock with one clip that is linked to people."""
    dock.record(
        CameraAssigned(
            camera=CAMERA,
            officer="4411",
            valid_from="2023-01-01T06:00:00.000Z",
            valid_to="",
            actor="1000:sgt",
        ),
        ClipAttributed(clip=VERIFIED, officer="4411"),
        ClipFlagged(clip=VERIFIED, reason="burglary", case="C-7", actor="0:root"),
    )
    folder = tmp_path / "expert"
    folder.mkdir()
    return Path(shutil.copy(dock.config.journal, folder / "copy.sqlite3"))


def notes(copy: Path) -> list[dict[str, object]]:
    file = copy.with_name(copy.name + ".consultations.jsonl")
    return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []


def show(dock: Dock, copy: Path, *more: str) -> int:
    return dock.run("clips", "show", VERIFIED[:18], "--journal", str(copy), *more)


def test_a_copy_gives_the_whole_answer_and_notes_it(dock: Dock, copy: Path, capsys: Capture) -> None:
    before = copy.read_bytes()
    assert show(dock, copy, *WHY) == 0
    told = capsys.readouterr()
    for secret in SECRETS:
        assert secret in told.out
    assert f"noted in {copy}.consultations.jsonl" in told.err
    assert show(dock, copy, "--json", *WHY) == 0
    clip = json.loads(capsys.readouterr().out)
    assert (clip["officer"], clip["case"]) == ("4411", "C-7")
    first, second = notes(copy)
    assert (first["command"], first["clips"], first["reason"]) == ("clips show", [VERIFIED], WHY[1])
    assert str(first["actor"]).partition(":")[0].isdigit()
    assert first["journal"] == second["journal"]
    assert copy.read_bytes() == before
    assert {path.name for path in copy.parent.iterdir()} == {copy.name, copy.name + ".consultations.jsonl"}


def test_the_clips_of_a_copy_are_listed_and_noted(dock: Dock, copy: Path, capsys: Capture) -> None:
    asked = ("clips", "list", "--journal", str(copy), "--json")
    assert dock.run(*asked) == 0
    told = capsys.readouterr().out
    assert VERIFIED in told
    assert names_in(told, SECRETS) == []
    assert dock.run("clips", "--journal", str(copy), "--officer", "4411") == 2
    assert notes(copy) == []
    assert dock.run(*asked, "--officer", "4411", *WHY) == 0
    [clip] = json.loads(capsys.readouterr().out)
    assert (clip["id"], clip["officer"], clip["case"]) == (VERIFIED, "4411", "C-7")
    assert dock.run(*asked, *WHY) == 0
    assert [(note["command"], note["subject"]) for note in notes(copy)] == [
        ("clips --officer", "4411"),
        ("clips list", "all clips"),
    ]


def test_without_a_reason_a_copy_names_nobody_and_nothing_is_noted(
    dock: Dock, copy: Path, capsys: Capture
) -> None:
    for more in ((), ("--json",)):
        assert show(dock, copy, *more) == 0
        told = capsys.readouterr().out
        assert names_in(told, SECRETS) == []
    assert notes(copy) == []


def test_a_copy_needs_no_configuration(copy: Path, tmp_path: Path, capsys: Capture) -> None:
    from bwvdock.cli import main  # noqa: PLC0415 - the others go through a dock

    nothing = str(tmp_path / "nothing.toml")
    assert main(["clips", "show", VERIFIED, "--journal", str(copy), *WHY, "--config", nothing]) == 0
    assert "4411" in capsys.readouterr().out


def test_the_dock_s_own_journal_is_no_copy(dock: Dock, copy: Path, capsys: Capture) -> None:
    assert copy.exists()
    link = copy.with_name("link.sqlite3")
    link.symlink_to(dock.config.journal)
    for own in (dock.config.journal, link):
        assert show(dock, own, *WHY) == 2
        told = capsys.readouterr()
        assert told.out == ""
        assert "Leave out --journal" in told.err


def test_what_cannot_be_noted_is_not_shown(dock: Dock, copy: Path, capsys: Capture) -> None:
    (copy.parent / (copy.name + ".consultations.jsonl")).mkdir()
    assert show(dock, copy, *WHY) == 1
    told = capsys.readouterr()
    assert told.out == ""
    assert "cannot be noted" in told.err


def test_notes_are_appended_to_no_link(dock: Dock, copy: Path, tmp_path: Path, capsys: Capture) -> None:
    target = tmp_path / "target"
    (copy.parent / (copy.name + ".consultations.jsonl")).symlink_to(target)
    assert show(dock, copy, *WHY) == 1
    assert capsys.readouterr().out == ""
    assert not target.exists()


@pytest.mark.slow
def test_a_copy_of_an_earlier_version_is_read_and_left_as_it_is(
    dock: Dock, copy: Path, capsys: Capture
) -> None:
    assert show(dock, copy, *WHY) == 0
    wanted = capsys.readouterr().out
    old = as_of(copy, 7)
    before = old.read_bytes()
    assert show(dock, old, *WHY) == 0
    assert capsys.readouterr().out == wanted
    assert old.read_bytes() == before


def test_what_is_no_copy_is_said(dock: Dock, tmp_path: Path, capsys: Capture) -> None:
    assert show(dock, tmp_path / "nothing") == 1
    (tmp_path / "text").write_text("no journal")
    assert show(dock, tmp_path / "text", *WHY) == 1
    assert capsys.readouterr().out == ""


@pytest.mark.slow
def test_a_copy_of_a_journal_that_was_kept_from_earlier_is_read(
    dock: Dock, tmp_path: Path, capsys: Capture
) -> None:
    old = kept.lay(tmp_path / "kept.sqlite3")
    for command in (("clips", "show"), ("custody", "report")):
        assert dock.run(*command, kept.CLIP, "--journal", str(old), *WHY) == 0
        told = " ".join(capsys.readouterr().out.split())
        assert kept.CLIP in told
        assert "did not record outages of destinations" in told, "that there is no entry shows nothing then"
