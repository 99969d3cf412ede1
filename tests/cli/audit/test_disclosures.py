"""Is what was handed over recorded as it was stated, and shown to those alone who say why?"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from bwvdock.core.facts import FootageDisclosed, FootageExported
from tests.cli.audit.pages import read_page
from tests.cli.docks import LEFT, QUARANTINED, VERIFIED, Dock, used_dock
from tests.cli.test_consultation import WHY, daemon
from tests.edges.journal import stories as tell

Capture = pytest.CaptureFixture[str]
TO_CPS = ("--to", "CPS London South", "--reason", "charge, case C-7")


@pytest.fixture
def dock(tmp_path: Path) -> Dock:
    return used_dock(tmp_path)


def exported(dock: Dock, folder: Path, *clips: str) -> str:
    """Lay the part of a package by which it is known, and record its export; return its id."""
    folder.mkdir()
    content = b"0" * 64 + b"  manifest-sha256.txt\n"
    (folder / "tagmanifest-sha256.txt").write_bytes(content)
    package = hashlib.sha256(content).hexdigest()
    dock.record(FootageExported(clips=clips, tagmanifest_sha256=package, reason="r", actor="0:root"))
    return package


def recorded(dock: Dock) -> FootageDisclosed:
    query = "SELECT leaf FROM entry WHERE kind = 'footage_disclosed' ORDER BY seq DESC LIMIT 1"
    [(leaf,)] = tell.ask(dock.config.journal, query)
    return FootageDisclosed(**json.loads(leaf)["data"])


def reported(dock: Dock, capsys: Capture, *options: str) -> list[dict[str, Any]]:
    capsys.readouterr()
    assert dock.run("report", "disclosures", "--json", *options) == 0
    rows: list[dict[str, Any]] = json.loads(capsys.readouterr().out)
    return rows


def test_a_package_that_was_exported_here_is_known_by_its_folder_and_by_its_id(
    dock: Dock, tmp_path: Path, capsys: Capture
) -> None:
    package = exported(dock, tmp_path / "exhibit", VERIFIED, QUARANTINED)
    for named in (str(tmp_path / "exhibit"), package):
        assert dock.run("disclose", VERIFIED, *TO_CPS, "--package", named) == 0
        assert "which was exported here" in capsys.readouterr().out
        fact = recorded(dock)
        assert ([*fact.clips], fact.package, fact.exported) == ([VERIFIED], package, True)


@pytest.mark.slow
def test_a_package_that_was_not_exported_here_is_recorded_as_stated_and_said_to_be_unknown(
    dock: Dock, capsys: Capture
) -> None:
    assert dock.run("disclose", VERIFIED, *TO_CPS, "--package", "ab" * 32) == 0
    assert "has no export of that package" in capsys.readouterr().out
    assert not recorded(dock).exported
    [row] = reported(dock, capsys)
    assert not row["exported"]


@pytest.mark.parametrize(
    "options,said",
    [
        (("--package", "exhibit-7"), "exhibit-7 is neither a folder here nor the id"),
        (("--package", "."), "tagmanifest-sha256.txt"),
        (("--to", " "), "recipient is empty"),
    ],
)
def test_what_cannot_be_recorded_is_refused(
    dock: Dock,
    capsys: Capture,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    options: tuple[str, ...],
    said: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert dock.run("disclose", VERIFIED, *TO_CPS, *options) == 2
    assert said in capsys.readouterr().err
    assert reported(dock, capsys) == []


def test_a_clip_that_is_not_in_the_package_is_named_and_nothing_is_recorded(
    dock: Dock, tmp_path: Path, capsys: Capture
) -> None:
    package = exported(dock, tmp_path / "exhibit", VERIFIED)
    assert dock.run("disclose", VERIFIED, LEFT, *TO_CPS, "--package", package) == 2
    assert LEFT in capsys.readouterr().err
    assert reported(dock, capsys) == []


def test_without_a_package_the_entry_says_that_none_was_named(dock: Dock, capsys: Capture) -> None:
    assert dock.run("disclose", VERIFIED, *TO_CPS, "--request", "FOI 12/26") == 0
    assert "no package was named" in capsys.readouterr().out
    texts = " ".join(text for (text,) in tell.ask(dock.config.journal, "SELECT leaf FROM entry"))
    for private in ("CPS", "C-7", "FOI"):
        assert private not in texts, "an entry only commits to what a person typed"


@pytest.mark.slow
def test_recipients_are_shown_with_a_reason_alone_and_that_is_an_entry(dock: Dock, capsys: Capture) -> None:
    assert dock.run("disclose", VERIFIED, *TO_CPS) == 0
    [row] = reported(dock, capsys)
    assert (row["recipient"], row["reason"], row["request"], row["by"]) == (None,) * 4
    assert row["clips"] == [VERIFIED]
    with daemon(dock) as desk:
        [row] = reported(dock, capsys, *WHY)
        assert (row["recipient"], row["reason"]) == ("CPS London South", "charge, case C-7")
        assert [(fact.command, fact.subject) for fact in desk.said] == [("report disclosures", "disclosures")]
    assert dock.run("report", "disclosures") == 0
    shown = capsys.readouterr().out
    assert "CPS" not in shown
    assert "(withheld)" in shown


def test_it_is_found_by_its_clip_and_in_its_time(dock: Dock, capsys: Capture) -> None:
    assert dock.run("disclose", VERIFIED, *TO_CPS) == 0
    assert len(reported(dock, capsys, "--clip", VERIFIED)) == 1
    assert reported(dock, capsys, "--clip", QUARANTINED) == []
    assert len(reported(dock, capsys, "--since", "2020-01-01")) == 1
    assert reported(dock, capsys, "--until", "2020-01-01") == []


def test_the_page_names_every_clip_and_the_table_the_first(dock: Dock, capsys: Capture) -> None:
    clips = [VERIFIED, QUARANTINED, LEFT]
    told = {"recipient": "CPS", "reason": "r", "actor": "0:root"}
    dock.record(FootageDisclosed(clips=tuple(clips), package="", exported=False, **told))
    assert dock.run("report", "disclosures", "--format", "html") == 0
    [table] = read_page(capsys.readouterr().out).tables
    assert table.rows[0][table.head.index("Clips")] == ", ".join(clips)
    assert dock.run("report", "disclosures") == 0
    assert f"{clips[0]} and 2 more" in capsys.readouterr().out


@pytest.mark.slow
def test_an_entry_that_was_altered_is_named_and_takes_no_other_report_away(
    dock: Dock, capsys: Capture
) -> None:
    assert dock.run("disclose", VERIFIED, *TO_CPS) == 0
    tell.tamper(dock.config.journal, "UPDATE entry SET leaf = 'x' WHERE kind = 'footage_disclosed'")
    capsys.readouterr()
    assert dock.run("report", "disclosures") == 1
    assert "custody verify" in capsys.readouterr().err
    for name in ("figures", "coverage", "timeliness", "self-assessment"):
        assert dock.run("report", name) == 0


def test_a_clip_that_the_reader_does_not_know_is_not_named(dock: Dock, capsys: Capture) -> None:
    """As one is that is hidden from it."""
    told = {"recipient": "CPS", "reason": "r", "actor": "0:root"}
    for clips in ((VERIFIED, "01hqhidden"), ("01hqhidden",)):
        dock.record(FootageDisclosed(clips=clips, package="", exported=False, **told))
    assert [row["clips"] for row in reported(dock, capsys)] == [[VERIFIED]]


@pytest.mark.slow
def test_it_is_part_of_the_clip_s_story(dock: Dock, capsys: Capture) -> None:
    assert dock.run("disclose", VERIFIED, *TO_CPS) == 0
    capsys.readouterr()
    with daemon(dock):
        assert dock.run("clips", "show", VERIFIED, *WHY) == 0
    assert "handed to CPS London South: charge, case C-7; no package was named" in capsys.readouterr().out
    assert dock.run("clips", "show", VERIFIED) == 0
    assert "CPS" not in capsys.readouterr().out


@pytest.mark.slow
def test_a_recipient_can_be_erased_and_the_report_says_so(dock: Dock, capsys: Capture) -> None:
    assert dock.run("disclose", VERIFIED, "--to", "solicitor of 4411", "--reason", "defence") == 0
    with daemon(dock):
        erase = ("custody", "erase-values", "--officer", "4411", "--basis", "DPA 2018 s.47")
        assert dock.run(*erase) == 0
        [row] = reported(dock, capsys, *WHY)
    assert (row["recipient"], row["reason"]) == ("(erased)", "defence")
    assert dock.run("custody", "verify", "--journal-only") == 0
